/**
 * The lines of the story, with `{batch|its batch}` where a sign goes.
 */

import { NOUNS, type Noun } from '../vocabulary.ts'

export interface Piece {
  readonly text: string
  readonly noun: Noun | null
}

const MARK = /\{(\w+)(?:\|([^{}]*))?\}/g

const nounOf = (word: string): Noun | null => NOUNS.find((noun) => noun === word) ?? null

export const piecesOf = (text: string): Piece[] => {
  const pieces: Piece[] = []
  let from = 0
  for (const match of text.matchAll(MARK)) {
    const noun = nounOf(match[1]!)
    if (noun === null) continue
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), noun: null })
    pieces.push({ text: match[2] ?? noun, noun })
    from = match.index + match[0].length
  }
  if (from < text.length) pieces.push({ text: text.slice(from), noun: null })
  return pieces
}

export const plainText = (text: string): string =>
  piecesOf(text)
    .map((piece) => piece.text)
    .join('')
