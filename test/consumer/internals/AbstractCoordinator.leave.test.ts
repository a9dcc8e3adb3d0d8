/** A member leaves: who says so to the coordinator, and who does not. */

import { afterEach, describe, expect, test } from 'vitest'
import { UnknownMemberIdException } from '../../../src/common/errors/CoordinatorExceptions.ts'
import { IllegalStateException } from '../../../src/common/errors.ts'
import type { GroupMembershipOperation } from '../../../src/consumer/CloseOptions.ts'
import type { RequestFuture } from '../../../src/consumer/internals/RequestFuture.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { DummyHarness, MEMBER_ID } from '../support/DummyCoordinator.ts'

let harness: DummyHarness

afterEach(() => harness.close())

/** Whether a member of this kind, closed this way, tells the coordinator. */
const tellsCoordinator = async (
  groupInstanceId: string | null,
  operation?: GroupMembershipOperation,
): Promise<boolean> => {
  harness = new DummyHarness({ groupInstanceId, rebalanceTimeoutMs: 2 ** 31 - 1 })
  await harness.joinGroup()
  await harness.coordinator.close(harness.time.timer(0), operation)
  expect(harness.coordinator.onLeavePrepareInvokes).toBe(1)
  return harness.asked().includes('LeaveGroup')
}

test('a dynamic member says so, a static one comes back', async () => {
  covers('AbstractCoordinatorTest.testLeaveGroupSentWithGroupInstanceIdUnSet')
  expect(await tellsCoordinator(null)).toBe(true)
  expect(await tellsCoordinator('groupInstanceId')).toBe(false)
})

test('either does as it is told', async () => {
  covers(
    'AbstractCoordinatorTest.testLeaveGroupSentWithGroupInstanceIdUnSetAndDifferentGroupMembershipOperation',
  )
  for (const [groupInstanceId, operation, expected] of [
    [null, 'DEFAULT', true],
    [null, 'LEAVE_GROUP', true],
    [null, 'REMAIN_IN_GROUP', false],
    ['groupInstanceId', 'DEFAULT', false],
    ['groupInstanceId', 'LEAVE_GROUP', true],
    ['groupInstanceId', 'REMAIN_IN_GROUP', false],
  ] as const) {
    expect(await tellsCoordinator(groupInstanceId, operation)).toBe(expected)
  }
})

test('an error on the way out reaches who closes; the group is forgotten anyway', async () => {
  harness = new DummyHarness()
  await harness.joinGroup()
  const unexpected = new Error('The selector has come to an end')
  harness.client.prepareResponse(ApiKeys.LEAVE_GROUP, null, {
    matcher: () => {
      throw unexpected
    },
  })
  await expect(harness.coordinator.close()).rejects.toBe(unexpected)
  expect(harness.coordinator.membership.state).toBe('UNJOINED')
})

describe('the answer', () => {
  /** What a leave comes to that is answered with these errors, one for each member. */
  const leave = async (
    errors: readonly WireError[],
    reason = 'test maybe leave group',
    expectedReason = reason,
  ): Promise<RequestFuture<void>> => {
    harness = new DummyHarness()
    await harness.joinGroup()
    harness.client.prepareResponse(
      ApiKeys.LEAVE_GROUP,
      {
        members: errors.map(({ code }) => ({
          memberId: MEMBER_ID,
          groupInstanceId: null,
          errorCode: code,
        })),
      },
      {
        matcher: ({ members }) => {
          expect(members).toMatchObject([{ memberId: MEMBER_ID, reason: expectedReason }])
          return true
        },
      },
    )
    const future = await harness.coordinator.maybeLeaveGroup('DEFAULT', reason)
    expect(future).not.toBeNull()
    expect(harness.coordinator.membership.state).toBe('UNJOINED')
    return future!
  }

  test('is good', async () => {
    covers('AbstractCoordinatorTest.testHandleNormalLeaveGroupResponse')
    expect((await leave([Errors.NONE])).succeeded()).toBe(true)
  })

  test('is good, to a reason of which 255 characters were sent', async () => {
    covers('AbstractCoordinatorTest.testHandleNormalLeaveGroupResponseAndTruncatedLeaveReason')
    const reason = `Very l${'o'.repeat(300)}ng`
    const future = await leave([Errors.NONE], reason, reason.slice(0, 255))
    expect(future.succeeded()).toBe(true)
  })

  test('that speaks of more members than have left is an error', async () => {
    covers('AbstractCoordinatorTest.testHandleMultipleMembersLeaveGroupResponse')
    const future = await leave([Errors.NONE, Errors.NONE])
    expect(future.exception()).toBeInstanceOf(IllegalStateException)
  })

  test('that speaks of nobody is good', async () => {
    covers('AbstractCoordinatorTest.testHandleLeaveGroupResponseWithEmptyMemberResponse')
    expect((await leave([])).succeeded()).toBe(true)
  })

  test('that the member was not there is told', async () => {
    covers('AbstractCoordinatorTest.testHandleLeaveGroupResponseWithException')
    const future = await leave([Errors.UNKNOWN_MEMBER_ID])
    expect(future.exception()).toBeInstanceOf(UnknownMemberIdException)
  })
})

describe('nobody is told', () => {
  test('by a member that has not joined', async () => {
    harness = new DummyHarness()
    await harness.findCoordinator()
    expect(await harness.coordinator.maybeLeaveGroup('LEAVE_GROUP', 'test')).toBeNull()
  })

  test('while the coordinator is unknown', async () => {
    harness = new DummyHarness()
    await harness.joinGroup()
    harness.coordinator.markCoordinatorUnknown('test')
    expect(await harness.coordinator.maybeLeaveGroup('LEAVE_GROUP', 'test')).toBeNull()
    expect(harness.coordinator.membership.state).toBe('UNJOINED')
  })
})

test('close waits for the answer as long as it may, and says what it leaves behind', async () => {
  harness = new DummyHarness()
  await harness.joinGroup()
  harness.client.advanceTimeDuringPoll = true
  const startMs = harness.time.milliseconds()
  await harness.coordinator.close(harness.time.timer(2000))
  expect(harness.time.milliseconds() - startMs).toBe(2000)
  expect(harness.logger.messages('warn')).toEqual([
    'Close timed out with 1 pending requests to coordinator, terminating client connections',
  ])
})
