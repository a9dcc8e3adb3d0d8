import { beforeEach, describe, expect, test } from 'vitest'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import {
  KafkaStorageException,
  OffsetOutOfRangeException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import type { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'
import { batch, batchOf, DIR, openLog, type TestContext, testContext, valuesOf } from './helpers.ts'

let context: TestContext

beforeEach(() => {
  context = testContext()
})

const ANY_TIME = { 'message.timestamp.after.max.ms': 1e12 }

const append = (log: UnifiedLog, ...values: string[]): number =>
  log.appendAsLeader(batch(values), 0).firstOffset

const files = (suffix: string): string[] =>
  context.storage.list(DIR).filter((name) => name.endsWith(suffix))

const stamped = (timestamp: number, value = 'v'): MemoryRecords =>
  withRecords({}, { timestamp, key: null, value: utf8Bytes(value) })

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
    log.appendAsLeader(batchOf(1n, 0, 0), 0)
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
    for (let i = 0; i < 9; i++) log.appendAsLeader(batchOf(1n, 0, i), 0)
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
