/** What a member records of its talk with the coordinator. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import { macrotask } from '#platform'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  DummyHarness,
  HEARTBEAT_INTERVAL_MS,
  joined,
  RETRY_BACKOFF_MS,
} from '../support/DummyCoordinator.ts'

const HOUR_MS = 3_600_000
/** `metrics.num.samples`, of which each is an hour long here. */
const SAMPLES = 2
let harness: DummyHarness

beforeEach(() => {
  harness = new DummyHarness()
})
afterEach(() => harness.close())

const value = (name: string): unknown => {
  const { metrics } = harness
  return metrics.metric(metrics.metricName(name, 'consumer-coordinator-metrics'))?.metricValue()
}
const values = (...names: string[]): unknown[] => names.map(value)
const record = (sensor: string): void => {
  for (const ms of [1, 6, 2]) harness.metrics.sensor(sensor).record(ms)
}

test('are there by their names, and count as they say', async () => {
  covers('AbstractCoordinatorTest.testMetrics')
  const { coordinator, time } = harness
  record('heartbeat-latency')
  expect(values('heartbeat-response-time-max', 'heartbeat-rate', 'heartbeat-total')).toEqual([
    6, 0.1, 3,
  ])
  expect(value('last-heartbeat-seconds-ago')).toBe(-1)
  coordinator.heartbeat.sentHeartbeat(time.milliseconds())
  expect(value('last-heartbeat-seconds-ago')).toBe(0)
  time.sleep(10_000)
  expect(value('last-heartbeat-seconds-ago')).toBe(10)

  for (const what of ['join', 'sync']) {
    record(`${what}-latency`)
    const names = ['time-avg', 'time-max', 'rate', 'total'].map((name) => `${what}-${name}`)
    expect(values(...names)).toEqual([3, 6, 0.1, 3])
  }
  record('rebalance-latency')
  expect(
    values('rebalance-latency-avg', 'rebalance-latency-max', 'rebalance-latency-total'),
  ).toEqual([3, 6, 9])
  expect(values('rebalance-rate-per-hour', 'rebalance-total')).toEqual([3, 3])
  record('failed-rebalance')
  expect(values('failed-rebalance-rate-per-hour', 'failed-rebalance-total')).toEqual([3, 3])

  time.sleep(SAMPLES * HOUR_MS - 1)
  const perHour = ['failed-rebalance-rate-per-hour', 'rebalance-rate-per-hour']
  for (const rate of values(...perHour)) expect(rate).toBeCloseTo(3 / SAMPLES, 1)
  time.sleep(1)
  expect(values(...perHour)).toEqual([0, 0])
})

test('a rebalance is timed from its first try to the one that succeeds', async () => {
  covers('AbstractCoordinatorTest.testMetrics')
  const { coordinator, time } = harness
  expect(value('last-rebalance-seconds-ago')).toBe(-1)
  await harness.findCoordinator()
  harness.prepareJoin(joined({ error: Errors.COORDINATOR_LOAD_IN_PROGRESS }))
  harness.prepareJoin(joined(), () => {
    time.sleep(40)
    return true
  })
  harness.prepareSync()
  await coordinator.ensureActiveGroup()
  expect(values('rebalance-total', 'failed-rebalance-total')).toEqual([1, 1])
  expect(value('rebalance-latency-max')).toBe(RETRY_BACKOFF_MS + 40)
  expect(values('join-total', 'sync-total')).toEqual([1, 1])
  time.sleep(10_000)
  expect(value('last-rebalance-seconds-ago')).toBe(10)
})

test('a heartbeat is timed, whatever it is answered with', async () => {
  await harness.joinGroup()
  harness.time.sleep(HEARTBEAT_INTERVAL_MS)
  await macrotask()
  harness.time.sleep(25)
  harness.respondHeartbeat(Errors.REBALANCE_IN_PROGRESS)
  await harness.poll()
  expect(values('heartbeat-total', 'heartbeat-response-time-max')).toEqual([1, 25])
})
