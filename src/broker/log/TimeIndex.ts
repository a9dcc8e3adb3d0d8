/**
 * From which offset on a moment was reached: what `offsetsForTimes` searches.
 *
 *     entry   │ timestamp, 8 bytes │ offset − base offset, 4 bytes │
 *
 * An entry says: no record before or at this offset has a larger timestamp. Producers set
 * timestamps and may be wrong about the time, so an entry is the largest timestamp *so far*, not
 * the one of the record at that offset; that keeps the index sorted whatever the records say.
 *
 * @kafka org.apache.kafka.storage.internals.log.TimeIndex
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { InvalidOffsetException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import { AbstractIndex, CorruptIndexException, type IndexOptions } from './AbstractIndex.ts'

const ENTRY_SIZE = 12

export interface TimestampOffset {
  /** Milliseconds since 1970; -1 for none. */
  readonly timestamp: number
  readonly offset: number
}

export class TimeIndex extends AbstractIndex {
  protected readonly entrySize = ENTRY_SIZE
  private last: TimestampOffset

  constructor(options: IndexOptions) {
    super(options)
    this.last = { timestamp: RecordBatch.NO_TIMESTAMP, offset: options.baseOffset }
  }

  /** The last entry; no timestamp and the base offset when there is none. */
  lastEntry(): TimestampOffset {
    this.loaded()
    return this.last
  }

  /** One entry is kept free for the one that is written when the segment becomes inactive. */
  override isFull(): boolean {
    return this.entries() >= this.maxEntries() - 1
  }

  sanityCheck(): void {
    const entries = this.entries()
    if (entries !== 0 && this.last.timestamp < this.keyAt(this.loaded(), 0)) {
      throw new CorruptIndexException(
        `Corrupt time index found, time index file (${this.path}) has non-zero size but the last ` +
          `timestamp is ${this.last.timestamp} which is less than the first timestamp ` +
          `${this.keyAt(this.loaded(), 0)}`,
      )
    }
    if (entries !== 0 && this.last.offset < this.baseOffset) {
      throw new CorruptIndexException(
        `Corrupt time index found, time index file (${this.path}) has non-zero size but the last ` +
          `offset is ${this.last.offset} which is less than the first offset ${this.baseOffset}`,
      )
    }
    if (this.length() % ENTRY_SIZE !== 0) {
      throw new CorruptIndexException(
        `Time index file ${this.path} is corrupt, found ${this.length()} bytes which is neither ` +
          `positive nor a multiple of ${ENTRY_SIZE}`,
      )
    }
  }

  entry(slot: number): TimestampOffset {
    this.checkSlot(slot, 'time index')
    return this.entryAt(slot)
  }

  /**
   * The last entry whose timestamp is at most `targetTimestamp`; no timestamp and the base offset
   * when none is.
   */
  lookup(targetTimestamp: number): TimestampOffset {
    const slot = this.largestLowerBoundSlotFor(targetTimestamp, 'key')
    return slot === -1
      ? { timestamp: RecordBatch.NO_TIMESTAMP, offset: this.baseOffset }
      : this.entryAt(slot)
  }

  /**
   * Appends when `timestamp` is larger than the last one. `skipFullCheck` uses the entry that is
   * kept free.
   */
  maybeAppend(timestamp: number, offset: number, skipFullCheck = false): void {
    const entries = this.entries()
    if (!skipFullCheck && this.isFull()) {
      throw new IllegalArgumentException(
        `Attempt to append to a full time index (size = ${entries}).`,
      )
    }
    if (entries !== 0 && offset < this.last.offset) {
      throw new InvalidOffsetException(
        `Attempt to append an offset (${offset}) to slot ${entries} no larger than the last ` +
          `offset appended (${this.last.offset}) to ${this.path}`,
      )
    }
    if (entries !== 0 && timestamp < this.last.timestamp) {
      throw new IllegalStateException(
        `Attempt to append a timestamp (${timestamp}) to slot ${entries} no larger than the last ` +
          `timestamp appended (${this.last.timestamp}) to ${this.path}`,
      )
    }
    if (timestamp <= this.last.timestamp) return
    const relative = this.relativeOffset(offset)
    const buffer = this.roomForEntry()
    buffer.putLongAt(entries * ENTRY_SIZE, timestamp)
    buffer.putIntAt(entries * ENTRY_SIZE + 8, relative)
    this.incrementEntries()
    this.last = { timestamp, offset }
  }

  override resize(newSize: number): boolean {
    const changed = super.resize(newSize)
    if (changed) this.refreshLastEntry()
    return changed
  }

  truncateTo(offset: number): void {
    const slot = this.largestLowerBoundSlotFor(offset, 'value')
    const keep = slot < 0 ? 0 : this.entryAt(slot).offset === offset ? slot : slot + 1
    this.truncateToEntries(keep)
  }

  protected refreshLastEntry(): void {
    const entries = this.entries()
    this.last =
      entries === 0
        ? { timestamp: RecordBatch.NO_TIMESTAMP, offset: this.baseOffset }
        : this.entryAt(entries - 1)
  }

  protected keyAt(buffer: ByteBuffer, slot: number): number {
    // Not `getLongAt`, which throws on what a corrupt file may hold: that is `sanityCheck`'s to
    // say.
    const { view } = buffer
    return view.getInt32(slot * ENTRY_SIZE) * 2 ** 32 + view.getUint32(slot * ENTRY_SIZE + 4)
  }

  protected valueAt(buffer: ByteBuffer, slot: number): number {
    return this.baseOffset + buffer.getIntAt(slot * ENTRY_SIZE + 8)
  }

  private entryAt(slot: number): TimestampOffset {
    const buffer = this.loaded()
    return { timestamp: this.keyAt(buffer, slot), offset: this.valueAt(buffer, slot) }
  }
}
