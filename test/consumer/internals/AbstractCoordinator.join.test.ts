/** A member joins its group: what it sends, and what each answer makes of it. */

import { afterEach, describe, expect, test } from 'vitest'
import {
  GroupMaxSizeReachedException,
  InconsistentGroupProtocolException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { DisconnectException } from '../../../src/common/errors.ts'
import { Generation } from '../../../src/consumer/internals/Generation.ts'
import { JOIN_GROUP_TIMEOUT_LAPSE } from '../../../src/consumer/internals/GroupRequests.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import {
  DummyHarness,
  joined,
  MEMBER_ID,
  PROTOCOL_NAME,
  PROTOCOL_TYPE,
  REBALANCE_TIMEOUT_MS,
  REQUEST_TIMEOUT_MS,
  RETRY_BACKOFF_MS,
  refused,
  UNKNOWN_GENERATION,
} from '../support/DummyCoordinator.ts'

let harness: DummyHarness

afterEach(() => harness.close())

const pollFor = (future: RequestFuture<unknown>, timeoutMs: number): Promise<boolean> =>
  harness.consumerClient.pollFuture(future, harness.time.timer(timeoutMs))

/** The answer to one join, to a member that knows its coordinator. */
const sendJoin = async (response = joined()): Promise<RequestFuture<Uint8Array>> => {
  await harness.findCoordinator()
  harness.prepareJoin(response)
  const future = harness.coordinator.sendJoinGroupRequest()
  expect(await pollFor(future, REQUEST_TIMEOUT_MS)).toBe(true)
  return future
}

describe('the time that a join may take', () => {
  const inFlight = async (rebalanceTimeoutMs: number): Promise<RequestFuture<Uint8Array>> => {
    harness = new DummyHarness({ rebalanceTimeoutMs })
    await harness.findCoordinator()
    return harness.coordinator.sendJoinGroupRequest()
  }

  test('is that of a rebalance and five seconds, for so long the coordinator waits', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestTimeout')
    const future = await inFlight(REBALANCE_TIMEOUT_MS)
    harness.time.sleep(REQUEST_TIMEOUT_MS + 1)
    expect(await pollFor(future, 0)).toBe(false)
    harness.time.sleep(REBALANCE_TIMEOUT_MS - REQUEST_TIMEOUT_MS + JOIN_GROUP_TIMEOUT_LAPSE)
    expect(await pollFor(future, 0)).toBe(true)
    expect(future.exception()).toBeInstanceOf(DisconnectException)
  })

  test('is never below that of any other request', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestTimeoutLowerBoundedByDefaultRequestTimeout')
    const rebalanceTimeoutMs = REQUEST_TIMEOUT_MS - 10_000
    const future = await inFlight(rebalanceTimeoutMs)
    const deadlineMs = harness.time.milliseconds() + REQUEST_TIMEOUT_MS
    harness.time.sleep(rebalanceTimeoutMs + JOIN_GROUP_TIMEOUT_LAPSE + 1)
    expect(await pollFor(future, 0)).toBe(false)
    harness.time.sleep(deadlineMs - harness.time.milliseconds() + 1)
    expect(await pollFor(future, 0)).toBe(true)
    expect(future.exception()).toBeInstanceOf(DisconnectException)
  })

  test('may be the longest that a setting can say', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestMaxTimeout')
    const future = await inFlight(2 ** 31 - 1)
    expect(await pollFor(future, 0)).toBe(false)
    harness.time.sleep(2 ** 31 + JOIN_GROUP_TIMEOUT_LAPSE)
    expect(await pollFor(future, 0)).toBe(true)
  })
})

describe('a join is refused', () => {
  test('because the group is full: nothing helps', async () => {
    covers('AbstractCoordinatorTest.testGroupMaxSizeExceptionIsFatal')
    harness = new DummyHarness()
    const future = await sendJoin(refused(Errors.GROUP_MAX_SIZE_REACHED))
    expect(future.exception()).toBeInstanceOf(GroupMaxSizeReachedException)
    expect(future.isRetriable()).toBe(false)
  })

  test('because another member has the name of this one: nothing helps', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestWithFencedInstanceIdException')
    harness = new DummyHarness({ groupInstanceId: 'printer-1' })
    const future = await sendJoin(refused(Errors.FENCED_INSTANCE_ID))
    expect(future.exception().message).toBe(Errors.FENCED_INSTANCE_ID.message)
    expect(future.isRetriable()).toBe(false)
  })

  test('because the member has no id yet: it joins with the one it is given', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestWithMemberIdRequired')
    harness = new DummyHarness()
    const { coordinator } = harness
    const future = await sendJoin(refused(Errors.MEMBER_ID_REQUIRED))
    expect(future.exception().message).toBe(Errors.MEMBER_ID_REQUIRED.message)
    expect(coordinator.rejoinNeededOrPending()).toBe(true)
    expect(coordinator.generation().memberId).toBe(MEMBER_ID)
    expect(coordinator.generation().generationId).toBe(UNKNOWN_GENERATION)

    harness.prepareJoin(refused(Errors.UNKNOWN_MEMBER_ID), ({ memberId, reason }) => {
      expect(reason).toBe(`need to re-join with the given member-id: ${MEMBER_ID}`)
      return memberId === MEMBER_ID
    })
    expect(await pollFor(coordinator.sendJoinGroupRequest(), REBALANCE_TIMEOUT_MS)).toBe(true)
  })

  test('because the coordinator does not know its id: it forgets it', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestWithGroupInstanceIdNotFound')
    harness = new DummyHarness()
    const future = await sendJoin(refused(Errors.UNKNOWN_MEMBER_ID))
    expect(future.exception().message).toBe(Errors.UNKNOWN_MEMBER_ID.message)
    expect(harness.coordinator.rejoinNeededOrPending()).toBe(true)
    expect(harness.coordinator.generation().hasMemberId()).toBe(false)
  })

  test('because the coordinator could not write it down: it joins again', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupRequestWithRebalanceInProgress')
    harness = new DummyHarness()
    const { coordinator } = harness
    const future = await sendJoin(refused(Errors.REBALANCE_IN_PROGRESS))
    expect(future.exception().message).toBe(Errors.REBALANCE_IN_PROGRESS.message)
    expect(coordinator.rejoinNeededOrPending()).toBe(true)
    expect([coordinator.onJoinPrepareInvokes, coordinator.onJoinCompleteInvokes]).toEqual([0, 0])

    harness.prepareJoin()
    harness.prepareSync()
    await coordinator.ensureActiveGroup()
    expect([coordinator.onJoinPrepareInvokes, coordinator.onJoinCompleteInvokes]).toEqual([1, 1])
  })

  test('an answer to an id that is no longer ours does not take the present one', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupUnknownMemberResponseWithOldGeneration')
    harness = new DummyHarness()
    await harness.joinGroup()
    const { coordinator, client } = harness
    const future = coordinator.sendJoinGroupRequest()
    await harness.poll()
    expect(harness.asked()).toEqual(['JoinGroup'])
    const newer = new Generation(1, `${MEMBER_ID}-new`, PROTOCOL_NAME)
    coordinator.membership.generation = newer
    client.respond(ApiKeys.JOIN_GROUP, refused(Errors.UNKNOWN_MEMBER_ID))
    expect(await pollFor(future, REQUEST_TIMEOUT_MS)).toBe(true)
    expect(future.exception().name).toBe('UnknownMemberIdException')
    expect(coordinator.generation()).toBe(newer)
  })
})

describe('the kind of group and the way of sharing', () => {
  const join = async (
    inJoin: string | null,
    inSync: string | null,
    name: string | null,
  ): Promise<boolean> => {
    harness = new DummyHarness()
    await harness.findCoordinator()
    const ourType = ({ protocolType }: { protocolType: string | null }) =>
      protocolType === PROTOCOL_TYPE
    harness.prepareJoin(joined({ generation: 7, protocolType: inJoin }), ourType)
    harness.prepareSync(
      Errors.NONE,
      (request) => ourType(request) && request.protocolName === PROTOCOL_NAME,
      { protocolType: inSync, protocolName: name },
    )
    return harness.coordinator.joinGroupIfNeeded(harness.time.timer(5000))
  }

  test('must be ours in every answer that names them', async () => {
    covers('AbstractCoordinatorTest.testJoinGroupProtocolTypeAndName')
    expect(await join(null, null, null)).toBe(true)
    expect(await join(PROTOCOL_TYPE, PROTOCOL_TYPE, PROTOCOL_NAME)).toBe(true)
    for (const [inJoin, inSync, name] of [
      ['wrong', null, null],
      [PROTOCOL_TYPE, 'wrong-type', PROTOCOL_NAME],
      [PROTOCOL_TYPE, PROTOCOL_TYPE, 'wrong-name'],
    ] as const) {
      await expect(join(inJoin, inSync, name)).rejects.toThrow(InconsistentGroupProtocolException)
    }
  })

  test('are not compared once the generation was reset: the member joins again', async () => {
    covers('AbstractCoordinatorTest.testNoGenerationWillNotTriggerProtocolNameCheck')
    harness = new DummyHarness()
    await harness.findCoordinator()
    const { coordinator } = harness
    harness.prepareJoin(joined({ protocolType: PROTOCOL_TYPE }))
    harness.prepareSync(
      Errors.NONE,
      () => {
        coordinator.resetGenerationOnLeaveGroup()
        return true
      },
      { protocolType: PROTOCOL_TYPE, protocolName: 'wrong-name' },
    )
    harness.prepareJoin(joined({ protocolType: PROTOCOL_TYPE }))
    harness.prepareSync(Errors.NONE, undefined, {
      protocolType: PROTOCOL_TYPE,
      protocolName: PROTOCOL_NAME,
    })
    expect(await coordinator.joinGroupIfNeeded(harness.time.timer(100))).toBe(true)
    expect(coordinator.generation().generationId).toBe(1)
  })
})

describe('a join that could not be finished', () => {
  test('in time is finished by the next call, and not sent twice', async () => {
    covers('AbstractCoordinatorTest.testTimeoutAndRetryJoinGroupIfNeeded')
    harness = new DummyHarness()
    await harness.findCoordinator()
    const { coordinator, client, time } = harness
    client.advanceTimeDuringPoll = true
    expect(await coordinator.joinGroupIfNeeded(time.timer(REQUEST_TIMEOUT_MS))).toBe(false)
    expect(harness.consumerClient.hasPendingRequests(harness.coordinatorNode)).toBe(true)
    expect(harness.asked()).toEqual(['JoinGroup'])
    client.respond(ApiKeys.JOIN_GROUP, joined())
    harness.prepareSync()
    expect(await coordinator.joinGroupIfNeeded(time.timer(REQUEST_TIMEOUT_MS))).toBe(true)
    expect(coordinator.onJoinPrepareInvokes).toBe(1)
  })

  test('since the coordinator still loads the group is tried again after a back-off', async () => {
    covers('AbstractCoordinatorTest.testBackoffAndRetryUponRetriableError')
    harness = new DummyHarness()
    await harness.findCoordinator()
    const { coordinator, time } = harness
    const startMs = time.milliseconds()
    harness.prepareJoin(refused(Errors.COORDINATOR_LOAD_IN_PROGRESS))
    harness.prepareJoin()
    harness.prepareSync()
    expect(await coordinator.joinGroupIfNeeded(time.timer(REQUEST_TIMEOUT_MS))).toBe(true)
    expect(time.milliseconds() - startMs).toBe(RETRY_BACKOFF_MS)
  })

  test('and whose time is over is given back to the caller', async () => {
    covers('AbstractCoordinatorTest.testReturnUponRetriableErrorAndExpiredTimer')
    harness = new DummyHarness()
    await harness.findCoordinator()
    const { coordinator, time } = harness
    harness.prepareJoin(refused(Errors.COORDINATOR_LOAD_IN_PROGRESS), () => {
      time.sleep(500)
      return true
    })
    expect(await coordinator.joinGroupIfNeeded(time.timer(500))).toBe(false)
    expect(coordinator.rejoinNeededOrPending()).toBe(true)
  })

  test('keeps a member out whose preparation is not done', async () => {
    harness = new DummyHarness()
    await harness.findCoordinator()
    const { coordinator, time } = harness
    coordinator.isPrepared = false
    for (let i = 0; i < 2; i++) {
      expect(await coordinator.joinGroupIfNeeded(time.timer(100))).toBe(false)
    }
    expect(coordinator.onJoinPrepareInvokes).toBe(2)
    expect(harness.asked()).toEqual([])
  })
})
