/** The page of metrics against a producer that has sent a record. */

import { describe, expect, test } from 'vitest'
import {
  producerMetricNames,
  producerMetricsTable,
} from '../../docs/.vitepress/markdown/metricsTable.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import type { MetricName } from '../../src/common/MetricName.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
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
})
