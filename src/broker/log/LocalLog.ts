/**
 * An append-only log on one disk: segments, their end, and up to where they are flushed.
 *
 *     segments    │ 0 ……………… │ 1000 ………… │ 2000 ………     │
 *                                  ▲ recovery point     ▲ log end offset
 *                                  flushed up to here   the next record's offset
 *
 * It knows offsets and bytes. Who may append, what a reader may see and what producers are
 * remembered is `UnifiedLog`'s.
 *
 * I1  `logEndOffset` moves only after the bytes are written.
 * I2  `recoveryPoint` never passes what a flush has confirmed: a restart reads everything behind it
 *     again.
 *
 * @kafka org.apache.kafka.storage.internals.log.LocalLog
 */

import { OffsetOutOfRangeException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import type { FetchDataInfo } from './FetchDataInfo.ts'
import { FileRecordsSlice } from './FileRecords.ts'
import type { LogConfig } from './LogConfig.ts'
import type { LogDirContext } from './LogDirContext.ts'
import { DELETED_FILE_SUFFIX, logFile, offsetIndexFile, timeIndexFile } from './LogFileUtils.ts'
import { LogOffsetMetadata } from './LogOffsetMetadata.ts'
import { LogSegment } from './LogSegment.ts'
import type { LogSegments } from './LogSegments.ts'
import type { ProducerStateManager } from './ProducerStateManager.ts'

export interface LocalLogOptions {
  context: LogDirContext
  dir: string
  config: LogConfig
  segments: LogSegments
  recoveryPoint: number
  nextOffsetMetadata: LogOffsetMetadata
  topicPartition: TopicPartition
}

export class LocalLog {
  readonly topicPartition: TopicPartition
  readonly segments: LogSegments
  private readonly context: LogDirContext
  private logDir: string
  private logConfig: LogConfig
  private recovered: number
  private next: LogOffsetMetadata
  private lastFlushedMs: number
  private cuts = 0

  constructor(options: LocalLogOptions) {
    this.context = options.context
    this.logDir = options.dir
    this.logConfig = options.config
    this.segments = options.segments
    this.recovered = options.recoveryPoint
    this.next = options.nextOffsetMetadata
    this.topicPartition = options.topicPartition
    this.lastFlushedMs = options.context.time.milliseconds()
  }

  get dir(): string {
    return this.logDir
  }

  get config(): LogConfig {
    return this.logConfig
  }

  updateConfig(config: LogConfig): void {
    this.logConfig = config
  }

  logEndOffset(): number {
    return this.next.messageOffset
  }

  logEndOffsetMetadata(): LogOffsetMetadata {
    return this.next
  }

  recoveryPoint(): number {
    return this.recovered
  }

  updateRecoveryPoint(offset: number): void {
    this.recovered = offset
  }

  lastFlushTime(): number {
    return this.lastFlushedMs
  }

  /**
   * How often records were cut off: a flush that was under way then says nothing about their
   * offsets.
   */
  truncations(): number {
    return this.cuts
  }

  unflushedMessages(): number {
    return this.logEndOffset() - this.recovered
  }

  // ---- appending and reading

  append(lastOffset: number, records: MemoryRecords): void {
    this.segments.activeSegment().append(lastOffset, records)
    this.updateLogEndOffset(lastOffset + 1)
  }

  /**
   * Batches from the one that holds `startOffset` on, up to `maxOffset`.
   *
   * @throws OffsetOutOfRangeException when no segment holds it and it is not the log's end
   */
  read(
    startOffset: number,
    maxLength: number,
    minOneMessage: boolean,
    maxOffset: LogOffsetMetadata,
  ): FetchDataInfo {
    let segment = this.segments.floorSegment(startOffset)
    if (startOffset > this.logEndOffset() || segment === undefined) {
      throw new OffsetOutOfRangeException(
        `Received request for offset ${startOffset} for partition ${this.topicPartition}, but we ` +
          `only have log segments upto ${this.logEndOffset()}.`,
      )
    }
    if (startOffset === maxOffset.messageOffset) return emptyFetchDataInfo(maxOffset)
    if (startOffset > maxOffset.messageOffset) {
      return emptyFetchDataInfo(this.convertToOffsetMetadataOrThrow(startOffset))
    }
    while (segment !== undefined) {
      const maxPosition = readableUpTo(segment, maxOffset)
      const found = segment.read(startOffset, maxLength, maxPosition, minOneMessage)
      if (found !== undefined) return found
      // Compaction may have taken the last offsets of a segment: the next one has what follows.
      segment = this.segments.higherSegment(segment.baseOffset)
    }
    return emptyFetchDataInfo(this.next)
  }

  convertToOffsetMetadataOrThrow(offset: number): LogOffsetMetadata {
    return this.read(offset, 1, false, this.next).fetchOffsetMetadata
  }

  // ---- segments

  /**
   * Begins a new segment at the log's end, or at `expectedNextOffset` when that is larger.
   *
   * @throws KafkaException when there already is one that holds records
   */
  roll(expectedNextOffset = 0): LogSegment {
    const newOffset = Math.max(expectedNextOffset, this.logEndOffset())
    const active = this.segments.activeSegment()
    if (this.segments.contains(newOffset)) return this.replaceEmptyActive(newOffset, active)
    if (newOffset < active.baseOffset) {
      throw new KafkaException(
        `Trying to roll a new log segment for topic partition ${this.topicPartition} with start ` +
          `offset ${newOffset} =max(provided offset = ${expectedNextOffset}, LEO = ` +
          `${this.logEndOffset()}) lower than start offset of the active segment ${active}`,
      )
    }
    for (const file of [logFile, offsetIndexFile, timeIndexFile]) {
      const path = file(this.logDir, newOffset)
      if (!this.context.storage.exists(path)) continue
      this.context.logger.warn(
        `Newly rolled segment file ${path} already exists; deleting it first`,
      )
      this.context.storage.remove(path)
    }
    active.onBecomeInactiveSegment()
    return this.addNewSegment(newOffset)
  }

  /**
   * Takes segments out of the log at once and deletes their files: now, or `file.delete.delay.ms`
   * later, so that a read that is under way can end.
   */
  removeAndDeleteSegments(segments: readonly LogSegment[], asyncDelete: boolean): void {
    for (const segment of segments) {
      this.context.logger.info(`Deleting ${segment} of ${this.topicPartition}`)
      this.segments.remove(segment.baseOffset)
    }
    this.deleteSegmentFiles(segments, asyncDelete)
  }

  /** Removes every offset from `targetOffset` on; returns the segments that went as a whole. */
  truncateTo(targetOffset: number): LogSegment[] {
    this.cuts++
    const deletable = this.segments.values().filter((each) => each.baseOffset > targetOffset)
    this.removeAndDeleteSegments(deletable, true)
    this.segments.activeSegment().truncateTo(targetOffset)
    this.updateLogEndOffset(targetOffset)
    return deletable
  }

  /** Removes everything; the next record has `newOffset`. */
  truncateFullyAndStartAt(newOffset: number): LogSegment[] {
    this.cuts++
    const all = this.segments.values()
    for (const segment of all) segment.changeFileSuffixes('', DELETED_FILE_SUFFIX)
    this.segments.clear()
    this.addNewSegment(newOffset)
    this.deleteSegmentFiles(all, true)
    this.updateLogEndOffset(newOffset)
    return all
  }

  // ---- flushing and closing

  /**
   * What lies before `offset` survives a power loss once this resolves. `markFlushed` then says so.
   */
  async flush(offset: number): Promise<void> {
    const from = this.recovered
    if (from > offset) return
    for (const segment of this.segments.values(from, offset)) {
      // It may have been deleted while an earlier one was flushed.
      if (this.segments.get(segment.baseOffset) === segment) await segment.flush()
    }
  }

  markFlushed(offset: number): void {
    if (offset <= this.recovered) return
    this.recovered = offset
    this.lastFlushedMs = this.context.time.milliseconds()
  }

  close(): void {
    this.segments.close()
  }

  closeHandlers(): void {
    this.segments.closeHandlers()
  }

  /** Renames the directory in place; returns whether it had another name. */
  renameDir(dir: string): boolean {
    if (dir === this.logDir) return false
    this.context.storage.rename(this.logDir, dir)
    this.logDir = dir
    this.segments.updateParentDir(dir)
    return true
  }

  /** Removes all segments and their files, at once. */
  deleteAllSegments(): LogSegment[] {
    const all = this.segments.values()
    this.segments.clear()
    for (const segment of all) segment.deleteIfExists()
    return all
  }

  /** Removes the directory, which must have no segment any more. */
  deleteEmptyDir(): void {
    if (this.segments.nonEmpty()) {
      throw new KafkaException(
        `Can not delete directory when ${this.segments.numberOfSegments()} segments are still ` +
          'present',
      )
    }
    this.context.storage.remove(this.logDir)
  }

  private replaceEmptyActive(newOffset: number, active: LogSegment): LogSegment {
    if (active.baseOffset !== newOffset || active.size !== 0) {
      throw new KafkaException(
        `Trying to roll a new log segment for topic partition ${this.topicPartition} with start ` +
          `offset ${newOffset} (LEO = ${this.logEndOffset()}) while it already exists. Existing ` +
          `segment is ${this.segments.get(newOffset)}.`,
      )
    }
    // An index is full although nothing was written: it was made for another size. The segment is
    // made anew.
    active.changeFileSuffixes('', DELETED_FILE_SUFFIX)
    const segment = this.addNewSegment(newOffset)
    this.deleteSegmentFiles([active], true)
    return segment
  }

  private addNewSegment(baseOffset: number): LogSegment {
    const segment = openSegment(this.context, this.logDir, baseOffset, this.logConfig)
    this.segments.add(segment)
    this.updateLogEndOffset(this.next.messageOffset)
    return segment
  }

  private deleteSegmentFiles(segments: readonly LogSegment[], asyncDelete: boolean): void {
    deleteSegmentFiles(this.context, segments, asyncDelete ? this.logConfig.fileDeleteDelayMs : 0)
  }

  private updateLogEndOffset(endOffset: number): void {
    const active = this.segments.activeSegment()
    this.next = new LogOffsetMetadata(endOffset, active.baseOffset, active.size)
    if (this.recovered > endOffset) this.recovered = endOffset
  }
}

/** A new segment, or the one that the files hold. */
export const openSegment = (
  context: LogDirContext,
  dir: string,
  baseOffset: number,
  config: LogConfig,
  fileSuffix = '',
): LogSegment =>
  new LogSegment({
    storage: context.storage,
    dir,
    baseOffset,
    config,
    time: context.time,
    logger: context.logger,
    rollJitterMs: config.randomSegmentJitter(context.random),
    fileSuffix,
  })

/** Renames the files out of the way and removes them after `delayMs`; 0 removes them at once. */
export const deleteSegmentFiles = (
  context: LogDirContext,
  segments: readonly LogSegment[],
  delayMs: number,
): void => {
  if (segments.length === 0) return
  if (delayMs <= 0) {
    for (const segment of segments) segment.deleteIfExists()
    return
  }
  for (const segment of segments) {
    if (!segment.hasSuffix(DELETED_FILE_SUFFIX)) segment.changeFileSuffixes('', DELETED_FILE_SUFFIX)
  }
  context.deletions.schedule(delayMs, () => {
    for (const segment of segments) segment.deleteIfExists()
  })
}

/** The same for the snapshots of the producers' state that belong to the segments. */
export const deleteProducerSnapshots = (
  context: LogDirContext,
  producers: ProducerStateManager,
  segments: readonly LogSegment[],
  delayMs: number,
): void => {
  const paths = segments
    .map((segment) => producers.removeAndMarkSnapshotForDeletion(segment.baseOffset))
    .filter((path) => path !== undefined)
  if (paths.length === 0) return
  context.deletions.schedule(delayMs, () => {
    for (const path of paths) context.storage.remove(path)
  })
}

const emptyFetchDataInfo = (fetchOffsetMetadata: LogOffsetMetadata): FetchDataInfo => ({
  fetchOffsetMetadata,
  records: FileRecordsSlice.EMPTY,
  firstEntryIncomplete: false,
})

/**
 * The position in `segment` up to which a reader that may see up to `max` can read; `null`: none.
 */
const readableUpTo = (segment: LogSegment, max: LogOffsetMetadata): number | null => {
  if (segment.baseOffset < max.segmentBaseOffset) return segment.size
  if (segment.baseOffset === max.segmentBaseOffset && !max.messageOffsetOnly()) {
    return max.relativePositionInSegment
  }
  return null
}
