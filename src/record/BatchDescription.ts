/**
 * What a batch that is about to be written is to be: its place, its clock, its codec, its owner.
 * The half of `MemoryRecordsBuilder` that ends in the header; the other half writes records.
 *
 * All of it is fixed from the start but the owner: an idempotent producer learns its sequence
 * number only when the batch is about to be sent.
 *
 * @kafka org.apache.kafka.common.record.internal.MemoryRecordsBuilder (its constructors and
 *   getters)
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../common/ByteBufferOutputStream.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import type { Trace } from '../common/Trace.ts'
import { Compression } from './compress/Compression.ts'
import { RecordBatch } from './RecordBatch.ts'
import { TimestampType } from './TimestampType.ts'

/** Whose batch it is, for idempotent and transactional producers. */
export interface ProducerState {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
}

export interface MemoryRecordsBuilderOptions extends Partial<ProducerState> {
  /** Written from its position on; one that is too small is replaced by a larger one. */
  readonly buffer: ByteBuffer | ByteBufferOutputStream
  /** Default `Compression.NONE`. */
  readonly compression?: Compression
  /** Default `CREATE_TIME`. */
  readonly timestampType?: TimestampType
  /** The offset of the first record; default 0, as in a producer: the broker sets the real one. */
  readonly baseOffset?: number
  /** The timestamp of all records when `timestampType` is `LOG_APPEND_TIME`. */
  readonly logAppendTime?: number
  readonly isControlBatch?: boolean
  readonly partitionLeaderEpoch?: number
  /** Bytes at which the batch is full; default: what remains in `buffer`. */
  readonly writeLimit?: number
  /** When tombstones may go; default: not decided. */
  readonly deleteHorizonMs?: number
  readonly trace?: Trace | undefined
}

/** What an index of the log wants to know about a batch. */
export interface RecordsInfo {
  readonly maxTimestamp: number
  /** The last offset of the batch, not the record's own: no path has to look for that one. */
  readonly shallowOffsetOfMaxTimestamp: number
}

export abstract class BatchDescription {
  readonly baseOffset: number
  readonly compression: Compression
  readonly timestampType: TimestampType
  readonly isControlBatch: boolean
  protected readonly logAppendTime: number
  protected readonly partitionLeaderEpoch: number
  protected readonly deleteHorizonMs: number
  protected producer: ProducerState

  /** @throws IllegalArgumentException for a batch without timestamp type */
  constructor(options: MemoryRecordsBuilderOptions) {
    this.baseOffset = options.baseOffset ?? 0
    this.compression = options.compression ?? Compression.NONE
    this.timestampType = options.timestampType ?? TimestampType.CREATE_TIME
    if (this.timestampType === TimestampType.NO_TIMESTAMP_TYPE) {
      throw new IllegalArgumentException('TimestampType must be set for message format v2')
    }
    this.isControlBatch = options.isControlBatch ?? false
    this.logAppendTime = options.logAppendTime ?? RecordBatch.NO_TIMESTAMP
    this.partitionLeaderEpoch =
      options.partitionLeaderEpoch ?? RecordBatch.NO_PARTITION_LEADER_EPOCH
    this.deleteHorizonMs = options.deleteHorizonMs ?? RecordBatch.NO_TIMESTAMP
    this.producer = {
      producerId: options.producerId ?? RecordBatch.NO_PRODUCER_ID,
      producerEpoch: options.producerEpoch ?? RecordBatch.NO_PRODUCER_EPOCH,
      baseSequence: options.baseSequence ?? RecordBatch.NO_SEQUENCE,
      isTransactional: options.isTransactional ?? false,
    }
  }

  get producerId(): bigint {
    return this.producer.producerId
  }

  get producerEpoch(): number {
    return this.producer.producerEpoch
  }

  get baseSequence(): number {
    return this.producer.baseSequence
  }

  get isTransactional(): boolean {
    return this.producer.isTransactional
  }

  hasDeleteHorizonMs(): boolean {
    return this.deleteHorizonMs >= 0
  }

  /** @throws IllegalArgumentException when producer id, epoch and sequence do not go together */
  protected validateProducerState(): void {
    const { producerId, producerEpoch, baseSequence, isTransactional } = this.producer
    if (producerId === RecordBatch.NO_PRODUCER_ID) {
      if (!isTransactional) return
      throw new IllegalArgumentException(
        'Cannot write transactional messages without a valid producer ID',
      )
    }
    if (producerEpoch === RecordBatch.NO_PRODUCER_EPOCH) {
      throw new IllegalArgumentException('Invalid negative producer epoch')
    }
    if (baseSequence < 0 && !this.isControlBatch) {
      throw new IllegalArgumentException('Invalid negative sequence number used')
    }
  }
}
