import { beforeEach, describe, expect, test } from 'vitest'
import { IllegalArgumentException, IllegalStateException } from '../../../src/common/errors.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { FetchPosition } from '../../../src/consumer/internals/FetchPosition.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

const tp0 = new TopicPartition('test', 0)
const tp1 = new TopicPartition('test', 1)
const other0 = new TopicPartition('other', 0)
const topics = (...names: string[]): ReadonlySet<string> => new Set(names)

let logger: RecordingLogger
let state: SubscriptionState

beforeEach(() => {
  logger = new RecordingLogger()
  state = new SubscriptionState(logger, AutoOffsetResetStrategy.EARLIEST)
})

const assigned = (): TopicPartition[] => [...state.assignedPartitions()]
const assignByHand = (...partitions: TopicPartition[]): boolean =>
  state.assignFromUser(new TopicPartitionSet(partitions))

/** What a rebalance does: look whether it fits, then take it. */
const receive = (...partitions: TopicPartition[]): void => {
  expect(state.checkAssignmentMatchedSubscription(partitions)).toBe(true)
  state.assignFromSubscribed(partitions)
  expect(assigned()).toEqual(partitions)
  expect(state.numAssignedPartitions()).toBe(partitions.length)
}

describe('a subscription to topics', () => {
  test('changes the assignment only when the group says so', () => {
    covers('SubscriptionStateTest.partitionAssignmentChangeOnTopicSubscription')
    assignByHand(tp0, tp1)
    expect(assigned()).toEqual([tp0, tp1])
    state.unsubscribe()
    expect(assigned()).toEqual([])

    state.subscribe(topics('other'))
    expect(assigned()).toEqual([])
    receive(other0)
    state.subscribe(topics('test'))
    expect(assigned()).toEqual([other0])
    state.unsubscribe()
    expect(assigned()).toEqual([])
    expect(state.numAssignedPartitions()).toBe(0)
  })

  test('keeps what stays, and forgets the position of what goes', () => {
    covers('SubscriptionStateTest.topicSubscription')
    state.subscribe(topics('test'))
    expect([...state.subscription()]).toEqual(['test'])
    expect(state.hasAutoAssignedPartitions()).toBe(true)
    receive(tp0)
    state.seek(tp0, 1)
    expect(state.position(tp0)?.offset).toBe(1)
    receive(tp0, tp1)
    expect(state.position(tp0)?.offset).toBe(1)

    receive(tp1)
    expect(state.isAssigned(tp0)).toBe(false)
    expect(state.isFetchable(tp1)).toBe(false)
    receive(tp0)
    expect(state.position(tp0)).toBe(null)
  })

  test('ends with unsubscribe, after which anything goes', () => {
    covers(
      'SubscriptionStateTest.unsubscribeUserSubscribe',
      'SubscriptionStateTest.unsubscription',
      'SubscriptionStateTest.unsubscribeUserAssignment',
    )
    state.subscribe(/.*/)
    state.subscribeFromPattern(topics('test', 'other'))
    receive(other0)
    expect([...state.subscription()]).toEqual(['test', 'other'])
    state.unsubscribe()
    expect(state.subscription().size).toBe(0)
    expect(assigned()).toEqual([])

    assignByHand(tp0)
    expect(assigned()).toEqual([tp0])
    state.unsubscribe()
    expect(state.subscription().size).toBe(0)
    state.subscribe(topics('test'))
    expect([...state.subscription()]).toEqual(['test'])
    state.unsubscribe()
    assignByHand(tp0)
    expect(assigned()).toEqual([tp0])
  })

  test('says whether it is another one, for that needs metadata', () => {
    expect(state.subscribe(topics('test'))).toBe(true)
    expect(state.subscribe(topics('test'))).toBe(false)
    expect(state.subscribe(topics('test', 'other'))).toBe(true)
    expect(state.subscribe(topics('other'))).toBe(true)
  })

  test('replaces the listener with each call', () => {
    const listener = { onPartitionsAssigned: () => {} }
    state.subscribe(topics('test'), listener)
    expect(state.rebalanceListener()).toBe(listener)
    state.subscribe(topics('test'))
    expect(state.rebalanceListener()).toBe(null)
  })

  test('does not fit an assignment of another topic', () => {
    covers('SubscriptionStateTest.cantAssignPartitionForUnsubscribedTopics')
    state.subscribe(topics('test'))
    expect(state.checkAssignmentMatchedSubscription([other0])).toBe(false)
    expect(logger.messages('info').join()).toMatch(/other-0.*Subscribe\(test\)/)
  })

  test('gives each new assignment an id', () => {
    covers('SubscriptionStateTest.verifyAssignmentId')
    assignByHand(tp0, tp1)
    state.unsubscribe()
    state.subscribe(topics('other'))
    receive(other0)
    expect(state.assignmentId()).toBe(3)
  })

  test('gives no partition a position by itself', () => {
    covers('SubscriptionStateTest.invalidPositionUpdate')
    state.subscribe(topics('test'))
    receive(tp0)
    expect(() => state.setPosition(tp0, new FetchPosition(0))).toThrow(IllegalStateException)
  })
})

describe('a subscription to a pattern', () => {
  test('accepts whatever fits it, also topics that we have not seen yet', () => {
    covers('SubscriptionStateTest.partitionAssignmentChangeOnPatternSubscription')
    state.subscribe(/.*/)
    expect(assigned()).toEqual([])
    state.subscribeFromPattern(topics('test'))
    expect(assigned()).toEqual([])
    receive(tp1)
    expect([...state.subscription()]).toEqual(['test'])
    receive(other0)
    expect([...state.subscription()]).toEqual(['test'])

    state.subscribe(/.*t/)
    expect(assigned()).toEqual([other0])
    state.subscribeFromPattern(topics('test'))
    expect(assigned()).toEqual([other0])
    receive(tp0)
    state.unsubscribe()
    expect(assigned()).toEqual([])
  })

  test('subscribes to the topics that fit', () => {
    covers('SubscriptionStateTest.patternSubscription')
    state.subscribe(/.*/)
    expect(state.subscribeFromPattern(topics('test', 'other'))).toBe(true)
    expect(state.subscribeFromPattern(topics('other', 'test'))).toBe(false)
    expect(state.subscription().size).toBe(2)
    expect(state.hasPatternSubscription()).toBe(true)
  })

  test('does not fit an assignment of a topic with another name', () => {
    covers('SubscriptionStateTest.cantAssignPartitionForUnmatchedPattern')
    state.subscribe(/.*t/)
    state.subscribeFromPattern(topics('test'))
    expect(state.checkAssignmentMatchedSubscription([other0])).toBe(false)
  })

  test.each([
    [/orders/, 'orders', true],
    [/orders/, 'orders-dlq', false],
    [/orders/, 'my-orders', false],
    [/a|ab/, 'ab', true],
    [/ORDERS/i, 'orders', true],
  ])('%s and topic %s: %s, for the whole name must fit', (pattern, topic, fits) => {
    state.subscribe(pattern)
    expect(state.matchesSubscribedPattern(topic)).toBe(fits)
  })

  test('forgets nothing between two questions, whatever its flags', () => {
    state.subscribe(/te.*/gy)
    expect([1, 2, 3].map(() => state.matchesSubscribedPattern('test'))).toEqual([true, true, true])
  })

  test('is needed before topics can come from it', () => {
    expect(() => state.subscribeFromPattern(topics('test'))).toThrow(IllegalArgumentException)
    expect(state.matchesSubscribedPattern('test')).toBe(false)
  })
})

describe('topics, patterns and partitions exclude each other', () => {
  const ways = {
    topics: () => state.subscribe(topics('test')),
    pattern: () => state.subscribe(/.*/),
    partitions: () => assignByHand(tp0),
  }
  test.each([
    ['topics', 'pattern', 'TopicAndPattern'],
    ['topics', 'partitions', null],
    ['partitions', 'pattern', 'PartitionAndPattern'],
    ['partitions', 'topics', null],
    ['pattern', 'topics', 'PatternAndTopic'],
    ['pattern', 'partitions', 'PatternAndPartition'],
  ] as const)('%s, then %s', (first, second, scenario) => {
    if (scenario !== null) covers(`SubscriptionStateTest.cantSubscribe${scenario}`)
    ways[first]()
    expect(ways[second]).toThrow(IllegalStateException)
    expect(ways[second]).toThrow(/unsubscribe/)
  })

  test('and what a group gives cannot be taken without a subscription', () => {
    assignByHand(tp0)
    expect(() => state.assignFromSubscribed([tp1])).toThrow(IllegalArgumentException)
    expect(() => state.groupSubscribe(topics('test'))).toThrow(IllegalStateException)
  })
})

test("a leader needs the metadata of the whole group's topics", () => {
  covers('SubscriptionStateTest.testGroupSubscribe')
  state.subscribe(topics('other'))
  expect(state.groupSubscribe(topics('other'))).toBe(false)
  expect([...state.metadataTopics()]).toEqual(['other'])
  expect(state.groupSubscribe(topics('test', 'other'))).toBe(true)
  expect([...state.metadataTopics()]).toEqual(['test', 'other'])
  expect(state.needsMetadata('test')).toBe(true)
  expect(state.groupSubscribe(topics('other'))).toBe(false)
  expect([...state.metadataTopics()]).toEqual(['other'])

  state.subscribe(topics('third'))
  expect([...state.metadataTopics()]).toEqual(['other', 'third'])
  expect(state.groupSubscribe(topics('third'))).toBe(false)
  expect([...state.metadataTopics()]).toEqual(['third'])

  state.groupSubscribe(topics('third', 'test'))
  state.resetGroupSubscription()
  expect([...state.metadataTopics()]).toEqual(['third'])
})

describe('what may be fetched', () => {
  test('is what the group gave, once it has positions', () => {
    covers('SubscriptionStateTest.testIsFetchableOnAutoAssignment')
    state.subscribe(topics('test'))
    receive(tp0, tp1)
    expect(state.isFetchable(tp0)).toBe(false)
    for (const partition of [tp0, tp1]) state.seek(partition, 1)
    expect(state.fetchablePartitions(() => true)).toEqual([tp0, tp1])
  })

  test('is not of a topic that was dropped, though its partitions still wait to go', () => {
    covers('SubscriptionStateTest.testIsFetchableConsidersExplicitTopicSubscription')
    state.subscribe(topics('other'))
    receive(other0)
    state.seek(other0, 1)
    expect(state.isFetchable(other0)).toBe(true)
    state.subscribe(topics('test'))
    expect(assigned()).toEqual([other0])
    expect(state.isFetchable(other0)).toBe(false)
    expect(state.fetchablePartitions(() => true)).toEqual([])
    state.unsubscribe()
    expect(state.isFetchable(other0)).toBe(false)
  })

  test('is nothing that is about to be revoked, though it is not paused', () => {
    covers(
      'SubscriptionStateTest.testMarkingPendingRevocation',
      'SubscriptionStateTest.testMarkingPendingRevocationPreventsInitializingPosition',
    )
    assignByHand(tp0, tp1)
    state.seek(tp0, 100)
    expect([...state.initializingPartitions()]).toEqual([tp1])
    state.markPendingRevocation([tp0, tp1])
    expect(state.isFetchable(tp0)).toBe(false)
    expect(state.isPaused(tp0)).toBe(false)
    expect(state.initializingPartitions().size).toBe(0)
  })
})

describe('what has been added, before the listener was told', () => {
  beforeEach(() => {
    state.subscribe(topics('test'))
    state.assignFromSubscribedAwaitingCallback([tp0], [tp0])
    expect(state.isFetchable(tp0)).toBe(false)
    expect([...state.initializingPartitions()]).toEqual([tp0])
    expect(state.isPaused(tp0)).toBe(false)
  })

  test('is read from where the listener went', () => {
    covers(
      'SubscriptionStateTest.testAssignedPartitionsAwaitingCallbackKeepPositionDefinedInCallback',
    )
    state.seek(tp0, 100)
    expect(state.isFetchable(tp0)).toBe(false)
    state.enablePartitionsAwaitingCallback([tp0])
    expect(state.initializingPartitions().size).toBe(0)
    expect(state.isFetchable(tp0)).toBe(true)
    expect(state.hasAllFetchPositions()).toBe(true)
    expect(state.position(tp0)?.offset).toBe(100)
  })

  test('still needs a position if the listener gave none', () => {
    const scenario = 'AwaitingCallbackInitializePositionsWhenCallbackCompletes'
    covers(`SubscriptionStateTest.testAssignedPartitions${scenario}`)
    state.enablePartitionsAwaitingCallback([tp0])
    expect([...state.initializingPartitions()]).toEqual([tp0])
    state.seek(tp0, 100)
    expect(state.isFetchable(tp0)).toBe(true)
  })

  test('does not keep back what was there before', () => {
    const scenario = 'AwaitingCallbackDoesNotAffectPreviouslyOwnedPartitions'
    covers(`SubscriptionStateTest.testAssignedPartitions${scenario}`)
    state.enablePartitionsAwaitingCallback([tp0])
    state.seek(tp0, 100)
    state.assignFromSubscribedAwaitingCallback([tp0, tp1], [tp1])
    state.seek(tp1, 200)
    expect(state.isFetchable(tp0)).toBe(true)
    expect(state.isFetchable(tp1)).toBe(false)
    state.enablePartitionsAwaitingCallback([tp1])
    expect(state.isFetchable(tp1)).toBe(true)
  })
})

test('shows a reader how it was chosen', () => {
  expect(state.prettyString()).toBe('None')
  state.subscribe(topics('test', 'other'))
  expect(state.prettyString()).toBe('Subscribe(other, test)')
  state.unsubscribe()
  state.subscribe(/te.*/)
  expect(state.prettyString()).toBe('Subscribe(/te.*/)')
  state.unsubscribe()
  assignByHand(tp0)
  expect(state.prettyString()).toBe('Assign([test-0], id=3)')
  state.markPendingRevocation([tp0])
  expect(state.toString()).toContain('USER_ASSIGNED')
  expect(state.toString()).toContain('test-0 INITIALIZING  pending revocation')
})
