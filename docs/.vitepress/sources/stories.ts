/** The listings of all chapters, found once for all pages of a build. */

import { type BookChapter, bookChapters } from '../../../scripts/book/chapters.ts'
import { lastChangeMs } from '../../../scripts/book/files.ts'
import { Homes } from '../markdown/homes.ts'
import { symbols } from '../markdown/project.ts'
import { type Told, toldIn } from './told.ts'

let known: {
  readonly chapters: readonly BookChapter[]
  readonly told: readonly Told[]
  readonly paths: readonly string[]
  readonly stamp: string
} | null = null

/** All listings of all chapters; looked up again when a page, or a file it prints, has changed. */
export const allTold = (): readonly Told[] => {
  const chapters = bookChapters()
  if (known?.chapters === chapters && known.stamp === stampOf(known.paths)) return known.told
  // A listing that names nothing fails the chapter that asks for it, and only that page.
  const told = toldIn(chapters, symbols(), () => undefined)
  const paths = [...new Set(told.map(({ path }) => path))]
  known = { chapters, told, paths, stamp: stampOf(paths) }
  return told
}

/** Of them, those that print lines of `path`. */
export const toldOf = (path: string): readonly Told[] =>
  allTold().filter((one) => one.path === path)

const homes = new Homes()

/** Where a story prints a line of `path`: the address of that listing. */
export const placesOf = (path: string): ((line: number) => string | null) => {
  homes.refresh()
  return (line) => homes.homeOf({ path, line, name: '' })?.url ?? null
}

const stampOf = (paths: readonly string[]): string =>
  paths.map((path) => lastChangeMs(symbols().fileOf(path))).join()
