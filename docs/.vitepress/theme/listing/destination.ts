/** Where a name in a listing leads, in words. */

import { CHAPTERS, chapterUrl } from '../../book.ts'
import { sourcePlace } from '../../markdown/sourceUrl.ts'

/** @param href of a link in a listing */
export const destination = (href: string): string => {
  if (href.startsWith('#')) return `${symbolIn(href)}, on this page`
  const source = sourcePlace(href)
  if (source !== null) return `${source.path}${source.line === null ? '' : `, line ${source.line}`}`
  const chapter = CHAPTERS.find((one) => href.startsWith(chapterUrl(one)))
  return chapter === undefined ? href : `${symbolIn(href)}, in ${chapter.number} ${chapter.title}`
}

const symbolIn = (href: string): string => href.slice(href.indexOf('#')).replace(/^#listing-/, '')
