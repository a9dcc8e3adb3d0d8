/**
 * A sentence of the story in pieces: words, and nouns that are shown with their sign.
 *
 *     'It waits in {batch|its batch}.'  ─►  'It waits in ', { noun: batch, 'its batch' }, '.'
 */

import { NOUNS, type Noun } from '../vocabulary.ts'

export interface Piece {
  readonly text: string
  readonly noun: Noun | null
}

const MARK = new RegExp(`\\{(${NOUNS.join('|')})(?:\\|([^}]*))?\\}`, 'g')

export const piecesOf = (sentence: string): Piece[] => {
  const pieces: Piece[] = []
  let end = 0
  for (const mark of sentence.matchAll(MARK)) {
    if (mark.index > end) pieces.push({ text: sentence.slice(end, mark.index), noun: null })
    pieces.push({ text: mark[2] ?? mark[1]!, noun: mark[1] as Noun })
    end = mark.index + mark[0].length
  }
  if (end < sentence.length) pieces.push({ text: sentence.slice(end), noun: null })
  return pieces
}
