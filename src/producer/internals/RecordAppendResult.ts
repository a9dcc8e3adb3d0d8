/**
 * What `RecordAccumulator.append` did: the record's future, and whether the Sender should be told.
 *
 * The accumulator has one of these and fills it again for every record. Read it before the next
 * append; whoever keeps it over an `await` makes a copy first.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator.RecordAppendResult
 */

import type { FutureRecordMetadata } from './FutureRecordMetadata.ts'

export class RecordAppendResult {
  future!: FutureRecordMetadata
  /** A batch of this partition may go at once: it is full, or another one stands behind it. */
  batchIsFull = false
  /** The Sender does not know this batch yet, and so not when it has lingered long enough. */
  newBatchCreated = false
  appendedBytes = 0

  set(
    future: FutureRecordMetadata,
    batchIsFull: boolean,
    newBatchCreated: boolean,
    appendedBytes: number,
  ): this {
    this.future = future
    this.batchIsFull = batchIsFull
    this.newBatchCreated = newBatchCreated
    this.appendedBytes = appendedBytes
    return this
  }

  copy(): RecordAppendResult {
    const { future, batchIsFull, newBatchCreated, appendedBytes } = this
    return new RecordAppendResult().set(future, batchIsFull, newBatchCreated, appendedBytes)
  }
}
