/**
 * Cuts a run of bytes into batches, by the size at the beginning of each.
 *
 *     │ batch ────── │ batch ─── │ ba…
 *
 * A fetch response ends wherever the bytes that were asked for ended. A batch that is cut off there
 * is no error: the next fetch brings it whole.
 *
 * I1  A batch that it gives lies wholly inside the buffer and has a whole header.
 *
 * @kafka org.apache.kafka.common.record.internal.ByteBufferLogInputStream
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import { CorruptRecordException } from '../common/errors/ApiExceptions.ts'
import { RECORD_BATCH_OVERHEAD } from './BatchHeader.ts'
import { DefaultRecordBatch } from './DefaultRecordBatch.ts'
import { LegacyRecord } from './LegacyRecord.ts'
import { RecordBatch } from './RecordBatch.ts'
import { Records } from './Records.ts'

/**
 * Where batches come from, one after the other: memory, or a file.
 *
 * @kafka org.apache.kafka.common.record.internal.LogInputStream
 */
export interface LogInputStream<B> {
  /** The next batch, or `null` when the rest holds no complete one. */
  nextBatch(): B | null
}

export class ByteBufferLogInputStream implements LogInputStream<DefaultRecordBatch> {
  private readonly buffer: ByteBuffer
  private readonly maxMessageSize: number

  /**
   * @param buffer read from its position to its limit; the position moves
   * @param maxMessageSize a batch that says more bytes than this is corrupt; default no limit
   */
  constructor(buffer: ByteBuffer, maxMessageSize = Number.POSITIVE_INFINITY) {
    this.buffer = buffer
    this.maxMessageSize = maxMessageSize
  }

  /**
   * The next batch, or `null` when the rest holds no complete one.
   *
   * @throws CorruptRecordException when size or magic cannot be
   * @throws UnsupportedForMessageFormatException for the formats 0 and 1
   */
  nextBatch(): DefaultRecordBatch | null {
    const size = this.nextBatchSize()
    if (size === null || size > this.buffer.remaining()) return null
    const magic = this.nextMagic()
    if (magic < RecordBatch.MAGIC_VALUE_V2) {
      const offset = this.buffer.getLongAt(this.buffer.position + Records.OFFSET_OFFSET)
      throw LegacyRecord.refusal(magic, offset)
    }
    if (size < RECORD_BATCH_OVERHEAD) {
      throw new CorruptRecordException(
        `Record batch is corrupt (the size ${size} is smaller than the minimum allowed overhead ` +
          `${RECORD_BATCH_OVERHEAD})`,
      )
    }
    return new DefaultRecordBatch(this.buffer.getBytes(size))
  }

  /**
   * Bytes of the next batch, its first fields included, or `null` when not even they are there.
   *
   * @throws CorruptRecordException when size or magic cannot be
   */
  nextBatchSize(): number | null {
    const remaining = this.buffer.remaining()
    if (remaining < Records.LOG_OVERHEAD) return null
    const size = this.buffer.getIntAt(this.buffer.position + Records.SIZE_OFFSET)
    if (size < LegacyRecord.RECORD_OVERHEAD_V0) {
      throw new CorruptRecordException(
        `Record size ${size} is less than the minimum record overhead ` +
          `(${LegacyRecord.RECORD_OVERHEAD_V0})`,
      )
    }
    if (size > this.maxMessageSize) {
      throw new CorruptRecordException(
        `Record size ${size} exceeds the largest allowable message size (${this.maxMessageSize}).`,
      )
    }
    if (remaining < Records.HEADER_SIZE_UP_TO_MAGIC) return null
    const magic = this.nextMagic()
    if (magic < 0 || magic > RecordBatch.CURRENT_MAGIC_VALUE) {
      throw new CorruptRecordException(`Invalid magic found in record: ${magic}`)
    }
    return size + Records.LOG_OVERHEAD
  }

  /** The format of the next batch. Asks for nothing else: `nextBatchSize` said that it is there. */
  nextMagic(): number {
    return this.buffer.view.getInt8(this.buffer.position + Records.MAGIC_OFFSET)
  }

  /**
   * Moves past a batch of which `nextBatchSize` said the size; `false` when it is not all there.
   */
  skip(size: number): boolean {
    if (size > this.buffer.remaining()) return false
    this.buffer.skip(size)
    return true
  }
}
