/**
 * The record batches of one `.log` file.
 *
 * Finding an offset needs headers only: 61 bytes are read, the header says how far the next one is.
 * What goes to a consumer is a slice, which is read once, when the response is put together; a
 * fetch that waits reads nothing.
 *
 * I1  `sizeInBytes` is what this class appended and read, not what the file has: the rest of a
 *     write that failed half way is not there for anybody, and the next append overwrites it.
 *
 * @kafka org.apache.kafka.common.record.internal.FileRecords
 * @simplified no zero-copy transfer from file to socket: Node has none, so a slice is one read into
 *   memory.
 */

import { IllegalArgumentException, KafkaException } from '../../common/errors.ts'
import type { DefaultRecord } from '../../record/DefaultRecord.ts'
import { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import { RecordBatchIterator } from '../../record/RecordBatchIterator.ts'
import {
  type FileChannelRecordBatch,
  FileLogInputStream,
  readHeaderAt,
} from './FileLogInputStream.ts'
import type { Storage, StorageFile } from './Storage.ts'

/** A position in a segment takes four bytes, in the index too. */
const MAX_INT = 0x7fff_ffff

/** Where a batch stands. */
export interface LogOffsetPosition {
  /** Its base offset. */
  readonly offset: number
  readonly position: number
  readonly size: number
}

export interface TimestampAndOffset {
  readonly timestamp: number
  readonly offset: number
  readonly leaderEpoch: number | undefined
}

/** A file that is open, and its name for messages. */
interface OpenFile {
  readonly file: StorageFile
  readonly path: string
}

/** A run of bytes of the file, not read yet. */
export class FileRecordsSlice {
  static readonly EMPTY = new FileRecordsSlice(undefined, 0, 0)

  readonly sizeInBytes: number
  private readonly of: OpenFile | undefined
  private readonly start: number

  constructor(of: OpenFile | undefined, start: number, sizeInBytes: number) {
    this.of = of
    this.start = start
    this.sizeInBytes = sizeInBytes
  }

  /**
   * A part of this one; `position` counts from its start.
   *
   * @param size at most; this slice may end before
   * @throws IllegalArgumentException for a position behind the end, and for anything below 0
   */
  slice(position: number, size: number): FileRecordsSlice {
    if (position < 0) {
      throw new IllegalArgumentException(`Invalid position: ${position} in read from ${this}`)
    }
    if (position > this.sizeInBytes) {
      throw new IllegalArgumentException(
        `Slice from position ${position} exceeds end position of ${this}`,
      )
    }
    if (size < 0) throw new IllegalArgumentException(`Invalid size: ${size} in read from ${this}`)
    const available = Math.min(size, this.sizeInBytes - position)
    return new FileRecordsSlice(this.of, this.start + position, available)
  }

  /** The whole batches, each header read when it is asked for. */
  *batches(): Generator<FileChannelRecordBatch, void, void> {
    if (this.of === undefined) return
    const { file, path } = this.of
    const end = this.start + this.sizeInBytes
    yield* new RecordBatchIterator(new FileLogInputStream(file, path, this.start, end))
  }

  /** The records of all whole batches. Checks no CRC. */
  *records(): Generator<DefaultRecord, void, void> {
    for (const batch of this.batches()) yield* batch.iterator()
  }

  /** A view of memory, or one read from disk. */
  toBytes(): Uint8Array {
    return this.of === undefined
      ? new Uint8Array(0)
      : this.of.file.read(this.start, this.sizeInBytes)
  }

  toString(): string {
    return `FileRecords(size=${this.sizeInBytes}, file=${this.of?.path}, start=${this.start})`
  }
}

export class FileRecords {
  private readonly storage: Storage
  private filePath: string
  private file: StorageFile
  private size: number
  private closed = false

  /** @throws KafkaException when the file is larger than a segment can be */
  constructor(storage: Storage, path: string) {
    this.storage = storage
    this.filePath = path
    this.file = storage.open(path)
    this.size = this.file.size()
    if (this.size > MAX_INT) {
      this.file.close()
      throw new KafkaException(
        `The size of segment ${path} (${this.size}) is larger than the maximum allowed segment ` +
          `size of ${MAX_INT}`,
      )
    }
  }

  get path(): string {
    return this.filePath
  }

  get sizeInBytes(): number {
    return this.size
  }

  /**
   * Appends whole batches; returns after the write has.
   *
   * @throws IllegalArgumentException when a segment cannot hold as many bytes
   */
  append(bytes: Uint8Array): void {
    if (bytes.length > MAX_INT - this.size) {
      throw new IllegalArgumentException(
        `Append of size ${bytes.length} bytes is too large for segment with current file ` +
          `position at ${this.size}`,
      )
    }
    this.file.write(this.size, bytes)
    this.size += bytes.length
  }

  /**
   * A part of what is in the file now; what is appended later is not in it.
   *
   * @param size at most; the file may end before
   * @throws IllegalArgumentException for a position behind the end, and for anything below 0
   */
  slice(position: number, size: number): FileRecordsSlice {
    return this.all().slice(position, size)
  }

  /** The whole batches of the file as it is now, each header read when it is asked for. */
  batches(): Generator<FileChannelRecordBatch, void, void> {
    return this.all().batches()
  }

  /** The records of all whole batches. Checks no CRC. */
  records(): Generator<DefaultRecord, void, void> {
    return this.all().records()
  }

  /**
   * The header of the batch at `position` (its records are not read), or `undefined` when no whole
   * batch is left.
   *
   * @throws CorruptRecordException when what stands there has no possible size
   */
  headerAt(position: number): DefaultRecordBatch | undefined {
    return readHeaderAt(this.file, this.filePath, position, this.size)
  }

  /** The whole batch at `position`, whose header was read. */
  batchAt(position: number, size: number): DefaultRecordBatch {
    return new DefaultRecordBatch(this.file.read(position, size))
  }

  /**
   * Calls `visit` with the header of each batch from `position` on, until it returns `false`.
   *
   * A callback instead of a generator: nothing is made for each step of a search that every fetch
   * begins with.
   */
  scanHeaders(
    position: number,
    visit: (header: DefaultRecordBatch, position: number) => boolean,
  ): void {
    let at = position
    for (;;) {
      const header = this.headerAt(at)
      if (header === undefined || !visit(header, at)) return
      at += header.sizeInBytes
    }
  }

  /** The first batch from `startingPosition` on that ends at or behind `targetOffset`. */
  searchForOffsetFromPosition(
    targetOffset: number,
    startingPosition: number,
  ): LogOffsetPosition | undefined {
    let found: LogOffsetPosition | undefined
    this.scanHeaders(startingPosition, (header, position) => {
      if (header.lastOffset < targetOffset) return true
      found = { offset: header.baseOffset, position, size: header.sizeInBytes }
      return false
    })
    return found
  }

  /** The first record from `startingOffset` on whose timestamp is at least `targetTimestamp`. */
  searchForTimestamp(
    targetTimestamp: number,
    startingPosition: number,
    startingOffset: number,
  ): TimestampAndOffset | undefined {
    let found: TimestampAndOffset | undefined
    this.scanHeaders(startingPosition, (header, position) => {
      if (header.maxTimestamp < targetTimestamp || header.lastOffset < startingOffset) return true
      const batch = this.batchAt(position, header.sizeInBytes)
      const records = batch.iterator()
      while (records.hasNext()) {
        const { timestamp, offset } = records.next()
        if (timestamp < targetTimestamp || offset < startingOffset) continue
        const epoch = batch.partitionLeaderEpoch
        found = { timestamp, offset, leaderEpoch: epoch >= 0 ? epoch : undefined }
        return false
      }
      return true
    })
    return found
  }

  /**
   * The largest timestamp of the batches from `startingPosition` on, and the last offset of its
   * batch.
   */
  largestTimestampAfter(startingPosition: number): { timestamp: number; offset: number } {
    let timestamp: number = RecordBatch.NO_TIMESTAMP
    let offset = -1
    this.scanHeaders(startingPosition, (header) => {
      if (header.maxTimestamp > timestamp) {
        timestamp = header.maxTimestamp
        offset = header.lastOffset
      }
      return true
    })
    return { timestamp, offset }
  }

  /**
   * Cuts the file; returns the bytes that went. A file that is no longer than that is not touched:
   * some systems would call it changed.
   *
   * @throws KafkaException for a size that is larger than the file's, or below 0
   */
  truncateTo(targetSize: number): number {
    const before = this.size
    if (targetSize > before || targetSize < 0) {
      throw new KafkaException(
        `Attempt to truncate log segment ${this.filePath} to ${targetSize} bytes failed, size of ` +
          `this log segment is ${before} bytes.`,
      )
    }
    if (targetSize < this.file.size()) this.file.truncate(targetSize)
    this.size = targetSize
    return before - targetSize
  }

  /** Cuts off what the file has behind `sizeInBytes`: the rest of a write that failed half way. */
  trim(): void {
    this.truncateTo(this.size)
  }

  flush(): Promise<void> {
    return this.file.flush()
  }

  /** A second `close` does nothing. */
  close(): void {
    if (this.closed) return
    this.trim()
    this.file.close()
    this.closed = true
  }

  /** Closes without touching the file. */
  closeHandlers(): void {
    this.file.close()
  }

  deleteIfExists(): boolean {
    this.file.close()
    const existed = this.storage.exists(this.filePath)
    this.storage.remove(this.filePath)
    return existed
  }

  renameTo(path: string): void {
    this.storage.rename(this.filePath, path)
    this.filePath = path
  }

  /** The directory was renamed; the open file went with it. */
  updatePath(path: string): void {
    this.filePath = path
  }

  private all(): FileRecordsSlice {
    return new FileRecordsSlice({ file: this.file, path: this.filePath }, 0, this.size)
  }
}
