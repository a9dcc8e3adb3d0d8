/** What fetching records as it goes on: fetch by fetch, not record by record. */

import { beforeEach, describe, expect, test } from 'vitest'
import { ApiVersions } from '../../../src/clients/ApiVersions.ts'
import { ManualMetadataUpdater } from '../../../src/clients/ManualMetadataUpdater.ts'
import { NetworkClient } from '../../../src/clients/NetworkClient.ts'
import { requestBuilder } from '../../../src/clients/RequestBuilder.ts'
import { Node } from '../../../src/common/Node.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import type {
  FetchMetricName,
  FetchPartitionMetricName,
  FetchTopicMetricName,
} from '../../../src/consumer/internals/FetchMetricsRegistry.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { ControlRecordType } from '../../../src/record/ControlRecordType.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { covers } from '../../support/covers.ts'
import { MockSelector } from '../../support/MockSelector.ts'
import { receiveOf } from '../../support/RequestTestUtils.ts'
import {
  batch,
  ConsumerHarness,
  concat,
  type FetchedOptions,
  topicName,
  tp0,
  tp1,
  transaction,
} from '../support/ConsumerHarness.ts'

let harness: ConsumerHarness
beforeEach(() => {
  harness = new ConsumerHarness()
})

const value = (name: FetchMetricName) =>
  harness.fetchMetrics.metrics.metric(harness.fetchMetrics.registry.name(name))?.metricValue()
const ofTopic = (name: FetchTopicMetricName) => {
  const { metrics, registry } = harness.fetchMetrics
  return metrics.metric(registry.topicName(name, { topic: topicName }))?.metricValue()
}
const ofPartition = (
  name: FetchPartitionMetricName,
  { topic, partition }: TopicPartition = tp0,
) => {
  const { metrics, registry } = harness.fetchMetrics
  return metrics
    .metric(registry.partitionName(name, { topic, partition: `${partition}` }))
    ?.metricValue()
}

/** One fetch of test-0, from the question to the records. */
const fetchRecords = async (options: FetchedOptions) => {
  await harness.fetchAndAnswer([[tp0, options]])
  harness.collect()
}

/** What the records from `offset` on take, bytes. */
const sizeOfRecords = (bytes: Uint8Array, offset = 0): number => {
  let size = 0
  for (const record of MemoryRecords.readableRecords(bytes).records()) {
    if (record.offset >= offset) size += record.sizeInBytes
  }
  return size
}

describe('how far it is to the ends of the log', () => {
  test('is known from the first answer on, also from one without records', async () => {
    covers('FetcherTest.testFetcherMetrics')
    harness.assignAndSeek(0, tp0)
    expect(value('records-lag-max')).toBeNaN()
    await fetchRecords({ highWatermark: 100 })
    expect([value('records-lag-max'), ofPartition('records-lag')]).toEqual([100, 100])
    await fetchRecords({ records: batch({ count: 3 }), highWatermark: 200 })
    expect([value('records-lag-max'), ofPartition('records-lag')]).toEqual([197, 197])
    harness.subscriptions.unsubscribe()
    harness.sendFetches()
    expect(ofPartition('records-lag')).toBeUndefined()
  })

  test('is for a read_committed consumer the way to the last stable offset', async () => {
    covers('FetcherTest.testReadCommittedLagMetric')
    harness = new ConsumerHarness({ fetchConfig: { isolationLevel: 'read_committed' } })
    harness.assignAndSeek(0, tp0)
    expect(value('records-lag-max')).toBeNaN()
    await fetchRecords({ highWatermark: 100, lastStableOffset: 50 })
    expect([value('records-lag-max'), ofPartition('records-lag')]).toEqual([50, 50])
    const records = batch({ count: 3 })
    await fetchRecords({ records, highWatermark: 200, lastStableOffset: 150 })
    expect([value('records-lag-max'), ofPartition('records-lag')]).toEqual([147, 147])
    harness.subscriptions.unsubscribe()
    harness.sendFetches()
    expect(ofPartition('records-lag')).toBeUndefined()
  })

  test('is the lead in the other direction', async () => {
    covers('FetcherTest.testFetcherLeadMetric')
    harness.assignAndSeek(0, tp0)
    expect(value('records-lead-min')).toBeNaN()
    await fetchRecords({ highWatermark: 100, logStartOffset: 0 })
    expect([value('records-lead-min'), ofPartition('records-lead')]).toEqual([0, 0])
    await fetchRecords({ records: batch({ count: 3 }), highWatermark: 200, logStartOffset: 0 })
    expect([value('records-lead-min'), ofPartition('records-lead')]).toEqual([0, 3])
    harness.subscriptions.unsubscribe()
    harness.sendFetches()
    expect(ofPartition('records-lead')).toBeUndefined()
  })
})

describe('what an answer brought', () => {
  test('is recorded when the last of its partitions has been handed out', async () => {
    covers('FetcherTest.testFetchResponseMetrics')
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 4 } })
    harness.assignAndSeek(0, tp0, tp1)
    const records = batch({ count: 3 })
    await harness.fetchAndAnswer([
      [tp0, { records }],
      [tp1, { records }],
    ])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2], 'test-1': [0] })
    expect(value('fetch-size-avg')).toBeNaN()
    expect(harness.collectOffsets()).toEqual({ 'test-1': [1, 2] })
    const bytes = 2 * sizeOfRecords(records)
    expect([value('fetch-size-avg'), value('records-per-request-avg')]).toEqual([bytes, 6])
    expect([ofTopic('fetch-size-avg'), ofTopic('records-consumed-total')]).toEqual([bytes, 6])
    expect([value('fetch-total'), value('fetch-latency-max')]).toEqual([1, 0])
  })

  test('counts from the wanted offset on, though the whole batch came', async () => {
    covers('FetcherTest.testFetchResponseMetricsWithSkippedOffset')
    harness.assignAndSeek(1, tp0)
    const records = batch({ count: 3 })
    await fetchRecords({ records })
    expect([value('fetch-size-avg'), value('records-per-request-avg')]).toEqual([
      sizeOfRecords(records, 1),
      2,
    ])
  })

  test('counts although one of its partitions had an error', async () => {
    covers('FetcherTest.testFetchResponseMetricsWithOnePartitionError')
    harness.assignAndSeek(0, tp0, tp1)
    const records = batch({ count: 3 })
    await harness.fetchAndAnswer([
      [tp0, { records }],
      [tp1, { error: Errors.OFFSET_OUT_OF_RANGE }],
    ])
    harness.collect()
    harness.collect()
    expect([value('fetch-size-avg'), value('records-per-request-avg')]).toEqual([
      sizeOfRecords(records),
      3,
    ])
  })

  test('leaves out what came for an offset that nobody wants any more', async () => {
    covers('FetcherTest.testFetchResponseMetricsWithOnePartitionAtTheWrongOffset')
    harness.assignAndSeek(0, tp0, tp1)
    expect(harness.sendFetches()).toBe(1)
    harness.subscriptions.seek(tp1, 5)
    await harness.poll()
    const records = batch({ count: 3 })
    await harness.answer([
      [tp0, { records }],
      [tp1, { records: batch({ count: 1 }) }],
    ])
    harness.collect()
    expect([value('fetch-size-avg'), value('records-per-request-avg')]).toEqual([
      sizeOfRecords(records),
      3,
    ])
  })

  test('leaves out markers and aborted records', async () => {
    harness = new ConsumerHarness({ fetchConfig: { isolationLevel: 'read_committed' } })
    harness.assignAndSeek(0, tp0)
    const committed = transaction(ControlRecordType.COMMIT, {
      baseOffset: 4,
      producerId: 2n,
      count: 2,
    })
    await fetchRecords({
      records: concat(transaction(ControlRecordType.ABORT, { count: 3 }), committed),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
      lastStableOffset: 7,
    })
    expect(value('records-per-request-avg')).toBe(2)
    expect(harness.position(tp0)).toBe(7)
  })

  test('counts once when what is left of it is thrown away', async () => {
    harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 1 } })
    harness.assignAndSeek(0, tp0)
    await fetchRecords({ records: batch({ count: 3 }) })
    expect(value('records-per-request-avg')).toBeNaN()
    harness.subscriptions.seek(tp0, 50)
    harness.collect()
    expect([value('records-per-request-avg'), value('records-consumed-total')]).toEqual([1, 1])
  })
})

test('every metric has a template, and every template a metric', async () => {
  covers('FetcherTest.testFetcherMetricsTemplates')
  harness.assignAndSeek(0, tp0)
  await fetchRecords({ records: batch({ count: 3 }) })
  const { metrics, registry } = harness.fetchMetrics
  const shape = (name: string, group: string, tags: Iterable<string>) =>
    [group, name, ...[...tags].sort()].join(' ')
  const registered = [...metrics.metrics().keys()]
    .filter(({ group }) => group !== 'kafka-metrics-count')
    .map(({ name, group, tags }) => shape(name, group, Object.keys(tags)))
  const templates = registry.allTemplates()
  expect(registered.sort()).toEqual(
    templates.map(({ name, group, tags }) => shape(name, group, tags)).sort(),
  )
})

test('a broker that holds back a consumer is seen in the throttle times', async () => {
  covers('FetcherTest.testQuotaMetrics')
  const { time, logger, trace, fetchMetrics } = harness
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
    throttleTimeSensor: fetchMetrics.manager.throttleTimeSensor(),
    time,
    random: new SeededRandom(5),
    logger,
    trace,
  })
  const { API_VERSIONS, FETCH } = ApiKeys
  const untilReady = async () => {
    while (!client.ready(node, time.milliseconds())) {
      await client.poll(1, time.milliseconds())
      await time.sleep(client.pollDelayMs(node, time.milliseconds()))
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
      request: requestBuilder(FETCH, { maxWaitMs: 100, minBytes: 100, topics: [] }),
      createdTimeMs: time.milliseconds(),
    })
    client.send(request, time.milliseconds())
    await client.poll(1, time.milliseconds())
    const { correlationId } = request
    selector.completeReceive(
      receiveOf(node, FETCH, FETCH.latestVersion(), correlationId, { throttleTimeMs }),
    )
    await client.poll(1, time.milliseconds())
    await untilReady()
  }
  expect([value('fetch-throttle-time-avg'), value('fetch-throttle-time-max')]).toEqual([250, 400])
  client.close()
})
