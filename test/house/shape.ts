/**
 * How a file looks: its length, its columns, its first comment, its exports, the size of its
 * functions.
 */

import ts from 'typescript'
import { place, type Source, walk } from './sources.ts'

const MAX_LINES = 400
const MAX_COLUMNS = 100
/** "About 50": a few more are a matter of taste, many are not. */
const MAX_FUNCTION_LINES = 60

/** Tables: one entry per message, error or event. There is nothing in them to split. */
const TABLES = [
  /^src\/protocol\/messages\//,
  /^src\/protocol\/errorTable\.ts$/,
  /^src\/common\/errors\//,
  /^src\/common\/TraceEvents\.ts$/,
]

export const tooLong = (source: Source): string[] => {
  const lines = source.text.trimEnd().split('\n').length
  if (lines <= MAX_LINES || TABLES.some((table) => table.test(source.path))) return []
  return [`${source.path}: ${lines} lines, at most ${MAX_LINES}`]
}

/** What no formatter can break: an address, one imported name, one string, a test's title. */
const UNBREAKABLE = [
  /https?:\/\/\S+$/,
  /^import (type )?\{ \w+ \} from '[^']+'$/,
  /^\s*'[^']+',?$/,
  /^\s*(test|it|describe)\('[^']+', (async )?\(\w*\) => \{$/,
]

export const tooWide = (source: Source): string[] =>
  source.text.split('\n').flatMap((line, i) => {
    // Counted as seen: an arrow or an accent is one column.
    const columns = [...line].length
    return columns > MAX_COLUMNS && !UNBREAKABLE.some((whole) => whole.test(line))
      ? [`${source.path}:${i + 1}: ${columns} columns, at most ${MAX_COLUMNS}`]
      : []
  })

export const longFunctions = (source: Source): string[] => {
  const found: string[] = []
  const lineOf = (position: number): number =>
    source.tree.getLineAndCharacterOfPosition(position).line
  walk(source.tree, (node) => {
    if (!ts.isFunctionLike(node)) return
    const body = (node as ts.FunctionLikeDeclaration).body
    if (body === undefined) return
    const lines = lineOf(body.getEnd()) - lineOf(node.getStart()) + 1
    if (lines > MAX_FUNCTION_LINES) {
      found.push(`${place(source, node)}: a function of ${lines} lines, at most about 50`)
    }
  })
  return found
}

/**
 * A file opens with a doc comment: what problem it solves. Only a `#!` line may stand before it.
 */
export const headless = (source: Source): string[] =>
  /^(#![^\n]*\n\s*)?\/\*\*/.test(source.text) ? [] : [`${source.path}: no head comment`]

export const defaultExports = (source: Source): string[] => {
  const found: string[] = []
  walk(source.tree, (node) => {
    const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []
    const isDefault = modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword)
    if (ts.isExportAssignment(node) || isDefault)
      found.push(`${place(source, node)}: export default`)
  })
  return found
}

/** Made of pieces, so that this file is no finding itself. */
const LEFTOVER = new RegExp(
  `\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b|(?<![\\w.])/(work|home|Users)/\\w`,
)

/** Work left behind, and places of one machine. */
export const leftovers = (source: Source): string[] =>
  source.text.split('\n').flatMap((line, i) => {
    const found = LEFTOVER.exec(line)
    return found === null ? [] : [`${source.path}:${i + 1}: ${found[0]}`]
  })

/** Tests that are switched off, or that switch all others off. */
export const switchedOff = (source: Source): string[] => {
  const found: string[] = []
  walk(source.tree, (node) => {
    if (!ts.isPropertyAccessExpression(node)) return
    const isTest = /^(test|it|describe)$/.test(node.expression.getText())
    if (isTest && /^(skip|only|todo|fails)$/.test(node.name.text)) {
      found.push(`${place(source, node)}: ${node.getText()}`)
    }
  })
  return found
}
