import { beforeEach, describe, expect, test } from 'vitest'
import {
  OffsetsOutOfOrderException,
  UnexpectedAppendOffsetException,
} from '../../../src/broker/log/analyzeAndValidateRecords.ts'
import {
  fetchOffsetByTimestamp,
  ListOffsetsTimestamp,
} from '../../../src/broker/log/fetchOffsetByTimestamp.ts'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import {
  CorruptRecordException,
  InconsistentTopicIdException,
  InvalidProducerEpochException,
  InvalidRecordException,
  KafkaStorageException,
  OffsetOutOfRangeException,
  OutOfOrderSequenceException,
  RecordBatchTooLargeException,
  RecordTooLargeException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  DIR,
  idempotent,
  joined,
  openLog,
  recordsOf,
  type TestContext,
  testContext,
  text,
  valuesOf,
} from './logSupport.ts'

let context: TestContext

beforeEach(() => {
  context = testContext()
})

const append = (log: UnifiedLog, ...values: string[]): number =>
  log.appendAsLeader(batch(values), 0).firstOffset

const files = (suffix: string): string[] =>
  context.storage.list(DIR).filter((name) => name.endsWith(suffix))

const ANY_TIME = { 'message.timestamp.after.max.ms': 1e12 }

const stamped = (timestamp: number, value = 'v'): MemoryRecords =>
  withRecords({}, { timestamp, key: null, value: text(value) })

describe('UnifiedLog, appending and reading', () => {
  test('gives records consecutive offsets and gives them back in order', () => {
    covers(
      'UnifiedLogTest.testAppendAndReadWithSequentialOffsets',
      'UnifiedLogTest.testAppendInfoFirstOffset',
      'UnifiedLogTest.testLoadEmptyLog',
    )
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 71 * 3 })
    const values = Array.from({ length: 100 }, (_, i) => `v${i}`)
    for (const [i, value] of values.entries()) expect(append(log, value)).toBe(i)
    expect(recordsOf(log)).toEqual(values.map((value, offset) => ({ offset, value })))
    expect(log.read(50, 1, 'logEnd', true).fetchOffsetMetadata.messageOffset).toBe(50)
    expect(log.read(100, 1000, 'logEnd', true).records.sizeInBytes).toBe(0)
  })

  test('reads across gaps that offsets of a leader leave', () => {
    covers(
      'UnifiedLogTest.testAppendAndReadWithNonSequentialOffsets',
      'UnifiedLogTest.testReadAtLogGap',
      'UnifiedLogTest.testNonSequentialAppend',
    )
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 300 })
    const offsets = [0, 1, 2, 50, 51, 100, 200, 201]
    for (const offset of offsets)
      log.appendAsFollower(batch([`v${offset}`], { baseOffset: offset }), 0)
    for (let offset = 0; offset <= 201; offset++) {
      const expected = offsets.find((each) => each >= offset)
      const bytes = log.read(offset, 1, 'logEnd', true).records.toBytes()
      expect(MemoryRecords.readableRecords(bytes).batchIterator().next().baseOffset).toBe(expected)
    }
  })

  test('gives the first batch whole, and no part of one that does not fit', () => {
    covers('UnifiedLogTest.testReadWithMinMessage', 'UnifiedLogTest.testReadWithTooSmallMaxLength')
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 300 })
    for (let i = 0; i < 10; i++) append(log, `value ${i}`)
    for (let i = 0; i < 10; i++) {
      expect(valuesIn(log, i, 1, true)[0]).toBe(`value ${i}`)
      expect(log.read(i, 1, 'logEnd', false).firstEntryIncomplete).toBe(true)
      expect(valuesIn(log, i, 0, false)).toEqual([])
    }
  })

  test('refuses offsets outside what it has', () => {
    covers('UnifiedLogTest.testReadOutOfRange')
    const log = openLog(context, {}, { logStartOffset: 1024 })
    append(log, 'v')
    expect(log.read(1025, 1000, 'logEnd', true).records.sizeInBytes).toBe(0)
    expect(() => log.read(1023, 1000, 'logEnd', true)).toThrow(OffsetOutOfRangeException)
    expect(() => log.read(1026, 1000, 'logEnd', true)).toThrow(OffsetOutOfRangeException)
  })

  test("shows up to the high watermark, or to the log's end", () => {
    covers('UnifiedLogTest.testFetchUpToHighWatermark', 'UnifiedLogTest.testFetchUpToLogEndOffset')
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 200 })
    for (let i = 0; i < 10; i++) append(log, `v${i}`)
    for (let hw = 0; hw <= 10; hw++) {
      log.updateHighWatermark(hw)
      for (let offset = 0; offset <= 10; offset++) {
        const seen = valuesIn(log, offset, 10_000, true, 'highWatermark')
        expect(seen.length > 0).toBe(offset < hw)
        expect(valuesIn(log, offset, 10_000, true).length > 0).toBe(offset < 10)
      }
    }
  })

  test('keeps compressed batches as they came', () => {
    covers('UnifiedLogTest.testCompressedMessages')
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 110 })
    log.appendAsLeader(batch(['hello', 'there'], { compression: Compression.gzip() }), 0)
    log.appendAsLeader(batch(['alpha', 'beta'], { compression: Compression.gzip() }), 0)
    expect(recordsOf(log)).toEqual([
      { offset: 0, value: 'hello' },
      { offset: 1, value: 'there' },
      { offset: 2, value: 'alpha' },
      { offset: 3, value: 'beta' },
    ])
  })

  test('keeps null keys and values', () => {
    covers(
      'UnifiedLogTest.testAppendMessageWithNullPayload',
      'UnifiedLogTest.testAppendWithNoTimestamp',
    )
    const log = openLog(context)
    log.appendAsLeader(withRecords({}, { timestamp: -1, key: null, value: null }), 0)
    const [read] = MemoryRecords.readableRecords(
      log.read(0, 4096, 'logEnd', true).records.toBytes(),
    ).batches()
    expect([...read!].map((each) => [each.offset, each.value, each.timestamp])).toEqual([
      [0, null, -1],
    ])
  })

  test('puts its epoch into batches and remembers where it began', () => {
    covers(
      'UnifiedLogTest.shouldApplyEpochToMessageOnAppendIfLeader',
      'UnifiedLogTest.followerShouldSaveEpochInformationFromReplicatedMessagesToTheEpochCache',
    )
    const log = openLog(context)
    log.appendAsLeader(batch(['a', 'b']), 72)
    log.appendAsFollower(batch(['c'], { baseOffset: 2, partitionLeaderEpoch: 80 }), 80)
    expect(log.leaderEpochCache.epochEntries()).toEqual([
      { epoch: 72, startOffset: 0 },
      { epoch: 80, startOffset: 2 },
    ])
    const bytes = log.read(0, 4096, 'logEnd', true).records.toBytes()
    expect(
      [...MemoryRecords.readableRecords(bytes).batches()].map((each) => each.partitionLeaderEpoch),
    ).toEqual([72, 80])
    expect(log.endOffsetForEpoch(72)).toEqual({ epoch: 72, endOffset: 2 })
    expect(log.endOffsetForEpoch(90)).toBeUndefined()
  })

  test('leaves out what a newer leader wrote than this replica knows of', () => {
    covers('UnifiedLogTest.testInvalidLeaderEpoch')
    const log = openLog(context)
    const epochs = [0, 1, 2]
    const records = joined(
      ...epochs.map((epoch) =>
        batch([`e${epoch}`], { baseOffset: epoch, partitionLeaderEpoch: epoch }),
      ),
    )
    log.appendAsFollower(records, 1)
    expect(valuesOf(log)).toEqual(['e0', 'e1'])
  })
})

const valuesIn = (
  log: UnifiedLog,
  offset: number,
  maxLength: number,
  minOneMessage: boolean,
  isolation: 'logEnd' | 'highWatermark' = 'logEnd',
): string[] => {
  const info = log.read(offset, maxLength, isolation, minOneMessage)
  const records = MemoryRecords.readableRecords(info.records.toBytes())
  return [...records.batches()].flatMap((each) =>
    [...each].map((record) => new TextDecoder().decode(record.value ?? undefined)),
  )
}

describe('UnifiedLog, what it refuses', () => {
  test('batches above max.message.bytes, but not from a leader', () => {
    covers(
      'UnifiedLogTest.testMessageSizeCheck',
      'UnifiedLogTest.testMessageSizeCheckInAppendAsFollower',
    )
    const small = batch(['You'])
    const large = batch(['change (I need more bytes)... blah blah blah.'])
    const log = openLog(context, { 'max.message.bytes': large.sizeInBytes - 1 })
    log.appendAsLeader(small, 0)
    expect(() => log.appendAsLeader(large, 0)).toThrow(RecordTooLargeException)
    log.appendAsFollower(
      batch(['change (I need more bytes)... blah blah blah.'], { baseOffset: 1 }),
      0,
    )
    expect(log.logEndOffset).toBe(2)
  })

  test('a batch that fits into no segment', () => {
    covers('UnifiedLogTest.testMessageSetSizeCheck')
    const records = batch(['You', 'bethe', 'change'])
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: records.sizeInBytes - 1 })
    expect(() => log.appendAsLeader(records, 0)).toThrow(RecordBatchTooLargeException)
  })

  test('offsets of a leader that go back, or do not grow', () => {
    covers(
      'UnifiedLogTest.testAppendWithOutOfOrderOffsetsThrowsException',
      'UnifiedLogTest.testAppendBelowExpectedOffsetThrowsException',
      'UnifiedLogTest.testAppendEmptyLogBelowLogStartOffsetThrowsException',
    )
    const log = openLog(context, {}, { logStartOffset: 7 })
    expect(() => log.appendAsFollower(batch(['x'], { baseOffset: 4 }), 0)).toThrow(
      UnexpectedAppendOffsetException,
    )
    log.appendAsFollower(batch(['a', 'b'], { baseOffset: 7 }), 0)
    expect(() => log.appendAsFollower(batch(['x'], { baseOffset: 8 }), 0)).toThrow(
      UnexpectedAppendOffsetException,
    )
    const disordered = joined(batch(['x'], { baseOffset: 20 }), batch(['y'], { baseOffset: 15 }))
    expect(() => log.appendAsFollower(disordered, 0)).toThrow(OffsetsOutOfOrderException)
  })

  test('bytes that are no batch, whatever they are', () => {
    covers('UnifiedLogTest.testInvalidMemoryRecords', 'UnifiedLogTest.testRandomRecords')
    const log = openLog(context)
    const random = new SeededRandom(5)
    const corrupt = batch(['hello'])
    corrupt.bytes[65]! ^= 0xff
    expect(() => log.appendAsLeader(corrupt, 0)).toThrow(CorruptRecordException)
    const moved = batch(['hello'])
    new DataView(moved.bytes.buffer).setBigInt64(0, 5n)
    expect(() => log.appendAsLeader(moved, 0)).toThrow(InvalidRecordException)
    for (let i = 0; i < 300; i++) {
      const rubbish = MemoryRecords.readableRecords(random.nextBytes(random.nextInt(200)))
      try {
        log.appendAsLeader(rubbish, 0)
      } catch (error) {
        expect((error as Error).name).toMatch(
          /^(CorruptRecord|InvalidRecord|UnsupportedForMessageFormat)Exception$/,
        )
      }
    }
    expect(log.logEndOffset).toBe(0)
  })

  test('records without a key on a compacted topic', () => {
    covers('UnifiedLogTest.testCompactedTopicConstraints')
    const log = openLog(context, { 'cleanup.policy': 'compact' })
    const keyed = (key: string | null) =>
      withRecords({}, { timestamp: 1, key: key === null ? null : text(key), value: text('v') })
    log.appendAsLeader(keyed('k'), 0)
    expect(() => log.appendAsLeader(keyed(null), 0)).toThrow(/rejected due to 1 record errors/)
    expect(log.logEndOffset).toBe(1)
  })
})

describe('UnifiedLog, idempotent producers', () => {
  test('a batch sent before is answered with the offset it has, not written again', () => {
    covers('UnifiedLogTest.testDuplicateAppends')
    const log = openLog(context)
    for (let seq = 0; seq < 20; seq++) {
      const info = log.appendAsLeader(idempotent(1n, 0, seq * 2, ['a', 'b']), 0)
      expect(info.firstOffset).toBe(seq * 2)
    }
    for (let back = 15; back < 20; back++) {
      const info = log.appendAsLeader(idempotent(1n, 0, back * 2, ['a', 'b']), 0)
      expect(info.isDuplicate).toBe(true)
      expect([info.firstOffset, info.lastOffset]).toEqual([back * 2, back * 2 + 1])
    }
    expect(log.logEndOffset).toBe(40)
    // Older than the last five: nobody knows any more whether it is the same.
    expect(() => log.appendAsLeader(idempotent(1n, 0, 0, ['a', 'b']), 0)).toThrow(
      OutOfOrderSequenceException,
    )
    // The same first sequence with another length is no duplicate.
    expect(() => log.appendAsLeader(idempotent(1n, 0, 38, ['a']), 0)).toThrow(
      OutOfOrderSequenceException,
    )
  })

  test('several in flight keep their order, and a gap is refused without a trace', () => {
    const log = openLog(context)
    log.appendAsLeader(idempotent(1n, 0, 0), 0)
    expect(() => log.appendAsLeader(idempotent(1n, 0, 2), 0)).toThrow(OutOfOrderSequenceException)
    log.appendAsLeader(idempotent(1n, 0, 1), 0)
    log.appendAsLeader(idempotent(1n, 0, 2), 0)
    expect(log.logEndOffset).toBe(3)
    expect(log.producerStateManager.lastEntry(1n)?.lastSeq).toBe(2)
  })

  test('an older epoch is fenced', () => {
    covers('UnifiedLogTest.testOldProducerEpoch')
    const log = openLog(context)
    log.appendAsLeader(idempotent(1n, 1, 0), 0)
    expect(() => log.appendAsLeader(idempotent(1n, 0, 0), 0)).toThrow(InvalidProducerEpochException)
  })

  test('several producers in what a leader sent are told apart', () => {
    covers(
      'UnifiedLogTest.testMultipleProducerIdsPerMemoryRecord',
      'UnifiedLogTest.testActiveProducers',
    )
    const log = openLog(context)
    const parts = [1n, 2n, 3n, 4n].map((pid, i) => idempotent(pid, 0, 0, ['v'], { baseOffset: i }))
    log.appendAsFollower(joined(...parts), 0)
    expect([...log.producerStateManager.activeProducers().keys()]).toEqual([1n, 2n, 3n, 4n])
    expect(log.appendAsLeader(idempotent(3n, 0, 0), 0).firstOffset).toBe(2)
  })

  test('transactional records are refused: no transaction can be under way', () => {
    const log = openLog(context)
    const records = idempotent(1n, 0, 0, ['v'], { isTransactional: true })
    expect(() => log.appendAsLeader(records, 0)).toThrow(/not part of an ongoing transaction/)
  })

  test('are remembered after a restart in order, and after a crash', () => {
    covers(
      'UnifiedLogTest.testProducerIdMapOffsetUpdatedForNonIdempotentData',
      'UnifiedLogTest.testProducerIdMapTruncateTo',
    )
    const log = openLog(context)
    log.appendAsLeader(idempotent(1n, 0, 0), 0)
    append(log, 'plain')
    log.appendAsLeader(idempotent(1n, 0, 1), 0)
    expect(log.producerStateManager.mapEndOffset()).toBe(3)

    const crashed = testContext((context.storage as MemoryStorage).afterKill(), context.time)
    const recovered = openLog(crashed)
    expect(recovered.appendAsLeader(idempotent(1n, 0, 1), 0).firstOffset).toBe(2)
    recovered.appendAsLeader(idempotent(1n, 0, 2), 0)

    log.close()
    const reopened = openLog(context, {}, { hadCleanShutdown: true, recoveryPoint: 3 })
    expect(reopened.appendAsLeader(idempotent(1n, 0, 1), 0).isDuplicate).toBe(true)
    expect(() => reopened.appendAsLeader(idempotent(1n, 0, 7), 0)).toThrow(
      OutOfOrderSequenceException,
    )

    reopened.truncateTo(1)
    reopened.appendAsLeader(idempotent(1n, 0, 1), 0)
    expect(reopened.logEndOffset).toBe(2)
  })
})

describe('UnifiedLog, segments', () => {
  test('rolls by size', () => {
    covers('UnifiedLogTest.testSizeBasedLogRoll', 'UnifiedLogTest.testLogRolls')
    const size = batch(['test']).sizeInBytes
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: (size - 1) * 10 })
    for (let i = 0; i < 100; i++) append(log, 'test')
    expect(log.numberOfSegments()).toBeGreaterThan(9)
    expect(valuesOf(log)).toHaveLength(100)
    expect(files('.log')).toHaveLength(log.numberOfSegments())
  })

  test("rolls by the records' time", () => {
    covers('UnifiedLogTest.testTimeBasedLogRollDuringAppend')
    const log = openLog(context, { 'segment.ms': 3_600_000, ...ANY_TIME })
    const t0 = context.time.milliseconds()
    const at = (afterMs: number): number => {
      log.appendAsLeader(stamped(t0 + afterMs), 0)
      return log.numberOfSegments()
    }
    expect(at(0)).toBe(1)
    expect(at(3_600_001)).toBe(2)
    // An older record does not make the segment look young again.
    expect(at(0)).toBe(2)
    expect(at(7_200_003)).toBe(3)
  })

  test('holds back a roll by its jitter', () => {
    covers('UnifiedLogTest.testTimeBasedLogRollJitter')
    const log = openLog(context, {
      'segment.ms': 3_600_000,
      'segment.jitter.ms': 1_200_000,
      ...ANY_TIME,
    })
    const { rollJitterMs } = log.activeSegment()
    expect(rollJitterMs).toBeGreaterThan(0)
    const t0 = context.time.milliseconds()
    log.appendAsLeader(stamped(t0), 0)
    log.appendAsLeader(stamped(t0 + 3_600_000 - rollJitterMs), 0)
    expect(log.numberOfSegments()).toBe(1)
    log.appendAsLeader(stamped(t0 + 3_600_000 - rollJitterMs + 1), 0)
    expect(log.numberOfSegments()).toBe(2)
  })

  test('makes an empty active segment anew, and refuses one that is there', () => {
    covers(
      'UnifiedLogTest.testRollSegmentThatAlreadyExists',
      'LocalLogTest.testRollEmptyActiveSegment',
    )
    const log = openLog(context, { 'segment.index.bytes': 1024 })
    log.roll(0)
    expect(log.numberOfSegments()).toBe(1)
    append(log, 'a')
    log.roll()
    append(log, 'b')
    expect(log.numberOfSegments()).toBe(2)
    expect(valuesOf(log)).toEqual(['a', 'b'])
  })

  test("writes the producers' state at each roll", () => {
    covers('UnifiedLogTest.testProducerSnapshotAfterSegmentRollOnAppend')
    const log = openLog(context)
    log.appendAsLeader(idempotent(1n, 0, 0), 0)
    log.roll()
    expect(files('.snapshot')).toEqual(['00000000000000000001.snapshot'])
  })

  test('keeps the place of the high watermark when a segment begins behind it', () => {
    covers('UnifiedLogTest.testHighWatermarkMetadataUpdatedAfterSegmentRoll')
    const log = openLog(context)
    append(log, 'a', 'b')
    log.updateHighWatermark(2)
    log.roll()
    const { highWatermark } = log.fetchOffsetSnapshot()
    expect(highWatermark.segmentBaseOffset).toBe(2)
    expect(highWatermark.relativePositionInSegment).toBe(0)
  })

  test('keeps the high watermark between start and end', () => {
    covers(
      'UnifiedLogTest.testHighWatermarkMaintenance',
      'UnifiedLogTest.testCannotIncrementLogStartOffsetPastHighWatermark',
      'UnifiedLogTest.testOffsetSnapshot',
    )
    const log = openLog(context)
    append(log, 'a', 'b', 'c')
    expect(log.highWatermark).toBe(0)
    expect(log.updateHighWatermark(1)).toBe(1)
    expect(log.updateHighWatermark(100)).toBe(3)
    expect(log.updateHighWatermark(-3)).toBe(0)
    expect(() => log.maybeIncrementLogStartOffset(1)).toThrow(OffsetOutOfRangeException)
    log.updateHighWatermark(2)
    expect(log.maybeIncrementLogStartOffset(2)).toBe(true)
    expect(log.maybeIncrementLogStartOffset(1)).toBe(false)
    expect(log.updateHighWatermark(0)).toBe(2)
    expect(log.fetchOffsetSnapshot().logEndOffset.messageOffset).toBe(3)
    log.truncateTo(2)
    expect(log.highWatermark).toBe(2)
  })
})

describe('UnifiedLog, cutting', () => {
  test('removes records from an offset on', () => {
    covers(
      'UnifiedLogTest.testTruncateTo',
      'UnifiedLogTest.testTruncateToEndOffsetClearsEpochCache',
      'UnifiedLogTest.shouldTruncateLeaderEpochCheckpointFileWhenTruncatingLog',
    )
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 75 * 10 })
    for (let i = 0; i < 12; i++) log.appendAsLeader(batch([`v${i}`]), i < 6 ? 1 : 2)
    const size = log.size
    expect(log.truncateTo(12)).toBe(false)
    expect(log.truncateTo(13)).toBe(false)
    expect(log.size).toBe(size)
    expect(() => log.truncateTo(-1)).toThrow(IllegalArgumentException)
    expect(log.truncateTo(6)).toBe(true)
    expect(log.logEndOffset).toBe(6)
    expect(log.leaderEpochCache.epochEntries()).toEqual([{ epoch: 1, startOffset: 0 }])
    log.truncateTo(0)
    expect(log.size).toBe(0)
    for (let i = 0; i < 12; i++) append(log, `w${i}`)
    expect(valuesOf(log)[11]).toBe('w11')
  })

  test('begins anew at an offset', () => {
    covers(
      'UnifiedLogTest.testTruncateFullyAndStart',
      'UnifiedLogTest.testProducerIdMapTruncateFullyAndStartAt',
    )
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 200 })
    for (let i = 0; i < 9; i++) log.appendAsLeader(idempotent(1n, 0, i), 0)
    log.truncateFullyAndStartAt(29)
    expect([log.logStartOffset, log.logEndOffset, log.highWatermark]).toEqual([29, 29, 29])
    expect(log.numberOfSegments()).toBe(1)
    expect(log.producerStateManager.isEmpty()).toBe(true)
    expect(append(log, 'a')).toBe(29)
    log.truncateFullyAndStartAt(2, 1)
    expect([log.logStartOffset, log.logEndOffset]).toEqual([1, 2])
  })

  test('gives indexes their room back', () => {
    covers('UnifiedLogTest.testIndexResizingAtTruncation')
    const size = stamped(1, 'test').sizeInBytes
    const log = openLog(context, {
      [INTERNAL_SEGMENT_BYTES]: size * 100,
      'index.interval.bytes': size - 1,
    })
    for (let i = 1; i <= 200; i++)
      log.appendAsLeader(stamped(context.time.milliseconds() + i, 'test'), 0)
    expect(log.numberOfSegments()).toBe(2)
    log.truncateTo(0)
    expect(log.numberOfSegments()).toBe(1)
    const max = log.config.maxIndexSize
    expect(log.activeSegment().offsetIndex.maxEntries()).toBe(Math.floor(max / 8))
    expect(log.activeSegment().timeIndex.maxEntries()).toBe(Math.floor(max / 12))
  })

  test('deletes the files of removed segments later', () => {
    covers('UnifiedLogTest.testAsyncDelete')
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 150, 'file.delete.delay.ms': 1000 })
    for (let i = 0; i < 10; i++) append(log, `v${i}`)
    log.truncateTo(1)
    expect(files('.deleted').length).toBeGreaterThan(0)
    void context.time.sleep(1001)
    expect(files('.deleted')).toEqual([])
  })
})

describe('UnifiedLog, times', () => {
  test('finds offsets by time, earliest, latest, and the largest time', () => {
    covers(
      'UnifiedLogTest.testFetchOffsetByTimestampIncludesLeaderEpoch',
      'UnifiedLogTest.testFetchOffsetByTimestampWithMaxTimestampIncludesTimestamp',
      'UnifiedLogTest.testFetchLatestTieredTimestampNoRemoteStorage',
      'UnifiedLogTest.testFetchEarliestPendingUploadTimestampNoRemoteStorage',
    )
    const { EARLIEST, LATEST, MAX, EARLIEST_LOCAL, LATEST_TIERED, EARLIEST_PENDING_UPLOAD } =
      ListOffsetsTimestamp
    const log = openLog(context, { [INTERNAL_SEGMENT_BYTES]: 80 })
    expect(fetchOffsetByTimestamp(log, 0)).toBeUndefined()
    const now = context.time.milliseconds()
    log.appendAsLeader(stamped(now), 0)
    log.appendAsLeader(stamped(now + 1), 1)
    log.appendAsLeader(stamped(now), 2)
    expect(fetchOffsetByTimestamp(log, now)).toEqual({ timestamp: now, offset: 0, leaderEpoch: 0 })
    expect(fetchOffsetByTimestamp(log, now + 1)).toEqual({
      timestamp: now + 1,
      offset: 1,
      leaderEpoch: 1,
    })
    expect(fetchOffsetByTimestamp(log, now + 2)).toBeUndefined()
    expect(fetchOffsetByTimestamp(log, EARLIEST)).toEqual({
      timestamp: -1,
      offset: 0,
      leaderEpoch: 0,
    })
    expect(fetchOffsetByTimestamp(log, EARLIEST_LOCAL)?.offset).toBe(0)
    expect(fetchOffsetByTimestamp(log, LATEST)).toEqual({
      timestamp: -1,
      offset: 3,
      leaderEpoch: 2,
    })
    expect(fetchOffsetByTimestamp(log, MAX)).toEqual({
      timestamp: now + 1,
      offset: 1,
      leaderEpoch: 1,
    })
    for (const none of [LATEST_TIERED, EARLIEST_PENDING_UPLOAD]) {
      expect(fetchOffsetByTimestamp(log, none)).toEqual({
        timestamp: -1,
        offset: -1,
        leaderEpoch: -1,
      })
    }
  })
})

describe('UnifiedLog, its directory', () => {
  test("keeps the topic's id and refuses another", () => {
    covers(
      'UnifiedLogTest.testLogRecoversTopicId',
      'UnifiedLogTest.testLogFailsWhenInconsistentTopicIdSet',
      'UnifiedLogTest.testLogFlushesPartitionMetadataOnAppend',
      'UnifiedLogTest.testTopicIdTransfersAfterDirectoryRename',
    )
    const topicId = Uuid.randomUuid(context.random)
    const log = openLog(context, {}, { topicId })
    append(log, 'v')
    log.close()
    expect(openLog(context).topicId?.equals(topicId)).toBe(true)
    expect(() => openLog(context, {}, { topicId: Uuid.randomUuid(context.random) })).toThrow(
      InconsistentTopicIdException,
    )
    const renamed = openLog(context)
    renamed.renameDir('orders-0.x-delete')
    expect(context.storage.exists('orders-0.x-delete/partition.metadata')).toBe(true)
    append(renamed, 'still written')
    renamed.delete()
    expect(context.storage.exists('orders-0.x-delete')).toBe(false)
  })

  test('is taken out of service by a failed write, and recovers without the half of it', () => {
    covers('UnifiedLogTest.testAppendToOrReadFromLogInFailedLogDir')
    const storage = context.storage as MemoryStorage
    const log = openLog(context)
    append(log, 'kept')
    storage.failWrites((path) => path.endsWith('.log'))
    expect(() => append(log, 'lost')).toThrow(KafkaStorageException)
    storage.failWrites(undefined)
    expect(() => append(log, 'refused')).toThrow(/already offline/)
    expect(() => log.read(0, 10, 'logEnd', true)).toThrow(KafkaStorageException)
    expect(context.logger.messages('error')).toHaveLength(1)
    log.close()
    expect(valuesOf(openLog(testContext(storage)))).toEqual(['kept'])
  })
})

describe('UnifiedLog, flushing', () => {
  test('moves the recovery point behind what is on the disk', async () => {
    covers('UnifiedLogTest.testFlushingEmptyActiveSegments')
    const log = openLog(context)
    append(log, 'a', 'b')
    expect(log.recoveryPoint).toBe(0)
    await log.flush()
    expect(log.recoveryPoint).toBe(2)
    log.roll()
    await log.flush()
    expect(log.recoveryPoint).toBe(2)
  })

  test('shares one flush among all who come while another runs', async () => {
    let flushes = 0
    const storage = new MemoryStorage()
    context = testContext(storage)
    const log = openLog(context, { 'flush.messages': 1 })
    storage.failFlushes((path) => {
      if (path.endsWith('.log')) flushes++
      return false
    })
    const infos = Array.from({ length: 50 }, (_, i) => log.appendAsLeader(batch([`v${i}`]), 0))
    await Promise.all(infos.map((info) => info.pendingFlush))
    expect(flushes).toBe(2)
    expect(valuesOf(openLog(testContext(storage.powerLoss())))).toHaveLength(50)
  })

  test('a failed flush takes the directory out of service and moves nothing', async () => {
    covers('UnifiedLogTest.testRecoveryPointNotIncrementedOnProducerStateSnapshotFlushFailure')
    const storage = context.storage as MemoryStorage
    const log = openLog(context)
    append(log, 'a')
    storage.failFlushes(() => true)
    await expect(log.flush()).rejects.toThrow(KafkaStorageException)
    expect(log.recoveryPoint).toBe(0)
    expect(() => append(log, 'b')).toThrow(KafkaStorageException)
  })
})
