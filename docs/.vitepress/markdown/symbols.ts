/**
 * From a name in the prose to the lines of the source that it names.
 *
 *     'RecordAccumulator.append' ──► src/producer/internals/RecordAccumulator.ts, lines 140–196
 *
 * A class has a file of its own name nearly always, so that file is looked at first; only a name
 * without one makes a search through all files. A file is read and parsed when it is first asked
 * for, and again when it has changed.
 *
 * I1  A name that means nothing, or two things, is an error that says so; nothing is guessed.
 * I2  Line numbers are those of the file.
 * I3  A doc comment belongs to its symbol.
 */

import { readdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import ts from 'typescript'
import { changeMs, OfText } from '../../../scripts/book/files.ts'
import type { Listing } from './listing.ts'

export interface Part {
  /** From 1. */
  readonly firstLine: number
  readonly lines: readonly string[]
  /** How many columns of indentation `lines` have lost. */
  readonly depth: number
}

export interface Found {
  /** From the repository's root. */
  readonly path: string
  /** More than one where something between was left out. */
  readonly parts: readonly Part[]
}

interface Parsed {
  readonly path: string
  readonly source: ts.SourceFile
  readonly lines: readonly string[]
}

/** A stretch of lines, both ends included, from 0. */
type Stretch = readonly [first: number, last: number]

export class Symbols {
  private readonly root: string
  private readonly folders: readonly string[]
  private readonly files: OfText<Parsed>
  private readonly names: OfText<ReadonlySet<string>>
  private paths: readonly string[] | null = null

  /** @param changedMs when a file was changed */
  constructor(root: string, folders: readonly string[], changedMs = changeMs) {
    this.root = root
    this.folders = folders
    this.files = new OfText((text, file) => parsed(text, relative(root, file)), changedMs)
    this.names = new OfText(namesMentioned, changedMs)
  }

  fileOf(path: string): string {
    return join(this.root, path)
  }

  /**
   * The lines that a page asks for.
   *
   * @param where the page and the line, for the error
   */
  listing({ name, from, to }: Listing, where: string): Found {
    try {
      const { file, stretches } = this.resolve(name)
      const chosen = from === null ? stretches : [between(file, stretches, from, to ?? from, name)]
      return { path: file.path, parts: chosen.map((stretch) => partOf(file, stretch)) }
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
    }
  }

  /** Where in `name`, a method or a function, the text `literal` stands as a string. From 1. */
  lineOfString(name: string, literal: string): number | null {
    const { file, node } = this.nodeOf(name)
    let line: number | null = null
    const visit = (inner: ts.Node): void => {
      if (ts.isStringLiteral(inner) && inner.text === literal)
        line ??= lineAt(file, inner.pos + 1) + 1
      ts.forEachChild(inner, visit)
    }
    visit(node)
    return line
  }

  private resolve(name: string): { file: Parsed; stretches: readonly Stretch[] } {
    const head = /^(.+)#head$/.exec(name)?.[1]
    if (head !== undefined) {
      const file = this.fileNamed(head)
      return { file, stretches: [headOf(file)] }
    }
    const { file, node } = this.nodeOf(name)
    const whole = stretchOf(file, node)
    return { file, stretches: ts.isClassDeclaration(node) ? classFace(file, node, whole) : [whole] }
  }

  private nodeOf(name: string): { file: Parsed; node: ts.Node } {
    const [, at, path = ''] = /^(?:(.+)#)?([^#]+)$/.exec(name) ?? []
    const [outer = '', member] = path.split('.')
    const candidates = at === undefined ? this.filesDeclaring(outer) : [this.fileNamed(at)]
    const found = candidates.flatMap((file) =>
      declarationsIn(file.source, outer).map((node) => ({ file, node })),
    )
    const nodes = member === undefined ? found : found.flatMap((f) => membersOf(f, member))
    if (nodes.length === 0) throw new Error(`'${name}' names nothing in ${this.folders.join(', ')}`)
    const [only, other] = nodes
    if (other !== undefined && other.file !== only?.file) {
      const places = nodes.map(({ file }) => file.path).join(' and ')
      throw new Error(`'${name}' is declared in ${places}; say which: 'File#${path}'`)
    }
    return only as { file: Parsed; node: ts.Node }
  }

  /** The file of that name; where there is none, all whose text could declare it. */
  private filesDeclaring(name: string): Parsed[] {
    const own = this.allPaths().filter((path) => basename(path, '.ts') === name)
    const files = own.map((path) => this.parse(path))
    const declaring = files.filter(({ source }) => declarationsIn(source, name).length > 0)
    if (declaring.length > 0) return declaring
    return this.allPaths()
      .filter((path) => this.names.of(this.fileOf(path)).has(name))
      .map((path) => this.parse(path))
  }

  /** By its path, the end of its path, or its name without `.ts`. */
  private fileNamed(name: string): Parsed {
    const tail = `/${name.replace(/\.ts$/, '')}.ts`
    const paths = this.allPaths().filter((path) => `/${path}`.endsWith(tail))
    const [path] = paths
    if (path === undefined) throw new Error(`there is no file '${name}.ts'`)
    if (paths.length > 1) throw new Error(`'${name}' may be ${paths.join(' or ')}`)
    return this.parse(path)
  }

  /** All files that a listing may be of, from the root. */
  allPaths(): readonly string[] {
    return (this.paths ??= this.folders.flatMap((folder) =>
      readdirSync(join(this.root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
        .map((path) => `${folder}/${path}`)
        .sort(),
    ))
  }

  private parse(path: string): Parsed {
    return this.files.of(this.fileOf(path))
  }
}

const parsed = (text: string, path: string): Parsed => ({
  path,
  source: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
  lines: text.split('\n'),
})

/** The names that a text could declare: to find out is much faster than to parse it. */
const namesMentioned = (text: string): ReadonlySet<string> => {
  const words = text.matchAll(/\b(?:class|function|const|type|interface|let)\s+([\w$]+)/g)
  return new Set([...words].map(([, name = '']) => name))
}

const nameOf = (node: ts.Node): string | null => {
  const { name } = node as Partial<ts.NamedDeclaration>
  if (name === undefined) return ts.isConstructorDeclaration(node) ? 'constructor' : null
  return ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isPrivateIdentifier(name)
    ? name.text
    : null
}

/** Statements of the file that declare `name`; of a constant, the whole statement. */
const declarationsIn = (source: ts.SourceFile, name: string): ts.Node[] =>
  source.statements.filter((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.some((one) => nameOf(one) === name)
      : nameOf(statement) === name,
  )

/** Members of a class or an interface; of a constant, the properties of its object. */
const membersOf = ({ file, node }: { file: Parsed; node: ts.Node }, name: string) => {
  let members: readonly ts.Node[] = []
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) members = node.members
  else if (ts.isVariableStatement(node)) {
    const value = bare(node.declarationList.declarations[0]?.initializer)
    if (value !== undefined && ts.isObjectLiteralExpression(value)) members = value.properties
  }
  const named = members.filter((member) => nameOf(member) === name)
  // Of overloads, the one with the body.
  const withBody = named.filter((member) => (member as ts.MethodDeclaration).body !== undefined)
  return (withBody.length > 0 ? withBody : named).map((member) => ({ file, node: member }))
}

const bare = (value: ts.Expression | undefined): ts.Expression | undefined =>
  value !== undefined && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))
    ? bare(value.expression)
    : value

const lineAt = (file: Parsed, position: number): number =>
  file.source.getLineAndCharacterOfPosition(position).line

const stretchOf = (file: Parsed, node: ts.Node): Stretch => [
  lineAt(file, node.getStart(file.source, true)),
  lineAt(file, node.end),
]

/** A class without its methods: its comment, its heading and its fields. */
const classFace = (
  file: Parsed,
  node: ts.ClassDeclaration,
  [first, last]: Stretch,
): readonly Stretch[] => {
  const method = node.members.find((member) => !ts.isPropertyDeclaration(member))
  if (method === undefined) return [[first, last]]
  let end = stretchOf(file, method)[0] - 1
  while (end > first && file.lines[end]?.trim() === '') end--
  return [
    [first, end],
    [last, last],
  ]
}

const headOf = (file: Parsed): Stretch => {
  const [comment] = ts.getLeadingCommentRanges(file.source.text, 0) ?? []
  if (comment === undefined) throw new Error(`${file.path} has no head comment`)
  return [lineAt(file, comment.pos), lineAt(file, comment.end)]
}

const between = (
  file: Parsed,
  stretches: readonly Stretch[],
  from: string,
  to: string,
  name: string,
): Stretch => {
  const start = stretches[0]?.[0] ?? 0
  const end = stretches.at(-1)?.[1] ?? start
  const first = onlyLine(file, [start, end], from, name)
  return [first, to === from ? first : onlyLine(file, [first, end], to, name)]
}

/** The one line of the stretch that has these words. */
const onlyLine = (file: Parsed, [start, end]: Stretch, words: string, name: string): number => {
  const having: number[] = []
  for (let line = start; line <= end; line++)
    if (file.lines[line]?.includes(words)) having.push(line)
  const [only, other] = having
  const place = `'${name}' (${file.path}, lines ${start + 1} to ${end + 1})`
  if (only === undefined) {
    throw new Error(
      `no line of ${place} has '${words}'; copy the first words of a comment or a statement there`,
    )
  }
  if (other !== undefined) {
    const lines = having.map((line) => line + 1).join(' and ')
    throw new Error(`'${words}' stands on lines ${lines} of ${place}; write more of the line`)
  }
  return only
}

/** Lines lose the indentation that all of them share. */
const partOf = (file: Parsed, [first, last]: Stretch): Part => {
  const lines = file.lines.slice(first, last + 1)
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  const depth = Math.min(...depths)
  return { firstLine: first + 1, lines: lines.map((line) => line.slice(depth)), depth }
}
