import { describe, expect, test } from 'vitest'
import {
  GroupIdNotFoundException,
  GroupNotEmptyException,
} from '../../../src/common/errors/CoordinatorExceptions.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { newMember } from './classicGroupSupport.ts'
import { newOffsetCommitTombstoneRecord, OffsetHarness } from './OffsetHarness.ts'

const MINUTE_MS = 60_000

/** A group that a test can make read some topics, and expire from the commit on. */
const readerOf = (harness: OffsetHarness, groupId: string, ...topics: string[]) => {
  const group = harness.classicGroup(groupId)
  group.subscribedTopics = new Set(topics)
  return group
}

describe('deleting one offset', () => {
  test('leaves a tombstone, and none where there is no offset', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetDelete')
    const harness = new OffsetHarness()
    readerOf(harness, 'foo')
    harness.committed('foo', 'bar', 0)
    expect(harness.deleteOffset('foo', 'bar', 0)).toEqual({
      records: [newOffsetCommitTombstoneRecord('foo', 'bar', 0)],
      errorCode: 0,
    })
    expect(harness.hasOffset('foo', 'bar', 0)).toBe(false)
    expect(harness.deleteOffset('foo', 'bar', 0)).toEqual({ records: [], errorCode: 0 })
  })

  test('is refused while the group reads the topic', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetDeleteWithErrors')
    const harness = new OffsetHarness()
    readerOf(harness, 'foo', 'bar')
    harness.committed('foo', 'bar', 0)
    expect(harness.deleteOffset('foo', 'bar1', 0)).toEqual({ records: [], errorCode: 0 })
    expect(harness.deleteOffset('foo', 'bar', 0)).toEqual({
      records: [],
      errorCode: Errors.GROUP_SUBSCRIBED_TO_TOPIC.code,
    })
    expect(harness.hasOffset('foo', 'bar', 0)).toBe(true)
  })

  test('is refused of a group that is not there, and of members that are no consumers', () => {
    const harness = new OffsetHarness()
    expect(() => harness.deleteOffset('foo', 'bar', 0)).toThrow(GroupIdNotFoundException)
    const group = harness.classicGroup()
    group.add(newMember({ protocolType: 'connect' }), null)
    group.transitionTo('PreparingRebalance')
    expect(() => harness.deleteOffset('foo', 'bar', 0)).toThrow(GroupNotEmptyException)
  })

  test('takes it out of open transactions, too', () => {
    covers('OffsetMetadataManagerTest.testGenericGroupOffsetDeleteWithPendingTransactionalOffsets')
    const harness = new OffsetHarness()
    readerOf(harness, 'foo')
    harness.committed('foo', 'bar', 0, { producerId: 10n })
    expect(harness.deleteOffset('foo', 'bar', 0).records).toHaveLength(1)
    expect(harness.hasOffset('foo', 'bar', 0)).toBe(false)
    harness.endTransaction(10n, true)
    expect(harness.hasOffset('foo', 'bar', 0)).toBe(false)
  })
})

describe('deleting a group', () => {
  test('leaves a tombstone for each of its offsets', () => {
    covers('OffsetMetadataManagerTest.testDeleteGroupAllOffsets')
    const harness = new OffsetHarness()
    for (const [topic, partition] of [
      ['bar-0', 0],
      ['bar-0', 1],
      ['bar-1', 0],
    ] as const) {
      harness.committed('foo', topic, partition)
    }
    harness.committed('other', 'bar-0', 0)
    expect(harness.deleteAllOffsets('foo')).toEqual({
      deleted: 3,
      records: [
        newOffsetCommitTombstoneRecord('foo', 'bar-0', 0),
        newOffsetCommitTombstoneRecord('foo', 'bar-0', 1),
        newOffsetCommitTombstoneRecord('foo', 'bar-1', 0),
      ],
    })
    expect(harness.hasOffset('other', 'bar-0', 0)).toBe(true)
    expect(harness.deleteAllOffsets('nobody')).toEqual({ deleted: 0, records: [] })
  })

  test('leaves one tombstone where an offset is both committed and in a transaction', () => {
    covers('OffsetMetadataManagerTest.testDeleteGroupAllOffsetsWithPendingTransactionalOffsets')
    const harness = new OffsetHarness()
    harness.committed('foo', 'bar-0', 0)
    harness.committed('foo', 'bar-0', 1)
    harness.committed('foo', 'bar-1', 0)
    harness.committed('foo', 'bar-1', 0, { committedOffset: 101, producerId: 10n })
    harness.committed('foo', 'bar-2', 0, { producerId: 10n })
    const { records, deleted } = harness.deleteAllOffsets('foo')
    expect(deleted).toBe(4)
    expect(records.at(-1)).toEqual(newOffsetCommitTombstoneRecord('foo', 'bar-2', 0))
    for (const [topic, partition] of [
      ['bar-0', 0],
      ['bar-0', 1],
      ['bar-1', 0],
      ['bar-2', 0],
    ] as const) {
      expect(harness.hasOffset('foo', topic, partition)).toBe(false)
    }
  })
})

describe('deleting topics', () => {
  const [ID_1, ID_2] = ['aaaaaaaaaaaaaaaaaaaaaQ', 'aaaaaaaaaaaaaaaaaaaaag'].map(Uuid.fromString)

  test('forgets their offsets in all groups, and in open transactions', () => {
    covers(
      'OffsetMetadataManagerTest.testOnTopicsDeletedWithZeroTopicId',
      'OffsetMetadataManagerTest.testOnTopicsDeletedWithMatchingTopicId',
    )
    for (const topicId of [Uuid.ZERO_UUID, ID_1!]) {
      const harness = new OffsetHarness()
      harness.committed('g1', 'foo', 1, { topicId })
      harness.committed('g2', 'foo', 2, { topicId })
      harness.committed('g2', 'bar', 0, { topicId })
      harness.committed('g3', 'foo', 3, { topicId, producerId: 10n })
      expect(harness.deleteTopics({ id: ID_1!, name: 'foo' })).toEqual([
        newOffsetCommitTombstoneRecord('g1', 'foo', 1),
        newOffsetCommitTombstoneRecord('g2', 'foo', 2),
        newOffsetCommitTombstoneRecord('g3', 'foo', 3),
      ])
      expect(harness.hasOffset('g2', 'bar', 0)).toBe(true)
      expect(harness.hasOffset('g3', 'foo', 3)).toBe(false)
    }
  })

  test('keeps the offsets of a new topic of the same name', () => {
    covers(
      'OffsetMetadataManagerTest.testOnTopicsDeletedWithMismatchedTopicId',
      'OffsetMetadataManagerTest.testOnTopicsDeletedWithMixedTopicIds',
    )
    const harness = new OffsetHarness()
    harness.committed('g', 'foo', 0, { topicId: ID_1! })
    harness.committed('g', 'foo', 1, { topicId: ID_2! })
    harness.committed('g', 'foo', 2)
    expect(harness.deleteTopics({ id: ID_1!, name: 'foo' })).toEqual([
      newOffsetCommitTombstoneRecord('g', 'foo', 0),
      newOffsetCommitTombstoneRecord('g', 'foo', 2),
    ])
    expect(harness.hasOffset('g', 'foo', 1)).toBe(true)
  })
})

describe('growing old', () => {
  test('concerns nobody who has no offsets', () => {
    covers('OffsetMetadataManagerTest.testCleanupExpiredOffsetsGroupHasNoOffsets')
    const harness = new OffsetHarness()
    expect(harness.cleanupExpiredOffsets('unknown')).toEqual({ records: [], isEmpty: true })
  })

  test('without a group cannot be: offsets never outlive theirs', () => {
    covers('OffsetMetadataManagerTest.testCleanupExpiredOffsetsGroupDoesNotExist')
    const harness = new OffsetHarness()
    harness.committed('foo', 'bar', 0)
    harness.manager.replay({ group: 'foo' }, null)
    expect(() => harness.cleanupExpiredOffsets('foo')).toThrow(GroupIdNotFoundException)
  })

  test('does not happen while a group is being rebalanced', () => {
    covers('OffsetMetadataManagerTest.testCleanupExpiredOffsetsEmptyOffsetExpirationCondition')
    const harness = new OffsetHarness({ 'offsets.retention.minutes': 1 })
    harness.groupInFirstGeneration()
    harness.committed('foo', 'topic', 0)
    harness.sleepQuietly(MINUTE_MS)
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({ records: [], isEmpty: false })
  })

  test('spares topics that the group reads, and offsets that are young', () => {
    covers('OffsetMetadataManagerTest.testCleanupExpiredOffsets')
    const harness = new OffsetHarness({ 'offsets.retention.minutes': 1 })
    const group = harness.groupInFirstGeneration()
    group.transitionTo('Stable')
    group.subscribedTopics = new Set(['first'])
    const commitTimestampMs = harness.time.milliseconds()
    const later = { commitTimestampMs: commitTimestampMs + 500 }
    harness.committed('foo', 'first', 0, { commitTimestampMs })
    harness.committed('foo', 'second', 0, { commitTimestampMs })
    harness.committed('foo', 'second', 1, later)
    void harness.time.sleep(MINUTE_MS)
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({
      records: [newOffsetCommitTombstoneRecord('foo', 'second', 0)],
      isEmpty: false,
    })
    void harness.time.sleep(500)
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({
      records: [newOffsetCommitTombstoneRecord('foo', 'second', 1)],
      isEmpty: false,
    })
    group.subscribedTopics = new Set()
    harness.committed('foo', 'first', 1, later)
    harness.committed('foo', 'second', 0, later)
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({
      records: [
        newOffsetCommitTombstoneRecord('foo', 'first', 0),
        newOffsetCommitTombstoneRecord('foo', 'first', 1),
        newOffsetCommitTombstoneRecord('foo', 'second', 0),
      ],
      isEmpty: true,
    })
  })

  test('begins when the last member has left, not with the commit', () => {
    const harness = new OffsetHarness({ 'offsets.retention.minutes': 1 })
    const group = harness.groupInFirstGeneration()
    group.transitionTo('Stable')
    harness.committed('foo', 'bar', 0)
    void harness.time.sleep(MINUTE_MS)
    group.remove('member')
    group.transitionTo('PreparingRebalance')
    group.initNextGeneration()
    expect(group.isEmpty()).toBe(true)
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({ records: [], isEmpty: false })
    void harness.time.sleep(MINUTE_MS - 1)
    expect(harness.cleanupExpiredOffsets('foo').isEmpty).toBe(false)
    void harness.time.sleep(1)
    expect(harness.cleanupExpiredOffsets('foo').isEmpty).toBe(true)
  })

  test('happens when the commit said, whatever the broker keeps by itself', () => {
    const harness = new OffsetHarness({ 'offsets.retention.minutes': 1 })
    harness.commit({ retentionTimeMs: 2 * MINUTE_MS }, 4)
    void harness.time.sleep(2 * MINUTE_MS - 1)
    expect(harness.cleanupExpiredOffsets('foo').records).toEqual([])
    void harness.time.sleep(1)
    expect(harness.cleanupExpiredOffsets('foo').records).toHaveLength(1)
  })

  test('waits for transactions that are open', () => {
    covers(
      'OffsetMetadataManagerTest.testCleanupExpiredOffsetsWithPendingTransactionalOffsets',
      'OffsetMetadataManagerTest.testCleanupExpiredOffsetsWithPendingTransactionalOffsetsOnly',
    )
    const harness = new OffsetHarness({ 'offsets.retention.minutes': 1 })
    harness.committed('foo', 'bar', 0)
    harness.committed('foo', 'bar', 0, { producerId: 10n })
    harness.committed('foo', 'bar', 1)
    void harness.time.sleep(MINUTE_MS)
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({
      records: [newOffsetCommitTombstoneRecord('foo', 'bar', 1)],
      isEmpty: false,
    })
    harness.replayOffsets([newOffsetCommitTombstoneRecord('foo', 'bar', 0)])
    harness.committed('foo', 'bar', 2, { producerId: 10n })
    expect(harness.cleanupExpiredOffsets('foo')).toEqual({ records: [], isEmpty: false })
  })
})
