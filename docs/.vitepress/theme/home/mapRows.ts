/**
 * The rows of the book's map: chapters in reading order, on the way of a record.
 *
 *     your code ─► 1  2  3  4  5  6  7 ─╮     producer
 *     ╭─────────  14 13 12 11 10  9  8 ◄╯
 *     │ ◄──────── 21 20 19 18 17 16 15 ◄╮     consumer, and back to your code
 *     ╰─ wire ──► 22 23 24 25 26 27 28 ─╯     broker
 *                 29 30 31 32                 what all of it stands on
 *
 * A record goes from the producer's last row down to the broker's and from there up to the
 * consumer's. So the rows can stand in reading order and the line still goes the record's way.
 *
 * I1  Every chapter is in exactly one row, and reading the rows from above gives the book's order.
 */

import { CHAPTERS, type Chapter, PARTS } from '../../book.ts'

export interface MapRow {
  readonly id: 'start' | 'producer-out' | 'producer-back' | 'consumer' | 'broker' | 'house'
  /** Of the part that begins in this row. */
  readonly heading: string
  readonly chapters: readonly Chapter[]
}

const ofPart = (index: number): readonly Chapter[] =>
  CHAPTERS.filter(({ part }) => part === PARTS[index])

const half = Math.ceil(ofPart(1).length / 2)

export const MAP_ROWS: readonly MapRow[] = [
  { id: 'start', heading: PARTS[0], chapters: ofPart(0) },
  { id: 'producer-out', heading: PARTS[1], chapters: ofPart(1).slice(0, half) },
  { id: 'producer-back', heading: '', chapters: ofPart(1).slice(half) },
  { id: 'consumer', heading: PARTS[2], chapters: ofPart(2) },
  { id: 'broker', heading: PARTS[3], chapters: ofPart(3) },
  { id: 'house', heading: PARTS[4], chapters: ofPart(4) },
]
