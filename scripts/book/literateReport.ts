/**
 * `npm run literate` for people: the chapters that have files, finished or in the making, the
 * totals, and the files that still wait for a finished chapter.
 */

import { percent, type Sum, sumOf } from '../../docs/.vitepress/sources/measure.ts'
import { type BookMeasure, type Chapter, type FileRow, rangesOf } from './literateMeasure.ts'

export interface ReportOptions {
  /** Names each owed file, not only their folders, and the lines that are not told. */
  readonly all: boolean
}

const WIDTH = 64

export const reportOf = (book: BookMeasure, { all }: ReportOptions): string => {
  const finished = book.chapters.filter((chapter) => chapter.finished)
  const home = new Set(finished.flatMap(({ files }) => files))
  const owed = book.files.filter(({ path }) => !home.has(path))
  return [
    row('', 'lines', 'shown', 'told'),
    ...book.chapters
      .filter(({ files }) => files.length > 0)
      .flatMap((chapter) => chapterRows(chapter, book, all)),
    sumRow('all of src/', sumOf(book.files)),
    '',
    ...againRows(book),
    ...owedRows(owed, all),
    '',
  ].join('\n')
}

const chapterRows = (chapter: Chapter, book: BookMeasure, all: boolean): string[] => {
  const files = book.files.filter(({ path }) => chapter.files.includes(path))
  const name = `${String(chapter.number).padStart(2, '0')} ${chapter.title}`
  return [
    sumRow(chapter.finished ? name : `${name} (not finished)`, sumOf(files)),
    ...files.flatMap((file) => [sumRow(`   ${file.path}`, file), ...untoldRow(file, all)]),
    '',
  ]
}

const untoldRow = ({ untold }: FileRow, all: boolean): string[] =>
  all && untold.length > 0 ? [`      not told: ${rangesOf(untold)}`] : []

const againRows = ({ again }: BookMeasure): string[] =>
  again.length === 0
    ? []
    : [
        'Seen before (a second story prints what has its home in another):',
        ...again.map(
          ({ name, home, again: second }) =>
            `   ${name}: at home in ${home.folder}, again in ${second.folder}`,
        ),
        '',
      ]

const owedRows = (owed: readonly FileRow[], all: boolean): string[] => {
  if (owed.length === 0) return ['Every file has its finished chapter.']
  const folderOf = ({ path }: FileRow): string => path.slice(0, path.lastIndexOf('/'))
  const folders = [...new Set(owed.map(folderOf))].sort()
  const rows = folders.flatMap((folder) => {
    const files = owed.filter((file) => folderOf(file) === folder)
    const count = `${files.length} ${files.length === 1 ? 'file' : 'files'}`
    return [
      sumRow(`   ${folder}: ${count}`, sumOf(files)),
      ...(all ? files.map((file) => sumRow(`      ${file.path}`, file)) : []),
    ]
  })
  const hint = all ? '' : ' (each by name: npm run literate -- --all)'
  return [`Owed: ${owed.length} files without a finished chapter${hint}`, ...rows]
}

const sumRow = (name: string, { lines, shown, told }: Sum): string =>
  row(name, String(lines), `${percent(shown, lines)} %`, `${told}  ${percent(told, lines)} %`)

const row = (name: string, lines: string, shown: string, told: string): string =>
  `${name.padEnd(WIDTH)}${lines.padStart(8)}${shown.padStart(8)}${told.padStart(13)}`.trimEnd()
