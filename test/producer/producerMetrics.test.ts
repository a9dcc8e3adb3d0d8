/** What a whole producer records, and who hears of it. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import {
  BufferExhaustedException,
  ConfigException,
  KafkaException,
} from '../../src/common/errors.ts'
import { MetricName, type MetricTags } from '../../src/common/MetricName.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import type { Monitorable, PluginMetrics } from '../../src/common/metrics/Monitorable.ts'
import type { Serializer } from '../../src/common/serialization/Serializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { Partitioner } from '../../src/producer/Partitioner.ts'
import type { ProducerConfigInput } from '../../src/producer/ProducerConfig.ts'
import type { ProducerInterceptor } from '../../src/producer/ProducerInterceptor.ts'
import type { ProducerRecord } from '../../src/producer/ProducerRecord.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { RecordingReporter } from '../support/RecordingReporter.ts'
import { failureOf, producerWorld } from './producerWorld.ts'

type Metered = Pick<KafkaProducer<string, string>, 'clientId' | 'metrics'>

const value = (
  producer: Metered,
  name: string,
  group = 'producer-metrics',
  more: MetricTags = {},
) =>
  producer
    .metrics()
    .get(new MetricName(name, group, '', { 'client-id': producer.clientId, ...more }))
    ?.metricValue()
const ofTopic = (producer: Metered, name: string, topic: string) =>
  value(producer, name, 'producer-topic-metrics', { topic })

/** Not connected to anything. */
const make = (more: Record<string, unknown> = {}): KafkaProducer<string, string> => {
  const config = {
    'bootstrap.servers': 'localhost:9999',
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
    ...more,
  }
  return new KafkaProducer(config as ProducerConfigInput<string, string>, {
    time: new MockTime(),
    logger: new RecordingLogger(),
  })
}

let made: Reporter[] = []
class Reporter extends RecordingReporter {
  constructor() {
    super()
    made.push(this)
  }
}

describe('the metrics of a producer that sends', () => {
  it('count what it sends, for each topic and broker, and how long that takes', async () => {
    const world = new SimulatedWorld({ seed: 3, link: { latencyMs: [2, 2] } })
    await world.run(async () => {
      const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
      const producer = new KafkaProducer<string, string>(
        {
          'bootstrap.servers': cluster.bootstrapServers,
          'key.serializer': StringSerializer,
          'value.serializer': StringSerializer,
        },
        world.environment('app'),
      )
      for (let i = 0; i < 20; i++) producer.send({ topic: 'a', value: `${i}` })
      producer.send({ topic: 'b', value: 'x' })
      await producer.flush()

      expect(value(producer, 'record-send-total')).toBe(21)
      expect(value(producer, 'record-error-total')).toBe(0)
      expect([ofTopic(producer, 'record-send-total', 'a')]).toEqual([20])
      expect([ofTopic(producer, 'record-send-total', 'b')]).toEqual([1])
      expect(ofTopic(producer, 'byte-total', 'a')).toBeGreaterThan(20 * 8)
      expect(value(producer, 'compression-rate-avg')).toBe(1)
      expect(value(producer, 'request-latency-avg')).toBeGreaterThanOrEqual(4)
      const node = { 'node-id': 'node-1' }
      const group = 'producer-node-metrics'
      const ofNode = (name: string) => value(producer, name, group, node)
      expect(ofNode('request-latency-avg')).toBe(value(producer, 'request-latency-avg'))
      expect(ofNode('outgoing-byte-total')).toBeGreaterThan(0)
      expect(value(producer, 'outgoing-byte-total')).toBeGreaterThan(
        ofNode('outgoing-byte-total') as number,
      )
      expect(ofNode('response-total')).toBe(ofNode('request-total'))
      expect(value(producer, 'connection-count')).toBe(2)
      expect(value(producer, 'requests-in-flight')).toBe(0)
      // It waited for the metadata of two topics, and for the outcome of the records.
      expect(value(producer, 'metadata-wait-time-ns-total')).toBeGreaterThan(4e6)
      expect(value(producer, 'flush-time-ns-total')).toBeGreaterThan(4e6)
      expect(value(producer, 'version', 'app-info')).toMatch(/^\d+\.\d+\.\d+$/)

      await producer.close()
      await cluster.close()
      expect(value(producer, 'record-send-total')).toBe(21)
      for (const gone of ['flush-time-ns-total', 'connection-count', 'io-ratio']) {
        expect(value(producer, gone), gone).toBeUndefined()
      }
      expect(value(producer, 'version', 'app-info')).toBeUndefined()
    })
  })

  it('count what is tried again, what is split, and what fails', async () => {
    let answers = 0
    await producerWorld(
      { 'linger.ms': 10, 'retry.backoff.ms': 1 },
      async ({ producer, trace }) => {
        await Promise.all(['a', 'b', 'c'].map((v) => producer.send({ topic: 't', value: v })))
        expect(value(producer, 'record-retry-total')).toBe(3)
        expect(ofTopic(producer, 'record-retry-total', 't')).toBe(3)

        await Promise.all(['d', 'e'].map((v) => producer.send({ topic: 't', value: v })))
        const splits = trace.filter(({ name }) => name === 'producer.sender.splitBatch')
        expect(value(producer, 'batch-split-total')).toBe(splits.length)
        expect(splits.length).toBeGreaterThan(0)

        await failureOf(producer.send({ topic: 't', value: 'refused' }))
        expect(value(producer, 'record-error-total')).toBe(1)
        expect(ofTopic(producer, 'record-error-total', 't')).toBe(1)
        expect(value(producer, 'record-error-rate')).toBeGreaterThan(0)
      },
      (broker) => {
        broker.verdict = (_partition, values) => {
          if (values.includes('refused')) return Errors.INVALID_RECORD
          if (values.length === 2) return Errors.MESSAGE_TOO_LARGE
          return answers++ === 0 ? Errors.NOT_LEADER_OR_FOLLOWER : Errors.NONE
        }
      },
    )
  })

  it('count records that fail before they come into a batch', async () => {
    const config = { 'buffer.memory': 1000, 'batch.size': 1000, 'max.block.ms': 20 }
    await producerWorld(config, async ({ producer, broker }) => {
      broker.topics = { t: 2 }
      await producer.send({ topic: 't', partition: 1, value: 'first' })
      broker.verdict = () => 'silence'
      producer.send({ topic: 't', partition: 0, value: 'holds the memory' }).catch(() => {})
      const late = producer.send({ topic: 't', partition: 1, value: 'late' })
      expect(await failureOf(late)).toBeInstanceOf(BufferExhaustedException)
      expect(value(producer, 'buffer-exhausted-total')).toBe(1)
      expect(value(producer, 'bufferpool-wait-time-ns-total')).toBe(20e6)
      expect(value(producer, 'record-error-total')).toBe(1)
      expect(value(producer, 'buffer-total-bytes')).toBe(1000)
      await producer.close(0)
    })
  })
})

/** What means something else here, because there are no threads, or says more than Kafka's. */
const OTHER_MEANINGS = [
  'bufferpool-wait-ratio',
  'bufferpool-wait-time-ns-total',
  'io-ratio',
  'io-time-ns-total',
  'io-wait-ratio',
  'io-wait-time-ns-avg',
  'io-wait-time-ns-total',
  'record-size-avg',
  'request-latency-avg',
  'request-latency-max',
  'waiting-threads',
]

it("are named, grouped, tagged and described as those of Kafka's producer", async () => {
  const { producer: kafkas } = JSON.parse(
    readFileSync(new URL('../golden/metrics.json', import.meta.url), 'utf8'),
  ) as { producer: Record<string, [tags: string[], description: string]> }
  const world = new SimulatedWorld({ seed: 1 })
  const names = await world.run(async () => {
    const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
    const settings = {
      'bootstrap.servers': cluster.bootstrapServers,
      'key.serializer': StringSerializer,
      'value.serializer': StringSerializer,
    }
    const producer = new KafkaProducer<string, string>(settings, world.environment('app'))
    await producer.send({ topic: 't', value: 'v' })
    const all = [...producer.metrics().keys()]
    await producer.close()
    await cluster.close()
    return all
  })
  const ours = new Map(names.map((name) => [`${name.group} ${name.name}`, name]))
  expect([...ours.keys()].sort()).toEqual(Object.keys(kafkas).sort())
  const described: string[] = []
  for (const [key, [tags, description]] of Object.entries(kafkas)) {
    const name = ours.get(key)!
    expect([key, Object.keys(name.tags).sort()]).toEqual([key, tags])
    if (name.description !== description) described.push(name.name)
  }
  expect([...new Set(described)].sort()).toEqual(OTHER_MEANINGS)
})

it('the time of each flush is added up', async () => {
  covers('KafkaProducerTest.testFlushMeasureLatency')
  await producerWorld({ 'linger.ms': 1000 }, async ({ producer }) => {
    const total = () => value(producer, 'flush-time-ns-total') as number
    expect(total()).toBe(0)
    const sent = producer.send({ topic: 't', value: 'a' })
    await producer.flush()
    await sent
    const first = total()
    expect(first).toBeGreaterThan(0)
    producer.send({ topic: 't', value: 'b' })
    await producer.flush()
    expect(total()).toBeGreaterThan(first)
  })
})

/** Counts what it sees, and says so. */
class Watching implements Monitorable {
  seen = 0
  withPluginMetrics(metrics: PluginMetrics): void {
    const name = metrics.metricName('seen', 'How much it has seen.', { t1: 'v1' })
    metrics.addMetric(name, { measure: () => this.seen })
  }
}
class WatchingSerializer extends Watching implements Serializer<string> {
  serialize(_topic: string, data: string | null): Uint8Array | null {
    this.seen++
    return data === null ? null : new TextEncoder().encode(data)
  }
}
class WatchingPartitioner extends Watching implements Partitioner<string, string> {
  partition(): number {
    this.seen++
    return 0
  }
}
class WatchingInterceptor extends Watching implements ProducerInterceptor<string, string> {
  onSend(record: ProducerRecord<string, string>): ProducerRecord<string, string> {
    this.seen++
    return record
  }
}

it('a plug-in may have metrics of its own, until the producer is closed', async () => {
  covers('KafkaProducerTest.testMonitorablePlugins')
  const of = (producer: Metered, config: string, plugin: { name: string }) =>
    value(producer, 'seen', 'plugins', { config, class: plugin.name, t1: 'v1' })
  const all = (producer: Metered) => [
    of(producer, 'key.serializer', WatchingSerializer),
    of(producer, 'value.serializer', WatchingSerializer),
    of(producer, 'partitioner.class', WatchingPartitioner),
    of(producer, 'interceptor.classes', WatchingInterceptor),
  ]
  const config = {
    'key.serializer': WatchingSerializer,
    'value.serializer': WatchingSerializer,
    'partitioner.class': WatchingPartitioner,
    'interceptor.classes': [WatchingInterceptor],
  }
  const { producer } = await producerWorld(config, async ({ producer }) => {
    expect(all(producer)).toEqual([0, 0, 0, 0])
    await producer.send({ topic: 't', key: 'k', value: 'v' })
    expect(all(producer)).toEqual([1, 1, 1, 1])
  })
  expect(all(producer)).toEqual([undefined, undefined, undefined, undefined])
})

describe('the settings of metrics', () => {
  it('say which level is recorded, over how many windows of which length', async () => {
    covers('KafkaProducerTest.testMetricConfigRecordingLevel')
    const levelOf = async (more: Record<string, unknown>) => {
      const producer = make(more)
      const [metric] = producer.metrics().values()
      await producer.close(0)
      const { recordLevel, samples, timeWindowMs } = metric!.config()
      return [recordLevel, samples, timeWindowMs]
    }
    expect(await levelOf({})).toEqual(['INFO', 2, 30_000])
    expect(await levelOf({ 'metrics.recording.level': 'DEBUG' })).toEqual(['DEBUG', 2, 30_000])
    const windows = { 'metrics.num.samples': '5', 'metrics.sample.window.ms': 1000 }
    expect(await levelOf(windows)).toEqual(['INFO', 5, 1000])
    expect(() => make({ 'metrics.recording.level': 'ALL' })).toThrow(ConfigException)
    expect(() => make({ 'metrics.num.samples': 0 })).toThrow(ConfigException)
  })

  it('refuse to push metrics to the broker', () => {
    expect(() => make({ 'enable.metrics.push': true })).toThrow(/'enable.metrics.push'.*KIP-714/)
  })
})

describe('a reporter of a producer', () => {
  it('knows the client id, also one that was drawn, and what is written for it', async () => {
    covers('KafkaProducerTest.testMetricsReporterAutoGeneratedClientId')
    made = []
    const producer = make({ 'metric.reporters': [Reporter], 'metrics.context.team': 'billing' })
    const [reporter] = made
    expect(made).toHaveLength(1)
    expect(producer.clientId).not.toBe('')
    expect(reporter?.configs['client.id']).toBe(producer.clientId)
    expect(reporter?.context?.contextLabels).toEqual({
      _namespace: 'kafka.producer',
      team: 'billing',
    })
    expect(reporter?.known.size).toBe(producer.metrics().size)
    await producer.close(0)
    await producer.close()
    expect(reporter?.closed).toBe(1)
    expect(reporter?.known.has('flush-time-ns-total')).toBe(false)
  })

  it('may be an object, and is closed when the producer cannot be made', () => {
    made = []
    const reporter = new Reporter()
    expect(() => make({ 'metric.reporters': [reporter], 'bootstrap.servers': 'no-port' })).toThrow(
      ConfigException,
    )
    expect([made.length, reporter.closed]).toEqual([1, 1])
  })

  it('cannot be the name of a class', () => {
    covers('KafkaProducerTest.testConstructorWithInvalidMetricReporterClass')
    const named = () => make({ 'metric.reporters': 'an.invalid.class' })
    expect(named).toThrow(KafkaException)
    expect(named).toThrow(/'metric.reporters' has an.invalid.class: expected a class or an object/)
  })
})
