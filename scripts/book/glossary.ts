/**
 * The words of the book: what each means, and the chapter where it is at home.
 *
 * I1  A term is there once; the list is in alphabetical order.
 * I2  Its home is a chapter of the outline, written or to come.
 */

import { readFileSync } from 'node:fs'
import { ROOT } from './chapters.ts'

export interface Term {
  readonly term: string
  readonly chapter: number
  /** Markdown, one or two sentences. */
  readonly meaning: string
}

export const GLOSSARY_FILE = 'docs/reference/glossary.tsv'

export const glossary = (root: string = ROOT): Term[] => {
  const terms = readFileSync(root + GLOSSARY_FILE, 'utf8')
    .split('\n')
    .flatMap((line, i) => {
      if (line === '' || line.startsWith('#')) return []
      const [term = '', chapter = '', meaning = '', ...more] = line.split('\t')
      if (term === '' || !/^\d+$/.test(chapter) || meaning === '' || more.length > 0) {
        throw new Error(`${GLOSSARY_FILE}:${i + 1}: expected a term, its chapter and its meaning`)
      }
      return [{ term, chapter: Number(chapter), meaning }]
    })
  return terms.sort((a, b) => a.term.localeCompare(b.term, 'en'))
}
