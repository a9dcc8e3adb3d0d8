/**
 * Opens what a directory holds and makes a log of it, whatever state a crash left it in.
 *
 *     clean shutdown   indexes are whole, the last offset is read from the end
 *     otherwise        from the recovery point on every segment is read and every CRC checked
 *
 *     │ segment, flushed │ segment: whole │ segment: whole, whole, torn░░ │ segment │
 *     └ trusted           └ read again     └ cut here                     └ deleted
 *
 * Behind the first batch that is not whole nothing can be trusted: what follows was written later,
 * and a log has no holes. Nothing that was acknowledged is cut off after a killed process, because
 * it was acknowledged after write(2) had returned; after a power loss what was flushed is kept.
 *
 * I1  When `load` returns, the log ends behind a batch whose CRC is right, and there is an active
 *     segment.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogLoader
 * @simplified a segment whose offsets overflow its index is not split: this log never writes one.
 */

import { InvalidOffsetException } from '../../common/errors/ApiExceptions.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { CorruptIndexException } from './AbstractIndex.ts'
import { FileRecords } from './FileRecords.ts'
import type { LeaderEpochFileCache } from './LeaderEpochFileCache.ts'
import { deleteProducerSnapshots, deleteSegmentFiles, openSegment } from './LocalLog.ts'
import type { LogConfig } from './LogConfig.ts'
import type { LogDirContext } from './LogDirContext.ts'
import {
  CLEANED_FILE_SUFFIX,
  DELETED_FILE_SUFFIX,
  isIndexFile,
  isLogFile,
  logFile,
  offsetFromFile,
  offsetFromFileName,
  SWAP_FILE_SUFFIX,
  timeIndexFile,
} from './LogFileUtils.ts'
import { LogOffsetMetadata } from './LogOffsetMetadata.ts'
import type { LogSegment } from './LogSegment.ts'
import { LogSegmentOffsetOverflowException, NoSuchIndexException } from './LogSegmentExceptions.ts'
import type { LogSegments } from './LogSegments.ts'
import { ProducerStateManager } from './ProducerStateManager.ts'
import { rebuildProducerState } from './rebuildProducerState.ts'
import { joinPath } from './Storage.ts'

export interface LogLoaderOptions {
  context: LogDirContext
  dir: string
  topicPartition: TopicPartition
  config: LogConfig
  hadCleanShutdown: boolean
  segments: LogSegments
  /** From `log-start-offset-checkpoint`; 0 when unknown. */
  logStartOffsetCheckpoint: number
  /** From `recovery-point-offset-checkpoint`; 0 when unknown. */
  recoveryPointCheckpoint: number
  leaderEpochCache: LeaderEpochFileCache
  producerStateManager: ProducerStateManager
}

/** @kafka org.apache.kafka.storage.internals.log.LoadedLogOffsets */
export interface LoadedLogOffsets {
  readonly logStartOffset: number
  readonly recoveryPoint: number
  readonly nextOffsetMetadata: LogOffsetMetadata
}

const TEMPORARY_SUFFIXES = [DELETED_FILE_SUFFIX, CLEANED_FILE_SUFFIX, '.tmp']

export class LogLoader {
  private readonly options: LogLoaderOptions
  private readonly context: LogDirContext
  private readonly segments: LogSegments
  /**
   * Without a readable epoch file every segment is read again, because the batches name their
   * epochs.
   */
  private readonly recoveryPoint: number
  /** Base offsets of the segments that were found without a time index. */
  private readonly newTimeIndexes = new Set<number>()

  constructor(options: LogLoaderOptions) {
    this.options = options
    this.context = options.context
    this.segments = options.segments
    this.recoveryPoint = options.leaderEpochCache.wasMalformed ? 0 : options.recoveryPointCheckpoint
  }

  load(): LoadedLogOffsets {
    const { leaderEpochCache, logStartOffsetCheckpoint, producerStateManager } = this.options
    this.removeTemporaryFiles()
    this.completeSwapFiles()
    this.loadSegmentFiles()
    const { recoveryPoint, nextOffset } = this.recoverLog()
    this.segments.activeSegment().resizeIndexes(this.options.config.maxIndexSize)

    leaderEpochCache.truncateFromEnd(nextOffset)
    const firstOffset = this.segments.firstSegmentBaseOffset() ?? 0
    const logStartOffset = Math.max(logStartOffsetCheckpoint, firstOffset)
    leaderEpochCache.truncateFromStart(logStartOffsetCheckpoint)

    producerStateManager.removeStraySnapshots(this.segments.baseOffsets())
    rebuildProducerState(
      producerStateManager,
      this.segments,
      logStartOffset,
      nextOffset,
      this.context.time.milliseconds(),
      this.options.hadCleanShutdown,
    )
    const active = this.segments.activeSegment()
    return {
      logStartOffset,
      recoveryPoint,
      nextOffsetMetadata: new LogOffsetMetadata(nextOffset, active.baseOffset, active.size),
    }
  }

  // ---- what interrupted work left behind

  /**
   * A `.cleaned` file never counted, and then its later neighbours do not either: they came into
   * being together.
   */
  private removeTemporaryFiles(): void {
    const names = this.files()
    const cleaned = names.filter((name) => name.endsWith(CLEANED_FILE_SUFFIX)).map(offsetFromFile)
    const firstCleaned = Math.min(...cleaned)
    for (const name of names) {
      const unfinishedSwap = name.endsWith(SWAP_FILE_SUFFIX) && offsetFromFile(name) >= firstCleaned
      if (unfinishedSwap || TEMPORARY_SUFFIXES.some((suffix) => name.endsWith(suffix))) {
        this.context.storage.remove(this.path(name))
      }
    }
  }

  /** A `.swap` file replaces what has its offsets: the replacement had begun to count. */
  private completeSwapFiles(): void {
    const swaps = this.files().filter((name) => name.endsWith(SWAP_FILE_SUFFIX))
    if (swaps.length === 0) return
    const covered = this.offsetsOfSwapFiles(swaps)
    for (const name of this.files()) {
      const offset = name.endsWith(SWAP_FILE_SUFFIX) ? undefined : offsetFromFileName(name)
      if (offset !== undefined && offset >= covered.from && offset < covered.to) {
        this.context.storage.remove(this.path(name))
      }
    }
    for (const name of swaps) {
      const target = name.slice(0, -SWAP_FILE_SUFFIX.length)
      this.context.storage.rename(this.path(name), this.path(target))
    }
  }

  private offsetsOfSwapFiles(swaps: readonly string[]): { from: number; to: number } {
    let from = Number.POSITIVE_INFINITY
    let to = Number.NEGATIVE_INFINITY
    for (const name of swaps) {
      if (!isLogFile(name.slice(0, -SWAP_FILE_SUFFIX.length))) continue
      // Not through a segment: its index would make a file of its own, and that would outlive us.
      const log = new FileRecords(this.context.storage, this.path(name))
      from = Math.min(from, offsetFromFile(name))
      log.scanHeaders(0, (header) => {
        to = Math.max(to, header.nextOffset)
        return true
      })
      log.closeHandlers()
    }
    return { from, to }
  }

  // ---- the segments

  private loadSegmentFiles(): void {
    const { storage, logger } = this.context
    const { dir, config } = this.options
    for (const name of this.files()) {
      if (isIndexFile(name)) {
        if (storage.exists(logFile(dir, offsetFromFile(name)))) continue
        logger.warn(`Found an orphaned index file ${name}, with no corresponding log file.`)
        storage.remove(this.path(name))
      } else if (isLogFile(name)) {
        const baseOffset = offsetFromFile(name)
        if (!storage.exists(timeIndexFile(dir, baseOffset))) this.newTimeIndexes.add(baseOffset)
        this.segments.add(openSegment(this.context, dir, baseOffset, config))
      }
    }
    const unflushed = new Set(this.unflushedSegments())
    for (const segment of this.segments.values()) {
      // The others are read anyway. To cut a torn one here already would hide from
      // `recoverUnflushedSegments` that what follows it must go.
      if (!unflushed.has(segment)) this.ensureUsable(segment)
    }
  }

  /** What was perhaps not on the disk itself when the broker ended. */
  private unflushedSegments(): LogSegment[] {
    if (this.options.hadCleanShutdown) return []
    return this.segments.values(this.recoveryPoint, Number.MAX_SAFE_INTEGER)
  }

  private ensureUsable(segment: LogSegment): void {
    try {
      segment.sanityCheck(this.newTimeIndexes.has(segment.baseOffset))
    } catch (error) {
      if (!(error instanceof NoSuchIndexException || error instanceof CorruptIndexException)) {
        throw error
      }
      this.context.logger.warn(`${error.message}: the segment is read and its indexes rebuilt`)
      this.recoverSegment(segment)
    }
  }

  /** Reads one segment with the producers' state that led up to it; returns the bytes cut off. */
  private recoverSegment(segment: LogSegment): number {
    const { topicPartition, dir, leaderEpochCache, producerStateManager } = this.options
    const producers = new ProducerStateManager({
      topicPartition,
      storage: this.context.storage,
      dir,
      producerIdExpirationMs: producerStateManager.producerIdExpirationMs,
      logger: this.context.logger,
    })
    rebuildProducerState(
      producers,
      this.segments,
      this.options.logStartOffsetCheckpoint,
      segment.baseOffset,
      this.context.time.milliseconds(),
      false,
    )
    const truncated = segment.recover(producers, leaderEpochCache)
    producers.takeSnapshot()
    return truncated
  }

  private recoverLog(): { recoveryPoint: number; nextOffset: number } {
    this.recoverUnflushedSegments()
    this.deleteSegmentsIfLogStartGreaterThanLogEnd()
    if (this.segments.isEmpty()) {
      const { dir, config, logStartOffsetCheckpoint } = this.options
      this.segments.add(openSegment(this.context, dir, logStartOffsetCheckpoint, config))
    }
    const nextOffset = this.segments.activeSegment().readNextOffset()
    const recoveryPoint = this.options.hadCleanShutdown
      ? nextOffset
      : Math.min(this.recoveryPoint, nextOffset)
    return { recoveryPoint, nextOffset }
  }

  private recoverUnflushedSegments(): void {
    const unflushed = this.unflushedSegments()
    for (const [index, segment] of unflushed.entries()) {
      const truncated = this.recoverOrEmpty(segment)
      if (truncated === 0) continue
      this.context.logger.warn(
        `Corruption found in segment ${segment.baseOffset} of ${this.options.topicPartition}, ` +
          `truncating to offset ${segment.readNextOffset()} (${truncated} bytes)`,
      )
      this.removeAndDeleteSegments(unflushed.slice(index + 1))
      return
    }
  }

  private recoverOrEmpty(segment: LogSegment): number {
    try {
      return this.recoverSegment(segment)
    } catch (error) {
      const unusable =
        error instanceof InvalidOffsetException ||
        error instanceof LogSegmentOffsetOverflowException
      if (!unusable) throw error
      this.context.logger.warn(
        'Found invalid offset during recovery. Deleting the corrupt segment and creating an ' +
          `empty one with starting offset ${segment.baseOffset}`,
      )
      return segment.truncateTo(segment.baseOffset)
    }
  }

  private deleteSegmentsIfLogStartGreaterThanLogEnd(): void {
    const { logStartOffsetCheckpoint, leaderEpochCache, producerStateManager } = this.options
    const last = this.segments.lastSegment()
    if (last === undefined) return
    const logEndOffset = last.readNextOffset()
    if (logEndOffset >= logStartOffsetCheckpoint) return
    this.context.logger.warn(
      `Deleting all segments because logEndOffset (${logEndOffset}) is smaller than ` +
        'logStartOffset ' +
        `${logStartOffsetCheckpoint}. This could happen if segment files were deleted from the ` +
        'file system.',
    )
    this.removeAndDeleteSegments(this.segments.values())
    leaderEpochCache.clearAndFlush()
    producerStateManager.truncateFullyAndStartAt(logStartOffsetCheckpoint)
  }

  private removeAndDeleteSegments(segments: readonly LogSegment[]): void {
    const { config, producerStateManager } = this.options
    const delayMs = config.fileDeleteDelayMs
    for (const segment of segments) this.segments.remove(segment.baseOffset)
    deleteSegmentFiles(this.context, segments, delayMs)
    deleteProducerSnapshots(this.context, producerStateManager, segments, delayMs)
  }

  private files(): string[] {
    const { storage } = this.context
    const { dir } = this.options
    return storage.list(dir).filter((name) => !storage.isDirectory(joinPath(dir, name)))
  }

  private path(name: string): string {
    return joinPath(this.options.dir, name)
  }
}
