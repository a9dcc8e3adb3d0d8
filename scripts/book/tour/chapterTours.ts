/** Which chapters have a tour, and what it is. */

import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Tour } from '../../../lab/Tour.ts'
import { type BookChapter, bookChapters } from '../chapters.ts'

/** A tour as it is written, and the chapter that it leads through. */
export interface ChapterTour {
  /** `06`. */
  readonly number: string
  /** From the root: `chapters/06-record-accumulator`. */
  readonly dir: string
  readonly tour: Tour
  /** The module whose `demo` is run, absolute. */
  readonly demo: string
}

const tourFile = ({ dir }: BookChapter): string => `${dir}/tour.ts`

/** The chapters that have a tour, in order. */
export const chaptersWithTour = (): BookChapter[] =>
  bookChapters().filter((chapter) => existsSync(tourFile(chapter)))

export const tourOf = async (chapter: BookChapter): Promise<ChapterTour> => {
  const { tour } = (await import(pathToFileURL(tourFile(chapter)).href)) as { tour: Tour }
  return {
    number: chapter.folder.slice(0, 2),
    dir: `chapters/${chapter.folder}`,
    tour,
    demo: `${chapter.dir}/demo.ts`,
  }
}
