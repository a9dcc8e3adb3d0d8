/**
 * Reads the calls of `note` out of a test file, each with the test that it stands in.
 *
 *     test('a topic has one partition', …  note('N4', 'holds') …)
 *     const readBack = (…) => { note('N7', 'holds') … }   counts for each test that names readBack
 *
 * I1  A call whose words are computed, or that no test reaches, is an error with file and line:
 *     nothing that a test says is lost on the way to the page.
 */

import ts from 'typescript'
import { type NoteId, VERDICTS, type Verdict } from '../../test/support/notes.ts'

/** One call of `note`. */
export interface GivenVerdict {
  readonly id: NoteId
  readonly verdict: Verdict
  readonly because: string | null
  /** The test's file, from the root. */
  readonly path: string
  /** The line of the test, from 1. */
  readonly line: number
  /** The test's own name. */
  readonly test: string
}

interface TestOf {
  readonly name: string
  readonly line: number
  readonly node: ts.CallExpression
}

/** @param path the file from the root */
export const verdictsIn = (path: string, text: string): GivenVerdict[] => {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
  const lineOf = (node: ts.Node): number =>
    tree.getLineAndCharacterOfPosition(node.getStart()).line + 1
  const tests = testsOf(tree, lineOf)
  const found: GivenVerdict[] = []
  walk(tree, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== 'note') return
    const where = `${path}:${lineOf(node)}`
    const { id, verdict, because } = wordsOf(node, where)
    const those = testsAround(node, tests, new Set())
    if (those.length === 0) throw new Error(`${where}: note(${id}) is in no test`)
    for (const { name, line } of those) {
      found.push({ id, verdict, because, path, line, test: name })
    }
  })
  return found
}

const wordsOf = (call: ts.CallExpression, where: string) => {
  const words = call.arguments.map(literalText)
  const [id, verdict, because = null] = words
  const known = VERDICTS.find((one) => one === verdict)
  if (id === undefined || !/^N\d+$/.test(id ?? '') || known === undefined || words.includes(null)) {
    throw new Error(`${where}: the words of note() are written out: a note, a verdict, a reason`)
  }
  return { id: id as NoteId, verdict: known satisfies Verdict, because }
}

/** The text of a literal, also of several joined by `+`; `null` when it is computed. */
const literalText = (node: ts.Expression): string | null => {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [literalText(node.left), literalText(node.right)]
    return left === null || right === null ? null : left + right
  }
  return null
}

const testsOf = (tree: ts.SourceFile, lineOf: (node: ts.Node) => number): TestOf[] => {
  const found: TestOf[] = []
  walk(tree, (node) => {
    if (!ts.isCallExpression(node) || !/^(test|it)\b/.test(node.expression.getText())) return
    const [title] = node.arguments
    if (title === undefined || !ts.isStringLiteralLike(title)) return
    // `%s` and `$name` are filled in when the test runs.
    const name = title.text.replace(/%[sdifjo#]|\$\w+/g, '…')
    found.push({ name, line: lineOf(node), node })
  })
  return found
}

/** The test around a node; for a helper, the tests that name it, or that name who names it. */
const testsAround = (
  node: ts.Node,
  tests: readonly TestOf[],
  seen: Set<string>,
): readonly TestOf[] => {
  let helper: string | null = null
  for (let at: ts.Node = node; at !== undefined; at = at.parent) {
    const test = tests.find((one) => one.node === at)
    if (test !== undefined) return [test]
    if (ts.isVariableDeclaration(at) || ts.isFunctionDeclaration(at)) {
      helper = at.name?.getText() ?? helper
    }
  }
  if (helper === null || seen.has(helper)) return []
  seen.add(helper)
  const found = new Set<TestOf>()
  walk(node.getSourceFile(), (other) => {
    const isDeclared = ts.isVariableDeclaration(other.parent) && other.parent.name === other
    if (!ts.isIdentifier(other) || other.text !== helper || isDeclared) return
    for (const test of testsAround(other, tests, seen)) found.add(test)
  })
  return tests.filter((test) => found.has(test))
}

const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  ts.forEachChild(node, (child) => {
    visit(child)
    walk(child, visit)
  })
}
