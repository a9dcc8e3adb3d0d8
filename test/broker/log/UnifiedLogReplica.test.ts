import { beforeEach, describe, expect, test } from 'vitest'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { producerSnapshotFile } from '../../../src/broker/log/LogFileUtils.ts'
import { LogOffsetMetadata } from '../../../src/broker/log/LogOffsetMetadata.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { crc32c } from '../../../src/common/Crc32C.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import type { TraceEntry } from '../../../src/common/Trace.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { DefaultRecordBatch } from '../../../src/record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../../src/record/MemoryRecordsBuilder.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  batchOf,
  concat,
  DIR,
  listSnapshots,
  logDirOn,
  readAll,
  record,
  type TestLogDir,
  testLogDir,
} from './helpers.ts'

const PRODUCER = 1n

let dir: TestLogDir
let log: UnifiedLog

beforeEach(() => {
  dir = testLogDir()
  log = dir.open()
})

const lastSequences = (of: UnifiedLog = log): Map<bigint, number> =>
  new Map([...of.producerStateManager.activeProducers()].map(([id, entry]) => [id, entry.lastSeq]))

/**
 * What compaction leaves of a batch of four records from offset 23 on: those at `kept`, under a
 * header that still says where the batch ended.
 */
const compacted = (...kept: number[]): MemoryRecords => {
  const builder = new MemoryRecordsBuilder({
    buffer: new ByteBufferOutputStream(256),
    baseOffset: 23,
    producerId: PRODUCER,
    producerEpoch: 0,
    baseSequence: 0,
    partitionLeaderEpoch: 0,
  })
  const timestamp = dir.time.milliseconds()
  for (const offset of kept.length === 0 ? [23] : kept) {
    builder.appendWithOffset(offset, timestamp, null, record('v').value)
  }
  const built = builder.build().bytes
  const { CRC_OFFSET, LAST_OFFSET_DELTA_OFFSET, LENGTH_OFFSET } = DefaultRecordBatch
  const { RECORD_BATCH_OVERHEAD, RECORDS_COUNT_OFFSET } = DefaultRecordBatch
  const bytes = kept.length === 0 ? built.slice(0, RECORD_BATCH_OVERHEAD) : built
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  view.setInt32(LENGTH_OFFSET, bytes.length - LENGTH_OFFSET - 4)
  view.setInt32(LAST_OFFSET_DELTA_OFFSET, 3)
  view.setInt32(RECORDS_COUNT_OFFSET, kept.length)
  view.setUint32(CRC_OFFSET, crc32c(bytes, CRC_OFFSET + 4, bytes.length - CRC_OFFSET - 4))
  return MemoryRecords.readableRecords(bytes)
}

describe('UnifiedLog: a follower', () => {
  test('takes a batch again that its leader has twice: it was checked there', () => {
    covers('UnifiedLogTest.testDuplicateAppendToFollower')
    for (const baseOffset of [0, 2]) {
      const options = { baseOffset, partitionLeaderEpoch: 0 }
      log.appendAsFollower(batchOf(PRODUCER, 0, 0, ['a', 'b'], options), 0)
    }
    expect(log.logEndOffset).toBe(4)
  })

  test('takes several producers, and duplicates, in one append', () => {
    covers('UnifiedLogTest.testMultipleProducersWithDuplicatesInSingleAppend')
    const shapes: [producerId: bigint, sequence: number][] = [
      [1n, 0],
      [2n, 0],
      [1n, 1],
      [2n, 1],
      [1n, 1],
    ]
    const batches = shapes.map(([producerId, sequence], baseOffset) =>
      batchOf(producerId, 0, sequence, 'v', { baseOffset, partitionLeaderEpoch: 0 }),
    )
    log.appendAsFollower(concat(...batches), 0)
    expect(log.logEndOffset).toBe(5)
    expect(lastSequences()).toEqual(
      new Map([
        [1n, 1],
        [2n, 1],
      ]),
    )
  })

  test.each([
    ['thinned out', 'testRebuildProducerIdMapWithCompactedData', [23, 25]],
    ['emptied', 'testRebuildProducerStateWithEmptyCompactedBatch', []],
  ])('knows the last sequence of a batch that compaction has %s', (_what, scenario, kept) => {
    covers(`UnifiedLogTest.${scenario}`, 'UnifiedLogTest.testUpdateProducerIdMapWithCompactedData')
    log.appendAsFollower(compacted(...kept), 0)
    expect(lastSequences()).toEqual(new Map([[PRODUCER, 3]]))
    expect(log.logEndOffset).toBe(27)

    // And again when the state is read from the log.
    log.appendAsFollower(batch(['e', 'f'], { baseOffset: 27, partitionLeaderEpoch: 0 }), 0)
    log.truncateTo(27)
    expect(lastSequences()).toEqual(new Map([[PRODUCER, 3]]))
    const again = logDirOn(dir.storage.afterKill(), dir.time).open()
    expect(lastSequences(again)).toEqual(new Map([[PRODUCER, 3]]))
    expect(again.logEndOffset).toBe(27)
    expect(again.appendAsLeader(batchOf(PRODUCER, 0, 4), 0).firstOffset).toBe(27)
  })

  test('has an entry of the time index for each batch, as its leader has', () => {
    covers('UnifiedLogTest.testBuildTimeIndexWhenNotAssigningOffsets')
    log = logDirOn(testLogDir().storage).open({ settings: { 'index.interval.bytes': 1 } })
    for (let i = 0; i < 100; i++) {
      const options = { baseOffset: 100 + i, timestamp: 1_000 + i, partitionLeaderEpoch: 0 }
      log.appendAsFollower(batch(String(i), options), 0)
    }
    const entries = log.logSegments().map((segment) => segment.timeIndex.entries())
    expect(entries.reduce((sum, each) => sum + each, 0)).toBe(99)
    expect(log.activeSegment().timeIndex.lastEntry().timestamp).toBe(1_099)
  })

  test('that begins far behind has its first segment where its first batch is', () => {
    log.truncateFullyAndStartAt(1_000)
    log.appendAsFollower(batch(['a', 'b'], { baseOffset: 1_000, partitionLeaderEpoch: 3 }), 3)
    expect(readAll(log).map(({ offset }) => offset)).toEqual([1_000, 1_001])
    expect(log.leaderEpochCache.epochEntries()).toEqual([{ epoch: 3, startOffset: 1_000 }])
    expect(() => log.read(999, 100, 'logEnd', true)).toThrow(/starting from offset: 1000/)
  })
})

describe('UnifiedLog: snapshots of producers', () => {
  test('each segment begins with one, and a flush removes none', async () => {
    covers('UnifiedLogTest.testTakeSnapshotOnRollAndDeleteSnapshotOnRecoveryPointCheckpoint')
    for (const value of ['a', 'b', 'c']) {
      log.appendAsLeader(batch(value), 0)
      log.roll()
    }
    expect(listSnapshots(dir.storage)).toEqual([1, 2, 3])
    log.appendAsLeader(batch('d'), 0)
    await log.flush()
    expect(listSnapshots(dir.storage)).toEqual([1, 2, 3])
  })

  test('a log that has none gets those of its last segments when it is opened', () => {
    covers('UnifiedLogTest.testInitializationOfProducerSnapshotsUpgradePath')
    const settings = { [INTERNAL_SEGMENT_BYTES]: 640 }
    dir = testLogDir()
    log = dir.open({ settings })
    expect(log.producerStateManager.oldestSnapshotOffset()).toBeUndefined()
    for (let i = 0; i <= 100; i++) log.appendAsLeader(batch(String(i)), 0)
    const bases = log.logSegments().map((segment) => segment.baseOffset)
    log.close()

    const reopened = (options: { hadCleanShutdown: boolean; recoveryPoint: number }): number[] => {
      const copy = dir.storage.afterKill()
      for (const offset of listSnapshots(copy)) copy.remove(producerSnapshotFile(DIR, offset))
      logDirOn(copy, dir.time).open({ settings, ...options })
      return listSnapshots(copy)
    }
    const lastTwo = [...bases.slice(-2), 101]
    expect(reopened({ hadCleanShutdown: true, recoveryPoint: 101 })).toEqual(lastTwo)
    expect(reopened({ hadCleanShutdown: false, recoveryPoint: 101 })).toEqual(lastTwo)
    expect(reopened({ hadCleanShutdown: false, recoveryPoint: 0 })).toEqual([
      ...bases.slice(1),
      101,
    ])
  })

  test('a cut without any goes back to what the log itself says', () => {
    covers('UnifiedLogTest.testProducerIdMapTruncateToWithNoSnapshots')
    const timestamp = dir.time.milliseconds()
    for (const sequence of [0, 1]) {
      log.appendAsLeader(batchOf(PRODUCER, 0, sequence, 'v', { timestamp }), 0)
    }
    for (const offset of listSnapshots(dir.storage)) {
      dir.storage.remove(producerSnapshotFile(DIR, offset))
    }
    log.truncateTo(1)
    expect(lastSequences()).toEqual(new Map([[PRODUCER, 0]]))
    expect(log.appendAsLeader(batchOf(PRODUCER, 0, 1), 0).firstOffset).toBe(1)
  })
})

describe('UnifiedLog: its directory', () => {
  test('epochs and topic id are written where it was renamed to', () => {
    covers(
      'UnifiedLogTest.testWriteLeaderEpochCheckpointAfterDirectoryRename',
      'UnifiedLogTest.testTopicIdTransfersAfterDirectoryRename',
      'UnifiedLogTest.testTopicIdFlushesBeforeDirectoryRename',
    )
    const topicId = Uuid.randomUuid(new SeededRandom(5))
    dir = testLogDir()
    log = dir.open({ topicId })
    log.appendAsLeader(batch('a'), 5)
    log.renameDir('orders-7')
    log.appendAsLeader(batch('b'), 10)
    log.close()

    const moved = logDirOn(dir.storage).open({ dir: 'orders-7' })
    expect(moved.leaderEpochCache.epochEntries()).toEqual([
      { epoch: 5, startOffset: 0 },
      { epoch: 10, startOffset: 1 },
    ])
    expect(String(moved.topicId)).toBe(String(topicId))
    expect(dir.storage.exists(DIR)).toBe(false)
  })

  test('a topic id is on the disk once the log is made', () => {
    covers(
      'UnifiedLogTest.testLogFlushesPartitionMetadataOnClose',
      'UnifiedLogTest.testLogFlushesPartitionMetadataOnAppend',
    )
    const topicId = Uuid.randomUuid(new SeededRandom(5))
    const other = testLogDir()
    other.open({ topicId })
    expect(String(logDirOn(other.storage.afterKill()).open().topicId)).toBe(String(topicId))
  })
})

describe('UnifiedLog: where offsets are', () => {
  test('each segment knows the time of its first batch', () => {
    covers('UnifiedLogTest.testGetFirstBatchTimestampForSegments')
    expect(log.activeSegment().getFirstBatchTimestamp()).toBe(Number.POSITIVE_INFINITY)
    for (const timestamp of [1_000, 2_000]) {
      log.appendAsLeader(batch('v', { timestamp }), 0)
      log.roll()
    }
    expect(log.logSegments().map((segment) => segment.getFirstBatchTimestamp())).toEqual([
      1_000,
      2_000,
      Number.POSITIVE_INFINITY,
    ])
  })

  test('a high watermark of which only the offset is known finds its place when asked', () => {
    log.appendAsLeader(batch(['a', 'b']), 0)
    log.appendAsLeader(batch('c'), 0)
    log.updateHighWatermark(2)
    const { highWatermark } = log.fetchOffsetSnapshot()
    expect(highWatermark).toEqual(new LogOffsetMetadata(2, 0, batch(['a', 'b']).sizeInBytes))
    const committed = log.read(0, 1_000, 'highWatermark', true)
    expect(committed.records.sizeInBytes).toBe(highWatermark.relativePositionInSegment)
  })
})

describe('UnifiedLog: trace', () => {
  test('appends and reads are seen with their offsets and bytes', () => {
    const seen: TraceEntry[] = []
    dir.bus.listen((entry) => seen.push(entry))
    log.appendAsLeader(batch(['a', 'b']), 0)
    log.read(0, 1_000, 'logEnd', true)
    const bytes = batch(['a', 'b']).sizeInBytes
    const partition = { topic: 'orders', partition: 0 }
    expect(seen.map(({ name, fields }) => ({ name, fields }))).toEqual([
      {
        name: 'broker.log.append',
        fields: { ...partition, firstOffset: 0, lastOffset: 1, records: 2, bytes, segment: 0 },
      },
      {
        name: 'broker.log.read',
        fields: { ...partition, startOffset: 0, maxBytes: 1_000, bytes },
      },
    ])
    expect(seen[0]?.source).toBe('broker-1')
  })
})
