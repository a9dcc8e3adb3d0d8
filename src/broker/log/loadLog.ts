/**
 * Puts the parts of a partition's log together from its directory, before there is a `UnifiedLog`
 * to hold them.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (create)
 */

import type { Uuid } from '../../common/Uuid.ts'
import { LeaderEpochFileCache } from './LeaderEpochFileCache.ts'
import { LocalLog } from './LocalLog.ts'
import type { LogConfig } from './LogConfig.ts'
import type { LogDirContext } from './LogDirContext.ts'
import { parseTopicPartitionName } from './LogFileUtils.ts'
import { LogLoader } from './LogLoader.ts'
import { LogSegments } from './LogSegments.ts'
import { ProducerStateManager } from './ProducerStateManager.ts'
import { baseName } from './Storage.ts'

export interface UnifiedLogOptions {
  context: LogDirContext
  /** The partition's directory; its name says which partition it is. */
  dir: string
  config: LogConfig
  /** From `log-start-offset-checkpoint`. Default 0. */
  logStartOffset?: number
  /** From `recovery-point-offset-checkpoint`. Default 0. */
  recoveryPoint?: number
  /** The broker that wrote this directory closed it in order. Default: no. */
  hadCleanShutdown?: boolean
  topicId?: Uuid | undefined
}

/** What a log is made of. */
export interface LoadedLog {
  readonly localLog: LocalLog
  readonly startOffset: number
  readonly leaderEpochCache: LeaderEpochFileCache
  readonly producerStateManager: ProducerStateManager
}

/** Recovers what the directory holds if need be; makes it when it is not there. */
export const loadLog = (options: UnifiedLogOptions): LoadedLog => {
  const { context, dir, config } = options
  const { storage, logger, producerIdExpirationMs } = context
  const topicPartition = parseTopicPartitionName(baseName(dir))
  storage.makeDirectory(dir)
  const segments = new LogSegments(topicPartition)
  const leaderEpochCache = new LeaderEpochFileCache(storage, dir, logger)
  const producerStateManager = new ProducerStateManager({
    topicPartition,
    storage,
    dir,
    producerIdExpirationMs,
    logger,
  })
  const { logStartOffset, ...offsets } = new LogLoader({
    context,
    dir,
    topicPartition,
    config,
    hadCleanShutdown: options.hadCleanShutdown ?? false,
    segments,
    logStartOffsetCheckpoint: options.logStartOffset ?? 0,
    recoveryPointCheckpoint: options.recoveryPoint ?? 0,
    leaderEpochCache,
    producerStateManager,
  }).load()
  const localLog = new LocalLog({ context, dir, config, segments, topicPartition, ...offsets })
  return { localLog, startOffset: logStartOffset, leaderEpochCache, producerStateManager }
}
