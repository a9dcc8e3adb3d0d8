/** The listings of all chapters, found once for all pages of a build. */

import { statSync } from 'node:fs'
import { bookChapters } from '../../../scripts/book/chapters.ts'
import { Homes } from '../markdown/homes.ts'
import { symbols } from '../markdown/project.ts'
import { type Told, toldIn } from './told.ts'

let known: { readonly text: string; readonly told: readonly Told[]; readonly of: string } | null =
  null

/** All listings of all chapters; looked up again when a page, or a file it prints, has changed. */
export const allTold = (): readonly Told[] => {
  const chapters = bookChapters()
  const text = chapters.map(({ folder, markdown }) => `${folder}\n${markdown}`).join('\n')
  if (known?.text === text && known.of === stampOf(known.told)) return known.told
  // A listing that names nothing fails the chapter that asks for it, and only that page.
  const told = toldIn(chapters, symbols(), () => undefined)
  known = { text, told, of: stampOf(told) }
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

const stampOf = (told: readonly Told[]): string =>
  [...new Set(told.map(({ path }) => path))]
    .map((path) => statSync(symbols().fileOf(path)).mtimeMs)
    .join()
