/**
 * What every source of batches can do once it can iterate over them, and how many bytes a batch
 * will take before it is written.
 *
 * @kafka org.apache.kafka.common.record.internal.AbstractRecords
 */

import type { Header } from '../common/header/Header.ts'
import { CompressionType } from './CompressionType.ts'
import type { DefaultRecord } from './DefaultRecord.ts'
import { DefaultRecordBatch } from './DefaultRecordBatch.ts'
import type { RecordBatchIterator } from './RecordBatchIterator.ts'
import type { SimpleRecord } from './SimpleRecord.ts'

export abstract class AbstractRecords {
  abstract get sizeInBytes(): number

  /** A cursor on the batches. */
  abstract batchIterator(): RecordBatchIterator

  /** The batches, each read when it is asked for. */
  *batches(): Generator<DefaultRecordBatch, void, void> {
    const batches = this.batchIterator()
    while (batches.hasNext()) yield batches.next()
  }

  /** The records of all batches, each read when it is asked for. Checks no CRC. */
  *records(): Generator<DefaultRecord, void, void> {
    const batches = this.batchIterator()
    while (batches.hasNext()) {
      const records = batches.next().iterator()
      while (records.hasNext()) yield records.next()
    }
  }

  firstBatch(): DefaultRecordBatch | null {
    const batches = this.batchIterator()
    return batches.hasNext() ? batches.next() : null
  }

  /** Walks over all of them. */
  lastBatch(): DefaultRecordBatch | null {
    const batches = this.batchIterator()
    let last: DefaultRecordBatch | null = null
    while (batches.hasNext()) last = batches.next()
    return last
  }

  /**
   * About how many bytes a batch of these records will take; half of them for a codec, but at least
   * 1 KiB and at most 64 KiB.
   */
  static estimateSizeInBytes(
    compressionType: CompressionType,
    records: Iterable<SimpleRecord>,
  ): number {
    const size = DefaultRecordBatch.sizeInBytes(records)
    if (compressionType === CompressionType.NONE) return size
    return Math.min(Math.max(Math.floor(size / 2), 1024), 1 << 16)
  }

  /** Bytes that suffice for a batch of one such record, a codec left out of account. */
  static estimateSizeInBytesUpperBound(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): number {
    return DefaultRecordBatch.estimateBatchSizeUpperBound(key, value, headers)
  }
}
