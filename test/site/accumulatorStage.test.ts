/**
 * The accumulator's stage and its views, without a browser: over all moments of real runs, in both
 * layouts, everything has one place, inside the picture, and what the views say adds up.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import { RETRY_BACKOFF_MS } from '../../chapters/06-record-accumulator/controls.ts'
import { accumulator } from '../../chapters/06-record-accumulator/lab.ts'
import type { Shape } from '../../docs/.vitepress/theme/lab/stage/frame.ts'
import { type Box, box, overlaps, within } from '../../docs/.vitepress/theme/lab/stage/geometry.ts'
import {
  type AccumulatorFrame,
  accumulatorFrameOf,
} from '../../docs/.vitepress/theme/lab/views/accumulatorFrame.ts'
import { accumulatorTokensOf } from '../../docs/.vitepress/theme/lab/views/accumulatorTokens.ts'
import { memoryPiecesOf } from '../../docs/.vitepress/theme/lab/views/memory.ts'
import {
  castOutline,
  type Picture,
  pictureOf,
} from '../../docs/.vitepress/theme/lab/views/picture.ts'
import {
  producerTimeline,
  timelineEndMs,
  timelineSteps,
} from '../../docs/.vitepress/theme/lab/views/timeline.ts'
import { Recorder } from '../../lab/Recorder.ts'
import type { Recording } from '../../lab/Recording.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'

const SHAPES: readonly Shape[] = ['wide', 'tall']
const SETTINGS = { lingerMs: 40, retryBackoffMs: RETRY_BACKOFF_MS, batchSize: 600, memory: 9000 }

const RUNS = {
  'as it is': {},
  'little memory': { settings: { memory: 1800, rate: 500 } },
  'eight partitions': { settings: { partitions: '4', spread: 'sticky', rate: 600 } },
  'small batches': { settings: { batchSize: 200, rate: 600, inFlight: '1', value: 20 } },
  'a broker away': { actions: [{ atMs: 60, hand: 'away', value: true }] },
  'a lost packet': { actions: [{ atMs: 40, hand: 'lose', value: null }] },
} as const

interface Shown {
  readonly recording: Recording
  readonly pictures: Picture[]
}

const shown = new Map<string, Shown>()

beforeAll(async () => {
  for (const [name, options] of Object.entries(RUNS)) {
    const { recording } = await Recorder.start(accumulator, options)
    const scenes = new SceneBuilder(recording.moments)
    const pictures: Picture[] = []
    for (const { index, atMs } of recording.moments.slice(recording.curtain)) {
      // A sample, half-way to the next: a prime, so that it falls on every kind of moment.
      if (index % 11 !== 0) continue
      const nextMs = recording.moments[index + 1]?.atMs ?? atMs
      const clockMs = (atMs + nextMs) / 2
      const scene = scenes.at(index)
      pictures.push(pictureOf(recording, scene, clockMs, SETTINGS, castOutline(2, 30)))
    }
    shown.set(name, { recording, pictures })
  }
})

const frameFor = (picture: Picture, shape: Shape): AccumulatorFrame =>
  accumulatorFrameOf(
    shape,
    picture.brokers.map(({ lanes }) => lanes.length),
  )

const covering = (boxes: readonly (Box & { readonly key: string })[]): string[] =>
  boxes.flatMap((a, i) =>
    boxes.slice(i + 1).flatMap((b) => (overlaps(a, b) ? [`${a.key} and ${b.key}`] : [])),
  )

describe.each(Object.keys(RUNS))('the accumulator’s stage of a run with %s', (name) => {
  test.each(SHAPES)('keeps everything in the picture, each in one place (%s)', (shape) => {
    for (const picture of shown.get(name)!.pictures) {
      const frame = frameFor(picture, shape)
      const all = box(0, 0, frame.width, frame.height)
      const { batches, records, envelopes } = accumulatorTokensOf(picture, frame)
      const tokens = [...batches, ...records, ...envelopes]
      expect(new Set(tokens.map(({ key }) => key)).size).toBe(tokens.length)
      const outside = tokens.filter((token) => !within(token, all))
      expect(outside, `at ${picture.clockMs} ms`).toEqual([])
    }
  })

  test.each(SHAPES)('lets nothing in a deque cover its like (%s)', (shape) => {
    for (const picture of shown.get(name)!.pictures) {
      const frame = frameFor(picture, shape)
      const { batches, records } = accumulatorTokensOf(picture, frame)
      const queued = batches.filter(({ small }) => !small)
      expect(covering(queued), `at ${picture.clockMs} ms`).toEqual([])
      const inDeques = records.filter((r) => queued.some((b) => within(r, b)))
      expect(covering(inDeques), `at ${picture.clockMs} ms`).toEqual([])
      for (const batch of queued) {
        const lanes = frame.groups.flatMap((group) => group.lanes)
        expect(lanes.some((lane) => within(batch, lane))).toBe(true)
      }
    }
  })

  test('shows every batch without outcome, or says how many are folded', () => {
    for (const picture of shown.get(name)!.pictures) {
      const { batches, more } = accumulatorTokensOf(picture, frameFor(picture, 'wide'))
      const folded = more
        .filter(({ key }) => key !== 'entry')
        .reduce((sum, { count }) => sum + count, 0)
      expect(batches.length + folded).toBe(picture.batches.size)
    }
  })

  test('draws the memory as one whole', () => {
    for (const { snapshot, batches } of shown.get(name)!.pictures) {
      const holders = [...batches.values()].map(({ number, limitBytes }) => ({
        name: String(number),
        bytes: limitBytes,
      }))
      const pieces = memoryPiecesOf(snapshot.bufferPool, holders)
      const total = pieces.reduce((sum, { bytes }) => sum + bytes, 0)
      expect(total).toBe(snapshot.bufferPool.totalBytes)
      for (const [i, piece] of pieces.entries()) {
        const before = pieces[i - 1]
        expect(piece.from).toBeCloseTo(before === undefined ? 0 : before.from + before.share, 9)
      }
    }
  })
})

describe('the states of lanes', () => {
  const kinds = (name: string): Set<string> =>
    new Set(
      shown
        .get(name)!
        .pictures.flatMap(({ brokers }) =>
          brokers.flatMap((b) => b.lanes.map((l) => l.state.kind)),
        ),
    )

  test('are all seen: waiting, ready, backing off', () => {
    expect(kinds('as it is')).toEqual(new Set(['empty', 'lingers', 'ready', 'backsOff']))
  })

  test('a lane is muted only where one request may be in flight', () => {
    expect(kinds('small batches')).toContain('muted')
  })
})

describe('the parts of the accumulator’s stage', () => {
  test.each(SHAPES)('do not cover each other, with 2 to 4 partitions of a topic (%s)', (shape) => {
    for (const counts of [
      [2, 2],
      [4, 2],
      [4, 4],
    ]) {
      const frame = accumulatorFrameOf(shape, counts)
      const { producer, entry, accumulator: deck, sender, memory, groups } = frame
      const inside: [readonly Box[], Box][] = [
        [[entry, deck, sender, memory], producer],
        [groups.map(({ all }) => all), deck],
        [groups.map(({ slot }) => slot), sender],
        [[producer, ...groups.map(({ house }) => house)], box(0, 0, frame.width, frame.height)],
        ...groups.map(({ lanes, all }): [readonly Box[], Box] => [lanes, all]),
        ...groups.map(({ logs, house }): [readonly Box[], Box] => [logs, house]),
      ]
      for (const [parts, whole] of inside) {
        for (const [i, part] of parts.entries()) {
          expect(within(part, whole), JSON.stringify([shape, counts, part, whole])).toBe(true)
          for (const other of parts.slice(i + 1)) expect(overlaps(part, other)).toBe(false)
        }
      }
    }
  })
})

describe('the timeline', () => {
  test('has a bar for each Produce request, as long as it was out', () => {
    const { recording } = shown.get('as it is')!
    const lanes = producerTimeline(recording, [{ id: 1 }, { id: 2 }])
    const [near, far] = lanes.slice(-2).map(({ bars }) => bars)
    expect(near!.length).toBeGreaterThan(2)
    expect(near!.map(({ atMs, toMs }) => Math.round(toMs! - atMs))).toEqual(near!.map(() => 10))
    expect(far!.filter(({ failed }) => failed).length).toBeGreaterThan(0)
    expect(far!.every(({ failed, atMs, toMs }) => failed || toMs! - atMs >= 60)).toBe(true)
  })

  test('marks what failed', () => {
    const { recording } = shown.get('a broker away')!
    const lanes = producerTimeline(recording, [{ id: 1 }, { id: 2 }])
    expect(lanes.flatMap(({ crosses }) => crosses).length).toBeGreaterThan(0)
    expect(timelineEndMs(lanes, 0)).toBeGreaterThan(600)
  })

  test('has an axis of round numbers', () => {
    expect(timelineSteps(430, 10)).toEqual([0, 50, 100, 150, 200, 250, 300, 350, 400])
  })
})
