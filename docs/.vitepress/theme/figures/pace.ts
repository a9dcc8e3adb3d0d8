/**
 * How fast a small figure is played: which lines of its story are marks, and how much of the
 * reader's time lies between two of them.
 *
 *     marks     │       │ │ │                    │
 *     virtual   0      20 20 20                  40 ms
 *     played    0     0.8 1.2 1.6                2.4 s      stretched, and no mark without its beat
 *
 * With a beat of 0 the clock runs evenly, which shows a rhythm. With a beat, things that happen at
 * once are seen one after the other, which shows an order.
 */

import type { StoryLine } from '../../../../lab/story.ts'

export interface Pace {
  /** What the figure is about; everything else happens in between. */
  readonly marks: (line: StoryLine) => boolean
  /** The reader's milliseconds for one virtual one. */
  readonly stretch: number
  /** The reader's milliseconds between two marks, at least. */
  readonly beatMs: number
  /** Where the figure stands before it is played, in virtual milliseconds. */
  readonly startAtMs?: number
}

export interface Mark {
  readonly atMs: number
  /** Index into the story. */
  readonly position: number
  /** The reader's milliseconds after the start. */
  readonly playedMs: number
}

export const marksOf = (story: readonly StoryLine[], pace: Pace): Mark[] => {
  const { startAtMs = 0, stretch, beatMs } = pace
  const first = story.findLastIndex((line) => line.atMs <= startAtMs && pace.marks(line))
  const marks: Mark[] = [{ atMs: startAtMs, position: first, playedMs: 0 }]
  for (const [position, line] of story.entries()) {
    if (position <= first || line.atMs < startAtMs || !pace.marks(line)) continue
    const before = marks.at(-1)!
    const playedMs = before.playedMs + Math.max(beatMs, (line.atMs - before.atMs) * stretch)
    marks.push({ atMs: line.atMs, position, playedMs })
  }
  return marks
}

/** The last mark that is reached after `playedMs`. */
export const markAt = (marks: readonly Mark[], playedMs: number): number =>
  Math.max(
    0,
    marks.findLastIndex((mark) => mark.playedMs <= playedMs),
  )

/** The virtual clock after `playedMs`. */
export const clockAt = (marks: readonly Mark[], playedMs: number): number => {
  const i = markAt(marks, playedMs)
  const [here, next] = [marks[i], marks[i + 1]]
  if (here === undefined) return 0
  if (next === undefined) return here.atMs
  const part = (playedMs - here.playedMs) / Math.max(1, next.playedMs - here.playedMs)
  return here.atMs + (next.atMs - here.atMs) * Math.min(1, Math.max(0, part))
}

/** How long a figure has been played when its clock shows `atMs`. */
export const playedAt = (marks: readonly Mark[], atMs: number): number =>
  marks[
    Math.max(
      0,
      marks.findLastIndex((mark) => mark.atMs <= atMs),
    )
  ]?.playedMs ?? 0
