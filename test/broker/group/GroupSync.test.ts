import { beforeEach, describe, expect, test } from 'vitest'
import { NotLeaderOrFollowerException } from '../../../src/common/errors/ApiExceptions.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { FOLLOWER, GROUP_ID, GroupHarness, LEADER } from './GroupHarness.ts'

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup()
})

const share = (value: number) => new Uint8Array([value])

describe('who names the protocol when it asks for its share', () => {
  /** A leader and a follower that were answered. */
  const joined = (): string[] => {
    const joins = [LEADER, FOLLOWER].map((groupInstanceId) =>
      groups.join({ groupInstanceId, rebalanceTimeoutMs: 10_000 }).expectWaiting(),
    )
    // As in Java's test: the second delay is due at once.
    groups.sleepQuietly(10_000)
    groups.sleepQuietly(10_000)
    return joins.map((join) => join.expectAnswer(Errors.NONE).response.memberId)
  }

  test.each([
    ['Type', { protocolType: 'connect', protocolName: null }],
    ['Name', { protocolType: null, protocolName: 'sticky' }],
  ])('is refused with another than the group has: %s', (what, named) => {
    covers(`GroupMetadataManagerTest.testSyncGroupReturnsAnErrorWhenProtocol${what}IsInconsistent`)
    for (const memberId of joined()) {
      const sync = groups.sync({ memberId, generationId: 1, ...named })
      sync.expectAnswer(Errors.INCONSISTENT_GROUP_PROTOCOL)
      expect(sync.response).toMatchObject({ protocolType: null, protocolName: null })
    }
  })

  test.each([
    ['rightly', 'Consistent', { protocolType: 'consumer', protocolName: 'range' }],
    ['or does not', 'NotProvided', { protocolType: null, protocolName: null }],
  ])('%s, is told what the group has', (_, how, named) => {
    covers(`GroupMetadataManagerTest.testSyncGroupSucceedWhenProtocolTypeAndNameAre${how}`)
    const [leader, follower] = joined()
    const told = { errorCode: 0, protocolType: 'consumer', protocolName: 'range' }
    const leaderSync = groups.sync({ memberId: leader!, generationId: 1, ...named }).written()
    expect(leaderSync.response).toMatchObject(told)
    const followerSync = groups.sync({ memberId: follower!, generationId: 1, ...named })
    expect(followerSync.expectAnswer(Errors.NONE).response).toMatchObject(told)
  })
})

describe('asking for a share is refused', () => {
  test('to who names a group that is not there, or that is empty', () => {
    covers('GroupMetadataManagerTest.testSyncGroupFromUnknownGroup')
    const sync = { memberId: 'member-id', generationId: 1 }
    groups.sync(sync).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    groups.sync({ ...sync, groupId: 'other' }).expectAnswer(Errors.UNKNOWN_MEMBER_ID)
  })

  test('to who is no member', () => {
    covers('GroupMetadataManagerTest.testSyncGroupFromUnknownMember')
    const { memberId } = groups.stabilize()
    const known = groups.sync({ memberId, generationId: 1 }).expectAnswer(Errors.NONE)
    expect(known.response.assignment).toEqual(new Uint8Array(0))
    const unknown = groups.sync({ memberId: 'unknown-member-id', generationId: 1 })
    unknown.expectAnswer(Errors.UNKNOWN_MEMBER_ID)
    expect(unknown.response.assignment).toEqual(new Uint8Array(0))
  })

  test('in another generation', () => {
    covers('GroupMetadataManagerTest.testSyncGroupFromIllegalGeneration')
    const { memberId } = groups.joinAndComplete()
    groups.sync({ memberId, generationId: 2 }).expectAnswer(Errors.ILLEGAL_GENERATION)
  })

  test('while the members join', () => {
    const { memberId } = groups.stabilize()
    groups.join().expectWaiting()
    const sync = groups.sync({ memberId, generationId: 1 })
    sync.expectAnswer(Errors.REBALANCE_IN_PROGRESS)
  })

  test('by a group that is moving away', () => {
    const { memberId } = groups.stabilize()
    groups.group.transitionTo('Dead')
    const sync = groups.sync({ memberId, generationId: 1 })
    sync.expectAnswer(Errors.COORDINATOR_NOT_AVAILABLE)
  })
})

describe('a share-out', () => {
  test('gives the follower its share when it asks later', () => {
    covers('GroupMetadataManagerTest.testSyncGroupFollowerAfterLeader')
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const leader = groups.syncAsLeader(leaderId, generationId, { [leaderId]: 0, [followerId]: 1 })
    expect(leader.response.assignment).toEqual(share(0))
    const follower = groups.sync({ memberId: followerId, generationId })
    expect(follower.expectAnswer(Errors.NONE).response.assignment).toEqual(share(1))
    expect(groups.group.currentState()).toBe('Stable')
  })

  test('gives the follower its share when it has asked before', () => {
    covers('GroupMetadataManagerTest.testSyncGroupLeaderAfterFollower')
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const follower = groups.sync({ memberId: followerId, generationId }).expectWaiting()
    const leader = groups.syncAsLeader(leaderId, generationId, { [leaderId]: 0, [followerId]: 1 })
    expect(leader.response.assignment).toEqual(share(0))
    expect(follower.expectAnswer(Errors.NONE).response.assignment).toEqual(share(1))
    expect(groups.group.currentState()).toBe('Stable')
  })

  test('may give nothing', () => {
    covers('GroupMetadataManagerTest.testSyncGroupEmptyAssignment')
    const { memberId, generationId } = groups.stabilize()
    expect(groups.group.member(memberId).hasAssignment()).toBe(false)
    expect(groups.heartbeat(memberId, generationId)).toBe(Errors.NONE)
    expect(groups.logger.messages('warn').join()).toContain('empty assignment')
  })

  test('is answered only when it is written down', () => {
    const { memberId, generationId } = groups.joinAndComplete()
    const sync = groups.sync({ memberId, generationId })
    expect(sync.isWaiting()).toBe(true)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
    sync.written()
    expect(sync.error).toBe(Errors.NONE)
    expect(groups.group.currentState()).toBe('Stable')
  })

  test('that could not be written down sends everybody back to join', () => {
    covers('GroupMetadataManagerTest.testSyncGroupAsLeaderAppendFailureTransformsError')
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const follower = groups.sync({ memberId: followerId, generationId }).expectWaiting()
    const leader = groups.sync({ memberId: leaderId, generationId })
    expect(leader.isWaiting()).toBe(true)
    leader.failed(new NotLeaderOrFollowerException('it moved'))
    expect(leader.error).toBe(Errors.NOT_COORDINATOR)
    expect(follower.error).toBe(Errors.NOT_COORDINATOR)
    expect(groups.group.currentState()).toBe('PreparingRebalance')
  })

  test('of a generation that is over changes nothing when it is written at last', () => {
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const assignments = [{ memberId: leaderId, assignment: share(9) }]
    const sync = groups.sync({ memberId: leaderId, generationId, assignments })
    // Somebody comes while the record is on its way.
    groups.join().expectWaiting()
    expect(sync.error).toBe(Errors.REBALANCE_IN_PROGRESS)
    sync.written()
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    expect(groups.group.member(leaderId).assignment).toEqual(new Uint8Array(0))
    expect(groups.group.hasMember(followerId)).toBe(true)
  })
})

describe('a member that lost its connection and asks again', () => {
  test('is answered on the new one, and the old question is closed', () => {
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const first = groups.sync({ memberId: followerId, generationId }).expectWaiting()
    const second = groups.sync({ memberId: followerId, generationId }).expectWaiting()
    first.expectAnswer(Errors.REBALANCE_IN_PROGRESS)
    groups.syncAsLeader(leaderId, generationId, { [followerId]: 1 })
    expect(second.expectAnswer(Errors.NONE).response.assignment).toEqual(share(1))

    const firstJoin = groups.join({ memberId: leaderId }).expectWaiting()
    const secondJoin = groups.join({ memberId: leaderId }).expectWaiting()
    firstJoin.expectAnswer(Errors.REBALANCE_IN_PROGRESS)
    groups.join({ memberId: followerId }).expectAnswer(Errors.NONE)
    secondJoin.expectAnswer(Errors.NONE)
  })
})

describe('a leader that fails before it shares out', () => {
  test('sends the followers that wait back to join', () => {
    covers('GroupMetadataManagerTest.testLeaderFailureInSyncGroup')
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const sync = groups.sync({ memberId: followerId, generationId }).expectWaiting()
    // Both are silent; the follower waits for an answer, so it is alive.
    groups.sleepQuietly(10_000)
    sync.expectAnswer(Errors.REBALANCE_IN_PROGRESS)
    expect([...groups.group.allMemberIds()]).toEqual([followerId])
    expect(groups.group.currentState()).toBe('PreparingRebalance')
  })
})

describe('joining again after a share-out', () => {
  test('as a follower that has not changed begins no rebalance', () => {
    covers('GroupMetadataManagerTest.testJoinGroupFromUnchangedFollowerDoesNotRebalance')
    const { memberId: leaderId } = groups.stabilize()
    const { followerId, generationId } = groups.addFollower(leaderId)
    const again = groups.join({ memberId: followerId }).expectAnswer(Errors.NONE)
    expect(again.response.generationId).toBe(generationId)
  })

  test('as a leader that has not changed begins one, the generation counts on', () => {
    covers(
      'GroupMetadataManagerTest.testJoinGroupFromUnchangedLeaderShouldRebalance',
      'GroupMetadataManagerTest.testGenerationIdIncrementsOnRebalance',
    )
    const { memberId, generationId } = groups.stabilize()
    expect(generationId).toBe(1)
    const again = groups.join({ memberId }).expectAnswer(Errors.NONE)
    expect(again.response.generationId).toBe(2)
  })
})

describe('members that do not ask for their share', () => {
  const TIMEOUT_MS = 5000
  let memberIds: string[]

  const heartbeats = (ids: readonly string[]): string[] =>
    ids.map((memberId) => {
      try {
        return groups.heartbeat(memberId, 1).name
      } catch (error) {
        return Errors.forException(error).name
      }
    })

  /** Half of the time is over, in which they do send heartbeats. */
  beforeEach(() => {
    memberIds = groups.joinAll(3, TIMEOUT_MS, TIMEOUT_MS)
    groups.sleepQuietly(TIMEOUT_MS / 2)
    expect(heartbeats(memberIds)).toEqual(['NONE', 'NONE', 'NONE'])
  })

  const UNKNOWN = 'UNKNOWN_MEMBER_ID'
  const REBALANCE = 'REBALANCE_IN_PROGRESS'

  test('are out after the rebalance time-out, which may leave the group empty', () => {
    covers('GroupMetadataManagerTest.testRebalanceTimesOutWhenSyncRequestIsNotReceived')
    const [expired, ...others] = groups.sleep(TIMEOUT_MS / 2)
    expect(others).toEqual([])
    expect(expired!.key).toBe(`sync-${GROUP_ID}`)
    expect(expired!.result.records).toEqual([groups.emptyGroupRecord(2)])
    expired!.result.appendFuture!.complete()
    expect(heartbeats(memberIds)).toEqual([UNKNOWN, UNKNOWN, UNKNOWN])
    expect(groups.group.isEmpty()).toBe(true)
  })

  test('are out while the leader stays', () => {
    covers(
      'GroupMetadataManagerTest.testRebalanceTimesOutWhenSyncRequestIsNotReceivedFromFollowers',
    )
    groups.syncAsLeader(memberIds[0]!, 1)
    expect(heartbeats(memberIds.slice(0, 1))).toEqual(['NONE'])
    const expired = groups.sleep(TIMEOUT_MS / 2)
    expect(expired.map(({ key }) => key)).toEqual([`sync-${GROUP_ID}`])
    expect(expired[0]!.result.records).toEqual([])
    expect(heartbeats(memberIds)).toEqual([REBALANCE, UNKNOWN, UNKNOWN])
    expect(groups.group.currentState()).toBe('PreparingRebalance')
  })

  test('are out even if it is the leader, and the others start over', () => {
    covers('GroupMetadataManagerTest.testRebalanceTimesOutWhenSyncRequestIsNotReceivedFromLeaders')
    const followers = memberIds
      .slice(1)
      .map((memberId) => groups.sync({ memberId, generationId: 1 }).expectWaiting())
    const expired = groups.sleep(TIMEOUT_MS / 2)
    expect(expired.map(({ key }) => key)).toEqual([`sync-${GROUP_ID}`])
    for (const sync of followers) sync.expectAnswer(Errors.REBALANCE_IN_PROGRESS)
    expect(heartbeats(memberIds)).toEqual([UNKNOWN, REBALANCE, REBALANCE])
    expect(groups.group.currentState()).toBe('PreparingRebalance')
  })

  test('are none when all have asked', () => {
    covers('GroupMetadataManagerTest.testRebalanceDoesNotTimeOutWhenAllSyncAreReceived')
    const [leaderId, ...followerIds] = memberIds
    groups.syncAsLeader(leaderId!, 1)
    for (const memberId of followerIds) {
      groups.sync({ memberId, generationId: 1 }).expectAnswer(Errors.NONE)
    }
    for (let round = 0; round < 2; round++) {
      groups.sleepQuietly(TIMEOUT_MS / 2)
      expect(heartbeats(memberIds)).toEqual(['NONE', 'NONE', 'NONE'])
    }
    expect(groups.timer.isScheduled(`sync-${GROUP_ID}`)).toBe(false)
    expect(groups.group.currentState()).toBe('Stable')
  })
})
