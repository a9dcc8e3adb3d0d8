/**
 * Reads what stands between the two `---` at the top of a page: the small part of YAML that our
 * pages use, and nothing beside it.
 *
 *     title: The record accumulator
 *     finished: true            # a comment, as in YAML: after a blank
 *     files:
 *       - src/producer/internals/RecordAccumulator.ts
 *
 * VitePress reads the same lines with a whole YAML parser. So what means something else there (a
 * nested map, a `[list]`, a text over several lines) is refused here, with file and line, and not
 * read differently.
 */

export type FrontMatterValue = string | readonly string[]

export interface FrontMatter {
  readonly values: ReadonlyMap<string, FrontMatterValue>
  /** What follows, from the line after the closing `---`. */
  readonly body: string
  /** The line of the file on which `body` begins, from 1. */
  readonly bodyLine: number
}

/** @param file how errors name the file */
export const parseFrontMatter = (text: string, file: string): FrontMatter => {
  const lines = text.split('\n')
  if (lines[0] !== '---') return { values: new Map(), body: text, bodyLine: 1 }
  const end = lines.indexOf('---', 1)
  if (end < 0) throw new Error(`${file}:1: the front matter has no closing ---`)
  return {
    values: valuesOf(lines.slice(1, end), file),
    body: lines.slice(end + 1).join('\n'),
    bodyLine: end + 2,
  }
}

const valuesOf = (lines: readonly string[], file: string): Map<string, FrontMatterValue> => {
  const values = new Map<string, FrontMatterValue>()
  let list: string[] | undefined
  for (const [i, line] of lines.entries()) {
    const refuse = (why: string): never => {
      throw new Error(`${file}:${i + 2}: ${why}: ${line.trim()}`)
    }
    if (/^\s*(#.*)?$/.test(line)) continue
    const item = /^\s*- +(.*)$/.exec(line)
    if (item !== null) {
      if (list === undefined) refuse('a list needs a line `name:` before it')
      list?.push(scalar(item[1]!, refuse))
      continue
    }
    const pair = /^(\w+):(?: +(.*))?$/.exec(line)
    if (pair === null) return refuse('neither `name: value` nor `- item`')
    const name = pair[1]!
    if (values.has(name)) refuse('a second time')
    const value = scalar(pair[2] ?? '', refuse)
    list = value === '' ? [] : undefined
    values.set(name, list ?? value)
  }
  return values
}

const scalar = (written: string, refuse: (why: string) => never): string => {
  const quoted = /^(["'])(.*)\1\s*(?:\s#.*)?$/.exec(written)
  if (quoted !== null) {
    const [, quote, inner] = quoted
    if (inner!.includes(quote!) || inner!.includes('\\')) refuse('a quote or \\ inside quotes')
    return inner!
  }
  const plain = written.replace(/(^|\s)#.*$/, '').trim()
  if (/^[[{|>&*!%@`"']/.test(plain)) refuse('more YAML than our pages use')
  if (/: |:$/.test(plain)) refuse('a colon in a value needs quotes')
  return plain
}

/** The text under `name`; `undefined` when it is not there. */
export const textIn = (front: FrontMatter, name: string, file: string): string | undefined => {
  const value = front.values.get(name)
  if (value === undefined || typeof value === 'string') return value
  throw new Error(`${file}: ${name} is a list or empty, expected a text`)
}

/** The list under `name`; empty when it is not there. */
export const listIn = (front: FrontMatter, name: string, file: string): readonly string[] => {
  const value = front.values.get(name) ?? []
  if (typeof value === 'string') throw new Error(`${file}: ${name} is a text, expected a list`)
  return value
}

/** `true` or `false` under `name`; `false` when it is not there. */
export const flagIn = (front: FrontMatter, name: string, file: string): boolean => {
  const value = front.values.get(name) ?? 'false'
  if (value === 'true' || value === 'false') return value === 'true'
  throw new Error(`${file}: ${name} is true or false, not '${String(value)}'`)
}
