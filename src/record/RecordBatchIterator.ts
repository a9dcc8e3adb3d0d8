/**
 * The batches of a log or of a fetch response, one after the other: a cursor that can look ahead.
 *
 * @kafka org.apache.kafka.common.record.internal.RecordBatchIterator
 */

import { IllegalStateException } from '../common/errors.ts'
import type { ByteBufferLogInputStream } from './ByteBufferLogInputStream.ts'
import type { DefaultRecordBatch } from './DefaultRecordBatch.ts'

export class RecordBatchIterator {
  private readonly stream: ByteBufferLogInputStream
  /** `undefined`: not looked yet; `null`: there is no more. */
  private ahead: DefaultRecordBatch | null | undefined

  constructor(stream: ByteBufferLogInputStream) {
    this.stream = stream
  }

  /** @throws CorruptRecordException and what else `ByteBufferLogInputStream.nextBatch` throws */
  hasNext(): boolean {
    return this.look() !== null
  }

  next(): DefaultRecordBatch {
    const batch = this.peek()
    this.ahead = undefined
    return batch
  }

  /** The next one, which stays the next one. */
  peek(): DefaultRecordBatch {
    const batch = this.look()
    if (batch === null) throw new IllegalStateException('There are no more batches')
    return batch
  }

  *[Symbol.iterator](): Generator<DefaultRecordBatch, void, void> {
    while (this.hasNext()) yield this.next()
  }

  private look(): DefaultRecordBatch | null {
    if (this.ahead === undefined) this.ahead = this.stream.nextBatch()
    return this.ahead
  }
}
