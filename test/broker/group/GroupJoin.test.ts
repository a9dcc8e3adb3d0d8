import { beforeEach, describe, expect, test } from 'vitest'
import { IllegalStateException } from '../../../src/common/errors.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { bareProtocols, toProtocols } from './classicGroupSupport.ts'
import { GroupHarness, ID_FIRST, SKIPPING } from './GroupHarness.ts'

const INSTANCE = { groupInstanceId: 'group-instance-id' }

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

describe('joining is refused', () => {
  test('to who has a member id of a group that is not there', () => {
    covers('GroupMetadataManagerTest.testJoinGroupUnknownMemberNewGroup')
    groups = new GroupHarness()
    const unknown = { memberId: 'member-id', protocols: [] }
    groups.join(unknown).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    groups.join({ ...unknown, ...INSTANCE }).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect([...groups.manager.groupIds()]).toEqual([])
  })

  test('to another kind of program than the members are', () => {
    covers('GroupMetadataManagerTest.testClassicGroupJoinInconsistentProtocolType')
    groups.joinAndComplete()
    groups.join({ protocolType: 'connect' }).expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
  })

  test('without a protocol type', () => {
    covers('GroupMetadataManagerTest.testJoinGroupWithEmptyProtocolType')
    const typeless = { protocolType: '' }
    groups.join(typeless).expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
    groups
      .join({ ...typeless, ...INSTANCE }, SKIPPING)
      .expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
  })

  test('without a protocol', () => {
    covers('GroupMetadataManagerTest.testJoinGroupWithEmptyGroupProtocol')
    groups.join({ protocols: [] }).expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
  })

  test('to who has no protocol in common with the members', () => {
    covers('GroupMetadataManagerTest.testJoinGroupInconsistentGroupProtocol')
    const join = groups.join().expectWaiting()
    const other = groups.join({ protocols: [...toProtocols('roundrobin')] })
    other.expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
    groups.sleepQuietly(groups.initialDelayMs)
    join.expectAnswer(Errors.NONE)
  })

  test('to who comes back with its new id but without protocols, until it has some', () => {
    covers('GroupMetadataManagerTest.testJoinGroupSecondJoinInconsistentProtocol')
    const first = groups.join({}, ID_FIRST).expectAnswer(Errors.MEMBER_ID_REQUIRED)
    const { memberId } = first.response
    groups
      .join({ memberId, protocols: [] }, ID_FIRST)
      .expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
    const join = groups.join({ memberId }, ID_FIRST).expectWaiting()
    groups.sleepQuietly(groups.initialDelayMs)
    join.expectAnswer(Errors.NONE)
  })

  test('to a member id that the group does not know', () => {
    covers('GroupMetadataManagerTest.testJoinGroupUnknownConsumerExistingGroup')
    groups.joinAndComplete({ sessionTimeoutMs: 5000, rebalanceTimeoutMs: 5000 })
    groups.join({ memberId: 'other-member-id' }).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
  })

  test('to a member id that does not go with the instance id', () => {
    covers('GroupMetadataManagerTest.testStaticMemberRejoinWithExplicitUnknownMemberId')
    groups.join(INSTANCE)
    groups.sleepQuietly(groups.initialDelayMs)
    groups
      .join({ ...INSTANCE, memberId: 'unknown-member-id' })
      .expectAnswer(Errors.FENCED_INSTANCE_ID)
  })

  test('by a group that is moving away, to new members and to old ones', () => {
    covers(
      'GroupMetadataManagerTest.testJoinGroupUnknownConsumerNewDeadGroup',
      'GroupMetadataManagerTest.testExistingMemberJoinDeadGroup',
    )
    const { memberId } = groups.joinAndComplete()
    groups.group.transitionTo('Dead')
    groups.join().expectAnswer(Errors.COORDINATOR_NOT_AVAILABLE)
    const again = groups.join({ memberId }).expectAnswer(Errors.COORDINATOR_NOT_AVAILABLE)
    expect(again.response.memberId).toBe(memberId)
  })

  test('with no word about protocols', () => {
    covers('GroupMetadataManagerTest.testJoinGroupProtocolTypeIsNotProvidedWhenAnErrorOccurs')
    const { response } = new GroupHarness().join({ memberId: 'member-id' })
    expect(response).toMatchObject({ errorCode: Errors.UNKNOWN_MEMBER_ID.code, protocolType: null })
  })

  test('to a pending member that suddenly is a static one', () => {
    covers(
      'GroupMetadataManagerTest.testJoinGroupExistingPendingMemberWithGroupInstanceIdThrowsException',
    )
    const { memberId } = groups.join({}, ID_FIRST).response
    expect(() => groups.join({ memberId, ...INSTANCE })).toThrow(IllegalStateException)
  })

  test('to a member of a group that has become empty', () => {
    covers('GroupMetadataManagerTest.testJoinGroupExistingMemberInEmptyState')
    const { memberId } = groups.joinAndComplete()
    groups.group.transitionTo('PreparingRebalance')
    groups.group.transitionTo('Empty')
    const join = groups.join({ memberId }).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect(join.response.generationId).toBe(-1)
  })
})

describe('joining', () => {
  test('as the first, statically', () => {
    covers('GroupMetadataManagerTest.testStaticMemberJoinAsFirstMember')
    const join = groups.join(INSTANCE, SKIPPING).expectWaiting()
    groups.sleepQuietly(groups.initialDelayMs)
    join.expectAnswer(Errors.NONE)
    expect(join.response.memberId).toMatch(/^group-instance-id-/)
  })

  test('tells everybody the protocol, and the leader who is there', () => {
    covers('GroupMetadataManagerTest.testJoinGroupReturnsTheProtocolType')
    const joins = [groups.join().expectWaiting(), groups.join().expectWaiting()]
    groups.sleepQuietly(groups.initialDelayMs)
    const [leader, member] = joins.map((join) => join.expectAnswer(Errors.NONE).response)
    for (const response of [leader!, member!]) {
      expect(response).toMatchObject({
        generationId: 1,
        protocolType: 'consumer',
        protocolName: 'range',
        leader: leader!.memberId,
        skipAssignment: false,
      })
    }
    const { metadata } = toProtocols('range')[0]!
    expect(leader!.members).toEqual(
      [leader!, member!].map(({ memberId }) => ({ memberId, groupInstanceId: null, metadata })),
    )
    expect(member!.members).toEqual([])
  })

  test('under the instance id of one who waits fences that one', () => {
    covers('GroupMetadataManagerTest.testJoinGroupReplaceStaticMember')
    const old = groups.join({ ...INSTANCE, sessionTimeoutMs: 5000 }).expectWaiting()
    expect(groups.group.numAwaitingJoinResponse()).toBe(1)
    const replacement = groups.join({ ...INSTANCE, sessionTimeoutMs: 5000 }).expectWaiting()
    old.expectAnswer(Errors.FENCED_INSTANCE_ID)
    expect(groups.group.numAwaitingJoinResponse()).toBe(1)
    expect(groups.group.numMembers()).toBe(1)
    groups.sleepQuietly(groups.initialDelayMs)
    replacement.expectAnswer(Errors.NONE)
    expect(groups.group.numAwaitingJoinResponse()).toBe(0)
    expect(groups.group.numMembers()).toBe(1)
  })
})

describe('joining in the first version', () => {
  test('has one time-out for everything', () => {
    groups.join({ sessionTimeoutMs: 6000, rebalanceTimeoutMs: -1 }, 0).expectWaiting()
    expect(groups.group.rebalanceTimeoutMs()).toBe(6000)
  })
})

describe('joining again', () => {
  test('with other protocols begins a rebalance', () => {
    covers('GroupMetadataManagerTest.testJoinGroupExistingMemberUpdatedMetadataTriggersRebalance')
    const { memberId } = groups.joinAndComplete()
    const { group } = groups
    expect(group.currentState()).toBe('CompletingRebalance')
    const protocols = [...toProtocols('range', 'roundrobin')]
    groups.join({ memberId, protocols }).expectAnswer(Errors.NONE)
    expect(group.currentState()).toBe('CompletingRebalance')
    expect(group.generationId).toBe(2)
    expect(group.member(memberId).supportedProtocols).toEqual(protocols)
  })

  test('unchanged while the group waits for its leader gives the same answer', () => {
    const leader = groups.joinAndComplete()
    const again = groups.join({ memberId: leader.memberId }).expectAnswer(Errors.NONE)
    expect(again.response).toEqual(leader)
    expect(again.response.members).toHaveLength(1)
    expect(groups.group.generationId).toBe(1)
  })

  test('as the leader begins a rebalance', () => {
    covers('GroupMetadataManagerTest.testJoinGroupAsExistingLeaderTriggersRebalanceInStableState')
    const { memberId } = groups.joinAndComplete()
    groups.group.transitionTo('Stable')
    groups.join({ memberId }).expectAnswer(Errors.NONE)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    expect(groups.group.generationId).toBe(2)
  })

  /** A stable group of two in its second generation. */
  const twoMembers = (): { leader: string; member: string } => {
    const { memberId: leader } = groups.joinAndComplete()
    const join = groups.join().expectWaiting()
    groups.join({ memberId: leader }).expectAnswer(Errors.NONE)
    join.expectAnswer(Errors.NONE)
    expect(groups.group.numMembers()).toBe(2)
    expect(groups.group.generationId).toBe(2)
    groups.group.transitionTo('Stable')
    return { leader, member: join.response.memberId }
  }

  test('as a follower that has changed begins a rebalance', () => {
    covers(
      'GroupMetadataManagerTest.testJoinGroupAsExistingMemberWithUpdatedMetadataTriggersRebalanceInStableState',
    )
    const { leader, member } = twoMembers()
    const protocols = [...toProtocols('range', 'roundrobin')]
    const join = groups.join({ memberId: member, protocols }).expectWaiting()
    groups.join({ memberId: leader, protocols }).expectAnswer(Errors.NONE)
    join.expectAnswer(Errors.NONE)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    expect(groups.group.generationId).toBe(3)
    expect(groups.group.numMembers()).toBe(2)
  })

  test('as a follower that has not changed begins none', () => {
    covers(
      'GroupMetadataManagerTest.testJoinGroupExistingMemberDoesNotTriggerRebalanceInStableState',
    )
    const { leader, member } = twoMembers()
    const join = groups.join({ memberId: member }).expectAnswer(Errors.NONE)
    expect(join.response).toMatchObject({ generationId: 2, leader, members: [] })
    expect(groups.group.currentState()).toBe('Stable')
  })

  test('to a group of strangers is decided by type and protocols alike', () => {
    const { member } = twoMembers()
    groups
      .join({ memberId: member, protocols: [...bareProtocols('sticky')] })
      .expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
    expect(groups.group.currentState()).toBe('Stable')
  })
})
