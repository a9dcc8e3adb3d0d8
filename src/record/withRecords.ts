/**
 * Whole sets of records in one call, for whoever has them all at hand: tests, markers, a log
 * written anew.
 *
 * @kafka org.apache.kafka.common.record.internal.MemoryRecords (its static `with…` methods)
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../common/ByteBufferOutputStream.ts'
import { AbstractRecords } from './AbstractRecords.ts'
import type { MemoryRecordsBuilderOptions } from './BatchDescription.ts'
import { RECORD_BATCH_OVERHEAD } from './BatchHeader.ts'
import { Compression } from './compress/Compression.ts'
import type { EndTransactionMarker } from './EndTransactionMarker.ts'
import { MemoryRecords } from './MemoryRecords.ts'
import { MemoryRecordsBuilder } from './MemoryRecordsBuilder.ts'
import type { SimpleRecord } from './SimpleRecord.ts'

/** Everything that a batch can be, but for its buffer, which is made to measure. */
export type RecordsOptions = Omit<MemoryRecordsBuilderOptions, 'buffer' | 'writeLimit'>

/** One batch of these records; `MemoryRecords.EMPTY` for none. */
export const withRecords = (options: RecordsOptions, ...records: SimpleRecord[]): MemoryRecords => {
  if (records.length === 0) return MemoryRecords.EMPTY
  const { type } = options.compression ?? Compression.NONE
  const size = AbstractRecords.estimateSizeInBytes(type, records)
  const builder = new MemoryRecordsBuilder({ ...options, buffer: new ByteBufferOutputStream(size) })
  for (const record of records) builder.appendRecord(record)
  return builder.build()
}

/** Whose transaction ends, and where. */
export interface EndTransactionMarkerOptions {
  /** The offset of the marker; default 0. */
  readonly baseOffset?: number
  readonly timestamp: number
  readonly partitionLeaderEpoch?: number
  readonly producerId: bigint
  readonly producerEpoch: number
}

/** A control batch with the marker as its one record. */
export const withEndTransactionMarker = (
  options: EndTransactionMarkerOptions,
  marker: EndTransactionMarker,
): MemoryRecords => {
  const { timestamp, ...batch } = options
  const builder = new MemoryRecordsBuilder({
    ...batch,
    buffer: ByteBuffer.allocate(RECORD_BATCH_OVERHEAD + marker.endTxnMarkerValueSize()),
    isTransactional: true,
    isControlBatch: true,
  })
  builder.appendEndTxnMarker(timestamp, marker)
  return builder.build()
}
