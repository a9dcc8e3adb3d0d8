/**
 * What stands beside a page: the contents of the shelf that the page belongs to.
 *
 * I1  Pages of a shelf follow each other in the order of its contents; previous and next are the
 *     neighbours that have a page.
 */

import { CHAPTERS, chapterUrl, PARTS } from '../book.ts'

export interface Entry {
  readonly text: string
  /** `null`: to come. */
  readonly link: string | null
  /** Set before the text, in the column of numbers. */
  readonly number?: number
}

export interface Shelf {
  readonly title: string
  readonly groups: readonly { readonly title: string; readonly entries: readonly Entry[] }[]
}

export const BOOK: Shelf = {
  title: 'The book',
  groups: PARTS.map((part) => ({
    title: part,
    entries: CHAPTERS.filter((chapter) => chapter.part === part).map((chapter) => ({
      number: chapter.number,
      text: chapter.title,
      link: chapter.written ? chapterUrl(chapter) : null,
    })),
  })),
}

export const DESK: Shelf = {
  title: 'Use it',
  groups: [
    {
      title: 'Use it',
      entries: [
        { text: 'As a client', link: '/use/client' },
        { text: 'Configuring a producer', link: '/use/configuring-a-producer' },
        { text: 'Reading with a group', link: '/use/consuming' },
        { text: 'As a cluster in your tests', link: '/use/embedded-cluster' },
        { text: 'Testing code that sends', link: '/use/testing' },
        { text: 'The command line', link: '/use/command-line' },
      ],
    },
    {
      title: 'Reference',
      entries: [
        { text: 'Configuration', link: '/reference/configuration' },
        { text: 'Metrics', link: '/reference/metrics' },
        { text: 'Errors', link: '/reference/errors' },
        { text: 'The notes, checked', link: '/reference/notes' },
        { text: 'Simplified, refused, absent', link: '/reference/simplified' },
        { text: 'Glossary', link: '/reference/glossary' },
        { text: 'Rosetta table', link: '/reference/rosetta' },
        { text: 'Measured', link: '/benchmarks' },
        { text: 'The version retold', link: '/kafka-version' },
        { text: 'Dependencies', link: '/dependencies' },
        { text: 'The source', link: '/source/' },
        { text: 'API', link: '/api/' },
      ],
    },
  ],
}

/** Is `link` the page at `path`? */
export const isPage = (link: string | null, path: string): boolean =>
  link !== null && tidy(link) === tidy(path)

const tidy = (path: string): string =>
  path.replace(/(index)?(\.html)?$/, '').replace(/(.)\/$/, '$1')

/** The shelf of the page at `path`; `null` for the API, whose contents are made by TypeDoc. */
export const shelfOf = (path: string): Shelf | null => {
  if (path.startsWith('/api/')) return null
  return path.startsWith('/chapters/') ? BOOK : DESK
}

/** The pages before and after the one at `path` on its shelf. */
export const neighbours = (path: string): { before: Entry | null; after: Entry | null } => {
  const pages = (shelfOf(path)?.groups ?? [])
    .flatMap(({ entries }) => entries)
    .filter(({ link }) => link !== null)
  const at = pages.findIndex(({ link }) => isPage(link, path))
  if (at < 0) return { before: null, after: null }
  return { before: pages[at - 1] ?? null, after: pages[at + 1] ?? null }
}
