/**
 * Reads an exported constant of a TypeScript file without running the file.
 *
 * A half-written exercise may not compile, and the site's pages are rendered where TypeScript
 * cannot be imported. So what an exercise or a break-it says about itself is data, and is read as
 * data.
 *
 * I1  What is no plain value is an error that names the file and the line.
 */

import ts from 'typescript'

export type Literal = string | number | boolean | null | RegExp | readonly Literal[] | LiteralObject
export interface LiteralObject {
  readonly [name: string]: Literal
}

export interface FoundLiteral {
  readonly value: Literal
  /** From 1. */
  readonly line: number
}

/**
 * The value of `export const name`.
 *
 * @param path of the file, for errors
 */
export const exportedLiteral = (text: string, path: string, name: string): FoundLiteral => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const declaration of statement.declarationList.declarations) {
      const { initializer } = declaration
      if (!ts.isIdentifier(declaration.name) || declaration.name.text !== name) continue
      if (initializer === undefined) continue
      return { value: literal(initializer, source), line: lineOf(declaration, source) }
    }
  }
  throw new Error(`${path} has no 'export const ${name}'`)
}

const literal = (node: ts.Expression, source: ts.SourceFile): Literal => {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isNumericLiteral(node)) return Number(node.text)
  if (ts.isRegularExpressionLiteral(node)) return regExp(node.text)
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false
  if (node.kind === ts.SyntaxKind.NullKeyword) return null
  if (ts.isArrayLiteralExpression(node)) {
    return node.elements.map((element) => literal(element, source))
  }
  if (ts.isObjectLiteralExpression(node)) return object(node, source)
  // `defineExercise({ … })`, `[…] as const`, `'a' + 'b'`
  if (ts.isCallExpression(node) && node.arguments.length === 1) {
    return literal(node.arguments[0]!, source)
  }
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) {
    return literal(node.expression, source)
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return `${literal(node.left, source)}${literal(node.right, source)}`
  }
  throw notPlain(node, source)
}

const object = (node: ts.ObjectLiteralExpression, source: ts.SourceFile): LiteralObject =>
  Object.fromEntries(
    node.properties.map((property) => {
      if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) {
        throw notPlain(property, source)
      }
      return [property.name.text, literal(property.initializer, source)]
    }),
  )

const regExp = (text: string): RegExp => {
  const end = text.lastIndexOf('/')
  return new RegExp(text.slice(1, end), text.slice(end + 1))
}

const lineOf = (node: ts.Node, source: ts.SourceFile): number =>
  source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1

const notPlain = (node: ts.Node, source: ts.SourceFile): Error =>
  new Error(
    `${source.fileName}:${lineOf(node, source)}: '${node.getText(source)}' is no plain value; ` +
      'write it out, the file is read without being run',
  )

export interface Answer {
  /** What the head comment says behind its first paragraph, as Markdown. */
  readonly said: string
  readonly firstLine: number
  /** What stands in: all that is behind `export const exercise`. */
  readonly code: string
}

/** The parts of an answer's file that a page shows. */
export const answerOf = (text: string, path: string): Answer => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const at = source.statements.findIndex(
    (each) =>
      ts.isVariableStatement(each) &&
      each.declarationList.declarations[0]?.name.getText(source) === 'exercise',
  )
  const first = source.statements[at + 1]
  if (at < 0 || first === undefined) throw new Error(`${path} has no answer behind 'exercise'`)
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  const paragraphs = comment
    .replace(/^ *\* ?/gm, '')
    .trim()
    .split(/\n{2,}/)
  const start =
    first.getFullStart() + (/^\s*/.exec(text.slice(first.getFullStart()))?.[0].length ?? 0)
  return {
    said: paragraphs.slice(1).join('\n\n'),
    firstLine: source.getLineAndCharacterOfPosition(start).line + 1,
    code: text.slice(start).trimEnd(),
  }
}
