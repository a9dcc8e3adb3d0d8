/** What a whole consumer records. */

import { describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { MetricName, type MetricTags } from '../../src/common/MetricName.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerConfigInput } from '../../src/consumer/ConsumerConfig.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { covers } from '../support/covers.ts'
import {
  describedOtherwise,
  factKeyOf,
  KAFKAS_METRICS,
  OTHER_MEANINGS_OF_CONNECTIONS,
} from '../support/metricFacts.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

type Consumer = KafkaConsumer<string, string>

const value = (
  consumer: Pick<Consumer, 'clientId' | 'metrics'>,
  name: string,
  group = 'consumer-metrics',
  more: MetricTags = {},
) =>
  consumer
    .metrics()
    .get(new MetricName(name, group, '', { 'client-id': consumer.clientId, ...more }))
    ?.metricValue()
const FETCH = 'consumer-fetch-manager-metrics'

/** A cluster with `records` records in the topic `t.x`, and a consumer of it. */
const reading = async (
  records: number,
  scenario: (consumer: Consumer, world: SimulatedWorld) => Promise<void>,
  more: Record<string, unknown> = {},
): Promise<void> => {
  const world = new SimulatedWorld({ seed: 3, link: { latencyMs: [2, 2] } })
  await world.run(async () => {
    const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
    const servers = { 'bootstrap.servers': cluster.bootstrapServers }
    const producer = new KafkaProducer<string, string>(
      { ...servers, 'key.serializer': StringSerializer, 'value.serializer': StringSerializer },
      world.environment('writer'),
    )
    for (let i = 0; i < records; i++) producer.send({ topic: 't.x', partition: 0, value: `${i}` })
    await producer.close()
    const config = {
      ...servers,
      'auto.offset.reset': 'earliest',
      'key.deserializer': StringDeserializer,
      'value.deserializer': StringDeserializer,
      ...more,
    } as ConsumerConfigInput<string, string>
    const consumer = new KafkaConsumer<string, string>(config, world.environment('reader'))
    await scenario(consumer, world)
    await consumer.close()
    await cluster.close()
  })
}

describe('the metrics of a consumer that reads', () => {
  test('count what it reads, of each topic and broker, and tell how far it is', async () => {
    await reading(
      20,
      async (consumer) => {
        consumer.assign([new TopicPartition('t.x', 0)])
        let read = 0
        while (read < 5) read += (await consumer.poll(100)).count()
        const partition = { topic: 't.x', partition: '0' }
        expect(value(consumer, 'records-lag', FETCH, partition)).toBe(15)
        expect(value(consumer, 'records-lead', FETCH, partition)).toBe(5)
        expect(value(consumer, 'preferred-read-replica', FETCH, partition)).toBe(-1)
        while (read < 20) read += (await consumer.poll(100)).count()
        await consumer.poll(10)
        expect(value(consumer, 'records-lag', FETCH, partition)).toBe(0)
        expect(value(consumer, 'records-lag-max', FETCH)).toBe(15)

        expect(value(consumer, 'records-consumed-total', FETCH)).toBe(20)
        expect(value(consumer, 'records-consumed-total', FETCH, { topic: 't.x' })).toBe(20)
        expect(value(consumer, 'records-consumed-total', FETCH, { topic: 't_x' })).toBe(20)
        expect(value(consumer, 'bytes-consumed-total', FETCH)).toBeGreaterThan(20 * 8)
        const total = value(consumer, 'fetch-total', FETCH) as number
        expect(total).toBeGreaterThan(0)
        expect(value(consumer, 'fetch-latency-avg', FETCH)).toBeGreaterThanOrEqual(4)
        const ofNode = (name: string) =>
          value(consumer, name, 'consumer-node-metrics', { 'node-id': 'node-1' })
        expect(ofNode('request-latency-avg')).toBe(value(consumer, 'fetch-latency-avg', FETCH))
        expect(ofNode('incoming-byte-total')).toBeGreaterThan(0)
        expect(value(consumer, 'connection-count')).toBe(2)
        expect(value(consumer, 'poll-idle-ratio-avg')).toBeGreaterThan(0)
        expect(value(consumer, 'version', 'app-info')).toMatch(/^\d+\.\d+\.\d+$/)
      },
      { 'max.poll.records': 5 },
    )
  })

  test('of calls and connections are gone after close; what was read can still be told', async () => {
    covers('KafkaConsumerTest.testClosingConsumerUnregistersConsumerMetrics')
    await reading(1, async (consumer) => {
      consumer.assign([new TopicPartition('t.x', 0)])
      let read = 0
      while (read < 1) read += (await consumer.poll(100)).count()
      await consumer.poll(0)
      const gone = ['last-poll-seconds-ago', 'time-between-poll-avg', 'poll-idle-ratio-avg']
      for (const name of [...gone, 'io-ratio']) expect(value(consumer, name)).not.toBeUndefined()
      await consumer.close()
      for (const name of [...gone, 'io-ratio']) expect(value(consumer, name)).toBeUndefined()
      expect(value(consumer, 'version', 'app-info')).toBeUndefined()
      expect(value(consumer, 'records-consumed-total', FETCH)).toBe(1)
    })
  })
})

test("are named, grouped, tagged and described as those of Kafka's consumer", async () => {
  await reading(1, async (consumer) => {
    consumer.assign([new TopicPartition('t.x', 0)])
    let read = 0
    while (read < 1) read += (await consumer.poll(100)).count()
    await consumer.poll(0)
    const names = consumer.metrics().keys()
    expect(describedOtherwise(names, KAFKAS_METRICS.consumer)).toEqual(
      OTHER_MEANINGS_OF_CONNECTIONS,
    )
  })
})

test("of one in a group are those of Kafka's coordinators as well", async () => {
  const inGroup = new KafkaConsumer<string, string>(
    {
      'bootstrap.servers': 'localhost:9999',
      'group.id': 'any',
      'key.deserializer': StringDeserializer,
      'value.deserializer': StringDeserializer,
    },
    { time: new MockTime(), logger: new RecordingLogger() },
  )
  const names = [...inGroup.metrics().keys()]
  const ofGroup = names.filter((name) => !(factKeyOf(name) in KAFKAS_METRICS.consumer))
  expect(describedOtherwise(ofGroup, KAFKAS_METRICS.consumerGroup)).toEqual([])
  await inGroup.close(0)
})

describe('the metrics of a member of a group', () => {
  const GROUP = 'consumer-coordinator-metrics'

  test('count its partitions, however it came by them', async () => {
    covers('KafkaConsumerTest.testAssignedPartitionsMetrics')
    await reading(
      1,
      async (consumer) => {
        const assigned = () => value(consumer, 'assigned-partitions', GROUP)
        expect(assigned()).toBe(0)
        consumer.assign([0, 1].map((partition) => new TopicPartition('t.x', partition)))
        expect(assigned()).toBe(2)
        consumer.assign([new TopicPartition('t.x', 0)])
        expect(assigned()).toBe(1)
        await consumer.unsubscribe()
        expect(assigned()).toBe(0)
        consumer.subscribe(['t.x'])
        let read = 0
        while (read < 1) read += (await consumer.poll(100)).count()
        expect(assigned()).toBe(1)
      },
      { 'group.id': 'g' },
    )
  })

  test('time its joins, heartbeats, commits and listeners, by the way to the broker and back', async () => {
    await reading(
      10,
      async (consumer, world) => {
        const { simulation } = world
        const ofGroup = (name: string) => value(consumer, name, GROUP) as number
        expect([
          ofGroup('last-heartbeat-seconds-ago'),
          ofGroup('last-rebalance-seconds-ago'),
        ]).toEqual([-1, -1])
        consumer.subscribe(['t.x'], { onPartitionsAssigned: () => simulation.sleep(20) })
        let read = 0
        while (read < 10) read += (await consumer.poll(100)).count()
        await consumer.commitSync()
        await consumer.poll(3500)
        // Each link takes 2 ms.
        expect(ofGroup('join-time-max')).toBeGreaterThanOrEqual(4)
        expect(ofGroup('sync-time-avg')).toBeGreaterThanOrEqual(4)
        expect([ofGroup('join-total'), ofGroup('sync-total'), ofGroup('rebalance-total')]).toEqual([
          1, 1, 1,
        ])
        // The first JoinGroup brings a member id only, and the rebalance goes on from there.
        expect(ofGroup('failed-rebalance-total')).toBe(1)
        expect(ofGroup('rebalance-latency-total')).toBeGreaterThan(
          ofGroup('join-time-max') + ofGroup('sync-time-max'),
        )
        expect(ofGroup('heartbeat-total')).toBeGreaterThan(0)
        expect(ofGroup('heartbeat-response-time-max')).toBeGreaterThanOrEqual(4)
        expect(ofGroup('commit-total')).toBe(1)
        expect(ofGroup('commit-latency-avg')).toBeGreaterThanOrEqual(4)
        expect(ofGroup('partition-assigned-latency-avg')).toBe(20)
        expect(ofGroup('partition-revoked-latency-avg')).toBeNaN()
        expect(value(consumer, 'commit-sync-time-ns-total')).toBeGreaterThanOrEqual(4e6)
        await consumer.unsubscribe()
        expect(ofGroup('partition-revoked-latency-avg')).toBe(0)
        expect(ofGroup('last-rebalance-seconds-ago')).toBeGreaterThanOrEqual(3)
      },
      { 'group.id': 'g', 'enable.auto.commit': false },
    )
  })
})
