import { beforeEach, describe, expect, it } from 'vitest'
import { ApiVersions } from '../../src/clients/ApiVersions.ts'
import { ManualMetadataUpdater } from '../../src/clients/ManualMetadataUpdater.ts'
import { NetworkClient } from '../../src/clients/NetworkClient.ts'
import { requestBuilder } from '../../src/clients/RequestBuilder.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { MetricConfig } from '../../src/common/metrics/MetricConfig.ts'
import { Metrics } from '../../src/common/metrics/Metrics.ts'
import { Avg } from '../../src/common/metrics/stats/Avg.ts'
import { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { SenderMetrics, throttleTimeSensor } from '../../src/producer/internals/SenderMetrics.ts'
import {
  type SenderMetricName,
  SenderMetricsRegistry,
  type TopicMetricName,
} from '../../src/producer/internals/SenderMetricsRegistry.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { covers } from '../support/covers.ts'
import { MockSelector } from '../support/MockSelector.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { receiveOf } from '../support/RequestTestUtils.ts'
import { batchOf, record, traceOn } from './producerSupport.ts'

let time: MockTime
let metrics: Metrics
let registry: SenderMetricsRegistry
let sensors: SenderMetrics
let inFlight: number
let refreshedMs: number
beforeEach(() => {
  time = new MockTime()
  metrics = new Metrics({ time, config: new MetricConfig({ tags: { 'client-id': 'clientA' } }) })
  registry = new SenderMetricsRegistry(metrics)
  inFlight = 0
  refreshedMs = time.milliseconds()
  sensors = new SenderMetrics({
    registry,
    client: { inFlightRequestCount: () => inFlight },
    metadata: { lastSuccessfulUpdate: () => refreshedMs },
    time,
  })
})

const value = (name: SenderMetricName) => metrics.metric(registry.name(name))?.metricValue()
const ofTopic = (name: TopicMetricName, topic: string) =>
  metrics.metric(registry.topicName(name, topic))?.metricValue()

/** A batch of `count` records that lay in the queue for 20 ms. */
const drained = (topic: string, partition: number, count: number) => {
  const createdMs = time.milliseconds() - 20
  const batch = batchOf(new TopicPartition(topic, partition), { createdMs })
  for (let i = 0; i < count; i++) expect(batch.tryAppend(record(), createdMs)).not.toBeNull()
  batch.close()
  batch.drained(time.milliseconds())
  return batch
}

describe('what a Sender records', () => {
  it('is the batches of each request, for the producer and for each topic', () => {
    const [a, b, c] = [drained('a', 0, 3), drained('b', 0, 1), drained('a', 1, 2)]
    const requests = new Map([
      [1, [a, b]],
      [2, [c]],
      // Nothing was drained for this one: it gets no request.
      [3, []],
    ])
    sensors.updateProduceRequestMetrics(requests)
    const sizes = [a, b, c].map((batch) => batch.estimatedSizeInBytes())
    const sum = sizes.reduce((total, size) => total + size, 0)
    expect([value('record-send-total'), value('records-per-request-avg')]).toEqual([6, 3])
    expect(value('record-send-rate')).toBeCloseTo(6 / 30, 6)
    expect([value('batch-size-avg'), value('batch-size-max')]).toEqual([
      sum / 3,
      Math.max(...sizes),
    ])
    expect([value('record-queue-time-avg'), value('record-queue-time-max')]).toEqual([20, 20])
    expect(value('compression-rate-avg')).toBe(1)
    expect(value('record-size-max')).toBe(a.maxRecordSize)

    expect([ofTopic('record-send-total', 'a'), ofTopic('record-send-total', 'b')]).toEqual([5, 1])
    expect(ofTopic('byte-total', 'a')).toBe(sizes[0]! + sizes[2]!)
    expect(ofTopic('byte-rate', 'b')).toBeCloseTo(sizes[1]! / 30, 6)
    expect(ofTopic('compression-rate', 'a')).toBe(1)
  })

  it('is what failed and what was tried again, by records', () => {
    sensors.updateProduceRequestMetrics(new Map([[1, [drained('a', 0, 3)]]]))
    sensors.recordRetries('a', 3)
    sensors.recordErrors('a', 2)
    // It failed before anything was sent to its topic.
    sensors.recordErrors('never sent', 1)
    sensors.recordBatchSplit()
    expect([value('record-retry-total'), value('record-error-total')]).toEqual([3, 3])
    expect(value('record-retry-rate')).toBeCloseTo(3 / 30, 6)
    expect(ofTopic('record-retry-total', 'a')).toBe(3)
    expect(ofTopic('record-error-total', 'a')).toBe(2)
    expect(ofTopic('record-error-total', 'never sent')).toBeUndefined()
    expect(value('batch-split-total')).toBe(1)
  })

  it('is how long a request took, also with the connection that it went over', () => {
    const latency = metrics.metricName('request-latency-avg', 'producer-node-metrics', '', {
      'node-id': 'node-1',
    })
    metrics.sensor('node-1.latency').add(latency, new Avg())
    sensors.recordLatency('1', 10)
    sensors.recordLatency('2', 30)
    sensors.recordLatency('', 50)
    expect([value('request-latency-avg'), value('request-latency-max')]).toEqual([30, 50])
    expect(metrics.metric(latency)?.metricValue()).toBe(10)
  })

  it('is read from the client and the metadata when somebody asks', () => {
    inFlight = 4
    time.sleep(2500)
    expect([value('requests-in-flight'), value('metadata-age')]).toEqual([4, 2.5])
    refreshedMs = time.milliseconds()
    expect(value('metadata-age')).toBe(0)
  })

  it('has a template for each of its metrics', () => {
    covers('SenderTest.testSenderMetricsTemplates')
    sensors.updateProduceRequestMetrics(new Map([[1, [drained('a', 0, 1)]]]))
    throttleTimeSensor(registry)
    const shape = (name: string, group: string, tags: Iterable<string>) =>
      [group, name, ...tags].join(' ')
    const registered = [...metrics.metrics().keys()]
      .filter(({ group }) => group !== 'kafka-metrics-count')
      .map(({ name, group, tags }) => shape(name, group, Object.keys(tags)))
    const templates = registry.allTemplates()
    expect(registered.sort()).toEqual(
      templates.map(({ name, group, tags }) => shape(name, group, tags)).sort(),
    )
  })
})

it('the times that brokers hold a producer back are those of all its responses', async () => {
  covers('SenderTest.testQuotaMetrics')
  const node = new Node(0, 'localhost', 1969)
  const selector = new MockSelector(time)
  const client = new NetworkClient({
    selector,
    metadataUpdater: new ManualMetadataUpdater([node]),
    clientId: 'mock',
    maxInFlightRequestsPerConnection: Number.MAX_SAFE_INTEGER,
    reconnectBackoffMs: 1000,
    reconnectBackoffMaxMs: 1000,
    defaultRequestTimeoutMs: 1000,
    connectionSetupTimeoutMs: 10_000,
    connectionSetupTimeoutMaxMs: 127_000,
    apiVersions: new ApiVersions(),
    throttleTimeSensor: throttleTimeSensor(registry),
    time,
    random: new SeededRandom(5),
    logger: new RecordingLogger(),
    trace: traceOn(time),
  })
  const { API_VERSIONS, PRODUCE } = ApiKeys
  const untilReady = async () => {
    while (!client.ready(node, time.milliseconds())) {
      await client.poll(1, time.milliseconds())
      time.sleep(client.pollDelayMs(node, time.milliseconds()))
    }
  }
  const apiKeys = ApiKeys.values().map((key) => ({
    apiKey: key.id,
    minVersion: key.oldestVersion(),
    maxVersion: key.latestVersion(),
  }))
  selector.delayedReceive(receiveOf(node, API_VERSIONS, 4, 0, { throttleTimeMs: 400, apiKeys }))
  await untilReady()
  for (const throttleTimeMs of [100, 200, 300]) {
    const request = client.newClientRequest({
      nodeId: node.idString(),
      request: requestBuilder(PRODUCE, { acks: 1, timeoutMs: 1000, topicData: [] }),
      createdTimeMs: time.milliseconds(),
    })
    client.send(request, time.milliseconds())
    await client.poll(1, time.milliseconds())
    const { correlationId } = request
    selector.completeReceive(
      receiveOf(node, PRODUCE, PRODUCE.latestVersion(), correlationId, { throttleTimeMs }),
    )
    await client.poll(1, time.milliseconds())
    await untilReady()
  }
  expect([value('produce-throttle-time-avg'), value('produce-throttle-time-max')]).toEqual([
    250, 400,
  ])
  client.close()
})
