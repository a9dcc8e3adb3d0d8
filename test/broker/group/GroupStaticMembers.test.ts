import { beforeEach, describe, expect, test } from 'vitest'
import {
  FencedInstanceIdException,
  UnknownMemberIdException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { IllegalStateException } from '../../../src/common/errors.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../../src/protocol/messages/JoinGroup.ts'
import { covers } from '../../support/covers.ts'
import type { Asked } from './Asked.ts'
import { toProtocols } from './classicGroupSupport.ts'
import { FOLLOWER, GroupHarness, ID_FIRST, LEADER, SKIPPING } from './GroupHarness.ts'

const RANGE = [...toProtocols('range')]
const BOTH = [...toProtocols('range', 'roundrobin')]
const NEWCOMER = 'new-member-instance-id'

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

interface Expected {
  readonly generationId: number
  readonly leader: string
  readonly memberId?: string
  /** Instance ids of the members that the leader is told; default: none. */
  readonly members?: readonly string[]
  /** Default: `range`. */
  readonly protocolName?: string
}

const expectJoined = (join: Asked<JoinGroupResponseData>, expected: Expected): void => {
  const { members = [], ...others } = expected
  const { response } = join.expectAnswer(Errors.NONE)
  expect(response).toMatchObject({
    protocolName: 'range',
    protocolType: 'consumer',
    skipAssignment: false,
    ...others,
  })
  const instanceIds = response.members.map(({ groupInstanceId }) => groupInstanceId)
  expect(new Set(instanceIds)).toEqual(new Set(members))
  expect(groups.group.currentState()).toBe('CompletingRebalance')
}

/** All that the answer to a member says that has lost its instance id. */
const fenced = (memberId: string): Partial<JoinGroupResponseData> => ({
  errorCode: Errors.FENCED_INSTANCE_ID.code,
  generationId: -1,
  protocolName: null,
  protocolType: null,
  leader: '',
  memberId,
})

describe('two with one instance id', () => {
  test('while the first waits to join: it is fenced at once', () => {
    covers('GroupMetadataManagerTest.testStaticMemberFenceDuplicateRejoinedFollower')
    const { followerId } = groups.staticPair()
    groups.join().expectWaiting()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    const follower = { groupInstanceId: FOLLOWER }
    const old = groups.join({ ...follower, memberId: followerId }).expectWaiting()
    groups.join(follower)
    expect(old.response).toMatchObject(fenced(followerId))
    expect(groups.group.currentState()).toBe('PreparingRebalance')
  })

  test('while the first waits for its share: it is fenced, and the group rebalances', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberFenceDuplicateSyncingFollowerAfterMemberIdChanged',
    )
    const { leaderId, followerId } = groups.staticPair()
    const leader = { groupInstanceId: LEADER, memberId: leaderId }
    const follower = { groupInstanceId: FOLLOWER, memberId: followerId }
    const others = { protocols: BOTH, rebalanceTimeoutMs: 10_000 }
    const leaderJoin = groups.join({ ...leader, ...others }).expectWaiting()
    const followerJoin = groups.join({ ...follower, ...others })
    expectJoined(leaderJoin, {
      ...leaderOf(leaderId),
      generationId: 2,
      members: [LEADER, FOLLOWER],
    })
    expectJoined(followerJoin, { memberId: followerId, generationId: 2, leader: leaderId })

    const sync = groups.sync({ ...follower, generationId: 2 }).expectWaiting()
    const duplicate = groups.join({ groupInstanceId: FOLLOWER, ...others }).expectWaiting()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    sync.expectAnswer(Errors.FENCED_INSTANCE_ID)

    // The leader is silent and goes; the duplicate is not, for it waits for an answer.
    const expired = groups.sleep(10_000)
    expect(expired.map(({ result }) => result.records)).toEqual([[], []])
    const { memberId } = duplicate.response
    expectJoined(duplicate, { memberId, generationId: 3, leader: memberId, members: [FOLLOWER] })
    expect([...groups.group.allMemberIds()]).toEqual([memberId])
  })

  test('after the second has joined: the first cannot', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberFenceDuplicateRejoiningFollowerAfterMemberIdChanged',
    )
    const { leaderId, followerId } = groups.staticPair()
    const times = { rebalanceTimeoutMs: 10_000 }
    const leader = groups
      .join({ groupInstanceId: LEADER, memberId: leaderId, ...times })
      .expectWaiting()
    const duplicate = groups.join({ groupInstanceId: FOLLOWER, ...times })
    const old = groups.join({ groupInstanceId: FOLLOWER, memberId: followerId, ...times })
    expectJoined(leader, {
      memberId: leaderId,
      generationId: 2,
      leader: leaderId,
      members: [LEADER, FOLLOWER],
    })
    expectJoined(duplicate, { generationId: 2, leader: leaderId })
    expect(duplicate.response.memberId).not.toBe(followerId)
    expect(old.response).toMatchObject(fenced(followerId))
  })
})

describe('a static leader', () => {
  test('that joins with its id while the group waits for it is answered the same', () => {
    covers('GroupMetadataManagerTest.testStaticMemberRejoinWithKnownMemberId')
    const instance = { groupInstanceId: 'group-instance-id' }
    const join = groups.join(instance)
    groups.sleepQuietly(groups.initialDelayMs)
    const { memberId } = join.expectAnswer(Errors.NONE).response
    groups.join({ ...instance, memberId }).expectAnswer(Errors.NONE)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    groups.syncAsLeader(memberId, 1, {}, instance.groupInstanceId)
    expect(groups.group.currentState()).toBe('Stable')
  })

  test.each([
    [ID_FIRST, false],
    [SKIPPING, true],
  ])('that comes back without an id replaces itself (version %i)', (version, skips) => {
    covers('GroupMetadataManagerTest.testStaticMemberRejoinWithLeaderIdAndUnknownMemberId')
    const { leaderId } = groups.staticPair()
    const leader = { groupInstanceId: LEADER, protocols: BOTH }
    const join = groups.join(leader, version)
    expect(join.records).toEqual([groups.metadataRecord()])
    const { response } = join.written()
    expect(response).toMatchObject({
      errorCode: 0,
      generationId: 1,
      leader: skips ? response.memberId : leaderId,
      skipAssignment: skips,
      members: skips ? groups.group.currentClassicGroupMembers() : [],
    })
    expect(response.members).toHaveLength(skips ? 2 : 0)
    expect(groups.group.currentState()).toBe('Stable')

    const old = { memberId: leaderId, groupInstanceId: LEADER }
    groups.join({ ...leader, ...old }, version).expectAnswer(Errors.FENCED_INSTANCE_ID)
    groups.sync({ ...old, generationId: 1 }).expectAnswer(Errors.FENCED_INSTANCE_ID)
    groups.sync({ memberId: leaderId, generationId: 1 }).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
  })

  test('that joins with its id begins a rebalance; who does not come is out', () => {
    covers('GroupMetadataManagerTest.testStaticMemberRejoinWithLeaderIdAndKnownMemberId')
    const { leaderId, followerId } = groups.staticPair()
    const leader = { groupInstanceId: LEADER, memberId: leaderId, rebalanceTimeoutMs: 10_000 }
    const join = groups.join(leader, SKIPPING)
    groups.sleep(10_000)
    expect(groups.group.hasMember(followerId)).toBe(false)
    expectJoined(join, { ...leaderOf(leaderId), generationId: 2, members: [LEADER] })
  })

  test('cannot join a group that is dead or has become empty', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberRejoinWithLeaderIdAndUnexpectedDeadGroup',
      'GroupMetadataManagerTest.testStaticMemberRejoinWithLeaderIdAndUnexpectedEmptyGroup',
    )
    const { leaderId } = groups.staticPair()
    const leader = { groupInstanceId: LEADER, memberId: leaderId }
    groups.group.transitionTo('PreparingRebalance')
    groups.group.transitionTo('Empty')
    groups.join(leader, SKIPPING).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    groups.group.transitionTo('Dead')
    groups.join(leader, SKIPPING).expectAnswer(Errors.COORDINATOR_NOT_AVAILABLE)
  })

  test('that is followed by one that knows less rebalances twice', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberRejoinWithKnownLeaderIdToTriggerRebalanceAndFollowerWithChangeOfProtocol',
    )
    const { leaderId, followerId } = groups.staticPair()
    const others = { protocols: BOTH, rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 5000 }
    const leader = { groupInstanceId: LEADER, memberId: leaderId, ...others }
    const follower = { groupInstanceId: FOLLOWER, memberId: followerId, ...others }
    const leaderJoin = groups.join(leader, SKIPPING).expectWaiting()
    const followerJoin = groups.join(follower, SKIPPING)
    const everybody = [LEADER, FOLLOWER]
    expectJoined(leaderJoin, { ...leaderOf(leaderId), generationId: 2, members: everybody })
    expectJoined(followerJoin, { memberId: followerId, leader: leaderId, generationId: 2 })

    const again = groups.join({ ...follower, protocols: RANGE }, SKIPPING).expectWaiting()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    // The leader's session ends; the follower's may, too, but it waits for an answer.
    groups.sleepQuietly(5000)
    expectJoined(again, { ...leaderOf(followerId), generationId: 3, members: [FOLLOWER] })
  })
})

describe('a static follower', () => {
  const LASTING = { rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 15_000 }

  test.each([
    ['with its id', true],
    ['without one', false],
  ])('that comes with another protocol %s leads when the leader does not come', (_, known) => {
    covers(
      known
        ? 'GroupMetadataManagerTest.testStaticMemberRejoinWithFollowerIdAndChangeOfProtocol'
        : 'GroupMetadataManagerTest.testStaticMemberRejoinWithUnknownMemberId' +
            'AndChangeOfProtocolWithSelectedProtocolChanged',
    )
    const { followerId } = groups.staticPair(LASTING)
    expect(groups.group.selectProtocol()).toBe('range')
    const join = groups
      .join({
        groupInstanceId: FOLLOWER,
        memberId: known ? followerId : '',
        protocols: [...toProtocols('roundrobin')],
        ...LASTING,
      })
      .expectWaiting()
    expect(groups.group.selectProtocol()).toBe('roundrobin')
    groups.sleepQuietly(LASTING.rebalanceTimeoutMs)
    const { memberId } = join.response
    expect(memberId === followerId).toBe(known)
    expect(groups.group.hasStaticMember(LEADER)).toBe(true)
    expectJoined(join, {
      ...leaderOf(memberId),
      generationId: 2,
      protocolName: 'roundrobin',
      members: [LEADER, FOLLOWER],
    })
  })

  test('that joins again unchanged begins no rebalance', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberRejoinAsFollowerWithKnownMemberIdAndNoProtocolChange',
    )
    const { leaderId, followerId } = groups.staticPair()
    const follower = { groupInstanceId: FOLLOWER, memberId: followerId, protocols: BOTH }
    const join = groups.join(follower, SKIPPING).expectAnswer(Errors.NONE)
    expect(join.response).toMatchObject({
      generationId: 1,
      memberId: followerId,
      leader: leaderId,
      members: [],
    })
    expect(groups.group.hasStaticMember(LEADER)).toBe(true)
    expect(groups.group.currentState()).toBe('Stable')
  })

  test('that does not come to a rebalance stays while its session lasts', () => {
    covers('GroupMetadataManagerTest.testStaticMemberFollowerFailToRejoinBeforeRebalanceTimeout')
    const { leaderId } = groups.staticPair(LASTING)
    const newcomer = groups
      .join({ groupInstanceId: NEWCOMER, protocols: BOTH }, SKIPPING)
      .expectWaiting()
    const leader = { groupInstanceId: LEADER, memberId: leaderId, protocols: BOTH }
    const leaderJoin = groups.join(leader, SKIPPING).expectWaiting()
    groups.sleepQuietly(10_000)
    expectJoined(leaderJoin, {
      ...leaderOf(leaderId),
      generationId: 2,
      members: [LEADER, FOLLOWER, NEWCOMER],
    })
    expectJoined(newcomer, { leader: leaderId, generationId: 2 })
  })

  test('leads when the leader does not come to a rebalance', () => {
    covers('GroupMetadataManagerTest.testStaticMemberLeaderFailToRejoinBeforeRebalanceTimeout')
    const { followerId } = groups.staticPair(LASTING)
    const newcomer = groups
      .join({ groupInstanceId: NEWCOMER, protocols: BOTH }, SKIPPING)
      .expectWaiting()
    const follower = { groupInstanceId: FOLLOWER, memberId: followerId, protocols: BOTH }
    const followerJoin = groups.join(follower, SKIPPING).expectWaiting()
    groups.sleepQuietly(10_000)
    expectJoined(followerJoin, {
      ...leaderOf(followerId),
      generationId: 2,
      members: [LEADER, FOLLOWER, NEWCOMER],
    })
    expectJoined(newcomer, { leader: followerId, generationId: 2 })
  })
})

describe('ids that do not go together', () => {
  test('are fenced, wherever they are used', () => {
    covers(
      'GroupMetadataManagerTest.testStaticMemberRejoinAsFollowerWithMismatchedInstanceId',
      'GroupMetadataManagerTest.testStaticMemberRejoinAsLeaderWithMismatchedInstanceId',
      'GroupMetadataManagerTest.testStaticMemberSyncAsLeaderWithInvalidMemberId',
      'GroupMetadataManagerTest.testStaticMemberHeartbeatLeaderWithInvalidMemberId',
    )
    const { leaderId, followerId } = groups.staticPair()
    const join = (groupInstanceId: string, memberId: string) =>
      groups.join({ groupInstanceId, memberId, protocols: BOTH }, SKIPPING)
    join(LEADER, followerId).expectAnswer(Errors.FENCED_INSTANCE_ID)
    join(FOLLOWER, leaderId).expectAnswer(Errors.FENCED_INSTANCE_ID)
    groups
      .sync({ groupInstanceId: LEADER, memberId: 'invalid-member-id', generationId: 1 })
      .expectAnswer(Errors.FENCED_INSTANCE_ID)
    expect(groups.heartbeat(leaderId, 1, LEADER)).toBe(Errors.NONE)
    expect(() => groups.heartbeat('invalid-member-id', 1, LEADER)).toThrow(
      FencedInstanceIdException,
    )
    expect(() => groups.heartbeat('invalid-member-id', 1)).toThrow(UnknownMemberIdException)
  })

  test('are unknown when the instance id is', () => {
    covers('GroupMetadataManagerTest.testStaticMemberJoinWithUnknownInstanceIdAndKnownMemberId')
    const { leaderId } = groups.staticPair()
    groups
      .join({ groupInstanceId: 'unknown-instance-id', memberId: leaderId, protocols: BOTH })
      .expectAnswer(Errors.UNKNOWN_MEMBER_ID)
  })

  test('show a mistake when an empty group still has the instance id', () => {
    covers('GroupMetadataManagerTest.testStaticMemberReJoinWithIllegalStateAsUnknownMember')
    groups.staticPair()
    groups.group.transitionTo('PreparingRebalance')
    groups.group.transitionTo('Empty')
    const join = () => groups.join({ groupInstanceId: FOLLOWER, protocols: BOTH }, SKIPPING)
    expect(join).toThrow(IllegalStateException)
    expect(join).toThrow(/group-id.*follower-instance-id/)
  })
})

const leaderOf = (memberId: string) => ({ memberId, leader: memberId })
