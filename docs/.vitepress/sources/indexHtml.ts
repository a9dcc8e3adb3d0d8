/** The page `/source/`: all files by folder, what each is for, and how much of it is told. */

import { escapeHtml } from '../markdown/highlight.ts'
import { sourceUrl } from '../markdown/sourceUrl.ts'
import { blocksOf, commentHtml, firstSentence } from './comment.ts'
import type { Library } from './library.ts'
import { type FileMeasure, measureFile, percent, sumOf } from './measure.ts'
import { type Told, toldLines } from './told.ts'

export const indexHtml = (library: Library, told: readonly Told[]): string => {
  const lines = toldLines(told)
  const files = library
    .paths()
    .map((path) => measureFile(path, library.text(path), lines.get(path)))
  const names = [...new Set(files.map(({ path }) => folderOf(path)))].sort()
  return [
    totalHtml(files),
    `<nav class="folders" aria-label="Folders">${names.map(folderLink).join('')}</nav>`,
    ...names.map((name) => {
      const inside = files.filter(({ path }) => folderOf(path) === name)
      return folderHtml(name, inside, library)
    }),
  ].join('\n')
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

export const folderAnchor = (folder: string): string => folder.replaceAll('/', '-')

const folderLink = (folder: string): string =>
  `<a href="#${folderAnchor(folder)}">${folder.replace(/^src\/?/, '') || 'src'}</a> `

const totalHtml = (files: readonly FileMeasure[]): string => {
  const { lines, shown, told } = sumOf(files)
  return (
    `<p class="facts">${files.length} files, ${grouped(lines)} lines besides imports and ` +
    'brackets: ' +
    `${percent(shown, lines)} % shown here, ${grouped(told)} told in a chapter so far.</p>`
  )
}

const grouped = (number: number): string => number.toLocaleString('en')

const folderHtml = (folder: string, files: readonly FileMeasure[], library: Library): string => {
  const rows = files.map((file) => fileHtml(file, library)).join('')
  const { lines, shown, told } = sumOf(files)
  const counts = `${grouped(shown)} of ${grouped(lines)} lines shown, ${grouped(told)} told`
  return (
    `<section class="folder"><h2 id="${folderAnchor(folder)}"><code>${folder}</code></h2>` +
    `<p class="counts">${counts}</p><ul class="files">${rows}</ul></section>`
  )
}

const fileHtml = ({ path, lines, told }: FileMeasure, library: Library): string => {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.ts$/, '')
  const counts = told === 0 ? `${lines}` : `${lines} · ${percent(told, lines)} % told`
  return (
    `<li><a href="${sourceUrl(path)}"><code>${escapeHtml(name)}</code></a>` +
    `<span class="purpose">${purposeHtml(path, library)}</span>` +
    `<span class="count">${counts}</span></li>`
  )
}

/** The purpose with its code set as code; without anchors, which belong to the file's own page. */
const purposeHtml = (path: string, library: Library): string => {
  const text = firstSentence(blocksOf(library.sheet(path).head))
  return commentHtml([{ number: 0, text: `// ${text}` }], () => null)
    .replaceAll('<a id="L0"></a>', '')
    .replace(/^<p>|<\/p>$/g, '')
}
