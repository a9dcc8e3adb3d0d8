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

import { CorruptRecordException } from '../../common/errors/ApiExceptions.ts'
import { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { Storage, StorageFile } from './Storage.ts'

const HEADER = DefaultRecordBatch.RECORD_BATCH_OVERHEAD

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

/** A run of bytes of the file, not read yet. */
export class FileRecordsSlice {
  static readonly EMPTY = new FileRecordsSlice(undefined, 0, 0)

  readonly sizeInBytes: number
  private readonly file: StorageFile | undefined
  private readonly position: number

  constructor(file: StorageFile | undefined, position: number, sizeInBytes: number) {
    this.file = file
    this.position = position
    this.sizeInBytes = sizeInBytes
  }

  /** A view of memory, or one read from disk. */
  toBytes(): Uint8Array {
    return this.file === undefined
      ? new Uint8Array(0)
      : this.file.read(this.position, this.sizeInBytes)
  }
}

export class FileRecords {
  private readonly storage: Storage
  private filePath: string
  private file: StorageFile
  private size: number
  private closed = false

  constructor(storage: Storage, path: string) {
    this.storage = storage
    this.filePath = path
    this.file = storage.open(path)
    this.size = this.file.size()
  }

  get path(): string {
    return this.filePath
  }

  get sizeInBytes(): number {
    return this.size
  }

  /** Appends whole batches; returns after the write has. */
  append(bytes: Uint8Array): void {
    this.file.write(this.size, bytes)
    this.size += bytes.length
  }

  slice(position: number, size: number): FileRecordsSlice {
    return new FileRecordsSlice(
      this.file,
      position,
      Math.max(0, Math.min(size, this.size - position)),
    )
  }

  /**
   * The header of the batch at `position` (its records are not read), or `undefined` when no whole
   * batch is left.
   *
   * @throws CorruptRecordException when what stands there has no possible size
   */
  headerAt(position: number): DefaultRecordBatch | undefined {
    if (this.size - position < HEADER) return undefined
    const header = new DefaultRecordBatch(this.file.read(position, HEADER))
    const size = header.sizeInBytes
    if (size < HEADER) {
      throw new CorruptRecordException(
        `Found record size ${size} smaller than minimum record overhead (${HEADER}) in file ` +
          `${this.filePath} at position ${position}.`,
      )
    }
    return position + size > this.size ? undefined : header
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

  /** Cuts the file; returns the bytes that went. */
  truncateTo(targetSize: number): number {
    const before = this.size
    this.file.truncate(targetSize)
    this.size = Math.min(before, targetSize)
    return before - this.size
  }

  /** Cuts off what the file has behind `sizeInBytes`: the rest of a write that failed half way. */
  trim(): void {
    this.file.truncate(this.size)
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
}
