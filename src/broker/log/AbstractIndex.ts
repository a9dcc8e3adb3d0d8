/**
 * A sorted table of fixed-size entries beside a segment, searched by halving.
 *
 *     file   │ entry 0 │ entry 1 │ … │ entry n-1 │
 *                                    └─ the last 8 KiB are warm: nearly every search ends there
 *
 * Consumers read near the end of a log and followers at its very end, so a search looks into the
 * warm part first and only goes back into the cold one when the target is older. In Kafka that
 * keeps the pages of the cold part off the disk's path; here it keeps the search short.
 *
 * I1  Entries only grow: each key and each value is larger than the one before.
 * I2  The file holds what `flush`, `close` or the end of the segment wrote last. What is missing
 *     after a crash is rebuilt from the segment, because a segment before the recovery point was
 *     flushed with its indexes, and any other is read again.
 *
 * @kafka org.apache.kafka.storage.internals.log.AbstractIndex
 * @simplified no memory map, so no preallocation: the entries live in an array that grows up to
 *   `maxIndexSize` and is written to its file on `flush` and `close`. It is read on first use,
 *   which is what Kafka's `LazyIndex` does.
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { IllegalArgumentException, KafkaException } from '../../common/errors.ts'
import type { Storage } from './Storage.ts'

/** An index whose content cannot be; its segment is read again to rebuild it. */
export class CorruptIndexException extends KafkaException {}

/** An offset too far from the base offset for the 4 bytes that an index has for it. */
export class IndexOffsetOverflowException extends KafkaException {}

export interface IndexOptions {
  storage: Storage
  path: string
  baseOffset: number
  /** Bytes; `segment.index.bytes`. -1: as large as the file is. */
  maxIndexSize: number
}

const MAX_RELATIVE_OFFSET = 2 ** 31 - 1
const WARM_BYTES = 8192
const FIRST_CAPACITY = 512

export abstract class AbstractIndex {
  readonly baseOffset: number
  readonly maxIndexSize: number
  protected readonly storage: Storage
  private filePath: string
  private buffer: ByteBuffer | undefined
  private count = 0
  private limitBytes = 0
  /** Bytes of the file that are as in `buffer`. */
  private writtenBytes = 0

  protected constructor(options: IndexOptions) {
    this.storage = options.storage
    this.filePath = options.path
    this.baseOffset = options.baseOffset
    this.maxIndexSize = options.maxIndexSize
  }

  /** Throws a `CorruptIndexException` when the content cannot be. */
  abstract sanityCheck(): void
  /** Removes all entries at or behind `offset`. */
  abstract truncateTo(offset: number): void
  protected abstract readonly entrySize: number
  /** Called when entries were loaded or cut off. */
  protected abstract refreshLastEntry(): void
  protected abstract keyAt(buffer: ByteBuffer, slot: number): number
  protected abstract valueAt(buffer: ByteBuffer, slot: number): number

  get path(): string {
    return this.filePath
  }

  entries(): number {
    this.loaded()
    return this.count
  }

  maxEntries(): number {
    this.loaded()
    return Math.floor(this.limitBytes / this.entrySize)
  }

  isFull(): boolean {
    return this.entries() >= this.maxEntries()
  }

  /** Bytes of the entries. */
  sizeInBytes(): number {
    return this.entries() * this.entrySize
  }

  /** Bytes that may be used, entries and room. */
  length(): number {
    this.loaded()
    return this.limitBytes
  }

  /** Removes all entries. */
  truncate(): void {
    this.truncateToEntries(0)
  }

  /** Empty again, with all its room. */
  reset(): void {
    this.truncate()
    this.resize(this.maxIndexSize)
  }

  /**
   * Sets how many bytes may be used, rounded down to whole entries. Returns whether that changed
   * anything.
   */
  resize(newSize: number): boolean {
    this.loaded()
    const rounded = this.entrySize * Math.floor(newSize / this.entrySize)
    if (rounded === this.limitBytes) return false
    this.limitBytes = rounded
    if (this.count * this.entrySize > rounded) this.truncateToEntries(rounded / this.entrySize)
    return true
  }

  /** Gives up the room behind the entries. */
  trimToValidSize(): void {
    this.resize(this.sizeInBytes())
  }

  /** Writes what is new to the file; durable after the file's own flush. */
  async flush(): Promise<void> {
    if (this.buffer === undefined) return
    this.writeToFile()
    const file = this.storage.open(this.filePath)
    try {
      await file.flush()
    } finally {
      file.close()
    }
  }

  /**
   * Writes what is new to the file: a killed process has it then, a power loss may still take it.
   */
  writeToFile(): void {
    const buffer = this.loaded()
    const size = this.count * this.entrySize
    const file = this.storage.open(this.filePath)
    try {
      file.truncate(this.writtenBytes)
      if (size > this.writtenBytes) {
        file.write(this.writtenBytes, buffer.bytes.subarray(this.writtenBytes, size))
      }
      this.writtenBytes = size
    } finally {
      file.close()
    }
  }

  close(): void {
    // An index that was never used must be found again too: its absence would mean recovery.
    if (this.buffer === undefined && this.fileExists()) return
    this.trimToValidSize()
    this.writeToFile()
    this.closeHandler()
  }

  /** Forgets the entries without writing them. The next use reads the file. */
  closeHandler(): void {
    this.buffer = undefined
    this.count = 0
    this.writtenBytes = 0
  }

  deleteIfExists(): boolean {
    const existed = this.storage.exists(this.filePath)
    this.closeHandler()
    this.storage.remove(this.filePath)
    return existed
  }

  fileExists(): boolean {
    return this.storage.exists(this.filePath)
  }

  renameTo(path: string): void {
    if (this.storage.exists(this.filePath)) this.storage.rename(this.filePath, path)
    this.filePath = path
  }

  /** The directory was renamed; the file went with it. */
  updatePath(path: string): void {
    this.filePath = path
  }

  canAppendOffset(offset: number): boolean {
    const relative = offset - this.baseOffset
    return relative >= 0 && relative <= MAX_RELATIVE_OFFSET
  }

  relativeOffset(offset: number): number {
    if (!this.canAppendOffset(offset)) {
      throw new IndexOffsetOverflowException(
        `Integer overflow for offset: ${offset} (${this.filePath})`,
      )
    }
    return offset - this.baseOffset
  }

  protected loaded(): ByteBuffer {
    return this.buffer ?? this.load()
  }

  /**
   * Room for one more entry; the caller writes it into the returned buffer at `entries() *
   * entrySize`.
   */
  protected roomForEntry(): ByteBuffer {
    const buffer = this.loaded()
    const needed = (this.count + 1) * this.entrySize
    if (needed <= buffer.capacity) return buffer
    const grown = ByteBuffer.allocate(Math.max(needed, buffer.capacity * 2))
    grown.bytes.set(buffer.bytes.subarray(0, this.count * this.entrySize))
    this.buffer = grown
    return grown
  }

  protected incrementEntries(): void {
    this.count++
  }

  protected truncateToEntries(entries: number): void {
    this.loaded()
    this.count = entries
    this.writtenBytes = Math.min(this.writtenBytes, entries * this.entrySize)
    this.refreshLastEntry()
  }

  protected checkSlot(slot: number, kind: string): void {
    if (slot >= this.entries()) {
      throw new IllegalArgumentException(
        `Attempt to fetch the ${slot}th entry from ${kind} ${this.filePath}, which has size ` +
          `${this.count}`,
      )
    }
  }

  /** The last slot whose key (or value) is at most `target`; -1 when there is none. */
  protected largestLowerBoundSlotFor(target: number, by: 'key' | 'value'): number {
    return this.slotFor(target, by)
  }

  /** The first slot whose key (or value) is at least `target`; -1 when there is none. */
  protected smallestUpperBoundSlotFor(target: number, by: 'key' | 'value'): number {
    const slot = this.slotFor(target, by)
    if (slot >= 0 && this.at(slot, by) === target) return slot
    return slot + 1 < this.count ? slot + 1 : -1
  }

  private slotFor(target: number, by: 'key' | 'value'): number {
    const entries = this.entries()
    if (entries === 0) return -1
    const firstWarm = Math.max(0, entries - 1 - Math.floor(WARM_BYTES / this.entrySize))
    if (this.at(firstWarm, by) < target) return this.search(target, by, firstWarm, entries - 1)
    if (this.at(0, by) > target) return -1
    return this.search(target, by, 0, firstWarm)
  }

  /** Halves `[begin, end]`, whose first entry is at most `target`. */
  private search(target: number, by: 'key' | 'value', begin: number, end: number): number {
    let low = begin
    let high = end
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      const found = this.at(middle, by)
      if (found > target) high = middle - 1
      else if (found < target) low = middle
      else return middle
    }
    return low
  }

  private at(slot: number, by: 'key' | 'value'): number {
    const buffer = this.loaded()
    return by === 'key' ? this.keyAt(buffer, slot) : this.valueAt(buffer, slot)
  }

  private load(): ByteBuffer {
    const exists = this.storage.exists(this.filePath)
    const file = this.storage.open(this.filePath)
    try {
      const size = file.size()
      const buffer = ByteBuffer.allocate(Math.max(size, FIRST_CAPACITY))
      buffer.bytes.set(file.read(0, size))
      this.buffer = buffer
      this.count = Math.floor(size / this.entrySize)
      this.writtenBytes = this.count * this.entrySize
      this.limitBytes = exists && size > 0 ? size : this.wholeEntries(this.maxIndexSize)
      this.refreshLastEntry()
      return buffer
    } finally {
      file.close()
    }
  }

  private wholeEntries(size: number): number {
    if (size < this.entrySize) {
      throw new IllegalArgumentException(`Invalid max index size: ${size}`)
    }
    return this.entrySize * Math.floor(size / this.entrySize)
  }
}
