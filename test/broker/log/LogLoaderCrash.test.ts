import { describe, expect, test } from 'vitest'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { logFile, offsetIndexFile, timeIndexFile } from '../../../src/broker/log/LogFileUtils.ts'
import type { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  batchOf,
  cutFile,
  DIR,
  listSnapshots,
  logDirOn,
  overwrite,
  readAll,
  testLogDir,
} from './helpers.ts'
import { afterKill, FIRST_LOG, filled, ONE, SMALL, values, valuesIn } from './loaderLogs.ts'

describe('LogLoader: what a crash left', () => {
  test('an empty directory becomes an empty log', () => {
    covers('UnifiedLogTest.testLoadEmptyLog')
    const log = testLogDir().open()
    expect(log.logEndOffset).toBe(0)
    expect(log.numberOfSegments()).toBe(1)
    expect(readAll(log)).toEqual([])
  })

  test('a directory on its way out that has lost its files is opened all the same', () => {
    covers('UnifiedLogTest.testLoadPartitionDirWithNoSegmentsShouldNotThrow')
    const dir = testLogDir()
    const name = `orders-0.${'0a'.repeat(16)}-delete`
    dir.storage.makeDirectory(name)
    const log = dir.open({ dir: name })
    expect(log.numberOfSegments()).toBe(1)
    expect(log.topicPartition.key).toBe('orders-0')
  })

  test('a log whose files are gone begins at the start that was written down', () => {
    covers('UnifiedLogTest.testLogReinitializeAfterManualDelete')
    const log = testLogDir().open({ logStartOffset: 500 })
    expect(log.logStartOffset).toBe(500)
    expect(log.logEndOffset).toBe(500)
    expect(log.appendAsLeader(batch('a'), 0).firstOffset).toBe(500)
  })

  test('a flipped bit anywhere in the last batch cuts that batch, and no other', () => {
    const dir = testLogDir()
    filled(dir, 3)
    const from = 2 * ONE

    for (let at = from; at < 3 * ONE; at++) {
      for (const bit of [0x01, 0x80]) {
        const flipped = afterKill(dir)
        const file = flipped.storage.open(FIRST_LOG)
        file.write(at, Uint8Array.of(file.read(at, 1)[0]! ^ bit))
        const log = flipped.open()
        // Base offset and leader epoch stand before the reach of the CRC.
        const outsideOfCrc = at - from < 8 || (at - from >= 12 && at - from < 16)
        if (outsideOfCrc) continue
        expect(log.logEndOffset, `bit ${bit} of byte ${at - from}`).toBe(2)
        expect(valuesIn(log)).toEqual(values(2))
      }
    }
  })

  test('rubbish behind the last batch is cut off', () => {
    covers('LogLoaderTest.testCorruptLog')
    const random = new SeededRandom(11)
    for (let round = 0; round < 10; round++) {
      const dir = testLogDir()
      const count = 50 + random.nextInt(50)
      const settings = { [INTERNAL_SEGMENT_BYTES]: 1000, 'index.interval.bytes': 1 }
      const log = filled(dir, count, settings)
      const active = log.activeSegment()
      log.close()
      const rubbish = random.nextBytes(1 + random.nextInt(1024))
      overwrite(dir.storage, active.log.path, active.size, rubbish)
      const offsets = [
        offsetIndexFile(DIR, active.baseOffset),
        timeIndexFile(DIR, active.baseOffset),
      ]
      for (const path of offsets) overwrite(dir.storage, path, 0, random.nextBytes(5))

      const again = logDirOn(dir.storage, dir.time).open({ settings, recoveryPoint: 50 })
      expect(again.logEndOffset).toBe(count)
      expect(valuesIn(again)).toEqual(values(count))
      expect(again.recoveryPoint).toBe(Math.min(50, count))
    }
  })

  test('what follows a batch that is not whole goes with it, later segments too', () => {
    const dir = testLogDir()
    const settings = { ...SMALL, 'file.delete.delay.ms': 0 }
    filled(dir, 20, settings)
    const killed = afterKill(dir)
    cutFile(killed.storage, logFile(DIR, 5), 2 * ONE + 30)

    const log = killed.open({ settings })
    expect(log.logEndOffset).toBe(7)
    expect(log.logSegments().map((each) => each.baseOffset)).toEqual([0, 5])
    expect(killed.storage.list(DIR).filter((name) => name.endsWith('.log'))).toHaveLength(2)
    expect(killed.logger.messages('warn').some((line) => /truncating to offset 7/.test(line))).toBe(
      true,
    )
    log.appendAsLeader(batch('n'), 0)
    expect(valuesIn(log)).toEqual([...values(7), 'n'])
  })

  test('a segment that was cut because its index did not fit leaves no hole behind it', () => {
    const dir = testLogDir()
    const log = filled(dir, 20, SMALL)
    for (const segment of log.logSegments()) {
      segment.offsetIndex.writeToFile()
      segment.timeIndex.writeToFile()
    }
    for (const [kept, recoveryPoint] of [
      [2 * ONE + 30, 0],
      [2 * ONE + 30, 6],
      [ONE - 1, 5],
    ] as const) {
      const killed = afterKill(dir)
      cutFile(killed.storage, logFile(DIR, 5), kept)
      const again = killed.open({ settings: SMALL, recoveryPoint })
      const end = 5 + Math.floor(kept / ONE)
      expect(again.logEndOffset).toBe(end)
      expect(valuesIn(again)).toEqual(values(end))
    }
  })

  test('after a clean shutdown nothing is read again', () => {
    const dir = testLogDir()
    filled(dir, 20, SMALL).close()
    overwrite(dir.storage, logFile(DIR, 15), ONE - 1, Uint8Array.of(0xff))
    const log = logDirOn(dir.storage).open({ settings: SMALL, hadCleanShutdown: true })
    expect(log.logEndOffset).toBe(20)
    expect(log.recoveryPoint).toBe(20)
  })

  test('offsets, indexes and recovery point come back as they were', async () => {
    covers('LogLoaderTest.testLogRecoversToCorrectOffset')
    const dir = testLogDir()
    const settings = {
      [INTERNAL_SEGMENT_BYTES]: 700,
      'index.interval.bytes': 300,
      'segment.index.bytes': 4096,
    }
    const log = filled(dir, 100, settings)
    const active = log.activeSegment()
    const before = {
      lastOffset: active.offsetIndex.lastOffset(),
      entries: active.offsetIndex.entries(),
    }
    log.close()

    const check = (recoveryPoint: number) => {
      const reopened = logDirOn(dir.storage, dir.time).open({ settings, recoveryPoint })
      const segment = reopened.activeSegment()
      expect(reopened.recoveryPoint).toBe(recoveryPoint)
      expect(reopened.logEndOffset).toBe(100)
      expect({
        lastOffset: segment.offsetIndex.lastOffset(),
        entries: segment.offsetIndex.entries(),
      }).toEqual(before)
      expect(segment.timeIndex.lastEntry()).toEqual({ timestamp: 1000, offset: 99 })
      return reopened
    }
    check(100).close()
    const recovered = check(10)
    await recovered.flush()
    expect(recovered.recoveryPoint).toBe(100)
  })

  test('a log that was cut below its start begins empty at its start', () => {
    covers(
      'LogLoaderTest.testLogEndLessThanStartAfterReopen',
      'LogLoaderTest.testCorruptedLogRecoveryDoesNotDeleteProducerStateSnapshotsPostRecovery',
    )
    const dir = testLogDir()
    const log = dir.open()
    for (let i = 0; i < 9; i++) {
      log.appendAsLeader(batch(String(i)), 0)
      log.roll()
    }
    expect(log.numberOfSegments()).toBe(10)
    expect(listSnapshots(dir.storage)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    log.updateHighWatermark(log.logEndOffset)
    log.maybeIncrementLogStartOffset(4)
    log.close()
    overwrite(dir.storage, logFile(DIR, 1), ONE, new Uint8Array(13).fill(0x63))

    const again = logDirOn(dir.storage, dir.time)
    const reopened = again.open({ logStartOffset: 4 })
    expect(reopened.numberOfSegments()).toBe(1)
    expect(reopened.logStartOffset).toBe(4)
    expect(reopened.logEndOffset).toBe(4)
    expect(reopened.activeSegment().baseOffset).toBe(4)
    expect(listSnapshots(dir.storage)).toEqual([])
    expect(reopened.producerStateManager.latestSnapshotOffset()).toBeUndefined()
    again.time.sleep(60_001)
    expect(dir.storage.list(DIR).filter((name) => name.includes('.log'))).toEqual([
      '00000000000000000004.log',
    ])
    // Deleting the old segments late must not touch the new one's files.
    reopened.appendAsLeader(batch('a'), 0)
    expect(readAll(reopened)).toEqual([{ offset: 4, value: 'a' }])
  })

  test('the segment that was begun last and never written is found again', () => {
    covers('LogLoaderTest.testRecoverWithEmptyActiveSegment')
    const dir = testLogDir()
    const log = filled(dir, 12, SMALL)
    log.roll()
    const killed = afterKill(dir)
    const reopened = killed.open({ settings: SMALL, recoveryPoint: 12 })
    expect(reopened.recoveryPoint).toBe(12)
    expect(reopened.logEndOffset).toBe(12)
    expect(reopened.activeSegment().baseOffset).toBe(12)
    expect(reopened.activeSegment().timeIndex.entries()).toBe(0)
    expect(() => reopened.activeSegment().sanityCheck(false)).not.toThrow()
    reopened.appendAsLeader(batch('x'), 0)
    expect(reopened.logEndOffset).toBe(13)
  })
})

describe('LogLoader: power losses', () => {
  test('what a flush confirmed is there after a power loss that takes the rest', async () => {
    const dir = testLogDir()
    const log = filled(dir, 12, SMALL)
    await log.flush()
    for (let i = 0; i < 9; i++) log.appendAsLeader(batch('u'), 0)
    expect(log.recoveryPoint).toBe(12)

    const lost = logDirOn(dir.storage.powerLoss(), dir.time).open({
      settings: SMALL,
      recoveryPoint: 12,
    })
    expect(lost.logEndOffset).toBeGreaterThanOrEqual(12)
    expect(valuesIn(lost).slice(0, 12)).toEqual(values(12))
  })

  test('whatever a power loss leaves, flushed records are there and the log is whole', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new SeededRandom(seed)
      const dir = testLogDir()
      const log = dir.open({ settings: SMALL })
      let flushed = 0
      for (let i = 0; i < 30; i++) {
        const timestamp = dir.time.milliseconds()
        log.appendAsLeader(batchOf(5n, 0, i, String(i % 10), { timestamp }), Math.floor(i / 9))
        if (random.nextInt(8) === 0) {
          await log.flush()
          flushed = i + 1
        }
      }
      const disk: MemoryStorage = dir.storage.powerLoss((_path, unflushed) => ({
        keptBytes: random.nextInt(unflushed + 1),
        zeroBytes: random.nextInt(50),
      }))
      const again = logDirOn(disk, dir.time).open({ settings: SMALL, recoveryPoint: flushed })
      const end = again.logEndOffset
      expect(end, `seed ${seed}`).toBeGreaterThanOrEqual(flushed)
      expect(valuesIn(again), `seed ${seed}`).toEqual(values(end))
      expect(again.producerStateManager.lastEntry(5n)?.lastSeq, `seed ${seed}`).toBe(
        end === 0 ? undefined : end - 1,
      )
      expect(again.appendAsLeader(batchOf(5n, 0, end, 'n'), 9).firstOffset).toBe(end)
    }
  })
})
