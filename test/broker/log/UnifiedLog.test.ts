import { beforeEach, describe, expect, test } from 'vitest'
import {
  OffsetsOutOfOrderException,
  UnexpectedAppendOffsetException,
} from '../../../src/broker/log/analyzeAndValidateRecords.ts'
import { fetchOffsetByTimestamp } from '../../../src/broker/log/fetchOffsetByTimestamp.ts'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import type { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import {
  CorruptRecordException,
  InconsistentTopicIdException,
  InvalidRecordException,
  KafkaStorageException,
  OffsetOutOfRangeException,
  RecordBatchTooLargeException,
  RecordTooLargeException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import { ListOffsetsRequest } from '../../../src/protocol/messages/ListOffsets.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  concat,
  openLog,
  readAll,
  type TestContext,
  testContext,
  valuesOf,
} from './helpers.ts'

let context: TestContext

beforeEach(() => {
  context = testContext()
})

const append = (log: UnifiedLog, ...values: string[]): number =>
  log.appendAsLeader(batch(values), 0).firstOffset

const stamped = (timestamp: number, value = 'v'): MemoryRecords =>
  withRecords({}, { timestamp, key: null, value: utf8Bytes(value) })

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
    expect(readAll(log)).toEqual(values.map((value, offset) => ({ offset, value })))
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
    expect(readAll(log)).toEqual([
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
    const records = concat(
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
    const disordered = concat(batch(['x'], { baseOffset: 20 }), batch(['y'], { baseOffset: 15 }))
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
      withRecords(
        {},
        { timestamp: 1, key: key === null ? null : utf8Bytes(key), value: utf8Bytes('v') },
      )
    log.appendAsLeader(keyed('k'), 0)
    expect(() => log.appendAsLeader(keyed(null), 0)).toThrow(/rejected due to 1 record errors/)
    expect(log.logEndOffset).toBe(1)
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
    const { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, MAX_TIMESTAMP } = ListOffsetsRequest
    const { EARLIEST_LOCAL_TIMESTAMP, LATEST_TIERED_TIMESTAMP } = ListOffsetsRequest
    const { EARLIEST_PENDING_UPLOAD_TIMESTAMP } = ListOffsetsRequest
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
    expect(fetchOffsetByTimestamp(log, EARLIEST_TIMESTAMP)).toEqual({
      timestamp: -1,
      offset: 0,
      leaderEpoch: 0,
    })
    expect(fetchOffsetByTimestamp(log, EARLIEST_LOCAL_TIMESTAMP)?.offset).toBe(0)
    expect(fetchOffsetByTimestamp(log, LATEST_TIMESTAMP)).toEqual({
      timestamp: -1,
      offset: 3,
      leaderEpoch: 2,
    })
    expect(fetchOffsetByTimestamp(log, MAX_TIMESTAMP)).toEqual({
      timestamp: now + 1,
      offset: 1,
      leaderEpoch: 1,
    })
    for (const none of [LATEST_TIERED_TIMESTAMP, EARLIEST_PENDING_UPLOAD_TIMESTAMP]) {
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
