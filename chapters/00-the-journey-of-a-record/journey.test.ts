/**
 * What chapter 00 says of one record's way, checked on the run that the page shows: the scenario
 * `journey` with its real producer, broker and consumer.
 */

import { describe, expect, test } from 'vitest'
import { is, type Moment, type MomentName } from '../../lab/moments.ts'
import { Recorder } from '../../lab/Recorder.ts'
import type { Action } from '../../lab/Scenario.ts'
import { twice } from './figures/twice.ts'
import { journey } from './lab.ts'

type Settings = Partial<Recorder<typeof journey.controls>['settings']>

/** Everything that happened, from the start of the broker on. */
const runAll = async (settings: Settings = {}, actions?: Action[]): Promise<Moment[]> => {
  const options = actions === undefined ? { settings } : { settings, actions }
  return (await Recorder.start(journey, options)).recording.moments
}

/** What happened from the moment on at which everybody is connected, and the program may send. */
const run = async (settings: Settings = {}, actions?: Action[]): Promise<Moment[]> =>
  (await runAll(settings, actions)).filter(({ atMs }) => atMs >= 0)

const all = <N extends MomentName>(moments: readonly Moment[], name: N): Moment<N>[] =>
  moments.filter((moment): moment is Moment<N> => is(moment, name))

const first = <N extends MomentName>(moments: readonly Moment[], name: N): Moment<N> => {
  const [found] = all(moments, name)
  if (found === undefined) throw new Error(`'${name}' did not happen`)
  return found
}

const requests = (moments: readonly Moment[], api: string) =>
  all(moments, 'clients.networkClient.doSend').filter(({ fields }) => fields.api === api)

const send = (atMs: number, value: string): Action => ({ atMs, hand: 'send', value })
const lose = (atMs: number): Action => ({ atMs, hand: 'lose', value: null })

/** The stations in the order in which the chapter tells them. */
const ROAD: readonly MomentName[] = [
  'app.send',
  'producer.send',
  'producer.interceptors.onSend',
  'producer.waitOnMetadata',
  'producer.serialize',
  'producer.partition',
  'producer.bufferPool.allocate',
  'record.builder.append',
  'producer.batch.tryAppend',
  'producer.accumulator.append',
  'producer.sender.wakeup',
  'record.builder.close',
  'producer.accumulator.drain',
  'producer.sender.sendProduceRequest',
  'broker.apis.handleProduceRequest',
  'broker.replicaManager.handleProduceAppend',
  'broker.partition.appendRecordsToLeader',
  'broker.log.append',
  'producer.sender.handleProduceResponse',
  'producer.sender.completeBatch',
  'producer.batch.complete',
  'producer.bufferPool.deallocate',
  'app.acknowledged',
  'consumer.deserialize',
  'consumer.completedFetch.fetchRecords',
  'consumer.fetchCollector.collectFetch',
  'consumer.interceptors.onConsume',
  'app.received',
]

describe('the road', () => {
  test('has the stations of this chapter, in this order', async () => {
    const moments = await run()
    const once = new Set<MomentName>()
    const passed: MomentName[] = []
    for (const { name, fields } of moments) {
      // Looks that found nothing to do are no station.
      if (name === 'producer.accumulator.drain' && 'batches' in fields && fields.batches === 0)
        continue
      if ('records' in fields && fields.records === 0) continue
      if (!ROAD.includes(name) || once.has(name)) continue
      once.add(name)
      passed.push(name)
    }
    expect(passed).toEqual(ROAD)
  })

  test('is one of bytes: as many as the producer wrote are stored in the log, and fetched from it', async () => {
    const moments = await run()
    const written = first(moments, 'record.builder.close').fields.bytes
    const fetched = all(moments, 'consumer.fetchBuffer.add').map(({ fields }) => fields.bytes)
    expect(written).toBe(80)
    expect(first(moments, 'broker.log.append').fields.bytes).toBe(written)
    expect(Math.max(...fetched)).toBe(written)
  })

  test('has offsets from the broker: the producer numbers the records of a batch from 0', async () => {
    const moments = await run({}, [send(0, 'first'), send(100, 'second')])
    const inBatch = all(moments, 'record.builder.append').map(({ fields }) => fields.offset)
    const inLog = all(moments, 'broker.log.append').map(({ fields }) => fields.firstOffset)
    const told = all(moments, 'app.acknowledged').map(({ fields }) => fields.offset)
    expect(inBatch).toEqual([0, 0])
    expect(inLog).toEqual([0, 1])
    expect(told).toEqual(inLog)
  })
})

describe('a batch', () => {
  test('leaves when its first record has waited linger.ms', async () => {
    for (const linger of [0, 5, 50]) {
      const moments = await run({ linger })
      const waitedMs = requests(moments, 'Produce')[0]!.atMs - first(moments, 'app.send').atMs
      expect(Math.round(waitedMs)).toBe(linger)
    }
  })

  test('with linger.ms 50 instead of 5 brings its acknowledgement 45 ms later, by an equally fast wire', async () => {
    const [short, long] = [await run({ linger: 5 }), await run({ linger: 50 })]
    const lateMs = first(long, 'app.acknowledged').atMs - first(short, 'app.acknowledged').atMs
    expect(Math.round(lateMs)).toBe(45)
    for (const moments of [short, long]) {
      const onWireMs =
        first(moments, 'broker.log.append').atMs - requests(moments, 'Produce')[0]!.atMs
      expect(Math.round(onWireMs)).toBe(20)
    }
  })

  test('does not wait when the next record has no room in it', async () => {
    const half = 'x'.repeat(9000)
    const moments = await run({ linger: 100 }, [send(0, half), send(0, half)])
    const leftMs = requests(moments, 'Produce').map(({ atMs }) => Math.round(atMs))
    expect(leftMs).toEqual([0, 100])
  })

  test('takes along whoever comes in time: two records, one request, two offsets', async () => {
    const together = await run({ linger: 50 }, [send(0, 'one'), send(30, 'two')])
    expect(requests(together, 'Produce')).toHaveLength(1)
    expect(first(together, 'broker.log.append').fields).toMatchObject({
      records: 2,
      firstOffset: 0,
      lastOffset: 1,
    })
    // The wait counts from the first record: the second one does not begin it again.
    expect(Math.round(requests(together, 'Produce')[0]!.atMs)).toBe(50)
    const apart = await run({ linger: 0 }, [send(0, 'one'), send(30, 'two')])
    expect(requests(apart, 'Produce')).toHaveLength(2)
  })
})

describe('the acknowledgement', () => {
  test('comes a way there and a way back after the request left', async () => {
    for (const latency of [1, 20, 50]) {
      const moments = await run({ latency })
      const left = requests(moments, 'Produce')[0]!
      const back = first(moments, 'app.acknowledged')
      expect(Math.round(back.atMs - left.atMs)).toBe(2 * latency)
    }
  })

  test('is not waited for with acks=0, and then nobody tells the offset', async () => {
    const moments = await run({ acks: '0' })
    const told = first(moments, 'app.acknowledged')
    expect(told.fields.offset).toBe(-1)
    const stored = first(moments, 'broker.log.append')
    expect(Math.round(told.atMs)).toBe(5)
    expect(Math.round(stored.atMs)).toBe(25)
    expect(stored.fields.firstOffset).toBe(0)
  })

  test('comes one retransmission later when a packet is lost, and nothing else changes', async () => {
    const smooth = await run({}, [send(0, 'hello')])
    const rough = await run({}, [lose(0), send(0, 'hello')])
    const lateMs = first(rough, 'app.acknowledged').atMs - first(smooth, 'app.acknowledged').atMs
    expect(Math.round(lateMs)).toBe(200)
    expect(requests(rough, 'Produce')).toHaveLength(1)
    expect(first(rough, 'app.acknowledged').fields).toEqual(
      first(smooth, 'app.acknowledged').fields,
    )
  })
})

describe('a lost answer', () => {
  test('makes the producer send again, and the log stores the record twice', async () => {
    const { moments } = (await Recorder.start(twice, { settings: { answer: 'lost' } })).recording
    expect(all(moments, 'app.send')).toHaveLength(1)
    const stored = all(moments, 'app.received').map(({ fields }) => [fields.offset, fields.value])
    expect(stored).toEqual([
      [0, '€5'],
      [1, '€5'],
    ])
    expect(first(moments, 'app.acknowledged').fields.offset).toBe(1)
  })
})

describe('a request', () => {
  test('has a number: each client counts from 0, and four set things up before the first that matters', async () => {
    const moments = await runAll()
    for (const [source, api] of [
      ['producer', 'Produce'],
      ['consumer', 'Fetch'],
    ] as const) {
      const ofClient = all(moments, 'clients.networkClient.doSend').filter(
        (moment) => moment.source === source,
      )
      const numbers = ofClient.map(({ fields }) => fields.correlationId)
      expect(numbers.slice(0, 5).toSorted()).toEqual([0, 1, 2, 3, 4])
      expect(ofClient.find(({ fields }) => fields.api === api)!.fields.correlationId).toBe(4)
    }
    expect(Math.round(requests(moments, 'Fetch')[0]!.atMs)).toBe(-20)
  })
})

describe('the consumer', () => {
  test('asks before there is anything: the broker keeps the fetch and answers at the append', async () => {
    const moments = await runAll()
    const appended = first(moments, 'broker.log.append')
    const asked = requests(moments, 'Fetch').filter(({ atMs }) => atMs < appended.atMs)
    const answered = moments.find(
      (moment) =>
        moment.index > appended.index &&
        is(moment, 'broker.requestChannel.sendResponse') &&
        moment.fields.api === 'Fetch',
    )
    expect(asked.length).toBeGreaterThan(0)
    expect(answered!.atMs).toBe(appended.atMs)
    expect(first(moments, 'app.received').atMs).toBeCloseTo(appended.atMs + 20, 1)
  })

  test('asks for more before it hands out what it got', async () => {
    const moments = await run()
    const received = first(moments, 'app.received')
    const before = requests(moments, 'Fetch').filter(({ index }) => index < received.index)
    expect(before.at(-1)!.atMs).toBeCloseTo(received.atMs, 1)
  })
})
