import { describe, expect, test } from 'vitest'
import { Uuid } from '../../../src/common/Uuid.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import { OffsetHarness } from './OffsetHarness.ts'

const nothing = (partitionIndex: number) => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: 0,
})
const unstable = (partitionIndex: number) => ({
  ...nothing(partitionIndex),
  errorCode: Errors.UNSTABLE_OFFSET_COMMIT.code,
})
const offset = (partitionIndex: number, committedOffset: number, committedLeaderEpoch = 1) => ({
  partitionIndex,
  committedOffset,
  committedLeaderEpoch,
  metadata: 'metadata',
  errorCode: 0,
})
const [ID_1, ID_2] = ['aaaaaaaaaaaaaaaaaaaaaQ', 'aaaaaaaaaaaaaaaaaaaaag'].map(Uuid.fromString)

describe('a fetch of some partitions', () => {
  test('finds nothing in a group that is dead here, or that there is not, and that is no error', () => {
    covers(
      'OffsetMetadataManagerTest.testGenericGroupFetchOffsetsWithDeadGroup',
      'OffsetMetadataManagerTest.testFetchOffsetsWithUnknownGroup',
    )
    const harness = new OffsetHarness()
    harness.classicGroup('dead').transitionTo('Dead')
    for (const groupId of ['dead', 'unknown']) {
      expect(harness.fetch(groupId, { foo: [0, 1], bar: [0] })).toMatchObject([
        { name: 'foo', partitions: [nothing(0), nothing(1)] },
        { name: 'bar', partitions: [nothing(0)] },
      ])
    }
  })

  test('has an answer for each, in the order of the request', () => {
    const harness = new OffsetHarness()
    harness.committed('group', 'foo', 0, { committedOffset: 100, leaderEpoch: 1 })
    harness.committed('group', 'bar', 2, { committedOffset: 300, leaderEpoch: 3 })
    harness.committed('other', 'foo', 1)
    expect(harness.fetch('group', { bar: [2, 0], foo: [1, 0], baz: [0] })).toMatchObject([
      { name: 'bar', partitions: [offset(2, 300, 3), nothing(0)] },
      { name: 'foo', partitions: [nothing(1), offset(0, 100)] },
      { name: 'baz', partitions: [nothing(0)] },
    ])
  })

  test('by the id of a topic finds what was committed without one', () => {
    covers('OffsetMetadataManagerTest.testFetchOffsetsWithTopicIds')
    const harness = new OffsetHarness()
    harness.committed('group', 'foo', 0, { leaderEpoch: 1 })
    expect(harness.fetch('group', { foo: [0] }, { topicId: ID_1! })).toEqual([
      { name: 'foo', topicId: ID_1, partitions: [offset(0, 100)] },
    ])
  })

  test('does not take an offset of a topic that is gone for one of a new topic of its name', () => {
    covers('OffsetMetadataManagerTest.testFetchOffsetsWithRecreatedTopic')
    const harness = new OffsetHarness()
    for (const partition of [0, 1]) {
      harness.committed('group', 'foo', partition, { leaderEpoch: 1, topicId: ID_1! })
    }
    const fetch = (topicId: Uuid) => harness.fetch('group', { foo: [0, 1] }, { topicId })
    expect(fetch(ID_1!)).toMatchObject([{ partitions: [offset(0, 100), offset(1, 100)] }])
    expect(fetch(ID_2!)).toMatchObject([{ partitions: [nothing(0), nothing(1)] }])
    expect(fetch(Uuid.ZERO_UUID)).toMatchObject([{ partitions: [offset(0, 100), offset(1, 100)] }])
  })

  test('that must be stable is told to come again while a transaction is open', () => {
    covers('OffsetMetadataManagerTest.testFetchOffsetsWithPendingTransactionalOffsets')
    const harness = new OffsetHarness()
    harness.committed('group', 'foo', 0, { committedOffset: 100, leaderEpoch: 1 })
    harness.committed('group', 'foo', 0, { committedOffset: 110, producerId: 10n })
    harness.committed('group', 'foo', 1, { committedOffset: 111, producerId: 10n })
    harness.committed('group', 'bar', 0, { committedOffset: 200, leaderEpoch: 1 })
    const wanted = { foo: [0, 1], bar: [0, 1] }
    expect(harness.fetch('group', wanted)).toMatchObject([
      { partitions: [unstable(0), unstable(1)] },
      { partitions: [offset(0, 200), nothing(1)] },
    ])
    expect(harness.fetch('group', wanted, { requireStable: false })).toMatchObject([
      { partitions: [offset(0, 100), nothing(1)] },
      { partitions: [offset(0, 200), nothing(1)] },
    ])
  })
})

describe('a fetch of everything', () => {
  test('finds nothing in a group that is dead here, or that there is not', () => {
    covers(
      'OffsetMetadataManagerTest.testGenericGroupFetchAllOffsetsWithDeadGroup',
      'OffsetMetadataManagerTest.testFetchAllOffsetsWithUnknownGroup',
    )
    const harness = new OffsetHarness()
    harness.committed('dead', 'foo', 0)
    harness.classicGroup('dead').transitionTo('Dead')
    expect(harness.fetchAll('dead')).toEqual([])
    expect(harness.fetchAll('unknown')).toEqual([])
  })

  test('has the offsets of this group, and of no other', () => {
    const harness = new OffsetHarness()
    harness.committed('group', 'foo', 0, { leaderEpoch: 1 })
    harness.committed('group', 'foo', 1, { committedOffset: 101, leaderEpoch: 1 })
    harness.committed('group', 'bar', 0, { committedOffset: 200, leaderEpoch: 1 })
    harness.committed('other', 'foo', 7)
    expect(harness.fetchAll('group')).toEqual([
      { name: 'foo', topicId: Uuid.ZERO_UUID, partitions: [offset(0, 100), offset(1, 101)] },
      { name: 'bar', topicId: Uuid.ZERO_UUID, partitions: [offset(0, 200)] },
    ])
  })

  test('that must be stable is told which offsets may change', () => {
    covers('OffsetMetadataManagerTest.testFetchAllOffsetsWithPendingTransactionalOffsets')
    const harness = new OffsetHarness()
    harness.committed('group', 'foo', 0, { committedOffset: 100, leaderEpoch: 1 })
    harness.committed('group', 'foo', 0, { committedOffset: 110, producerId: 10n })
    // Nothing was committed here before: there is nothing to show, and nothing to wait for.
    harness.committed('group', 'foo', 1, { committedOffset: 111, producerId: 10n })
    expect(harness.fetchAll('group')).toMatchObject([{ partitions: [unstable(0)] }])
    expect(harness.fetchAll('group', false)).toMatchObject([{ partitions: [offset(0, 100)] }])
    harness.endTransaction(10n, true)
    expect(harness.fetchAll('group')).toMatchObject([
      { partitions: [offset(0, 110, 0), offset(1, 111, 0)] },
    ])
  })
})
