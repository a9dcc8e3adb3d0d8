import { beforeEach, describe, expect, test } from 'vitest'
import { BackgroundTasks } from '../../../src/broker/log/BackgroundTasks.ts'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import { logFile } from '../../../src/broker/log/LogFileUtils.ts'
import { LogManager } from '../../../src/broker/log/LogManager.ts'
import type { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { OffsetCheckpointFile } from '../../../src/broker/log/OffsetCheckpointFile.ts'
import type { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import type { Properties } from '../../../src/common/config/ConfigDef.ts'
import {
  InconsistentTopicIdException,
  KafkaStorageException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { KafkaException } from '../../../src/common/errors.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { Uuid } from '../../../src/common/Uuid.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  batchOf,
  cutFile,
  logDirOn,
  readAll,
  type TestLogDir,
  testLogDir,
} from './helpers.ts'

const ORDERS_0 = new TopicPartition('orders', 0)
const ORDERS_1 = new TopicPartition('orders', 1)
const ORDERS = Uuid.randomUuid(new SeededRandom(1))
const OTHER = Uuid.randomUuid(new SeededRandom(2))
const CLEAN = '.kafka_cleanshutdown'
const RECOVERY_POINTS = 'recovery-point-offset-checkpoint'

describe('LogManager', () => {
  let dir: TestLogDir
  let topics: Map<string, Uuid>
  let settings: Properties

  beforeEach(() => {
    dir = testLogDir()
    topics = new Map([['orders', ORDERS]])
    settings = {}
  })

  const managerOn = (on: TestLogDir = dir): LogManager =>
    new LogManager({
      context: on.context,
      dir: '',
      tasks: on.context.deletions,
      configOf: () => new LogConfig(settings),
      expectedTopicId: ({ topic }) => topics.get(topic),
      flushSchedulerIntervalMs: 1_000,
      checkpointIntervalMs: 60_000,
      producerIdExpirationCheckIntervalMs: 600_000,
    })

  const started = (on: TestLogDir = dir): LogManager => {
    const manager = managerOn(on)
    manager.startup()
    return manager
  }

  /** The directory as the next process finds it. */
  const next = (storage: MemoryStorage = dir.storage): TestLogDir => logDirOn(storage, dir.time)

  const recoveryPoints = (storage = dir.storage): Map<string, number> =>
    new OffsetCheckpointFile(storage, RECOVERY_POINTS).read()

  const warnings = (): string => dir.logger.messages('warn').join('\n')

  test('a log is made once and given again', () => {
    const manager = started()
    expect(manager.getLog(ORDERS_0)).toBeUndefined()
    const log = manager.getOrCreateLog(ORDERS_0, ORDERS)
    expect(manager.getOrCreateLog(ORDERS_0, ORDERS)).toBe(log)
    expect(manager.getLog(ORDERS_0)).toBe(log)
    expect(String(log.topicId)).toBe(String(ORDERS))
    expect(dir.storage.isDirectory('orders-0')).toBe(true)
    expect([...manager.allLogs()]).toEqual([log])
  })

  test('a clean shutdown is written down last and taken back first', async () => {
    covers('LogLoaderTest.testCleanShutdownFile')
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch(['a', 'b']), 0)
    expect(dir.storage.exists(CLEAN)).toBe(false)
    await manager.shutdown()
    expect(dir.storage.exists(CLEAN)).toBe(true)
    expect(recoveryPoints()).toEqual(new Map([['orders-0', 2]]))

    const again = started(next())
    expect(dir.storage.exists(CLEAN)).toBe(false)
    const log = again.getLog(ORDERS_0)!
    expect(log.logEndOffset).toBe(2)
    expect(log.recoveryPoint).toBe(2)
  })

  test('after a kill the logs are recovered', () => {
    covers('LogLoaderTest.testLogRecoveryIsCalledUponBrokerCrash')
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch(['a', 'b']), 0)
    manager.getOrCreateLog(ORDERS_1, ORDERS).appendAsLeader(batch('c'), 0)

    const killed = next(dir.storage.afterKill())
    cutFile(killed.storage, logFile('orders-1', 0), 30)
    const again = started(killed)
    expect(readAll(again.getLog(ORDERS_0)!).map(({ value }) => value)).toEqual(['a', 'b'])
    expect(again.getLog(ORDERS_1)!.logEndOffset).toBe(0)
    expect(killed.logger.messages('warn').join()).toMatch(/Corruption found in segment 0/)
  })

  test('a shutdown whose flush fails is not called clean', async () => {
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch('a'), 0)
    dir.storage.failFlushes((path) => path.endsWith('.log'))
    await manager.shutdown()
    expect(dir.storage.exists(CLEAN)).toBe(false)
    expect(dir.logger.messages('error').join('\n')).toMatch(/were not closed in order/)
    expect(dir.context.failureChannel.hasOfflineLogDir()).toBe(true)
  })

  test('checkpoints are written every log.flush.offset.checkpoint.interval.ms', async () => {
    const manager = started()
    const log = manager.getOrCreateLog(ORDERS_0, ORDERS)
    log.appendAsLeader(batch(['a', 'b', 'c']), 0)
    await log.flush()
    log.updateHighWatermark(3)
    log.maybeIncrementLogStartOffset(2)
    dir.time.sleep(60_001)

    expect(recoveryPoints()).toEqual(new Map([['orders-0', 3]]))
    const starts = new OffsetCheckpointFile(dir.storage, 'log-start-offset-checkpoint').read()
    expect(starts).toEqual(new Map([['orders-0', 2]]))
    const again = started(next(dir.storage.afterKill())).getLog(ORDERS_0)!
    expect(again.logStartOffset).toBe(2)
    expect(() => again.read(1, 100, 'logEnd', true)).toThrow(/starting from offset: 2/)
  })

  test('a log whose flush.ms has passed is flushed', async () => {
    settings = { 'flush.ms': 5_000 }
    const log = started().getOrCreateLog(ORDERS_0, ORDERS)
    log.appendAsLeader(batch('a'), 0)
    dir.time.sleep(4_900)
    await log.flush(0)
    expect(log.recoveryPoint).toBe(0)
    dir.time.sleep(1_100)
    await expect.poll(() => log.recoveryPoint).toBe(1)
  })

  test('producers that have been idle are forgotten in the background', () => {
    const log = started().getOrCreateLog(ORDERS_0, ORDERS)
    covers('UnifiedLogTest.testPeriodicProducerIdExpiration')
    log.appendAsLeader(batchOf(7n, 0, 0, 'a', { timestamp: dir.time.milliseconds() }), 0)
    expect(log.producerStateManager.activeProducers().size).toBe(1)
    dir.time.sleep(86_400_000 + 600_000)
    expect(log.producerStateManager.activeProducers().size).toBe(0)
  })

  test('a deleted log is gone at once, its files after file.delete.delay.ms', () => {
    const manager = started()
    const log = manager.getOrCreateLog(ORDERS_0, ORDERS)
    log.appendAsLeader(batch('a'), 0)
    manager.asyncDelete(ORDERS_0)

    expect(manager.getLog(ORDERS_0)).toBeUndefined()
    expect(dir.storage.exists('orders-0')).toBe(false)
    expect(log.dir).toMatch(/^orders-0\.[0-9a-f]{32}-delete$/)
    // A read that is under way can end.
    expect(readAll(log)).toEqual([{ offset: 0, value: 'a' }])
    expect(manager.getOrCreateLog(ORDERS_0, OTHER).logEndOffset).toBe(0)

    dir.time.sleep(60_001)
    expect(dir.storage.list('').filter((name) => name.endsWith('-delete'))).toEqual([])
    expect(dir.storage.exists('orders-0')).toBe(true)
  })

  test('a deletion that was interrupted is finished at the next start', () => {
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch('a'), 0)
    manager.asyncDelete(ORDERS_0)
    const killed = next(dir.storage.afterKill())
    const again = started(killed)
    expect(again.getLog(ORDERS_0)).toBeUndefined()
    expect(killed.storage.list('').filter((name) => name.startsWith('orders'))).toEqual([])
  })

  test('a log that no topic claims is put aside, not deleted', async () => {
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch('a'), 0)
    await manager.shutdown()
    topics.clear()
    const again = next()
    expect(started(again).getLog(ORDERS_0)).toBeUndefined()
    const [stray] = dir.storage.list('').filter((name) => name.endsWith('-stray'))
    expect(stray).toMatch(/^orders-0\.[0-9a-f]{32}-stray$/)
    expect(dir.storage.exists(logFile(stray!, 0))).toBe(true)
    expect(again.logger.messages('warn').join()).toMatch(/belongs to no known topic/)
    // And it does not come back.
    topics.set('orders', ORDERS)
    expect(started(next()).getLog(ORDERS_0)).toBeUndefined()
  })

  test('a topic that was made again under its name does not get the old log', async () => {
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch('old'), 0)
    await manager.shutdown()
    topics.set('orders', OTHER)
    const again = started(next())
    expect(again.getLog(ORDERS_0)).toBeUndefined()
    expect(again.getOrCreateLog(ORDERS_0, OTHER).logEndOffset).toBe(0)
  })

  test('a topic id is found again, and another one is refused', async () => {
    covers(
      'UnifiedLogTest.testLogRecoversTopicId',
      'UnifiedLogTest.testLogFailsWhenInconsistentTopicIdSet',
    )
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS)
    await manager.shutdown()
    const log: UnifiedLog = started(next()).getLog(ORDERS_0)!
    expect(String(log.topicId)).toBe(String(ORDERS))
    expect(() => log.assignTopicId(OTHER)).toThrow(InconsistentTopicIdException)
  })

  test('a checkpoint that was torn counts as none', async () => {
    const manager = started()
    manager.getOrCreateLog(ORDERS_0, ORDERS).appendAsLeader(batch(['a', 'b']), 0)
    await manager.shutdown()
    dir.storage.remove(CLEAN)
    cutFile(dir.storage, RECOVERY_POINTS, 5)
    dir = next()
    const log = started(dir).getLog(ORDERS_0)!
    expect(log.logEndOffset).toBe(2)
    expect(log.recoveryPoint).toBe(0)
    expect(warnings()).toMatch(/recovery-point-offset-checkpoint.*malformed/)
  })

  test('a directory that is no partition stops the start, with its name', () => {
    dir.storage.makeDirectory('holiday pictures')
    expect(() => started()).toThrow(KafkaException)
    expect(() => started()).toThrow(/holiday pictures/)
  })

  test('new settings of a topic reach its logs', () => {
    const manager = started()
    const log = manager.getOrCreateLog(ORDERS_0, ORDERS)
    settings = { 'max.message.bytes': 10 }
    manager.updateTopicConfig('payments')
    expect(log.config.maxMessageSize).toBeGreaterThan(10)
    manager.updateTopicConfig('orders')
    expect(log.config.maxMessageSize).toBe(10)
  })

  test('a directory that has failed makes no more logs and writes no more checkpoints', () => {
    covers('UnifiedLogTest.testAppendToOrReadFromLogInFailedLogDir')
    const manager = started()
    const log = manager.getOrCreateLog(ORDERS_0, ORDERS)
    log.appendAsLeader(batch('a'), 0)
    dir.storage.failWrites((path) => path.endsWith('.log'))
    expect(() => log.appendAsLeader(batch('b'), 0)).toThrow(KafkaStorageException)
    dir.storage.failWrites(undefined)

    expect(() => log.appendAsLeader(batch('c'), 0)).toThrow(/already offline/)
    expect(() => log.read(0, 100, 'logEnd', true)).toThrow(KafkaStorageException)
    expect(() => manager.getOrCreateLog(ORDERS_1, ORDERS)).toThrow(KafkaStorageException)
    expect(() => manager.checkpoint()).not.toThrow()
    expect(dir.storage.exists(RECOVERY_POINTS)).toBe(false)
    expect(dir.logger.messages('error')).toHaveLength(1)
  })

  test('closed background work runs no more', () => {
    const tasks = new BackgroundTasks(dir.time, dir.logger)
    let runs = 0
    tasks.scheduleEvery(10, () => runs++)
    tasks.scheduleEvery(Number.MAX_SAFE_INTEGER, () => runs++)
    dir.time.sleep(35)
    expect(runs).toBe(3)
    tasks.close()
    tasks.schedule(1, () => runs++)
    dir.time.sleep(100)
    expect(runs).toBe(3)
  })

  test('background work that fails is reported and goes on', () => {
    const tasks = new BackgroundTasks(dir.time, dir.logger)
    tasks.scheduleEvery(10, () => {
      throw new Error('oh')
    })
    dir.time.sleep(25)
    expect(dir.logger.messages('error')).toEqual([
      'A background task failed',
      'A background task failed',
    ])
  })
})
