/**
 * What TypeScript knows of the names in a file: what an editor says when the pointer rests on one,
 * and where it is declared.
 *
 * I1  A name has a target only if it is declared in `src/` and can be named from outside: no local,
 *     no parameter, nothing of a library.
 * I2  The same text is kept once per file.
 */

import { relative } from 'node:path'
import ts from 'typescript'
import { escapeHtml } from '../highlight.ts'
import type { Program } from './program.ts'

/** Where a symbol is declared. */
export interface Target {
  /** From the repository's root. */
  readonly path: string
  /** Of its name, from 1. */
  readonly line: number
  /** As a listing would name it: `RecordAccumulator.append`. */
  readonly name: string
}

/** One name in the file. */
export interface Mark {
  readonly position: number
  readonly length: number
  /** Its place in `types`. */
  readonly type: number
  /** Its place in `targets`; `null`: a local, or a library's. */
  readonly target: number | null
}

export interface FileNames {
  /** HTML. */
  readonly types: readonly string[]
  readonly targets: readonly Target[]
  /** In the order of the file. */
  readonly marks: readonly Mark[]
  /** The first lines, from 0, of what can be coloured by itself; in the order of the file. */
  readonly pieces: readonly Piece[]
}

export interface Piece {
  readonly line: number
  /** It stands inside a class. */
  readonly inClass: boolean
}

/** Beyond these lines a type says more than a reader asked for. */
const MOST_LINES = 12

type Name = ts.Identifier | ts.PrivateIdentifier

export const namesIn = (program: Program, root: string): FileNames => {
  const types = new Numbered<string>((html) => html)
  const targets = new Numbered<Target>(({ path, name, line }) => `${path}#${name}:${line}`)
  const known = new Map<string, string | null>()
  const identify = identifier()
  const marks: Mark[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) mark(node)
    ts.forEachChild(node, visit)
  }
  const mark = (node: Name): void => {
    const key = sameAnswer(program.checker, node, identify)
    let html = key === null ? undefined : known.get(key)
    if (html === undefined) {
      html = quickInfo(program, node)
      if (key !== null) known.set(key, html)
    }
    if (html === null) return
    const target = targetOf(program.checker, node, root)
    const position = node.getStart(program.source)
    marks.push({
      position,
      length: node.end - position,
      type: types.add(html),
      target: target === null ? null : targets.add(target),
    })
  }
  visit(program.source)
  return { types: types.all, targets: targets.all, marks, pieces: piecesOf(program.source) }
}

/** Statements and methods: a class's heading and fields are one piece. */
const piecesOf = (source: ts.SourceFile): Piece[] => {
  const lineOf = (node: ts.Node): number =>
    source.getLineAndCharacterOfPosition(node.getStart(source, true)).line
  const pieces = source.statements.flatMap((statement) => {
    const methods = ts.isClassDeclaration(statement)
      ? statement.members.filter((member) => !ts.isPropertyDeclaration(member))
      : []
    return [
      { line: lineOf(statement), inClass: false },
      ...methods.map((method) => ({ line: lineOf(method), inClass: true })),
    ]
  })
  const lines = new Set<number>()
  return pieces.filter(({ line }) => line > 0 && !lines.has(line) && lines.add(line))
}

class Numbered<T> {
  readonly all: T[] = []
  private readonly places = new Map<string, number>()
  private readonly keyOf: (value: T) => string

  constructor(keyOf: (value: T) => string) {
    this.keyOf = keyOf
  }

  add(value: T): number {
    const key = this.keyOf(value)
    const known = this.places.get(key)
    if (known !== undefined) return known
    this.places.set(key, this.all.length)
    return this.all.push(value) - 1
  }
}

const identifier = (): ((object: object) => number) => {
  const numbers = new Map<object, number>()
  return (object) => {
    const known = numbers.get(object)
    if (known !== undefined) return known
    numbers.set(object, numbers.size)
    return numbers.size - 1
  }
}

/**
 * Two names with the same key have the same quick info; asking for it is what takes time.
 *
 * @returns `null` where each name is asked for by itself: a generic call is shown as it was
 *   inferred
 */
const sameAnswer = (
  checker: ts.TypeChecker,
  node: Name,
  identify: (object: object) => number,
): string | null => {
  const symbol = checker.getSymbolAtLocation(node)
  if (symbol === undefined || ts.isShorthandPropertyAssignment(node.parent)) return null
  const type = checker.getTypeOfSymbolAtLocation(symbol, node)
  const key = `${identify(symbol)}:${identify(type)}`
  const call = callOf(node)
  if (call === null) return key
  const declaration = checker.getResolvedSignature(call)?.declaration
  if (declaration === undefined || isGeneric(declaration)) return null
  return `${key}:${identify(declaration)}`
}

/** The call that calls this name: `name()`, `x.name()`, `new Name()`. */
const callOf = (node: Name): ts.CallExpression | ts.NewExpression | null => {
  const { parent } = node
  const callee = ts.isPropertyAccessExpression(parent) && parent.name === node ? parent : node
  const call = callee.parent
  const calls = ts.isCallExpression(call) || ts.isNewExpression(call)
  return calls && call.expression === callee ? call : null
}

const isGeneric = (declaration: ts.Node): boolean => {
  for (let node: ts.Node | undefined = declaration; node !== undefined; node = node.parent) {
    if ((node as { typeParameters?: unknown }).typeParameters !== undefined) return true
  }
  return false
}

const quickInfo = ({ service, source }: Program, node: Name): string | null => {
  const info = service.getQuickInfoAtPosition(source.fileName, node.getStart(source))
  if (info?.displayParts === undefined) return null
  const said = paragraph(ts.displayPartsToString(info.documentation))
  const type = typeHtml(info.displayParts)
  if (type === '') return null
  return said === '' ? type : `${type}\n\n${docHtml(said)}`
}

const INK_OF: Readonly<Record<string, string>> = {
  keyword: 'kw',
  stringLiteral: 'st',
  numericLiteral: 'nu',
}

/** In the inks of the listings. Of an imported name the import is not told. */
const typeHtml = (parts: readonly ts.SymbolDisplayPart[]): string => {
  const lines = parts
    .map(({ text, kind }) => {
      const ink = INK_OF[kind]
      return ink === undefined
        ? escapeHtml(text)
        : `<span class="${ink}">${escapeHtml(text)}</span>`
    })
    .join('')
    .replace(/^\(alias\) /, '')
    .replace(/\n?<span class="kw">import<\/span> .*$/, '')
    .split('\n')
  return lines.length <= MOST_LINES
    ? lines.join('\n')
    : `${lines.slice(0, MOST_LINES).join('\n')}\n…`
}

/** The first, on one line. */
const paragraph = (text: string): string =>
  (text.trim().split(/\n\s*\n/)[0] ?? '').replace(/\s+/g, ' ').trim()

const docHtml = (text: string): string =>
  escapeHtml(text).replace(/`([^`]+)`/g, (_, code: string) => `<code>${code}</code>`)

const targetOf = (checker: ts.TypeChecker, node: Name, root: string): Target | null => {
  let symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node)
  if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) {
    symbol = checker.getAliasedSymbol(symbol)
  }
  const declaration = symbol?.valueDeclaration ?? symbol?.declarations?.[0]
  if (declaration === undefined) return null
  const source = declaration.getSourceFile()
  const path = relative(root, source.fileName)
  const name = path.startsWith('src/') ? outerName(declaration) : null
  if (name === null) return null
  const at = ts.getNameOfDeclaration(declaration) ?? declaration
  const line = source.getLineAndCharacterOfPosition(at.getStart(source)).line + 1
  return { path, line, name }
}

/** How the whole program may name it; `null` for what lives inside a function. */
const outerName = (declaration: ts.Node): string | null => {
  const names: string[] = []
  for (let node = declaration; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isParameter(node) || ts.isTypeParameterDeclaration(node)) return null
    if (ts.isBlock(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return null
    const name = ts.getNameOfDeclaration(node as ts.Declaration)
    if (name !== undefined) names.unshift(name.getText())
  }
  return names.length === 0 ? null : names.slice(0, 2).join('.')
}
