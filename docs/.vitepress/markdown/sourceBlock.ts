/**
 * The annotated pages of the source.
 *
 *     ::: source src/producer/internals/BufferPool.ts     the page of one file
 *     ::: sources                                         all files
 */

import { folderAnchor, indexHtml } from '../sources/indexHtml.ts'
import { library } from '../sources/library.ts'
import { linesOf } from '../sources/lines.ts'
import { pageHtml } from '../sources/pageHtml.ts'
import { allTold, placesOf, toldOf } from '../sources/stories.ts'
import { type BlockRenderer, html } from './block.ts'
import { escapeHtml } from './highlight.ts'
import { symbols } from './project.ts'

export const sourceBlock: BlockRenderer = (block) => {
  const path = block.info
  block.env.includes?.push(symbols().fileOf(path))
  html(block, `<div class="prose source-page">${titleHtml(path)}`)
  const told = toldOf(path)
  const places = told.length === 0 ? {} : { placeOf: placesOf(path) }
  html(block, pageHtml({ library: library(), path, told, ...places }))
  html(block, '</div>\n')
}

export const sourcesBlock: BlockRenderer = (block) => {
  html(block, `${indexHtml(library(), allTold())}\n`)
}

/** The name of the file as the title of its page. */
export const titleOf = (path: string): string => {
  const [folder = '', name = ''] = path.replace(/\.ts$/, '').split('/').slice(-2)
  return name === 'index' ? `${folder}/index` : name
}

const titleHtml = (path: string): string => {
  const folder = path.slice(0, path.lastIndexOf('/'))
  const count = linesOf(library().text(path)).length
  return (
    '<p class="kicker"><a href="/source/">Source</a><span aria-hidden="true"> · </span>' +
    `<a href="/source/#${folderAnchor(folder)}">${folder}</a></p>` +
    `<h1>${escapeHtml(titleOf(path))}</h1>` +
    `<p class="facts"><SourceLink path="${path}" /> · ${count} lines</p>\n`
  )
}
