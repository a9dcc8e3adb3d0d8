/**
 * Module state: what two clusters in one process would share without knowing it.
 *
 * Found are top-level `let` and `var`; static fields that are not read-only; and top-level
 * constants or static fields that hold a collection which some function changes. Filling a table
 * while the module loads is not found: nothing can tell that from a table written out.
 */

import ts from 'typescript'
import { enclosingFunction, place, type Source, walk } from './sources.ts'

const MUTATORS: ReadonlySet<string> = new Set([
  'add',
  'clear',
  'copyWithin',
  'delete',
  'fill',
  'pop',
  'push',
  'reverse',
  'set',
  'shift',
  'sort',
  'splice',
  'unshift',
])

const ASSIGNMENTS: readonly ts.SyntaxKind[] = [
  ts.SyntaxKind.PlusPlusToken,
  ts.SyntaxKind.MinusMinusToken,
]

/**
 * What `expression` is part of: `X` and `X.y` of `X.y[i].z`, since `X` may be a class and `y` a
 * static field.
 */
const rootsOf = (expression: ts.Expression): string[] => {
  let at = expression
  let member: string | undefined
  while (
    ts.isPropertyAccessExpression(at) ||
    ts.isElementAccessExpression(at) ||
    ts.isNonNullExpression(at) ||
    ts.isAsExpression(at) ||
    ts.isParenthesizedExpression(at)
  ) {
    if (ts.isPropertyAccessExpression(at)) member = at.name.text
    at = at.expression
  }
  if (!ts.isIdentifier(at)) return []
  return member === undefined ? [at.text] : [at.text, `${at.text}.${member}`]
}

/** What `node` changes in place. */
const changed = (node: ts.Node): string[] => {
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression
    return MUTATORS.has(name.text) ? rootsOf(expression) : []
  }
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
    return assigns ? rootsOf(node.left) : []
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    return ASSIGNMENTS.includes(node.operator) ? rootsOf(node.operand) : []
  }
  return ts.isDeleteExpression(node) ? rootsOf(node.expression) : []
}

const hasModifier = (node: ts.PropertyDeclaration, kind: ts.SyntaxKind): boolean =>
  node.modifiers?.some((modifier) => modifier.kind === kind) ?? false

/**
 * A variable that lives in the closure of what a top-level call returned: `const next = (() => {
 * let n = 0 … })()`.
 */
const hidden = (initializer: ts.Expression | undefined): ts.Node | undefined => {
  if (initializer === undefined || !ts.isCallExpression(initializer)) return undefined
  let callee: ts.Expression = initializer.expression
  while (ts.isParenthesizedExpression(callee)) callee = callee.expression
  if (!ts.isArrowFunction(callee) && !ts.isFunctionExpression(callee)) return undefined
  let found: ts.Node | undefined
  walk(callee.body, (node) => {
    if (!ts.isVariableDeclarationList(node) || (node.flags & ts.NodeFlags.Const) !== 0) return
    if (enclosingFunction(node) === callee && !ts.isForStatement(node.parent)) found ??= node
  })
  return found
}

/** The mutable module state of `source`. */
export const moduleState = (source: Source): string[] => {
  const found: string[] = []
  const constants = new Set<string>()
  for (const statement of source.tree.statements) {
    if (!ts.isVariableStatement(statement)) continue
    if ((statement.declarationList.flags & ts.NodeFlags.Const) === 0) {
      found.push(`${place(source, statement)}: a top-level let or var`)
    }
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name)) constants.add(name.text)
      const variable = hidden(initializer)
      if (variable) found.push(`${place(source, variable)}: a variable in a top-level closure`)
    }
  }
  walk(source.tree, (node) => {
    if (ts.isPropertyDeclaration(node) && hasModifier(node, ts.SyntaxKind.StaticKeyword)) {
      const owner = (node.parent as ts.ClassLikeDeclaration).name?.text ?? ''
      if (hasModifier(node, ts.SyntaxKind.ReadonlyKeyword))
        constants.add(`${owner}.${node.name.getText()}`)
      else found.push(`${place(source, node)}: a static field that is not readonly`)
    }
  })
  walk(source.tree, (node) => {
    const name = changed(node).find((root) => constants.has(root))
    if (name === undefined || enclosingFunction(node) === undefined) return
    if (!isShadowed(node, name)) found.push(`${place(source, node)}: ${name} is changed here`)
  })
  return found
}

/** Whether a function around `node` has a parameter or variable called `name`. */
const isShadowed = (node: ts.Node, name: string): boolean => {
  for (let at = enclosingFunction(node); at !== undefined; at = enclosingFunction(at)) {
    const scope = at
    let shadowed = false
    walk(scope, (inner) => {
      const declares =
        ts.isParameter(inner) || ts.isVariableDeclaration(inner) || ts.isBindingElement(inner)
      if (declares && inner.name.getText() === name) shadowed = true
    })
    if (shadowed) return true
  }
  return false
}
