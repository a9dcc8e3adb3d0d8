import { beforeEach, describe, expect, test } from 'vitest'
import { appendGroupMetadataErrorToResponseError } from '../../../src/broker/group/classic/ClassicGroupContext.ts'
import {
  RecordTooLargeException,
  UnknownTopicOrPartitionException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { toProtocols } from './classicGroupSupport.ts'
import { FOLLOWER, GroupHarness, ID_FIRST, LEADER, SKIPPING } from './GroupHarness.ts'

const INSTANCE_ID = 'group-instance-id'
const INSTANCE = { groupInstanceId: INSTANCE_ID }
const RANGE = [...toProtocols('range')]
const BOTH = [...toProtocols('range', 'roundrobin')]

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

/** A static member alone in its group; returns its id. */
const alone = (fields = {}): string => {
  const join = groups.join({ ...INSTANCE, ...fields })
  groups.sleepQuietly(groups.initialDelayMs)
  expect(groups.group.currentState()).toBe('CompletingRebalance')
  return join.expectAnswer(Errors.NONE).response.memberId
}

describe('a static member that comes back to a stable group', () => {
  test.each([
    ['is not told whether to share out, and not that it leads', ID_FIRST, false],
    ['is told that it leads, who is there, and not to share out', SKIPPING, true],
  ])('%s (version %i)', (_, version, skips) => {
    covers(
      'GroupMetadataManagerTest.testReplaceStaticMemberInStableStateNoError',
      'GroupMetadataManagerTest.testReplaceStaticMemberInStableStateSucceeds',
    )
    const oldMemberId = alone()
    groups.group.transitionTo('Stable')
    const times = { rebalanceTimeoutMs: 7000, sessionTimeoutMs: 4500 }
    const join = groups.join({ ...INSTANCE, ...times, protocols: BOTH }, version)
    expect(join.records).toEqual([groups.metadataRecord()])
    expect(join.isWaiting()).toBe(true)

    join.written()
    const memberId = groups.group.staticMemberId(INSTANCE_ID)!
    expect(memberId).not.toBe(oldMemberId)
    expect(join.response).toEqual({
      throttleTimeMs: 0,
      errorCode: 0,
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: skips ? memberId : oldMemberId,
      skipAssignment: skips,
      memberId,
      members: skips ? [{ memberId, ...INSTANCE, metadata: BOTH[0]!.metadata }] : [],
    })
    expect(groups.group.member(memberId)).toMatchObject({
      ...INSTANCE,
      ...times,
      supportedProtocols: BOTH,
    })
    expect(groups.group.numMembers()).toBe(1)
    expect(groups.group.generationId).toBe(1)
    expect(groups.group.currentState()).toBe('Stable')
  })

  test('with another protocol begins a rebalance', () => {
    covers(
      'GroupMetadataManagerTest.testReplaceStaticMemberInStableStateWithUpdatedProtocolTriggersRebalance',
    )
    alone({ protocols: BOTH })
    groups.group.transitionTo('Stable')
    groups
      .join({ ...INSTANCE, protocols: [...toProtocols('roundrobin')] })
      .expectAnswer(Errors.NONE)
    expect(groups.group.numMembers()).toBe(1)
    expect(groups.group.generationId).toBe(2)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
  })

  test('is who it was before when that could not be written down', () => {
    covers('GroupMetadataManagerTest.testReplaceStaticMemberInStableStateErrors')
    const times = { rebalanceTimeoutMs: 4000, sessionTimeoutMs: 3000 }
    const oldMemberId = alone({ ...times, protocols: RANGE })
    groups.group.transitionTo('Stable')
    const join = groups.join({
      ...INSTANCE,
      protocols: BOTH,
      rebalanceTimeoutMs: 7000,
      sessionTimeoutMs: 6000,
    })
    expect(join.records).toEqual([groups.metadataRecord()])
    expect(join.isWaiting()).toBe(true)
    join.failed(new UnknownTopicOrPartitionException('no such partition'))
    expect(join.response).toEqual({
      throttleTimeMs: 0,
      errorCode: Errors.COORDINATOR_NOT_AVAILABLE.code,
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: oldMemberId,
      skipAssignment: false,
      memberId: '',
      members: [],
    })
    const { group } = groups
    expect(group.staticMemberId(INSTANCE_ID)).toBe(oldMemberId)
    expect(group.isLeader(oldMemberId)).toBe(true)
    expect(group.member(oldMemberId)).toMatchObject({
      ...INSTANCE,
      ...times,
      supportedProtocols: RANGE,
    })
    expect(group.numMembers()).toBe(1)
    expect(group.numAwaitingJoinResponse()).toBe(0)
    expect(group.currentState()).toBe('Stable')
    // Its session is watched again.
    expect(groups.timer.remainingMs(`heartbeat-group-id-${oldMemberId}`)).toBe(3000)
  })

  test('gets another id each time', () => {
    covers('GroupMetadataManagerTest.testGetDifferentStaticMemberIdAfterEachRejoin')
    const ids = new Set([groups.staticPair().leaderId])
    for (let i = 0; i < 5; i++) {
      const join = groups.join({ groupInstanceId: LEADER, protocols: BOTH }, SKIPPING)
      expect(join.records).toEqual([groups.metadataRecord()])
      const { memberId } = join.written().response
      expect(join.error).toBe(Errors.NONE)
      expect(groups.group.staticMemberId(LEADER)).toBe(memberId)
      ids.add(memberId)
    }
    expect(ids.size).toBe(6)
  })
})

describe('a static member that comes back to a group that waits for its leader', () => {
  test('begins a rebalance, for the leader shares out for its old id', () => {
    covers(
      'GroupMetadataManagerTest.testReplaceStaticMemberInCompletingRebalanceStateTriggersRebalance',
    )
    alone()
    groups.join(INSTANCE).expectAnswer(Errors.NONE)
    expect(groups.group.numMembers()).toBe(1)
    expect(groups.group.generationId).toBe(2)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
  })
})

describe('a follower that comes back before it has asked for its share', () => {
  test('is waited for under its new id, and nobody has to join again once it has asked', () => {
    const times = { rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 60_000 }
    const joins = [LEADER, FOLLOWER].map((groupInstanceId) =>
      groups.join({ groupInstanceId, ...times }),
    )
    groups.sleepQuietly(groups.initialDelayMs)
    groups.sleepQuietly(groups.initialDelayMs)
    const leaderId = joins[0]!.expectAnswer(Errors.NONE).response.memberId
    groups.syncAsLeader(leaderId, 1, {}, LEADER)

    const { memberId } = groups.join({ groupInstanceId: FOLLOWER, ...times }).written().response
    expect(groups.group.allPendingSyncMembers()).toEqual(new Set([memberId]))
    const sync = { memberId, groupInstanceId: FOLLOWER, generationId: 1 }
    groups.sync(sync).expectAnswer(Errors.NONE)
    groups.sleepQuietly(10_000)
    expect(groups.group.currentState()).toBe('Stable')
  })
})

describe('a follower that comes back', () => {
  test('gets the share that it had, and the leader stays', () => {
    covers('GroupMetadataManagerTest.testStaticMemberRejoinAsFollowerWithUnknownMemberId')
    const { leaderId, followerId } = groups.staticPair()
    const join = groups.join({ groupInstanceId: FOLLOWER, protocols: BOTH }, SKIPPING)
    expect(join.records).toEqual([groups.metadataRecord()])
    const { response } = join.written()
    expect(response).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: leaderId,
      protocolName: 'range',
      skipAssignment: false,
      members: [],
    })
    expect(response.memberId).not.toBe(followerId)
    expect(groups.group.hasStaticMember(LEADER)).toBe(true)
    expect(groups.group.currentState()).toBe('Stable')
    const { memberId } = response
    const sync = groups.sync({ memberId, groupInstanceId: FOLLOWER, generationId: 1 })
    expect(sync.expectAnswer(Errors.NONE).response.assignment).toEqual(new Uint8Array([2]))
  })

  test('knowing less, but still what the group uses, begins no rebalance', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberRejoinWithUnknownMemberIdAndChangeOfProtocolWhileSelectProtocolUnchanged',
    )
    const { leaderId, followerId } = groups.staticPair()
    const follower = { groupInstanceId: FOLLOWER }
    const join = groups.join({ ...follower, protocols: RANGE }, SKIPPING)
    expect(join.records).toEqual([groups.metadataRecord()])
    const { memberId } = join.written().response
    expect(join.response).toMatchObject({ errorCode: 0, generationId: 1, leader: leaderId })
    expect(groups.group.currentState()).toBe('Stable')
    expect(memberId).not.toBe(followerId)

    groups.join({ ...follower, memberId: followerId }).expectAnswer(Errors.FENCED_INSTANCE_ID)
    const old = { ...follower, memberId: followerId, generationId: 1 }
    groups.sync(old).expectAnswer(Errors.FENCED_INSTANCE_ID)
    const sync = groups.sync({ ...old, memberId }).expectAnswer(Errors.NONE)
    expect(sync.response.assignment).toEqual(new Uint8Array([2]))
  })

  test('and could not be written down goes on under its old id', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberRejoinWithUnknownMemberIdAndChangeOfProtocolWhileSelectProtocolUnchangedPersistenceFailure',
    )
    const { leaderId, followerId } = groups.staticPair()
    const follower = { groupInstanceId: FOLLOWER, protocols: RANGE }
    const join = groups.join(follower, SKIPPING)
    expect(join.records).toEqual([groups.metadataRecord()])
    join.failed(new RecordTooLargeException('too large'))
    expect(join.response).toMatchObject({
      errorCode: Errors.UNKNOWN_SERVER_ERROR.code,
      generationId: 1,
      leader: leaderId,
      memberId: '',
      members: [],
    })
    expect(groups.group.currentState()).toBe('Stable')

    const again = groups.join({ ...follower, memberId: followerId }).expectWaiting()
    const leader = { groupInstanceId: LEADER, memberId: leaderId }
    groups.join({ ...leader, protocols: RANGE }).expectAnswer(Errors.NONE)
    again.expectAnswer(Errors.NONE)
    groups.syncAsLeader(leaderId, 2, {}, LEADER)
    const sync = { memberId: followerId, groupInstanceId: FOLLOWER, generationId: 2 }
    groups.sync(sync).expectAnswer(Errors.NONE)
    expect(groups.group.currentState()).toBe('Stable')
  })
})

test('what the log refuses with is told in the words of a coordinator', () => {
  covers('GroupMetadataManagerTest.testJoinGroupAppendErrorConversion')
  const told = [
    [Errors.UNKNOWN_TOPIC_OR_PARTITION, Errors.COORDINATOR_NOT_AVAILABLE],
    [Errors.NOT_ENOUGH_REPLICAS, Errors.COORDINATOR_NOT_AVAILABLE],
    [Errors.REQUEST_TIMED_OUT, Errors.COORDINATOR_NOT_AVAILABLE],
    [Errors.NOT_LEADER_OR_FOLLOWER, Errors.NOT_COORDINATOR],
    [Errors.KAFKA_STORAGE_ERROR, Errors.NOT_COORDINATOR],
    [Errors.MESSAGE_TOO_LARGE, Errors.UNKNOWN_SERVER_ERROR],
    [Errors.RECORD_LIST_TOO_LARGE, Errors.UNKNOWN_SERVER_ERROR],
    [Errors.INVALID_FETCH_SIZE, Errors.UNKNOWN_SERVER_ERROR],
    [Errors.LEADER_NOT_AVAILABLE, Errors.LEADER_NOT_AVAILABLE],
  ] as const
  for (const [log, member] of told) {
    expect(appendGroupMetadataErrorToResponseError(log)).toBe(member)
  }
})
