import { beforeEach, describe, expect, test } from 'vitest'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { JoinGroupResponseData } from '../../../src/protocol/messages/JoinGroup.ts'
import { covers } from '../../support/covers.ts'
import type { Asked } from './Asked.ts'
import { newMember, toProtocols } from './classicGroupSupport.ts'
import { AT_ONCE, GroupHarness, ID_FIRST } from './GroupHarness.ts'

const MAX_SIZE = 10
const ALL = Array.from({ length: MAX_SIZE + 1 }, (_, i) => i)

type Join = Asked<JoinGroupResponseData>

let groups: GroupHarness

beforeEach(() => {
  groups = GroupHarness.withGroup({
    'group.max.size': MAX_SIZE,
    'group.initial.rebalance.delay.ms': 50,
  })
})

const memberIds = (joins: readonly Join[]): string[] =>
  joins.map(({ response }) => response.memberId)

/** All but the last got in. */
const expectOneTooMany = (joins: readonly Join[]): void => {
  const errors = joins.map(({ error }) => error)
  const refused = joins.length - MAX_SIZE
  expect(errors.filter((error) => error === Errors.NONE)).toHaveLength(MAX_SIZE)
  expect(errors.filter((error) => error === Errors.GROUP_MAX_SIZE_REACHED)).toHaveLength(refused)
  for (const { response, records } of joins) {
    expect(records).toEqual([])
    if (response.errorCode !== 0) expect(response.memberId).toBe('')
  }
}

/** The first delay is extended, for members have come; in the second nobody does. */
const completeInitialRebalance = (): void => {
  groups.sleepQuietly(50)
  groups.sleepQuietly(50)
  expect(groups.group.currentState()).toBe('CompletingRebalance')
  expect(groups.group.numMembers()).toBe(MAX_SIZE)
  expect(groups.group.numAwaitingJoinResponse()).toBe(0)
}

describe('a full group', () => {
  test('takes nobody more', () => {
    covers('GroupMetadataManagerTest.testJoinGroupShouldReceiveErrorIfGroupOverMaxSize')
    const reason = 'exceed max group size'
    for (const _ of ALL.slice(1)) groups.join({ reason }).expectWaiting()
    groups.join({ reason }).expectAnswer(Errors.GROUP_MAX_SIZE_REACHED)
  })

  test('hands out more member ids than there is room, and takes as many as there is', () => {
    covers('GroupMetadataManagerTest.testDynamicMembersJoinGroupWithMaxSizeAndRequiredKnownMember')
    const first = ALL.map(() => groups.join({}, ID_FIRST))
    for (const join of first) expect(join.error).toBe(Errors.MEMBER_ID_REQUIRED)
    const ids = memberIds(first)
    expect(new Set(ids).size).toBe(MAX_SIZE + 1)
    expect(groups.group.isEmpty()).toBe(true)
    expect(groups.group.numPendingJoinMembers()).toBe(MAX_SIZE + 1)

    const second = ids.map((memberId) => groups.join({ memberId }, ID_FIRST))
    completeInitialRebalance()
    expectOneTooMany(second)
    expect(groups.group.numPendingJoinMembers()).toBe(0)

    expectOneTooMany(ids.map((memberId) => groups.join({ memberId }, ID_FIRST)))
  })

  test('takes as many members as there is room for when they come in at once', () => {
    covers(
      'GroupMetadataManagerTest.testDynamicMembersJoinGroupWithMaxSizeAndNotRequiredKnownMember',
    )
    const first = ALL.map(() => groups.join({}, AT_ONCE))
    expect(groups.group.numMembers()).toBe(MAX_SIZE)
    expect(groups.group.numAwaitingJoinResponse()).toBe(MAX_SIZE)
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    completeInitialRebalance()
    expectOneTooMany(first)
    expectOneTooMany(memberIds(first).map((memberId) => groups.join({ memberId }, AT_ONCE)))
    expect(groups.group.currentState()).toBe('CompletingRebalance')
  })

  test('takes as many static members as there is room for', () => {
    covers('GroupMetadataManagerTest.testStaticMembersJoinGroupWithMaxSize')
    const first = ALL.map((i) => groups.join({ groupInstanceId: `instance-id-${i}` }))
    expect(groups.group.numMembers()).toBe(MAX_SIZE)
    expect(groups.group.numAwaitingJoinResponse()).toBe(MAX_SIZE)
    completeInitialRebalance()
    expectOneTooMany(first)
    const second = memberIds(first).map((memberId, i) =>
      groups.join({ memberId, groupInstanceId: `instance-id-${i}` }),
    )
    expectOneTooMany(second)
    expect(groups.group.numMembers()).toBe(MAX_SIZE)
    expect(groups.group.currentState()).toBe('CompletingRebalance')
  })

  test('lets its members join once more while it rebalances', () => {
    covers('GroupMetadataManagerTest.testDynamicMembersCanRejoinGroupWithMaxSizeWhileRebalancing')
    const ids = memberIds(ALL.map(() => groups.join({}, ID_FIRST)))
    for (const memberId of ids) expect(groups.join({ memberId }, ID_FIRST).records).toEqual([])
    expect(groups.group.numMembers()).toBe(MAX_SIZE)
    expect(groups.group.numAwaitingJoinResponse()).toBe(MAX_SIZE)
    expect(groups.group.currentState()).toBe('PreparingRebalance')
    const third = ids.map((memberId) => groups.join({ memberId }, ID_FIRST))
    completeInitialRebalance()
    expectOneTooMany(third)
  })

  test('that has become too full keeps those who join again first', () => {
    covers(
      'GroupMetadataManagerTest.testLastJoiningMembersAreKickedOutWhenRejoiningGroupWithMaxSize',
    )
    const { group } = groups
    const ids = [...ALL, MAX_SIZE + 1].map((i) => `member-${i}`)
    for (const memberId of ids) {
      const times = { rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 5000 }
      group.add(newMember({ memberId, supportedProtocols: toProtocols('range'), ...times }))
    }
    groups.manager.prepareRebalance(group, 'test')
    const joins = ids.map((memberId) => groups.join({ memberId, rebalanceTimeoutMs: 10_000 }))
    expect(group.numMembers()).toBe(MAX_SIZE)
    expect(group.numAwaitingJoinResponse()).toBe(MAX_SIZE)
    expect(group.currentState()).toBe('PreparingRebalance')

    groups.sleepQuietly(10_000)
    expectOneTooMany(joins)
    expect(group.currentState()).toBe('CompletingRebalance')
    expect([...group.allMemberIds()]).toEqual(ids.slice(0, MAX_SIZE))
  })
})
