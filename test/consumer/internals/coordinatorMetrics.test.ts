/** What a member of a group records. */

import { beforeEach, describe, expect, test } from 'vitest'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { ConsumerCoordinatorMetrics } from '../../../src/consumer/internals/ConsumerCoordinatorMetrics.ts'
import { GroupCoordinatorMetrics } from '../../../src/consumer/internals/GroupCoordinatorMetrics.ts'
import { RebalanceCallbackMetricsManager } from '../../../src/consumer/internals/RebalanceCallbackMetricsManager.ts'
import { RebalanceMetricsManager } from '../../../src/consumer/internals/RebalanceMetricsManager.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

const GROUP = 'consumer-coordinator-metrics'
let time: MockTime
let metrics: Metrics

beforeEach(() => {
  time = new MockTime()
  metrics = new Metrics({ time })
})

const value = (name: string) => metrics.metric(metrics.metricName(name, GROUP))?.metricValue()
const values = (...names: string[]) => names.map(value)

describe('rebalances', () => {
  let rebalances: RebalanceMetricsManager
  beforeEach(() => {
    rebalances = new RebalanceMetricsManager(metrics, GROUP)
  })
  const start = () => rebalances.recordRebalanceStarted(time.milliseconds())
  const end = () => rebalances.recordRebalanceEnded(time.milliseconds())
  const rebalance = (tookMs: number) => {
    start()
    time.sleep(tookMs)
    end()
  }

  test('are counted, and their times averaged and added up', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testRebalanceTimingMetrics')
    const times = ['avg', 'max', 'total'].map((which) => `rebalance-latency-${which}`)
    rebalance(10)
    expect(values(...times, 'rebalance-total')).toEqual([10, 10, 10, 1])
    rebalance(30)
    expect(values(...times, 'rebalance-total')).toEqual([20, 30, 40, 2])
    rebalance(50)
    expect(values(...times, 'rebalance-total')).toEqual([30, 50, 90, 3])
  })

  test('have a rate per hour', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testRebalanceRateMetric')
    for (let i = 0; i < 3; i++) rebalance(10)
    expect(value('rebalance-rate-per-hour')).toBeCloseTo(3, 1)
  })

  test('that fail are counted while they are under way', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testFailedRebalanceMetrics')
    expect(value('failed-rebalance-total')).toBe(0)
    start()
    time.sleep(10)
    rebalances.maybeRecordRebalanceFailed()
    expect(value('failed-rebalance-total')).toBe(1)
    rebalance(10)
    rebalances.maybeRecordRebalanceFailed()
    expect(value('failed-rebalance-total')).toBe(1)
    start()
    rebalances.maybeRecordRebalanceFailed()
    expect(value('failed-rebalance-total')).toBe(2)
    expect(value('failed-rebalance-rate-per-hour')).toBeCloseTo(2, 1)
  })

  test('may fail again and again, and none has succeeded by that', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testMultipleConsecutiveFailures')
    for (let i = 0; i < 5; i++) {
      start()
      time.sleep(10)
      rebalances.maybeRecordRebalanceFailed()
    }
    expect(values('failed-rebalance-total', 'rebalance-total')).toEqual([5, 0])
  })

  test('count their time only when they succeed', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testMixedSuccessAndFailureScenarios')
    for (const tookMs of [20, 40]) {
      rebalance(tookMs)
      time.sleep(10)
      start()
      time.sleep(tookMs + 10)
      rebalances.maybeRecordRebalanceFailed()
    }
    expect(values('rebalance-total', 'failed-rebalance-total')).toEqual([2, 2])
    expect(values('rebalance-latency-avg', 'rebalance-latency-max')).toEqual([30, 40])
    expect(value('rebalance-latency-total')).toBe(60)
  })

  test('are under way from their start to their end, by no clock', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testRebalanceStartedFlag')
    expect(rebalances.rebalanceStarted()).toBe(false)
    start()
    expect(rebalances.rebalanceStarted()).toBe(true)
    end()
    expect(rebalances.rebalanceStarted()).toBe(false)
    // Within the same millisecond.
    start()
    expect(rebalances.rebalanceStarted()).toBe(true)
    rebalances.maybeRecordRebalanceFailed()
    expect(value('failed-rebalance-total')).toBe(1)
  })

  test('say how long ago the last one was', () => {
    covers('ConsumerRebalanceMetricsManagerTest.testLastRebalanceSecondsAgoMetric')
    expect(value('last-rebalance-seconds-ago')).toBe(-1)
    rebalance(10)
    expect(value('last-rebalance-seconds-ago')).toBe(0)
    time.sleep(5000)
    expect(value('last-rebalance-seconds-ago')).toBe(5)
    time.sleep(10_000)
    expect(value('last-rebalance-seconds-ago')).toBe(15)
    rebalance(20)
    expect(value('last-rebalance-seconds-ago')).toBe(0)
  })
})

test('heartbeats, joins and syncs are counted and timed', () => {
  let lastHeartbeatMs = 0
  const coordinator = new GroupCoordinatorMetrics({
    metrics,
    metricGrpPrefix: 'consumer',
    lastHeartbeatSendMs: () => lastHeartbeatMs,
  })
  expect(value('last-heartbeat-seconds-ago')).toBe(-1)
  lastHeartbeatMs = time.milliseconds()
  time.sleep(2500)
  expect(value('last-heartbeat-seconds-ago')).toBe(2)
  for (const latencyMs of [6, 4]) {
    coordinator.recordHeartbeatLatency(latencyMs)
    coordinator.recordJoinLatency(latencyMs * 10)
    coordinator.recordSyncLatency(latencyMs * 100)
  }
  expect(values('heartbeat-response-time-max', 'heartbeat-total')).toEqual([6, 2])
  expect(value('heartbeat-rate')).toBeCloseTo(2 / 30, 6)
  expect(values('join-time-avg', 'join-time-max', 'join-total')).toEqual([50, 60, 2])
  expect(values('sync-time-avg', 'sync-time-max', 'sync-total')).toEqual([500, 600, 2])
  expect(coordinator.rebalances.rebalanceStarted()).toBe(false)
})

test('commits are counted and timed', () => {
  const commits = new ConsumerCoordinatorMetrics({
    metrics,
    metricGrpPrefix: 'consumer',
    subscriptions: { numAssignedPartitions: () => 0 },
  })
  for (const latencyMs of [1, 5]) commits.recordCommitLatency(latencyMs)
  expect(values('commit-latency-avg', 'commit-latency-max', 'commit-total')).toEqual([3, 5, 2])
})

test('how many partitions there are is what is assigned now, by whatever way', () => {
  covers('ConsumerRebalanceMetricsManagerTest.testAssignedPartitionCountMetric')
  const subscriptions = new SubscriptionState(
    new RecordingLogger(),
    AutoOffsetResetStrategy.EARLIEST,
  )
  new ConsumerCoordinatorMetrics({ metrics, metricGrpPrefix: 'consumer', subscriptions })
  const [tp0, tp1] = [new TopicPartition('topic', 0), new TopicPartition('topic', 1)]
  subscriptions.assignFromUser(new TopicPartitionSet([tp0, tp1]))
  expect(value('assigned-partitions')).toBe(2)
  subscriptions.assignFromUser(new TopicPartitionSet())
  expect(value('assigned-partitions')).toBe(0)
  subscriptions.unsubscribe()
  expect(value('assigned-partitions')).toBe(0)
  subscriptions.subscribe(new Set(['topic']), null)
  subscriptions.assignFromSubscribed([tp0])
  expect(value('assigned-partitions')).toBe(1)
})

test('the time of each callback of a listener is kept', () => {
  const callbacks = new RebalanceCallbackMetricsManager(metrics, 'consumer')
  for (const latencyMs of [1, 3]) {
    callbacks.recordPartitionsAssignedLatency(latencyMs)
    callbacks.recordPartitionsRevokedLatency(latencyMs * 10)
    callbacks.recordPartitionsLostLatency(latencyMs * 100)
  }
  const of = (what: string) =>
    values(`partition-${what}-latency-avg`, `partition-${what}-latency-max`)
  expect([of('assigned'), of('revoked'), of('lost')]).toEqual([
    [2, 3],
    [20, 30],
    [200, 300],
  ])
})
