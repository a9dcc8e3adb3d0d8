/**
 * Reads the records of one batch, one at a time, from the bytes as they were received.
 *
 * It is a cursor in Java's manner (`hasNext`, `next`), because JavaScript's protocol makes a result
 * object for each step; `for … of` on a batch wraps it.
 *
 * I1  It gives as many records as the header counted, and then no byte is left. Fewer or more is an
 *     `InvalidRecordException`: header and records do not belong together.
 *
 * @kafka org.apache.kafka.common.record.internal.DefaultRecordBatch.RecordIterator
 * @simplified a compressed batch was decompressed as a whole before, so there is one iterator, not
 *   a second one over a stream.
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import { InvalidRecordException } from '../common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../common/errors.ts'
import { DefaultRecord, type RecordBase } from './DefaultRecord.ts'

export class RecordIterator implements RecordBase {
  readonly baseOffset: number
  readonly baseTimestamp: number
  readonly baseSequence: number
  readonly logAppendTime: number | null
  private readonly buffer: ByteBuffer
  private readonly numRecords: number
  private readonly reusesRecord: boolean
  private record: DefaultRecord | undefined
  private readRecords = 0

  /**
   * @param base what the batch header says
   * @param numRecords how many records the header counts
   * @param buffer the plain records, from its position to its limit
   * @param reusesRecord the same object each time: it holds until the next call of `next`
   */
  constructor(base: RecordBase, numRecords: number, buffer: ByteBuffer, reusesRecord = false) {
    if (numRecords < 0) {
      throw new InvalidRecordException(`Found invalid record count ${numRecords} in a batch`)
    }
    this.baseOffset = base.baseOffset
    this.baseTimestamp = base.baseTimestamp
    this.baseSequence = base.baseSequence
    this.logAppendTime = base.logAppendTime
    this.numRecords = numRecords
    this.buffer = buffer
    this.reusesRecord = reusesRecord
  }

  hasNext(): boolean {
    return this.readRecords < this.numRecords
  }

  /** @throws InvalidRecordException when the bytes do not hold what the header counted (I1) */
  next(): DefaultRecord {
    if (this.readRecords >= this.numRecords) {
      throw new IllegalStateException(`All ${this.numRecords} records of the batch have been read`)
    }
    const record = DefaultRecord.readFrom(this.buffer, this, this.record)
    if (this.reusesRecord) this.record = record
    if (++this.readRecords === this.numRecords && this.buffer.hasRemaining()) {
      throw new InvalidRecordException(
        `Incorrect declared batch size: ${this.buffer.remaining()} bytes are left after ` +
          `${this.numRecords} records`,
      )
    }
    return record
  }

  *[Symbol.iterator](): Generator<DefaultRecord, void, void> {
    while (this.hasNext()) yield this.next()
  }
}
