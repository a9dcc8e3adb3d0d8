/**
 * From a Java or a Scala source file to the names that it declares.
 *
 *     package a.b;  class Outer { enum Inner { … }  void act() { … } }
 *       ──►  a.b · Outer, Outer.Inner · Outer: act
 *
 * A scanner, no parser: it drops comments and strings, follows the braces, and looks at what stands
 * before each of them. That is enough for names.
 *
 * I1  A class inside of a method is nobody's name, and is left out.
 */

export interface DeclaredNames {
  readonly package: string
  /** Each class, interface, enum, record, object and trait, nested ones behind their outer's. */
  readonly classes: ReadonlyMap<string, ReadonlySet<string>>
}

const CLASS = /(?:^|[\s;(@])(?:class|interface|enum|record|object|trait)\s+(\w+)/g
const SCALA_MEMBER = /\b(?:def|val|var)\s+(\w+)/g

/** Blanks comments, strings and character literals. */
const bare = (text: string): string =>
  text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'/g,
    (found) => (found.startsWith('"') ? '""' : found.startsWith("'") ? '0' : ' '),
  )

interface Open {
  /** The class that this brace opened; `null` for a method's, a block's, an array's. */
  readonly name: string | null
}

export const declaredNames = (text: string, language: 'java' | 'scala'): DeclaredNames => {
  const source = bare(text)
  const packageName = /\bpackage\s+([\w.]+)/.exec(source)?.[1] ?? ''
  const classes = new Map<string, Set<string>>()
  const open: Open[] = []
  let start = 0
  for (let at = 0; at < source.length; at++) {
    const sign = source[at]
    if (sign !== '{' && sign !== '}' && sign !== ';' && !(sign === '\n' && language === 'scala')) {
      continue
    }
    if (sign === '\n' && parentheses(source.slice(start, at)) > 0) continue
    const before = source.slice(start, at)
    const inClass = open.every(({ name }) => name !== null)
    const name = inClass ? declare(before, open, classes, sign === '{', language) : null
    if (sign === '{') open.push({ name })
    if (sign === '}') open.pop()
    // A class without a body, or its brace on the next line.
    start = at + 1
  }
  return { package: packageName, classes }
}

const parentheses = (text: string): number =>
  (text.match(/\(/g)?.length ?? 0) - (text.match(/\)/g)?.length ?? 0)

/** Notes what `before` declares in the class that is open. Returns the class, when it is one. */
const declare = (
  before: string,
  open: readonly Open[],
  classes: Map<string, Set<string>>,
  opens: boolean,
  language: 'java' | 'scala',
): string | null => {
  const outer = open.at(-1)?.name ?? null
  const [found] = [...before.matchAll(CLASS)]
  if (found !== undefined && !/\b(?:def|val|var|new)\s/.test(before.slice(0, found.index))) {
    const name = outer === null ? found[1]! : `${outer}.${found[1]}`
    if (!classes.has(name)) classes.set(name, new Set())
    return opens ? name : null
  }
  if (outer === null) return null
  const members = classes.get(outer)!
  if (language === 'scala') {
    for (const [, member] of before.matchAll(SCALA_MEMBER)) members.add(member!)
    return null
  }
  const member = javaMember(before)
  if (member !== null) members.add(member)
  return null
}

/** The last word before the first `(` or `=`, behind a type: a method, a field, a constructor. */
const javaMember = (before: string): string | null => {
  const head = /^[^(=]*/.exec(before.replace(/@\w+(?:\([^)]*\))?/g, ''))![0]
  const found = /\S\s+(\w+)\s*$/.exec(head)?.[1] ?? null
  return found !== null && /^(?:\s|[\w.<>,?[\]&])*$/.test(head) ? found : null
}
