/**
 * What the book has reached, and may not lose again.
 *
 *     told in all       may rise, never fall
 *     finished chapter  its files: all lines shown, and of all of them together 60 % told
 *
 * `literate.ratchet.json` remembers; `npm run update` lifts it. It never lowers it: when source
 * that was told has become shorter, a person writes the smaller number, and says why in the commit.
 */

import { percent, sumOf } from '../../docs/.vitepress/sources/measure.ts'
import { type BookMeasure, type Chapter, type FileRow, rangesOf } from './literateMeasure.ts'

/** Of a finished chapter's files, in percent. */
export const LEAST_TOLD = 60

export interface Ratchet {
  /** Lines that some story prints, in all. */
  readonly told: number
  /** The same by file, so that a failure can say where lines went. */
  readonly files: Readonly<Record<string, number>>
}

export const ratchetOf = ({ files }: Pick<BookMeasure, 'files'>): Ratchet => ({
  told: sumOf(files).told,
  files: Object.fromEntries(files.filter(({ told }) => told > 0).map((f) => [f.path, f.told])),
})

/** What is written: the new numbers, unless they are lower. */
export const lifted = (known: Ratchet, now: Ratchet): Ratchet =>
  now.told < known.told ? known : now

/** What is wrong, one text each, with the file and what to do. Empty: all is well. */
export const complaints = (book: BookMeasure, known: Ratchet): string[] => [
  ...lostLines(book, known),
  ...book.chapters.filter(({ finished }) => finished).flatMap((chapter) => owedBy(chapter, book)),
]

const lostLines = (book: BookMeasure, known: Ratchet): string[] => {
  const now = ratchetOf(book)
  if (now.told >= known.told) return []
  const lost = Object.entries(known.files)
    .filter(([path, told]) => (now.files[path] ?? 0) < told)
    .map(([path, told]) => `  ${path}: ${told} lines told before, ${now.files[path] ?? 0} now`)
  return [
    [
      `The stories print ${now.told} lines of src/; they had reached ${known.told}.`,
      ...lost,
      'Print them again with `::: listing`. If the source itself became shorter, write the new',
      'numbers into scripts/book/literate.ratchet.json and say why in the commit.',
    ].join('\n'),
  ]
}

const owedBy = (chapter: Chapter, book: BookMeasure): string[] => {
  const files = book.files.filter(({ path }) => chapter.files.includes(path))
  const page = `chapters/${chapter.folder}/index.md`
  const hidden = files
    .filter(({ lines, shown }) => shown < lines)
    .map(
      ({ path, lines, shown }) =>
        `${page} is finished, but of ${path} only ${shown} of ${lines} lines are shown: give the ` +
        'file an annotated page (hasSourcePage in docs/.vitepress/markdown/sourceUrl.ts).',
    )
  const { lines, told } = sumOf(files)
  if (100 * told >= LEAST_TOLD * lines) return hidden
  const wanted = Math.ceil((LEAST_TOLD * lines) / 100) - told
  return [
    ...hidden,
    [
      `${page} is finished, but tells ${percent(told, lines)} % of its files; ${LEAST_TOLD} ` +
        '% are ' +
        `wanted, ${wanted} lines more. Not told yet:`,
      ...mostUntold(files).map((file) => `  ${file.path}: ${rangesOf(file.untold)}`),
      'Print them with `::: listing`, or give a file that belongs elsewhere to another chapter.',
    ].join('\n'),
  ]
}

const mostUntold = (files: readonly FileRow[]): FileRow[] =>
  files
    .filter(({ untold }) => untold.length > 0)
    .sort((a, b) => b.untold.length - a.untold.length)
    .slice(0, 5)
