/**
 * Several brokers, and brokers that come and go, under clients that do not want to know. What is
 * acknowledged stays; what is not acknowledged fails in its time; nobody hangs.
 */

import { describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { TimeoutException } from '../../src/common/errors.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import {
  type ClusterTest,
  failureOf,
  onCluster,
  partitionsOf,
  range,
  valuesOf,
} from './clusterSupport.ts'

const leadersOf = async (t: ClusterTest, topic: string): Promise<number[]> => {
  const admin = t.admin()
  const description = (await admin.describeTopics([topic]).all()).get(topic)!
  await admin.close()
  return description.partitions.map(({ leader }) => leader?.id ?? -1)
}

describe('several brokers', () => {
  test(
    'each lead some partitions; one producer and one consumer talk to all of them',
    onCluster(
      async (t) => {
        await t.createTopic('orders', 6)
        expect(new Set(await leadersOf(t, 'orders'))).toEqual(new Set([1, 2, 3]))
        // One address is enough: the others are learnt.
        const [one] = t.cluster.bootstrapServers.split(',')
        const bootstrap = { 'bootstrap.servers': one! }
        const producer = t.producer(bootstrap)
        const requests = t.events('producer.sender.sendProduceRequest')
        const fetches = t.events('consumer.fetcher.sendFetches')
        for (const i of range(60)) {
          producer.send({ topic: 'orders', partition: i % 6, value: `${i}` })
        }
        await producer.flush()
        const consumer = t.consumer(bootstrap)
        consumer.assign(partitionsOf('orders', 6))
        const values: number[] = []
        while (values.length < 60) values.push(...valuesOf(await consumer.poll(1000)).map(Number))
        expect(values.sort((a, b) => a - b)).toEqual(range(60))
        expect(new Set(requests.map(({ fields }) => fields.node))).toEqual(new Set([1, 2, 3]))
        expect(new Set(fetches.map(({ fields }) => fields.node))).toEqual(new Set([1, 2, 3]))
      },
      { brokers: 3 },
    ),
  )

  test(
    'of which one is gone: its partitions wait, the others go on, and it is found again elsewhere',
    onCluster(
      async (t) => {
        await t.createTopic('orders', 3)
        const leaders = await leadersOf(t, 'orders')
        const gone = leaders.indexOf(2)
        const producer = t.producer()
        const consumer = t.consumer()
        consumer.assign(partitionsOf('orders', 3))
        const send = (partition: number, value: string) =>
          producer.send({ topic: 'orders', partition, value })
        await Promise.all(range(3).map((partition) => send(partition, 'before')))
        expect((await consumer.poll(2000)).count()).toBeGreaterThan(0)

        await t.cluster.stopBroker(2)
        const sent = range(3).map((partition) => send(partition, 'meanwhile'))
        await Promise.all(sent.filter((_, partition) => partition !== gone))
        await t.time.sleep(5000)
        expect(sent[gone]!.isDone()).toBe(false)

        // A port of chance: clients have to learn the new address.
        const before = t.cluster.brokerIds().length
        await t.cluster.startBroker(2)
        expect(t.cluster.brokerIds()).toHaveLength(before + 1)
        expect((await sent[gone]!).offset).toBe(1)
        const records = await t.contents('orders', 3)
        expect(valuesOf(records)).toEqual(range(3).flatMap(() => ['before', 'meanwhile']))
        const end = t.time.milliseconds() + 10_000
        while (t.time.milliseconds() < end) await consumer.poll(500)
        for (const partition of partitionsOf('orders', 3)) {
          expect(await consumer.position(partition)).toBe(2)
        }
      },
      { brokers: 3 },
    ),
  )

  test(
    'of which none can be reached for a while: both sides go on when they can',
    onCluster(
      async (t) => {
        const producer = t.producer()
        const consumer = t.consumer()
        await producer.send({ topic: 'orders', value: '0' })
        consumer.assign(partitionsOf('orders', 1))
        expect(valuesOf(await consumer.poll(2000))).toEqual(['0'])
        t.world.network.faults.isolate('cluster')
        const sent = range(20, 1).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
        expect((await consumer.poll(40_000)).count()).toBe(0)
        t.world.network.faults.healAll()
        await Promise.all(sent)
        const values = new Set<string | null>()
        while (values.size < 20) {
          for (const { value } of await consumer.poll(1000)) values.add(value)
        }
        expect([...values].map(Number).sort((a, b) => a - b)).toEqual(range(20, 1))
      },
      { brokers: 3, link: { latencyMs: [1, 10] } },
    ),
  )
})

describe('a broker that is stopped and started while records are produced', () => {
  test(
    'has every send settled, and all that is acknowledged in its log, in order of offset',
    onCluster(
      async (t) => {
        const { port } = t.cluster.broker(1)
        const producer = t.producer({ 'linger.ms': 1, 'batch.size': 500 })
        const acknowledged = new Map<number, string>()
        const failed: Error[] = []
        let restarting = true
        const restarts = (async () => {
          for (const _ of range(4)) {
            await t.time.sleep(150)
            await t.cluster.stopBroker(1)
            await t.time.sleep(700)
            await t.cluster.startBroker(1, port)
          }
          restarting = false
        })()
        let count = 0
        while (restarting || count < 500) {
          const value = `${count++}`
          producer.send({ topic: 'orders', value }, (metadata, error) => {
            if (error === null) acknowledged.set(metadata.offset, value)
            else failed.push(error)
          })
          await t.time.sleep(5)
        }
        await producer.flush()
        await restarts
        expect(failed).toEqual([])
        expect(acknowledged.size).toBe(count)
        const records = await t.contents('orders')
        const log = new Map(records.map(({ offset, value }) => [offset, value]))
        for (const [offset, value] of acknowledged) expect(log.get(offset)).toBe(value)
        expect(records.map(({ offset }) => offset)).toEqual(range(records.length))
      },
      { link: { latencyMs: [0, 3] } },
    ),
  )

  test(
    'that does not come back: every send fails within delivery.timeout.ms, and close returns',
    onCluster(async (t) => {
      const settings = { 'delivery.timeout.ms': 6000, 'request.timeout.ms': 2000 }
      const producer = t.producer({ ...settings, 'max.block.ms': 3000 })
      await producer.send({ topic: 'orders', value: 'before' })
      await t.cluster.stopBroker(1)
      const start = t.time.milliseconds()
      const sent = range(50).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
      const errors = await Promise.all(sent.map(failureOf))
      for (const error of errors) {
        expect(error).toBeInstanceOf(TimeoutException)
        expect(error.message).toMatch(/Expiring 50 record\(s\) for orders-0.*60\d\d ms/)
        // Until now an expired record did not say what was in its way.
        expect(error.message).toMatch(/Nobody listens at cluster:\d+.*check that the broker runs/)
      }
      expect(t.time.milliseconds() - start).toBeLessThan(6200)
      await producer.close()
      expect(t.time.milliseconds() - start).toBeLessThan(6300)
      const warnings = t.logger.messages('warn').filter((line) => /could not be est/.test(line))
      expect(warnings.length).toBeLessThanOrEqual(2)
    }),
  )

  test(
    'leaves a consumer where it was: it goes on without a gap and without a repetition',
    onCluster(
      async (t) => {
        const { port } = t.cluster.broker(1)
        const producer = t.producer({ 'max.in.flight.requests.per.connection': 1 })
        const consumer = t.consumer()
        const orders = new TopicPartition('orders', 0)
        consumer.assign([orders])
        const offsets: number[] = []
        let done = false
        const reading = (async () => {
          while (!done || offsets.length < (await consumer.endOffsets([orders])).get(orders)!) {
            for (const { offset } of await consumer.poll(200)) offsets.push(offset)
          }
        })()
        for (const i of range(200)) {
          producer.send({ topic: 'orders', value: `${i}` })
          await t.time.sleep(10)
          if (i % 60 !== 50) continue
          await t.cluster.stopBroker(1)
          await t.time.sleep(100)
          await t.cluster.startBroker(1, port)
        }
        await producer.flush()
        done = true
        await reading
        expect(offsets.length).toBeGreaterThanOrEqual(200)
        expect(offsets).toEqual(range(offsets.length))
      },
      { link: { latencyMs: [0, 3] } },
    ),
  )
})

describe('connections that break', () => {
  test(
    'in the middle of a request and of an answer: it is sent again, and nothing is lost',
    onCluster(
      async (t) => {
        const { faults } = t.world.network
        const producer = t.producer({ 'batch.size': 2000, 'linger.ms': 0 })
        await producer.partitionsFor('orders')
        const sent = range(300).map((i) =>
          producer.send({ topic: 'orders', value: String(i).padStart(50) }),
        )
        for (const i of range(6)) {
          const [from, to] = i % 2 === 0 ? ['producer', 'cluster'] : ['cluster', 'producer']
          faults.cutAfter(from!, to!, 700)
          await t.time.sleep(300)
        }
        const metadata = await Promise.all(sent)
        const log = new Map((await t.contents('orders')).map((r) => [r.offset, r.value!.trim()]))
        for (const [i, { offset }] of metadata.entries()) expect(log.get(offset)).toBe(`${i}`)
        expect(t.logger.messages('warn').join('\n')).toMatch(/retrying/)
      },
      { link: { latencyMs: 1, segmentBytes: [10, 300] } },
    ),
  )
})

describe('over TCP', () => {
  test('a broker that is stopped and started on its port loses nothing, for real', async () => {
    const logger = new RecordingLogger()
    await using cluster = await EmbeddedCluster.start({ environment: { logger } })
    const { port } = cluster.broker(1)
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
    const producer = new KafkaProducer(
      { ...bootstrap, 'key.serializer': StringSerializer, 'value.serializer': StringSerializer },
      { logger },
    )
    const consumer = new KafkaConsumer(
      {
        ...bootstrap,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        'auto.offset.reset': 'earliest',
      },
      { logger },
    )
    const sent = range(200).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
    await producer.flush()
    await cluster.stopBroker(1)
    sent.push(...range(200, 200).map((i) => producer.send({ topic: 'orders', value: `${i}` })))
    await cluster.startBroker(1, port)
    const offsets = (await Promise.all(sent)).map(({ offset }) => offset)
    consumer.assign([new TopicPartition('orders', 0)])
    const log = new Map<number, string | null>()
    while (log.size < 400) {
      for (const { offset, value } of await consumer.poll(1000)) log.set(offset, value)
    }
    for (const [i, offset] of offsets.entries()) expect(log.get(offset)).toBe(`${i}`)
    await producer.close()
    await consumer.close()
    expect(logger.messages('error')).toEqual([])
  })
})
