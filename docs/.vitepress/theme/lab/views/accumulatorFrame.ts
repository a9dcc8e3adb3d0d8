/**
 * Where the parts of the accumulator's stage stand: everything of it that does not move.
 *
 *     wide                                            tall
 *     ┌producer──────────────────────┐                ┌producer──────┐
 *     │send│ deques of broker 1 │slot│══ ⌂ broker 1   │ send         │
 *     │    │ deques of broker 2 │slot│══ ⌂ broker 2   │ deques of 1  │
 *     │ memory                       │                │ deques of 2  │
 *     └──────────────────────────────┘                │ memory       │
 *                                                     │ slot    slot │
 *                                                     └──║───────║───┘
 *                                                        ⌂ 1     ⌂ 2
 *
 * I1  A frame depends on its shape and on how many lanes each broker has: nothing shifts in a run.
 */

import type { Shape } from '../stage/frame.ts'
import { type Box, box } from '../stage/geometry.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface GroupFrame {
  readonly all: Box
  /** One for each partition that the broker leads. */
  readonly lanes: readonly Box[]
  /** Where drained batches become an envelope. */
  readonly slot: Box
  /** The envelope at the broker's door. */
  readonly desk: Box
  /** From here to there the answer comes back. */
  readonly back: readonly [from: Point, to: Point]
  readonly house: Box
  readonly gable: number
  /** The logs in the house, one for each partition. */
  readonly logs: readonly Box[]
}

export interface AccumulatorFrame {
  readonly shape: Shape
  readonly width: number
  readonly height: number
  readonly producer: Box
  /** Where records stand that are in no batch yet. */
  readonly entry: Box
  readonly accumulator: Box
  readonly sender: Box
  readonly memory: Box
  readonly waiters: Box
  readonly groups: readonly GroupFrame[]
}

const TITLE = 24
const HEAD = 30
const LANE = 36
const LABEL = 20
export const ANSWER = { w: 40, h: 26 }
/** Header of an envelope's label, and a row for each partition. */
export const ROW = 21

export const envelopeHeight = (lanes: number): number => Math.max(1, lanes) * ROW + 26

const groupHeight = (lanes: number, pitch: number): number => HEAD + lanes * pitch + 4

const lanesIn = (x: number, y: number, w: number, count: number, pitch: number): Box[] =>
  Array.from({ length: count }, (_, i) => box(x, y + HEAD + i * pitch + LABEL, w, LANE))

const wide = (counts: readonly number[]): AccumulatorFrame => {
  const pitch = LANE + LABEL + 6
  const top = TITLE + 12
  const entry = { x: 14, w: 92 }
  const deck = { x: 118, w: 444 }
  const sender = { x: 574, w: 122 }
  let y = top
  const groups = counts.map((count): GroupFrame => {
    const h = Math.max(groupHeight(count, pitch), 168)
    const all = box(deck.x, y, deck.w, h)
    y += h + 14
    const mid = all.y + (h - 30) / 2 + 8
    const eh = envelopeHeight(count)
    const house = box(838, all.y - 4, 160, h + 6)
    const logPitch = Math.min(46, (h - 52) / count)
    const logs = lanesIn(house.x + 12, house.y + 26, house.w - 24, count, logPitch).map((b) =>
      box(b.x, b.y - 8, b.w, 22),
    )
    const backY = all.y + h - 16
    return {
      all,
      lanes: lanesIn(deck.x + 10, all.y, deck.w - 42, count, pitch),
      slot: box(sender.x + 15, mid - eh / 2, 92, eh),
      desk: box(838 - 98, mid - eh / 2, 92, eh),
      back: [
        { x: 838 - 26, y: backY },
        { x: 706 + 26, y: backY },
      ],
      house,
      gable: 34,
      logs,
    }
  })
  const end = y - 14
  const memory = box(118, end + 32, 578, 26)
  const producer = box(2, TITLE, 704, memory.y + memory.h + 34 - TITLE)
  return {
    shape: 'wide',
    width: 1000,
    height: producer.y + producer.h + 4,
    producer,
    entry: box(entry.x, top, entry.w, end - top),
    accumulator: box(deck.x, top, deck.w, end - top),
    sender: box(sender.x, top, sender.w, end - top),
    memory,
    waiters: box(entry.x, end + 14, entry.w, memory.h + 44),
    groups,
  }
}

const tall = (counts: readonly number[]): AccumulatorFrame => {
  const pitch = LANE + LABEL + 4
  const most = Math.max(...counts)
  const entry = box(10, TITLE + 8, 340, 50)
  let y = entry.y + entry.h + 8
  const tops = counts.map((count) => {
    const at = y
    y += groupHeight(count, pitch) + 8
    return at
  })
  const memory = box(12, y + 26, 336, 26)
  const waiters = box(12, memory.y + memory.h + 26, 336, 34)
  const sender = box(10, waiters.y + waiters.h + 8, 340, envelopeHeight(most) + 62)
  const producer = box(2, TITLE, 356, sender.y + sender.h + 10 - TITLE)
  const deskY = producer.y + producer.h + 46
  const houseY = deskY + envelopeHeight(most) + 8
  const houseH = 66 + most * 42
  const each = 356 / counts.length
  const groups = counts.map((count, i): GroupFrame => {
    const [left, mid] = [2 + i * each, 2 + (i + 0.5) * each - 14]
    const eh = envelopeHeight(count)
    const house = box(left + 2, houseY, each - 4, houseH)
    const backX = left + each - 26
    return {
      all: box(10, tops[i]!, 340, groupHeight(count, pitch)),
      lanes: lanesIn(16, tops[i]!, 322, count, pitch),
      slot: box(mid - 46, sender.y + 32, 92, eh),
      desk: box(mid - 46, deskY + envelopeHeight(most) - eh, 92, eh),
      back: [
        { x: backX, y: houseY - 18 },
        { x: backX, y: producer.y + producer.h + 22 },
      ],
      house,
      gable: 34,
      logs: lanesIn(house.x + 10, house.y + 20, house.w - 20, count, 42).map((b) =>
        box(b.x, b.y - 8, b.w, 22),
      ),
    }
  })
  return {
    shape: 'tall',
    width: 360,
    height: houseY + houseH + 4,
    producer,
    entry,
    accumulator: box(10, tops[0]!, 340, y - 8 - tops[0]!),
    sender,
    memory,
    waiters,
    groups,
  }
}

/** @param counts how many partitions each broker leads */
export const accumulatorFrameOf = (shape: Shape, counts: readonly number[]): AccumulatorFrame =>
  shape === 'wide' ? wide(counts) : tall(counts)
