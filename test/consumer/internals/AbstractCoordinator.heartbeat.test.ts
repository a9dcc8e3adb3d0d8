/** Heartbeats of a member, and what each answer makes of it. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { macrotask } from '#platform'
import { FencedInstanceIdException } from '../../../src/common/errors/CoordinatorExceptions.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { Generation } from '../../../src/consumer/internals/Generation.ts'
import type { HeartbeatLoopOptions } from '../../../src/consumer/internals/HeartbeatLoop.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  DummyHarness,
  HEARTBEAT_INTERVAL_MS,
  joined,
  MEMBER_ID,
  PROTOCOL_NAME,
  RETRY_BACKOFF_MS,
  SteppedHeartbeatLoop,
} from '../support/DummyCoordinator.ts'

let harness: DummyHarness

beforeEach(() => {
  harness = new DummyHarness()
})
afterEach(() => harness.close())

/** Lets the time pass, and the loop do what it then has to. */
const pass = async (ms: number): Promise<void> => {
  harness.time.sleep(ms)
  await macrotask()
}

const now = (): number => harness.time.milliseconds()

/** In generation 1, with a heartbeat that is not answered yet. */
const joinAndBeat = async (): Promise<void> => {
  await harness.joinGroup()
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(harness.asked()).toEqual(['Heartbeat'])
  expect(harness.coordinator.heartbeat.hasInflight()).toBe(true)
}

/** The present heartbeat is answered, and the loop sees it. */
const answer = async (error: WireError): Promise<void> => {
  harness.respondHeartbeat(error)
  await pass(RETRY_BACKOFF_MS)
  expect(harness.coordinator.heartbeat.hasInflight()).toBe(false)
}

test('is sent while a rebalance is completed, and tells nothing new', async () => {
  covers('AbstractCoordinatorTest.testHeartbeatSentWhenCompletingRebalance')
  await harness.joinGroup()
  const { coordinator } = harness
  const generation = coordinator.generation()
  coordinator.membership.state = 'COMPLETING_REBALANCE'
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(harness.asked()).toEqual(['Heartbeat'])
  expect(coordinator.heartbeat.hasInflight()).toBe(true)
  await answer(Errors.REBALANCE_IN_PROGRESS)
  expect(coordinator.generation()).toBe(generation)
  expect(coordinator.membership.rejoinReason).toBe('')
})

describe('an answer to a generation that is over is ignored', () => {
  const lateAnswer = async (error: WireError, newer: Generation): Promise<void> => {
    await joinAndBeat()
    harness.coordinator.membership.generation = newer
    await answer(error)
    harness.coordinator.pollHeartbeat(now())
    expect(harness.coordinator.generation()).toBe(newer)
  }
  const renamed = new Generation(1, `${MEMBER_ID}-new`, PROTOCOL_NAME)

  test('that the round is not the present one', async () => {
    covers('AbstractCoordinatorTest.testHeartbeatIllegalGenerationResponseWithOldGeneration')
    await lateAnswer(Errors.ILLEGAL_GENERATION, new Generation(2, MEMBER_ID, PROTOCOL_NAME))
  })

  test('that the member is not known', async () => {
    covers('AbstractCoordinatorTest.testHeartbeatUnknownMemberResponseWithOldGeneration')
    await lateAnswer(Errors.UNKNOWN_MEMBER_ID, renamed)
  })

  test('that another member has its name', async () => {
    covers('AbstractCoordinatorTest.testHeartbeatInstanceFencedResponseWithOldGeneration')
    await lateAnswer(Errors.FENCED_INSTANCE_ID, renamed)
  })
})

test('answered with "rebalance" while the member joins already: it goes on joining', async () => {
  covers('AbstractCoordinatorTest.testHeartbeatRebalanceInProgressResponseDuringRebalancing')
  await joinAndBeat()
  const { coordinator, client, time } = harness
  const generation = coordinator.generation()
  harness.respondHeartbeat(Errors.REBALANCE_IN_PROGRESS)
  coordinator.requestRejoin('test')
  client.advanceTimeDuringPoll = true
  expect(await coordinator.ensureActiveGroup(time.timer(100))).toBe(false)
  client.advanceTimeDuringPoll = false
  expect(coordinator.heartbeat.hasInflight()).toBe(false)
  expect(coordinator.generation()).toBe(generation)

  client.respond(ApiKeys.JOIN_GROUP, joined())
  harness.prepareSync()
  await coordinator.ensureActiveGroup()
  expect(coordinator.generation().equals(generation)).toBe(true)
})

test('answered with "rebalance": the member is alive, and joins with the next poll', async () => {
  await joinAndBeat()
  await answer(Errors.REBALANCE_IN_PROGRESS)
  const { coordinator } = harness
  expect(coordinator.rejoinNeededOrPending()).toBe(true)
  expect(coordinator.membership.rejoinReason).toBe('group is already rebalancing')
  expect(coordinator.membership.state).toBe('STABLE')
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(harness.asked()).toEqual(['Heartbeat'])
})

test('is answered with "fenced": the next poll throws it', async () => {
  covers('AbstractCoordinatorTest.testHeartbeatRequestWithFencedInstanceIdException')
  await joinAndBeat()
  harness.respondHeartbeat(Errors.FENCED_INSTANCE_ID)
  await pass(RETRY_BACKOFF_MS)
  const { coordinator } = harness
  expect(() => coordinator.pollHeartbeat(now())).toThrow(FencedInstanceIdException)
  // Thrown once: who catches it may go on. The member has left, so the next join starts a loop.
  coordinator.pollHeartbeat(now())
  expect(coordinator.heartbeatLoop()).toBeNull()
  expect(coordinator.rejoinNeededOrPending()).toBe(true)
})

test('fails with an error that nobody expected: each way of asking throws it', async () => {
  covers('AbstractCoordinatorTest.testUncaughtExceptionInHeartbeatThread')
  await harness.joinGroup()
  const { coordinator, logger } = harness
  const unexpected = new Error('The selector has come to an end')
  harness.prepareHeartbeat(Errors.UNKNOWN_SERVER_ERROR, () => {
    throw unexpected
  })
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(() => coordinator.timeToNextHeartbeat(0)).toThrow(unexpected)
  expect(() => coordinator.pollHeartbeat(now())).toThrow(unexpected)
  expect(logger.messages('error')).toEqual([
    'The heartbeat loop failed; the next poll will throw its error',
  ])
})

test('was never sent again after its loop had failed, while the program read on', async () => {
  await harness.joinGroup()
  const { coordinator } = harness
  const failure = new Error('The selector has come to an end')
  harness.prepareHeartbeat(Errors.NONE, () => {
    throw failure
  })
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(() => coordinator.pollHeartbeat(now())).toThrow(failure)
  expect(coordinator.rejoinNeededOrPending()).toBe(false)
  coordinator.pollHeartbeat(now())
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(harness.asked()).toContain('Heartbeat')
})

test('is sent at once when a poll finds it due, however long the loop wanted to wait', async () => {
  covers('AbstractCoordinatorTest.testPollHeartbeatAwakesHeartbeatThread')
  harness = new DummyHarness({ retryBackoffMs: 10_000, retryBackoffMaxMs: 10_000 })
  await harness.joinGroup()
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(harness.asked()).toEqual([])
  harness.coordinator.pollHeartbeat(now())
  await macrotask()
  expect(harness.asked()).toEqual(['Heartbeat'])
})

test('carries the generation, the id and the name of the member', async () => {
  harness = new DummyHarness({ groupInstanceId: 'printer-1' })
  await harness.joinGroup()
  harness.prepareHeartbeat(Errors.NONE, (request) => {
    expect(request).toMatchObject({
      groupId: 'dummy-group',
      generationId: 1,
      memberId: MEMBER_ID,
      groupInstanceId: 'printer-1',
    })
    return true
  })
  await pass(HEARTBEAT_INTERVAL_MS)
  expect(harness.client.numAwaitingResponses()).toBe(0)
})

test('a turn of the loop says when the next one is due', async () => {
  const heartbeatLoopSupplier = (options: HeartbeatLoopOptions) => new SteppedHeartbeatLoop(options)
  harness = new DummyHarness({ heartbeatLoopSupplier })
  const { coordinator, time } = harness
  await harness.joinGroup()
  const loop = coordinator.heartbeatLoop()!
  expect(await loop.runOnce()).toEqual({ afterMs: RETRY_BACKOFF_MS })
  time.sleep(HEARTBEAT_INTERVAL_MS)
  expect(await loop.runOnce()).toBe('at once')
  expect(harness.asked()).toEqual([])
  expect(await loop.runOnce()).toEqual({ afterMs: RETRY_BACKOFF_MS })
  expect(harness.asked()).toEqual(['Heartbeat'])

  coordinator.markCoordinatorUnknown('test')
  await loop.runOnce()
  await loop.runOnce()
  expect(harness.asked()).toEqual(['FindCoordinator'])
  coordinator.resetGenerationOnLeaveGroup()
  expect(await loop.runOnce()).toBe('when woken')
  expect(loop.isEnabled()).toBe(false)
})

describe('stops', () => {
  test('while the member waits for the others to join', async () => {
    await harness.joinGroup()
    const { coordinator, time } = harness
    coordinator.requestRejoin('test')
    harness.client.advanceTimeDuringPoll = true
    expect(await coordinator.ensureActiveGroup(time.timer(10_000))).toBe(false)
    await macrotask()
    expect(harness.asked()).toEqual(['JoinGroup'])
    expect(coordinator.timeToNextHeartbeat(now())).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('when the member is closed: no loop is left, and no timer', async () => {
    await harness.joinGroup()
    const loop = harness.coordinator.heartbeatLoop()!
    await harness.close()
    expect(String(loop)).toMatch(/closed/)
    await pass(10 * HEARTBEAT_INTERVAL_MS)
    expect(harness.asked()).toEqual([])
  })
})

test('an answer that means nothing to us is an error of this heartbeat alone', async () => {
  await joinAndBeat()
  const future = harness.coordinator.sendHeartbeatRequest()
  await harness.poll()
  harness.respondHeartbeat(Errors.NONE)
  harness.respondHeartbeat(Errors.INVALID_REQUEST)
  await harness.poll()
  expect(future.exception()).toBeInstanceOf(KafkaException)
  expect(future.exception().message).toMatch(/Unexpected error in heartbeat response/)
  expect(harness.coordinator.heartbeatLoop()?.isFailed()).toBe(false)
})
