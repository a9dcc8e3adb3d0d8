/**
 * The road of a record with everything real on it: producer, broker, consumer, admin. What each
 * promises alone is tested on its own floor; here, that the promises fit.
 */

import { describe, expect, test } from 'vitest'
import { KafkaException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import { failureOf, onCluster, partitionsOf, range, valuesOf } from './clusterSupport.ts'

const ORDERS = new TopicPartition('orders', 0)

describe('a record', () => {
  test(
    'arrives as it was sent: keys, nulls, empty text, headers and timestamps',
    onCluster(async (t) => {
      const producer = t.producer()
      const header = (key: string, value: string | null) => ({
        key,
        value: value === null ? null : new TextEncoder().encode(value),
      })
      producer.send({ topic: 'orders', key: 'k', value: 'v', timestamp: 1_600_000_000_123 })
      producer.send({ topic: 'orders', key: 'gone', value: null })
      producer.send({ topic: 'orders', key: '', value: '' })
      const headers = [header('a', '1'), header('a', ''), header('ü', null)]
      producer.send({ topic: 'orders', value: 'Größe 日本 🚀', headers })
      await producer.flush()
      const records = await t.contents('orders')
      expect(records.map(({ key, value }) => [key, value])).toEqual([
        ['k', 'v'],
        ['gone', null],
        ['', ''],
        [null, 'Größe 日本 🚀'],
      ])
      expect(records[0]!.timestamp).toBe(1_600_000_000_123)
      expect(records[0]!.timestampType).toBe('CreateTime')
      expect([...records[3]!.headers].map(({ key, value }) => [key, value?.length])).toEqual([
        ['a', 1],
        ['a', 0],
        ['ü', undefined],
      ])
    }),
  )

  test(
    'has the time of the broker where the topic says so, also in what send returns',
    onCluster(async (t) => {
      await t.createTopic('orders', 1, { 'message.timestamp.type': 'LogAppendTime' })
      const start = t.time.milliseconds()
      const sent = await t.producer().send({ topic: 'orders', value: 'v', timestamp: 5 })
      expect(sent.timestamp).toBeGreaterThanOrEqual(start)
      const [record] = await t.contents('orders')
      expect(record).toMatchObject({ timestamp: sent.timestamp, timestampType: 'LogAppendTime' })
    }),
  )

  test(
    'goes through gzip and back, in batches that are smaller than their records',
    onCluster(async (t) => {
      const appends = t.events('broker.log.append')
      const producer = t.producer({ 'compression.type': 'gzip', 'linger.ms': 10 })
      const values = range(500).map((i) => `${'the same words again '.repeat(5)}${i}`)
      for (const value of values) producer.send({ topic: 'orders', value })
      await producer.flush()
      expect(valuesOf(await t.contents('orders'))).toEqual(values)
      const bytes = appends.reduce((sum, { fields }) => sum + fields.bytes, 0)
      expect(bytes).toBeLessThan(values.join('').length / 5)
    }),
  )
})

describe('acks', () => {
  for (const acks of ['0', '1', 'all'] as const) {
    test(
      `${acks}: the records are there, ${acks === '0' ? 'at offsets unknown' : 'with offsets'}`,
      onCluster(async (t) => {
        const producer = t.producer({ acks })
        const sent = range(20).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
        const offsets = (await Promise.all(sent)).map((metadata) => metadata.offset)
        expect(offsets).toEqual(acks === '0' ? range(20).map(() => -1) : range(20))
        await producer.close()
        // Nobody waits for a broker with acks=0: it may be a moment later than we are.
        if (acks === '0') await t.time.sleep(100)
        expect(valuesOf(await t.contents('orders'))).toEqual(range(20).map(String))
      }),
    )
  }
})

describe('order', () => {
  test(
    'of a partition holds over many sends and five requests in flight, and keys stay at home',
    onCluster(
      async (t) => {
        await t.createTopic('orders', 4)
        const settings = { 'batch.size': 300, 'linger.ms': 0 } as const
        const producer = t.producer(settings)
        const inFlight = t.events('producer.sender.runOnce')
        const sent: FutureRecordMetadata[] = []
        for (const i of range(2000)) {
          sent.push(producer.send({ topic: 'orders', key: `key-${i % 17}`, value: `${i}` }))
          if (i % 50 === 0) await t.time.sleep(1)
        }
        await producer.flush()
        expect(Math.max(...inFlight.map(({ fields }) => fields.inFlightBatches))).toBeGreaterThan(4)

        const records = await t.contents('orders', 4)
        expect(records).toHaveLength(2000)
        const homes = new Map<string | null, Set<number>>()
        const last = [-1, -1, -1, -1]
        for (const { key, value, partition } of records) {
          homes.set(key, (homes.get(key) ?? new Set()).add(partition))
          expect(Number(value)).toBeGreaterThan(last[partition]!)
          last[partition] = Number(value)
        }
        expect([...homes.values()].every((home) => home.size === 1)).toBe(true)
        expect(new Set(records.map((record) => record.partition)).size).toBe(4)
        for (const [i, future] of sent.entries()) {
          const { partition, offset } = await future
          const found = records.find((r) => r.partition === partition && r.offset === offset)
          if (i % 100 === 0) expect(found!.value).toBe(`${i}`)
        }
      },
      { link: { latencyMs: [1, 4], segmentBytes: [20, 500] } },
    ),
  )

  test(
    'of sends that wait for a topic to be made is that of the calls, and `appended` tells when',
    onCluster(
      async (t) => {
        const producer = t.producer({ 'linger.ms': 0 })
        const sent = range(50).map((i) => producer.send({ topic: 'new', value: `${i}` }))
        expect(sent.every((future) => future.appended !== null)).toBe(true)
        const order: number[] = []
        await Promise.all(
          sent.map(async (future, i) => {
            await future.appended
            order.push(i)
          }),
        )
        expect(order).toEqual(range(50))
        // Metadata is known now: nobody waits any more.
        expect(producer.send({ topic: 'new', value: '50' }).appended).toBeNull()
        await producer.flush()
        expect(valuesOf(await t.contents('new'))).toEqual(range(51).map(String))
      },
      { link: { latencyMs: 20 } },
    ),
  )
})

describe('flush', () => {
  test(
    'sends at once what lingers, and returns when all of it has an outcome',
    onCluster(async (t) => {
      const producer = t.producer({ 'linger.ms': 10_000 })
      await producer.partitionsFor('orders')
      const start = t.time.milliseconds()
      const sent = range(10).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
      expect(sent.some((future) => future.isDone())).toBe(false)
      await producer.flush()
      expect(sent.every((future) => future.isDone())).toBe(true)
      expect(t.time.milliseconds() - start).toBeLessThan(1000)
      expect(await t.contents('orders')).toHaveLength(10)
    }),
  )

  test(
    'by itself, without linger.ms, gathers single sends into few requests (kafkajs #970, #1161)',
    onCluster(async (t) => {
      const producer = t.producer()
      await producer.partitionsFor('orders')
      const requests = t.events('broker.apis.handleProduceRequest')
      for (const i of range(1000)) producer.send({ topic: 'orders', value: `${i}` })
      await producer.flush()
      expect(requests.length).toBeLessThan(5)
      expect(await t.contents('orders')).toHaveLength(1000)
    }),
  )
})

describe('close', () => {
  test(
    'waits for everything that was sent, also for what waits for metadata',
    onCluster(async (t) => {
      const producer = t.producer({ 'linger.ms': 60_000 })
      const sent = range(10).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
      await producer.close()
      expect((await Promise.all(sent)).map((metadata) => metadata.offset)).toEqual(range(10))
    }),
  )

  test(
    'with a time-out fails what has no outcome by then, and no later',
    onCluster(async (t) => {
      const producer = t.producer()
      await producer.send({ topic: 'orders', value: 'before' })
      t.world.network.faults.isolate('cluster')
      const failures = range(10).map((i) =>
        failureOf(producer.send({ topic: 'orders', value: `${i}` })),
      )
      const start = t.time.milliseconds()
      await producer.close(2500)
      expect(t.time.milliseconds() - start).toBe(2500)
      for (const failure of await Promise.all(failures)) {
        expect(failure).toBeInstanceOf(KafkaException)
        expect(failure.message).toMatch(/closed forcefully/)
      }
      t.world.network.faults.healAll()
    }),
  )

  test(
    'with time-out 0 waits for nobody',
    onCluster(async (t) => {
      const producer = t.producer({ 'linger.ms': 60_000 })
      await producer.partitionsFor('orders')
      const failure = failureOf(producer.send({ topic: 'orders', value: 'v' }))
      const waiting = failureOf(producer.send({ topic: 'elsewhere', value: 'v' }))
      const start = t.time.milliseconds()
      await producer.close(0)
      expect(t.time.milliseconds()).toBe(start)
      expect(await failure).toBeInstanceOf(KafkaException)
      expect((await waiting).message).toMatch(/closed/)
    }),
  )
})

describe('a fetch', () => {
  test(
    'waits at the broker, and is answered by the record that it waited for',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const consumer = t.consumer({ 'fetch.max.wait.ms': 20_000 })
      consumer.assign([ORDERS])
      await consumer.position(ORDERS)
      const fetches = t.events('broker.apis.handleFetchRequest')
      const polling = consumer.poll(30_000)
      await t.time.sleep(5000)
      expect(fetches).toHaveLength(1)
      const start = t.time.milliseconds()
      await t.producer().send({ topic: 'orders', value: 'at last' })
      expect(valuesOf(await polling)).toEqual(['at last'])
      // Longer than this the record did not need: linger.ms, and the loops of four parties.
      expect(t.time.milliseconds() - start).toBeLessThan(10)
      expect(fetches.length).toBeLessThanOrEqual(2)
    }),
  )

  test(
    'waits for fetch.min.bytes, and no longer than fetch.max.wait.ms',
    onCluster(async (t) => {
      const producer = t.producer({ 'linger.ms': 0 })
      await producer.send({ topic: 'orders', value: 'x'.repeat(100) })
      const consumer = t.consumer({ 'fetch.min.bytes': 1000, 'fetch.max.wait.ms': 3000 })
      consumer.assign([ORDERS])
      await consumer.position(ORDERS)
      const start = t.time.milliseconds()
      expect((await consumer.poll(10_000)).count()).toBe(1)
      expect(t.time.milliseconds() - start).toBeGreaterThanOrEqual(3000)
      expect(t.time.milliseconds() - start).toBeLessThan(3100)

      const polling = consumer.poll(10_000)
      await t.time.sleep(500)
      const later = t.time.milliseconds()
      await producer.send({ topic: 'orders', value: 'x'.repeat(1000) })
      expect((await polling).count()).toBe(1)
      expect(t.time.milliseconds() - later).toBeLessThan(50)
    }),
  )

  test(
    'of an idle consumer does not make the broker busy: a few per second at most',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const consumer = t.consumer()
      consumer.assign([ORDERS])
      const fetches = t.events('broker.apis.handleFetchRequest')
      for (const _ of range(100)) await consumer.poll(100)
      expect(fetches.length).toBeLessThanOrEqual(22)
    }),
  )

  test(
    'larger than any limit still brings its first record',
    onCluster(async (t) => {
      const large = 'x'.repeat(50_000)
      const producer = t.producer()
      for (const _ of range(3)) producer.send({ topic: 'orders', value: large })
      await producer.flush()
      const consumer = t.consumer({ 'fetch.max.bytes': 1000, 'max.partition.fetch.bytes': 1000 })
      consumer.assign([ORDERS])
      let count = 0
      while (count < 3)
        for (const { value } of await consumer.poll(1000)) count += +(value === large)
    }),
  )
})

describe('offsets', () => {
  test(
    'of beginning, end and times are those of the log; seeking to them reads from there',
    onCluster(async (t) => {
      await t.createTopic('orders', 3)
      const producer = t.producer()
      for (const i of range(10)) {
        producer.send({ topic: 'orders', partition: 0, value: `${i}`, timestamp: 1000 + 100 * i })
      }
      producer.send({ topic: 'orders', partition: 1, value: 'only', timestamp: 500 })
      await producer.flush()
      const consumer = t.consumer()
      const partitions = partitionsOf('orders', 3)
      const [first, second, empty] = partitions as [TopicPartition, TopicPartition, TopicPartition]
      const list = async (offsets: Promise<Iterable<readonly [TopicPartition, number]>>) =>
        [...(await offsets)].sort(([a], [b]) => a.partition - b.partition).map(([, o]) => o)
      expect(await list(consumer.beginningOffsets(partitions))).toEqual([0, 0, 0])
      expect(await list(consumer.endOffsets(partitions))).toEqual([10, 1, 0])
      const times = await consumer.offsetsForTimes([
        [first, 1450],
        [second, 501],
        [empty, 0],
      ])
      expect(times.get(first)).toMatchObject({ offset: 5, timestamp: 1500 })
      expect(times.get(second)).toBeNull()
      expect(times.get(empty)).toBeNull()

      consumer.assign(partitions)
      consumer.seek(first, times.get(first)!.offset)
      consumer.seekToEnd([second])
      expect(valuesOf(await consumer.poll(1000))).toEqual(['5', '6', '7', '8', '9'])
      expect(await consumer.position(second)).toBe(1)
      consumer.seekToBeginning([second])
      // The question for the offset stands behind a fetch that waits, and another fetch behind it.
      expect(valuesOf(await consumer.poll(2000))).toEqual(['only'])
      expect(consumer.currentLag(first)).toBe(0)
    }),
  )

  test(
    'outside the log are reset, or an error that names them (platformatic/kafka #286)',
    onCluster(async (t) => {
      const producer = t.producer()
      for (const i of range(5)) producer.send({ topic: 'orders', value: `${i}` })
      await producer.flush()
      for (const [reset, expected] of [
        ['earliest', range(5).map(String)],
        ['latest', ['fresh']],
      ] as const) {
        const consumer = t.consumer({ 'auto.offset.reset': reset })
        consumer.assign([ORDERS])
        consumer.seek(ORDERS, 99)
        const polled = consumer.poll(3000)
        if (reset === 'latest') {
          await t.time.sleep(1000)
          await producer.send({ topic: 'orders', value: 'fresh' })
        }
        expect(valuesOf(await polled)).toEqual(expected)
      }
      const strict = t.consumer({ 'auto.offset.reset': 'none' })
      strict.assign([ORDERS])
      strict.seek(ORDERS, 99)
      const error = await failureOf(strict.poll(3000))
      expect(error.name).toBe('OffsetOutOfRangeException')
      expect(error.message).toMatch(/offset=99.*orders-0.*seek to an offset/s)
      strict.seek(ORDERS, 4)
      expect(valuesOf(await strict.poll(3000))).toEqual(['4', 'fresh'])
    }),
  )
})

describe('auto-creation', () => {
  test(
    'makes the topic that is produced to, with num.partitions; one request, many sends',
    onCluster(
      async (t) => {
        const producer = t.producer()
        const sent = range(30).map((i) => producer.send({ topic: 'new', key: `${i}`, value: 'v' }))
        const metadata = await Promise.all(sent)
        expect(new Set(metadata.map(({ partition }) => partition))).toEqual(new Set(range(3)))
        expect(await producer.partitionsFor('new')).toHaveLength(3)
      },
      { config: { 'num.partitions': 3 } },
    ),
  )

  test(
    'is the consumer’s to ask for: not with allow.auto.create.topics=false',
    onCluster(async (t) => {
      const shy = t.consumer({ 'allow.auto.create.topics': false, 'default.api.timeout.ms': 1000 })
      expect(await shy.partitionsFor('new')).toEqual([])
      expect(await t.admin().listTopics().names()).not.toContain('new')
      // The first question has it made; like Kafka's brokers, ours knows it a moment later.
      const consumer = t.consumer()
      await consumer.partitionsFor('new')
      await t.time.sleep(100)
      expect(await consumer.partitionsFor('new')).toHaveLength(1)
      expect(await t.admin().listTopics().names()).toContain('new')
    }),
  )
})
