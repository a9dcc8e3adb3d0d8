import { beforeEach, describe, expect, test } from 'vitest'
import { UnknownMemberIdException } from '../../../src/common/errors/CoordinatorExceptions.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import type { MemberIdentity } from '../../../src/protocol/messages/LeaveGroup.ts'
import { covers } from '../../support/covers.ts'
import { toProtocols } from './classicGroupSupport.ts'
import { FOLLOWER, GROUP_ID, GroupHarness, LEADER, requestContext } from './GroupHarness.ts'

const INSTANCE = { groupInstanceId: 'group-instance-id' }

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

type Leaving = Partial<MemberIdentity>

/** These leave, with these answers; what is to be written is returned. */
const leave = (...expected: (readonly [Leaving, WireError])[]) => {
  const { response, ...result } = groups.leave(...expected.map(([member]) => member))
  expect(response).toEqual({
    throttleTimeMs: 0,
    errorCode: 0,
    members: expected.map(([member, error]) => ({
      memberId: member.memberId ?? '',
      groupInstanceId: member.groupInstanceId ?? null,
      errorCode: error.code,
    })),
  })
  return result
}

/** A static member alone in its group. */
const staticMember = (): string => {
  const join = groups.join(INSTANCE)
  groups.sleepQuietly(groups.initialDelayMs)
  return join.expectAnswer(Errors.NONE).response.memberId
}

describe('leaving is refused', () => {
  test('where there is no such group', () => {
    covers(
      'GroupMetadataManagerTest.testLeaveGroupInvalidGroup',
      'GroupMetadataManagerTest.testLeaveGroupUnknownGroup',
      'GroupMetadataManagerTest.testStaticMembersLeaveUnknownGroup',
    )
    groups.staticPair()
    const leaveInvalid = (...members: Leaving[]) => {
      const full = members.map((member) => ({
        memberId: '',
        groupInstanceId: null,
        reason: null,
        ...member,
      }))
      const request = { groupId: 'invalid-group-id', memberId: '', members: full }
      return () => groups.manager.classicGroupLeave(requestContext(5), request)
    }
    expect(leaveInvalid()).toThrow(UnknownMemberIdException)
    expect(leaveInvalid({ memberId: 'member-id' })).toThrow(UnknownMemberIdException)
    expect(leaveInvalid({ groupInstanceId: LEADER }, { groupInstanceId: FOLLOWER })).toThrow(
      UnknownMemberIdException,
    )
  })

  test('to who is no member', () => {
    covers('GroupMetadataManagerTest.testLeaveGroupUnknownMemberIdExistingGroup')
    groups.joinAndComplete()
    const { records } = leave([{ memberId: 'unknown-member-id' }, Errors.UNKNOWN_MEMBER_ID])
    expect(records).toEqual([])
    expect(groups.group.numMembers()).toBe(1)
  })

  test('by a group that is moving away', () => {
    covers('GroupMetadataManagerTest.testLeaveDeadGroup')
    groups.group.transitionTo('Dead')
    const { records, response } = groups.leave({ memberId: 'member-id' })
    expect(response!.errorCode).toBe(Errors.COORDINATOR_NOT_AVAILABLE.code)
    expect(records).toEqual([])
  })

  test('to who has lost its instance id', () => {
    covers('GroupMetadataManagerTest.testLeaveGroupWithFencedInstanceId')
    staticMember()
    const other = { ...INSTANCE, memberId: 'other-member-id' }
    const { records } = leave([other, Errors.FENCED_INSTANCE_ID])
    expect(records).toEqual([])
    expect(groups.group.numMembers()).toBe(1)
  })
})

describe('leaving', () => {
  test('as the last makes the group empty, which is written down', () => {
    covers('GroupMetadataManagerTest.testValidLeaveGroup')
    const { memberId } = groups.joinAndComplete()
    const { records, appendFuture, replayRecords } = leave([{ memberId }, Errors.NONE])
    expect(records).toEqual([groups.metadataRecord()])
    expect(records).toEqual([groups.emptyGroupRecord(2)])
    expect(replayRecords).toBe(false)
    appendFuture!.complete()
    expect(groups.group.isEmpty()).toBe(true)
    expect(groups.group.generationId).toBe(2)
    expect(groups.timer.isScheduled(`heartbeat-${GROUP_ID}-${memberId}`)).toBe(false)
  })

  test('by the instance id alone sends a static member away', () => {
    covers('GroupMetadataManagerTest.testLeaveGroupStaticMemberWithUnknownMemberId')
    staticMember()
    leave([INSTANCE, Errors.NONE])
    expect(groups.group.isEmpty()).toBe(true)
  })

  test('of all static members at once empties the group', () => {
    covers('GroupMetadataManagerTest.testStaticMembersValidBatchLeaveGroup')
    groups.staticPair()
    const { records } = leave(
      [{ groupInstanceId: LEADER }, Errors.NONE],
      [{ groupInstanceId: FOLLOWER }, Errors.NONE],
    )
    expect(records).toEqual([groups.emptyGroupRecord(2)])
  })

  test('is answered member by member: a wrong member id', () => {
    covers('GroupMetadataManagerTest.testStaticMembersFencedInstanceBatchLeaveGroup')
    const { followerId } = groups.staticPair()
    leave(
      [{ groupInstanceId: LEADER }, Errors.NONE],
      [{ groupInstanceId: FOLLOWER, memberId: 'invalid-member-id' }, Errors.FENCED_INSTANCE_ID],
    )
    expect([...groups.group.allMemberIds()]).toEqual([followerId])
    expect(groups.group.currentState()).toBe('PreparingRebalance')
  })

  test('is answered member by member: a wrong instance id', () => {
    covers('GroupMetadataManagerTest.testStaticMembersUnknownInstanceBatchLeaveGroup')
    const { leaderId } = groups.staticPair()
    const { records } = leave(
      [{ groupInstanceId: 'unknown-instance-id' }, Errors.UNKNOWN_MEMBER_ID],
      [{ groupInstanceId: FOLLOWER }, Errors.NONE],
    )
    expect(records).toEqual([])
    expect([...groups.group.allMemberIds()]).toEqual([leaderId])
  })

  test('of a pending member ends the wait for it', () => {
    covers(
      'GroupMetadataManagerTest.testPendingMembersLeaveGroup',
      'GroupMetadataManagerTest.testPendingMemberBatchLeaveGroup',
    )
    const { pendingId } = groups.withPendingMember()
    const { records } = leave(
      [{ groupInstanceId: 'unknown-instance-id' }, Errors.UNKNOWN_MEMBER_ID],
      [{ memberId: pendingId }, Errors.NONE],
    )
    expect(records).toEqual([])
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    expect(groups.group.numMembers()).toBe(2)
    expect(groups.group.allStaticMemberIds().size).toBe(0)
    expect(groups.group.numPendingJoinMembers()).toBe(0)
    expect(groups.timer.isScheduled(`heartbeat-${GROUP_ID}-${pendingId}`)).toBe(false)
  })

  test('of everybody, pending or not, is one answer', () => {
    covers(
      'GroupMetadataManagerTest.testJoinedMemberPendingMemberBatchLeaveGroup',
      'GroupMetadataManagerTest.testJoinedMemberPendingMemberBatchLeaveGroupWithUnknownMember',
    )
    const { leaderId, followerId, pendingId } = groups.withPendingMember()
    const everybody = [leaderId, followerId, pendingId].map(
      (memberId) => [{ memberId }, Errors.NONE] as const,
    )
    leave(...everybody, [{ memberId: 'unknown-member-id' }, Errors.UNKNOWN_MEMBER_ID])
    expect(groups.group.isEmpty()).toBe(true)
  })

  test('of one whose join waits tells it to start over', () => {
    const { memberId: leaderId } = groups.stabilize()
    const join = groups.join().expectWaiting()
    const [memberId] = [...groups.group.allMemberIds()].filter((id) => id !== leaderId)
    leave([{ memberId: memberId! }, Errors.NONE])
    join.expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect(join.response.memberId).toBe('')
  })

  test('of one that waits for its share answers that too', () => {
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const sync = groups.sync({ memberId: followerId, generationId }).expectWaiting()
    leave([{ memberId: followerId }, Errors.NONE])
    sync.expectAnswer(Errors.UNKNOWN_MEMBER_ID)
  })

  test('with a reason is told to the log', () => {
    const { memberId } = groups.joinAndComplete()
    leave([{ memberId, reason: 'the consumer is being closed' }, Errors.NONE])
    const messages = groups.logger.messages('info').join('\n')
    expect(messages).toContain(
      `Member ${memberId} has left group through explicit \`LeaveGroup\` request; client reason: ` +
        'the consumer is being closed',
    )
  })
})

describe('a pending member', () => {
  test('that joins completes the rebalance', () => {
    covers('GroupMetadataManagerTest.testJoinGroupCompletionWhenPendingMemberJoins')
    const { pendingId } = groups.withPendingMember()
    groups.join({ memberId: pendingId }).expectAnswer(Errors.NONE)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    expect(groups.group.numMembers()).toBe(3)
    expect(groups.group.numPendingJoinMembers()).toBe(0)
  })

  test('that does not come back completes it when its time is over', () => {
    covers('GroupMetadataManagerTest.testJoinGroupCompletionWhenPendingMemberTimesOut')
    groups.withPendingMember()
    groups.sleepQuietly(3000)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    expect(groups.group.numMembers()).toBe(2)
    expect(groups.group.numPendingJoinMembers()).toBe(0)
  })
})

describe('a static member that is silent in a rebalance', () => {
  test('holds the group up until its session ends, even when all others have gone', () => {
    covers('GroupMetadataManagerTest.testGroupStuckInRebalanceTimeoutDueToNonjoinedStaticMember')
    const times = { rebalanceTimeoutMs: 5000, sessionTimeoutMs: 10_000 }
    const { leaderId, followerId } = groups.staticPair(times)
    const { group } = groups
    const protocols = [...toProtocols('range', 'roundrobin')]
    const join = groups.join({ protocols, sessionTimeoutMs: 10_000 }).expectWaiting()
    groups.sleepQuietly(5000)
    const { memberId, leader, members, generationId } = join.expectAnswer(Errors.NONE).response
    expect(leader).toBe(memberId)
    expect(members).toHaveLength(3)
    expect(generationId).toBe(2)
    expect(group.allMemberIds()).toEqual(new Set([leaderId, followerId, memberId]))
    expect(group.allStaticMemberIds()).toEqual(new Set([leaderId, followerId]))

    leave([{ memberId: followerId, groupInstanceId: FOLLOWER }, Errors.NONE])
    expect(group.currentState()).toBe('PreparingRebalance')
    groups.sleepQuietly(5000)
    expect([...group.allMemberIds()]).toEqual([leaderId])
    expect(group.generationId).toBe(2)
    expect(group.currentState()).toBe('PreparingRebalance')
  })
})
