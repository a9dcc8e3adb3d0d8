/** What fetching records, one sensor after the other. */

import { beforeEach, describe, expect, test } from 'vitest'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { Avg } from '../../../src/common/metrics/stats/Avg.ts'
import { Max } from '../../../src/common/metrics/stats/Max.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { FetchMetricsAggregator } from '../../../src/consumer/internals/FetchMetricsAggregator.ts'
import { FetchMetricsManager } from '../../../src/consumer/internals/FetchMetricsManager.ts'
import {
  type FetchMetricName,
  FetchMetricsRegistry,
  type FetchPartitionMetricName,
  type FetchTopicMetricName,
} from '../../../src/consumer/internals/FetchMetricsRegistry.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

let time: MockTime
let metrics: Metrics
let registry: FetchMetricsRegistry
let manager: FetchMetricsManager
let initially: number

beforeEach(() => {
  time = new MockTime()
  metrics = new Metrics({ time })
  registry = new FetchMetricsRegistry(metrics, 'test')
  manager = new FetchMetricsManager(registry)
  initially = metrics.metrics().size
})

const nextWindow = () => time.sleep(metrics.config.timeWindowMs + 1)
const added = () => metrics.metrics().size - initially
const value = (name: FetchMetricName) => metrics.metric(registry.name(name))?.metricValue()
const ofTopic = (name: FetchTopicMetricName, topic: string) =>
  metrics.metric(registry.topicName(name, { topic }))?.metricValue()
const ofPartition = (name: FetchPartitionMetricName, topic: string, partition = '0') =>
  metrics.metric(registry.partitionName(name, { topic, partition }))?.metricValue()

describe('latency', () => {
  test('of fetches is averaged, its maximum kept, and fetches are counted', () => {
    covers('FetchMetricsManagerTest.testLatency')
    manager.recordLatency('', 123)
    nextWindow()
    manager.recordLatency('', 456)
    expect([value('fetch-latency-avg'), value('fetch-latency-max')]).toEqual([289.5, 456])
    expect(value('fetch-total')).toBe(2)
    expect(value('fetch-rate')).toBeGreaterThan(0)
  })

  test('counts for the node too, if its connection is measured', () => {
    covers('FetchMetricsManagerTest.testNodeLatency')
    const [avg, max] = ['avg', 'max'].map((which) => metrics.metricName(`of-node-${which}`, 'g'))
    const ofNode = metrics.sensor('node-0.latency')
    ofNode.add(avg!, new Avg())
    ofNode.add(max!, new Max())
    const node = () => [avg!, max!].map((name) => metrics.metric(name)?.metricValue())
    manager.recordLatency('0', 123)
    nextWindow()
    manager.recordLatency('0', 456)
    expect([value('fetch-latency-avg'), value('fetch-latency-max')]).toEqual([289.5, 456])
    expect(node()).toEqual([289.5, 456])
    manager.recordLatency('1', 501)
    expect([value('fetch-latency-avg'), value('fetch-latency-max')]).toEqual([360, 501])
    expect(node()).toEqual([289.5, 456])
  })
})

describe('what an answer brought', () => {
  test('is averaged over answers, in bytes and in records', () => {
    covers('FetchMetricsManagerTest.testBytesFetched', 'FetchMetricsManagerTest.testRecordsFetched')
    manager.recordBytesFetched(2)
    manager.recordRecordsFetched(3)
    nextWindow()
    manager.recordBytesFetched(10)
    manager.recordRecordsFetched(15)
    expect([value('fetch-size-avg'), value('fetch-size-max')]).toEqual([6, 10])
    expect([value('bytes-consumed-total'), value('records-consumed-total')]).toEqual([12, 18])
    expect(value('records-per-request-avg')).toBe(9)
  })

  test('is told of each topic, with periods twice', () => {
    covers(
      'FetchMetricsManagerTest.testBytesFetchedTopic',
      'FetchMetricsManagerTest.testRecordsFetchedTopic',
    )
    manager.recordTopicBytesFetched('test', 2)
    expect(added()).toBe(4)
    manager.recordTopicBytesFetched('another.topic', 1)
    expect(added()).toBe(12)
    manager.recordTopicRecordsFetched('test', 2)
    expect(added()).toBe(15)
    manager.recordTopicRecordsFetched('another.topic', 1)
    expect(added()).toBe(21)
    nextWindow()
    for (const [topic, amount] of [
      ['test', 10],
      ['another.topic', 5],
    ] as const) {
      manager.recordTopicBytesFetched(topic, amount)
      manager.recordTopicRecordsFetched(topic, amount)
    }
    expect(added()).toBe(21)
    for (const [topic, avg, max, total] of [
      ['test', 6, 10, 12],
      ['another.topic', 3, 5, 6],
      ['another_topic', 3, 5, 6],
    ] as const) {
      expect([ofTopic('fetch-size-avg', topic), ofTopic('fetch-size-max', topic)], topic).toEqual([
        avg,
        max,
      ])
      expect(ofTopic('records-per-request-avg', topic)).toBe(avg)
      expect(ofTopic('bytes-consumed-total', topic)).toBe(total)
      expect(ofTopic('records-consumed-total', topic)).toBe(total)
      expect(ofTopic('bytes-consumed-rate', topic)).toBeGreaterThan(0)
      expect(ofTopic('records-consumed-rate', topic)).toBeGreaterThan(0)
    }
  })

  test('is recorded once, when the last of its partitions has been read', () => {
    const partitions = [0, 1, 2].map((partition) => new TopicPartition('test', partition))
    const aggregator = new FetchMetricsAggregator(manager, partitions)
    aggregator.record(partitions[0]!, 100, 3)
    aggregator.record(partitions[1]!, 20, 1)
    expect(value('fetch-size-avg')).toBeNaN()
    aggregator.record(partitions[2]!, 0, 0)
    expect([value('fetch-size-avg'), value('records-per-request-avg')]).toEqual([120, 4])
    expect([ofTopic('fetch-size-avg', 'test'), ofTopic('fetch-size-max', 'test')]).toEqual([
      120, 120,
    ])
    // A damaged one is looked at again with each poll.
    aggregator.record(partitions[2]!, 0, 0)
    expect(value('records-per-request-avg')).toBe(4)
  })
})

describe('how far a partition is from the end of its log', () => {
  test('is its lag', () => {
    covers('FetchMetricsManagerTest.testPartitionLag')
    const [tp1, tp2] = [new TopicPartition('test', 0), new TopicPartition('another.topic', 0)]
    manager.recordPartitionLag(tp1, 14)
    expect(added()).toBe(3)
    manager.recordPartitionLag(tp1, 8)
    nextWindow()
    manager.recordPartitionLag(tp1, 5)
    expect(added()).toBe(3)
    const lag = (topic: string) =>
      (['records-lag', 'records-lag-max', 'records-lag-avg'] as const).map((name) =>
        ofPartition(name, topic),
      )
    expect(value('records-lag-max')).toBe(14)
    expect(lag('test')).toEqual([5, 14, 9])

    manager.recordPartitionLag(tp2, 7)
    expect(added()).toBe(9)
    manager.recordPartitionLag(tp2, 3)
    nextWindow()
    manager.recordPartitionLag(tp2, 2)
    expect(added()).toBe(9)
    expect(value('records-lag-max')).toBe(7)
    expect(lag('another.topic')).toEqual([2, 7, 4])
    expect(lag('another_topic')).toEqual([2, 7, 4])
  })

  test('and from its beginning, its lead', () => {
    covers('FetchMetricsManagerTest.testPartitionLead')
    const [tp1, tp2] = [new TopicPartition('test', 0), new TopicPartition('another.topic', 0)]
    manager.recordPartitionLead(tp1, 15)
    expect(added()).toBe(3)
    manager.recordPartitionLead(tp1, 11)
    nextWindow()
    manager.recordPartitionLead(tp1, 13)
    expect(added()).toBe(3)
    const lead = (topic: string) =>
      (['records-lead', 'records-lead-min', 'records-lead-avg'] as const).map((name) =>
        ofPartition(name, topic),
      )
    expect(value('records-lead-min')).toBe(11)
    expect(lead('test')).toEqual([13, 11, 13])

    manager.recordPartitionLead(tp2, 18)
    expect(added()).toBe(9)
    manager.recordPartitionLead(tp2, 12)
    nextWindow()
    manager.recordPartitionLead(tp2, 15)
    expect(added()).toBe(9)
    expect(value('records-lead-min')).toBe(12)
    expect(lead('another.topic')).toEqual([15, 12, 15])
    expect(lead('another_topic')).toEqual([15, 12, 15])
  })
})

describe('when the assignment changes', () => {
  const tp1 = new TopicPartition('test', 0)
  const tp2 = new TopicPartition('another.topic', 0)
  const tp3 = new TopicPartition('another.topic', 1)
  let subscriptions: SubscriptionState
  const assign = (...partitions: TopicPartition[]) => {
    subscriptions.assignFromUser(new TopicPartitionSet(partitions))
    manager.maybeUpdateAssignment(subscriptions)
  }
  beforeEach(() => {
    subscriptions = new SubscriptionState(new RecordingLogger(), AutoOffsetResetStrategy.NONE)
  })

  test('the replica that is read shows, of what is assigned', () => {
    covers('FetchMetricsManagerTest.testMaybeUpdateAssignment')
    assign(tp1)
    expect(added()).toBe(1)
    assign(tp1, tp2)
    subscriptions.tryUpdatingPreferredReadReplica(tp2, 1, () => 0)
    expect(added()).toBe(3)
    expect(ofPartition('preferred-read-replica', 'test')).toBe(-1)
    expect(ofPartition('preferred-read-replica', 'another.topic')).toBe(1)
    expect(ofPartition('preferred-read-replica', 'another_topic')).toBe(1)
    assign(tp1, tp3)
    expect(added()).toBe(3)
    expect(ofPartition('preferred-read-replica', 'another.topic')).toBeUndefined()
    assign()
    expect(added()).toBe(0)
  })

  test('all that was recorded of a partition goes with it', () => {
    covers('FetchMetricsManagerTest.testMaybeUpdateAssignmentWithAdditionalRegisteredMetrics')
    for (const partition of [tp1, tp2, tp3]) {
      manager.recordPartitionLag(partition, 5)
      manager.recordPartitionLead(partition, 2)
    }
    const recorded = added()
    expect(recorded).toBe(6 + 12 + 12)
    assign(tp1, tp2, tp3)
    expect(added() - recorded).toBe(5)
    // Of the third, three of lag, three of lead, the replica; and each a second time.
    assign(tp1, tp2)
    expect(recorded - added()).toBe(9)
    assign()
    expect(added()).toBe(0)
    // What comes back is measured anew.
    assign(tp1)
    manager.recordPartitionLag(tp1, 3)
    expect(ofPartition('records-lag-max', 'test')).toBe(3)
  })
})
