import { describe, expect, test } from 'vitest'
import { fetchOffsetByTimestamp } from '../../../src/broker/log/fetchOffsetByTimestamp.ts'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import {
  logFile,
  offsetIndexFile,
  producerSnapshotFile,
  timeIndexFile,
} from '../../../src/broker/log/LogFileUtils.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  batchOf,
  cutFile,
  DIR,
  listSnapshots,
  logDirOn,
  overwrite,
  PARTITION,
  readAll,
  sizeOf,
  type TestLogDir,
  testLogDir,
} from './helpers.ts'
import { afterKill, FIRST_LOG, filled, ONE, SMALL, values, valuesIn } from './loaderLogs.ts'

describe('LogLoader: files', () => {
  test('missing indexes are built anew', () => {
    covers('LogLoaderTest.testIndexRebuild')
    const dir = testLogDir()
    const settings = { [INTERNAL_SEGMENT_BYTES]: 2000, 'index.interval.bytes': 1 }
    const log = filled(dir, 200, settings)
    const indexes = log
      .logSegments()
      .flatMap((each) => [each.offsetIndex.path, each.timeIndex.path])
    const entries = log.logSegments().map((each) => each.offsetIndex.entries())
    log.close()
    for (const path of indexes) dir.storage.remove(path)

    for (const hadCleanShutdown of [true, false]) {
      const copy = dir.storage.afterKill()
      const again = logDirOn(copy, dir.time).open({
        settings,
        hadCleanShutdown,
        recoveryPoint: 200,
      })
      expect(again.logEndOffset).toBe(200)
      expect(again.logSegments().map((each) => each.offsetIndex.entries())).toEqual(entries)
      for (let offset = 0; offset < 200; offset++) {
        expect(readAll(again, offset)[0]?.offset).toBe(offset)
        expect(fetchOffsetByTimestamp(again, (offset + 1) * 10)?.offset).toBe(offset)
      }
    }
  })

  test('corrupt indexes are built anew', () => {
    covers('LogLoaderTest.testCorruptIndexRebuild')
    const dir = testLogDir()
    const settings = { [INTERNAL_SEGMENT_BYTES]: 2000, 'index.interval.bytes': 1 }
    const log = filled(dir, 200, settings)
    const paths = log.logSegments().flatMap((each) => [each.offsetIndex.path, each.timeIndex.path])
    log.close()
    for (const path of paths) {
      dir.storage.remove(path)
      overwrite(dir.storage, path, 0, new Uint8Array(3).fill(0x20))
    }

    const again = logDirOn(dir.storage, dir.time).open({ settings, recoveryPoint: 200 })
    expect(again.logEndOffset).toBe(200)
    for (let offset = 0; offset < 200; offset++) {
      expect(fetchOffsetByTimestamp(again, (offset + 1) * 10)?.offset).toBe(offset)
    }
  })

  test('an index that points behind the end of its log is built anew', () => {
    const dir = testLogDir()
    filled(dir, 20, { 'index.interval.bytes': 1 }).close()
    cutFile(dir.storage, FIRST_LOG, 3 * ONE)
    const log = logDirOn(dir.storage).open({
      settings: { 'index.interval.bytes': 1 },
      hadCleanShutdown: true,
    })
    expect(log.logEndOffset).toBe(3)
    expect(valuesIn(log)).toEqual(values(3))
  })

  test('indexes without a log are removed', () => {
    covers('LogLoaderTest.testBogusIndexSegmentsAreRemoved')
    const dir = testLogDir()
    dir.storage.makeDirectory(DIR)
    for (const path of [offsetIndexFile(DIR, 5), timeIndexFile(DIR, 5)]) {
      dir.storage.open(path).close()
    }
    const log = dir.open({ settings: SMALL })
    expect(dir.storage.exists(offsetIndexFile(DIR, 5))).toBe(false)
    expect(dir.storage.exists(timeIndexFile(DIR, 5))).toBe(false)
    for (let i = 0; i < 10; i++) log.appendAsLeader(batch(String(i)), 0)
    expect(log.numberOfSegments()).toBe(2)
  })

  test('a replacement that had begun to count is finished', () => {
    const dir = testLogDir()
    filled(dir, 20, SMALL).close()
    // As if compaction had replaced the segments from 5 and from 10 by one from 5.
    const swap = `${logFile(DIR, 5)}.swap`
    for (const [i, base] of [5, 10].entries()) {
      const file = dir.storage.open(logFile(DIR, base))
      overwrite(dir.storage, swap, i * 5 * ONE, file.read(0, file.size()).slice())
    }

    const log = logDirOn(dir.storage).open({ settings: SMALL })
    expect(log.logSegments().map((each) => each.baseOffset)).toEqual([0, 5, 15])
    expect(valuesIn(log)).toEqual(values(20))
    expect(dir.storage.list(DIR).filter((name) => name.endsWith('.swap'))).toEqual([])
  })

  test('looking at a replacement leaves no empty index that would replace a good one', () => {
    const dir = testLogDir()
    filled(dir, 20, SMALL).close()
    const swap = `${logFile(DIR, 5)}.swap`
    const file = dir.storage.open(logFile(DIR, 5))
    overwrite(dir.storage, swap, 0, file.read(0, file.size()).slice())
    logDirOn(dir.storage).open({ settings: SMALL }).close()

    const again = logDirOn(dir.storage).open({ settings: SMALL, hadCleanShutdown: true })
    expect(again.logSegments()[1]?.offsetIndex.entries()).toBe(4)
  })

  /**
   * One segment of 20 batches, and beside it what would replace it: segments from 0 and from 10.
   */
  const withReplacement = (suffixes: {
    old: string
    first: string
    second: string
  }): TestLogDir => {
    const dir = testLogDir()
    filled(dir, 20).close()
    const whole = dir.storage
      .open(FIRST_LOG)
      .read(0, 20 * ONE)
      .slice()
    dir.storage.remove(FIRST_LOG)
    overwrite(dir.storage, FIRST_LOG + suffixes.first, 0, whole.subarray(0, 10 * ONE))
    overwrite(dir.storage, logFile(DIR, 10) + suffixes.second, 0, whole.subarray(10 * ONE))
    if (suffixes.old !== suffixes.first) {
      overwrite(dir.storage, FIRST_LOG + suffixes.old, 0, whole)
    }
    return dir
  }

  test.each([
    ['before it counted', 1, { old: '', first: '.cleaned', second: '.cleaned' }, [0]],
    ['when a part of it counted', 2, { old: '', first: '.cleaned', second: '.swap' }, [0]],
    ['when all of it counted', 3, { old: '', first: '.swap', second: '.swap' }, [0, 10]],
    ['when the old was away', 4, { old: '.deleted', first: '.swap', second: '.swap' }, [0, 10]],
    ['when a part was in place', 5, { old: '.deleted', first: '', second: '.swap' }, [0, 10]],
  ])('a crash during a replacement, %s, leaves every record once', (_when, phase, files, bases) => {
    covers(`LogLoaderTest.testRecoveryAfterCrashDuringSplitPhase${phase}`)
    const dir = withReplacement(files)
    const log = logDirOn(dir.storage).open()
    expect(log.logSegments().map((each) => each.baseOffset)).toEqual(bases)
    expect(valuesIn(log)).toEqual(values(20))
    const left = dir.storage.list(DIR).filter((name) => /swap|cleaned|deleted/.test(name))
    expect(left).toEqual([])
  })

  test('offsets too far apart for one segment are found in segments of their own', () => {
    covers(
      'LogLoaderTest.testOverCompactedLogRecovery',
      'LogLoaderTest.testOverCompactedLogRecoveryMultiRecord',
    )
    const dir = testLogDir()
    const far = 2 ** 31 + 2
    const log = dir.open()
    const append = (baseOffset: number, ...list: string[]) =>
      log.appendAsFollower(batch(list, { baseOffset, partitionLeaderEpoch: 0 }), 0)
    append(0, 'v1', 'v2')
    append(far, 'v3', 'v4')
    append(far + 2, 'v5')
    expect(log.logSegments().map((each) => each.baseOffset)).toEqual([0, far])
    expect(dir.storage.exists(logFile(DIR, far))).toBe(true)

    const again = afterKill(dir).open()
    expect(again.logEndOffset).toBe(far + 3)
    expect(valuesIn(again)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5'])
  })

  test('a file of another name in the directory is left alone', () => {
    const dir = testLogDir()
    filled(dir, 3).close()
    dir.storage.open(`${DIR}/notes.txt`).close()
    const log = logDirOn(dir.storage).open()
    expect(log.logEndOffset).toBe(3)
    expect(dir.storage.exists(`${DIR}/notes.txt`)).toBe(true)
  })
})

describe('LogLoader: times', () => {
  test('a segment flushed before it ended is found by its times after a kill', async () => {
    const dir = testLogDir()
    const log = filled(dir, 5)
    await log.flush()
    log.roll()
    log.appendAsLeader(batch('5', { timestamp: 60 }), 0)

    const again = afterKill(dir).open({ recoveryPoint: 5 })
    for (let offset = 0; offset <= 5; offset++) {
      expect(fetchOffsetByTimestamp(again, (offset + 1) * 10)?.offset).toBe(offset)
    }
    expect(fetchOffsetByTimestamp(again, 61)).toBeUndefined()
    expect(fetchOffsetByTimestamp(again, -3)?.offset).toBe(5)
  })
})

describe('LogLoader: what is remembered besides records', () => {
  test('leader epochs that point behind the end of the log are forgotten', () => {
    covers('LogLoaderTest.testLogRecoversForLeaderEpoch')
    const dir = testLogDir()
    const log = dir.open()
    const append = (offset: number, epoch: number) =>
      log.appendAsFollower(batch('x', { baseOffset: offset, partitionLeaderEpoch: epoch }), epoch)
    append(0, 1)
    append(1, 1)
    append(3, 2)
    append(7, 2)
    const epochs = [
      { epoch: 1, startOffset: 0 },
      { epoch: 2, startOffset: 3 },
    ]
    expect(log.leaderEpochCache.epochEntries()).toEqual(epochs)
    log.leaderEpochCache.assign(5, 10)
    expect(log.leaderEpochCache.latestEpoch()).toBe(5)
    log.close()

    const again = logDirOn(dir.storage).open()
    expect(again.leaderEpochCache.epochEntries()).toEqual(epochs)
  })

  test('a torn epoch file is made anew from the batches, recovery point or not', () => {
    const dir = testLogDir()
    const log = dir.open({ settings: SMALL })
    for (let i = 0; i < 30; i++) log.appendAsLeader(batch('x'), Math.floor(i / 12))
    const epochs = [...log.leaderEpochCache.epochEntries()]
    expect(epochs.map(({ startOffset }) => startOffset)).toEqual([0, 12, 24])
    log.close()
    const file = `${DIR}/leader-epoch-checkpoint`
    for (let size = 0; size < sizeOf(dir.storage, file); size++) {
      const torn = dir.storage.afterKill()
      cutFile(torn, file, size)
      const again = logDirOn(torn).open({ settings: SMALL, recoveryPoint: 30 })
      expect(again.leaderEpochCache.epochEntries(), `${size} bytes`).toEqual(epochs)
    }
  })

  test('producers are remembered after a kill, from a snapshot and the log behind it', () => {
    const dir = testLogDir()
    const log = dir.open({ settings: { [INTERNAL_SEGMENT_BYTES]: ONE * 3 } })
    for (let i = 0; i < 7; i++)
      log.appendAsLeader(batchOf(9n, 0, i, 'x', { timestamp: dir.time.milliseconds() }), 0)

    const again = afterKill(dir).open({ settings: { [INTERNAL_SEGMENT_BYTES]: ONE * 3 } })
    expect(again.producerStateManager.lastEntry(9n)?.lastSeq).toBe(6)
    expect(again.producerStateManager.mapEndOffset()).toBe(7)
    const duplicate = again.appendAsLeader(batchOf(9n, 0, 6), 0)
    expect(duplicate.isDuplicate).toBe(true)
    expect(duplicate.firstOffset).toBe(6)
    expect(again.appendAsLeader(batchOf(9n, 0, 7), 0).firstOffset).toBe(7)
  })

  test('without any snapshot the producers are read from the whole log', () => {
    covers('LogLoaderTest.testRecoverLastSegmentWithNoSnapshots')
    const dir = testLogDir()
    const settings = { [INTERNAL_SEGMENT_BYTES]: ONE * 3 }
    const log = dir.open({ settings })
    const timestamp = dir.time.milliseconds()
    for (let i = 0; i < 10; i++) {
      log.appendAsLeader(batchOf(BigInt(i % 2), 0, Math.floor(i / 2), 'x', { timestamp }), 0)
    }
    log.close()
    for (const offset of listSnapshots(dir.storage)) {
      dir.storage.remove(producerSnapshotFile(DIR, offset))
    }
    const again = logDirOn(dir.storage, dir.time).open({ settings, recoveryPoint: 9 })
    expect(again.producerStateManager.lastEntry(0n)?.lastSeq).toBe(4)
    expect(again.producerStateManager.lastEntry(1n)?.lastSeq).toBe(4)
  })

  test('only the snapshots of segments and of the end are kept', () => {
    covers('LogLoaderTest.testLoadingLogKeepsLargestStrayProducerStateSnapshot')
    const dir = testLogDir()
    const log = dir.open()
    for (const [sequence, roll] of [true, true, false, false].entries()) {
      log.appendAsLeader(batchOf(1n, 0, sequence), 0)
      if (roll) log.roll()
    }
    log.close()
    expect(listSnapshots(dir.storage)).toEqual([1, 2, 4])
    dir.storage.open(producerSnapshotFile(DIR, 3)).close()
    logDirOn(dir.storage, dir.time).open()
    expect(listSnapshots(dir.storage)).toEqual([1, 2, 4])
  })

  test('snapshots behind the end of the log are removed', () => {
    covers('UnifiedLogTest.testLoadingLogDeletesProducerStateSnapshotsPastLogEndOffset')
    const dir = testLogDir()
    dir.storage.makeDirectory(DIR)
    dir.storage.open(producerSnapshotFile(DIR, 42)).close()
    const log = dir.open()
    expect(log.producerStateManager.latestSnapshotOffset()).toBe(undefined)
    expect(listSnapshots(dir.storage)).toEqual([])
  })

  test('snapshots of the last segments are there again after an unclean shutdown', () => {
    covers('LogLoaderTest.testProducerSnapshotsRecoveryAfterUncleanShutdown')
    const dir = testLogDir()
    const settings = { [INTERNAL_SEGMENT_BYTES]: 640 }
    const log = dir.open({ settings })
    for (let i = 0; i <= 100; i++) log.appendAsLeader(batch(String(i)), 0)
    const bases = log.logSegments().map((each) => each.baseOffset)
    expect(bases.length).toBeGreaterThanOrEqual(5)
    log.close()
    for (const offset of listSnapshots(dir.storage)) {
      dir.storage.remove(producerSnapshotFile(DIR, offset))
    }
    const again = logDirOn(dir.storage, dir.time).open({
      settings,
      recoveryPoint: bases.at(-4)! + 1,
    })
    expect(listSnapshots(dir.storage)).toEqual([...bases.slice(-4), again.logEndOffset])
  })

  test('deleted records do not take their producers along inside a segment', () => {
    covers('LogLoaderTest.testLoadProducersAfterDeleteRecordsMidSegment')
    const dir = testLogDir()
    const log = dir.open()
    const timestamp = dir.time.milliseconds()
    log.appendAsLeader(batchOf(1n, 0, 0, 'a', { timestamp }), 0)
    log.appendAsLeader(batchOf(2n, 0, 0, 'b', { timestamp }), 0)
    log.updateHighWatermark(log.logEndOffset)
    log.maybeIncrementLogStartOffset(1)
    expect(log.producerStateManager.activeProducers().size).toBe(2)
    log.close()

    const again = logDirOn(dir.storage, dir.time).open({ logStartOffset: 1 })
    expect(again.producerStateManager.activeProducers().size).toBe(2)
    expect(again.producerStateManager.lastEntry(2n)?.lastSeq).toBe(0)
  })

  test('after a clean shutdown without snapshots there was no producer to remember', () => {
    covers('LogLoaderTest.testSkipTruncateAndReloadIfNewMessageFormatAndCleanShutdown')
    const dir = testLogDir()
    const log = dir.open()
    log.appendAsLeader(batchOf(1n, 0, 0, 'a', { timestamp: dir.time.milliseconds() }), 0)
    log.close()
    for (const offset of listSnapshots(dir.storage)) {
      dir.storage.remove(producerSnapshotFile(DIR, offset))
    }
    const again = logDirOn(dir.storage, dir.time).open({ hadCleanShutdown: true })
    expect(again.producerStateManager.isEmpty()).toBe(true)
    expect(again.producerStateManager.mapEndOffset()).toBe(1)
    expect(listSnapshots(dir.storage)).toEqual([1])
  })

  test('the partition that is opened is the one that its directory names', () => {
    const log = testLogDir().open()
    expect(log.topicPartition).toEqual(PARTITION)
  })
})
