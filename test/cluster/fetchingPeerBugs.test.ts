/** What other clients got wrong in fetching, from their users' reports: here it goes on. */

import { describe, expect, test } from 'vitest'
import { OffsetOutOfRangeException } from '../../src/consumer/OffsetOutOfRangeException.ts'
import {
  type ClusterTest,
  failureOf,
  onCluster,
  partitionsOf,
  range,
  type StringConsumer,
  valuesOf,
} from './clusterSupport.ts'

const TOPIC = 'orders'
const [P0] = partitionsOf(TOPIC, 1)

/** `count` records in the topic's only partition. */
const written = async (t: ClusterTest, count: number, from = 0): Promise<void> => {
  const producer = t.producer()
  for (const i of range(count, from)) producer.send({ topic: TOPIC, partition: 0, value: `${i}` })
  await producer.close()
}

/** Polls until all are there; each `poll` has its deadline, and so has the whole. */
const readAll = async (
  t: ClusterTest,
  consumer: StringConsumer,
  count: number,
  values: number[] = [],
) => {
  const deadlineMs = t.time.milliseconds() + 120_000
  while (values.length < count) {
    expect(t.time.milliseconds(), `read ${values.length} of ${count}`).toBeLessThan(deadlineMs)
    values.push(...valuesOf(await consumer.poll(500)).map(Number))
  }
  return values
}

/** Everything that a fetch can meet and get over. */
const TROUBLE = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'UNKNOWN_SERVER_ERROR',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
] as const

describe('The consumer stops silently (kafkajs #659; confluent-kafka-javascript #476)', () => {
  test.each(TROUBLE)('after %s: it reads on', async (error) => {
    await onCluster(async (t) => {
      await t.createTopic(TOPIC)
      await written(t, 10)
      const consumer = t.consumer()
      consumer.assign([P0!])
      const values = await readAll(t, consumer, 10)
      const fault = t.cluster.faults.on({ api: 'FETCH', topic: TOPIC, times: 3 }).error(error)
      await written(t, 10, 10)
      expect(await readAll(t, consumer, 20, values)).toEqual(range(20))
      expect(fault.hits).toBe(3)
    })()
  })

  test(
    'after answers that are lost, late, cut off or never sent: it reads on',
    onCluster(async (t) => {
      await t.createTopic(TOPIC)
      const consumer = t.consumer({ 'request.timeout.ms': 2000, 'fetch.max.wait.ms': 100 })
      consumer.assign([P0!])
      const values: number[] = []
      const { faults } = t.cluster
      const fetches = { api: 'FETCH', topic: TOPIC } as const
      const troubles = [
        () => faults.on(fetches).drop(),
        () => faults.on(fetches).delay(5000),
        () => faults.on(fetches).disconnect(),
        () => faults.on(fetches).disconnect({ when: 'afterHandling' }),
        () =>
          faults.on({ ...fetches, times: 4 }).disconnect({ when: 'afterHandling', afterBytes: 30 }),
        () => {
          faults.on({ api: 'METADATA', clientId: 'consumer', times: 2 }).drop()
          return faults.on(fetches).error('NOT_LEADER_OR_FOLLOWER')
        },
      ]
      for (const [i, trouble] of troubles.entries()) {
        const rule = trouble()
        await written(t, 5, 5 * i)
        await readAll(t, consumer, 5 * (i + 1), values)
        expect(rule.hits, `trouble ${i}`).toBeGreaterThan(0)
      }
      expect(values).toEqual(range(30))
    }),
  )

  test(
    'after all brokers were gone for minutes: it reads on when they are back',
    onCluster(
      async (t) => {
        await t.createTopic(TOPIC)
        await written(t, 5)
        const consumer = t.consumer()
        consumer.assign([P0!])
        const values = await readAll(t, consumer, 5)
        const { port } = t.cluster.broker(1)
        await t.cluster.killBroker(1)
        for (const _ of range(20)) expect((await consumer.poll(6000)).count()).toBe(0)
        await t.cluster.startBroker(1, port)
        await written(t, 5, 5)
        expect(await readAll(t, consumer, 10, values)).toEqual(range(10))
      },
      { errorsExpected: true },
    ),
  )
})

describe('fenced leader epoch (platformatic/kafka #250)', () => {
  test(
    'a leader that moves and comes back, again and again, does not stop the consumer',
    onCluster(
      async (t) => {
        await t.createTopic(TOPIC)
        const consumer = t.consumer({ 'metadata.max.age.ms': 3_600_000 })
        consumer.assign([P0!])
        const values: number[] = []
        for (const i of range(10)) {
          await written(t, 5, 5 * i)
          await readAll(t, consumer, 5 * (i + 1), values)
          await t.cluster.moveLeader(TOPIC, 0, 1 + ((t.cluster.leaderOf(TOPIC, 0) ?? 1) % 2))
        }
        expect(values).toEqual(range(50))
      },
      { brokers: 2 },
    ),
  )
})

describe('OFFSET_OUT_OF_RANGE never recovered (platformatic/kafka #286, #303)', () => {
  test(
    'from beyond the end, in both directions, and again after the reset',
    onCluster(async (t) => {
      await t.createTopic(TOPIC)
      await written(t, 10)
      const consumer = t.consumer()
      consumer.assign([P0!])
      for (const _ of range(3)) {
        consumer.seek(P0!, 1_000_000)
        expect(await readAll(t, consumer, 10)).toEqual(range(10))
      }
      const latest = t.consumer({ 'auto.offset.reset': 'latest', 'client.id': 'latest' })
      latest.assign([P0!])
      latest.seek(P0!, 1_000_000)
      expect((await latest.poll(1000)).count()).toBe(0)
      await written(t, 1, 10)
      expect(await readAll(t, latest, 1)).toEqual([10])
    }),
  )

  test(
    'without a policy it is an error each time, until the program seeks; nothing is skipped',
    onCluster(async (t) => {
      await t.createTopic(TOPIC)
      await written(t, 10)
      const consumer = t.consumer({ 'auto.offset.reset': 'none' })
      consumer.assign([P0!])
      consumer.seek(P0!, 99)
      for (const _ of range(3)) {
        const failure = await failureOf(
          (async () => {
            for (const _ of range(20)) await consumer.poll(500)
          })(),
        )
        expect(failure).toBeInstanceOf(OffsetOutOfRangeException)
        const { offsetOutOfRangePartitions } = failure as OffsetOutOfRangeException
        expect(offsetOutOfRangePartitions.get(P0!)).toBe(99)
      }
      consumer.seek(P0!, 3)
      expect(await readAll(t, consumer, 7)).toEqual(range(7, 3))
    }),
  )
})

test(
  'Memory grows without bound behind a slow consumer (kafkajs #526; platformatic/kafka #236): ' +
    'with several brokers and partitions too, one fetch for each broker waits',
  onCluster(
    async (t) => {
      await t.createTopic(TOPIC, 6)
      const producer = t.producer({ 'batch.size': 2000 })
      const value = 'x'.repeat(100)
      for (const i of range(1800)) producer.send({ topic: TOPIC, partition: i % 6, value })
      await producer.close()
      const consumer = t.consumer({
        'max.partition.fetch.bytes': 4000,
        'fetch.max.bytes': 8000,
        'max.poll.records': 1,
      })
      consumer.assign(partitionsOf(TOPIC, 6))
      const buffered = t.events('consumer.fetchBuffer.add')
      const collected = t.events('consumer.completedFetch.fetchRecords')
      let read = 0
      for (const _ of range(60)) {
        read += (await consumer.poll(1000)).count()
        await t.time.sleep(1000)
      }
      expect(read).toBe(60)
      const came = buffered.reduce((bytes, { fields }) => bytes + fields.bytes, 0)
      // Two brokers, each with one answer in the buffer and one more for what was read of it.
      expect(came).toBeLessThan(4 * 8000 + 60 * 200)
      expect(collected.length).toBeLessThan(200)
    },
    { brokers: 2 },
  ),
)
