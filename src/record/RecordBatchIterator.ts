/**
 * The batches of a log or of a fetch response, one after the other: a cursor that can look ahead.
 *
 * @kafka org.apache.kafka.common.record.internal.RecordBatchIterator
 */

import { IllegalStateException } from '../common/errors.ts'
import type { LogInputStream } from './ByteBufferLogInputStream.ts'
import type { DefaultRecordBatch } from './DefaultRecordBatch.ts'

export class RecordBatchIterator<B = DefaultRecordBatch> {
  private readonly stream: LogInputStream<B>
  /** `undefined`: not looked yet; `null`: there is no more. */
  private ahead: B | null | undefined

  constructor(stream: LogInputStream<B>) {
    this.stream = stream
  }

  /** @throws CorruptRecordException and what else `ByteBufferLogInputStream.nextBatch` throws */
  hasNext(): boolean {
    return this.look() !== null
  }

  next(): B {
    const batch = this.peek()
    this.ahead = undefined
    return batch
  }

  /** The next one, which stays the next one. */
  peek(): B {
    const batch = this.look()
    if (batch === null) throw new IllegalStateException('There are no more batches')
    return batch
  }

  *[Symbol.iterator](): Generator<B, void, void> {
    while (this.hasNext()) yield this.next()
  }

  private look(): B | null {
    if (this.ahead === undefined) this.ahead = this.stream.nextBatch()
    return this.ahead
  }
}
