/**
 * What is known of an append: before it from the batches, after it from the log.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogAppendInfo
 */

import { CompressionType } from '../../record/CompressionType.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'

/** One record of a batch that was refused, by its place in the batch. */
export interface RecordError {
  readonly batchIndex: number
  readonly message: string
}

export class LogAppendInfo {
  /** Of the first record; -1 when nothing was appended. */
  firstOffset = -1
  lastOffset = -1
  maxTimestamp: number = RecordBatch.NO_TIMESTAMP
  /** The broker's clock at the append, or -1 when records keep their producer's. */
  logAppendTime: number = RecordBatch.NO_TIMESTAMP
  logStartOffset = -1
  sourceCompression: CompressionType = CompressionType.NONE
  /** Bytes of the complete batches. */
  validBytes = -1
  lastOffsetOfFirstBatch = -1
  /**
   * The producer sent this before: the offsets are those of the first time, and nothing was
   * written.
   */
  isDuplicate = false
  /**
   * Present when this append was due for a flush: what was appended is durable once it resolves.
   */
  pendingFlush: Promise<void> | undefined

  firstOrLastOffsetOfFirstBatch(): number {
    return this.firstOffset >= 0 ? this.firstOffset : this.lastOffsetOfFirstBatch
  }

  numMessages(): number {
    return this.firstOffset >= 0 && this.lastOffset >= 0
      ? this.lastOffset - this.firstOffset + 1
      : 0
  }

  /** What is said about an append that failed. */
  static unknown(logStartOffset = -1): LogAppendInfo {
    const info = new LogAppendInfo()
    info.logStartOffset = logStartOffset
    return info
  }
}
