/**
 * Where the parts of the pool's stage stand: everything of it that does not move.
 *
 *     wide                                          tall
 *     ┌producer──────────────────────────┐          ┌producer──┐
 *     │ memory: cells                    │          │ memory   │
 *     │ the line     1   2   3   4 │send │══ ⌂      │ the line │
 *     │ programs     A   B   C   D │ er  │          │ programs │
 *     └──────────────────────────────────┘          └────║─────┘
 *                                                        ⌂
 *
 * Sends go upwards: from a program, through the line or past it, to the memory.
 *
 * I1  A frame depends on its shape and on the number of cells alone: nothing shifts in a run.
 */

import type { Shape } from '../stage/frame.ts'
import { type Box, box } from '../stage/geometry.ts'
import type { GroupFrame } from './accumulatorFrame.ts'

export interface PoolFrame {
  readonly shape: Shape
  readonly width: number
  readonly height: number
  readonly producer: Box
  readonly memory: Box
  readonly cells: readonly Box[]
  readonly line: Box
  /** The places in line, the first first; no more than there are programs. */
  readonly places: readonly Box[]
  readonly programs: readonly Box[]
  readonly sender: Box
  readonly group: GroupFrame
}

/** Programs, and so places in line: of one topic only one waits there. */
export const PLACES = 4
const TITLE = 24

const inRow = (x: number, y: number, w: number, h: number, count: number, gap: number): Box[] => {
  const each = (w - gap * (count - 1)) / count
  return Array.from({ length: count }, (_, i) => box(x + i * (each + gap), y, each, h))
}

const wide = (count: number): PoolFrame => {
  const memory = box(18, TITLE + 42, 672, 70)
  const line = box(18, memory.y + memory.h + 58, 536, 72)
  const programs = box(18, line.y + line.h + 44, 536, 84)
  const producer = box(2, TITLE, 704, programs.y + programs.h + 16 - TITLE)
  const sender = box(570, line.y - 22, 120, programs.y + programs.h - line.y + 22)
  const middle = sender.y + sender.h / 2 - 6
  const house = box(838, sender.y - 28, 160, sender.h + 34)
  return {
    shape: 'wide',
    width: 1000,
    height: producer.y + producer.h + 4,
    producer,
    memory,
    cells: inRow(memory.x, memory.y, memory.w, memory.h, count, 0),
    line,
    places: inRow(line.x, line.y, line.w, line.h, PLACES, 10),
    programs: inRow(programs.x, programs.y, programs.w, programs.h, PLACES, 10),
    sender,
    group: {
      all: sender,
      lanes: [],
      slot: box(sender.x + 14, middle - 30, 92, 60),
      desk: box(house.x - 98, middle - 30, 92, 60),
      back: [
        { x: house.x - 26, y: sender.y + sender.h - 20 },
        { x: producer.x + producer.w + 26, y: sender.y + sender.h - 20 },
      ],
      house,
      gable: 34,
      logs: inColumn(house, PLACES, 46),
    },
  }
}

const inColumn = (house: Box, count: number, pitch: number): Box[] =>
  Array.from({ length: count }, (_, i) =>
    box(house.x + 12, house.y + 56 + i * pitch, house.w - 24, 22),
  )

const CELL_H = 54

const tall = (count: number): PoolFrame => {
  const rows = Math.ceil(count / 4)
  const memory = box(14, TITLE + 34, 332, rows * (CELL_H + 4) - 4)
  const line = box(14, memory.y + memory.h + 76, 332, PLACES * 50 - 6)
  const programs = box(14, line.y + line.h + 40, 332, 2 * 84 + 8)
  const sender = box(14, programs.y + programs.h + 12, 332, 104)
  const producer = box(2, TITLE, 356, sender.y + sender.h + 12 - TITLE)
  const house = box(70, producer.y + producer.h + 128, 220, 256)
  const half = (332 - 8) / 2
  return {
    shape: 'tall',
    width: 360,
    height: house.y + house.h + 4,
    producer,
    memory,
    cells: Array.from({ length: count }, (_, i) => {
      const [column, row] = [i % 4, Math.floor(i / 4)]
      return box(memory.x + column * 83, memory.y + row * (CELL_H + 4), 83, CELL_H)
    }),
    line,
    places: Array.from({ length: PLACES }, (_, i) => box(line.x, line.y + i * 50, line.w, 44)),
    programs: Array.from({ length: PLACES }, (_, i) =>
      box(programs.x + (i % 2) * (half + 8), programs.y + Math.floor(i / 2) * (84 + 8), half, 84),
    ),
    sender,
    group: {
      all: sender,
      lanes: [],
      slot: box(180 - 46, sender.y + 30, 92, 60),
      desk: box(180 - 46, house.y - 68, 92, 60),
      back: [
        { x: 262, y: house.y - 14 },
        { x: 262, y: producer.y + producer.h + 24 },
      ],
      house,
      gable: 34,
      logs: inColumn(house, PLACES, 46),
    },
  }
}

export const poolFrameOf = (shape: Shape, cells: number): PoolFrame =>
  shape === 'wide' ? wide(cells) : tall(cells)
