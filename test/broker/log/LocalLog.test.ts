import { beforeEach, describe, expect, test } from 'vitest'
import { deleteSegmentFiles, LocalLog, openSegment } from '../../../src/broker/log/LocalLog.ts'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import { logFile } from '../../../src/broker/log/LogFileUtils.ts'
import { LogOffsetMetadata } from '../../../src/broker/log/LogOffsetMetadata.ts'
import type { LogSegment } from '../../../src/broker/log/LogSegment.ts'
import { LogSegments } from '../../../src/broker/log/LogSegments.ts'
import { OffsetOutOfRangeException } from '../../../src/common/errors/ApiExceptions.ts'
import { IOException, KafkaException } from '../../../src/common/errors.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  DIR,
  offsetsIn,
  PARTITION,
  recordsIn,
  type TestLogDir,
  testLogDir,
} from './helpers.ts'

describe('LocalLog', () => {
  let dir: TestLogDir
  let log: LocalLog

  beforeEach(() => {
    dir = testLogDir()
    dir.storage.makeDirectory(DIR)
    const config = new LogConfig()
    const segments = new LogSegments(PARTITION)
    segments.add(openSegment(dir.context, DIR, 0, config))
    log = new LocalLog({
      context: dir.context,
      dir: DIR,
      config,
      segments,
      topicPartition: PARTITION,
      recoveryPoint: 0,
      nextOffsetMetadata: new LogOffsetMetadata(0, 0, 0),
    })
  })

  const append = (offset: number, ...values: string[]): void =>
    log.append(offset + values.length - 1, batch(values, { baseOffset: offset }))

  /** `count` batches of one record, a new segment behind each offset that `rollBehind` names. */
  const fill = (count: number, rollBehind: (offset: number) => boolean): void => {
    for (let offset = 0; offset < count; offset++) {
      append(offset, 'a')
      if (rollBehind(offset)) log.roll()
    }
  }

  const read = (from: number, max = log.logEndOffsetMetadata(), maxLength = 10_000) =>
    log.read(from, maxLength, false, max)

  const bases = (segments: readonly LogSegment[] = log.segments.values()): number[] =>
    segments.map((each) => each.baseOffset)

  const names = (): string[] => dir.storage.list(DIR)

  test('what is appended is read, and moves the end', () => {
    covers('LocalLogTest.testLogAppend')
    expect(recordsIn(read(0).records)).toEqual([])
    append(0, 'abc', 'de')
    expect(log.logEndOffset()).toBe(2)
    expect(log.recoveryPoint()).toBe(0)
    expect(recordsIn(read(0).records)).toEqual([
      { offset: 0, value: 'abc' },
      { offset: 1, value: 'de' },
    ])
    expect(log.logEndOffsetMetadata().relativePositionInSegment).toBe(
      log.segments.activeSegment().size,
    )
  })

  test('a flush moves the recovery point once it is marked', async () => {
    covers('LocalLogTest.testLogFlush')
    expect(log.lastFlushTime()).toBe(dir.time.milliseconds())
    append(0, 'a')
    dir.time.sleep(1)
    const { baseOffset } = log.roll()
    await log.flush(baseOffset)
    expect(log.recoveryPoint()).toBe(0)
    log.markFlushed(baseOffset)
    expect(log.recoveryPoint()).toBe(1)
    expect(log.lastFlushTime()).toBe(dir.time.milliseconds())
    expect(log.unflushedMessages()).toBe(0)
    expect(dir.storage.powerLoss().open(logFile(DIR, 0)).size()).toBeGreaterThan(0)
  })

  test('all segments go with their files, and then the directory', () => {
    covers(
      'LocalLogTest.testLogDeleteSegmentsSuccess',
      'LocalLogTest.testLogDeleteDirSuccessWhenEmptyAndFailureWhenNonEmpty',
    )
    append(0, 'a')
    log.roll()
    const before = log.segments.values()
    expect(() => log.deleteEmptyDir()).toThrow(KafkaException)
    expect(log.deleteAllSegments()).toEqual(before)
    expect(log.segments.isEmpty()).toBe(true)
    expect(names()).toEqual([])
    expect(dir.storage.exists(DIR)).toBe(true)
    log.deleteEmptyDir()
    expect(dir.storage.exists(DIR)).toBe(false)
  })

  test('an empty active segment is made anew instead of a second one', () => {
    covers('LocalLogTest.testRollEmptyActiveSegment')
    const old = log.segments.activeSegment()
    log.roll()
    expect(log.segments.numberOfSegments()).toBe(1)
    expect(log.segments.activeSegment()).not.toBe(old)
    expect(old.hasSuffix('.deleted')).toBe(true)
    append(0, 'a')
    dir.time.sleep(60_001)
    expect(names().filter((name) => name.endsWith('.deleted'))).toEqual([])
    expect(offsetsIn(read(0).records)).toEqual([0])
  })

  test('each roll begins at the end of the log', () => {
    covers('LocalLogTest.testNewSegmentsAfterRoll', 'LocalLogTest.testRollSegmentThatAlreadyExists')
    expect(log.roll().baseOffset).toBe(0)
    expect(log.segments.numberOfSegments()).toBe(1)
    append(0, 'k1')
    append(1, 'k2')
    expect(log.roll().baseOffset).toBe(2)
    expect(log.segments.numberOfSegments()).toBe(2)
    expect(log.logEndOffset()).toBe(2)
    append(2, 'k3')
    expect(log.roll(2).baseOffset).toBe(3)
    expect(log.roll(7).baseOffset).toBe(7)
    expect(bases()).toEqual([0, 2, 3, 7])
  })

  test('a segment before the active one is refused', () => {
    covers('LocalLogTest.testRollSegmentErrorWhenNextOffsetIsIllegal')
    append(0, 'a', 'b', 'c')
    // Nothing in the log does that: a segment stands behind its end.
    log.segments.add(openSegment(dir.context, DIR, 9, log.config))
    expect(() => log.roll()).toThrow(KafkaException)
    expect(() => log.roll()).toThrow(/start offset 3 .* lower than start offset of the active/)
    expect(bases()).toEqual([0, 9])
  })

  test('files that stand where a new segment begins are deleted first', () => {
    append(0, 'a')
    dir.storage.open(logFile(DIR, 1)).write(0, new Uint8Array(100))
    log.roll()
    expect(log.segments.activeSegment().size).toBe(0)
    expect(dir.logger.messages('warn').join()).toMatch(/already exists; deleting it first/)
  })

  test.each([
    ['at once', false],
    ['later', true],
  ])('removed segments are out of the log, their files go %s', (_when, asynchronous) => {
    covers(
      'LocalLogTest.testRemoveAndDeleteSegmentsSync',
      'LocalLogTest.testRemoveAndDeleteSegmentsAsync',
    )
    fill(9, () => true)
    expect(log.segments.numberOfSegments()).toBe(10)
    log.removeAndDeleteSegments(log.segments.values(), asynchronous)
    expect(log.segments.isEmpty()).toBe(true)
    if (asynchronous) {
      expect(names().every((name) => name.endsWith('.deleted'))).toBe(true)
      expect(names().length).toBeGreaterThanOrEqual(10)
      dir.time.sleep(log.config.fileDeleteDelayMs + 1)
    }
    expect(names()).toEqual([])
  })

  test('files of segments are renamed first when they are deleted later', () => {
    covers('LocalLogTest.testDeleteSegmentFilesSync', 'LocalLogTest.testDeleteSegmentFilesAsync')
    fill(3, () => true)
    const [first, second] = log.segments.values()
    deleteSegmentFiles(dir.context, [first!], 0)
    expect(dir.storage.exists(first!.log.path)).toBe(false)
    deleteSegmentFiles(dir.context, [second!], 1_000)
    expect(second!.hasSuffix('.deleted')).toBe(true)
    // A read that is under way ends.
    expect(second!.read(1, 1_000)?.records.toBytes().length).toBeGreaterThan(0)
    dir.time.sleep(1_001)
    expect(dir.storage.exists(second!.log.path)).toBe(false)
  })

  test('cutting removes whole segments and goes on in the one that is left', () => {
    covers('LocalLogTest.testTruncateTo')
    fill(12, (offset) => offset % 3 === 2)
    expect(bases()).toEqual([0, 3, 6, 9, 12])
    expect(bases(log.truncateTo(7))).toEqual([9, 12])
    expect(bases()).toEqual([0, 3, 6])
    expect(log.logEndOffset()).toBe(7)
    expect(offsetsIn(read(6).records)).toEqual([6])
    append(7, 'b')
    expect(recordsIn(read(6).records)).toEqual([
      { offset: 6, value: 'a' },
      { offset: 7, value: 'b' },
    ])
  })

  test('cutting everything leaves one empty segment at the new offset', () => {
    covers('LocalLogTest.testTruncateFullyAndStartAt', 'LocalLogTest.testCreateAndDeleteSegment')
    fill(13, (offset) => offset < 8 && offset % 2 === 1)
    const before = log.segments.values()
    expect(before).toHaveLength(5)
    expect(log.truncateFullyAndStartAt(10)).toEqual(before)
    expect(before.every((segment) => segment.hasSuffix('.deleted'))).toBe(true)
    expect(bases()).toEqual([10])
    expect(log.logEndOffset()).toBe(10)
    expect(log.recoveryPoint()).toBe(0)
    expect(recordsIn(read(10).records)).toEqual([])
  })

  test('a cut takes the recovery point back with it', async () => {
    append(0, 'a', 'b')
    append(2, 'c')
    await log.flush(3)
    log.markFlushed(3)
    log.truncateTo(2)
    expect(log.recoveryPoint()).toBe(2)
  })

  test('a reader sees no further than it may', () => {
    covers('LocalLogTest.testWhenFetchOffsetHigherThanMaxOffset')
    fill(5, (offset) => offset % 2 === 1)
    expect(bases()).toEqual([0, 2, 4])
    const one = log.segments.get(0)!.size / 2

    const found = read(3, new LogOffsetMetadata(4, 4, 0))
    expect(offsetsIn(found.records)).toEqual([3])
    expect(found.fetchOffsetMetadata).toEqual(new LogOffsetMetadata(3, 2, one))

    const cases: [from: number, max: LogOffsetMetadata, at: LogOffsetMetadata][] = [
      [4, new LogOffsetMetadata(4, 4, 0), new LogOffsetMetadata(4, 4, 0)],
      [5, new LogOffsetMetadata(4, 4, 0), new LogOffsetMetadata(5, 4, one)],
      [3, new LogOffsetMetadata(4), new LogOffsetMetadata(3, 2, one)],
      [3, new LogOffsetMetadata(4, 0, 40), new LogOffsetMetadata(3, 2, one)],
    ]
    for (const [from, max, at] of cases) {
      const { records, fetchOffsetMetadata } = read(from, max)
      expect(recordsIn(records), `${from} up to ${max}`).toEqual([])
      expect(fetchOffsetMetadata, `${from} up to ${max}`).toEqual(at)
    }
  })

  test('an offset outside of the log is an error', () => {
    append(0, 'a')
    expect(() => read(2)).toThrow(OffsetOutOfRangeException)
    expect(() => read(-1)).toThrow(OffsetOutOfRangeException)
    expect(log.convertToOffsetMetadataOrThrow(1).messageOffset).toBe(1)
  })

  test('the segments that are written no more are those before the active one', () => {
    covers('LocalLogTest.testNonActiveSegmentsFrom')
    fill(5, () => true)
    const from = (offset: number) => bases(log.segments.nonActiveLogSegmentsFrom(offset))
    expect(from(0)).toEqual([0, 1, 2, 3, 4])
    expect(from(5)).toEqual([])
    expect(from(2)).toEqual([2, 3, 4])
    expect(from(6)).toEqual([])
  })

  test('settings can be replaced', () => {
    covers('LocalLogTest.testUpdateConfig')
    const config = new LogConfig({ 'segment.ms': 5 })
    log.updateConfig(config)
    expect(log.config).toBe(config)
  })

  test('a closed log takes nothing, and closing twice is fine', () => {
    covers('LocalLogTest.testLogCloseSuccess', 'LocalLogTest.testLogCloseIdempotent')
    append(0, 'a')
    log.close()
    log.close()
    expect(() => append(1, 'b')).toThrow(IOException)
  })

  test('closing the handles writes nothing and can be done twice', () => {
    covers('LocalLogTest.testLogCloseHandlers', 'LocalLogTest.testLogCloseHandlersIdempotent')
    append(0, 'a')
    const before = names()
    log.closeHandlers()
    log.closeHandlers()
    expect(names()).toEqual(before)
    expect(() => append(1, 'b')).toThrow(IOException)
  })

  test('closing after the handles were closed is an error', () => {
    covers('LocalLogTest.testLogCloseFailureWhenInMemoryBufferClosed')
    append(0, 'a')
    log.closeHandlers()
    expect(() => log.close()).toThrow(IOException)
  })

  test('the directory is renamed with everything in it', () => {
    covers('LocalLogTest.testLogDirRenameToNewDir', 'LocalLogTest.testLogDirRenameToExistingDir')
    append(0, 'a')
    log.roll()
    expect(log.renameDir(DIR)).toBe(false)
    expect(log.renameDir('orders-0.x-delete')).toBe(true)
    expect(dir.storage.exists(DIR)).toBe(false)
    expect(log.dir).toBe('orders-0.x-delete')
    for (const segment of log.segments.values()) {
      expect(segment.log.path.startsWith('orders-0.x-delete/')).toBe(true)
    }
    append(1, 'b')
    expect(offsetsIn(read(1).records)).toEqual([1])
  })

  test('a flush of a directory that is renamed meanwhile is no failure', async () => {
    covers('LocalLogTest.testFlushingNonExistentDir')
    append(0, 'a')
    log.roll()
    const flushed = log.flush(1)
    log.renameDir('orders-0.x-delete')
    await expect(flushed).resolves.toBeUndefined()
  })

  test('a segment that is deleted while an earlier one is flushed is no failure', async () => {
    fill(4, () => true)
    const flushed = log.flush(4)
    log.deleteAllSegments()
    await expect(flushed).resolves.toBeUndefined()
    expect(names()).toEqual([])
  })
})
