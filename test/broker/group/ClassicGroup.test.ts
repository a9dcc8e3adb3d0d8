import { beforeEach, describe, expect, test } from 'vitest'
import { CompletableFuture } from '../../../src/broker/coordinator/CompletableFuture.ts'
import type { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import { generateMemberId } from '../../../src/broker/group/classic/memberId.ts'
import {
  joinGroupResponse,
  syncGroupResponse,
} from '../../../src/broker/group/classic/responses.ts'
import { IllegalArgumentException, IllegalStateException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../../src/protocol/messages/JoinGroup.ts'
import type { SyncGroupResponseData } from '../../../src/protocol/messages/SyncGroup.ts'
import { covers } from '../../support/covers.ts'
import { bareProtocols, newGroup, newMember } from './classicGroupSupport.ts'

const INSTANCE_ID = 'groupInstanceId'

let group: ClassicGroup

beforeEach(() => {
  group = newGroup()
})

const joinFuture = () => new CompletableFuture<JoinGroupResponseData>()
const syncFuture = () => new CompletableFuture<SyncGroupResponseData>()

describe('the protocol of a group', () => {
  test('is what most members prefer', () => {
    covers('ClassicGroupTest.testSelectProtocol')
    group.add(newMember({ supportedProtocols: bareProtocols('range', 'roundrobin') }))
    const others = bareProtocols('roundrobin', 'range')
    group.add(newMember({ memberId: 'member2', supportedProtocols: others }))
    // A tie: it is the one that was voted for first.
    expect(group.selectProtocol()).toBe('range')
    group.add(newMember({ memberId: 'member3', supportedProtocols: others }))
    expect(group.selectProtocol()).toBe('roundrobin')
  })

  test('cannot be chosen by nobody', () => {
    covers('ClassicGroupTest.testSelectProtocolRaisesIfNoMembers')
    expect(() => group.selectProtocol()).toThrow(IllegalStateException)
  })

  test('is one that all of them know', () => {
    covers('ClassicGroupTest.testSelectProtocolChoosesCompatibleProtocol')
    group.add(newMember({ supportedProtocols: bareProtocols('range', 'roundrobin') }))
    const others = bareProtocols('roundrobin', 'foo')
    group.add(newMember({ memberId: 'member2', supportedProtocols: others }))
    expect(group.selectProtocol()).toBe('roundrobin')
  })

  test('lets in who knows one that all members know', () => {
    covers('ClassicGroupTest.testSupportsProtocols')
    const supports = (...names: string[]) =>
      group.supportsProtocols('consumer', bareProtocols(...names))
    expect(supports('range', 'roundrobin')).toBe(true)
    expect(supports()).toBe(false)
    expect(group.supportsProtocols('', bareProtocols('range'))).toBe(false)

    group.add(newMember({ supportedProtocols: bareProtocols('range', 'roundrobin') }))
    group.transitionTo('PreparingRebalance')
    expect(supports('roundrobin', 'foo')).toBe(true)
    expect(supports('range', 'bar')).toBe(true)
    expect(supports('foo', 'bar')).toBe(false)
    expect(group.supportsProtocols('connect', bareProtocols('range'))).toBe(false)
  })

  test('no longer counts what only a member knew that has gone', () => {
    group.add(newMember({ supportedProtocols: bareProtocols('range') }))
    group.transitionTo('PreparingRebalance')
    group.remove('memberId')
    group.initNextGeneration()
    group.add(newMember())
    expect(group.selectProtocol()).toBe('roundrobin')
  })
})

describe('a member of a group', () => {
  test('may change what it knows and how long it is waited for', () => {
    covers('ClassicGroupTest.testUpdateMember')
    const member = newMember()
    group.add(member)
    const protocols = bareProtocols('range', 'roundrobin')
    group.updateMember(
      member,
      { protocols, rebalanceTimeoutMs: 120_000, sessionTimeoutMs: 20_000 },
      null,
    )
    expect(group.rebalanceTimeoutMs()).toBe(120_000)
    expect(member.sessionTimeoutMs).toBe(20_000)
    expect(member.supportedProtocols).toBe(protocols)
    expect(group.selectProtocol()).toBe('range')
  })

  test('cannot be pending too', () => {
    covers('ClassicGroupTest.testCannotAddPendingMemberIfStable')
    group.add(newMember())
    expect(() => group.addPendingMember('memberId')).toThrow(IllegalStateException)
  })

  test('was pending until it joined', () => {
    covers('ClassicGroupTest.testRemovalFromPendingAfterMemberIsStable')
    group.addPendingMember('memberId')
    expect(group.hasMember('memberId')).toBe(false)
    expect(group.isPendingMember('memberId')).toBe(true)
    group.add(newMember())
    expect(group.hasMember('memberId')).toBe(true)
    expect(group.isPendingMember('memberId')).toBe(false)
  })

  test('that is pending can be removed', () => {
    covers('ClassicGroupTest.testRemovalFromPendingWhenMemberIsRemoved')
    group.addPendingMember('memberId')
    group.remove('memberId')
    expect(group.hasMember('memberId')).toBe(false)
    expect(group.isPendingMember('memberId')).toBe(false)
  })

  test('has to sync only while it is one', () => {
    covers(
      'ClassicGroupTest.testCannotAddPendingSyncOfUnknownMember',
      'ClassicGroupTest.testCannotRemovePendingSyncOfUnknownMember',
      'ClassicGroupTest.testCanAddAndRemovePendingSyncMember',
      'ClassicGroupTest.testRemovalFromPendingSyncWhenMemberIsRemoved',
    )
    expect(() => group.addPendingSyncMember('memberId')).toThrow(IllegalStateException)
    expect(() => group.removePendingSyncMember('memberId')).toThrow(IllegalStateException)
    group.add(newMember({ groupInstanceId: INSTANCE_ID }))
    group.addPendingSyncMember('memberId')
    expect(group.allPendingSyncMembers()).toEqual(new Set(['memberId']))
    group.removePendingSyncMember('memberId')
    expect(group.allPendingSyncMembers()).toEqual(new Set())

    group.addPendingSyncMember('memberId')
    group.remove('memberId')
    expect(group.allPendingSyncMembers()).toEqual(new Set())
  })

  test('is of the same kind as the others', () => {
    group.add(newMember())
    group.transitionTo('PreparingRebalance')
    const others = { memberId: 'other', protocolType: 'connect' }
    expect(() => group.add(newMember(others))).toThrow(IllegalStateException)
    const strangers = { memberId: 'other', supportedProtocols: bareProtocols('foo') }
    expect(() => group.add(newMember(strangers))).toThrow(IllegalStateException)
    expect(group.numMembers()).toBe(1)
  })

  test('gets an id of its own from its client id or its instance id', () => {
    const random = new SeededRandom(1)
    const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
    const ids = new Set<string>()
    for (let i = 0; i < 100; i++) {
      const dynamic = generateMemberId(random, 'client', null)
      expect(dynamic).toMatch(new RegExp(`^client-${uuid}$`))
      ids.add(dynamic)
    }
    expect(ids.size).toBe(100)
    expect(generateMemberId(random, 'client', 'instance')).toMatch(new RegExp(`^instance-${uuid}$`))
  })
})

describe('the leader', () => {
  test('who did not join again is replaced by a member that did', () => {
    covers('ClassicGroupTest.testElectNewJoinedLeader')
    group.add(newMember())
    group.add(newMember({ memberId: 'new-leader' }), joinFuture())
    group.add(newMember({ memberId: 'new-member' }))
    expect(group.isLeader('memberId')).toBe(true)
    expect(group.maybeElectNewJoinedLeader()).toBe(true)
    expect(group.isLeader('new-leader')).toBe(true)
  })

  test('who joined again stays the leader', () => {
    covers('ClassicGroupTest.testMaybeElectNewJoinedLeaderChooseExisting')
    group.add(newMember(), joinFuture())
    group.add(newMember({ memberId: 'new-member' }))
    expect(group.maybeElectNewJoinedLeader()).toBe(true)
    expect(group.isLeader('memberId')).toBe(true)
  })

  test('cannot be found when nobody joined again, or nobody is there', () => {
    expect(group.maybeElectNewJoinedLeader()).toBe(false)
    group.add(newMember())
    expect(group.maybeElectNewJoinedLeader()).toBe(false)
    expect(group.isLeader('memberId')).toBe(true)
  })

  test('who leaves is followed by the oldest member', () => {
    for (const memberId of ['a', 'b', 'c']) group.add(newMember({ memberId }))
    group.remove('a')
    expect(group.leaderOrNull()).toBe('b')
    group.remove('b')
    group.remove('c')
    expect(group.leaderOrNull()).toBeNull()
  })
})

describe('a static member', () => {
  test('cannot be added under an instance id that is taken', () => {
    covers('ClassicGroupTest.testCannotAddStaticMemberIfAlreadyPresent')
    const member = newMember({ groupInstanceId: INSTANCE_ID })
    group.add(member)
    expect(group.hasMember('memberId')).toBe(true)
    expect(group.hasStaticMember(INSTANCE_ID)).toBe(true)
    expect(() => group.add(member)).toThrow(IllegalStateException)
  })

  test('that is not there cannot be replaced', () => {
    covers('ClassicGroupTest.testReplaceGroupInstanceWithNonExistingMember')
    expect(() => group.replaceStaticMember(INSTANCE_ID, 'memberId', 'newMemberId')).toThrow(
      IllegalArgumentException,
    )
  })

  test('that comes back fences its former self, and is the leader if that was', () => {
    covers('ClassicGroupTest.testReplaceGroupInstance')
    const member = newMember({ groupInstanceId: INSTANCE_ID, assignment: new Uint8Array([9]) })
    const join = joinFuture()
    const sync = syncFuture()
    group.add(member, join)
    member.awaitingSyncFuture = sync
    expect(group.isLeader('memberId')).toBe(true)

    const replacement = group.replaceStaticMember(INSTANCE_ID, 'memberId', 'newMemberId')
    expect(group.isLeader('newMemberId')).toBe(true)
    expect(group.staticMemberId(INSTANCE_ID)).toBe('newMemberId')
    expect(group.allStaticMemberIds()).toEqual(new Set(['newMemberId']))
    expect(join.getNow()).toMatchObject({
      errorCode: Errors.FENCED_INSTANCE_ID.code,
      memberId: 'memberId',
      protocolName: null,
    })
    expect(sync.getNow()).toMatchObject({ errorCode: Errors.FENCED_INSTANCE_ID.code })
    expect(member.isAwaitingJoin()).toBe(false)
    expect(member.isAwaitingSync()).toBe(false)
    expect(group.numAwaitingJoinResponse()).toBe(0)
    expect(replacement.assignment).toEqual(new Uint8Array([9]))
    expect(replacement.isAwaitingJoin()).toBe(false)
  })
})

describe('who waits for an answer', () => {
  test('to its join gets it once', () => {
    covers('ClassicGroupTest.testCompleteJoinFuture')
    const member = newMember()
    const future = joinFuture()
    group.add(member, future)
    expect(group.hasAllMembersJoined()).toBe(true)
    expect(group.completeJoinFuture(member, joinGroupResponse({ memberId: 'memberId' }))).toBe(true)
    expect(future.getNow()).toMatchObject({ errorCode: 0, memberId: 'memberId' })
    expect(member.isAwaitingJoin()).toBe(false)
    expect(group.numAwaitingJoinResponse()).toBe(0)
  })

  test('to its join gets none when it does not wait', () => {
    covers('ClassicGroupTest.testNotCompleteJoinFuture')
    const member = newMember()
    group.add(member)
    expect(group.completeJoinFuture(member, joinGroupResponse({}))).toBe(false)
    expect(member.isAwaitingJoin()).toBe(false)
    expect(group.numAwaitingJoinResponse()).toBe(0)
  })

  test('to its sync gets it once', () => {
    covers('ClassicGroupTest.testCompleteSyncFuture')
    const member = newMember()
    const future = syncFuture()
    group.add(member)
    member.awaitingSyncFuture = future
    expect(group.completeSyncFuture(member, syncGroupResponse({}))).toBe(true)
    expect(group.numAwaitingJoinResponse()).toBe(0)
    expect(member.isAwaitingSync()).toBe(false)
    expect(future.getNow()).toMatchObject({ errorCode: 0 })
  })

  test('to its sync gets none when it does not wait', () => {
    covers('ClassicGroupTest.testNotCompleteSyncFuture')
    const member = newMember()
    group.add(member)
    expect(group.completeSyncFuture(member, syncGroupResponse({}))).toBe(false)
    expect(member.isAwaitingSync()).toBe(false)
  })

  test('can be sent away with all the others: joins', () => {
    covers('ClassicGroupTest.testCompleteAllJoinFutures')
    const futures = [0, 1, 2].map((i) => {
      const future = joinFuture()
      group.add(newMember({ memberId: `memberId${i}` }), future)
      return future
    })
    expect(group.numAwaitingJoinResponse()).toBe(3)
    group.completeAllJoinFutures(Errors.REBALANCE_IN_PROGRESS)
    for (const [i, future] of futures.entries()) {
      expect(future.getNow()).toMatchObject({
        errorCode: Errors.REBALANCE_IN_PROGRESS.code,
        memberId: `memberId${i}`,
      })
    }
    expect(group.allMembers().some((member) => member.isAwaitingJoin())).toBe(false)
    expect(group.numAwaitingJoinResponse()).toBe(0)
  })

  test('can be sent away with all the others: syncs', () => {
    covers('ClassicGroupTest.testCompleteAllSyncFutures')
    const futures = [0, 1, 2].map((i) => {
      const member = newMember({ memberId: `memberId${i}` })
      group.add(member)
      return (member.awaitingSyncFuture = syncFuture())
    })
    group.completeAllSyncFutures(Errors.REBALANCE_IN_PROGRESS)
    expect(group.allMembers().some((member) => member.isAwaitingSync())).toBe(false)
    for (const future of futures) {
      expect(future.getNow()!.errorCode).toBe(Errors.REBALANCE_IN_PROGRESS.code)
    }
  })

  test('gets it even when that of another member cannot be sent', () => {
    const futures = ['a', 'b'].map((memberId) => {
      const future = joinFuture()
      group.add(newMember({ memberId }), future)
      return future
    })
    futures[0]!.whenComplete(() => {
      throw new Error('the connection is closed')
    })
    group.completeAllJoinFutures(Errors.NOT_COORDINATOR)
    expect(futures.map((future) => future.getNow()?.errorCode)).toEqual([16, 16])
    expect(group.numAwaitingJoinResponse()).toBe(0)
  })

  test('is counted once, however often it joins again', () => {
    const member = newMember()
    group.add(member, joinFuture())
    const update = {
      protocols: member.supportedProtocols,
      rebalanceTimeoutMs: 1,
      sessionTimeoutMs: 1,
    }
    group.updateMember(member, update, joinFuture())
    expect(group.numAwaitingJoinResponse()).toBe(1)
    group.updateMember(member, update, null)
    expect(group.numAwaitingJoinResponse()).toBe(0)
    expect(group.notYetRejoinedMembers()).toEqual([member])
  })
})
