import { describe, expect, test } from 'vitest'
import type { MemberMetadata } from '../../../src/broker/group/messages/GroupMetadataRecord.ts'
import { NotLeaderOrFollowerException } from '../../../src/common/errors/ApiExceptions.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { toProtocols } from './classicGroupSupport.ts'
import { GROUP_ID, GroupHarness, ID_FIRST, metadataRecordOf, PATIENT } from './GroupHarness.ts'

const SUBSCRIPTION = toProtocols('range')[0]!.metadata

const recordedMember = (i: number, fields: Partial<MemberMetadata> = {}): MemberMetadata => ({
  memberId: `member-${i}`,
  groupInstanceId: `group-instance-id-${i}`,
  clientId: `client-${i}`,
  clientHost: `host-${i}`,
  rebalanceTimeout: 9000,
  sessionTimeout: 4000,
  subscription: SUBSCRIPTION,
  assignment: new Uint8Array([2]),
  ...fields,
})

const stableGroup = (fields: Partial<MemberMetadata> = {}) =>
  metadataRecordOf({
    generation: 1,
    leader: 'member-0',
    protocol: 'range',
    currentStateTimestamp: 1234,
    members: [recordedMember(0, fields), recordedMember(1, fields)],
  })

describe('a new group', () => {
  test('is written down before its first member is asked to come back', () => {
    covers('GroupMetadataManagerTest.testGenerateRecordsOnNewClassicGroup')
    const groups = new GroupHarness()
    const join = groups.join({}, ID_FIRST)
    expect(join.error).toBe(Errors.MEMBER_ID_REQUIRED)
    expect(join.replayRecords).toBe(false)
    expect(join.records).toEqual([
      metadataRecordOf({
        protocolType: '',
        currentStateTimestamp: groups.time.milliseconds(),
      }),
    ])
    expect(groups.group.numPendingJoinMembers()).toBe(1)
  })

  test('that could not be written down sends its member elsewhere, and is not there', () => {
    covers('GroupMetadataManagerTest.testGenerateRecordsOnNewClassicGroupFailureTransformsError')
    const groups = new GroupHarness()
    const join = groups.join({ groupInstanceId: 'group-instance-id' }, ID_FIRST)
    expect(join.isWaiting()).toBe(true)
    join.failed(new NotLeaderOrFollowerException('it moved'))
    expect(join.error).toBe(Errors.NOT_COORDINATOR)
    expect([...groups.manager.groupIds()]).toEqual([])
    // Timers of the group that never was find nothing.
    groups.sleepQuietly(10 * 60_000)
  })
})

describe('a group from the log', () => {
  test.each([
    ['its own rebalance time-out', 9000, 9000],
    ['its session time-out where there is no other', -1, 4000],
  ])('is stable, each member with %s', (_, rebalanceTimeout, expected) => {
    covers('GroupMetadataManagerTest.testReplayGroupMetadataRecords')
    const groups = new GroupHarness()
    groups.replay(stableGroup({ rebalanceTimeout }))
    const { group } = groups
    expect(group).toMatchObject({
      groupId: GROUP_ID,
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      subscribedTopics: new Set(['foo']),
    })
    expect(group.leaderOrNull()).toBe('member-0')
    expect(group.currentState()).toBe('Stable')
    expect(group.currentStateTimestampOrDefault()).toBe(1234)
    expect(group.currentClassicGroupMembers()).toEqual(
      [0, 1].map((i) => ({
        memberId: `member-${i}`,
        groupInstanceId: `group-instance-id-${i}`,
        metadata: SUBSCRIPTION,
      })),
    )
    expect(group.rebalanceTimeoutMs()).toBe(expected)
    expect(group.member('member-1')).toMatchObject({
      clientId: 'client-1',
      clientHost: 'host-1',
      sessionTimeoutMs: 4000,
      assignment: new Uint8Array([2]),
    })
  })

  test('is empty without members, and is gone after a tombstone', () => {
    const groups = new GroupHarness()
    groups.replay(metadataRecordOf({ generation: 3, protocolType: '' }))
    expect(groups.group.isEmpty()).toBe(true)
    expect(groups.group.generationId).toBe(3)
    expect(groups.group.protocolType).toBeNull()
    expect(groups.group.currentStateTimestampOrDefault()).toBe(-1)
    groups.replay({ type: 'GROUP_METADATA', key: { group: GROUP_ID }, value: null })
    expect([...groups.manager.groupIds()]).toEqual([])
  })

  test('with more members than group.max.size has to join again', () => {
    covers('GroupMetadataManagerTest.testOnLoadedExceedGroupMaxSizeTriggersRebalance')
    const groups = new GroupHarness({ 'group.max.size': 1 })
    groups.replay(stableGroup())
    groups.manager.onLoaded()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    expect(groups.group.numMembers()).toBe(2)
  })

  test('waits for heartbeats of its members from when it is loaded', () => {
    covers('GroupMetadataManagerTest.testOnLoadedSchedulesClassicGroupMemberHeartbeats')
    const groups = new GroupHarness()
    groups.replay(stableGroup())
    expect(groups.timer.size()).toBe(0)
    groups.manager.onLoaded()
    for (const i of [0, 1]) {
      expect(groups.timer.remainingMs(`heartbeat-${GROUP_ID}-member-${i}`)).toBe(4000)
    }
  })

  test('goes on with its members as if nothing had been', () => {
    const groups = new GroupHarness()
    groups.replay(stableGroup())
    groups.manager.onLoaded()
    const again = { memberId: 'member-1', groupInstanceId: 'group-instance-id-1' }
    expect(groups.heartbeat(again.memberId, 1, again.groupInstanceId)).toBe(Errors.NONE)
    const sync = groups.sync({ ...again, generationId: 1 }).expectAnswer(Errors.NONE)
    expect(sync.response.assignment).toEqual(new Uint8Array([2]))
    groups.sleepQuietly(3999)
    expect(groups.heartbeat(again.memberId, 1)).toBe(Errors.NONE)
    // The leader is silent, so its session ends; the rest has to join again.
    groups.sleepQuietly(1)
    expect(groups.group.hasMember('member-0')).toBe(false)
    expect(groups.heartbeat(again.memberId, 1)).toBe(Errors.REBALANCE_IN_PROGRESS)
  })
})

describe('a group that moves to another broker', () => {
  test('is dead here, and who waits to join looks for it there', () => {
    covers('GroupMetadataManagerTest.testClassicGroupOnUnloadedEmptyAndPreparingRebalance')
    const groups = new GroupHarness()
    const empty = groups.manager.getOrMaybeCreateClassicGroup('empty-group', true)
    groups.manager.getOrMaybeCreateClassicGroup(GROUP_ID, true)
    const preparing = groups.group
    const joins = [groups.join(PATIENT), groups.join(PATIENT)]
    expect(empty.currentState()).toBe('Empty')
    expect(preparing.currentState()).toBe('PreparingRebalance')

    groups.manager.onUnloaded()
    expect(empty.currentState()).toBe('Dead')
    expect(preparing.currentState()).toBe('Dead')
    for (const join of joins) {
      expect(join.error).toBe(Errors.NOT_COORDINATOR)
      expect(preparing.hasMember(join.response.memberId)).toBe(true)
    }
    expect(preparing.numAwaitingJoinResponse()).toBe(0)
  })

  test('is dead here, and who waits for its share looks for it there', () => {
    covers('GroupMetadataManagerTest.testClassicGroupOnUnloadedCompletingRebalance')
    const groups = GroupHarness.withGroup()
    const joins = [groups.join(PATIENT), groups.join(PATIENT)]
    groups.sleepQuietly(groups.initialDelayMs)
    groups.sleepQuietly(groups.initialDelayMs)
    const [, follower] = joins.map(({ response }) => response.memberId)
    const sync = groups.sync({ memberId: follower!, generationId: 1 }).expectWaiting()
    const { group } = groups
    groups.manager.onUnloaded()
    expect(group.currentState()).toBe('Dead')
    expect(sync.error).toBe(Errors.NOT_COORDINATOR)
  })
})
