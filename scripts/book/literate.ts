/**
 * `npm run literate`: how much of the source the book shows and tells.
 *
 *     npm run literate                 finished chapters by file, totals, what is owed by folder
 *     npm run literate -- --all        each owed file too, and the lines that are not told
 *     npm run literate -- --json       {lines, shown, told, files: [{path, lines, shown, told}]}
 *
 * What counts as a line stands in docs/.vitepress/sources/lines.ts, what shown and told mean in
 * measure.ts beside it.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sumOf } from '../../docs/.vitepress/sources/measure.ts'
import { ROOT } from './chapters.ts'
import type { Generated } from './Generated.ts'
import { type BookMeasure, measureBook } from './literateMeasure.ts'
import { lifted, type Ratchet, ratchetOf } from './literateRatchet.ts'
import { reportOf } from './literateReport.ts'

const RATCHET = 'scripts/book/literate.ratchet.json'

export const readRatchet = (): Ratchet => JSON.parse(readFileSync(`${ROOT}${RATCHET}`, 'utf8'))

/** Lifts the ratchet to what is told now; never lowers it. */
export const literateGenerated: Generated = {
  name: 'Ratchet of the told lines',
  files: async () => {
    const ratchet = lifted(readRatchet(), ratchetOf(measureBook()))
    return new Map([[RATCHET, `${JSON.stringify(ratchet, null, 2)}\n`]])
  },
}

export const jsonOf = ({ files }: Pick<BookMeasure, 'files'>): string => {
  const rows = files.map(({ path, lines, shown, told }) => ({ path, lines, shown, told }))
  return JSON.stringify({ ...sumOf(rows), files: rows }, null, 2)
}

const main = (): void => {
  const options = { all: { type: 'boolean' }, json: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  const book = measureBook()
  console.log(values.json ? jsonOf(book) : reportOf(book, { all: values.all === true }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main()
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
