/**
 * A source file taken apart for its page: an opening comment, then strips of code, each with the
 * comment that stands above it.
 *
 *     1  // Lends memory.            head      the essay that the page opens with
 *     3  import …                    strip 1   no comment
 *     5  // A pool.         ┐
 *     6  export class Pool  ┘        strip 2   comment 5, code 6 to 8
 *     9    // why this?     ┐
 *    10    this.free--      ┘        strip 3   comment 9, code 10 to …
 *
 * A comment behind code on the same line stays with its code. So does whatever looks like a comment
 * inside a text of several lines.
 *
 * I1  Each line of the file is in exactly one comment or in the code of exactly one strip.
 * I2  Lines keep their order: the head, then strip after strip, in each the comment first.
 */

import ts from 'typescript'
import { importLines, linesOf } from './lines.ts'

export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

export interface Strip {
  /** `imports` are told apart because nobody reads them twice. */
  readonly kind: 'code' | 'imports'
  readonly comment: readonly Line[]
  readonly code: readonly Line[]
}

export interface SymbolName {
  /** `BufferPool`, `BufferPool.allocate`. */
  readonly name: string
  /** Where its own first line stands, behind its comment. */
  readonly line: number
  readonly exported: boolean
}

export interface Sheet {
  readonly path: string
  readonly lines: readonly string[]
  readonly head: readonly Line[]
  readonly strips: readonly Strip[]
  readonly symbols: readonly SymbolName[]
}

export const sheetOf = (path: string, text: string): Sheet => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const lines = linesOf(text).map((line, at): Line => ({ number: at + 1, text: line }))
  const comments = commentLines(source, lines)
  const from = headStart(lines, comments)
  const end = from === null ? 0 : endOfComment(lines, from, comments)
  // Without a comment at the top the file begins with its first strip.
  const head = lines.slice(0, end)
  return {
    path,
    lines: lines.map((line) => line.text),
    head,
    strips: stripsOf(lines.slice(end), comments, startsOf(source)),
    symbols: symbolsOf(source),
  }
}

/** The first line that is more than blank or `#!…`, when a comment begins there. */
const headStart = (lines: readonly Line[], comments: ReadonlySet<number>): number | null => {
  const at = lines.findIndex(({ text }) => text.trim() !== '' && !text.startsWith('#!'))
  return at >= 0 && comments.has(at + 1) ? at : null
}

/** One block, or lines of `//` one below the other. */
const endOfComment = (
  lines: readonly Line[],
  from: number,
  comments: ReadonlySet<number>,
): number => {
  const block = lines[from]?.text.trim().startsWith('/*') === true
  let at = from
  while (at < lines.length && comments.has(at + 1)) {
    const closes = block && lines[at]?.text.trim().endsWith('*/') === true
    at++
    if (closes) break
  }
  return at
}

/** The numbers of the lines that hold a comment and nothing else. */
const commentLines = (source: ts.SourceFile, lines: readonly Line[]): Set<number> => {
  const found = new Set<number>()
  const inText = textLines(source)
  let block = false
  for (const { number, text } of lines) {
    const line = text.trim()
    if (block) {
      found.add(number)
      block = !line.endsWith('*/')
    } else if (!inText.has(number) && line.startsWith('//')) found.add(number)
    else if (!inText.has(number) && line.startsWith('/*')) {
      const closed = line.indexOf('*/')
      // A note in front of code on its line, as in `/** x */ y`, is part of the code.
      if (closed >= 0 && closed < line.length - 2) continue
      found.add(number)
      block = closed < 0
    }
  }
  return found
}

/** Lines that begin inside a template of several lines. */
const textLines = (source: ts.SourceFile): Set<number> => {
  const found = new Set<number>()
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateLiteralToken(node)) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line
      const last = source.getLineAndCharacterOfPosition(node.end).line
      for (let line = first + 1; line <= last; line++) found.add(line + 1)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** A strip begins at a comment, and where a statement of the file or a member of a class begins. */
const stripsOf = (
  lines: readonly Line[],
  comments: ReadonlySet<number>,
  starts: ReadonlySet<number>,
): Strip[] => {
  const imports = importLines(lines.map(({ text }) => text))
  const offset = (lines[0]?.number ?? 1) - 1
  const strips: { kind: Strip['kind']; comment: Line[]; code: Line[] }[] = []
  for (const line of lines) {
    const kind = imports.has(line.number - offset) ? 'imports' : 'code'
    const last = strips.at(-1)
    const comment = comments.has(line.number)
    const blank = line.text.trim() === ''
    const hasCode = last?.code.some(({ text }) => text.trim() !== '') === true
    const begins = comment
      ? last !== undefined && last.code.length > 0
      : hasCode && !blank && (last?.kind !== kind || starts.has(line.number))
    if (last === undefined || begins) strips.push({ kind, comment: [], code: [] })
    const strip = strips.at(-1) as (typeof strips)[number]
    if (comment) strip.comment.push(line)
    else {
      if (strip.code.every(({ text }) => text.trim() === '')) strip.kind = kind
      strip.code.push(line)
    }
  }
  return strips
}

/** Where statements and methods begin that are set off by a blank line above them. */
const startsOf = (source: ts.SourceFile): Set<number> => {
  const starts = new Set<number>()
  const lines = linesOf(source.text)
  const add = (node: ts.Node): void => {
    const line = lineOf(source, node)
    if (lines[line - 2]?.trim() === '') starts.add(line)
  }
  for (const statement of source.statements) {
    add(statement)
    if (ts.isClassDeclaration(statement)) statement.members.forEach(add)
  }
  return starts
}

const lineOf = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

const symbolsOf = (source: ts.SourceFile): SymbolName[] =>
  source.statements.flatMap((statement): SymbolName[] => {
    const exported = hasModifier(statement, ts.SyntaxKind.ExportKeyword)
    const at = (node: ts.Node, name: string, seen: boolean): SymbolName => ({
      name,
      line: lineOf(source, node),
      exported: seen,
    })
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) =>
        ts.isIdentifier(name) ? [at(name, name.text, exported)] : [],
      )
    }
    const name = (statement as Partial<ts.ClassDeclaration>).name?.text
    if (name === undefined || ts.isImportDeclaration(statement)) return []
    const own = at(statement, name, exported)
    if (!ts.isClassDeclaration(statement)) return [own]
    const methods = statement.members.flatMap((member): SymbolName[] => {
      const method = ts.isMethodDeclaration(member) || ts.isAccessor(member)
      if (!method || !('text' in member.name)) return []
      const hidden =
        hasModifier(member, ts.SyntaxKind.PrivateKeyword) || ts.isPrivateIdentifier(member.name)
      return [at(member, `${name}.${member.name.text}`, exported && !hidden)]
    })
    return [own, ...methods.filter((one, n) => methods.findIndex((m) => m.name === one.name) === n)]
  })

const hasModifier = (node: ts.Node, kind: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((one) => one.kind === kind) === true
