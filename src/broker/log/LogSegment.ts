/**
 * One stretch of a log: a file of batches and the two indexes beside it.
 *
 *     00000000000000001000.log         │ batch 1000 … 1009 │ batch 1010 … 1042 │ …
 *                         .index       offset 1042 → position 8192 · …       (about every 4 KiB)
 *                         .timeindex   10:15:00 → offset 1042 · …
 *
 * A log is cut into segments so that old records can go as whole files, and so that recovery after
 * a crash reads the last stretch only.
 *
 * I1  All offsets lie within 2^31 of the base offset: an index has 4 bytes for the difference.
 * I2  An index never knows more than the log: it is appended to after the batches are written.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogSegment
 * @simplified no transaction index (it comes with transactions), and no file times: a segment
 *   without timestamps counts from the moment it was made or opened.
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import { CorruptIndexException } from './AbstractIndex.ts'
import type { FetchDataInfo } from './FetchDataInfo.ts'
import {
  FileRecords,
  FileRecordsSlice,
  type LogOffsetPosition,
  type TimestampAndOffset,
} from './FileRecords.ts'
import type { LeaderEpochFileCache } from './LeaderEpochFileCache.ts'
import type { LogConfig } from './LogConfig.ts'
import { logFile, offsetIndexFile, timeIndexFile } from './LogFileUtils.ts'
import { LogOffsetMetadata } from './LogOffsetMetadata.ts'
import { LogSegmentOffsetOverflowException, NoSuchIndexException } from './LogSegmentExceptions.ts'
import { OffsetIndex } from './OffsetIndex.ts'
import type { ProducerStateManager } from './ProducerStateManager.ts'
import type { RollParams } from './RollParams.ts'
import { SegmentAge } from './SegmentAge.ts'
import { baseName, joinPath, type Storage } from './Storage.ts'
import { scanValidBatches } from './scanValidBatches.ts'
import { TimeIndex, type TimestampOffset } from './TimeIndex.ts'

export interface LogSegmentOptions {
  storage: Storage
  dir: string
  baseOffset: number
  config: LogConfig
  time: Time
  logger: Logger
  /** Milliseconds this segment ends earlier than `segment.ms`. Default 0. */
  rollJitterMs?: number
  /** Behind the file names; `''` for a segment that counts. */
  fileSuffix?: string
}

export class LogSegment {
  readonly baseOffset: number
  readonly log: FileRecords
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly rollJitterMs: number
  private readonly indexIntervalBytes: number
  private readonly logger: Logger
  private readonly age: SegmentAge
  private maxSoFar: TimestampOffset | undefined
  private bytesSinceLastIndexEntry = 0

  constructor(options: LogSegmentOptions) {
    const { storage, dir, baseOffset, config, fileSuffix = '' } = options
    const index = { storage, baseOffset, maxIndexSize: config.maxIndexSize }
    this.baseOffset = baseOffset
    this.log = new FileRecords(storage, logFile(dir, baseOffset, fileSuffix))
    this.offsetIndex = new OffsetIndex({
      ...index,
      path: offsetIndexFile(dir, baseOffset, fileSuffix),
    })
    this.timeIndex = new TimeIndex({ ...index, path: timeIndexFile(dir, baseOffset, fileSuffix) })
    this.indexIntervalBytes = config.indexInterval
    this.rollJitterMs = options.rollJitterMs ?? 0
    this.logger = options.logger
    this.age = new SegmentAge(this.log, options.time)
  }

  get size(): number {
    return this.log.sizeInBytes
  }

  // ---- appending

  /** Appends batches whose offsets are assigned; `largestOffset` is the last of them. */
  append(largestOffset: number, records: MemoryRecords): void {
    if (records.sizeInBytes === 0) return
    this.ensureOffsetInRange(largestOffset)
    let physicalPosition = this.log.sizeInBytes
    this.log.append(records.bytes)
    const batches = records.batchIterator()
    while (batches.hasNext()) {
      const batch = batches.next()
      this.noteTimestamp(batch)
      if (this.bytesSinceLastIndexEntry > this.indexIntervalBytes) {
        this.addIndexEntries(batch.lastOffset, physicalPosition)
        this.bytesSinceLastIndexEntry = 0
      }
      physicalPosition += batch.sizeInBytes
      this.bytesSinceLastIndexEntry += batch.sizeInBytes
    }
  }

  shouldRoll(params: RollParams): boolean {
    const { size } = this
    if (size > params.maxSegmentBytes - params.messagesSize) return true
    if (size > 0) {
      const waitedMs = this.timeWaitedForRoll(params.nowMs, params.maxTimestampInMessages)
      if (waitedMs > params.maxSegmentMs - this.rollJitterMs) return true
    }
    return (
      this.offsetIndex.isFull() ||
      this.timeIndex.isFull() ||
      !this.offsetIndex.canAppendOffset(params.maxOffsetInMessages)
    )
  }

  /**
   * How long this segment has been written to: by the records' clock, or by ours when they have
   * none.
   */
  timeWaitedForRoll(nowMs: number, messageTimestamp: number): number {
    return this.age.waitedMs(nowMs, messageTimestamp)
  }

  /** The max timestamp of the first batch; infinity when it has none. */
  getFirstBatchTimestamp(): number {
    return this.age.firstBatchTimestamp()
  }

  /**
   * The last entry of the time index is added, the room behind the entries given up, and both
   * indexes are written: if the records are flushed already, nobody will read this segment again to
   * make its indexes after a crash.
   */
  onBecomeInactiveSegment(): void {
    this.completeIndexes()
    this.log.trim()
  }

  // ---- reading

  /**
   * Where the first batch that ends at or behind `offset` stands; `undefined` when this segment
   * ends before.
   */
  translateOffset(offset: number, startingPosition = 0): LogOffsetPosition | undefined {
    const mapping = this.offsetIndex.lookup(offset)
    return this.log.searchForOffsetFromPosition(
      offset,
      Math.max(mapping.position, startingPosition),
    )
  }

  /**
   * Batches from the one that holds `startOffset` on.
   *
   * @param maxSize bytes at most; the last batch may be cut
   * @param maxPosition where the readable part of this segment ends; `null` when none of it may be
   *   read
   * @param minOneMessage give the first batch whole even when it is larger than `maxSize`
   * @returns `undefined` when this segment ends before `startOffset`
   */
  read(
    startOffset: number,
    maxSize: number,
    maxPosition: number | null = this.size,
    minOneMessage = false,
  ): FetchDataInfo | undefined {
    if (maxSize < 0) {
      throw new IllegalArgumentException(
        `Invalid max size ${maxSize} for log read from ${this.log.path}`,
      )
    }
    const start = this.translateOffset(startOffset)
    if (start === undefined) return undefined
    const fetchOffsetMetadata = new LogOffsetMetadata(start.offset, this.baseOffset, start.position)
    const adjustedMaxSize = minOneMessage ? Math.max(maxSize, start.size) : maxSize
    if (adjustedMaxSize === 0 || maxPosition === null) {
      return { fetchOffsetMetadata, records: FileRecordsSlice.EMPTY, firstEntryIncomplete: false }
    }
    const fetchSize = Math.max(0, Math.min(maxPosition - start.position, adjustedMaxSize))
    return {
      fetchOffsetMetadata,
      records: this.log.slice(start.position, fetchSize),
      firstEntryIncomplete: adjustedMaxSize < start.size,
    }
  }

  /** The offset behind the last batch: what the next segment's base offset would be. */
  readNextOffset(): number {
    let next = this.baseOffset
    const from = this.offsetIndex.lookup(this.offsetIndex.lastOffset()).position
    this.log.scanHeaders(from, (header) => {
      next = header.nextOffset
      return true
    })
    return next
  }

  /** The first record from `startingOffset` on whose timestamp is at least `timestampMs`. */
  findOffsetByTimestamp(
    timestampMs: number,
    startingOffset = this.baseOffset,
  ): TimestampAndOffset | undefined {
    const fromTime = this.timeIndex.lookup(timestampMs)
    const from = this.offsetIndex.lookup(Math.max(fromTime.offset, startingOffset))
    return this.log.searchForTimestamp(timestampMs, from.position, startingOffset)
  }

  readMaxTimestampAndOffsetSoFar(): TimestampOffset {
    return (this.maxSoFar ??= this.timeIndex.lastEntry())
  }

  maxTimestampSoFar(): number {
    return this.readMaxTimestampAndOffsetSoFar().timestamp
  }

  /** The largest timestamp of a record, or `undefined` when no record has one. */
  largestRecordTimestamp(): number | undefined {
    const timestamp = this.maxTimestampSoFar()
    return timestamp >= 0 ? timestamp : undefined
  }

  /** The largest timestamp, or when the segment was made if its records have none. */
  largestTimestamp(): number {
    return this.largestRecordTimestamp() ?? this.age.createdMs
  }

  // ---- recovering and cutting

  /** Throws when the indexes cannot be used as they are. */
  sanityCheck(timeIndexFileNewlyCreated: boolean): void {
    if (!this.offsetIndex.fileExists()) {
      throw new NoSuchIndexException(`Offset index file ${this.offsetIndex.path} does not exist`)
    }
    if (timeIndexFileNewlyCreated) this.timeIndex.resize(0)
    this.offsetIndex.sanityCheck()
    this.timeIndex.sanityCheck()
    const last = this.offsetIndex.lookup(Number.MAX_SAFE_INTEGER)
    if (last.position > this.size) {
      throw new CorruptIndexException(
        `Index file ${this.offsetIndex.path} points at byte ${last.position}, and the log has ` +
          `${this.size}`,
      )
    }
  }

  /** Gives both indexes `size` bytes of room. */
  resizeIndexes(size: number): void {
    this.offsetIndex.resize(size)
    this.timeIndex.resize(size)
  }

  /**
   * Reads the whole segment, checks every CRC, makes the indexes anew, and cuts the file behind the
   * last batch that is whole.
   *
   * @returns the bytes that were cut off
   */
  recover(producerStateManager: ProducerStateManager, epochs: LeaderEpochFileCache): number {
    this.offsetIndex.reset()
    this.timeIndex.reset()
    this.maxSoFar = undefined
    let lastIndexEntry = 0
    const validBytes = scanValidBatches(this.log, this.logger, (batch, position) => {
      this.ensureOffsetInRange(batch.lastOffset)
      this.noteTimestamp(batch)
      if (position - lastIndexEntry > this.indexIntervalBytes) {
        this.addIndexEntries(batch.lastOffset, position)
        lastIndexEntry = position
      }
      const epoch = batch.partitionLeaderEpoch
      if (epoch > (epochs.latestEpoch() ?? -1)) epochs.assign(epoch, batch.baseOffset)
      producerStateManager.replay(batch)
      producerStateManager.updateMapEndOffset(batch.nextOffset)
    })
    const truncated = this.log.truncateTo(validBytes)
    this.completeIndexes()
    return truncated
  }

  /** Cuts off everything from `offset` on; returns the bytes that went. */
  truncateTo(offset: number): number {
    const mapping = this.translateOffset(offset)
    this.offsetIndex.truncateTo(offset)
    this.timeIndex.truncateTo(offset)
    this.resizeIndexes(this.offsetIndex.maxIndexSize)
    const truncated = mapping === undefined ? 0 : this.log.truncateTo(mapping.position)
    if (this.size === 0) this.age.restart()
    this.bytesSinceLastIndexEntry = 0
    if (this.maxTimestampSoFar() >= 0) this.maxSoFar = this.readLargestTimestamp()
    return truncated
  }

  // ---- files

  /** What was appended before the call survives a power loss once this resolves. */
  async flush(): Promise<void> {
    await this.log.flush()
    await this.offsetIndex.flush()
    await this.timeIndex.flush()
  }

  close(): void {
    if (this.maxSoFar !== undefined && this.size > 0) {
      this.timeIndex.maybeAppend(this.maxSoFar.timestamp, this.maxSoFar.offset, true)
    }
    this.offsetIndex.close()
    this.timeIndex.close()
    this.log.close()
  }

  /** Closes without writing anything: the disk is not to be trusted any more. */
  closeHandlers(): void {
    this.offsetIndex.closeHandler()
    this.timeIndex.closeHandler()
    this.log.closeHandlers()
  }

  deleteIfExists(): void {
    this.log.deleteIfExists()
    this.offsetIndex.deleteIfExists()
    this.timeIndex.deleteIfExists()
  }

  /** For example from `''` to `.deleted`. */
  changeFileSuffixes(oldSuffix: string, newSuffix: string): void {
    const renamed = (path: string): string =>
      path.slice(0, path.length - oldSuffix.length) + newSuffix
    this.log.renameTo(renamed(this.log.path))
    this.offsetIndex.renameTo(renamed(this.offsetIndex.path))
    this.timeIndex.renameTo(renamed(this.timeIndex.path))
  }

  hasSuffix(suffix: string): boolean {
    return [this.log, this.offsetIndex, this.timeIndex].every((file) => file.path.endsWith(suffix))
  }

  /** The directory was renamed; the files went with it. */
  updateParentDir(dir: string): void {
    for (const file of [this.log, this.offsetIndex, this.timeIndex]) {
      file.updatePath(joinPath(dir, baseName(file.path)))
    }
  }

  toString(): string {
    return (
      `LogSegment(baseOffset=${this.baseOffset}, size=${this.size}, ` +
      `largestRecordTimestamp=${this.maxSoFar?.timestamp ?? RecordBatch.NO_TIMESTAMP})`
    )
  }

  private noteTimestamp(batch: DefaultRecordBatch): void {
    if (batch.maxTimestamp > this.maxTimestampSoFar()) {
      this.maxSoFar = { timestamp: batch.maxTimestamp, offset: batch.lastOffset }
    }
  }

  private addIndexEntries(lastOffset: number, position: number): void {
    this.offsetIndex.append(lastOffset, position)
    const { timestamp, offset } = this.readMaxTimestampAndOffsetSoFar()
    this.timeIndex.maybeAppend(timestamp, offset)
  }

  private completeIndexes(): void {
    const { timestamp, offset } = this.readMaxTimestampAndOffsetSoFar()
    this.timeIndex.maybeAppend(timestamp, offset, true)
    for (const index of [this.offsetIndex, this.timeIndex]) {
      index.trimToValidSize()
      index.writeToFile()
    }
  }

  private ensureOffsetInRange(offset: number): void {
    if (this.offsetIndex.canAppendOffset(offset)) return
    throw new LogSegmentOffsetOverflowException(
      `Detected offset overflow at offset ${offset} in segment ${this}`,
    )
  }

  private readLargestTimestamp(): TimestampOffset {
    const last = this.timeIndex.lastEntry()
    const { position } = this.offsetIndex.lookup(last.offset)
    const after = this.log.largestTimestampAfter(position)
    return after.timestamp > last.timestamp ? after : last
  }
}
