/**
 * Copies the records that are to stay, batch by batch: what a log cleaner does all day.
 *
 *     read       │ a b c │ d e │ f │ g h i │        keep c, g, h, i
 *     written    │ c │     (gone or empty)  │ g h i │   the last one as it was, byte for byte
 *
 * A batch that loses records is written anew, in its codec, with the base and last offset that it
 * had: the broker tells duplicates of a producer by the last sequence number, which follows from
 * them. When all records are gone, a header may have to stay for the same reason.
 *
 * A tombstone must be seen by every reader before it may go. The first time that one is kept, the
 * batch learns when that will be: its base timestamp becomes that *delete horizon*, and the
 * differences of its records are written anew.
 *
 * I1  Offsets, timestamps, sequence numbers and owners of what stays do not change.
 * I2  When the destination is too small, the stream takes a larger buffer, and this is the last
 *     batch: the caller takes what there is and goes on behind `bytesRead`.
 *
 * @kafka org.apache.kafka.common.record.internal.MemoryRecords (filterTo)
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../common/ByteBufferOutputStream.ts'
import { IllegalStateException } from '../common/errors.ts'
import { RECORD_BATCH_OVERHEAD, writeEmptyHeader } from './BatchHeader.ts'
import { ControlRecordType } from './ControlRecordType.ts'
import { Compression } from './compress/Compression.ts'
import type { DefaultRecord } from './DefaultRecord.ts'
import type { DefaultRecordBatch } from './DefaultRecordBatch.ts'
import type { MemoryRecords } from './MemoryRecords.ts'
import { MemoryRecordsBuilder } from './MemoryRecordsBuilder.ts'
import { RecordBatch } from './RecordBatch.ts'
import { TimestampType } from './TimestampType.ts'

/**
 * What becomes of a batch.
 *
 * `delete`: it goes, its records are not looked at. `retainEmpty`: its header stays, even when no
 * record does. `deleteEmpty`: it goes when no record stays.
 */
export type BatchRetention = 'delete' | 'retainEmpty' | 'deleteEmpty'

export interface BatchRetentionResult {
  readonly batchRetention: BatchRetention
  /** The batch is the end of a transaction of which nothing is left. */
  readonly containsMarkerForEmptyTxn: boolean
}

/** Who decides. */
export interface RecordFilter {
  /** In milliseconds since 1970. */
  readonly currentTimeMs: number
  /** How long a tombstone stays once the cleaner has met it. */
  readonly deleteRetentionMs: number
  checkBatchRetention(batch: DefaultRecordBatch): BatchRetentionResult
  shouldRetainRecord(batch: DefaultRecordBatch, record: DefaultRecord): boolean
}

/** What was read and what was written, for metrics and for an index. */
export interface FilterResult {
  /** What was written to, from where the destination stood on: the destination, or larger (I2). */
  readonly outputBuffer: ByteBuffer
  readonly messagesRead: number
  /** Of all batches that were looked at, those that went included. */
  readonly bytesRead: number
  readonly messagesRetained: number
  readonly bytesRetained: number
  /** Of what was kept; -1 when nothing was. */
  readonly maxOffset: number
  readonly maxTimestamp: number
  /** The last offset of the batch with `maxTimestamp`. */
  readonly shallowOffsetOfMaxTimestamp: number
}

/** Writes what `filter` keeps of `records` into `destination`, from its position on. */
export const filterTo = (
  records: MemoryRecords,
  filter: RecordFilter,
  destination: ByteBuffer,
): FilterResult => new Filtering(filter, destination).run(records)

/** What `filterBatch` found in one batch. */
interface BatchFilterResult {
  readonly retained: readonly DefaultRecord[]
  readonly maxOffset: number
  readonly containsTombstones: boolean
  readonly keepsAll: boolean
}

class Filtering {
  private readonly filter: RecordFilter
  private readonly destination: ByteBuffer
  private readonly out: ByteBufferOutputStream
  private messagesRead = 0
  private bytesRead = 0
  private messagesRetained = 0
  private bytesRetained = 0
  private maxOffset = -1
  private maxTimestamp: number = RecordBatch.NO_TIMESTAMP
  private shallowOffsetOfMaxTimestamp = -1

  constructor(filter: RecordFilter, destination: ByteBuffer) {
    this.filter = filter
    this.destination = destination
    this.out = new ByteBufferOutputStream(destination)
  }

  run(records: MemoryRecords): FilterResult {
    for (const batch of records.batches()) {
      this.bytesRead += batch.sizeInBytes
      const { batchRetention, containsMarkerForEmptyTxn } = this.filter.checkBatchRetention(batch)
      if (batchRetention === 'delete') continue
      const found = this.filterBatch(batch)
      if (found.retained.length > 0) {
        const needsHorizon = found.containsTombstones || containsMarkerForEmptyTxn
        this.writeBatch(batch, found, needsHorizon && batch.deleteHorizonMs === null)
      } else if (batchRetention === 'retainEmpty') {
        this.writeEmptyBatch(batch)
      }
      if (this.out.buffer() !== this.destination) break
    }
    return {
      outputBuffer: this.out.buffer(),
      messagesRead: this.messagesRead,
      bytesRead: this.bytesRead,
      messagesRetained: this.messagesRetained,
      bytesRetained: this.bytesRetained,
      maxOffset: this.maxOffset,
      maxTimestamp: this.maxTimestamp,
      shallowOffsetOfMaxTimestamp: this.shallowOffsetOfMaxTimestamp,
    }
  }

  private filterBatch(batch: DefaultRecordBatch): BatchFilterResult {
    const retained: DefaultRecord[] = []
    let maxOffset = -1
    let containsTombstones = false
    let keepsAll = true
    for (const record of batch) {
      this.messagesRead += 1
      if (this.filter.shouldRetainRecord(batch, record)) {
        if (record.offset > maxOffset) maxOffset = record.offset
        if (!record.hasValue) containsTombstones = true
        retained.push(record)
      } else {
        keepsAll = false
      }
    }
    return { retained, maxOffset, containsTombstones, keepsAll }
  }

  private writeBatch(
    batch: DefaultRecordBatch,
    { retained, maxOffset, keepsAll }: BatchFilterResult,
    setsDeleteHorizon: boolean,
  ): void {
    if (keepsAll && !setsDeleteHorizon) {
      batch.writeTo(this.out)
      this.noteRetained(batch, batch.lastOffset, retained.length, batch.sizeInBytes)
      return
    }
    const { currentTimeMs, deleteRetentionMs } = this.filter
    const deleteHorizonMs = setsDeleteHorizon
      ? currentTimeMs + deleteRetentionMs
      : (batch.deleteHorizonMs ?? RecordBatch.NO_TIMESTAMP)
    const written = this.rebuilt(batch, retained, deleteHorizonMs)
    this.noteRetained(written, maxOffset, retained.length, written.sizeInBytes)
  }

  /** The batch with these records alone, written at the end of what there is. */
  private rebuilt(
    batch: DefaultRecordBatch,
    retained: readonly DefaultRecord[],
    deleteHorizonMs: number,
  ): DefaultRecordBatch {
    const { timestampType, isControlBatch } = batch
    const isAppendTime = timestampType === TimestampType.LOG_APPEND_TIME
    const builder = new MemoryRecordsBuilder({
      buffer: this.out,
      compression: Compression.of(batch.compressionType),
      timestampType,
      baseOffset: batch.baseOffset,
      logAppendTime: isAppendTime ? batch.maxTimestamp : RecordBatch.NO_TIMESTAMP,
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      isTransactional: batch.isTransactional,
      isControlBatch,
      partitionLeaderEpoch: batch.partitionLeaderEpoch,
      writeLimit: this.out.limit(),
      deleteHorizonMs,
    })
    for (const record of retained) {
      const { offset, timestamp, key, value, headers } = record
      if (isControlBatch) appendMarker(builder, batch, record)
      else builder.appendWithOffset(offset, timestamp, key, value, headers)
    }
    builder.overrideLastOffset(batch.lastOffset)
    return builder.build().firstBatch()!
  }

  private writeEmptyBatch(batch: DefaultRecordBatch): void {
    this.out.ensureRemaining(RECORD_BATCH_OVERHEAD)
    writeEmptyHeader(this.out.buffer(), {
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      baseOffset: batch.baseOffset,
      lastOffset: batch.lastOffset,
      partitionLeaderEpoch: batch.partitionLeaderEpoch,
      timestampType: batch.timestampType,
      timestamp: batch.maxTimestamp,
      isTransactional: batch.isTransactional,
      isControlBatch: batch.isControlBatch,
    })
    this.noteRetained(batch, batch.lastOffset, 0, RECORD_BATCH_OVERHEAD)
  }

  private noteRetained(
    { maxTimestamp, lastOffset }: DefaultRecordBatch,
    maxOffset: number,
    messages: number,
    bytes: number,
  ): void {
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp
      this.shallowOffsetOfMaxTimestamp = lastOffset
    }
    this.maxOffset = Math.max(this.maxOffset, maxOffset)
    this.messagesRetained += messages
    this.bytesRetained += bytes
  }
}

/** A control batch holds one marker, which stands at its base offset. */
const appendMarker = (
  builder: MemoryRecordsBuilder,
  batch: DefaultRecordBatch,
  { offset, timestamp, key, value }: DefaultRecord,
): void => {
  if (offset !== batch.baseOffset || key === null || value === null) {
    throw new IllegalStateException(
      `The control batch at offset ${batch.baseOffset} holds more than a marker: a record at ` +
        `offset ${offset}`,
    )
  }
  builder.appendControlRecord(timestamp, ControlRecordType.parse(key), value)
}
