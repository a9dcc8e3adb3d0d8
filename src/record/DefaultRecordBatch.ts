/**
 * A record batch of format 2: 61 bytes of header, then the records, compressed or not.
 *
 * The layout of the header stands in `BatchHeader.ts`, which also writes it. This class is a view:
 * it reads the received bytes where they lie, and its setters change them there.
 *
 * The leader sets the base offset and its epoch when it appends the batch. Both stand before the
 * CRC's reach, so it can do so in place without reading the records again. First and last offset
 * (and sequence) survive compaction even when their records do not: the broker needs them to tell
 * duplicates. With the delete-horizon bit, `base timestamp` is the time at which tombstones may go.
 *
 * I1  There are at least 61 bytes: the accessors cannot run out of them.
 * I2  After each setter the CRC is right, if it was before.
 *
 * @kafka org.apache.kafka.common.record.internal.DefaultRecordBatch
 * @kafka org.apache.kafka.common.record.internal.AbstractRecordBatch
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../common/ByteBufferOutputStream.ts'
import { crc32c } from '../common/Crc32C.ts'
import {
  CorruptRecordException,
  UnsupportedCompressionTypeException,
} from '../common/errors/ApiExceptions.ts'
import type { Header } from '../common/header/Header.ts'
import {
  ATTRIBUTES_OFFSET,
  BASE_OFFSET_OFFSET,
  BASE_SEQUENCE_OFFSET,
  BASE_TIMESTAMP_OFFSET,
  COMPRESSION_CODEC_MASK,
  CONTROL_FLAG_MASK,
  CRC_OFFSET,
  computeAttributes,
  DELETE_HORIZON_FLAG_MASK,
  LAST_OFFSET_DELTA_OFFSET,
  LENGTH_OFFSET,
  MAGIC_OFFSET,
  MAX_TIMESTAMP_OFFSET,
  PARTITION_LEADER_EPOCH_OFFSET,
  PRODUCER_EPOCH_OFFSET,
  PRODUCER_ID_OFFSET,
  RECORD_BATCH_OVERHEAD,
  RECORDS_COUNT_OFFSET,
  TIMESTAMP_TYPE_MASK,
  TRANSACTIONAL_FLAG_MASK,
} from './BatchHeader.ts'
import { CompressionType } from './CompressionType.ts'
import { Compression } from './compress/Compression.ts'
import { DefaultRecord } from './DefaultRecord.ts'
import { decrementSequence, incrementSequence, RecordBatch } from './RecordBatch.ts'
import { RecordIterator } from './RecordIterator.ts'
import { Records } from './Records.ts'
import { EMPTY_HEADERS, type SimpleRecord } from './SimpleRecord.ts'
import { TimestampType } from './TimestampType.ts'

/**
 * A batch that inflates to more is refused, so that a small one cannot take the machine's memory.
 */
export const DEFAULT_MAX_DECOMPRESSED_BYTES = 128 * 1024 * 1024

export class DefaultRecordBatch {
  /** Where the CRC starts to cover the batch: everything before may be changed in place. */
  static readonly ATTRIBUTES_OFFSET = ATTRIBUTES_OFFSET
  static readonly CRC_OFFSET = CRC_OFFSET
  static readonly LENGTH_OFFSET = LENGTH_OFFSET
  static readonly LAST_OFFSET_DELTA_OFFSET = LAST_OFFSET_DELTA_OFFSET
  static readonly RECORDS_COUNT_OFFSET = RECORDS_COUNT_OFFSET
  /** Bytes of the header. */
  static readonly RECORD_BATCH_OVERHEAD = RECORD_BATCH_OVERHEAD

  /** All of the batch, from index 0. */
  private readonly buffer: ByteBuffer

  /**
   * @param bytes exactly one batch; they stay shared
   * @throws CorruptRecordException when they are fewer than a header has (I1)
   */
  constructor(bytes: Uint8Array) {
    if (bytes.length < RECORD_BATCH_OVERHEAD) {
      throw new CorruptRecordException(
        `Record batch is corrupt (the size ${bytes.length} is smaller than the minimum allowed ` +
          `overhead ${RECORD_BATCH_OVERHEAD})`,
      )
    }
    this.buffer = ByteBuffer.wrap(bytes)
  }

  // ---- the header

  get baseOffset(): number {
    return this.buffer.getLongAt(BASE_OFFSET_OFFSET)
  }

  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta
  }

  /** The offset that follows this batch. */
  get nextOffset(): number {
    return this.lastOffset + 1
  }

  /** What the header says, the header itself included. */
  get sizeInBytes(): number {
    return Records.LOG_OVERHEAD + this.buffer.getIntAt(LENGTH_OFFSET)
  }

  get partitionLeaderEpoch(): number {
    return this.buffer.getIntAt(PARTITION_LEADER_EPOCH_OFFSET)
  }

  get magic(): number {
    return this.buffer.view.getInt8(MAGIC_OFFSET)
  }

  /** The CRC32C in the header, unsigned. */
  get checksum(): number {
    return this.buffer.view.getUint32(CRC_OFFSET)
  }

  /** @throws UnsupportedCompressionTypeException when no codec of Kafka's has this number */
  get compressionType(): CompressionType {
    const id = this.attributes & COMPRESSION_CODEC_MASK
    if (id >= CompressionType.values().length) {
      throw new UnsupportedCompressionTypeException(`Unknown compression type id: ${id}`)
    }
    return CompressionType.forId(id)
  }

  get isCompressed(): boolean {
    return (this.attributes & COMPRESSION_CODEC_MASK) !== 0
  }

  get timestampType(): TimestampType {
    return (this.attributes & TIMESTAMP_TYPE_MASK) === 0
      ? TimestampType.CREATE_TIME
      : TimestampType.LOG_APPEND_TIME
  }

  get isTransactional(): boolean {
    return (this.attributes & TRANSACTIONAL_FLAG_MASK) !== 0
  }

  /** Whether the records are markers for Kafka itself (transaction ended, …), not for users. */
  get isControlBatch(): boolean {
    return (this.attributes & CONTROL_FLAG_MASK) !== 0
  }

  /** When tombstones and markers may be removed, or `null` when that was not decided yet. */
  get deleteHorizonMs(): number | null {
    return this.hasDeleteHorizonMs ? this.baseTimestamp : null
  }

  /** What the records' timestamps are differences to. */
  get baseTimestamp(): number {
    return this.buffer.getLongAt(BASE_TIMESTAMP_OFFSET)
  }

  get maxTimestamp(): number {
    return this.buffer.getLongAt(MAX_TIMESTAMP_OFFSET)
  }

  get producerId(): bigint {
    return this.buffer.view.getBigInt64(PRODUCER_ID_OFFSET)
  }

  get hasProducerId(): boolean {
    // The sign decides, so no bigint is made.
    return this.buffer.getIntAt(PRODUCER_ID_OFFSET) >= 0
  }

  get producerEpoch(): number {
    return this.buffer.view.getInt16(PRODUCER_EPOCH_OFFSET)
  }

  get baseSequence(): number {
    return this.buffer.getIntAt(BASE_SEQUENCE_OFFSET)
  }

  /** -1 when the producer is not idempotent. */
  get lastSequence(): number {
    const { baseSequence } = this
    return baseSequence === RecordBatch.NO_SEQUENCE
      ? RecordBatch.NO_SEQUENCE
      : incrementSequence(baseSequence, this.lastOffsetDelta)
  }

  /** How many records the header counts. (Java: `null` for the older formats.) */
  get countOrNull(): number {
    return this.buffer.getIntAt(RECORDS_COUNT_OFFSET)
  }

  /** The batch's bytes, shared. */
  get bytes(): Uint8Array {
    return this.buffer.bytes
  }

  // ---- whether it is whole

  /** Whether size and CRC are right; reads every byte. */
  isValid(): boolean {
    return this.sizeInBytes >= RECORD_BATCH_OVERHEAD && this.checksum === this.computeChecksum()
  }

  /** @throws CorruptRecordException when size or CRC are wrong */
  ensureValid(): void {
    if (this.sizeInBytes < RECORD_BATCH_OVERHEAD) {
      throw new CorruptRecordException(
        `Record batch is corrupt (the size ${this.sizeInBytes} is smaller than the minimum ` +
          `allowed overhead ${RECORD_BATCH_OVERHEAD})`,
      )
    }
    const computed = this.computeChecksum()
    if (this.checksum !== computed) {
      throw new CorruptRecordException(
        `Record is corrupt (stored crc = ${this.checksum}, computed crc = ${computed})`,
      )
    }
  }

  // ---- the records

  /**
   * A cursor on the records. A compressed batch is decompressed here, at once.
   *
   * @param maxDecompressedBytes plain bytes of the records at most
   * @throws InvalidRecordException when the records cannot be decompressed, or their count is
   *   negative
   * @throws UnsupportedCompressionTypeException for a codec that Kafka does not have, or zstd in a
   *   page that has not loaded it
   */
  iterator(maxDecompressedBytes: number = DEFAULT_MAX_DECOMPRESSED_BYTES): RecordIterator {
    return this.cursor(maxDecompressedBytes, false)
  }

  /**
   * As `iterator`, for who looks at one record after the other: the object that `next` returns is
   * filled anew by the following call. What its key and value give stays good.
   */
  streamingIterator(maxDecompressedBytes: number = DEFAULT_MAX_DECOMPRESSED_BYTES): RecordIterator {
    return this.cursor(maxDecompressedBytes, true)
  }

  [Symbol.iterator](): Iterator<DefaultRecord> {
    return this.iterator()[Symbol.iterator]()
  }

  /** The offset of the first record with the largest timestamp, or `null`; reads the records. */
  offsetOfMaxTimestamp(): number | null {
    const { maxTimestamp } = this
    for (const record of this) if (record.timestamp === maxTimestamp) return record.offset
    return null
  }

  // ---- changes in place

  /** The leader gives the batch its place in the log; the base offset follows from it. */
  setLastOffset(offset: number): void {
    this.buffer.putLongAt(BASE_OFFSET_OFFSET, offset - this.lastOffsetDelta)
  }

  setPartitionLeaderEpoch(epoch: number): void {
    this.buffer.putIntAt(PARTITION_LEADER_EPOCH_OFFSET, epoch)
  }

  /**
   * With `LOG_APPEND_TIME` this is the timestamp of all records: readers ignore their own. Costs a
   * new CRC over the whole batch, unless nothing changes.
   */
  setMaxTimestamp(timestampType: TimestampType, maxTimestamp: number): void {
    if (this.timestampType === timestampType && this.maxTimestamp === maxTimestamp) return
    const attributes = computeAttributes({
      compressionType: this.compressionType,
      timestampType,
      producer: this,
      isControlBatch: this.isControlBatch,
      isDeleteHorizonSet: this.hasDeleteHorizonMs,
    })
    this.buffer.view.setInt16(ATTRIBUTES_OFFSET, attributes)
    this.buffer.putLongAt(MAX_TIMESTAMP_OFFSET, maxTimestamp)
    this.buffer.putIntAt(CRC_OFFSET, this.computeChecksum())
  }

  /** Copies the batch behind what is in `stream`. */
  writeTo(stream: ByteBufferOutputStream): void {
    stream.writeBytes(this.buffer.bytes)
  }

  toString(): string {
    return (
      `RecordBatch(magic=${this.magic}, offsets=[${this.baseOffset}, ${this.lastOffset}], ` +
      `sequence=[${this.baseSequence}, ${this.lastSequence}], ` +
      `partitionLeaderEpoch=${this.partitionLeaderEpoch}, ` +
      `isTransactional=${this.isTransactional}, isControlBatch=${this.isControlBatch}, ` +
      `compression=${this.compressionType}, timestampType=${this.timestampType}, ` +
      `crc=${this.checksum})`
    )
  }

  // ---- sizes and sequences

  /** Bytes of an uncompressed batch of these records; 0 for none. */
  static sizeInBytes(records: Iterable<SimpleRecord>): number {
    let size = RECORD_BATCH_OVERHEAD
    let count = 0
    let baseTimestamp = 0
    for (const record of records) {
      const { timestamp = RecordBatch.NO_TIMESTAMP, key = null, value } = record
      if (count === 0) baseTimestamp = timestamp
      const headers = record.headers ?? EMPTY_HEADERS
      size += DefaultRecord.sizeInBytes(count++, timestamp - baseTimestamp, key, value, headers)
    }
    return count === 0 ? 0 : size
  }

  /** Bytes that suffice for a batch of one such record, without compression. */
  static estimateBatchSizeUpperBound(
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly Header[],
  ): number {
    return RECORD_BATCH_OVERHEAD + DefaultRecord.recordSizeUpperBound(key, value, headers)
  }

  static incrementSequence(sequence: number, increment: number): number {
    return incrementSequence(sequence, increment)
  }

  static decrementSequence(sequence: number, decrement: number): number {
    return decrementSequence(sequence, decrement)
  }

  private get attributes(): number {
    // The second byte is unused.
    return this.buffer.bytes[ATTRIBUTES_OFFSET + 1]!
  }

  private get lastOffsetDelta(): number {
    return this.buffer.getIntAt(LAST_OFFSET_DELTA_OFFSET)
  }

  private get hasDeleteHorizonMs(): boolean {
    return (this.attributes & DELETE_HORIZON_FLAG_MASK) !== 0
  }

  private cursor(maxDecompressedBytes: number, reusesRecord: boolean): RecordIterator {
    const base = {
      baseOffset: this.baseOffset,
      baseTimestamp: this.baseTimestamp,
      baseSequence: this.baseSequence,
      logAppendTime:
        this.timestampType === TimestampType.LOG_APPEND_TIME ? this.maxTimestamp : null,
    }
    const count = this.countOrNull
    const plain = this.recordBytes(count, maxDecompressedBytes)
    return new RecordIterator(base, count, plain, reusesRecord)
  }

  private computeChecksum(): number {
    return crc32c(this.buffer.bytes, ATTRIBUTES_OFFSET)
  }

  /** The plain records. A batch that compaction emptied has none, whatever its codec. */
  private recordBytes(count: number, maxDecompressedBytes: number): ByteBuffer {
    if (!this.isCompressed || count === 0) {
      const plain = this.buffer.duplicate()
      plain.position = RECORD_BATCH_OVERHEAD
      return plain
    }
    const compressed = this.buffer.bytes.subarray(RECORD_BATCH_OVERHEAD)
    const codec = Compression.of(this.compressionType)
    return ByteBuffer.wrap(codec.wrapForInput(compressed, maxDecompressedBytes))
  }
}
