import { beforeEach, describe, expect, test } from 'vitest'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { GROUP_ID, GroupHarness, ID_FIRST } from './GroupHarness.ts'

const NEW_MEMBER_TIMEOUT_MS = 5 * 60_000

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

describe('the first rebalance', () => {
  test('waits a while for others', () => {
    covers(
      'GroupMetadataManagerTest.testDelayInitialRebalanceByGroupInitialRebalanceDelayOnEmptyGroup',
    )
    const join = groups.join().expectWaiting()
    groups.sleepQuietly(groups.initialDelayMs / 2)
    join.expectWaiting()
    groups.sleepQuietly(groups.initialDelayMs / 2 + 1)
    join.expectAnswer(Errors.NONE)
  })

  test('waits once more when somebody has come', () => {
    covers(
      'GroupMetadataManagerTest.testResetRebalanceDelayWhenNewMemberJoinsGroupDuringInitialRebalance',
    )
    const delayMs = groups.initialDelayMs
    const patient = { rebalanceTimeoutMs: 3 * delayMs }
    const first = groups.join(patient).expectWaiting()
    groups.sleepQuietly(delayMs - 1)
    const second = groups.join(patient).expectWaiting()
    groups.sleepQuietly(2)
    groups.sleepQuietly(delayMs / 2 + 1)
    first.expectWaiting()
    second.expectWaiting()
    groups.sleepQuietly(delayMs / 2)
    first.expectAnswer(Errors.NONE)
    second.expectAnswer(Errors.NONE)
  })

  test('waits no longer than the rebalance time-out, however many come', () => {
    covers('GroupMetadataManagerTest.testDelayRebalanceUptoRebalanceTimeout')
    const delayMs = groups.initialDelayMs
    const patient = { rebalanceTimeoutMs: 2 * delayMs }
    const joins = [groups.join(patient).expectWaiting(), groups.join(patient).expectWaiting()]
    groups.sleepQuietly(delayMs + 1)
    joins.push(groups.join(patient).expectWaiting())
    groups.sleepQuietly(delayMs - 1)
    for (const join of joins) join.expectWaiting()
    groups.sleepQuietly(1)
    for (const join of joins) join.expectAnswer(Errors.NONE)
  })

  test('comes to nothing when the group is dead by then', () => {
    covers('GroupMetadataManagerTest.testCompleteJoinPhaseInEmptyStateSkipsRebalance')
    groups.join({ sessionTimeoutMs: 1000, rebalanceTimeoutMs: 1000 }).expectWaiting()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    groups.group.transitionTo('Dead')
    groups.sleepQuietly(groups.initialDelayMs)
    expect(groups.group.generationId).toBe(0)
  })
})

describe('a rebalance', () => {
  test('leaves out dynamic members that do not join again in time', () => {
    covers('GroupMetadataManagerTest.testCompleteJoinRemoveNotYetRejoinedDynamicMembers')
    const times = { sessionTimeoutMs: 1000, rebalanceTimeoutMs: 1000 }
    const leader = groups.joinAndComplete(times)
    const join = groups.join(times).expectWaiting()
    expect(groups.group.numMembers()).toBe(2)
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    groups.sleepQuietly(1000)
    join.expectAnswer(Errors.NONE)
    expect([...groups.group.allMemberIds()]).toEqual([join.response.memberId])
    expect(groups.group.hasMember(leader.memberId)).toBe(false)
    expect(groups.group.generationId).toBe(2)
  })

  test('begins its wait anew as long as no static member has come', () => {
    covers('GroupMetadataManagerTest.testCompleteJoinPhaseNoMembersRejoinedExtendsJoinPhase')
    const { group } = groups
    const times = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 10_000 }
    const first = { groupInstanceId: 'first-instance-id', ...times }
    const second = { groupInstanceId: 'second-instance-id', ...times }
    const join = groups.join(first)
    groups.sleepQuietly(groups.initialDelayMs)
    const firstId = join.expectAnswer(Errors.NONE).response.memberId

    const secondJoin = groups.join(second).expectWaiting()
    groups.join({ ...first, memberId: firstId }).expectAnswer(Errors.NONE)
    const secondId = secondJoin.expectAnswer(Errors.NONE).response.memberId
    expect(group.generationId).toBe(2)

    groups.manager.prepareRebalance(group, 'trigger rebalance')
    expect(group.currentState()).toBe('PreparingRebalance')
    expect(group.numAwaitingJoinResponse()).toBe(0)
    for (let round = 0; round < 2; round++) {
      groups.sleepQuietly(10_000)
      expect(groups.timer.remainingMs(`join-${GROUP_ID}`)).toBe(10_000)
    }
    expect(group.currentState()).toBe('PreparingRebalance')
    expect(group.numMembers()).toBe(2)

    const firstJoin = groups.join({ ...first, memberId: firstId }).expectWaiting()
    expect(group.generationId).toBe(2)
    groups.join({ ...second, memberId: secondId }).expectAnswer(Errors.NONE)
    firstJoin.expectAnswer(Errors.NONE)
    expect(group.currentState()).toBe('CompletingRebalance')
    expect(group.numMembers()).toBe(2)
    expect(group.generationId).toBe(3)
  })
})

describe('who is new', () => {
  test('and pending is forgotten when its session time-out is over', () => {
    covers('GroupMetadataManagerTest.testHeartbeatExpirationShouldRemovePendingMember')
    groups.join({ sessionTimeoutMs: 1000 }, ID_FIRST).expectAnswer(Errors.MEMBER_ID_REQUIRED)
    expect(groups.group.numMembers()).toBe(0)
    expect(groups.group.numPendingJoinMembers()).toBe(1)
    groups.sleepQuietly(1000)
    expect(groups.group.numPendingJoinMembers()).toBe(0)
  })

  test('and waits is sent away after five minutes, which may leave the group empty', () => {
    covers('GroupMetadataManagerTest.testHeartbeatExpirationShouldRemoveMember')
    groups = GroupHarness.withGroup({ 'group.initial.rebalance.delay.ms': 10 * 60_000 })
    const join = groups.join().expectWaiting()
    const memberId = groups.group.leaderOrNull()
    const expired = groups.sleep(NEW_MEMBER_TIMEOUT_MS)
    expect(expired.map(({ key }) => key)).toEqual([`heartbeat-${GROUP_ID}-${memberId}`])
    expect(expired[0]!.result.records).toEqual([groups.metadataRecord()])
    expect(expired[0]!.result.records).toEqual([groups.emptyGroupRecord(1)])
    join.expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect(groups.group.numMembers()).toBe(0)
  })

  test('and waits in a long rebalance is sent away, the others are not', () => {
    covers('GroupMetadataManagerTest.testNewMemberJoinExpiration')
    const { memberId } = groups.joinAndComplete({
      sessionTimeoutMs: 5000 + NEW_MEMBER_TIMEOUT_MS,
      rebalanceTimeoutMs: 2 * NEW_MEMBER_TIMEOUT_MS,
    })
    const newOnes = () => groups.group.allMembers().filter((member) => member.isNew)
    expect(newOnes()).toEqual([])
    const join = groups.join({ sessionTimeoutMs: 5000, rebalanceTimeoutMs: 5000 }).expectWaiting()
    expect(groups.group.numMembers()).toBe(2)
    expect(newOnes()).toHaveLength(1)
    expect(newOnes()[0]!.memberId).not.toBe(memberId)

    groups.sleepQuietly(NEW_MEMBER_TIMEOUT_MS)
    join.expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect(newOnes()).toEqual([])
    expect([...groups.group.allMemberIds()]).toEqual([memberId])
  })
})
