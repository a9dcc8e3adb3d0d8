/**
 * A plugin for Vite that loads a chapter's tests several times in one process, each time with one
 * module that is not as it is in the tree.
 *
 *     06….test.ts?stand-in=06-break-linger-ignored
 *        └─► KafkaProducer.ts?stand-in=…          loads the changed one, so it is loaded anew
 *        │      └─► ReadyCheck.ts?stand-in=…      the changed one
 *        └─► Cluster.ts                           does not: shared by all
 *
 * In the place of a module that a stand-in goes into comes a front, for all but the stand-in
 * itself:
 *
 *     others ──► front ──► the stand-in ──► the real module, with a slot
 *                  └──────────────────────────▲   puts the one into the other
 *
 * I1  A module that can reach the changed one is loaded once per variant, every other once.
 * I2  Line numbers are those of the files.
 */

import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Plugin } from 'vite'
import type {} from 'vitest/config'
import { ROOT } from '../chapters.ts'
import { mutated } from './definitions.ts'
import { hashOfCode } from './hashOfCode.ts'
import { Imports } from './imports.ts'
import { SLOT, slotIn, withSlot } from './slots.ts'
import { suiteOf } from './suite.ts'
import type { Variant } from './Variant.ts'

const QUERY = /[?&]stand-in=([\w-]+)\.ts/
const PUT_IN = resolve(import.meta.dirname, 'putIn.ts')

/** @param testFiles of a chapter, absolute, by its folder */
export const standIn = (
  variants: readonly Variant[],
  testFiles: (folder: string) => readonly string[],
): Plugin => {
  const byId = new Map(variants.map((variant) => [variant.id, variant]))
  const imports = new Imports()
  const variantOf = (id: string | undefined): Variant | undefined =>
    byId.get(QUERY.exec(id ?? '')?.[1] ?? '')

  const fillerOf = (file: string): readonly string[] => imports.direct(resolve(ROOT, file))

  const place = (file: string, variant: Variant, importer: string | undefined): string => {
    const query = queryOf(variant)
    const module = resolve(ROOT, variant.module ?? '')
    const filler = variant.standIn === null ? null : resolve(ROOT, variant.standIn.file)
    if (file === filler) return `${file}?${query}`
    if (file === module) {
      const front = filler !== null && withoutQuery(importer ?? '') !== filler
      return front ? `${file}?front&${query}` : `${file}?${query}`
    }
    const targets = filler === null ? [module] : [module, filler]
    return imports.reaches(file, targets) ? `${file}?${query}` : file
  }

  return {
    name: 'stand-in',
    enforce: 'pre',
    configureVitest({ experimental_defineCacheKeyGenerator }) {
      const code = hashOfCode()
      // Which imports of a module go to a variant depends on what those import in turn.
      experimental_defineCacheKeyGenerator(({ id }) => {
        if (/\/chapters\/[^/]+\/index\.md$/.test(id)) return false
        const variant = variantOf(id)
        if (variant === undefined) return null
        const filler = variant.standIn === null ? [] : fillerOf(variant.standIn.file)
        return [code, JSON.stringify(variant), ...filler].join('\n')
      })
    },
    async resolveId(source, importer, options) {
      if (variantOf(source) !== undefined) return absolute(source)
      const variant = variantOf(importer)
      if (variant === undefined) return null
      const found = await this.resolve(source, withoutQuery(importer ?? ''), {
        ...options,
        skipSelf: true,
      })
      if (found === null || variant.module === null || !isOurs(found.id)) return found
      return { ...found, id: place(withoutQuery(found.id), variant, importer) }
    },
    load(id) {
      const variant = variantOf(id)
      if (variant !== undefined && id.includes('?front&')) return frontOf(id, variant)
      const page = /\/chapters\/([^/]+)\/index\.md$/.exec(id)
      if (page === null) return null
      const own = variants.filter(({ folder }) => folder === page[1])
      return suiteOf(own, testFiles(page[1]!))
    },
    transform(code, id) {
      const variant = variantOf(id)
      if (variant === undefined || variant.module === null || id.includes('?front&')) return null
      const file = withoutQuery(id)
      if (file !== resolve(ROOT, variant.module)) return followComputed(code, file, variant)
      const { breakIt, standIn: filler } = variant
      if (breakIt !== null) return { code: mutated(code, breakIt), map: null }
      const slot = slotIn(code, variant.module, filler!.symbol)
      return { code: withSlot(code, slot), map: null }
    },
  }
}

/** It ends like the file, since the language is told by that. */
export const queryOf = ({ id }: Pick<Variant, 'id'>): string => `stand-in=${id}.ts`

/** From a URL of a file, or from Vite's own way to write one below its root. */
const absolute = (source: string): string => {
  const path = source.startsWith('file:') ? fileURLToPath(source) + new URL(source).search : source
  return path.startsWith(ROOT) ? path : `${ROOT}${path.slice(1)}`
}

const isOurs = (id: string): boolean => id.startsWith(ROOT) && !id.includes('/node_modules/')

const withoutQuery = (id: string): string => id.replace(/\?.*$/, '')

const frontOf = (id: string, { standIn: filler, module }: Variant): string => {
  const real = JSON.stringify(id.replace('?front&', '?'))
  const query = id.slice(id.indexOf('?front&') + '?front&'.length)
  const theirs = JSON.stringify(`${resolve(ROOT, filler!.file)}?${query}`)
  return [
    `import * as theirs from ${theirs}`,
    `import { ${SLOT} } from ${real}`,
    `import { putIn } from ${JSON.stringify(PUT_IN)}`,
    `export * from ${real}`,
    `putIn(${SLOT}, theirs, ${JSON.stringify({ ...filler, module })})`,
  ].join('\n')
}

/** `import(file)` with a computed file of ours: it is loaded as part of the variant, too. */
const followComputed = (code: string, file: string, variant: Variant) => {
  if (!/\bimport\(\s*(?!['"\s])/.test(code)) return null
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true)
  const arguments_: ts.Expression[] = []
  const visit = (node: ts.Node): void => {
    const isImport =
      ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    const [argument] = isImport ? node.arguments : []
    if (argument !== undefined && !ts.isStringLiteralLike(argument)) arguments_.push(argument)
    ts.forEachChild(node, visit)
  }
  visit(source)
  const here = JSON.stringify(`file://${dirname(file)}/`)
  const follow =
    `((to) => /^(file:|\\.|\\/).*\\.ts$/.test(to) ? new URL(to, ${here}).href + ` +
    `'?${queryOf(variant)}' : to)`
  let followed = code
  for (const argument of arguments_.toReversed()) {
    const [start, end] = [argument.getStart(source), argument.getEnd()]
    const asked = `${follow}(String(${followed.slice(start, end)}))`
    followed = followed.slice(0, start) + asked + followed.slice(end)
  }
  return { code: followed, map: null }
}
