/**
 * The chapters that are written, as data: what the pages' front matter says, and the page itself.
 *
 * Everything on the Node side that walks over chapters (listings' numbers, tours, exercises, the
 * anatomy check) starts here. The names of the chapters that are still to come stand in
 * `docs/.vitepress/book.ts`.
 *
 * I1  Each chapter has a number of its own, and they come in that order.
 * I2  A file of `src/` has its home in at most one chapter, and exists.
 */

import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { changeMs, OfText } from './files.ts'
import { type FrontMatter, flagIn, listIn, parseFrontMatter, textIn } from './frontMatter.ts'

export interface BookChapter {
  readonly number: number
  /** `06-record-accumulator`. */
  readonly folder: string
  /** Absolute, without a slash at its end. */
  readonly dir: string
  readonly title: string
  /** Declared finished: the anatomy check and the ratchet of the listings apply. */
  readonly finished: boolean
  /** The files of `src/` that have their home here, from the root. */
  readonly files: readonly string[]
  /** All of `index.md`, with its front matter. */
  readonly markdown: string
}

/** The repository's root, absolute, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The folders that have an `index.md`, in order. `root` is for tests.
 *
 * @returns the same array as before while no page has changed
 */
export const bookChapters = (root: string = ROOT): readonly BookChapter[] => {
  const chapters = readdirSync(`${root}chapters`)
    .filter((name) => /^\d\d-/.test(name) && existsSync(`${root}chapters/${name}/index.md`))
    .sort()
    .map((folder) => known.of(`${root}chapters/${folder}/index.md`))
  const before = last.get(root)
  const same = before?.length === chapters.length && chapters.every((one, i) => one === before[i])
  if (same) return before
  refuseDoubles(chapters)
  last.set(root, chapters)
  return chapters
}

// A site's build asks for the chapters on each of its pages.
const known = new OfText((text, file) => chapterIn(text, file), changeMs)
const last = new Map<string, readonly BookChapter[]>()

/** The chapter that a reader means: `6`, `06` or the folder. */
export const chapterNumbered = (text: string, root: string = ROOT): BookChapter | undefined =>
  bookChapters(root).find(({ number, folder }) =>
    /^\d+$/.test(text) ? number === Number(text) : folder === text.replace(/^chapters\/|\/$/g, ''),
  )

/** The page of a chapter without its front matter. */
export const frontMatterOf = (chapter: BookChapter): FrontMatter =>
  parseFrontMatter(chapter.markdown, `chapters/${chapter.folder}/index.md`)

/** @param file its page, absolute */
const chapterIn = (markdown: string, file: string): BookChapter => {
  const [, root = '', folder = ''] = /^(.*)chapters\/([^/]+)\/index\.md$/.exec(file) ?? []
  const page = `chapters/${folder}/index.md`
  const front = parseFrontMatter(markdown, page)
  const title = textIn(front, 'title', page)
  if (title === undefined) throw new Error(`${page}: the front matter has no title`)
  const files = listIn(front, 'files', page)
  for (const file of files) {
    if (!file.startsWith('src/') || !existsSync(`${root}${file}`)) {
      throw new Error(`${page}: there is no ${file} under src/`)
    }
  }
  return {
    number: Number(folder.slice(0, 2)),
    folder,
    dir: `${root}chapters/${folder}`,
    title,
    finished: flagIn(front, 'finished', page),
    files,
    markdown,
  }
}

const refuseDoubles = (chapters: readonly BookChapter[]): void => {
  const numbers = new Map<number, string>()
  const homes = new Map<string, string>()
  for (const { number, folder, files } of chapters) {
    const other = numbers.get(number)
    if (other !== undefined) throw new Error(`chapters/${folder} has the number of ${other}`)
    numbers.set(number, folder)
    for (const file of files) {
      const home = homes.get(file)
      if (home !== undefined) throw new Error(`${file} has two homes: ${home} and ${folder}`)
      homes.set(file, folder)
    }
  }
}
