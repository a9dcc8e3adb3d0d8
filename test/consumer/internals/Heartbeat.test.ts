/** The three clocks of a member. */

import { beforeEach, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import type { GroupRebalanceConfig } from '../../../src/consumer/internals/GroupRebalanceConfig.ts'
import { Heartbeat } from '../../../src/consumer/internals/Heartbeat.ts'
import { covers } from '../../support/covers.ts'

const sessionTimeoutMs = 300
const heartbeatIntervalMs = 100
const maxPollIntervalMs = 900
const config: GroupRebalanceConfig = {
  groupId: 'group_id',
  sessionTimeoutMs,
  heartbeatIntervalMs,
  rebalanceTimeoutMs: maxPollIntervalMs,
  groupInstanceId: null,
  rackId: null,
  retryBackoffMs: 10,
  retryBackoffMaxMs: 100,
}
let time: MockTime
let heartbeat: Heartbeat
const now = () => time.milliseconds()

beforeEach(() => {
  time = new MockTime()
  heartbeat = new Heartbeat(config, time, new SeededRandom(1))
})

test('is due when the interval is over', () => {
  covers('HeartbeatTest.testShouldHeartbeat')
  heartbeat.sentHeartbeat(now())
  time.sleep(heartbeatIntervalMs * 1.1)
  expect(heartbeat.shouldHeartbeat(now())).toBe(true)
})

test('is not due before', () => {
  covers('HeartbeatTest.testShouldNotHeartbeat')
  heartbeat.sentHeartbeat(now())
  time.sleep(heartbeatIntervalMs / 2)
  expect(heartbeat.shouldHeartbeat(now())).toBe(false)
})

test('says how long it is until the next one, and 0 for as long as it is overdue', () => {
  covers('HeartbeatTest.testTimeToNextHeartbeat')
  heartbeat.sentHeartbeat(now())
  expect(heartbeat.timeToNextHeartbeat(now())).toBe(heartbeatIntervalMs)
  for (let i = 0; i < 2; i++) {
    time.sleep(heartbeatIntervalMs)
    expect(heartbeat.timeToNextHeartbeat(now())).toBe(0)
  }
})

test('gives a coordinator up that has not answered for a session', () => {
  covers('HeartbeatTest.testSessionTimeoutExpired')
  heartbeat.sentHeartbeat(now())
  time.sleep(sessionTimeoutMs + 5)
  expect(heartbeat.sessionTimeoutExpired(now())).toBe(true)
})

test('begins a new session without taking the program for one that polls', () => {
  covers('HeartbeatTest.testResetSession')
  heartbeat.sentHeartbeat(now())
  time.sleep(sessionTimeoutMs + 5)
  heartbeat.resetSessionTimeout()
  expect(heartbeat.sessionTimeoutExpired(now())).toBe(false)
  time.sleep(maxPollIntervalMs + 1)
  heartbeat.resetSessionTimeout()
  expect(heartbeat.pollTimeoutExpired(now())).toBe(true)
})

test('begins all three anew when a member has come into a group', () => {
  covers('HeartbeatTest.testResetTimeouts')
  time.sleep(maxPollIntervalMs)
  expect(heartbeat.sessionTimeoutExpired(now())).toBe(true)
  expect(heartbeat.timeToNextHeartbeat(now())).toBe(0)
  expect(heartbeat.pollTimeoutExpired(now())).toBe(true)

  heartbeat.resetTimeouts()
  expect(heartbeat.sessionTimeoutExpired(now())).toBe(false)
  expect(heartbeat.timeToNextHeartbeat(now())).toBe(heartbeatIntervalMs)
  expect(heartbeat.pollTimeoutExpired(now())).toBe(false)
})

test('notices a program that does not poll', () => {
  covers('HeartbeatTest.testPollTimeout')
  expect(heartbeat.pollTimeoutExpired(now())).toBe(false)
  time.sleep(maxPollIntervalMs / 2)
  expect(heartbeat.pollTimeoutExpired(now())).toBe(false)
  time.sleep(maxPollIntervalMs / 2 + 1)
  expect(heartbeat.pollTimeoutExpired(now())).toBe(true)
  heartbeat.poll(now())
  expect(heartbeat.pollTimeoutExpired(now())).toBe(false)
})

test('waits longer after each failure, and as always after a success', () => {
  const waits: number[] = []
  for (let i = 0; i < 5; i++) {
    heartbeat.sentHeartbeat(now())
    heartbeat.failHeartbeat()
    waits.push(heartbeat.timeToNextHeartbeat(now()))
  }
  // 10, 20, 40, 80, 100 milliseconds, each a fifth more or less, at most 100.
  waits.forEach((waitMs, i) => {
    const expected = Math.min(10 * 2 ** i, 100)
    expect(waitMs).toBeGreaterThanOrEqual(Math.floor(expected * 0.8))
    expect(waitMs).toBeLessThanOrEqual(Math.min(expected * 1.2, 100))
  })
  heartbeat.receiveHeartbeat()
  heartbeat.sentHeartbeat(now())
  heartbeat.failHeartbeat()
  expect(heartbeat.timeToNextHeartbeat(now())).toBeLessThanOrEqual(12)
})

test('refuses an interval that no session would outlast', () => {
  const wrong = { ...config, heartbeatIntervalMs: sessionTimeoutMs }
  expect(() => new Heartbeat(wrong, time, new SeededRandom(1))).toThrow(IllegalArgumentException)
  expect(() => new Heartbeat(wrong, time, new SeededRandom(1))).toThrow(/300.*session.timeout.ms/)
})
