import { beforeEach, describe, expect, test } from 'vitest'
import type { AppendOrigin } from '../../../src/broker/log/ProducerAppendInfo.ts'
import {
  CorruptSnapshotException,
  decodeSnapshot,
  encodeSnapshot,
} from '../../../src/broker/log/ProducerSnapshot.ts'
import { ProducerStateEntry } from '../../../src/broker/log/ProducerStateEntry.ts'
import { ProducerStateManager } from '../../../src/broker/log/ProducerStateManager.ts'
import {
  InvalidProducerEpochException,
  OutOfOrderSequenceException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { covers } from '../../support/covers.ts'
import { DIR, PARTITION, type TestContext, testContext } from './helpers.ts'

const EXPIRATION_MS = 100_000
const MAX_INT = 2 ** 31 - 1
const PID = 1n

let context: TestContext
let manager: ProducerStateManager

const open = (): ProducerStateManager =>
  new ProducerStateManager({
    topicPartition: PARTITION,
    storage: context.storage,
    dir: DIR,
    producerIdExpirationMs: EXPIRATION_MS,
    logger: context.logger,
  })

const now = (): number => context.time.milliseconds()

const append = (
  producerId: bigint,
  epoch: number,
  seq: number,
  offset: number,
  options: { timestamp?: number; origin?: AppendOrigin; count?: number } = {},
): void => {
  const { timestamp = now(), origin = 'client', count = 1 } = options
  const info = manager.prepareUpdate(producerId, origin)
  const lastSeq = (seq + count - 1) % 2 ** 31
  info.appendDataBatch(epoch, seq, lastSeq, timestamp, offset, offset + count - 1)
  manager.update(info)
  manager.updateMapEndOffset(offset + count)
}

const snapshots = (): number[] =>
  context.storage
    .list(DIR)
    .filter((name) => name.endsWith('.snapshot'))
    .map((name) => Number.parseInt(name, 10))

beforeEach(() => {
  context = testContext()
  context.storage.makeDirectory(DIR)
  manager = open()
})

describe('ProducerStateManager, checking what a producer sends', () => {
  test('accepts the next sequence and nothing else', () => {
    covers('ProducerStateManagerTest.testBasicIdMapping')
    append(PID, 0, 0, 0)
    append(PID, 0, 1, 0)
    expect(() => append(PID, 0, 1, 0)).toThrow(OutOfOrderSequenceException)
    expect(() => append(PID, 0, 5, 0)).toThrow(OutOfOrderSequenceException)
    append(PID, 1, 0, 0)
    expect(() => append(PID, 0, 5, 0)).toThrow(InvalidProducerEpochException)
  })

  test('accepts any first sequence of a producer that nothing is remembered of', () => {
    covers('ProducerStateManagerTest.testNoValidationOnFirstEntryWhenLoadingLog')
    append(PID, 5, 16, 735)
    const entry = manager.lastEntry(PID)!
    expect(entry.producerEpoch).toBe(5)
    expect(entry.firstSeq).toBe(16)
    expect(entry.lastSeq).toBe(16)
    expect(entry.lastDataOffset).toBe(735)
    expect(entry.firstDataOffset).toBe(735)
  })

  test('goes on at 0 behind the largest sequence', () => {
    covers(
      'ProducerStateManagerTest.testProducerSequenceWrapAround',
      'ProducerStateManagerTest.testProducerSequenceWithWrapAroundBatchRecord',
    )
    append(PID, 15, MAX_INT, 735, { origin: 'replication' })
    append(PID, 15, 0, 736)
    expect(manager.lastEntry(PID)?.lastSeq).toBe(0)

    append(2n, 0, MAX_INT - 9, 2000, { count: 20, origin: 'replication' })
    const entry = manager.lastEntry(2n)!
    expect([entry.firstSeq, entry.lastSeq, entry.firstDataOffset, entry.lastDataOffset]).toEqual([
      MAX_INT - 9,
      9,
      2000,
      2019,
    ])
  })

  test('does not take 1 for the sequence behind the largest', () => {
    covers('ProducerStateManagerTest.testProducerSequenceInvalidWrapAround')
    append(PID, 15, MAX_INT, 735, { origin: 'replication' })
    expect(() => append(PID, 15, 1, 736)).toThrow(OutOfOrderSequenceException)
  })

  test('wants a new epoch to begin at 0', () => {
    append(PID, 3, 10, 0)
    expect(() => append(PID, 4, 7, 1)).toThrow(/Invalid sequence number for new epoch/)
    append(PID, 4, 0, 1)
  })

  test('changes nothing before the append is done', () => {
    covers('ProducerStateManagerTest.testPrepareUpdateDoesNotMutate')
    const info = manager.prepareUpdate(PID, 'client')
    info.appendDataBatch(0, 0, 5, now(), 15, 20)
    expect(manager.lastEntry(PID)).toBeUndefined()
    manager.update(info)
    const next = manager.prepareUpdate(PID, 'client')
    next.appendDataBatch(0, 6, 10, now(), 26, 30)
    expect(manager.lastEntry(PID)?.lastSeq).toBe(5)
    manager.update(next)
    expect(manager.lastEntry(PID)?.lastDataOffset).toBe(30)
  })

  test('takes what a leader sent without asking for sequences', () => {
    covers(
      'ProducerStateManagerTest.testAcceptAppendWithoutProducerStateOnReplica',
      'ProducerStateManagerTest.testAcceptAppendWithSequenceGapsOnReplica',
      'ProducerStateManagerTest.testSequenceNotValidatedForGroupMetadataTopic',
    )
    append(PID, 0, 5, 0, { origin: 'replication' })
    append(PID, 0, 9, 1, { origin: 'replication' })
    expect(manager.lastEntry(PID)?.lastSeq).toBe(9)
    append(2n, 0, 5, 2, { origin: 'coordinator' })
    append(2n, 0, 2, 3, { origin: 'coordinator' })
  })

  test('remembers five batches and recognises each of them', () => {
    for (let seq = 0; seq < 7; seq++) append(PID, 0, seq, seq * 10)
    const entry = manager.lastEntry(PID)!
    expect(entry.batchMetadata.map((each) => each.firstSeq)).toEqual([2, 3, 4, 5, 6])
  })

  test('forgets producers that are idle for too long', () => {
    covers('ProducerStateManagerTest.testPidExpirationTimeout')
    append(PID, 5, 0, 1)
    context.time.setCurrentTimeMs(now() + EXPIRATION_MS + 1)
    manager.removeExpiredProducers(now())
    expect(manager.isEmpty()).toBe(true)
    append(PID, 0, 1, 2)
    expect(manager.activeProducers().size).toBe(1)
  })
})

describe('ProducerStateManager, snapshots', () => {
  test('are written when something happened since the last one', () => {
    covers(
      'ProducerStateManagerTest.testTakeSnapshot',
      'ProducerStateManagerTest.testSkipSnapshotIfOffsetUnchanged',
    )
    append(PID, 0, 0, 0)
    append(PID, 0, 1, 1)
    manager.takeSnapshot()
    expect(snapshots()).toEqual([2])
    expect(manager.takeSnapshot()).toBeUndefined()
    append(PID, 0, 2, 2)
    manager.takeSnapshot()
    expect(snapshots()).toEqual([2, 3])
  })

  test('bring the state back', () => {
    covers(
      'ProducerStateManagerTest.testReadWriteSnapshot',
      'ProducerStateManagerTest.testRecoverFromSnapshotEmptyTransaction',
      'ProducerStateManagerTest.testFetchSnapshotEmptySnapShot',
    )
    expect(manager.fetchSnapshot(1)).toBeUndefined()
    append(PID, 2, 0, 0)
    append(PID, 2, 1, 1)
    append(99n, 0, 0, 2)
    manager.takeSnapshot()
    manager = open()
    manager.truncateAndReload(0, 3, now())
    expect(manager.mapEndOffset()).toBe(3)
    const entry = manager.lastEntry(PID)!
    expect([entry.producerEpoch, entry.lastSeq, entry.lastDataOffset]).toEqual([2, 1, 1])
    append(PID, 2, 2, 3)
    expect(() => append(99n, 0, 5, 4)).toThrow(OutOfOrderSequenceException)
  })

  test('do not bring back producers that have expired since', () => {
    covers(
      'ProducerStateManagerTest.testRemoveExpiredPidsOnReload',
      'ProducerStateManagerTest.testLoadFromSnapshotRetainsNonExpiredProducers',
    )
    append(PID, 0, 0, 0)
    append(2n, 0, 0, 1, { timestamp: now() + 5000 })
    manager.takeSnapshot()
    manager = open()
    manager.truncateAndReload(0, 2, now() + EXPIRATION_MS + 100)
    expect([...manager.activeProducers().keys()]).toEqual([2n])
  })

  test('are thrown away when they are empty, cut off or changed, for an older one', () => {
    covers(
      'ProducerStateManagerTest.testLoadFromEmptySnapshotFile',
      'ProducerStateManagerTest.testLoadFromTruncatedSnapshotFile',
      'ProducerStateManagerTest.testLoadFromCorruptSnapshotFile',
    )
    const spoil: ((size: number, path: string) => void)[] = [
      (_size, path) => context.storage.open(path).truncate(0),
      (size, path) => context.storage.open(path).truncate(Math.floor(size / 2)),
      (size, path) => context.storage.open(path).write(size - 20, Uint8Array.of(0xff, 0xff, 0xff)),
    ]
    for (const damage of spoil) {
      context = testContext()
      context.storage.makeDirectory(DIR)
      manager = open()
      append(PID, 0, 0, 0)
      manager.takeSnapshot()
      append(PID, 0, 1, 1)
      const latest = manager.takeSnapshot()!
      damage(context.storage.open(latest).size(), latest)
      manager = open()
      manager.truncateAndReload(0, 20, now())
      expect(manager.mapEndOffset()).toBe(1)
      expect(manager.lastEntry(PID)?.lastSeq).toBe(0)
      expect(snapshots()).toEqual([1])
    }
  })

  test('outside the log are removed', () => {
    covers(
      'ProducerStateManagerTest.testTruncateAndReloadRemovesOutOfRangeSnapshots',
      'ProducerStateManagerTest.testDeleteSnapshotsBefore',
      'ProducerStateManagerTest.testTruncateFullyAndStartAt',
    )
    for (let i = 0; i < 5; i++) {
      append(PID, 0, i, i)
      manager.takeSnapshot()
    }
    expect(manager.oldestSnapshotOffset()).toBe(1)
    manager.truncateAndReload(1, 3, now())
    expect(snapshots()).toEqual([2, 3])
    expect(manager.mapEndOffset()).toBe(3)
    manager.deleteSnapshotsBefore(3)
    expect(snapshots()).toEqual([3])
    manager.truncateFullyAndStartAt(0)
    expect(snapshots()).toEqual([])
    expect(manager.mapEndOffset()).toBe(0)
    append(PID, 0, 0, 0)
    manager.takeSnapshot()
    expect(snapshots()).toEqual([1])
  })

  test("of no segment are strays, but the newest at the log's end stays", () => {
    covers(
      'ProducerStateManagerTest.testRemoveStraySnapshotsKeepCleanShutdownSnapshot',
      'ProducerStateManagerTest.testRemoveAllStraySnapshots',
      'ProducerStateManagerTest.testReloadSnapshots',
    )
    const touch = (offset: number): void => {
      manager.updateMapEndOffset(offset)
      manager.takeSnapshot()
    }
    for (const offset of [1, 2, 5, 42]) touch(offset)
    manager.removeStraySnapshots([5, 2])
    expect(snapshots()).toEqual([2, 5, 42])
    manager.removeStraySnapshots([42, 50])
    expect(snapshots()).toEqual([42])
    expect(open().latestSnapshotOffset()).toBe(42)
  })

  test('are renamed before they are deleted later', () => {
    covers(
      'ProducerStateManagerTest.testRemoveAndMarkSnapshotForDeletion',
      'ProducerStateManagerTest.testRemoveAndMarkSnapshotForDeletionAlreadyDeleted',
    )
    append(PID, 0, 0, 0)
    const path = manager.takeSnapshot()!
    expect(manager.removeAndMarkSnapshotForDeletion(1)).toBe(`${path}.deleted`)
    expect(manager.latestSnapshotOffset()).toBeUndefined()
    append(PID, 0, 1, 1)
    context.storage.remove(manager.takeSnapshot()!)
    expect(manager.removeAndMarkSnapshotForDeletion(2)).toBeUndefined()
    expect(manager.removeAndMarkSnapshotForDeletion(77)).toBeUndefined()
  })

  test("have Kafka's layout", () => {
    const entry = new ProducerStateEntry(0x0102030405060708n, 9)
    entry.addBatch(9, 20, 1000, 4, 123_456)
    const bytes = encodeSnapshot([entry], 1)
    expect(bytes.length).toBe(2 + 4 + 4 + 46)
    const [read] = decodeSnapshot(bytes)
    expect(read?.batchMetadata).toEqual(entry.batchMetadata)
    expect(read?.producerId).toBe(entry.producerId)
    bytes[1] = 7
    expect(() => decodeSnapshot(bytes)).toThrow(/unknown file version/)
    expect(() => decodeSnapshot(new Uint8Array(3))).toThrow(CorruptSnapshotException)
  })
})
