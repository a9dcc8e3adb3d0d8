/**
 * Where the book prints what: the listings of all chapters' stories, in the order in which they are
 * read.
 *
 * A symbol has one home: the chapter that owns its file if its story prints the symbol, else the
 * first chapter that does. Whoever prints it again says where it was seen before.
 *
 * I1  `id` is the anchor that the page gives the listing: both come from `ListingIds`.
 */

import { type BookChapter, bookChapters } from '../../../scripts/book/chapters.ts'
import { lastChangeMs } from '../../../scripts/book/files.ts'
import type { Target } from './hover/names.ts'
import { parseListing, symbolOf } from './listing.ts'
import { joins, ListingIds } from './listingFigures.ts'
import { symbols } from './project.ts'
import type { Found } from './symbols.ts'

/** One figure in a story. */
export interface Shown {
  readonly chapter: BookChapter
  /** Of the page, with the anchor. */
  readonly url: string
  readonly id: string
  /** As a listing names it, without its file. */
  readonly name: string
  readonly found: Found
}

export class Homes {
  private shown: readonly Shown[] = []
  private chapters: readonly BookChapter[] = []
  /** The files that the listings are of, and when they were changed. */
  private paths: readonly string[] = []
  private stamp = ''

  /** Looks at the pages and the files anew. */
  refresh(): this {
    const chapters = bookChapters()
    if (chapters === this.chapters && stampOf(this.paths) === this.stamp) return this
    this.chapters = chapters
    this.shown = chapters.flatMap(figuresOf)
    this.paths = [...new Set(this.shown.map(({ found }) => found.path))]
    this.stamp = stampOf(this.paths)
    return this
  }

  /** The story's listing that a link to the symbol leads to; `null`: no story prints it. */
  homeOf({ path, line, name }: Target): Shown | null {
    const inFile = this.shown.filter(({ found }) => found.path === path)
    const owned = inFile.filter(({ chapter }) => chapter.files.includes(path))
    for (const some of [owned, inFile]) {
      const home =
        some.find(({ found }) => hasLine(found, line)) ?? some.find((one) => one.name === name)
      if (home !== undefined) return home
    }
    return null
  }

  /** The first listing of an earlier chapter that shows the same symbol, or lines of it. */
  before(chapter: number, name: string, found: Found): Shown | null {
    return (
      this.shown.find(
        (one) =>
          one.chapter.number < chapter &&
          one.found.path === found.path &&
          (one.name === name || overlap(one.found, found)),
      ) ?? null
    )
  }
}

const stampOf = (paths: readonly string[]): string =>
  paths.map((path) => lastChangeMs(symbols().fileOf(path))).join(' ')

const figuresOf = (chapter: BookChapter): Shown[] => {
  const ids = new ListingIds()
  const figures: Shown[] = []
  let lastClose = Number.NaN
  let last: Found | null = null
  for (const { text, open, close } of listingsIn(chapter.markdown)) {
    const found = foundOrNull(text)
    if (found === null) continue
    const name = text.split(/\s/)[0] ?? ''
    const figure = figures.at(-1)
    const next = open === lastClose && figure?.name === symbolOf(name)
    lastClose = close
    if (next && last !== null && joins(last, found)) {
      const merged = { ...found, parts: [...figure.found.parts, ...found.parts] }
      figures[figures.length - 1] = { ...figure, found: merged }
    } else {
      const id = ids.next(name)
      const url = `/chapters/${chapter.folder}/#${id}`
      figures.push({ chapter, url, id, name: symbolOf(name), found })
    }
    last = found
  }
  return figures
}

/** A page whose listing means nothing fails by itself, when it is rendered. */
const foundOrNull = (text: string): Found | null => {
  try {
    return symbols().listing(parseListing(text, ''), '')
  } catch {
    return null
  }
}

interface Fenced {
  readonly text: string
  /** How many lines with text stand before it, and before what follows it. */
  readonly open: number
  readonly close: number
}

const listingsIn = (markdown: string): Fenced[] => {
  const lines = markdown.split('\n').filter((line) => line.trim() !== '')
  const found: Fenced[] = []
  let code: string | null = null
  lines.forEach((line, open) => {
    const fence = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? null
    if (fence !== null) code = code === null ? fence : line.trim() === code ? null : code
    if (code !== null) return
    const [, colons = '', text] = /^\s*(:{3,})\s*listing\s+(.+?)\s*$/.exec(line) ?? []
    if (text === undefined) return
    const end = lines.findIndex((one, at) => at > open && one.trim() === colons)
    found.push({ text, open, close: end < 0 ? lines.length : end + 1 })
  })
  return found
}

const hasLine = ({ parts }: Found, line: number): boolean =>
  parts.some(({ firstLine, lines }) => firstLine <= line && line < firstLine + lines.length)

const overlap = (one: Found, other: Found): boolean =>
  one.parts.some(({ firstLine, lines }) =>
    lines.some((line, at) => /\w/.test(line) && hasLine(other, firstLine + at)),
  )
