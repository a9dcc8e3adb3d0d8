import { beforeEach, describe, expect, test } from 'vitest'
import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { covers } from '../../support/covers.ts'
import { batch, batchOf, DIR, openLog, type TestContext, testContext, valuesOf } from './helpers.ts'

let context: TestContext
let storage: MemoryStorage

beforeEach(() => {
  storage = new MemoryStorage()
  context = testContext(storage)
})

const SMALL = { [INTERNAL_SEGMENT_BYTES]: 400, 'index.interval.bytes': 1 }

const fill = (log: UnifiedLog, count: number, from = 0): void => {
  for (let i = from; i < from + count; i++) log.appendAsLeader(batch([`value ${i}`]), 0)
}

const expected = (count: number): string[] => Array.from({ length: count }, (_, i) => `value ${i}`)

const sameBytes = (a: Uint8Array, b: Uint8Array, length: number): boolean =>
  a.length >= length && a.subarray(0, length).every((byte, i) => byte === b[i])

const names = (suffix: string, disk = storage): string[] =>
  disk.list(DIR).filter((name) => name.endsWith(suffix))

/** The log as it is after the process was killed and started again. */
const afterKill = (
  config: Record<string, unknown> = SMALL,
): { log: UnifiedLog; disk: MemoryStorage } => {
  const disk = storage.afterKill()
  return { log: openLog(testContext(disk), config), disk }
}

describe('LogLoader, after a clean shutdown', () => {
  test('has every record, and indexes that were not made anew', () => {
    covers('LogLoaderTest.testLogRecoversToCorrectOffset', 'LogLoaderTest.testCleanShutdownFile')
    const log = openLog(context, SMALL)
    fill(log, 30)
    const { numberOfSegments } = { numberOfSegments: log.numberOfSegments() }
    log.close()
    const sizes = names('.index').map((name) => storage.open(`${DIR}/${name}`).size())
    const again = openLog(testContext(storage), SMALL, {
      hadCleanShutdown: true,
      recoveryPoint: 30,
    })
    expect(again.logEndOffset).toBe(30)
    expect(again.recoveryPoint).toBe(30)
    expect(again.numberOfSegments()).toBe(numberOfSegments)
    expect(valuesOf(again)).toEqual(expected(30))
    again.close()
    expect(names('.index').map((name) => storage.open(`${DIR}/${name}`).size())).toEqual(sizes)
  })

  test('goes on after it was cut', () => {
    covers('LogLoaderTest.testReopenThenTruncate')
    const log = openLog(context, SMALL)
    fill(log, 20)
    log.close()
    const again = openLog(context, SMALL, { hadCleanShutdown: true })
    again.truncateTo(3)
    expect(valuesOf(again)).toEqual(expected(3))
    fill(again, 2, 3)
    expect(valuesOf(again)).toEqual(expected(5))
  })
})

describe('LogLoader, what interrupted work left behind', () => {
  test('removes files that were being deleted or compacted', () => {
    covers('LogLoaderTest.testOpenDeletesObsoleteFiles')
    const log = openLog(context, SMALL)
    fill(log, 20)
    log.close()
    for (const suffix of ['.log.deleted', '.index.deleted', '.log.cleaned', '.timeindex.cleaned']) {
      storage.open(`${DIR}/00000000000000000000${suffix}`).write(0, new Uint8Array(5))
    }
    storage.open(`${DIR}/leader-epoch-checkpoint.tmp`).write(0, new Uint8Array(5))
    const again = openLog(context, SMALL)
    expect(valuesOf(again)).toEqual(expected(20))
    expect([...names('.deleted'), ...names('.cleaned'), ...names('.tmp')]).toEqual([])
  })

  test('begins at the log start offset when all segments end before it', () => {
    covers('LogLoaderTest.testLogEndLessThanStartAfterReopen')
    const log = openLog(context, SMALL)
    fill(log, 5)
    log.close()
    const again = openLog(context, SMALL, { logStartOffset: 100, hadCleanShutdown: true })
    expect([again.logStartOffset, again.logEndOffset, again.numberOfSegments()]).toEqual([
      100, 100, 1,
    ])
    expect(again.leaderEpochCache.nonEmpty()).toBe(false)
  })
})

describe('LogLoader, after a crash', () => {
  test('has every record that was appended before the process was killed', () => {
    covers('LogLoaderTest.testLogRecoveryIsCalledUponBrokerCrash')
    const log = openLog(context, SMALL)
    fill(log, 50)
    const { log: again } = afterKill()
    expect(valuesOf(again)).toEqual(expected(50))
    fill(again, 1, 50)
    expect(valuesOf(again)).toEqual(expected(51))
  })

  test('cuts a torn tail at every byte of the last batches, and keeps everything before', () => {
    covers('LogLoaderTest.testCorruptLog')
    const log = openLog(context)
    fill(log, 5)
    const path = log.activeSegment().log.path
    const ends = [0]
    for (let i = 0; i < 5; i++)
      ends.push(ends[i]! + log.activeSegment().log.headerAt(ends[i]!)!.sizeInBytes)
    const size = ends[5]!
    const original = storage.open(path).read(0, size)
    for (let kept = ends[3]!; kept <= size; kept++) {
      // Cut off; counted but never written; and an old block of another file in its place.
      for (const rest of ['cut', 'zeros', 'rubbish'] as const) {
        const disk = storage.afterKill()
        const file = disk.open(path)
        file.truncate(kept)
        if (rest === 'zeros') file.write(kept, new Uint8Array(size - kept + 100))
        if (rest === 'rubbish') file.write(kept, new SeededRandom(kept).nextBytes(200))
        // A missing byte may be a zero: then zeros in its place make the batch whole again.
        const found = disk.open(path).read(0, size)
        const whole = ends.findLastIndex((end) => sameBytes(found, original, end))
        const again = openLog(testContext(disk))
        expect(again.logEndOffset).toBe(whole)
        expect(valuesOf(again)).toEqual(expected(whole))
        expect(disk.open(path).size()).toBe(ends[whole])
        fill(again, 1, whole)
        expect(valuesOf(again)).toEqual(expected(whole + 1))
      }
    }
  })

  test('reads again only what lies behind the recovery point', async () => {
    covers('LogLoaderTest.testRecoverOnlyLastSegment')
    const log = openLog(context, SMALL)
    fill(log, 30)
    await log.flush()
    const { recoveryPoint } = log
    const first = log.logSegments()[0]!
    const disk = storage.afterKill()
    // A wrong byte in a flushed segment is not looked at now; the consumer's CRC check will find
    // it.
    const file = disk.open(first.log.path)
    file.write(65, Uint8Array.of(file.read(65, 1)[0]! ^ 0xff))
    const again = openLog(testContext(disk), SMALL, { recoveryPoint })
    expect(again.logEndOffset).toBe(30)
  })

  test('an empty active segment is no trouble', () => {
    covers('LogLoaderTest.testRecoverWithEmptyActiveSegment')
    const log = openLog(context, SMALL)
    fill(log, 10)
    log.roll()
    const { log: again } = afterKill()
    expect(again.logEndOffset).toBe(10)
    expect(again.activeSegment().size).toBe(0)
    fill(again, 1, 10)
    expect(valuesOf(again)).toEqual(expected(11))
  })

  test('forgets producers whose batches did not survive', () => {
    covers('LogLoaderTest.testCorruptedLogRecoveryDoesNotDeleteProducerStateSnapshotsPostRecovery')
    const log = openLog(context, {})
    for (let i = 0; i < 3; i++) log.appendAsLeader(batchOf(1n, 0, i), 0)
    log.close()
    const disk = storage.afterKill()
    const file = disk.open(log.activeSegment().log.path)
    file.truncate(file.size() - 1)
    const again = openLog(testContext(disk))
    expect(again.logEndOffset).toBe(2)
    // Sequence 2 is gone, so it is no duplicate: it is appended.
    const info = again.appendAsLeader(batchOf(1n, 0, 2), 0)
    expect([info.firstOffset, info.isDuplicate]).toEqual([2, false])
  })
})
