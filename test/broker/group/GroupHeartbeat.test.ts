import { beforeEach, describe, expect, test } from 'vitest'
import { CoordinatorNotAvailableException } from '../../../src/common/errors/ApiExceptions.ts'
import {
  IllegalGenerationException,
  UnknownMemberIdException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { newMember } from './classicGroupSupport.ts'
import { AT_ONCE, GROUP_ID, GroupHarness, ID_FIRST, PATIENT } from './GroupHarness.ts'

const NEW_MEMBER_TIMEOUT_MS = 5 * 60_000

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

/** Everybody's session ends at this moment, and the last one leaves the group empty. */
const expectAllExpire = (ms: number): void => {
  const { group } = groups
  const keys = [...group.allMemberIds()].map((id) => `heartbeat-${GROUP_ID}-${id}`)
  const expired = groups.sleep(ms)
  expect(new Set(expired.map(({ key }) => key))).toEqual(new Set(keys))
  const records = expired.map(({ result }) => result.records)
  expect(records.pop()).toEqual([groups.emptyGroupRecord(group.generationId)])
  for (const others of records) expect(others).toEqual([])
  expect(group.isEmpty()).toBe(true)
  expect(group.numMembers()).toBe(0)
}

describe('a heartbeat', () => {
  test('in a group that is not there is of an unknown member', () => {
    covers('GroupMetadataManagerTest.testHeartbeatUnknownGroup')
    groups = new GroupHarness()
    expect(() => groups.heartbeat('member-id', -1)).toThrow(UnknownMemberIdException)
  })

  test('in a group that is moving away sends the member to look for it', () => {
    covers('GroupMetadataManagerTest.testHeartbeatDeadGroup')
    groups.group.transitionTo('Dead')
    expect(() => groups.heartbeat('member-id', -1)).toThrow(CoordinatorNotAvailableException)
  })

  test('in a group that is empty is of an unknown member', () => {
    covers('GroupMetadataManagerTest.testHeartbeatEmptyGroup')
    groups.group.add(newMember({ memberId: 'member-id' }))
    expect(groups.heartbeat('member-id', 0)).toBe(Errors.UNKNOWN_MEMBER_ID)
  })

  test('of somebody else is of an unknown member', () => {
    covers('GroupMetadataManagerTest.testHeartbeatUnknownMemberExistingGroup')
    const { generationId } = groups.stabilize()
    expect(() => groups.heartbeat('unknown-member-id', generationId)).toThrow(
      UnknownMemberIdException,
    )
  })

  test('while the members join says that one has to join', () => {
    covers('GroupMetadataManagerTest.testHeartbeatDuringPreparingRebalance')
    const first = groups.join({}, ID_FIRST).expectAnswer(Errors.MEMBER_ID_REQUIRED)
    const { memberId } = first.response
    groups.join({ memberId }, AT_ONCE).expectWaiting()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    expect(groups.heartbeat(memberId, 0)).toBe(Errors.REBALANCE_IN_PROGRESS)
  })

  test('of who was there before says that one has to join, once somebody else has', () => {
    covers('GroupMetadataManagerTest.testHeartbeatDuringRebalanceCausesRebalanceInProgress')
    const { memberId, generationId } = groups.joinAndComplete(PATIENT)
    expect(generationId).toBe(1)
    groups.join(PATIENT).expectWaiting()
    expect(groups.heartbeat(memberId, generationId)).toBe(Errors.REBALANCE_IN_PROGRESS)
  })

  test('while the leader shares out is fine', () => {
    covers('GroupMetadataManagerTest.testHeartbeatDuringCompletingRebalance')
    const { memberId, generationId } = groups.joinAndComplete()
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    expect(groups.heartbeat(memberId, generationId)).toBe(Errors.NONE)
  })

  test('of another generation is refused', () => {
    covers('GroupMetadataManagerTest.testHeartbeatIllegalGeneration')
    const { memberId, generationId } = groups.stabilize()
    expect(() => groups.heartbeat(memberId, generationId + 1)).toThrow(IllegalGenerationException)
  })

  test('of a member is fine', () => {
    covers('GroupMetadataManagerTest.testValidHeartbeat')
    const { memberId, generationId } = groups.stabilize()
    expect(groups.heartbeat(memberId, generationId)).toBe(Errors.NONE)
  })
})

describe('a session', () => {
  test('ends when nothing is heard of the member', () => {
    covers('GroupMetadataManagerTest.testClassicGroupMemberSessionTimeout')
    const { memberId, generationId } = groups.stabilize()
    expectAllExpire(PATIENT.sessionTimeoutMs)
    expect(() => groups.heartbeat(memberId, generationId)).toThrow(UnknownMemberIdException)
  })

  test('goes on with each heartbeat', () => {
    covers('GroupMetadataManagerTest.testClassicGroupMemberHeartbeatMaintainsSession')
    const { memberId, generationId } = groups.stabilize()
    for (let round = 0; round < 4; round++) {
      groups.sleepQuietly(PATIENT.sessionTimeoutMs / 2)
      expect(groups.heartbeat(memberId, generationId)).toBe(Errors.NONE)
    }
  })

  test('goes on with each commit, as long as the group does not wait for its leader', () => {
    const { memberId } = groups.stabilize()
    const { group } = groups
    const key = `heartbeat-${GROUP_ID}-${memberId}`
    groups.sleepQuietly(1000)
    expect(groups.timer.remainingMs(key)).toBe(4000)
    groups.manager.maybeRescheduleClassicGroupMemberHeartbeat(group, memberId)
    expect(groups.timer.remainingMs(key)).toBe(5000)
    groups.manager.maybeRescheduleClassicGroupMemberHeartbeat(group, '')
    groups.join({ memberId, ...PATIENT })
    expect(group.currentState()).toBe('CompletingRebalance')
    groups.sleepQuietly(1000)
    groups.manager.maybeRescheduleClassicGroupMemberHeartbeat(group, memberId)
    expect(groups.timer.remainingMs(key)).toBe(4000)
  })

  test('ends during a rebalance too, and the rest goes on without that member', () => {
    covers('GroupMetadataManagerTest.testClassicGroupMemberSessionTimeoutDuringRebalance')
    const { memberId, generationId } = groups.stabilize()
    const other = groups.join(PATIENT).expectWaiting()
    groups.sleepQuietly(2500)
    expect(groups.heartbeat(memberId, generationId)).toBe(Errors.REBALANCE_IN_PROGRESS)
    groups.sleepQuietly(5000)
    expect(() => groups.heartbeat(memberId, generationId)).toThrow(UnknownMemberIdException)
    groups.sleepQuietly(2500)
    other.expectAnswer(Errors.NONE)
    expect(groups.group.numMembers()).toBe(1)
    expect(groups.group.generationId).toBe(2)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
  })

  test('of a new member is its own from when it is answered', () => {
    covers('GroupMetadataManagerTest.testNewMemberTimeoutCompletion')
    const sessionTimeoutMs = NEW_MEMBER_TIMEOUT_MS + 5000
    const join = groups.join({ sessionTimeoutMs }).expectWaiting()
    groups.sleepQuietly(groups.initialDelayMs)
    const { memberId, generationId } = join.expectAnswer(Errors.NONE).response
    expect(groups.group.allMembers().some((member) => member.isNew)).toBe(false)
    groups.syncAsLeader(memberId, generationId)
    groups.sleepQuietly(NEW_MEMBER_TIMEOUT_MS)
    expect(groups.group.numMembers()).toBe(1)
    const expired = groups.sleep(5000)
    expect(expired.map(({ key }) => key)).toEqual([`heartbeat-${GROUP_ID}-${memberId}`])
    expect(expired[0]!.result.records).toEqual([groups.emptyGroupRecord(2)])
    expect(groups.group.isEmpty()).toBe(true)
  })

  test('of new members ends as that of others once they are answered', () => {
    covers('GroupMetadataManagerTest.testNewMemberFailureAfterJoinGroupCompletion')
    const { memberId, generationId } = groups.joinAndComplete(PATIENT)
    expect(generationId).toBe(1)
    groups.syncAsLeader(memberId, generationId)
    groups.addFollower(memberId)
    expectAllExpire(PATIENT.sessionTimeoutMs)
  })
})

describe('a static member', () => {
  const INSTANCE = { groupInstanceId: 'leader-instance-id' }

  /** Alone in a stable group. */
  const alone = (): string => {
    const join = groups.join({ ...INSTANCE, ...PATIENT }).expectWaiting()
    groups.sleepQuietly(groups.initialDelayMs)
    const { memberId, generationId } = join.expectAnswer(Errors.NONE).response
    groups.syncAsLeader(memberId, generationId)
    return memberId
  }

  test('that does not join again stays until its session ends', () => {
    covers('GroupMetadataManagerTest.testRebalanceCompletesBeforeMemberJoins')
    const first = alone()
    const { group } = groups
    const second = groups.join({ ...PATIENT, sessionTimeoutMs: 2500 }).expectWaiting()
    for (let round = 0; round < 2; round++) {
      groups.sleepQuietly(2500)
      expect(groups.heartbeat(first, 1)).toBe(Errors.REBALANCE_IN_PROGRESS)
    }
    // The rest of the rebalance time-out: the second member leads, the first is still one.
    groups.sleepQuietly(8000)
    const memberId = second.expectAnswer(Errors.NONE).response.memberId
    expect(group.isLeader(memberId)).toBe(true)
    expect(group.numMembers()).toBe(2)
    expect(group.generationId).toBe(2)
    groups.syncAsLeader(memberId, 2)
    expect(() => groups.heartbeat(first, 1)).toThrow(IllegalGenerationException)

    // Now its session ends, while the other one's goes on.
    const answers = [Errors.NONE, Errors.NONE, Errors.REBALANCE_IN_PROGRESS]
    for (const answer of answers) {
      groups.sleepQuietly(2000)
      expect(groups.heartbeat(memberId, 2)).toBe(answer)
    }
    expect([...group.allMemberIds()]).toEqual([memberId])

    groups.join({ memberId, ...PATIENT, sessionTimeoutMs: 2500 }).expectAnswer(Errors.NONE)
    groups.syncAsLeader(memberId, 3)
    for (let round = 0; round < 20; round++) {
      groups.sleepQuietly(2000)
      expect(groups.heartbeat(memberId, 3)).toBe(Errors.NONE)
    }
  })

  test('is not disturbed by somebody that asks for an id and does not come back', () => {
    covers('GroupMetadataManagerTest.testSecondMemberPartiallyJoinAndTimeout')
    const memberId = alone()
    groups.join(PATIENT, ID_FIRST).expectAnswer(Errors.MEMBER_ID_REQUIRED)
    expect(groups.group.numPendingJoinMembers()).toBe(1)
    for (let round = 0; round < 2; round++) {
      groups.sleepQuietly(2500)
      expect(groups.heartbeat(memberId, 1)).toBe(Errors.NONE)
    }
    expect(groups.group.numPendingJoinMembers()).toBe(0)
    expect([...groups.group.allMemberIds()]).toEqual([memberId])
    expect(groups.group.generationId).toBe(1)
    expect(groups.group.currentState()).toBe('Stable')
  })
})
