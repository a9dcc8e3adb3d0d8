/**
 * All logs of one broker: opened at its start, made and deleted with topics, closed in order at its
 * end.
 *
 *     meta.properties                       whose directory this is
 *     .kafka_cleanshutdown                  written last on closing, removed first on opening
 *     recovery-point-offset-checkpoint      what of each log need not be read again after a crash
 *     log-start-offset-checkpoint
 *     orders-0/  orders-1/  …               a directory per partition
 *     orders-0.<id>-delete/                 on its way out
 *
 * Without the clean-shutdown file every log is read from its recovery point on and cut behind the
 * last whole batch.
 *
 * @kafka kafka.log.LogManager
 * @simplified one log directory (`log.dirs` with several is refused), no cleaner and no retention
 *   yet.
 */

import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import type { BackgroundTasks } from './BackgroundTasks.ts'
import { MalformedCheckpointException } from './CheckpointFile.ts'
import type { LogConfig } from './LogConfig.ts'
import type { LogDirContext } from './LogDirContext.ts'
import {
  DELETE_DIR_SUFFIX,
  logDeleteDirName,
  logDirName,
  parseTopicPartitionName,
  STRAY_DIR_SUFFIX,
} from './LogFileUtils.ts'
import { OffsetCheckpointFile } from './OffsetCheckpointFile.ts'
import type { ProducerStateEntry } from './ProducerStateEntry.ts'
import { joinPath, type Storage } from './Storage.ts'
import { UnifiedLog } from './UnifiedLog.ts'

const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown'
const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint'
const LOG_START_OFFSET_FILE = 'log-start-offset-checkpoint'

/** What the next owner of a log must know to open it. */
export interface ReleasedLog {
  readonly hadCleanShutdown: boolean
  readonly recoveryPoint: number
  readonly logStartOffset: number
  /**
   * As a follower has it in Kafka: the last batches of each producer. A snapshot has only the very
   * last one, so those before it would not be recognised when they are sent again.
   */
  readonly producers: readonly ProducerStateEntry[]
}

/** Nobody could close it: it is read from its beginning. */
export const UNKNOWN_LOG: ReleasedLog = {
  hadCleanShutdown: false,
  recoveryPoint: 0,
  logStartOffset: 0,
  producers: [],
}

export interface LogManagerOptions {
  context: LogDirContext
  /** The log directory; `''` for the storage's root. */
  dir: string
  tasks: BackgroundTasks
  /** The settings of a topic, its own over the broker's. */
  configOf: (topic: string) => LogConfig
  /** Whether this broker should have the partition, and under which topic id. */
  expectedTopicId: (topicPartition: TopicPartition) => Uuid | undefined
  /** `log.flush.scheduler.interval.ms` */
  flushSchedulerIntervalMs: number
  /** `log.flush.offset.checkpoint.interval.ms` */
  checkpointIntervalMs: number
  /** `producer.id.expiration.check.interval.ms` */
  producerIdExpirationCheckIntervalMs: number
}

export class LogManager {
  private readonly options: LogManagerOptions
  private readonly context: LogDirContext
  private readonly time: Time
  private readonly logs = new Map<string, UnifiedLog>()
  /** Logs of other brokers whose directories were moved here, before they are opened. */
  private readonly expected = new Map<string, ReleasedLog>()
  private started = false
  private readonly recoveryPoints: OffsetCheckpointFile
  private readonly logStartOffsets: OffsetCheckpointFile

  constructor(options: LogManagerOptions) {
    const { context, dir } = options
    this.options = options
    this.context = context
    this.time = context.time
    this.recoveryPoints = new OffsetCheckpointFile(
      context.storage,
      joinPath(dir, RECOVERY_POINT_FILE),
    )
    this.logStartOffsets = new OffsetCheckpointFile(
      context.storage,
      joinPath(dir, LOG_START_OFFSET_FILE),
    )
  }

  /** Opens every log of the directory; those that no topic claims are put aside. */
  startup(): void {
    const { storage } = this.context
    const cleanFile = joinPath(this.options.dir, CLEAN_SHUTDOWN_FILE)
    const hadCleanShutdown = storage.exists(cleanFile)
    storage.remove(cleanFile)
    const recoveryPoints = this.readCheckpoint(this.recoveryPoints)
    const logStartOffsets = this.readCheckpoint(this.logStartOffsets)
    for (const name of storage.list(this.options.dir)) {
      const dir = joinPath(this.options.dir, name)
      if (!storage.isDirectory(dir) || name.endsWith(STRAY_DIR_SUFFIX)) continue
      if (name.endsWith(DELETE_DIR_SUFFIX)) {
        storage.remove(dir)
        continue
      }
      this.loadLog(dir, parseTopicPartitionName(name), {
        hadCleanShutdown,
        recoveryPoint: recoveryPoints.get(name) ?? 0,
        logStartOffset: logStartOffsets.get(name) ?? 0,
      })
    }
    this.started = true
    this.scheduleTasks()
  }

  getLog(topicPartition: TopicPartition): UnifiedLog | undefined {
    return this.logs.get(topicPartition.key)
  }

  allLogs(): Iterable<UnifiedLog> {
    return this.logs.values()
  }

  /** @throws KafkaStorageException when the directory has failed */
  getOrCreateLog(topicPartition: TopicPartition, topicId: Uuid): UnifiedLog {
    const known = this.logs.get(topicPartition.key)
    if (known !== undefined) return known
    const { producers = [], ...released } = this.expected.get(topicPartition.key) ?? {}
    const log = UnifiedLog.create({
      context: this.context,
      dir: joinPath(this.options.dir, logDirName(topicPartition)),
      config: this.options.configOf(topicPartition.topic),
      topicId,
      ...released,
    })
    log.producerStateManager.takeOver(producers)
    this.expected.delete(topicPartition.key)
    this.logs.set(topicPartition.key, log)
    return log
  }

  /** Closes a log in order and forgets it; its directory is another broker's from now on. */
  release(topicPartition: TopicPartition): ReleasedLog {
    const log = this.logs.get(topicPartition.key)
    if (log === undefined) return UNKNOWN_LOG
    this.logs.delete(topicPartition.key)
    const producers = [...log.producerStateManager.activeProducers().values()]
    log.close()
    this.checkpoint()
    const { recoveryPoint, logStartOffset } = log
    return { hadCleanShutdown: true, recoveryPoint, logStartOffset, producers }
  }

  /** A log's directory was moved here. */
  expectLog(topicPartition: TopicPartition, released: ReleasedLog): void {
    this.expected.set(topicPartition.key, released)
  }

  /** The next start reads the logs of `dir` as after a crash. */
  static markUnclean(storage: Storage, dir: string): void {
    storage.remove(joinPath(dir, CLEAN_SHUTDOWN_FILE))
  }

  updateTopicConfig(topic: string): void {
    const config = this.options.configOf(topic)
    for (const log of this.logs.values()) {
      if (log.topicPartition.topic === topic) log.updateConfig(config)
    }
  }

  /** Takes a log out of service at once; its files go after `file.delete.delay.ms`. */
  asyncDelete(topicPartition: TopicPartition): void {
    const log = this.logs.get(topicPartition.key)
    if (log === undefined) return
    this.logs.delete(topicPartition.key)
    if (this.context.failureChannel.hasOfflineLogDir()) return
    const name = logDeleteDirName(topicPartition, Uuid.randomUuid(this.context.random))
    log.renameDir(joinPath(this.options.dir, name))
    this.options.tasks.schedule(log.config.fileDeleteDelayMs, () => log.delete())
    this.checkpoint()
  }

  /** Writes down what need not be read again, and where each log begins. */
  checkpoint(): void {
    if (this.context.failureChannel.hasOfflineLogDir()) return
    this.context.failureChannel.guard(
      () => `Error while writing checkpoints in log directory '${this.options.dir}'`,
      () => {
        const logs = [...this.logs.values()]
        this.recoveryPoints.write(logs.map((log) => [log.topicPartition, log.recoveryPoint]))
        const started = logs.filter((log) => log.logStartOffset > firstOffsetOf(log))
        this.logStartOffsets.write(started.map((log) => [log.topicPartition, log.logStartOffset]))
      },
    )
  }

  /** Closes every log in order, and says so on the disk when all went well. */
  async shutdown(): Promise<void> {
    // A directory that was not opened to its end is not ours to call clean: it may be another
    // broker's. Of one that has failed nobody knows what it holds.
    if (!this.started || this.context.failureChannel.hasOfflineLogDir()) {
      for (const log of this.logs.values()) log.close()
      this.logs.clear()
      return
    }
    this.started = false
    try {
      for (const log of this.logs.values()) await log.flush()
      for (const log of this.logs.values()) log.close()
      this.checkpoint()
      const unread = [...this.expected.values()].some(({ hadCleanShutdown }) => !hadCleanShutdown)
      if (!unread && !this.context.failureChannel.hasOfflineLogDir()) this.markClean()
    } catch (error) {
      this.context.logger.error(
        'The logs were not closed in order; they will be recovered at the next start',
        error,
      )
    }
    this.logs.clear()
  }

  private markClean(): void {
    this.context.storage.open(joinPath(this.options.dir, CLEAN_SHUTDOWN_FILE)).close()
  }

  private loadLog(
    dir: string,
    topicPartition: TopicPartition,
    offsets: { hadCleanShutdown: boolean; recoveryPoint: number; logStartOffset: number },
  ): void {
    const { context } = this
    const config = this.options.configOf(topicPartition.topic)
    const log = UnifiedLog.create({ context, dir, config, ...offsets })
    const expected = this.options.expectedTopicId(topicPartition)
    if (expected === undefined || (log.topicId !== undefined && !log.topicId.equals(expected))) {
      this.putAside(log)
      return
    }
    log.assignTopicId(expected)
    this.logs.set(topicPartition.key, log)
  }

  /**
   * A partition that no topic claims was deleted while this broker was away, or belongs to another
   * cluster.
   */
  private putAside(log: UnifiedLog): void {
    const name = logDeleteDirName(log.topicPartition, Uuid.randomUuid(this.context.random))
    const stray = name.slice(0, -DELETE_DIR_SUFFIX.length) + STRAY_DIR_SUFFIX
    this.context.logger.warn(
      `The log of ${log.topicPartition} belongs to no known topic; it is put aside as '${stray}'`,
    )
    log.close()
    this.context.storage.rename(log.dir, joinPath(this.options.dir, stray))
  }

  private scheduleTasks(): void {
    const { tasks, flushSchedulerIntervalMs } = this.options
    tasks.scheduleEvery(this.options.checkpointIntervalMs, () => this.checkpoint())
    tasks.scheduleEvery(flushSchedulerIntervalMs, () => this.flushDirtyLogs())
    tasks.scheduleEvery(this.options.producerIdExpirationCheckIntervalMs, () => {
      for (const log of this.logs.values()) log.removeExpiredProducers(this.time.milliseconds())
    })
  }

  private flushDirtyLogs(): void {
    for (const log of this.logs.values()) {
      const sinceFlushMs = this.time.milliseconds() - log.lastFlushTime()
      // A failure takes the directory out of service, which is reported there.
      if (sinceFlushMs >= log.config.flushMs) log.flush().catch(() => {})
    }
  }

  private readCheckpoint(file: OffsetCheckpointFile): Map<string, number> {
    try {
      return file.read()
    } catch (error) {
      if (!(error instanceof MalformedCheckpointException)) throw error
      this.context.logger.warn(`${error.message} Its offsets are taken as 0.`)
      return new Map()
    }
  }
}

const firstOffsetOf = (log: UnifiedLog): number => log.logSegments()[0]?.baseOffset ?? 0
