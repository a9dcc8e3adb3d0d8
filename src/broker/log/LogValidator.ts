/**
 * Checks what a producer sent, and gives it its offsets.
 *
 *     arrives   │ base 0, last 4, count 5, CRC │ r r r r r │         five records, offsets 0 … 4
 *     stored    │ base 1000 …                  │ the same bytes │   offsets 1000 … 1004
 *
 * The base offset and the leader's epoch stand before the reach of the CRC, so a batch that is in
 * order is stored as it came: not a byte of its records is copied or computed again. Each record is
 * looked at, none is made an object (`RecordScanner`). Only when a topic wants another codec, or
 * the offsets inside a compressed batch are wrong, is a batch written anew.
 *
 * I1  A batch is accepted as a whole or not at all.
 * I2  Its count, its last offset and the records inside agree.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogValidator
 * @simplified formats 0 and 1 are refused before they get here, so nothing is converted.
 */

import { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import {
  InvalidRecordException,
  InvalidTimestampException,
} from '../../common/errors/ApiExceptions.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { AbstractRecords } from '../../record/AbstractRecords.ts'
import { CompressionType } from '../../record/CompressionType.ts'
import { Compression } from '../../record/compress/Compression.ts'
import {
  DEFAULT_MAX_DECOMPRESSED_BYTES,
  DefaultRecordBatch,
} from '../../record/DefaultRecordBatch.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../record/MemoryRecordsBuilder.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import { TimestampType } from '../../record/TimestampType.ts'
import type { RecordError } from './LogAppendInfo.ts'
import type { LogConfig } from './LogConfig.ts'
import type { AppendOrigin } from './ProducerAppendInfo.ts'
import { RecordScanner } from './RecordScanner.ts'
import { RecordValidationException } from './RecordValidationException.ts'

export interface LogValidatorOptions {
  topicPartition: TopicPartition
  time: Time
  config: LogConfig
  partitionLeaderEpoch: number
  origin: AppendOrigin
}

export interface ValidationResult {
  readonly logAppendTimeMs: number
  readonly validatedRecords: MemoryRecords
  readonly maxTimestampMs: number
  /** The offset behind the last record. */
  readonly nextOffset: number
  /** The batches were written anew, so their sizes must be checked again. */
  readonly messageSizeMaybeChanged: boolean
}

/** A record's own words about what is wrong with it, and whether its time is. */
interface RecordProblem {
  readonly message: string
  readonly timestamp: boolean
}

export class LogValidator {
  private readonly topicPartition: TopicPartition
  private readonly config: LogConfig
  private readonly partitionLeaderEpoch: number
  private readonly origin: AppendOrigin
  private readonly nowMs: number

  constructor(options: LogValidatorOptions) {
    this.topicPartition = options.topicPartition
    this.config = options.config
    this.partitionLeaderEpoch = options.partitionLeaderEpoch
    this.origin = options.origin
    this.nowMs = options.time.milliseconds()
  }

  /**
   * Validates all of `records` and gives them offsets from `firstOffset` on, in place where that is
   * possible.
   *
   * @throws RecordValidationException, InvalidRecordException, UnsupportedCompressionTypeException
   */
  validateMessagesAndAssignOffsets(records: MemoryRecords, firstOffset: number): ValidationResult {
    const batches = records.batchIterator()
    if (!batches.hasNext()) throw this.invalid('Record batch has no batches at all')
    const batch = batches.next()
    if (batches.hasNext()) throw this.invalid('Compressed outer record has more than one batch')
    this.validateBatch(batch)
    const source = batch.compressionType
    const target = this.targetCompression(source, batch)
    const scan = this.scanRecords(batch, source)
    const compressed = source !== CompressionType.NONE || target.type !== CompressionType.NONE
    if (compressed && (source !== target.type || !scan.offsetsAreSequential)) {
      return this.rebuild(batch, target, firstOffset)
    }
    const nextOffset = firstOffset + scan.records
    const maxTimestampMs = this.assignInPlace(batch, nextOffset - 1, scan.maxTimestamp)
    return {
      logAppendTimeMs: this.nowMs,
      validatedRecords: records,
      maxTimestampMs,
      nextOffset,
      messageSizeMaybeChanged: false,
    }
  }

  private assignInPlace(batch: DefaultRecordBatch, lastOffset: number, found: number): number {
    const { messageTimestampType } = this.config
    const appended = messageTimestampType === TimestampType.LOG_APPEND_TIME
    const maxTimestamp = appended ? this.nowMs : found
    batch.setLastOffset(lastOffset)
    batch.setMaxTimestamp(messageTimestampType, maxTimestamp)
    batch.setPartitionLeaderEpoch(this.partitionLeaderEpoch)
    return maxTimestamp
  }

  // ---- the batch

  private validateBatch(batch: DefaultRecordBatch): void {
    if (this.origin !== 'client') return
    const { baseOffset, lastOffset } = batch
    const count = batch.countOrNull
    if (lastOffset - baseOffset + 1 <= 0) {
      throw this.invalid(`Batch has an invalid offset range: [${baseOffset}, ${lastOffset}]`)
    }
    if (count <= 0) throw this.invalid(`Invalid reported count for record batch: ${count}`)
    if (lastOffset - baseOffset + 1 !== count) {
      throw this.invalid(
        `Inconsistent batch offset range [${baseOffset}, ${lastOffset}] and count of records ` +
          `${count}`,
      )
    }
    if (batch.isControlBatch) throw this.invalid('Clients are not allowed to write control records')
    if (batch.hasProducerId && batch.baseSequence < 0) {
      throw this.invalid(
        `Invalid sequence number ${batch.baseSequence} in record batch with producerId ` +
          `${batch.producerId}`,
      )
    }
  }

  /** What the topic wants; markers of a coordinator stay as they are. */
  private targetCompression(source: CompressionType, batch: DefaultRecordBatch): Compression {
    const { compressionType, compressionLevels } = this.config
    if (source === CompressionType.NONE && batch.isControlBatch) return Compression.NONE
    switch (compressionType) {
      case 'producer':
        return Compression.of(source)
      case 'uncompressed':
        return Compression.NONE
      default:
        return Compression.ofLevel(CompressionType.forName(compressionType).name, compressionLevels)
    }
  }

  // ---- its records

  private scanRecords(
    batch: DefaultRecordBatch,
    source: CompressionType,
  ): { records: number; maxTimestamp: number; offsetsAreSequential: boolean } {
    const scanner = this.scannerOf(batch, source)
    const { baseTimestamp } = batch
    let errors: { index: number; problem: RecordProblem }[] | undefined
    let index = 0
    let maxTimestamp: number = RecordBatch.NO_TIMESTAMP
    let offsetsAreSequential = true
    while (scanner.next()) {
      const timestamp = baseTimestamp + scanner.timestampDelta
      const problem = this.problemOf(batch, scanner, timestamp)
      if (problem !== undefined) (errors ??= []).push({ index, problem })
      if (timestamp > maxTimestamp) maxTimestamp = timestamp
      if (scanner.offsetDelta !== index) offsetsAreSequential = false
      index++
    }
    if (errors !== undefined) throw recordErrors(errors)
    return { records: index, maxTimestamp, offsetsAreSequential }
  }

  private scannerOf(batch: DefaultRecordBatch, source: CompressionType): RecordScanner {
    const header = DefaultRecordBatch.RECORD_BATCH_OVERHEAD
    const { bytes } = batch
    if (source === CompressionType.NONE) return new RecordScanner(bytes, header, batch.countOrNull)
    const codec = Compression.of(source)
    const plain = codec.wrapForInput(bytes.subarray(header), DEFAULT_MAX_DECOMPRESSED_BYTES)
    return new RecordScanner(plain, 0, batch.countOrNull)
  }

  private problemOf(
    batch: DefaultRecordBatch,
    record: RecordScanner,
    timestamp: number,
  ): RecordProblem | undefined {
    const { config } = this
    if (config.compact && record.keySize < 0) {
      return {
        message:
          'Compacted topic cannot accept message without key in topic partition ' +
          `${this.topicPartition}`,
        timestamp: false,
      }
    }
    const createTime = config.messageTimestampType === TimestampType.CREATE_TIME
    if (createTime && timestamp !== RecordBatch.NO_TIMESTAMP) {
      const ageMs = this.nowMs - timestamp
      const inRange =
        ageMs <= config.messageTimestampBeforeMaxMs && -ageMs <= config.messageTimestampAfterMaxMs
      return inRange ? undefined : this.outOfRange(batch, record, timestamp)
    }
    if (batch.timestampType === TimestampType.LOG_APPEND_TIME) {
      return {
        message:
          'Invalid timestamp type in message with offset ' +
          `${batch.baseOffset + record.offsetDelta}. ` +
          'Producer should not set timestamp type to LogAppendTime.',
        timestamp: true,
      }
    }
    return undefined
  }

  private outOfRange(
    batch: DefaultRecordBatch,
    record: RecordScanner,
    timestamp: number,
  ): RecordProblem {
    const { messageTimestampBeforeMaxMs, messageTimestampAfterMaxMs } = this.config
    const range =
      `[${this.nowMs - messageTimestampBeforeMaxMs}, ` +
      `${this.nowMs + messageTimestampAfterMaxMs}]`
    return {
      message:
        `Timestamp ${timestamp} of message with offset ` +
        `${batch.baseOffset + record.offsetDelta} is out of range. The timestamp should be ` +
        `within ${range}`,
      timestamp: true,
    }
  }

  // ---- writing anew

  private rebuild(
    batch: DefaultRecordBatch,
    compression: Compression,
    firstOffset: number,
  ): ValidationResult {
    const records = [...batch].map(({ timestamp, key, value, headers }) => ({
      timestamp,
      key,
      value,
      headers,
    }))
    const builder = new MemoryRecordsBuilder({
      buffer: new ByteBufferOutputStream(
        AbstractRecords.estimateSizeInBytes(compression.type, records),
      ),
      compression,
      timestampType: this.config.messageTimestampType,
      baseOffset: firstOffset,
      logAppendTime: this.nowMs,
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence,
      isTransactional: batch.isTransactional,
      partitionLeaderEpoch: this.partitionLeaderEpoch,
    })
    for (const record of records) builder.appendRecord(record)
    const validatedRecords = builder.build()
    return {
      logAppendTimeMs: this.nowMs,
      validatedRecords,
      maxTimestampMs: validatedRecords.batchIterator().next().maxTimestamp,
      nextOffset: firstOffset + records.length,
      messageSizeMaybeChanged: true,
    }
  }

  private invalid(what: string): InvalidRecordException {
    return new InvalidRecordException(`${what} in topic partition ${this.topicPartition}`)
  }
}

const SHOWN_ERRORS = 3

const recordErrors = (
  errors: readonly { index: number; problem: RecordProblem }[],
): RecordValidationException => {
  const details: RecordError[] = errors.map(({ index, problem }) => ({
    batchIndex: index,
    message: problem.message,
  }))
  if (errors.some(({ problem }) => problem.timestamp)) {
    return new RecordValidationException(
      new InvalidTimestampException(
        'One or more records have been rejected due to invalid timestamp',
      ),
      details,
    )
  }
  const shown = details.slice(0, SHOWN_ERRORS).map((each) => `${each.batchIndex}: ${each.message}`)
  return new RecordValidationException(
    new InvalidRecordException(
      `One or more records have been rejected due to ${details.length} record errors in total, ` +
        `and only showing the first three errors at most: [${shown.join('; ')}]`,
    ),
    details,
  )
}
