/**
 * Where a tour's stop stands in a file, and what the function is called that stands at a position.
 *
 *     { at: 'RecordAccumulator.append', line: 'const buffer' }
 *                  │ Symbols: file and lines      │ the first line of the body with the words
 *                  └──────────────┬─────────────────┘
 *                     the statement that holds them, or the `=> expression` ──► path, line, column
 *
 * I1  A place is where a statement starts: the debugger can stand there, and `debugger;` be written
 *     there.
 * I2  A symbol or words that mean nothing are an error that says so.
 */

import { readFileSync, statSync } from 'node:fs'
import ts from 'typescript'
import { Symbols } from '../../../docs/.vitepress/markdown/symbols.ts'
import type { TourStop } from '../../../lab/Tour.ts'
import { root } from '../Generated.ts'

/** Lines and columns from 1; offsets into the file's text from 0. */
export interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
  /** Of the statement. */
  readonly lastLine: number
  /** The line's text, without its indentation. */
  readonly code: string
  readonly start: number
  readonly end: number
  /** The body of an arrow function without braces, not a statement. */
  readonly concise: boolean
}

interface Parsed {
  readonly source: ts.SourceFile
  readonly lines: readonly string[]
  readonly changedMs: number
}

type Anchor = { readonly node: ts.Node; readonly concise: boolean }

export class Places {
  // Not the site's shared ones: those come with everything that colours a page.
  private readonly symbols = new Symbols(root, ['src', 'lab', 'chapters'])
  private readonly files = new Map<string, Parsed>()

  /** @throws Error that names the stop */
  placeOf(stop: TourStop): Place {
    const { at, line } = stop
    const found = this.symbols.listing({ name: at, from: null, to: null }, `tour stop '${at}'`)
    const file = this.parse(found.path)
    const bodies = found.parts.map(({ firstLine, lines }) =>
      bodyWithin(file.source, firstLine, firstLine + lines.length - 1),
    )
    const body = bodies.find((one) => one !== undefined)
    if (body === undefined) throw new Error(`tour stop '${at}': there is no code to stop at`)
    const anchor = line === undefined ? firstIn(body) : anchorOfWords(file, body, line, at)
    return placeAt(found.path, file, anchor)
  }

  /** `Class.method`, or for a function without a name `in Class.method`. From 1. */
  nameAt(path: string, line: number, column: number): string {
    const { source } = this.parse(path)
    const position = source.getPositionOfLineAndCharacter(line - 1, column - 1)
    let node: ts.Node | undefined = innermost(source, position)
    let inside = false
    for (; node !== undefined; node = node.parent) {
      if (!isFunction(node)) continue
      const name = nameOfFunction(node)
      if (name !== null) return inside ? `in ${name}` : name
      inside = true
    }
    return `in ${path.replace(/^.*\//, '')}`
  }

  private parse(path: string): Parsed {
    const changedMs = statSync(root + path).mtimeMs
    const known = this.files.get(path)
    if (known?.changedMs === changedMs) return known
    const text = readFileSync(root + path, 'utf8')
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
    const parsed = { source, lines: text.split('\n'), changedMs }
    this.files.set(path, parsed)
    return parsed
  }
}

/** The outermost body that starts within the listing's lines: that of the symbol itself. */
const bodyWithin = (
  source: ts.SourceFile,
  firstLine: number,
  lastLine: number,
): ts.ConciseBody | undefined => {
  const visit = (node: ts.Node): ts.ConciseBody | undefined => {
    const start = lineOf(source, node.getStart(source))
    if (start > lastLine || lineOf(source, node.end) < firstLine) return undefined
    if (isFunction(node) && start >= firstLine && node.body !== undefined) return node.body
    return ts.forEachChild(node, visit)
  }
  return visit(source)
}

const firstIn = (body: ts.ConciseBody): Anchor => {
  if (!ts.isBlock(body)) return { node: body, concise: true }
  const [first] = body.statements
  if (first === undefined) throw new Error('the body is empty')
  return { node: first, concise: false }
}

/** A line that consists of the words comes before one that has more. */
const anchorOfWords = (file: Parsed, body: ts.ConciseBody, words: string, at: string): Anchor => {
  const { source, lines } = file
  const first = lineOf(source, body.getStart(source))
  const last = lineOf(source, body.end)
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const whole = numbers.filter((line) => lines[line - 1]?.trim() === words)
  for (const line of [...whole, ...numbers]) {
    const column = lines[line - 1]?.indexOf(words) ?? -1
    if (column < 0) continue
    const position = source.getPositionOfLineAndCharacter(line - 1, column)
    const anchor = anchorAround(source, body, position)
    if (anchor !== null) return anchor
  }
  throw new Error(`tour stop '${at}': no line of its body has '${words}'`)
}

/** The innermost statement that a `debugger;` can stand before, or a body without braces. */
const anchorAround = (source: ts.SourceFile, body: ts.Node, position: number): Anchor | null => {
  let node: ts.Node | undefined = innermost(source, position)
  for (; node !== undefined && node.parent !== undefined; node = node.parent) {
    if (ts.isArrowFunction(node.parent) && node.parent.body === node && !ts.isBlock(node)) {
      return { node, concise: true }
    }
    const holder = node.parent
    const listed = ts.isBlock(holder) || ts.isCaseOrDefaultClause(holder)
    if (listed && ts.isStatement(node)) return { node, concise: false }
    if (node === body) return null
  }
  return null
}

const innermost = (source: ts.SourceFile, position: number): ts.Node => {
  const within = (node: ts.Node): ts.Node => {
    const child = ts.forEachChild(node, (one) =>
      one.getStart(source) <= position && position < one.end ? one : undefined,
    )
    return child === undefined ? node : within(child)
  }
  return within(source)
}

const placeAt = (path: string, file: Parsed, { node, concise }: Anchor): Place => {
  const start = node.getStart(file.source)
  const { line, character } = file.source.getLineAndCharacterOfPosition(start)
  return {
    path,
    line: line + 1,
    column: character + 1,
    lastLine: lineOf(file.source, node.end),
    code: file.lines[line]?.trim() ?? '',
    start,
    end: node.end,
    concise,
  }
}

const lineOf = (source: ts.SourceFile, position: number): number =>
  source.getLineAndCharacterOfPosition(position).line + 1

type FunctionNode = ts.FunctionLikeDeclaration
const isFunction = (node: ts.Node): node is FunctionNode =>
  ts.isFunctionLike(node) && 'body' in node

const nameOfFunction = (node: FunctionNode): string | null => {
  const own = ts.isConstructorDeclaration(node)
    ? 'constructor'
    : (textOf(node.name) ?? holderOf(node))
  if (own === null) return null
  const outer = node.parent
  const holder = ts.isClassLike(outer) ? textOf(outer.name) : null
  return holder === null || holder === undefined ? own : `${holder}.${own}`
}

const textOf = (name: ts.Node | undefined): string | null =>
  name !== undefined &&
  (ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteral(name))
    ? name.text
    : null

/** `const add = (…) => …` and `{ add: (…) => … }`. */
const holderOf = ({ parent }: FunctionNode): string | null =>
  ts.isVariableDeclaration(parent) ||
  ts.isPropertyAssignment(parent) ||
  ts.isPropertyDeclaration(parent)
    ? textOf(parent.name)
    : null
