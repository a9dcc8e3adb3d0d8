/**
 * How much of the source the book shows, and how much it tells.
 *
 *     lines   those that count (lines.ts)
 *     shown   of them, those that have a home: the annotated page of their file
 *     told    of them, those that some chapter's story prints
 *
 * Every file of `src/` has an annotated page, message definitions and tables too, so there is one
 * rule and no list of exceptions; that a page holds each line of its file once is what the tests of
 * the pages prove.
 */

import { hasSourcePage } from '../markdown/sourceUrl.ts'
import { countedLines, linesOf } from './lines.ts'

export interface FileMeasure {
  /** From the root. */
  readonly path: string
  readonly lines: number
  readonly shown: number
  readonly told: number
}

/** @param told the numbers of the lines of this file that stories print */
export const measureFile = (
  path: string,
  text: string,
  told: ReadonlySet<number> = new Set(),
): FileMeasure => {
  const counted = countedLines(linesOf(text))
  const toldCount = [...counted].filter((line) => told.has(line)).length
  const lines = counted.size
  return { path, lines, shown: hasSourcePage(path) ? lines : 0, told: toldCount }
}

export interface Sum {
  readonly lines: number
  readonly shown: number
  readonly told: number
}

export const sumOf = (files: readonly Sum[]): Sum => ({
  lines: files.reduce((sum, { lines }) => sum + lines, 0),
  shown: files.reduce((sum, { shown }) => sum + shown, 0),
  told: files.reduce((sum, { told }) => sum + told, 0),
})

/** A share in whole percent, rounded down: 100 means all. */
export const percent = (part: number, whole: number): number =>
  whole === 0 ? 100 : Math.floor((100 * part) / whole)
