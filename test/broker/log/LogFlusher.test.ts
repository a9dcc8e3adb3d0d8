import { describe, expect, test } from 'vitest'
import { BackgroundTasks } from '../../../src/broker/log/BackgroundTasks.ts'
import { INTERNAL_SEGMENT_BYTES, LogConfig } from '../../../src/broker/log/LogConfig.ts'
import { LogDirFailureChannel } from '../../../src/broker/log/LogDirFailureChannel.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import type { Properties } from '../../../src/common/config/ConfigDef.ts'
import { KafkaStorageException } from '../../../src/common/errors/ApiExceptions.ts'
import { Simulation } from '../../../src/common/Simulation.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { batch, batchOf, DIR, logDirOn, readAll } from './helpers.ts'

const FLUSH_MS = 10

/** A log on a disk whose flush takes 10 ms of virtual time. */
const slowDisk = (settings: Properties = {}) => {
  const time = new Simulation({ seed: 1 })
  const storage = new MemoryStorage({ time, flushLatencyMs: FLUSH_MS })
  const logger = new RecordingLogger()
  const context = {
    storage,
    time,
    logger,
    random: time.random,
    trace: new TraceBus(time, logger).from('broker-1'),
    failureChannel: new LogDirFailureChannel('logs', logger),
    deletions: new BackgroundTasks(time, logger),
    producerIdExpirationMs: 86_400_000,
  }
  const log = UnifiedLog.create({ context, dir: DIR, config: new LogConfig(settings) })
  return { time, storage, context, log }
}

const valuesIn = (log: UnifiedLog): string[] => readAll(log).map(({ value }) => value)

describe('LogFlusher', () => {
  test('the recovery point moves when the disk has confirmed, not before', async () => {
    const { time, log } = slowDisk()
    await time.run(async () => {
      log.appendAsLeader(batch(['a', 'b']), 0)
      const flushed = log.flush()
      await time.sleep(FLUSH_MS - 1)
      expect(log.recoveryPoint).toBe(0)
      await flushed
      expect(log.recoveryPoint).toBe(2)
      expect(log.lastFlushTime()).toBe(time.milliseconds())
    })
  })

  test('what was appended while a flush ran is not counted as flushed', async () => {
    const { time, log, storage } = slowDisk()
    await time.run(async () => {
      log.appendAsLeader(batch('a'), 0)
      const flushed = log.flush()
      // The leader epochs are flushed first, then the batches.
      await time.sleep(FLUSH_MS + 1)
      log.appendAsLeader(batch('b'), 0)
      await flushed
      expect(log.recoveryPoint).toBe(1)
      const after = logDirOn(storage.powerLoss()).open({ recoveryPoint: log.recoveryPoint })
      expect(valuesIn(after)).toEqual(['a'])
    })
  })

  test('with flush.messages=1 each append says when it is durable', async () => {
    const { time, log, storage } = slowDisk({ 'flush.messages': 1 })
    await time.run(async () => {
      const infos = ['a', 'b', 'c'].map((value) => log.appendAsLeader(batch(value), 0))
      await Promise.all(infos.map((info) => info.pendingFlush))
      expect(valuesIn(logDirOn(storage.powerLoss()).open())).toEqual(['a', 'b', 'c'])
    })
  })

  test('a batch sent again is not answered before the first one is on the disk', async () => {
    const { time, log } = slowDisk({ 'flush.messages': 1 })
    await time.run(async () => {
      log.appendAsLeader(batchOf(1n, 0, 0), 0)
      await time.sleep(FLUSH_MS)
      const again = log.appendAsLeader(batchOf(1n, 0, 0), 0)
      expect(again.isDuplicate).toBe(true)
      expect(again.pendingFlush).toBeDefined()
      await again.pendingFlush
      expect(log.recoveryPoint).toBe(1)
      expect(log.appendAsLeader(batchOf(1n, 0, 0), 0).pendingFlush).toBeUndefined()
    })
  })

  test('below flush.messages no append waits', async () => {
    const { time, log } = slowDisk({ 'flush.messages': 3 })
    await time.run(async () => {
      expect(log.appendAsLeader(batch('a'), 0).pendingFlush).toBeUndefined()
      expect(log.appendAsLeader(batch('b'), 0).pendingFlush).toBeUndefined()
      await log.appendAsLeader(batch('c'), 0).pendingFlush
      expect(log.recoveryPoint).toBe(3)
    })
  })

  test('an append that waits for a flush hears of its failure', async () => {
    const { time, log, storage, context } = slowDisk({ 'flush.messages': 1 })
    await time.run(async () => {
      storage.failFlushes((path) => path.endsWith('.log'))
      const { pendingFlush } = log.appendAsLeader(batch('a'), 0)
      await expect(pendingFlush).rejects.toThrow(KafkaStorageException)
      expect(context.failureChannel.hasOfflineLogDir()).toBe(true)
      expect(log.recoveryPoint).toBe(0)
      // What the disk has nobody knows: calling the next flush a success would be a lie.
      storage.failFlushes(undefined)
      await expect(log.flush()).rejects.toThrow(KafkaStorageException)
    })
  })

  test('a cut while a flush runs leaves nothing unflushed before the recovery point', async () => {
    const one = batch('a').sizeInBytes
    const { time, log, storage } = slowDisk({ [INTERNAL_SEGMENT_BYTES]: one * 8 })
    await time.run(async () => {
      for (const value of 'abcdefg') log.appendAsLeader(batch(value), 0)
      const flushed = log.flush()
      await time.sleep(2 * FLUSH_MS + 1)
      // The batches are on the disk, their indexes are under way: now a new leader cuts the log.
      log.truncateTo(3)
      for (const value of 'DEFGHIJKL') log.appendAsLeader(batch(value), 1)
      await flushed
      const { recoveryPoint } = log
      const after = logDirOn(storage.powerLoss()).open({ recoveryPoint })
      expect(valuesIn(after).slice(0, recoveryPoint)).toEqual(
        [...'abcDEFGHIJKL'].slice(0, recoveryPoint),
      )
      expect(after.logEndOffset).toBeGreaterThanOrEqual(recoveryPoint)
    })
  })
})
