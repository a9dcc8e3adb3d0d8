/**
 * The log of one partition: what is appended, what may be read, and what is remembered about who
 * wrote it.
 *
 *     log start            high watermark      log end
 *        ▼                       ▼                ▼
 *     ───┤ consumers read here   ┤ not yet on all ├───
 *        0 … deleted             replicas
 *
 * The parts have files of their own: the way of an append (`LogAppender`), segments and bytes
 * (`LocalLog`), flushing (`LogFlusher`), the high watermark (`HighWatermark`), opening after a
 * crash (`loadLog`, `LogLoader`).
 *
 * I1  An append is checked whole before the first byte is written; afterwards it cannot be refused.
 * I2  A batch that a producer sends again is not written again: it is answered with the offsets it
 *     has.
 * I3  log start ≤ high watermark ≤ log end.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog
 * @simplified no transactions (so the last stable offset is the high watermark), no tiered storage,
 *   no retention yet.
 */

import { OffsetOutOfRangeException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Uuid } from '../../common/Uuid.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import type { FetchDataInfo, FetchIsolation, LogOffsetSnapshot } from './FetchDataInfo.ts'
import { HighWatermark } from './HighWatermark.ts'
import { type LeaderEpochFileCache, UNDEFINED_EPOCH_OFFSET } from './LeaderEpochFileCache.ts'
import { deleteProducerSnapshots, type LocalLog } from './LocalLog.ts'
import { LogAppender } from './LogAppender.ts'
import type { LogAppendInfo } from './LogAppendInfo.ts'
import type { LogConfig } from './LogConfig.ts'
import type { LogDirContext } from './LogDirContext.ts'
import { LogFlusher } from './LogFlusher.ts'
import type { LogOffsetMetadata } from './LogOffsetMetadata.ts'
import type { LogSegment } from './LogSegment.ts'
import { type LoadedLog, loadLog, type UnifiedLogOptions } from './loadLog.ts'
import { PartitionMetadataFile } from './PartitionMetadataFile.ts'
import type { AppendOrigin } from './ProducerAppendInfo.ts'
import type { ProducerStateManager } from './ProducerStateManager.ts'
import { rebuildProducerState } from './rebuildProducerState.ts'

export class UnifiedLog {
  readonly topicPartition: TopicPartition
  readonly leaderEpochCache: LeaderEpochFileCache
  readonly producerStateManager: ProducerStateManager
  private readonly context: LogDirContext
  private readonly localLog: LocalLog
  private readonly hw: HighWatermark
  private readonly appender: LogAppender
  private readonly flusher: LogFlusher
  private metadataFile: PartitionMetadataFile
  private topic: Uuid | undefined
  private startOffset: number

  private constructor(options: UnifiedLogOptions, parts: LoadedLog) {
    const { localLog, startOffset, leaderEpochCache, producerStateManager } = parts
    this.context = options.context
    this.topicPartition = localLog.topicPartition
    this.localLog = localLog
    this.leaderEpochCache = leaderEpochCache
    this.producerStateManager = producerStateManager
    this.startOffset = startOffset
    this.hw = new HighWatermark(localLog, startOffset)
    this.flusher = new LogFlusher(options.context, localLog, leaderEpochCache)
    this.appender = new LogAppender({
      context: options.context,
      localLog,
      leaderEpochCache,
      producerStateManager,
      roll: (expectedNextOffset) => this.roll(expectedNextOffset),
      flush: (upTo) => this.flush(upTo),
    })
    if (localLog.recoveryPoint() < startOffset) localLog.updateRecoveryPoint(startOffset)
    this.metadataFile = new PartitionMetadataFile(options.context.storage, localLog.dir)
    this.topic = this.metadataFile.topicIdOr(options.topicId)
  }

  /** Opens the log of a directory, recovering it if need be; makes both when they are not there. */
  static create(options: UnifiedLogOptions): UnifiedLog {
    const { context, dir } = options
    return context.failureChannel.guard(
      () => `Error while opening the log in '${dir}'`,
      () => new UnifiedLog(options, loadLog(options)),
    )
  }

  // ---- offsets and settings

  get dir(): string {
    return this.localLog.dir
  }

  get config(): LogConfig {
    return this.localLog.config
  }

  updateConfig(config: LogConfig): void {
    this.localLog.updateConfig(config)
  }

  get topicId(): Uuid | undefined {
    return this.topic
  }

  get logStartOffset(): number {
    return this.startOffset
  }

  get logEndOffset(): number {
    return this.localLog.logEndOffset()
  }

  get logEndOffsetMetadata(): LogOffsetMetadata {
    return this.localLog.logEndOffsetMetadata()
  }

  get highWatermark(): number {
    return this.hw.offset
  }

  /** How far a reader of committed records gets: without transactions to the high watermark. */
  get lastStableOffset(): number {
    return this.highWatermark
  }

  get recoveryPoint(): number {
    return this.localLog.recoveryPoint()
  }

  get size(): number {
    return this.localLog.segments.sizeInBytes()
  }

  logSegments(): LogSegment[] {
    return this.localLog.segments.values()
  }

  activeSegment(): LogSegment {
    return this.localLog.segments.activeSegment()
  }

  numberOfSegments(): number {
    return this.localLog.segments.numberOfSegments()
  }

  fetchOffsetSnapshot(): LogOffsetSnapshot {
    const highWatermark = this.hw.fetchMetadata()
    return {
      logStartOffset: this.startOffset,
      logEndOffset: this.logEndOffsetMetadata,
      highWatermark,
      lastStableOffset: highWatermark,
    }
  }

  /** Where `leaderEpoch` ended in this log, and which epoch that really is, when it is known. */
  endOffsetForEpoch(leaderEpoch: number): { epoch: number; endOffset: number } | undefined {
    const found = this.leaderEpochCache.endOffsetFor(leaderEpoch, this.logEndOffset)
    return found.endOffset === UNDEFINED_EPOCH_OFFSET ? undefined : found
  }

  /** Sets the high watermark, cut to what the log has; returns it. */
  updateHighWatermark(offset: number | LogOffsetMetadata): number {
    return this.hw.update(offset, this.startOffset)
  }

  /** Moves the high watermark forward; returns whether it moved. */
  maybeIncrementHighWatermark(newHighWatermark: LogOffsetMetadata): boolean {
    return this.hw.maybeIncrement(newHighWatermark)
  }

  /**
   * The log begins at `newLogStartOffset` from now on: what lies before may be deleted. Returns
   * whether that is news.
   *
   * @throws OffsetOutOfRangeException beyond the high watermark
   */
  maybeIncrementLogStartOffset(newLogStartOffset: number): boolean {
    if (newLogStartOffset > this.highWatermark) {
      throw new OffsetOutOfRangeException(
        `Cannot increment the log start offset to ${newLogStartOffset} of partition ` +
          `${this.topicPartition} since it is larger than the high watermark ${this.highWatermark}`,
      )
    }
    if (newLogStartOffset <= this.startOffset) return false
    this.startOffset = newLogStartOffset
    if (this.recoveryPoint < newLogStartOffset) this.localLog.updateRecoveryPoint(newLogStartOffset)
    this.leaderEpochCache.truncateFromStart(newLogStartOffset)
    this.producerStateManager.onLogStartOffsetIncremented(newLogStartOffset)
    return true
  }

  /** @throws InconsistentTopicIdException when it has another */
  assignTopicId(topicId: Uuid): void {
    this.topic = this.metadataFile.topicIdOr(topicId)
  }

  // ---- appending

  /**
   * Appends what a client or coordinator sent: checked, with offsets and the leader's epoch
   * assigned in place.
   *
   * @throws CorruptRecordException, RecordTooLargeException, RecordValidationException,
   *   OutOfOrderSequenceException, InvalidProducerEpochException, KafkaStorageException, …
   */
  appendAsLeader(
    records: MemoryRecords,
    leaderEpoch: number,
    origin: AppendOrigin = 'client',
  ): LogAppendInfo {
    const logStartOffset = this.startOffset
    const params = { records, leaderEpoch, origin, assignsOffsets: true, logStartOffset }
    const info = this.appender.append(params)
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.log.append', {
        topic: this.topicPartition.topic,
        partition: this.topicPartition.partition,
        firstOffset: info.firstOffset,
        lastOffset: info.lastOffset,
        records: info.numMessages(),
        bytes: info.validBytes,
        segment: this.activeSegment().baseOffset,
      })
    }
    return info
  }

  /** Appends what a leader sent, as it is. */
  appendAsFollower(records: MemoryRecords, leaderEpoch: number): LogAppendInfo {
    const params = { records, leaderEpoch, assignsOffsets: false, logStartOffset: this.startOffset }
    return this.appender.append({ ...params, origin: 'replication' })
  }

  // ---- reading

  /**
   * Batches from the one that holds `startOffset` on.
   *
   * @param maxLength bytes at most, unless `minOneMessage` and the first batch is larger
   * @throws OffsetOutOfRangeException outside what the log has
   */
  read(
    startOffset: number,
    maxLength: number,
    isolation: FetchIsolation,
    minOneMessage: boolean,
  ): FetchDataInfo {
    if (startOffset < this.startOffset) {
      throw new OffsetOutOfRangeException(
        `Received request for offset ${startOffset} for partition ${this.topicPartition}, but we ` +
          `only have log segments starting from offset: ${this.startOffset}.`,
      )
    }
    const info = this.context.failureChannel.guard(
      () => `Exception while reading from ${this.topicPartition} in dir '${this.dir}'`,
      () => {
        const upTo = isolation === 'logEnd' ? this.logEndOffsetMetadata : this.hw.fetchMetadata()
        return this.localLog.read(startOffset, maxLength, minOneMessage, upTo)
      },
    )
    if (this.context.trace.enabled) {
      this.context.trace.emit('broker.log.read', {
        topic: this.topicPartition.topic,
        partition: this.topicPartition.partition,
        startOffset,
        maxBytes: maxLength,
        bytes: info.records.sizeInBytes,
      })
    }
    return info
  }

  // ---- segments

  /** Begins a new segment; the old one is flushed in the background. */
  roll(expectedNextOffset = 0): LogSegment {
    const segment = this.localLog.roll(expectedNextOffset)
    this.producerStateManager.updateMapEndOffset(segment.baseOffset)
    this.producerStateManager.takeSnapshot()
    this.hw.updateWithLogEndOffset()
    // A failure takes the directory out of service; nobody waits for this flush.
    this.flush(segment.baseOffset).catch(() => {})
    return segment
  }

  /**
   * Removes every offset from `targetOffset` on. Returns whether there were any.
   *
   * @throws IllegalArgumentException for a negative offset
   */
  truncateTo(targetOffset: number): boolean {
    if (targetOffset < 0) {
      throw new IllegalArgumentException(
        `Cannot truncate partition ${this.topicPartition} to a negative offset (${targetOffset}).`,
      )
    }
    if (targetOffset >= this.logEndOffset) {
      this.leaderEpochCache.truncateFromEnd(this.logEndOffset)
      return false
    }
    if ((this.localLog.segments.firstSegmentBaseOffset() ?? 0) > targetOffset) {
      this.truncateFullyAndStartAt(targetOffset)
      return true
    }
    const deleted = this.localLog.truncateTo(targetOffset)
    const { context, producerStateManager, config } = this
    deleteProducerSnapshots(context, producerStateManager, deleted, config.fileDeleteDelayMs)
    this.leaderEpochCache.truncateFromEnd(targetOffset)
    this.startOffset = Math.min(targetOffset, this.startOffset)
    this.rebuildProducers(targetOffset)
    this.hw.updateWithLogEndOffset()
    return true
  }

  /** Removes everything; the next record has `newOffset`. */
  truncateFullyAndStartAt(newOffset: number, logStartOffset = newOffset): void {
    this.localLog.truncateFullyAndStartAt(newOffset)
    this.leaderEpochCache.clearAndFlush()
    this.producerStateManager.truncateFullyAndStartAt(newOffset)
    this.startOffset = logStartOffset
    this.rebuildProducers(newOffset)
    this.updateHighWatermark(this.logEndOffsetMetadata)
  }

  // ---- flushing, closing, deleting

  /**
   * What lies before `upTo` survives a power loss once this resolves; default: everything appended
   * so far.
   *
   * @throws KafkaStorageException
   */
  flush(upTo: number = this.logEndOffset): Promise<void> {
    return this.flusher.flush(upTo)
  }

  lastFlushTime(): number {
    return this.localLog.lastFlushTime()
  }

  removeExpiredProducers(nowMs: number): void {
    this.producerStateManager.removeExpiredProducers(nowMs)
  }

  /** Closes in order: indexes and the producers' state are written. */
  close(): void {
    if (this.context.failureChannel.hasOfflineLogDir()) {
      this.localLog.closeHandlers()
      return
    }
    this.context.failureChannel.guard(
      () => `Error while closing the log of ${this.topicPartition} in dir '${this.dir}'`,
      () => {
        this.producerStateManager.takeSnapshot()
        this.localLog.close()
      },
    )
  }

  /** Renames the partition's directory. */
  renameDir(dir: string): void {
    if (!this.localLog.renameDir(dir)) return
    this.producerStateManager.updateParentDir(dir)
    this.leaderEpochCache.updateParentDir(dir)
    this.metadataFile = new PartitionMetadataFile(this.context.storage, dir)
  }

  /** Removes all files, at once. */
  delete(): void {
    this.localLog.deleteAllSegments()
    this.leaderEpochCache.clear()
    this.localLog.deleteEmptyDir()
  }

  toString(): string {
    return (
      `Log(dir=${this.dir}, partition=${this.topicPartition}, ` +
      `highWatermark=${this.highWatermark}, ` +
      `logStartOffset=${this.startOffset}, logEndOffset=${this.logEndOffset})`
    )
  }

  private rebuildProducers(lastOffset: number): void {
    const { producerStateManager, startOffset } = this
    const { segments } = this.localLog
    const nowMs = this.context.time.milliseconds()
    rebuildProducerState(producerStateManager, segments, startOffset, lastOffset, nowMs, false)
  }
}
