/** Where trace events are emitted, by class and method. */

import ts from 'typescript'
import { place, type Source, walk } from './sources.ts'

export interface Emission {
  readonly name: string
  /** `Class.method`, as `TRACE_POINTS` writes it. */
  readonly point: string
  readonly place: string
  /**
   * Stands under a question whether anybody listens, so that nothing is allocated when nobody does.
   */
  readonly guarded: boolean
  /** The name stands on the line of `emit`, which is the line that a lab lights. */
  readonly onEmitLine: boolean
}

/** The member or function around `node` that has a name, functions inside it passed over. */
const pointOf = (node: ts.Node, source: Source): string => {
  let member = ''
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isClassLike(at)) return `${at.name?.text ?? 'class'}.${member}`
    if (ts.isConstructorDeclaration(at)) member = 'constructor'
    else if (ts.isClassElement(at) && at.name !== undefined) member = at.name.getText()
    else if (ts.isFunctionDeclaration(at) && at.name !== undefined) member = at.name.text
    else if (ts.isVariableDeclaration(at) && ts.isSourceFile(at.parent.parent.parent)) {
      member = at.name.getText()
    }
  }
  return `${source.path.replace(/^.*\/|\.ts$/g, '')}.${member}`
}

const isGuarded = (node: ts.Node): boolean => {
  for (let at = node; at.parent !== undefined && !ts.isFunctionLike(at); at = at.parent) {
    const { parent } = at
    if (ts.isIfStatement(parent) && parent.thenStatement === at) {
      if (/\benabled\b/.test(parent.expression.getText())) return true
    }
  }
  // Or left before: `if (!this.trace.enabled) return` as the first line of a method that does
  // nothing else.
  const body = enclosingBody(node)
  const first = body?.statements[0]
  return first !== undefined && /^if \(!.*\benabled\b.*\) return\b/.test(first.getText())
}

const enclosingBody = (node: ts.Node): ts.Block | undefined => {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isBlock(at) && ts.isFunctionLike(at.parent)) return at
  }
  return undefined
}

/** Every `….emit('name', …)` in `source`. */
export const emissions = (source: Source): Emission[] => {
  const found: Emission[] = []
  const lineOf = (position: number): number =>
    source.tree.getLineAndCharacterOfPosition(position).line
  walk(source.tree, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
    const [name] = node.arguments
    if (node.expression.name.text !== 'emit' || name === undefined) return
    if (!ts.isStringLiteralLike(name)) return
    found.push({
      name: name.text,
      point: pointOf(node, source),
      place: place(source, node),
      guarded: isGuarded(node),
      onEmitLine: lineOf(name.getStart()) === lineOf(node.expression.name.getStart()),
    })
  })
  return found
}
