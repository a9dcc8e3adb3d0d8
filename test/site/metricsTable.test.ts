/** The page of metrics against a producer and a consumer that have sent and read a record. */

import { describe, expect, test } from 'vitest'
import {
  consumerMetricNames,
  consumerMetricsTable,
  producerMetricNames,
  producerMetricsTable,
} from '../../docs/.vitepress/markdown/metricsTable.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import type { MetricName } from '../../src/common/MetricName.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'

const shape = ({ group, name, tags }: MetricName): string =>
  [group, name, ...Object.keys(tags)].join(' ')

describe('the table of metrics', () => {
  test('has every metric of a producer, and no others', async () => {
    const world = new SimulatedWorld({ seed: 1 })
    const registered = await world.run(async () => {
      const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
      const producer = new KafkaProducer<string, string>(
        {
          'bootstrap.servers': cluster.bootstrapServers,
          'key.serializer': StringSerializer,
          'value.serializer': StringSerializer,
        },
        world.environment('producer'),
      )
      await producer.send({ topic: 't', value: 'v' })
      const names = [...producer.metrics().keys()]
      await producer.close()
      await cluster.close()
      return names
    })
    const listed = producerMetricNames().map(shape)
    expect(new Set(listed).size).toBe(listed.length)
    expect([...new Set(registered.map(shape))].sort()).toEqual(listed.sort())
  })

  test('says of each what it means, in a whole sentence', () => {
    for (const { name, description } of producerMetricNames()) {
      expect(description, name).toMatch(/^\w.{10,}/)
    }
    const table = producerMetricsTable()
    expect(table).toContain('### `producer-topic-metrics` {#producer-topic-metrics}')
    expect(table).toContain('Tags: `client-id`, `topic`.')
    expect(table).toContain(
      '| `record-send-rate` | The average number of records sent per second. |',
    )
  })

  test('has every metric of a consumer, and no others', async () => {
    const world = new SimulatedWorld({ seed: 1 })
    const registered = await world.run(async () => {
      const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
      const servers = { 'bootstrap.servers': cluster.bootstrapServers }
      const serializers = {
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
      }
      const writer = world.environment('producer')
      const producer = new KafkaProducer<string, string>({ ...servers, ...serializers }, writer)
      await producer.send({ topic: 't', value: 'v' })
      await producer.close()
      const deserializers = {
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
      }
      const config = { ...servers, ...deserializers, 'auto.offset.reset': 'earliest' }
      const consumer = new KafkaConsumer<string, string>(config, world.environment('consumer'))
      consumer.assign([new TopicPartition('t', 0)])
      let read = 0
      while (read < 1) read += (await consumer.poll(100)).count()
      await consumer.poll(0)
      const names = [...consumer.metrics().keys()]
      await consumer.close()
      await cluster.close()
      return names
    })
    const listed = consumerMetricNames()
    // It is in no group, so it has no coordinator.
    const alone = listed.filter(({ group }) => group !== 'consumer-coordinator-metrics')
    expect(alone.length).toBeLessThan(listed.length)
    expect([...new Set(registered.map(shape))].sort()).toEqual(alone.map(shape).sort())
    for (const { name, description } of listed) expect(description, name).toMatch(/^\w.{10,}/)
    const table = consumerMetricsTable()
    expect(table).toContain('by partition {#consumer-fetch-manager-metrics-partition}')
    expect(table).toContain('| `records-lag` | The latest lag of the partition. |')
    for (const { name } of listed) {
      if (!/^(version|commit-id|start-time-ms|count)$/.test(name)) expect(table).toContain(name)
    }
  })
})
