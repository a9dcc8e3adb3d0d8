/** Transactional commits as a log of Kafka's has them: nothing here writes one yet. */

import { expect, test } from 'vitest'
import { covers } from '../../support/covers.ts'
import { newOffsetCommitTombstoneRecord, OffsetHarness } from './OffsetHarness.ts'

test('an offset of a transaction waits beside the one that counts, for each producer', () => {
  covers('OffsetMetadataManagerTest.testTransactionalReplay')
  const harness = new OffsetHarness()
  const first = harness.committed('foo', 'bar', 0, { committedOffset: 100, producerId: 5n })
  const second = harness.committed('foo', 'bar', 0, { committedOffset: 200, producerId: 5n })
  const other = harness.committed('foo', 'bar', 0, { committedOffset: 300, producerId: 6n })
  expect(first.recordOffset).toBe(0)
  expect(harness.offsets.offset('foo', 'bar', 0)).toBeUndefined()
  expect(harness.offsets.pendingTransactionalOffset(5n, 'foo', 'bar', 0)).toEqual(second)
  expect(harness.offsets.pendingTransactionalOffset(6n, 'foo', 'bar', 0)).toEqual(other)
  expect(harness.manager.group('foo').isEmpty()).toBe(true)
})

test('a tombstone takes the offset out of every transaction', () => {
  covers('OffsetMetadataManagerTest.testReplayWithTombstoneAndPendingTransactionalOffsets')
  const harness = new OffsetHarness()
  harness.committed('foo', 'bar', 0, { producerId: 10n })
  harness.committed('foo', 'bar', 1, { producerId: 10n })
  harness.committed('foo', 'bar', 0, { producerId: 11n })
  harness.replayOffsets([newOffsetCommitTombstoneRecord('foo', 'bar', 0)])
  expect(harness.offsets.hasPendingTransactionalOffsets('foo', 'bar', 0)).toBe(false)
  expect(harness.offsets.hasPendingTransactionalOffsets('foo', 'bar', 1)).toBe(true)
  harness.endTransaction(11n, true)
  expect(harness.offsets.hasCommittedOffset('foo', 'bar', 0)).toBe(false)
})

test('the end of a transaction makes its offsets count, or forgets them', () => {
  covers('OffsetMetadataManagerTest.testReplayTransactionEndMarkerWithCommit')
  const harness = new OffsetHarness()
  const plain = harness.committed('foo', 'bar', 0, { committedOffset: 99 })
  const committed = harness.committed('foo', 'bar', 0, { committedOffset: 100, producerId: 5n })
  const alone = harness.committed('foo', 'bar', 1, { committedOffset: 101, producerId: 5n })
  harness.committed('foo', 'bar', 1, { committedOffset: 200, producerId: 6n })
  harness.endTransaction(7n, true)
  expect(harness.offsets.offset('foo', 'bar', 0)).toEqual(plain)
  harness.endTransaction(5n, true)
  expect(harness.offsets.offset('foo', 'bar', 0)).toEqual(committed)
  expect(harness.offsets.offset('foo', 'bar', 1)).toEqual(alone)
  expect(harness.offsets.pendingTransactionalOffset(5n, 'foo', 'bar', 0)).toBeUndefined()
  harness.endTransaction(6n, false)
  expect(harness.offsets.offset('foo', 'bar', 1)).toEqual(alone)
  expect(harness.offsets.hasPendingTransactionalOffsets('foo', 'bar', 1)).toBe(false)
})

test('what was committed later in the log is newer, whenever the transaction ended', () => {
  covers(
    'OffsetMetadataManagerTest.testReplayTransactionEndMarkerKeepsTheMostRecentCommittedOffset',
  )
  const harness = new OffsetHarness()
  harness.committed('foo', 'bar', 0, { committedOffset: 100, producerId: 5n })
  const plain = harness.committed('foo', 'bar', 0, { committedOffset: 101 })
  harness.endTransaction(5n, true)
  expect(harness.offsets.offset('foo', 'bar', 0)).toEqual(plain)
})
