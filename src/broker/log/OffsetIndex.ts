/**
 * Where in the segment an offset is: about one entry for every 4 KiB of log.
 *
 *     entry   │ offset − base offset, 4 bytes │ position in the .log file, 4 bytes │
 *
 * It is sparse: a search gives the last batch known at or before the wanted offset, and the segment
 * is read on from there. An index of every record would be as large as the log.
 *
 * @kafka org.apache.kafka.storage.internals.log.OffsetIndex
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { InvalidOffsetException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { AbstractIndex, CorruptIndexException, type IndexOptions } from './AbstractIndex.ts'

const ENTRY_SIZE = 8

export interface OffsetPosition {
  readonly offset: number
  readonly position: number
}

export class OffsetIndex extends AbstractIndex {
  protected readonly entrySize = ENTRY_SIZE
  private last = 0

  constructor(options: IndexOptions) {
    super(options)
    this.last = options.baseOffset
  }

  /** The offset of the last entry; the base offset when there is none. */
  lastOffset(): number {
    this.loaded()
    return this.last
  }

  sanityCheck(): void {
    if (this.entries() !== 0 && this.last < this.baseOffset) {
      throw new CorruptIndexException(
        `Corrupt index found, index file ${this.path} has non-zero size but the last offset is ` +
          `${this.last} which is less than the base offset ${this.baseOffset}`,
      )
    }
    if (this.length() % ENTRY_SIZE !== 0) {
      throw new CorruptIndexException(
        `Index file ${this.path} is corrupt, found ${this.length()} bytes which is neither ` +
          `positive nor a multiple of ${ENTRY_SIZE}`,
      )
    }
  }

  /**
   * The entry with the largest offset at or before `targetOffset`; the segment's beginning when
   * there is none.
   */
  lookup(targetOffset: number): OffsetPosition {
    const slot = this.largestLowerBoundSlotFor(targetOffset, 'key')
    return slot === -1 ? { offset: this.baseOffset, position: 0 } : this.entryAt(slot)
  }

  /** The `slot`th entry, from 0. */
  entry(slot: number): OffsetPosition {
    this.checkSlot(slot, 'index')
    return this.entryAt(slot)
  }

  /** The first entry at or behind the end of a fetch of `fetchSize` bytes from `from`. */
  fetchUpperBoundOffset(from: OffsetPosition, fetchSize: number): OffsetPosition | undefined {
    const slot = this.smallestUpperBoundSlotFor(from.position + fetchSize, 'value')
    return slot === -1 ? undefined : this.entryAt(slot)
  }

  append(offset: number, position: number): void {
    const entries = this.entries()
    if (this.isFull()) {
      throw new IllegalArgumentException(`Attempt to append to a full index (size = ${entries}).`)
    }
    if (entries > 0 && offset <= this.last) {
      throw new InvalidOffsetException(
        `Attempt to append an offset ${offset} to position ${entries} no larger than the last ` +
          `offset appended (${this.last}) to ${this.path}`,
      )
    }
    const relative = this.relativeOffset(offset)
    const buffer = this.roomForEntry()
    buffer.putIntAt(entries * ENTRY_SIZE, relative)
    buffer.putIntAt(entries * ENTRY_SIZE + 4, position)
    this.incrementEntries()
    this.last = offset
  }

  truncateTo(offset: number): void {
    const slot = this.largestLowerBoundSlotFor(offset, 'key')
    // An entry for the very offset goes too: what it points at is being cut off.
    const keep = slot < 0 ? 0 : this.entryAt(slot).offset === offset ? slot : slot + 1
    this.truncateToEntries(keep)
  }

  protected refreshLastEntry(): void {
    const entries = this.entries()
    this.last = entries === 0 ? this.baseOffset : this.entryAt(entries - 1).offset
  }

  protected keyAt(buffer: ByteBuffer, slot: number): number {
    return this.baseOffset + buffer.getIntAt(slot * ENTRY_SIZE)
  }

  protected valueAt(buffer: ByteBuffer, slot: number): number {
    return buffer.getIntAt(slot * ENTRY_SIZE + 4)
  }

  private entryAt(slot: number): OffsetPosition {
    const buffer = this.loaded()
    return { offset: this.keyAt(buffer, slot), position: this.valueAt(buffer, slot) }
  }
}
