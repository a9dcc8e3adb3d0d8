/**
 * Batches in memory, to be read or changed in place: the records of a fetch response, of a produce
 * request, of a part of a log.
 *
 * Nothing is decoded before it is asked for, and nothing is copied. A cut-off batch at the end is
 * ignored, because a broker answers with as many bytes as were asked for, wherever that ends.
 *
 * Batches are written with `MemoryRecordsBuilder`; `withRecords` makes a set of records at once.
 *
 * @kafka org.apache.kafka.common.record.internal.MemoryRecords
 * @simplified the static `builder` and `with…` methods are the functions of `withRecords.ts`, and
 *   `filterTo` is one of its own: this class would need the builder, and the builder this class.
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import { AbstractRecords } from './AbstractRecords.ts'
import { ByteBufferLogInputStream } from './ByteBufferLogInputStream.ts'
import { RecordBatchIterator } from './RecordBatchIterator.ts'
import { Records } from './Records.ts'

export class MemoryRecords extends AbstractRecords {
  /** No records at all. */
  static readonly EMPTY = new MemoryRecords(new Uint8Array(0))

  /** All bytes, a cut-off batch at their end included. They stay shared. */
  readonly bytes: Uint8Array
  private valid = -1

  private constructor(bytes: Uint8Array) {
    super()
    this.bytes = bytes
  }

  /** @param source the batches, one after the other; of a `ByteBuffer`, what remains in it */
  static readableRecords(source: Uint8Array | ByteBuffer): MemoryRecords {
    if (source instanceof Uint8Array) return new MemoryRecords(source)
    return new MemoryRecords(source.bytes.subarray(source.position, source.limit))
  }

  /** A cut-off batch at the end included. */
  override get sizeInBytes(): number {
    return this.bytes.length
  }

  /** Bytes of complete batches. */
  validBytes(): number {
    if (this.valid < 0) {
      let bytes = 0
      for (const batch of this.batches()) bytes += batch.sizeInBytes
      this.valid = bytes
    }
    return this.valid
  }

  /** A buffer of its own on the same bytes. */
  buffer(): ByteBuffer {
    return ByteBuffer.wrap(this.bytes)
  }

  override batchIterator(): RecordBatchIterator {
    return new RecordBatchIterator(new ByteBufferLogInputStream(this.buffer()))
  }

  /**
   * Bytes of the first batch, even when it is cut off; `null` when its header is.
   *
   * @throws CorruptRecordException when size or magic cannot be
   */
  firstBatchSize(): number | null {
    return this.bytes.length < Records.HEADER_SIZE_UP_TO_MAGIC
      ? null
      : new ByteBufferLogInputStream(this.buffer()).nextBatchSize()
  }

  /** Whether all batches have this format. Unlike `batches` it steps over the formats 0 and 1. */
  hasMatchingMagic(magic: number): boolean {
    const stream = new ByteBufferLogInputStream(this.buffer())
    for (let size = stream.nextBatchSize(); size !== null; size = stream.nextBatchSize()) {
      const found = stream.nextMagic()
      if (!stream.skip(size)) break
      if (found !== magic) return false
    }
    return true
  }

  /**
   * A part of the bytes, shared; it should begin with a batch.
   *
   * @param size at most; the end of the bytes may come before
   */
  slice(position: number, size: number): MemoryRecords {
    if (position < 0 || position > this.bytes.length) {
      throw new IllegalArgumentException(`Invalid position: ${position} in read from ${this}`)
    }
    if (size < 0) throw new IllegalArgumentException(`Invalid size: ${size} in read from ${this}`)
    return new MemoryRecords(this.bytes.subarray(position, position + size))
  }

  override toString(): string {
    return `MemoryRecords(size=${this.sizeInBytes})`
  }
}
