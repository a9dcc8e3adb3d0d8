/**
 * What a produce request asks for, and what it gets for each partition.
 *
 * @kafka org.apache.kafka.server.LogAppendResult
 */

import {
  CorruptRecordException,
  InvalidRequiredAcksException,
  InvalidTopicException,
  KafkaStorageException,
  NotLeaderOrFollowerException,
  RecordBatchTooLargeException,
  RecordTooLargeException,
  UnknownTopicIdException,
  UnknownTopicOrPartitionException,
} from '../../common/errors/ApiExceptions.ts'
import type { KafkaException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Uuid } from '../../common/Uuid.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { LogAppendInfo, type RecordError } from '../log/LogAppendInfo.ts'
import type { AppendOrigin } from '../log/ProducerAppendInfo.ts'

/** Records for one partition. */
export interface ProduceEntry {
  readonly topicPartition: TopicPartition
  readonly topicId: Uuid
  readonly records: MemoryRecords
}

/** @kafka org.apache.kafka.server.LogAppendResult */
export interface LogAppendResult {
  readonly entry: ProduceEntry
  readonly info: LogAppendInfo
  readonly exception: KafkaException | undefined
  readonly recordErrors: readonly RecordError[]
}

export interface ProduceParams {
  /** 0, 1, or -1. */
  readonly requiredAcks: number
  readonly internalTopicsAllowed: boolean
  readonly origin: AppendOrigin
}

/** Neither nobody, nor the leader, nor all. */
export const invalidRequiredAcks = (entry: ProduceEntry): LogAppendResult => ({
  entry,
  info: LogAppendInfo.unknown(),
  exception: new InvalidRequiredAcksException(
    'Produce request specified an invalid value for required acks: it is -1, 0 or 1.',
  ),
  recordErrors: [],
})

/** What has nothing to do with the state of the log: its start offset is not told. */
export const isKnownFailure = (error: unknown): boolean =>
  error instanceof UnknownTopicOrPartitionException ||
  error instanceof NotLeaderOrFollowerException ||
  error instanceof RecordTooLargeException ||
  error instanceof RecordBatchTooLargeException ||
  error instanceof CorruptRecordException ||
  error instanceof KafkaStorageException ||
  error instanceof UnknownTopicIdException ||
  error instanceof InvalidTopicException
