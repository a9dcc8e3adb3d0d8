/** What a consumer records of the calls that its program makes. */

import { beforeEach, describe, expect, test } from 'vitest'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Metrics } from '../../../src/common/metrics/Metrics.ts'
import {
  CONSUMER_METRIC_GROUP,
  KafkaConsumerMetrics,
} from '../../../src/consumer/internals/KafkaConsumerMetrics.ts'
import { covers } from '../../support/covers.ts'

let time: MockTime
let metrics: Metrics
let calls: KafkaConsumerMetrics

beforeEach(() => {
  time = new MockTime()
  metrics = new Metrics({ time })
  calls = new KafkaConsumerMetrics(metrics)
})

const value = (name: string) =>
  metrics.metric(metrics.metricName(name, CONSUMER_METRIC_GROUP))?.metricValue()

test('they are there from the beginning, and gone after close', () => {
  covers(
    'KafkaConsumerMetricsTest.checkMetricsAfterCreation',
    'KafkaConsumerMetricsTest.shouldRemoveMetricsOnClose',
  )
  const all = [
    'last-poll-seconds-ago',
    'time-between-poll-avg',
    'time-between-poll-max',
    'poll-idle-ratio-avg',
    'commit-sync-time-ns-total',
    'committed-time-ns-total',
  ]
  for (const name of all) expect(value(name), name).not.toBeUndefined()
  calls.close()
  for (const name of all) expect(value(name), name).toBeUndefined()
})

test('the times of commitSync and committed are added up, in nanoseconds', () => {
  covers(
    'KafkaConsumerMetricsTest.shouldRecordCommitSyncTime',
    'KafkaConsumerMetricsTest.shouldRecordCommittedTime',
  )
  calls.recordCommitSync(0.000123)
  calls.recordCommitted(123)
  expect(value('commit-sync-time-ns-total')).toBe(123)
  expect(value('committed-time-ns-total')).toBe(123e6)
  calls.recordCommitted(1)
  expect(value('committed-time-ns-total')).toBe(124e6)
})

describe('polls', () => {
  const poll = (tookMs: number) => {
    calls.recordPollStart(time.milliseconds())
    time.sleep(tookMs)
    calls.recordPollEnd(time.milliseconds())
  }

  test('are as far apart as the program lets them be', () => {
    covers('KafkaConsumerTest.testPollTimeMetrics')
    const between = () => [value('time-between-poll-avg'), value('time-between-poll-max')]
    expect(value('last-poll-seconds-ago')).toBe(-1)
    expect(between()).toEqual([Number.NaN, Number.NaN])
    poll(0)
    expect(value('last-poll-seconds-ago')).toBe(0)
    expect(between()).toEqual([0, 0])
    time.sleep(5999)
    expect(value('last-poll-seconds-ago')).toBe(5)
    time.sleep(1)
    poll(0)
    expect(between()).toEqual([3000, 6000])
    time.sleep(9000)
    poll(0)
    expect(between()).toEqual([5000, 9000])
  })

  test('are idle for the part of the time that is spent in them', () => {
    covers('KafkaConsumerTest.testPollIdleRatio')
    expect(value('poll-idle-ratio-avg')).toBeNaN()
    poll(50)
    expect(value('poll-idle-ratio-avg')).toBe(1)
    // From the beginning of one poll to that of the next, plus the poll itself.
    time.sleep(50)
    poll(0)
    expect(value('poll-idle-ratio-avg')).toBe((1 + 0) / 2)
    time.sleep(25)
    poll(25)
    expect(value('poll-idle-ratio-avg')).toBe((1 + 0 + 0.5) / 3)
  })

  test('that take no time have no ratio, and do not spoil the average', () => {
    poll(0)
    expect(value('poll-idle-ratio-avg')).toBeNaN()
    time.sleep(10)
    poll(10)
    expect(value('poll-idle-ratio-avg')).toBe(0.5)
  })
})
