/**
 * The project's own source as data, for tests that hold it to the house's rules.
 *
 * Each file is parsed once per run; what is looked at is the syntax tree, so a word in a comment or
 * in a text is no finding.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Source {
  /** From the repository's root, with `/`. */
  readonly path: string
  readonly text: string
  readonly tree: ts.SourceFile
}

const read = (path: string): Source => {
  const text = readFileSync(`${root}${path}`, 'utf8')
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) }
}

/** All TypeScript files under `folder`, sorted. */
export const sources = (folder: string): Source[] =>
  readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`).replaceAll('\\', '/'))
    .sort()
    .map(read)

/** A source that stands in a test. */
export const sourceOf = (text: string, path = 'src/example/Example.ts'): Source => ({
  path,
  text,
  tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
})

/** `src/common/Timer.ts:12`. */
export const place = (source: Source, node: ts.Node): string =>
  `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`

/** Calls `visit` with every node. */
export const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

/** The function that a node stands in, from the inside out; `undefined` at the top of a file. */
export const enclosingFunction = (node: ts.Node): ts.Node | undefined => {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionLike(at) || ts.isClassStaticBlockDeclaration(at)) return at
  }
  return undefined
}
