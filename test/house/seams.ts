/**
 * Clock, timers, chance, Node and the page: all of it comes in through `src/platform` and the seams
 * above it.
 */

import ts from 'typescript'
import { place, type Source, walk } from './sources.ts'

/** Names of the machine or of the page, each with what to take instead. */
const GLOBALS: Readonly<Record<string, string>> = {
  setTimeout: 'Time.schedule',
  setInterval: 'Time.schedule',
  setImmediate: 'Time.schedule(0, …)',
  clearTimeout: 'Scheduled.cancel',
  clearInterval: 'Scheduled.cancel',
  clearImmediate: 'Scheduled.cancel',
  requestAnimationFrame: 'Time.schedule',
  performance: 'Time.hiResClockMs',
  Buffer: 'Uint8Array, ByteBuffer or utf8.ts',
  console: 'Logger',
  crypto: 'Random',
  window: 'a seam',
  document: 'a seam',
  globalThis: 'a seam',
  process: 'a seam; the command line may',
}

const MEMBERS: Readonly<Record<string, string>> = {
  'Date.now': 'Time.milliseconds',
  'Math.random': 'Random',
}

/**
 * An identifier that is used as a value, not the name of a member, a property, a declaration or a
 * type.
 */
const isValue = (node: ts.Identifier): boolean => {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return false
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false
  if (ts.isShorthandPropertyAssignment(parent)) return true
  const named = parent as ts.Node & { name?: ts.Node }
  return named.name !== node
}

const importedFrom = (node: ts.Node): string | undefined => {
  if (!ts.isImportDeclaration(node) && !ts.isExportDeclaration(node)) {
    if (!ts.isCallExpression(node) || node.expression.kind !== ts.SyntaxKind.ImportKeyword) return
    const [name] = node.arguments
    return name !== undefined && ts.isStringLiteralLike(name) ? name.text : undefined
  }
  const name = node.moduleSpecifier
  return name !== undefined && ts.isStringLiteral(name) ? name.text : undefined
}

/** What `source` takes from the machine past the seams. */
export const leaks = (source: Source): string[] => {
  const found: string[] = []
  const report = (node: ts.Node, what: string, instead: string): void => {
    found.push(`${place(source, node)}: ${what}; take ${instead}`)
  }
  walk(source.tree, (node) => {
    if (importedFrom(node)?.startsWith('node:')) report(node, 'an import of node:*', '#platform')
    if (ts.isPropertyAccessExpression(node)) {
      const name = node.getText().replace(/\s/g, '')
      if (Object.hasOwn(MEMBERS, name)) report(node, name, MEMBERS[name]!)
    }
    if (
      ts.isNewExpression(node) &&
      node.expression.getText() === 'Date' &&
      !node.arguments?.length
    ) {
      report(node, 'new Date()', 'Time.milliseconds')
    }
    if (ts.isIdentifier(node) && Object.hasOwn(GLOBALS, node.text) && isValue(node)) {
      if (node.text === 'process' && source.path.startsWith('src/cli/')) return
      report(node, node.text, GLOBALS[node.text]!)
    }
  })
  return found
}
