/**
 * Runs variants, or remembers how they ran when nothing that counts has changed since.
 *
 * I1  What is computed is computed in one go: one process for all chapters.
 */

import { hashOf, keepResult, keptResult } from '../cache.ts'
import { hashOfCode } from './hashOfCode.ts'
import { type Outcome, tryOut } from './tryOut.ts'
import type { Variant } from './Variant.ts'

const AREA = 'variants'

/** How the variants ran, in their order. */
export const outcomesOf = async (
  variants: readonly Variant[],
  maxWorkers = 2,
): Promise<readonly Outcome[]> => {
  const keys = keysOf(variants)
  const known = variants.map((_, at) => keptResult<Outcome>(AREA, keys[at]!)?.result ?? null)
  const unknown = variants.filter((_, at) => known[at] === null)
  const computed = await tryOut(unknown, { maxWorkers })
  return variants.map((variant, at) => {
    const outcome = known[at] ?? computed[unknown.indexOf(variant)]!
    if (known[at] === null) keepResult(AREA, keys[at]!, outcome)
    return outcome
  })
}

const keysOf = (variants: readonly Variant[]): readonly string[] => {
  const common = hashOfCode()
  const folders = new Map<string, string>()
  return variants.map((variant) => {
    const { folder } = variant
    if (!folders.has(folder)) folders.set(folder, hashOf(chapterOf(folder)))
    return hashOf({
      files: variant.standIn === null ? [] : [variant.standIn.file],
      texts: [common, folders.get(folder)!, JSON.stringify(variant, withPatterns)],
    })
  })
}

/**
 * Of a chapter what its tests can see: not the page, and the exercises only where they stand in.
 */
const chapterOf = (folder: string) => ({
  folders: [`chapters/${folder}`],
  leaveOut: /\/(index\.md|break-it\.(ts|json)|tour\.json)$|\/(exercises|diagrams)\//,
})

const withPatterns = (_: string, value: unknown): unknown =>
  value instanceof RegExp ? String(value) : value
