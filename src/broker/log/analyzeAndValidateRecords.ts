/**
 * The first look at what is to be appended: sizes, CRCs, order; before anything is changed.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (analyzeAndValidateRecords)
 */

import {
  CorruptRecordException,
  InvalidRecordException,
  RecordTooLargeException,
} from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { CompressionType } from '../../record/CompressionType.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { LogAppendInfo } from './LogAppendInfo.ts'
import type { AppendOrigin } from './ProducerAppendInfo.ts'

/** Offsets that do not grow, in what a follower was sent. */
export class OffsetsOutOfOrderException extends KafkaException {}

/** An append that would go back in the log. */
export class UnexpectedAppendOffsetException extends KafkaException {}

export interface AnalyzeOptions {
  topicPartition: TopicPartition
  origin: AppendOrigin
  maxMessageSize: number
  logStartOffset: number
  /** What a leader sent may be larger: it was accepted once. */
  ignoreRecordSize: boolean
  requireOffsetsMonotonic: boolean
  leaderEpoch: number
}

export const analyzeAndValidateRecords = (
  records: MemoryRecords,
  options: AnalyzeOptions,
): LogAppendInfo => {
  const { topicPartition, origin } = options
  const info = LogAppendInfo.unknown(options.logStartOffset)
  info.validBytes = 0
  const batches = records.batchIterator()
  while (batches.hasNext()) {
    const batch = batches.next()
    if (origin === 'client' && batch.baseOffset !== 0) {
      throw new InvalidRecordException(
        `The baseOffset of the record batch in the append to ${topicPartition} should be 0, ` +
          `but it is ${batch.baseOffset}`,
      )
    }
    // What a newer leader wrote must wait until this replica knows of it.
    if (origin === 'replication' && batch.partitionLeaderEpoch > options.leaderEpoch) return info
    if (info.validBytes === 0) {
      info.firstOffset = batch.baseOffset
      info.lastOffsetOfFirstBatch = batch.lastOffset
    } else if (options.requireOffsetsMonotonic && info.lastOffset >= batch.lastOffset) {
      throw new OffsetsOutOfOrderException(
        `Out of order offsets found in append to ${topicPartition}: ${info.lastOffset}, ` +
          `${batch.lastOffset}`,
      )
    }
    checkBatch(batch, options)
    info.lastOffset = batch.lastOffset
    info.maxTimestamp = Math.max(info.maxTimestamp, batch.maxTimestamp)
    info.validBytes += batch.sizeInBytes
    if (batch.compressionType !== CompressionType.NONE) {
      info.sourceCompression = batch.compressionType
    }
  }
  return info
}

const checkBatch = (batch: DefaultRecordBatch, options: AnalyzeOptions): void => {
  const { topicPartition, maxMessageSize } = options
  if (!options.ignoreRecordSize && batch.sizeInBytes > maxMessageSize) {
    throw new RecordTooLargeException(
      `The record batch size in the append to ${topicPartition} is ${batch.sizeInBytes} bytes, ` +
        `which exceeds the maximum configured value of ${maxMessageSize}. Send smaller records, ` +
        "or raise 'max.message.bytes' of the topic ('message.max.bytes' of the broker).",
    )
  }
  if (!batch.isValid()) {
    throw new CorruptRecordException(
      `Record is corrupt (stored crc = ${batch.checksum}) in topic partition ${topicPartition}.`,
    )
  }
}
