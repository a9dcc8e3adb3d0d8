/**
 * The 61 bytes in front of a batch's records: where each field stands, and how they are written.
 *
 *      0  base offset            int64     8  length               int32   bytes that follow
 *     12  partition leader epoch int32    16  magic                int8    2
 *     17  crc                    uint32   of everything from byte 21 on
 *     21  attributes             int16    23  last offset delta    int32   and last sequence delta
 *     27  base timestamp         int64    35  max timestamp        int64
 *     43  producer id            int64    51  producer epoch       int16
 *     53  base sequence          int32    57  records count        int32
 *     61  records
 *
 *     attributes   6 delete horizon │ 5 control │ 4 transactional │ 3 timestamp type │ 2–0 codec
 *
 * The header is written last, into room left in front of the records: only then are size, count,
 * last offset and CRC known. The CRC starts at the attributes. What stands before them, the broker
 * may change without reading the records again.
 *
 * @kafka org.apache.kafka.common.record.internal.DefaultRecordBatch (its constants, `writeHeader`
 *   and `writeEmptyHeader`)
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import { crc32c } from '../common/Crc32C.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import type { ProducerState } from './BatchDescription.ts'
import { CompressionType } from './CompressionType.ts'
import { RecordBatch } from './RecordBatch.ts'
import { Records } from './Records.ts'
import { TimestampType } from './TimestampType.ts'

export const BASE_OFFSET_OFFSET = 0
export const LENGTH_OFFSET = 8
export const PARTITION_LEADER_EPOCH_OFFSET = 12
export const MAGIC_OFFSET = 16
export const CRC_OFFSET = 17
export const ATTRIBUTES_OFFSET = 21
export const LAST_OFFSET_DELTA_OFFSET = 23
export const BASE_TIMESTAMP_OFFSET = 27
export const MAX_TIMESTAMP_OFFSET = 35
export const PRODUCER_ID_OFFSET = 43
export const PRODUCER_EPOCH_OFFSET = 51
export const BASE_SEQUENCE_OFFSET = 53
export const RECORDS_COUNT_OFFSET = 57
export const RECORD_BATCH_OVERHEAD = 61
export const COMPRESSION_CODEC_MASK = 0x07
export const TIMESTAMP_TYPE_MASK = 0x08
export const TRANSACTIONAL_FLAG_MASK = 0x10
export const CONTROL_FLAG_MASK = 0x20
export const DELETE_HORIZON_FLAG_MASK = 0x40

/** What `writeHeader` puts in front of the records. */
export interface BatchHeader {
  readonly baseOffset: number
  readonly lastOffsetDelta: number
  /** Of the whole batch, the 61 bytes of the header included. */
  readonly sizeInBytes: number
  readonly compressionType: CompressionType
  readonly timestampType: TimestampType
  /** The delete horizon when `isDeleteHorizonSet`. */
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  /** An object of its own: to spread it into this one would cost every batch 8 µs. */
  readonly producer: ProducerState
  readonly isControlBatch: boolean
  readonly isDeleteHorizonSet: boolean
  readonly partitionLeaderEpoch: number
  readonly numRecords: number
}

/** What `writeEmptyHeader` keeps of a batch whose records are all gone. */
export type EmptyBatchHeader = Pick<
  BatchHeader,
  'baseOffset' | 'timestampType' | 'isControlBatch' | 'partitionLeaderEpoch'
> &
  ProducerState & { readonly lastOffset: number; readonly timestamp: number }

/**
 * Writes the header of a batch whose records stand behind it already, CRC included, at `buffer`'s
 * position, which moves behind the header.
 */
export const writeHeader = (buffer: ByteBuffer, header: BatchHeader): void => {
  const { baseTimestamp, sizeInBytes, producer } = header
  if (baseTimestamp < 0 && baseTimestamp !== RecordBatch.NO_TIMESTAMP) {
    throw new IllegalArgumentException(`Invalid message timestamp ${baseTimestamp}`)
  }
  const start = buffer.position
  buffer
    .putLong(header.baseOffset)
    .putInt(sizeInBytes - Records.LOG_OVERHEAD)
    .putInt(header.partitionLeaderEpoch)
    .put(RecordBatch.CURRENT_MAGIC_VALUE)
    .putInt(0)
    .putShort(computeAttributes(header))
    .putInt(header.lastOffsetDelta)
    .putLong(baseTimestamp)
    .putLong(header.maxTimestamp)
    .putBigLong(producer.producerId)
    .putShort(producer.producerEpoch)
    .putInt(producer.baseSequence)
    .putInt(header.numRecords)
  const crc = crc32c(buffer.bytes, start + ATTRIBUTES_OFFSET, sizeInBytes - ATTRIBUTES_OFFSET)
  buffer.putIntAt(start + CRC_OFFSET, crc)
}

/** Writes a batch without records, which keeps what the broker knows about its producer. */
export const writeEmptyHeader = (buffer: ByteBuffer, header: EmptyBatchHeader): void => {
  writeHeader(buffer, {
    producer: header,
    baseOffset: header.baseOffset,
    timestampType: header.timestampType,
    isControlBatch: header.isControlBatch,
    partitionLeaderEpoch: header.partitionLeaderEpoch,
    lastOffsetDelta: header.lastOffset - header.baseOffset,
    sizeInBytes: RECORD_BATCH_OVERHEAD,
    compressionType: CompressionType.NONE,
    baseTimestamp: RecordBatch.NO_TIMESTAMP,
    maxTimestamp: header.timestamp,
    isDeleteHorizonSet: false,
    numRecords: 0,
  })
}

/** The attributes, one byte on the wire's two. */
export const computeAttributes = (
  header: Pick<
    BatchHeader,
    'compressionType' | 'timestampType' | 'isControlBatch' | 'isDeleteHorizonSet'
  > & { readonly producer: Pick<ProducerState, 'isTransactional'> },
): number => {
  if (header.timestampType === TimestampType.NO_TIMESTAMP_TYPE) {
    throw new IllegalArgumentException(
      'Timestamp type must be provided to compute attributes for message format v2',
    )
  }
  return (
    (header.compressionType.id & COMPRESSION_CODEC_MASK) |
    (header.timestampType === TimestampType.LOG_APPEND_TIME ? TIMESTAMP_TYPE_MASK : 0) |
    (header.producer.isTransactional ? TRANSACTIONAL_FLAG_MASK : 0) |
    (header.isControlBatch ? CONTROL_FLAG_MASK : 0) |
    (header.isDeleteHorizonSet ? DELETE_HORIZON_FLAG_MASK : 0)
  )
}
