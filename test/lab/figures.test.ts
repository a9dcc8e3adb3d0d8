/** What chapter 00's small figures claim, read from their runs. */

import { describe, expect, test } from 'vitest'
import { company } from '../../chapters/00-the-journey-of-a-record/figures/company.ts'
import { logBetween } from '../../chapters/00-the-journey-of-a-record/figures/logBetween.ts'
import {
  BREAK_FROM_MS,
  BREAK_TO_MS,
  BURSTS,
  KEYS,
  RECORDS,
} from '../../chapters/00-the-journey-of-a-record/figures/numbers.ts'
import { order } from '../../chapters/00-the-journey-of-a-record/figures/order.ts'
import { twice } from '../../chapters/00-the-journey-of-a-record/figures/twice.ts'
import { clockAt, markAt, marksOf, playedAt } from '../../docs/.vitepress/theme/figures/pace.ts'
import { is, type MomentName } from '../../lab/moments.ts'
import { Recorder, type RunOptions } from '../../lab/Recorder.ts'
import type { Action, Controls, Hands, Scenario, SettingsOf } from '../../lab/Scenario.ts'
import type { Scene } from '../../lab/scene/Scene.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'
import type { StoryLine } from '../../lab/story.ts'

/** A run of a scenario: its last scene, and the scene at any time. */
const play = async <C extends Controls, H extends Hands>(
  scenario: Scenario<C, H>,
  options: RunOptions<C> = {},
) => {
  const { recording } = await Recorder.start(scenario, options)
  const builder = new SceneBuilder(recording.moments)
  const at = (ms: number): Scene => builder.at(recording.indexAfter(ms) - 1)
  const timesOf = (name: MomentName): number[] =>
    recording.moments.filter((m) => m.name === name && m.atMs >= 0).map((m) => m.atMs)
  return { recording, at, timesOf, end: at(recording.recordedMs) }
}

const logOf = (scene: Scene, partition: string) => scene.brokers['broker-1']?.logs[partition] ?? []
const given = (scene: Scene) => scene.consumers['consumer']?.received ?? []
const valuesGiven = (scene: Scene) => given(scene).map((record) => record.value ?? '')

describe('Fig. 1, a log between two programs', () => {
  const lag = (scene: Scene): number => logOf(scene, 'orders-0').length - given(scene).length

  test('a burst is a lag for a moment, and the reader works it off at its own pace', async () => {
    const { at } = await play(logBetween)
    expect(lag(at(6))).toBe(5)
    expect(lag(at(BREAK_FROM_MS - 1))).toBe(0)
  })

  test('while the reader is away the lag grows, and afterwards it falls to 0', async () => {
    const { at, end } = await play(logBetween)
    expect(at(BREAK_FROM_MS + 1).consumers['consumer']?.state).toBe('stopped')
    expect([430, 630, 830].map((ms) => lag(at(ms)))).toEqual([5, 10, 15])
    expect(at(BREAK_TO_MS + 1).consumers['consumer']?.state).toBe('running')
    expect(lag(end)).toBe(0)
  })

  test('the writer notices nothing: every answer takes as long as with a reader', async () => {
    const { recording } = await play(logBetween)
    const answers = recording.moments.filter(
      (moment) =>
        moment.atMs >= 0 &&
        is(moment, 'clients.networkClient.handleCompletedReceives') &&
        moment.fields.api === 'Produce',
    )
    const waits = answers.map((m) => Object(m.fields).latencyMs as number)
    expect(new Set(waits.map(Math.round))).toEqual(new Set([10]))
  })

  test.each([1, 3, 6])('nothing is lost with %d records in a burst', async (burst) => {
    const { end } = await play(logBetween, { settings: { burst } })
    const all = Array.from({ length: BURSTS * burst }, (_, i) => String(i))
    expect(valuesGiven(end)).toEqual(all)
    expect(Object.values(end.records).every((r) => r.place === 'acknowledged')).toBe(true)
  })

  test('a reader that is stopped by hand stays away, and all it has not read waits', async () => {
    const actions: Action[] = [{ atMs: 100, hand: 'reader', value: false }]
    const { end } = await play(logBetween, { actions })
    expect(given(end).length).toBe(4)
    expect(lag(end)).toBe(26)
  })

  test('a reader that is started by hand in its break goes on where it was', async () => {
    const actions: Action[] = [{ atMs: 500, hand: 'reader', value: true }]
    const { at, end } = await play(logBetween, { actions })
    expect(lag(at(600))).toBeLessThan(5)
    expect(valuesGiven(end)).toEqual(Array.from({ length: 30 }, (_, i) => String(i)))
  })
})

describe('Fig. 2, order lives in a partition', () => {
  const run = async (partitions: '1' | '2' | '3') => {
    const { end } = await play(order, { settings: { partitions } })
    const sent = Object.values(end.records).map((record) => record.value ?? '')
    return { sent, received: valuesGiven(end), end }
  }

  test('with one partition the reader gets all records in the order of their sends', async () => {
    const { sent, received } = await run('1')
    expect(sent).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
    expect(received).toEqual(sent)
  })

  test.each(['2', '3'] as const)('with %s partitions it does not', async (partitions) => {
    const { sent, received, end } = await run(partitions)
    expect(received).not.toEqual(sent)
    expect([...received].sort()).toEqual([...sent].sort())
    expect(Object.keys(end.brokers['broker-1']?.logs ?? {})).toHaveLength(Number(partitions))
  })

  test.each(['1', '2', '3'] as const)('each key keeps its order with %s', async (partitions) => {
    const { received } = await run(partitions)
    for (const key of KEYS) {
      const own = received.filter((value) => value.startsWith(key[0]!))
      expect(own).toEqual([...own].sort())
      expect(own).toHaveLength(3)
    }
  })
})

describe('Fig. 3, company for the journey', () => {
  const run = async (linger: number) => {
    const { end, timesOf } = await play(company, { settings: { linger } })
    const waitedMs = timesOf('producer.sender.sendProduceRequest')[0]! - timesOf('app.send')[0]!
    const batches = Object.values(end.batches)
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0)
    return { requests: end.counts['Produce'] ?? 0, waitedMs, bytes, end }
  }

  test('without linger every record travels alone, and at once', async () => {
    const { requests, waitedMs, end } = await run(0)
    expect(requests).toBe(RECORDS)
    expect(waitedMs).toBeLessThan(1)
    expect(Object.values(end.batches).every((batch) => batch.records.length === 1)).toBe(true)
  })

  test('the longer a batch waits, the fewer requests and bytes there are', async () => {
    const runs = await Promise.all([0, 5, 10, 20, 30].map(run))
    const falling = (numbers: number[]) => numbers.every((n, i) => i === 0 || n < numbers[i - 1]!)
    expect(falling(runs.map((r) => r.requests))).toBe(true)
    expect(falling(runs.map((r) => r.bytes))).toBe(true)
  })

  test('the first record pays: it waits as long as linger.ms says', async () => {
    for (const linger of [5, 20, 50]) {
      expect(Math.round((await run(linger)).waitedMs)).toBe(linger)
    }
  })

  test('waiting longer than for the last record brings nothing more', async () => {
    const [enough, more] = [await run(30), await run(50)]
    expect([enough.requests, more.requests]).toEqual([1, 1])
    expect(more.bytes).toBe(enough.bytes)
  })

  test('all ten are stored and acknowledged, whatever linger is', async () => {
    for (const linger of [0, 25, 50]) {
      const { end } = await run(linger)
      expect(logOf(end, 'clicks-0')).toHaveLength(RECORDS)
      expect(Object.values(end.records).every((r) => r.place === 'acknowledged')).toBe(true)
    }
  })
})

describe('Fig. 4, the same record twice', () => {
  const run = async (answer: SettingsOf<typeof twice.controls>['answer']) =>
    (await play(twice, { settings: { answer } })).end

  test('an answer that arrives: one request, one entry', async () => {
    const end = await run('arrives')
    expect(end.counts['Produce']).toBe(1)
    expect(logOf(end, 'payments-0')).toHaveLength(1)
    expect(valuesGiven(end)).toEqual(['€5'])
  })

  test('an answer that is lost: the log and the reader have the record twice', async () => {
    const end = await run('lost')
    expect(end.counts['Produce']).toBe(2)
    expect(logOf(end, 'payments-0').map((entry) => entry.offset)).toEqual([0, 1])
    expect(new Set(logOf(end, 'payments-0').map((entry) => entry.record)).size).toBe(1)
    expect(valuesGiven(end)).toEqual(['€5', '€5'])
  })

  test('the writer learns of the second entry only', async () => {
    const [record] = Object.values((await run('lost')).records)
    expect(record).toMatchObject({ place: 'acknowledged', offset: 1 })
  })
})

describe('the pace of a figure', () => {
  const lines = [0, 0, 20, 20, 40].map(
    (atMs, index): StoryLine => ({
      index,
      atMs,
      source: 'producer',
      name: 'app.send',
      station: null,
      text: '',
      noun: null,
      important: true,
    }),
  )
  const all = { marks: () => true, stretch: 10, beatMs: 100 }

  test('what happens at once is seen one after the other', () => {
    const marks = marksOf(lines, all)
    expect(marks.map((mark) => mark.playedMs)).toEqual([0, 200, 300, 500])
    expect(markAt(marks, 250)).toBe(1)
  })

  test('the clock glides between marks and never runs ahead of the next', () => {
    const marks = marksOf(lines, all)
    expect([0, 100, 200, 250, 400, 900].map((ms) => clockAt(marks, ms))).toEqual([
      0, 10, 20, 20, 30, 40,
    ])
  })

  test('a figure that starts in the middle has no marks before it', () => {
    const marks = marksOf(lines, { ...all, startAtMs: 25 })
    expect(marks.map(({ atMs, position }) => [atMs, position])).toEqual([
      [25, 3],
      [40, 4],
    ])
    expect(playedAt(marks, 40)).toBe(150)
  })
})
