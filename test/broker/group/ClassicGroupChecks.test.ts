import { beforeEach, describe, expect, test } from 'vitest'
import type { ClassicGroup } from '../../../src/broker/group/classic/ClassicGroup.ts'
import type { OffsetAndMetadata } from '../../../src/broker/group/OffsetAndMetadata.ts'
import { CoordinatorNotAvailableException } from '../../../src/common/errors/ApiExceptions.ts'
import {
  FencedInstanceIdException,
  GroupIdNotFoundException,
  GroupNotEmptyException,
  IllegalGenerationException,
  RebalanceInProgressException,
  UnknownMemberIdException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { covers } from '../../support/covers.ts'
import { bareProtocols, newGroup, newMember, subscriptionTo } from './classicGroupSupport.ts'

let group: ClassicGroup

beforeEach(() => {
  group = newGroup()
})

const STRANGER = { memberId: 'stranger', protocolType: 'My Protocol' }

describe('committing offsets', () => {
  test.each(ApiKeys.OFFSET_COMMIT.allVersions())('in version %i is for members', (version) => {
    covers('ClassicGroupTest.testValidateOffsetCommit')
    const commit =
      (memberId: string, instanceId: string | null, generation: number, isTransactional = false) =>
      (): void =>
        group.validateOffsetCommit(memberId, instanceId, generation, isTransactional, version)

    // An administrator's call, as long as nobody is in the group.
    expect(commit('', '', -1)).not.toThrow()

    group.add(newMember({ memberId: 'member-id', groupInstanceId: 'instance-id' }))
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    expect(commit('', '', -1)).toThrow(UnknownMemberIdException)
    expect(commit('', null, -1)).toThrow(UnknownMemberIdException)
    expect(commit('', null, -1, true)).not.toThrow()
    expect(commit('unknown', 'unknown', -1)).toThrow(UnknownMemberIdException)
    expect(commit('member-id', 'unknown', -1)).toThrow(UnknownMemberIdException)
    expect(commit('member-id', 'instance-id', 0)).toThrow(IllegalGenerationException)
    expect(commit('member-id', 'instance-id', 1)).toThrow(RebalanceInProgressException)
    expect(commit('member-id', 'instance-id', 1, true)).not.toThrow()

    group.transitionTo('Stable')
    expect(commit('member-id', 'instance-id', 1)).not.toThrow()

    group.replaceStaticMember('instance-id', 'member-id', 'new-member-id')
    expect(commit('member-id', 'instance-id', 1)).toThrow(FencedInstanceIdException)

    group.transitionTo('Dead')
    expect(commit('member-id', 'new-instance-id', 1)).toThrow(CoordinatorNotAvailableException)
  })
})

describe('deleting', () => {
  test('offsets is for groups without members, and for consumers', () => {
    covers('ClassicGroupTest.testValidateOffsetDelete')
    const rounds = ['PreparingRebalance', 'CompletingRebalance', 'Stable'] as const
    for (const state of rounds) {
      group.transitionTo(state)
      expect(() => group.validateOffsetDelete()).toThrow(GroupNotEmptyException)
    }
    group.add(newMember({ groupInstanceId: 'groupInstanceId' }))
    expect(group.usesConsumerGroupProtocol()).toBe(true)
    for (const state of rounds) {
      group.transitionTo(state)
      expect(() => group.validateOffsetDelete()).not.toThrow()
    }
    group.transitionTo('PreparingRebalance')
    group.transitionTo('Empty')
    expect(() => group.validateOffsetDelete()).not.toThrow()
    group.transitionTo('Dead')
    expect(() => group.validateOffsetDelete()).toThrow(GroupIdNotFoundException)
  })

  test('a group needs it to be empty', () => {
    covers('ClassicGroupTest.testValidateDeleteGroup')
    for (const state of ['PreparingRebalance', 'CompletingRebalance', 'Stable'] as const) {
      group.transitionTo(state)
      expect(() => group.validateDeleteGroup()).toThrow(GroupNotEmptyException)
    }
    group.transitionTo('PreparingRebalance')
    group.transitionTo('Empty')
    expect(() => group.validateDeleteGroup()).not.toThrow()
    group.transitionTo('Dead')
    expect(() => group.validateDeleteGroup()).toThrow(GroupIdNotFoundException)
    expect(() => group.validateOffsetFetch(null, -1)).toThrow(GroupIdNotFoundException)
  })
})

describe('the topics that members read', () => {
  test('are known of consumers that say it readably', () => {
    covers('ClassicGroupTest.testSubscribedTopics')
    expect(group.subscribedTopics).toBeNull()
    group.transitionTo('PreparingRebalance')
    group.add(newMember({ supportedProtocols: subscriptionTo('range', 'foo') }))
    group.initNextGeneration()
    expect(group.subscribedTopics).toEqual(new Set(['foo']))

    group.transitionTo('PreparingRebalance')
    group.remove('memberId')
    group.initNextGeneration()
    expect(group.subscribedTopics).toEqual(new Set())

    group.transitionTo('PreparingRebalance')
    group.add(newMember({ supportedProtocols: bareProtocols('range') }))
    group.initNextGeneration()
    expect(group.subscribedTopics).toBeNull()
  })

  test('are not known of others', () => {
    covers('ClassicGroupTest.testSubscribedTopicsNonConsumerGroup')
    group.transitionTo('PreparingRebalance')
    group.add(newMember(STRANGER))
    group.initNextGeneration()
    expect(group.subscribedTopics).toBeNull()
  })

  test('are asked for one by one', () => {
    covers('ClassicGroupTest.testIsSubscribedToTopic')
    const supportedProtocols = subscriptionTo('range', 'topic')
    expect(group.isSubscribedToTopic('topic')).toBe(false)

    group.add(newMember({ ...STRANGER, supportedProtocols }))
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    expect(group.computeSubscribedTopics()).toBeNull()
    expect(group.isSubscribedToTopic('topic')).toBe(false)

    group.remove('stranger')
    group.add(newMember({ supportedProtocols }))
    group.remove('memberId')
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    expect(group.isEmpty()).toBe(true)
    expect(group.computeSubscribedTopics()).toEqual(new Set())
    expect(group.usesConsumerGroupProtocol()).toBe(true)
    expect(group.isSubscribedToTopic('topic')).toBe(false)

    group.add(newMember({ supportedProtocols }))
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    expect(group.computeSubscribedTopics()).toEqual(new Set(['topic']))
    expect(group.isSubscribedToTopic('topic')).toBe(true)
    expect(group.isSubscribedToTopic('other')).toBe(false)
  })

  test('count as read while they are not known of consumers', () => {
    group.add(newMember({ supportedProtocols: bareProtocols('range') }))
    expect(group.subscribedTopics).toBeNull()
    expect(group.isSubscribedToTopic('any')).toBe(true)
  })
})

describe('the age of offsets', () => {
  const COMMITTED_MS = 20_000
  const RETENTION_MS = 10_000
  const offset: OffsetAndMetadata = {
    recordOffset: -1,
    committedOffset: 15_000,
    leaderEpoch: -1,
    metadata: '',
    commitTimestampMs: COMMITTED_MS,
    expireTimestampMs: -1,
    topicId: Uuid.ZERO_UUID,
  }

  test('counts from the commit, or from when the last member left, or not at all', () => {
    covers('ClassicGroupTest.testOffsetExpirationCondition')
    const time = new MockTime()
    const nowMs = time.milliseconds()
    const group = newGroup(time)
    const supportedProtocols = subscriptionTo('range', 'topic')
    const expectFrom = (baseMs: number): void => {
      const condition = group.offsetExpirationCondition()!
      expect(condition.baseTimestamp(offset)).toBe(baseMs)
      expect(condition.isOffsetExpired(offset, baseMs + RETENTION_MS, RETENTION_MS)).toBe(true)
      expect(condition.isOffsetExpired(offset, baseMs + RETENTION_MS - 1, RETENTION_MS)).toBe(false)
    }
    expectFrom(COMMITTED_MS)

    group.add(newMember({ ...STRANGER, supportedProtocols }))
    expect(group.protocolType).toBe('My Protocol')
    expectFrom(nowMs)

    group.transitionTo('PreparingRebalance')
    expect(group.offsetExpirationCondition()).toBeUndefined()

    group.remove('stranger')
    group.add(newMember({ supportedProtocols }))
    group.initNextGeneration()
    group.transitionTo('Stable')
    expect(group.subscribedTopics).toEqual(new Set(['topic']))
    expectFrom(COMMITTED_MS)

    group.transitionTo('PreparingRebalance')
    expect(group.offsetExpirationCondition()).toBeUndefined()
  })
})
