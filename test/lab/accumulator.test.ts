/** What chapter 06's lab and its figure promise, read from their runs. */

import { describe, expect, test } from 'vitest'
import { type controls, hands } from '../../chapters/06-record-accumulator/controls.ts'
import { copyOnWrite } from '../../chapters/06-record-accumulator/figures/copyOnWrite.ts'
import { FIRST_TOPICS, MORE_TOPICS } from '../../chapters/06-record-accumulator/figures/numbers.ts'
import { ready } from '../../chapters/06-record-accumulator/figures/ready.ts'
import { accumulator } from '../../chapters/06-record-accumulator/lab.ts'
import { LabSession } from '../../lab/LabSession.ts'
import { is, type Moment } from '../../lab/moments.ts'
import { Recorder, type RunOptions } from '../../lab/Recorder.ts'
import type { Action, Scenario } from '../../lab/Scenario.ts'
import { SceneBuilder } from '../../lab/scene/SceneBuilder.ts'
import { castAt, snapshotAt } from '../../lab/snapshots.ts'
import { plain, tellAll } from '../../lab/story.ts'

const laneName = (p: { topic: string; partition: number }) => `${p.topic}-${p.partition}`
type Options = RunOptions<typeof controls>

const record = async (options: Options) => {
  const { recording } = await Recorder.start(accumulator, options)
  const { moments } = recording
  const since = moments.slice(recording.curtain)
  return { recording, moments, since, scenes: new SceneBuilder(moments) }
}

/** The same options give the same run: it is recorded once. */
const recorded = new Map<string, ReturnType<typeof record>>()
const run = (options: Options = {}): ReturnType<typeof record> => {
  const key = JSON.stringify(options)
  const known = recorded.get(key) ?? record(options)
  recorded.set(key, known)
  return known
}
const act = (atMs: number, hand: keyof typeof hands, value: null | boolean = null): Action => ({
  atMs,
  hand,
  value,
})
const reasonsOf = (moments: readonly Moment[]): Set<string> =>
  new Set(
    moments.flatMap((m) =>
      is(m, 'producer.accumulator.ready')
        ? m.fields.reasons.map((reason) => reason.slice(reason.lastIndexOf(':') + 1))
        : [],
    ),
  )
const failuresOf = (moments: readonly Moment[]): string[] =>
  moments.flatMap((m) => (is(m, 'producer.batch.complete') ? [m.fields.error] : [])).filter(Boolean)

/** Runs that show everything at least once. */
const RUNS: readonly (readonly [string, Options])[] = [
  ['as it is', {}],
  ['memory that runs out', { settings: { memory: 3000, rate: 600 } }],
  ['order kept', { settings: { inFlight: '1', spread: 'hot', rate: 400 } }],
  ['six partitions, chosen by the producer', { settings: { spread: 'sticky', partitions: '3' } }],
  ['batches that are too large', { settings: { largest: 400, inFlight: '1', delivery: 1500 } }],
  ['a broker away', { actions: [act(60, 'away', true)] }],
  ['a flush and a close', { actions: [act(50, 'flush'), act(120, 'close')] }],
]

describe('the lab of the record accumulator', () => {
  let original: Promise<Recorder<typeof controls, typeof hands>> | undefined

  test('runs the same way twice', async () => {
    const [one, two] = [await run(), await record({})]
    expect(two.moments).toEqual(one.moments)
    const last = one.moments.length - 1
    expect(snapshotAt(two.recording, 'producer', last)).toEqual(
      snapshotAt(one.recording, 'producer', last),
    )
  })

  test('takes a batch apart that the broker finds too large, and every record arrives', async () => {
    const { since, scenes, moments } = await run({
      settings: { largest: 400, inFlight: '1', delivery: 1500 },
    })
    const splits = since.filter((m) => is(m, 'producer.sender.splitBatch'))
    // At first into one part of the same size, and when that is refused as well, into halves.
    const sizes = splits.map(({ fields }) => fields.parts.length)
    expect(sizes).toContain(1)
    expect(Math.max(...sizes)).toBeGreaterThan(1)
    expect(failuresOf(since)).toEqual([])
    const { records } = scenes.at(moments.length - 1)
    const places = new Set(Object.values(records).map(({ place }) => place))
    expect([...places]).toEqual(['acknowledged'])
  })

  test.each(
    Object.entries(hands).map(([name, hand]) => [name, hand.kind === 'switch' ? true : null]),
  )('keeps its past when the reader does something: %s', async (name, value) => {
    original ??= Recorder.start(accumulator)
    const recorder = await original
    const atMs = 97.5
    const forked = await recorder.fork({ atMs, hand: String(name), value: value === true || null })
    const { recording } = recorder
    const common = recording.indexAfter(atMs)
    expect(forked.recording.inCommon(recording)).toBe(common - recording.curtain)
    expect(is(forked.recording.moments[common]!, 'hand.action')).toBe(true)
  })

  test('is found again by its address', async () => {
    const session = await LabSession.open(accumulator as Scenario)
    await session.setSetting('linger', 10)
    session.seekTime(60)
    await session.act('burst', null)
    const again = await LabSession.open(accumulator as Scenario, session.address)
    expect(again.story).toEqual(session.story)
    expect(again.spoke).toEqual(session.spoke)
    expect(again.forks.map(({ label }) => label)).toEqual(['A burst'])
  })

  test('has two brokers that lead partitions of both topics between them', async () => {
    for (const partitions of ['2', '3', '4'] as const) {
      const { recording, moments } = await run({ settings: { partitions } })
      const cast = castAt(recording, moments.length - 1)!
      const led = cast.brokers.map(({ leads }) => leads.length)
      expect(led.reduce((a, b) => a + b)).toBe(2 * Number(partitions))
      expect(Math.min(...led)).toBeGreaterThan(0)
    }
  })

  test('drains the lanes of a broker in their order, from the marked one on', async () => {
    const settings = { spread: 'sticky', partitions: '4', rate: 600, linger: 15 } as const
    const { recording, since } = await run({ settings, actions: [] })
    const cast = castAt(recording, recording.moments.length - 1)!
    const begun = new Set<number>()
    for (const moment of since) {
      if (!is(moment, 'producer.sender.sendProduceRequest')) continue
      const { node, partitions } = moment.fields
      const { leads } = cast.brokers.find(({ id }) => id === node)!
      // The look before the drain: what was marked then.
      const look = recording.moments.findLast(
        (m) => m.index < moment.index && is(m, 'producer.accumulator.ready'),
      )!
      const { drainIndex } = snapshotAt(recording, 'producer', look.index)!.accumulator
      const start = drainIndex.find((d) => d.node === node)?.index ?? 0
      const round = leads.map((_, i) => laneName(leads[(start + i) % leads.length]!))
      expect(partitions).toEqual(round.filter((name) => partitions.includes(name)))
      begun.add(start)
    }
    expect(begun.size).toBeGreaterThan(1)
  })
})

describe('why a partition is ready', () => {
  test('as it is: a batch has lingered, or another one stands behind it', async () => {
    expect(reasonsOf((await run()).since)).toEqual(new Set(['lingered', 'full']))
  })

  test('memory has run out', async () => {
    expect(reasonsOf((await run({ settings: { memory: 1800 } })).since)).toContain('exhausted')
  })

  test('somebody flushes', async () => {
    expect(reasonsOf((await run({ actions: [act(20, 'flush')] })).since)).toContain('flush')
  })

  test('the producer closes', async () => {
    expect(reasonsOf((await run({ actions: [act(20, 'close')] })).since)).toContain('closed')
  })

  test('the story says each in its own words', async () => {
    const told = async (options: Options) =>
      tellAll((await run(options)).recording)
        .filter(({ name }) => name === 'producer.accumulator.ready')
        .map(({ text }) => plain(text))
        .join('\n')
    expect(await told({})).toMatch(/the first batch of orders-\d has waited linger\.ms/)
    expect(await told({})).toMatch(/the first batch of orders-\d has another one behind it/)
    expect(await told({ settings: { memory: 1800 } })).toMatch(/somebody waits for memory/)
    expect(await told({ actions: [act(20, 'flush')] })).toMatch(/somebody flushes/)
    expect(await told({ actions: [act(20, 'close')] })).toMatch(/the producer is closing/)
  })
})

describe('what holds a batch back', () => {
  test('a broken connection puts batches back, and they back off', async () => {
    const { recording, since } = await run()
    const back = since.find((m) => is(m, 'producer.sender.reenqueueBatch'))!
    const { deques } = snapshotAt(recording, 'producer', back.index)!.accumulator
    expect(deques.some(({ batches }) => batches[0]?.attempts === 1)).toBe(true)
    const gone = since.find(
      (m) =>
        m.index > back.index && is(m, 'producer.sender.sendProduceRequest') && m.fields.node === 2,
    )!
    // retry.backoff.ms is 60, less or more by a fifth.
    expect(gone.atMs - back.atMs).toBeGreaterThanOrEqual(48)
    expect(failuresOf(since)).toEqual([])
  })

  test('with one request in flight a partition is muted while its batch is out', async () => {
    const muted = async (inFlight: '1' | '5') => {
      const { recording, since } = await run({ settings: { inFlight } })
      return since.some(({ index }) =>
        snapshotAt(recording, 'producer', index)?.accumulator.deques.some((d) => d.muted),
      )
    }
    expect(await muted('1')).toBe(true)
    expect(await muted('5')).toBe(false)
  })

  test('batches for a broker that is away expire, and their sends fail', async () => {
    const { since, scenes, moments } = await run({ actions: [act(60, 'away', true)] })
    expect(new Set(failuresOf(since))).toEqual(new Set(['TimeoutException']))
    const { records } = scenes.at(moments.length - 1)
    const places = new Set(Object.values(records).map(({ place }) => place))
    expect(places).toEqual(new Set(['acknowledged', 'failed']))
  })

  test('a broker that comes back in time gets everything', async () => {
    const actions = [act(60, 'away', true), act(200, 'away', false)]
    const { since } = await run({ actions })
    expect(failuresOf(since)).toEqual([])
  })
})

describe.each(RUNS)('the snapshots of a run with %s', (_name, options) => {
  test('account for every byte of buffer.memory', async () => {
    const { recording, since } = await run(options)
    const wrong: string[] = []
    for (const { index, name } of since) {
      const snapshot = snapshotAt(recording, 'producer', index)
      if (snapshot === null) continue
      const { totalBytes, poolableBytes, freeBuffers, unallocatedBytes, inUseBytes, waiters } =
        snapshot.bufferPool
      const reserved = waiters.reduce((sum, { accumulated }) => sum + accumulated, 0)
      const all = inUseBytes + reserved + freeBuffers * poolableBytes + unallocatedBytes
      if (all !== totalBytes || unallocatedBytes < 0) wrong.push(`${name} at ${index}: ${all}`)
    }
    expect(wrong).toEqual([])
  })

  test('know the batches of the scene by their numbers', async () => {
    const { recording, since, scenes } = await run(options)
    for (const moment of since) {
      // In the middle of a record's way into its batch the two are not expected to agree.
      if (!is(moment, 'producer.accumulator.ready')) continue
      const { accumulator: inside, inFlight } = snapshotAt(recording, 'producer', moment.index)!
      const { batches } = scenes.peek(moment.index)
      const all = [...inside.deques.flatMap((deque) => deque.batches), ...inFlight]
      const drawn = all.map(({ number }) => batches[`producer/batch-${number}`])
      expect(drawn.map((b) => b && `${laneName(b)}: ${b.records.length}`)).toEqual(
        all.map((b) => `${laneName(b)}: ${b.records}`),
      )
    }
  })
})

describe('the figure about CopyOnWriteMap', () => {
  const visits = async (map: 'Map' | 'CopyOnWriteMap', added: 'two' | 'each') => {
    const { recording } = await Recorder.start(copyOnWrite, { settings: { map, added } })
    return recording.moments.flatMap((m) => (is(m, 'app.visit') ? [m.fields.key] : []))
  }

  test('a loop over a plain Map runs into what is put while it awaits', async () => {
    expect(await visits('Map', 'two')).toEqual([...FIRST_TOPICS, ...MORE_TOPICS.slice(0, 2)])
    expect(await visits('Map', 'each')).toEqual([...FIRST_TOPICS, ...MORE_TOPICS])
  })

  test('the same loop over a CopyOnWriteMap sees the map that it began with', async () => {
    expect(await visits('CopyOnWriteMap', 'two')).toEqual([...FIRST_TOPICS])
    expect(await visits('CopyOnWriteMap', 'each')).toEqual([...FIRST_TOPICS])
  })
})

describe('the figure about one deque', () => {
  const firstReady = async (records: number, linger: number) => {
    const { recording } = await Recorder.start(ready, { settings: { records, linger } })
    const found = recording.moments.find(
      (m) => m.atMs >= 0 && is(m, 'producer.accumulator.ready') && m.fields.reasons.length > 0,
    )!
    return { atMs: Math.round(found.atMs), reasons: [...reasonsOf([found])] }
  }

  test('four records fit; the fifth makes the first batch count as full', async () => {
    expect(await firstReady(6, 30)).toEqual({ atMs: 16, reasons: ['full'] })
  })

  test('without a fifth, or with a shorter linger, the time decides', async () => {
    expect(await firstReady(4, 30)).toEqual({ atMs: 30, reasons: ['lingered'] })
    expect(await firstReady(6, 15)).toEqual({ atMs: 15, reasons: ['lingered'] })
  })
})
