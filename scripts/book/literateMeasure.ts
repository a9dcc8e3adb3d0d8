/**
 * The numbers of the whole book: of each file of `src/`, how many lines count, are shown and are
 * told, and which are not.
 *
 * I1  Every file of `src/` is in exactly one row, also those that no chapter has taken yet.
 */

import { symbols } from '../../docs/.vitepress/markdown/project.ts'
import { library } from '../../docs/.vitepress/sources/library.ts'
import { countedLines, linesOf } from '../../docs/.vitepress/sources/lines.ts'
import { type FileMeasure, measureFile } from '../../docs/.vitepress/sources/measure.ts'
import {
  type SeenBefore,
  type Story,
  seenBefore,
  toldIn,
  toldLines,
} from '../../docs/.vitepress/sources/told.ts'
import { bookChapters } from './chapters.ts'

export interface Chapter extends Story {
  readonly finished: boolean
}

export interface FileRow extends FileMeasure {
  /** The lines that count and that no story prints, ascending. */
  readonly untold: readonly number[]
}

export interface BookMeasure {
  readonly chapters: readonly Chapter[]
  readonly files: readonly FileRow[]
  /** What a story prints although it has its home in another one. */
  readonly again: readonly SeenBefore[]
}

/** @throws when a page asks for a listing that names nothing */
export const measureBook = (): BookMeasure => {
  const chapters = bookChapters()
  const told = toldIn(chapters, symbols())
  const lines = toldLines(told)
  const files = library()
    .paths()
    .map((path) => rowOf(path, library().text(path), lines.get(path)))
  return { chapters, files, again: seenBefore(told) }
}

export const rowOf = (
  path: string,
  text: string,
  told: ReadonlySet<number> = new Set(),
): FileRow => ({
  ...measureFile(path, text, told),
  untold: [...countedLines(linesOf(text))].filter((line) => !told.has(line)),
})

/** `12–14, 20`: the gaps that only lines without weight fill are closed. */
export const rangesOf = (lines: readonly number[], apart = 3): string => {
  const ranges: [number, number][] = []
  for (const line of lines) {
    const last = ranges.at(-1)
    if (last !== undefined && line - last[1] < apart) last[1] = line
    else ranges.push([line, line])
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ')
}
