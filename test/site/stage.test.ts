/**
 * The big stage, without a browser: over all moments of real runs, in both layouts, everything has
 * one place, inside its machine, and nothing covers its like.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import { journey } from '../../chapters/00-the-journey-of-a-record/lab.ts'
import type { Shape } from '../../docs/.vitepress/theme/lab/stage/frame.ts'
import { frameOf } from '../../docs/.vitepress/theme/lab/stage/frame.ts'
import {
  along,
  type Box,
  box,
  overlaps,
  row,
  within,
} from '../../docs/.vitepress/theme/lab/stage/geometry.ts'
import type { Staged, Token } from '../../docs/.vitepress/theme/lab/stage/staged.ts'
import { stationOf } from '../../docs/.vitepress/theme/lab/stage/stations.ts'
import { stageOf } from '../../docs/.vitepress/theme/lab/stage/tokens.ts'
import { logCells } from '../../docs/.vitepress/theme/signs/logCells.ts'
import { fit as cutTo, textWidth } from '../../docs/.vitepress/theme/signs/text.ts'
import { Recorder } from '../../lab/Recorder.ts'
import type { Scenario } from '../../lab/Scenario.ts'
import type { Scene } from '../../lab/scene/Scene.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'
import { tellAll } from '../../lab/story.ts'

const SHAPES: readonly Shape[] = ['wide', 'tall']
const scenario: Scenario = journey

interface Shown {
  readonly scene: Scene
  readonly clockMs: number
}

/** All moments after the curtain rose, and the halves of the waits between them. */
const momentsOf = (recorder: Recorder): Shown[] => {
  const { moments } = recorder.recording
  const scenes = new SceneBuilder(moments)
  const shown: Shown[] = []
  for (const moment of moments) {
    if (moment.atMs < 0) continue
    const scene = scenes.at(moment.index)
    const nextMs = moments[moment.index + 1]?.atMs ?? moment.atMs
    shown.push({ scene, clockMs: moment.atMs })
    if (nextMs > moment.atMs) {
      shown.push({ scene, clockMs: (moment.atMs + nextMs) / 2 })
    }
  }
  return shown
}

const send = (atMs: number, value: string) => ({ atMs, hand: 'send', value })
const lose = (atMs: number) => ({ atMs, hand: 'lose', value: null })

const RUNS = {
  'one record': { actions: [send(0, 'hello, kafka')] },
  'a lost packet': { actions: [send(0, 'hello, kafka'), lose(0.5)] },
  'acks=0': { settings: { acks: '0' }, actions: [send(0, 'one'), lose(1), send(30, 'two')] },
  'many records': {
    settings: { linger: 20, latency: 60 },
    actions: Array.from({ length: 30 }, (_, i) => send(i * 7, `a record with number ${i}`)),
  },
} as const

const runs = new Map<string, Shown[]>()
const stagesOf = (name: string, shape: Shape): { shown: Shown; staged: Staged }[] =>
  runs.get(name)!.map((shown) => {
    return { shown, staged: stageOf({ ...shown, shape, partitions: 3 }) }
  })

beforeAll(async () => {
  for (const [name, options] of Object.entries(RUNS)) {
    const recorder = await Recorder.start(scenario, { ...options, actions: [...options.actions] })
    await recorder.advance(700)
    runs.set(name, momentsOf(recorder))
  }
})

const overlapping = (tokens: readonly Token[]): string[] =>
  tokens.flatMap((a, i) =>
    tokens.slice(i + 1).flatMap((b) => (overlaps(a, b) ? [`${a.key} and ${b.key}`] : [])),
  )

describe.each(Object.keys(RUNS))('the stage of a run with %s', (name) => {
  test.each(SHAPES)('gives every key one place (%s)', (shape) => {
    for (const { shown, staged } of stagesOf(name, shape)) {
      const { scene } = shown
      const all = [...staged.requests, ...staged.batches, ...staged.records, ...staged.reads]
      const keys = all.map(({ key }) => key)
      expect(new Set(keys).size).toBe(keys.length)
      const gone = Object.values(scene.records).filter(({ id }) => !keys.includes(`record ${id}`))
      // Only what nobody has any more: sent without being asked for, or handled and not stored.
      for (const record of gone) expect(record.place, record.id).toBe('acknowledged')
    }
  })

  test.each(SHAPES)('lets nothing cover its like (%s)', (shape) => {
    for (const { shown, staged } of stagesOf(name, shape)) {
      const slips = [...staged.records, ...staged.reads].filter((r) => !r.folded && !r.resting)
      const at = `at ${shown.clockMs} ms, moment ${shown.scene.index}`
      expect(overlapping(staged.requests), at).toEqual([])
      expect(overlapping(staged.batches), at).toEqual([])
      expect(overlapping(slips), at).toEqual([])
    }
  })

  test.each(SHAPES)('keeps everything in the picture (%s)', (shape) => {
    for (const { staged } of stagesOf(name, shape)) {
      const picture = box(0, 0, staged.frame.width, staged.frame.height)
      const all = [...staged.requests, ...staged.batches, ...staged.records, ...staged.reads]
      for (const token of all) expect(within(token, picture), token.key).toBe(true)
    }
  })
})

describe('the way of the reader’s own record', () => {
  /** The boxes in which the eye finds it, one after the other. */
  const way = (shape: Shape): string[] => {
    const names: string[] = []
    for (const { staged } of stagesOf('one record', shape)) {
      const { producer, broker, consumer } = staged.frame
      const stored = staged.records.find(({ key }) => key === 'record producer/0')
      const read = staged.reads.find((r) => !r.resting)
      const token = read ?? stored
      if (token === undefined) continue
      const places: Record<string, Box> = { producer: producer.all, broker: broker.all }
      places['consumer'] = consumer.all
      const name = Object.keys(places).find((place) => within(token, places[place]!)) ?? 'wire'
      if (names.at(-1) !== name) names.push(name)
    }
    return names
  }

  test.each(SHAPES)('leads from machine to machine (%s)', (shape) => {
    expect(way(shape)).toEqual(['producer', 'wire', 'broker', 'wire', 'consumer'])
  })

  test('is marked until the end', () => {
    for (const { shown, staged } of stagesOf('one record', 'wide')) {
      if (Object.keys(shown.scene.records).length === 0) continue
      expect(staged.records.find(({ key }) => key === 'record producer/0')?.solid).toBe(true)
    }
  })
})

test('a lost packet is torn, and whole again when it is sent again', () => {
  const torn = stagesOf('a lost packet', 'wide').map(({ staged }) =>
    staged.requests.some(({ lost }) => lost),
  )
  const first = torn.indexOf(true)
  expect(first).toBeGreaterThan(0)
  expect(torn.at(-1)).toBe(false)
})

test('every line of the story that a machine tells has its station', async () => {
  const recorder = await Recorder.start(scenario)
  const machines = { producer: 'producer', consumer: 'consumer', 'broker-1': 'broker' } as const
  for (const line of tellAll(recorder.recording)) {
    const machine = machines[line.source as keyof typeof machines]
    if (machine === undefined || !line.important) continue
    expect(stationOf(line, machine), line.name).not.toBeNull()
  }
})

describe('the parts of the stage', () => {
  test.each(SHAPES)('do not cover each other, with 1 to 4 partitions (%s)', (shape) => {
    for (const lanes of [1, 2, 3, 4]) {
      const { producer, broker, consumer, width, height } = frameOf(shape, lanes)
      const inside: [readonly Box[], Box][] = [
        [
          [
            producer.code,
            producer.interceptors,
            producer.metadata,
            producer.serializer,
            producer.partitioner,
            producer.accumulator,
            producer.pool,
            producer.sender,
          ],
          producer.all,
        ],
        [[...broker.queue, broker.handler, ...broker.logs, broker.purgatory], broker.all],
        [[consumer.buffer, consumer.deserializer, consumer.code], consumer.all],
        [[producer.all, broker.all, consumer.all], box(0, 0, width, height)],
        [producer.lanes, producer.accumulator],
        [[producer.loop, ...producer.slots], producer.sender],
      ]
      for (const [parts, whole] of inside) {
        for (const [i, part] of parts.entries()) {
          expect(within(part, whole)).toBe(true)
          for (const other of parts.slice(i + 1)) expect(overlaps(part, other)).toBe(false)
        }
      }
    }
  })
})

describe('rows, tracks and texts', () => {
  test('a row folds what has no room', () => {
    const places = row(9, box(0, 0, 50, 20), { min: 12, max: 108, gap: 3 })
    expect(places).toHaveLength(3)
    expect(places.at(-1)!.x + places.at(-1)!.w).toBeLessThanOrEqual(50)
  })

  test('a track keeps the foremost where it is and pushes the others back', () => {
    const track = { x: 0, fromY: 400, toY: 0, w: 100, h: 60 }
    expect(along([0.5, 0.5], track)).toEqual([200, 265])
    expect(along([0, 0, 0], track)).toEqual([270, 335, 400])
  })

  test('a log shows its newest entries and room for the next', () => {
    const entries = Array.from({ length: 12 }, (_, offset) => ({ offset }))
    const cells = logCells({ w: 200, h: 30, cell: 36, entries })
    expect(cells.places.map(({ offset }) => offset)).toEqual([8, 9, 10, 11])
    expect(cells.hidden).toBe(8)
    expect(cells.next! + cells.width).toBeLessThanOrEqual(200)
  })

  test('a text is cut where it ends to fit, also a wide one', () => {
    expect(cutTo('hello', 100, 12)).toBe('hello')
    for (const text of [
      'a very long value indeed',
      '你好，卡夫卡，你好',
      '👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀',
    ]) {
      const cut = cutTo(text, 60, 12)
      expect(cut.endsWith('…')).toBe(true)
      expect(textWidth(cut, 12)).toBeLessThanOrEqual(60)
    }
  })
})
