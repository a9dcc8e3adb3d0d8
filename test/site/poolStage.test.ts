/**
 * The pool's stage without a browser: over all moments of real runs, in both layouts, the cells add
 * up, everything is inside the picture, and nothing covers its like.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import { pool } from '../../chapters/07-the-buffer-pool/lab.ts'
import type { Shape } from '../../docs/.vitepress/theme/lab/stage/frame.ts'
import { type Box, box, overlaps, within } from '../../docs/.vitepress/theme/lab/stage/geometry.ts'
import { type Cell, PoolCells } from '../../docs/.vitepress/theme/lab/views/poolCells.ts'
import { PLACES, poolFrameOf } from '../../docs/.vitepress/theme/lab/views/poolFrame.ts'
import { poolTimeline } from '../../docs/.vitepress/theme/lab/views/poolTimeline.ts'
import {
  passPath,
  poolEnvelopes,
  programPictures,
} from '../../docs/.vitepress/theme/lab/views/poolTokens.ts'
import { Recorder } from '../../lab/Recorder.ts'
import type { Recording } from '../../lab/Recording.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'
import { snapshotAt } from '../../lab/snapshots.ts'

const SHAPES: readonly Shape[] = ['wide', 'tall']
const RUNS = {
  'as it is': {},
  'four cells': { settings: { memory: 4, rate: 400 } },
  'sixteen cells': { settings: { memory: 16, rate: 400, value: 900 } },
  'a burst': { actions: [{ atMs: 70, hand: 'burst', value: null }] },
  'a forced end': {
    actions: [
      { atMs: 62, hand: 'c', value: null },
      { atMs: 90, hand: 'closeNow', value: null },
    ],
  },
} as const

const recordings = new Map<string, Recording>()
beforeAll(async () => {
  for (const [name, options] of Object.entries(RUNS)) {
    recordings.set(name, (await Recorder.start(pool, options)).recording)
  }
})
const since = (recording: Recording) => recording.moments.slice(recording.curtain)
const count = (cells: readonly Cell[], kind: Cell['kind']): number =>
  cells.filter((cell) => cell.kind === kind).length

describe.each(Object.keys(RUNS))('the cells of a run with %s', (name) => {
  test('are of each kind as many as the snapshot says', () => {
    const recording = recordings.get(name)!
    const book = new PoolCells(recording, 'producer')
    for (const { index } of since(recording)) {
      const { bufferPool } = snapshotAt(recording, 'producer', index)!
      const { poolableBytes, unallocatedBytes, inUseBytes, freeBuffers, waiters } = bufferPool
      const reserved = waiters.reduce((sum, { accumulated }) => sum + accumulated, 0)
      const cells = book.at(index)
      expect([
        count(cells, 'used') * poolableBytes,
        count(cells, 'reserved') * poolableBytes,
        count(cells, 'kept'),
        count(cells, 'unallocated') * poolableBytes,
      ]).toEqual([inUseBytes, reserved, freeBuffers, unallocatedBytes])
    }
  })

  test('stay where they are as long as nothing happens to them', () => {
    const recording = recordings.get(name)!
    const book = new PoolCells(recording, 'producer')
    const whereOf = (cells: readonly Cell[]): Map<number, string> => {
      const places = new Map<number, string>()
      for (const [i, { batch }] of cells.entries()) {
        if (batch !== null) places.set(batch, `${places.get(batch) ?? ''} ${i}`)
      }
      return places
    }
    const first = new Map<number, string>()
    for (const { index } of since(recording)) {
      for (const [batch, places] of whereOf(book.at(index))) {
        expect(first.get(batch) ?? places).toBe(places)
        first.set(batch, places)
      }
    }
    expect(first.size).toBeGreaterThan(5)
  })
})

describe.each(Object.keys(RUNS))('the pool’s stage of a run with %s', (name) => {
  test.each(SHAPES)('keeps every envelope in the picture (%s)', (shape) => {
    const recording = recordings.get(name)!
    const scenes = new SceneBuilder(recording.moments)
    const frame = poolFrameOf(shape, 8)
    const all = box(0, 0, frame.width, frame.height)
    for (const { index, atMs } of since(recording)) {
      const envelopes = poolEnvelopes(scenes.peek(index), atMs, frame)
      expect(envelopes.filter((e) => !within(e, all))).toEqual([])
    }
  })

  test('knows of every record where it is', () => {
    const recording = recordings.get(name)!
    const scenes = new SceneBuilder(recording.moments)
    const last = recording.moments.length - 1
    const { waitingSends } = snapshotAt(recording, 'producer', last)!
    for (const p of programPictures(scenes.peek(last), waitingSends, new Set())) {
      expect(p.stored + p.failed + p.waiting.length).toBe(p.sent)
    }
  })
})

describe('the parts of the pool’s stage', () => {
  test.each(SHAPES)('do not cover each other, with 4 to 16 cells (%s)', (shape) => {
    for (const cells of [4, 7, 8, 13, 16]) {
      const frame = poolFrameOf(shape, cells)
      const { producer, memory, line, programs, places, sender, group } = frame
      const inside: [readonly Box[], Box][] = [
        [[memory, line, sender, ...programs], producer],
        [frame.cells, memory],
        [places, line],
        [[group.slot], sender],
        [[producer, group.house], box(0, 0, frame.width, frame.height)],
        [group.logs, group.house],
      ]
      for (const [parts, whole] of inside) {
        for (const [i, part] of parts.entries()) {
          expect(within(part, whole), JSON.stringify([shape, cells, part, whole])).toBe(true)
          for (const other of parts.slice(i + 1)) expect(overlaps(part, other)).toBe(false)
        }
      }
      expect([frame.cells.length, places.length]).toEqual([cells, PLACES])
    }
  })

  test.each(SHAPES)('leave room for the way past the line (%s)', (shape) => {
    const frame = poolFrameOf(shape, 8)
    for (let program = 0; program < PLACES; program++) {
      const { badge } = passPath(frame, program, 3)
      expect(frame.places.some((p) => badge.x > p.x && badge.x < p.x + p.w)).toBe(false)
    }
  })
})

describe('the timeline of the pool', () => {
  test('has a bar for each wait, as long as it was, and a cross for the time-out', () => {
    const lanes = poolTimeline(recordings.get('as it is')!)
    const waits = lanes.map(({ bars, key }) => [
      key,
      bars.map(({ atMs, toMs }) => Math.round(toMs! - atMs)),
    ])
    expect(waits.slice(0, 4)).toEqual([
      ['A', [76, 110]],
      ['B', [106]],
      ['C', [80, 175]],
      ['D', []],
    ])
    expect(lanes.flatMap(({ crosses }) => crosses)).toHaveLength(1)
  })
})
