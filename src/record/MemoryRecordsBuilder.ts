/**
 * Writes one record batch into a buffer, record by record.
 *
 *     ┌ 61 bytes, left free ┐
 *     │ header              │ record │ record │ record │ ← the next one, written once, in place
 *     └─────────▲───────────┘
 *               └ written at `close`, when size, count, last offset and CRC are known
 *
 * The producer fills batches with it; so does a broker that has to write a batch anew. With a codec
 * the records go through a stream of the codec's (`Compression.wrapForOutput`), and how full the
 * batch is can only be estimated until it is closed.
 *
 *     open ──closeForRecordAppends──► no more records ──close──► built
 *       │                                   ▲                      │
 *       └──abort──► aborted                 └──────────────────────┘ reopenAndRewriteProducerState
 *
 * The way back exists for one purpose: an idempotent batch that is retried under a new producer id
 * gets a new header; its records stay.
 *
 * I1  Offsets increase, and lie within 2^31 - 1 of the base offset.
 * I2  The first record always fits, whatever the limit. `ByteBufferOutputStream` may take a larger
 *     buffer for it, so `buffer()` can differ from the given one.
 * I3  `buffer()` of an aborted builder has its first position again.
 *
 * @kafka org.apache.kafka.common.record.internal.MemoryRecordsBuilder
 * @simplified format 2 only, so no `magic`; no control records of KRaft's own log.
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../common/ByteBufferOutputStream.ts'
import { IllegalArgumentException, IllegalStateException } from '../common/errors.ts'
import type { Header } from '../common/header/Header.ts'
import type { Trace } from '../common/Trace.ts'
import {
  BatchDescription,
  type MemoryRecordsBuilderOptions,
  type RecordsInfo,
} from './BatchDescription.ts'
import { RECORD_BATCH_OVERHEAD, writeHeader } from './BatchHeader.ts'
import { CompressionType } from './CompressionType.ts'
import type { ControlRecordType } from './ControlRecordType.ts'
import type { RecordOutputStream } from './compress/Codec.ts'
import { DefaultRecord } from './DefaultRecord.ts'
import type { EndTransactionMarker } from './EndTransactionMarker.ts'
import { MemoryRecords } from './MemoryRecords.ts'
import { RecordBatch } from './RecordBatch.ts'
import { EMPTY_HEADERS, type SimpleRecord } from './SimpleRecord.ts'
import { TimestampType } from './TimestampType.ts'

/** A little more than estimated: a batch that came out too large must be split. */
const COMPRESSION_RATE_ESTIMATION_FACTOR = 1.05
const MAX_INT = 0x7fff_ffff
/** No record yet, in a field that otherwise holds an offset or a timestamp (-1 is one). */
const NONE = -2

export class MemoryRecordsBuilder extends BatchDescription {
  private readonly bufferStream: ByteBufferOutputStream
  private readonly trace: Trace | undefined
  private readonly initialPosition: number
  readonly writeLimit: number
  /** `null`: closed for records. */
  private appendStream: RecordOutputStream | null
  /** Expected bytes in the batch per byte of a record; 1 without a codec. */
  private expectedRatio = 1
  private actualCompressionRatio = 1
  private recordCount = 0
  /** Of the records, before compression. */
  private uncompressedRecordsSizeInBytes = 0
  private lastOffset = NONE
  private baseTimestamp: number
  private largestTimestamp: number = RecordBatch.NO_TIMESTAMP
  private builtRecords: MemoryRecords | null = null
  private aborted = false

  constructor(options: MemoryRecordsBuilderOptions) {
    super(options)
    const { buffer } = options
    this.bufferStream = buffer instanceof ByteBuffer ? new ByteBufferOutputStream(buffer) : buffer
    this.writeLimit = options.writeLimit ?? this.bufferStream.remaining()
    this.initialPosition = this.bufferStream.position
    this.bufferStream.position = this.initialPosition + RECORD_BATCH_OVERHEAD
    this.appendStream = this.compression.wrapForOutput(this.bufferStream)
    this.baseTimestamp = this.hasDeleteHorizonMs() ? this.deleteHorizonMs : NONE
    this.trace = options.trace
    this.setEstimatedCompressionRatio(1)
  }

  // ---- records

  /**
   * Whether this record fits under the limit; the first one always does (I2). With a codec this
   * rests on an estimate, to which the new record is added uncompressed.
   */
  hasRoomFor(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[] = EMPTY_HEADERS,
  ): boolean {
    if (this.isFull()) return false
    if (this.recordCount === 0) return true
    const offsetDelta = this.lastOffset - this.baseOffset + 1
    const timestampDelta = timestamp - this.baseTimestamp
    const size = DefaultRecord.sizeInBytes(offsetDelta, timestampDelta, key, value, headers)
    return this.writeLimit >= this.estimatedBytesWritten() + size
  }

  /**
   * Writes a record at the next offset. Whether it fits is the caller's question (`hasRoomFor`).
   *
   * @param timestamp milliseconds since 1970, or -1
   * @throws IllegalArgumentException for a timestamp or header that cannot be
   * @throws IllegalStateException when the builder is closed for records
   */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[] = EMPTY_HEADERS,
  ): void {
    const offset = this.nextSequentialOffset()
    const recordBytes = this.write(offset, false, timestamp, key, value, headers)
    if (this.trace?.enabled) {
      const batchBytes = this.estimatedBytesWritten()
      this.trace.emit('record.builder.append', { offset, recordBytes, batchBytes })
    }
  }

  /** Writes a record at the next offset. */
  appendRecord(record: SimpleRecord): void {
    const { timestamp = RecordBatch.NO_TIMESTAMP, key = null, value, headers } = record
    this.append(timestamp, key, value, headers)
  }

  /** Writes a record at an offset of one's own, larger than that of the record before (I1). */
  appendWithOffset(
    offset: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[] = EMPTY_HEADERS,
  ): void {
    this.write(offset, false, timestamp, key, value, headers)
  }

  /** Writes a record for Kafka itself; only into a control batch. */
  appendControlRecord(timestamp: number, type: ControlRecordType, value: Uint8Array): void {
    const key = type.recordKey()
    this.write(this.nextSequentialOffset(), true, timestamp, key, value, EMPTY_HEADERS)
  }

  /** Writes the end of a transaction; only into a transactional control batch. */
  appendEndTxnMarker(timestamp: number, marker: EndTransactionMarker): void {
    if (this.producer.producerId === RecordBatch.NO_PRODUCER_ID) {
      throw new IllegalArgumentException('End transaction marker requires a valid producerId')
    }
    if (!this.producer.isTransactional) {
      throw new IllegalArgumentException('End transaction marker needs a transactional batch')
    }
    this.appendControlRecord(timestamp, marker.controlType, marker.serializeValue())
  }

  // ---- how far it is

  /** Whether no record should be added: closed for records, or the limit is reached. */
  isFull(): boolean {
    if (this.appendStream === null) return true
    return this.recordCount > 0 && this.writeLimit <= this.estimatedBytesWritten()
  }

  isClosed(): boolean {
    return this.builtRecords !== null
  }

  /** Bytes of the batch; exact without a codec and after `close`. */
  estimatedSizeInBytes(): number {
    return this.builtRecords === null ? this.estimatedBytesWritten() : this.builtRecords.sizeInBytes
  }

  /** What earlier batches of this topic suggest (`CompressionRatioEstimator`); default 1. */
  setEstimatedCompressionRatio(ratio: number): void {
    if (this.compression.type === CompressionType.NONE) return
    this.expectedRatio = ratio * COMPRESSION_RATE_ESTIMATION_FACTOR
  }

  get numRecords(): number {
    return this.recordCount
  }

  /** Of header and records, before compression. */
  uncompressedBytesWritten(): number {
    return this.uncompressedRecordsSizeInBytes + RECORD_BATCH_OVERHEAD
  }

  /** Bytes after compression ÷ bytes before, both without the header; 1 until `close`. */
  get compressionRatio(): number {
    return this.actualCompressionRatio
  }

  /** The largest timestamp so far, or the log append time; -1 when there is none. */
  get maxTimestamp(): number {
    return this.timestampType === TimestampType.LOG_APPEND_TIME
      ? this.logAppendTime
      : this.largestTimestamp
  }

  info(): RecordsInfo {
    const { maxTimestamp } = this
    const none = maxTimestamp === RecordBatch.NO_TIMESTAMP || this.lastOffset === NONE
    return { maxTimestamp, shallowOffsetOfMaxTimestamp: none ? -1 : this.lastOffset }
  }

  /** What is written to. Not always the buffer that was given (I2). */
  buffer(): ByteBuffer {
    return this.bufferStream.buffer()
  }

  /** The capacity of the buffer that was given: what a pool is owed. */
  initialCapacity(): number {
    return this.bufferStream.initialCapacity()
  }

  // ---- the end

  /**
   * Says whose batch this is, before it is first sent.
   *
   * @throws IllegalStateException when the batch is closed: it may have been sent under the old
   *   state, and under a new one the broker would not know the duplicate
   */
  setProducerState(
    producerId: bigint,
    producerEpoch: number,
    baseSequence: number,
    isTransactional: boolean,
  ): void {
    if (this.isClosed()) {
      throw new IllegalStateException('Trying to set producer state of an already closed batch.')
    }
    this.producer = { producerId, producerEpoch, baseSequence, isTransactional }
  }

  /** A cleaned batch keeps the last offset that it had, although that record may be gone. */
  overrideLastOffset(lastOffset: number): void {
    if (this.isClosed()) {
      throw new IllegalStateException('Cannot override the last offset of built records')
    }
    this.lastOffset = lastOffset
  }

  /** Takes no more records and lets go of the codec's buffers; the header can still change. */
  closeForRecordAppends(): void {
    const stream = this.appendStream
    this.appendStream = null
    stream?.close()
  }

  /** Gives up: the buffer is as if nothing had been written (I3). */
  abort(): void {
    this.closeForRecordAppends()
    this.buffer().position = this.initialPosition
    this.aborted = true
  }

  /** Lets a built batch be closed again, with a header for another producer state. */
  reopenAndRewriteProducerState(
    producerId: bigint,
    producerEpoch: number,
    baseSequence: number,
    isTransactional: boolean,
  ): void {
    if (this.aborted) {
      throw new IllegalStateException('Should not reopen a batch which is already aborted.')
    }
    this.builtRecords = null
    this.producer = { producerId, producerEpoch, baseSequence, isTransactional }
  }

  /**
   * Writes the header and its CRC. A second call does nothing.
   *
   * @throws IllegalArgumentException when producer id, epoch and sequence do not go together
   * @throws IllegalStateException after `abort`
   */
  close(): void {
    if (this.aborted) {
      throw new IllegalStateException('Cannot close a record batch that was aborted')
    }
    if (this.builtRecords !== null) return
    this.validateProducerState()
    this.closeForRecordAppends()
    if (this.recordCount === 0) {
      this.buffer().position = this.initialPosition
      this.builtRecords = MemoryRecords.EMPTY
    } else {
      this.builtRecords = this.writeDefaultBatchHeader()
    }
    if (this.trace?.enabled) {
      const { sizeInBytes: bytes } = this.builtRecords
      const crc = this.builtRecords.firstBatch()?.checksum ?? 0
      const { name: compression } = this.compression.type
      this.trace.emit('record.builder.close', {
        records: this.recordCount,
        bytes,
        crc,
        compression,
      })
    }
  }

  /** Closes, and gives the batch; `MemoryRecords.EMPTY` when it has no records. */
  build(): MemoryRecords {
    if (this.aborted) {
      throw new IllegalStateException('Attempting to build an aborted record batch')
    }
    this.close()
    return this.builtRecords ?? MemoryRecords.EMPTY
  }

  private nextSequentialOffset(): number {
    return this.lastOffset === NONE ? this.baseOffset : this.lastOffset + 1
  }

  /** Returns the record's size. */
  private write(
    offset: number,
    isControlRecord: boolean,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): number {
    if (this.appendStream === null) {
      throw new IllegalStateException(
        'Tried to append a record, but MemoryRecordsBuilder is closed for record appends',
      )
    }
    if (isControlRecord !== this.isControlBatch) {
      throw new IllegalArgumentException('Control records can only be appended to control batches')
    }
    if (offset <= this.lastOffset) {
      throw new IllegalArgumentException(
        `Illegal offset ${offset} following previous offset ${this.lastOffset}: they must increase`,
      )
    }
    if (timestamp < RecordBatch.NO_TIMESTAMP || !Number.isSafeInteger(timestamp)) {
      throw new IllegalArgumentException(
        `Invalid timestamp ${timestamp}: it is whole milliseconds since 1970, or -1 for none`,
      )
    }
    const offsetDelta = offset - this.baseOffset
    if (offsetDelta > MAX_INT) {
      throw new IllegalArgumentException(
        `Maximum offset delta exceeded, base offset: ${this.baseOffset}, last offset: ${offset}`,
      )
    }
    const timestampDelta = this.baseTimestamp === NONE ? 0 : timestamp - this.baseTimestamp
    const out = this.appendStream
    const size = DefaultRecord.writeTo(out, offsetDelta, timestampDelta, key, value, headers)
    // Only now: a record that could not be written leaves the builder as it was.
    if (this.baseTimestamp === NONE) this.baseTimestamp = timestamp
    this.recordCount += 1
    this.uncompressedRecordsSizeInBytes += size
    this.lastOffset = offset
    if (timestamp > this.largestTimestamp) this.largestTimestamp = timestamp
    return size
  }

  private estimatedBytesWritten(): number {
    return (
      RECORD_BATCH_OVERHEAD + Math.trunc(this.uncompressedRecordsSizeInBytes * this.expectedRatio)
    )
  }

  private writeDefaultBatchHeader(): MemoryRecords {
    const { initialPosition } = this
    const buffer = this.buffer()
    const end = buffer.position
    const sizeInBytes = end - initialPosition
    buffer.position = initialPosition
    writeHeader(buffer, {
      producer: this.producer,
      baseOffset: this.baseOffset,
      timestampType: this.timestampType,
      isControlBatch: this.isControlBatch,
      partitionLeaderEpoch: this.partitionLeaderEpoch,
      lastOffsetDelta: this.lastOffset - this.baseOffset,
      sizeInBytes,
      compressionType: this.compression.type,
      baseTimestamp: this.baseTimestamp,
      maxTimestamp: this.maxTimestamp,
      isDeleteHorizonSet: this.hasDeleteHorizonMs(),
      numRecords: this.recordCount,
    })
    buffer.position = end
    this.actualCompressionRatio =
      (sizeInBytes - RECORD_BATCH_OVERHEAD) / this.uncompressedRecordsSizeInBytes
    return MemoryRecords.readableRecords(buffer.bytes.subarray(initialPosition, end))
  }
}
