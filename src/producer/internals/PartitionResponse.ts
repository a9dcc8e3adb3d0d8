/**
 * What became of one batch, as the Sender judges it: from a produce response, or from the lack of
 * one.
 *
 * @kafka org.apache.kafka.common.requests.ProduceResponse.PartitionResponse
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { LeaderIdAndEpoch } from '../../clients/LeaderAndEpoch.ts'
import {
  ClusterAuthorizationException,
  InvalidRecordException,
  RecordTooLargeException,
  TopicAuthorizationException,
  UnknownTopicOrPartitionException,
} from '../../common/errors/ApiExceptions.ts'
import { KafkaException, TimeoutException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { PartitionProduceResponse } from '../../protocol/messages/Produce.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import type { ErrorsByIndex } from './ProduceRequestResult.ts'
import type { ProducerBatch } from './ProducerBatch.ts'

/** A record that kept its whole batch from being written. */
export interface RecordError {
  readonly batchIndex: number
  readonly message: string | null
}

export interface PartitionResponse {
  readonly error: WireError
  readonly baseOffset: number
  /** -1: records keep their own timestamps. */
  readonly logAppendTime: number
  /** The first offset that the log still has; -1: not told. */
  readonly logStartOffset: number
  readonly recordErrors: readonly RecordError[]
  readonly errorMessage: string | null
  /** The new leader, when the broker that was asked is it no longer and knows who is. */
  readonly currentLeader: LeaderIdAndEpoch | null
}

/** The outcome of every batch of a request that has no answer. */
export const outcomeWithoutBody = (response: ClientResponse): PartitionResponse => {
  const { destination, timedOut, wasDisconnected, versionMismatch } = response
  const disconnected = `Disconnected from node ${destination}`
  if (timedOut) return untold(Errors.REQUEST_TIMED_OUT, `${disconnected} due to timeout`)
  if (wasDisconnected) return untold(Errors.NETWORK_EXCEPTION, disconnected)
  if (versionMismatch !== null) return untold(Errors.UNSUPPORTED_VERSION, versionMismatch.message)
  // acks=0: nobody was asked.
  return untold(Errors.NONE, null)
}

const untold = (error: WireError, errorMessage: string | null): PartitionResponse => ({
  error,
  baseOffset: RecordMetadata.NO_OFFSET,
  logAppendTime: RecordMetadata.NO_TIMESTAMP,
  logStartOffset: RecordMetadata.NO_OFFSET,
  recordErrors: [],
  errorMessage,
  currentLeader: null,
})

/** The outcome that a response tells of one partition. */
export const partitionResponseOf = (data: PartitionProduceResponse): PartitionResponse => {
  const { leaderId, leaderEpoch } = data.currentLeader
  return {
    error: Errors.forCode(data.errorCode),
    baseOffset: data.baseOffset,
    logAppendTime: data.logAppendTimeMs,
    logStartOffset: data.logStartOffset,
    recordErrors: data.recordErrors.map((each) => ({
      batchIndex: each.batchIndex,
      message: each.batchIndexErrorMessage,
    })),
    errorMessage: data.errorMessage,
    currentLeader: leaderId < 0 || leaderEpoch < 0 ? null : { leaderId, epoch: leaderEpoch },
  }
}

/** Who leads the partition now, when the broker that was asked is it no longer and knows. */
export const newLeaderOf = ({
  error,
  currentLeader,
}: PartitionResponse): LeaderIdAndEpoch | null =>
  error === Errors.NOT_LEADER_OR_FOLLOWER || error === Errors.FENCED_LEADER_EPOCH
    ? currentLeader
    : null

/** As `NETWORK_EXCEPTION. Error Message: Disconnected from node 0`. */
export const formatErrMsg = ({ error, errorMessage }: PartitionResponse): string =>
  errorMessage ? `${error.name}. Error Message: ${errorMessage}` : error.name

/** What to log when the error says that our picture of the cluster is old. */
export const staleMetadataMessage = (
  response: PartitionResponse,
  topicPartition: TopicPartition,
): string =>
  response.error.exceptionClass === UnknownTopicOrPartitionException
    ? 'Received unknown topic or partition error in produce request on partition ' +
      `${topicPartition}. The topic-partition may not exist or the user may not have Describe ` +
      'access to it'
    : 'Received invalid metadata error in produce request on partition ' +
      `${topicPartition} due to ${formatErrMsg(response)}. Going to request metadata update now`

/**
 * The exception of a batch whose time is over.
 *
 * @param problem what keeps us from talking to the cluster, if that is known
 */
export const expiryException = (
  batch: ProducerBatch,
  nowMs: number,
  problem: string | null,
): TimeoutException => {
  const attempts = batch.attempts()
  const soFar = attempts > 0 ? ` Attempts that failed: ${attempts}; the log says why.` : ''
  return new TimeoutException(
    `Expiring ${batch.recordCount} record(s) for ${batch.topicPartition}: ` +
      `${nowMs - batch.createdMs} ms has passed since batch creation. The request has not been ` +
      `sent, or no server response has been received yet.${problem ? ` ${problem}` : soFar}`,
  )
}

/** The exception of a batch that failed. */
export const topLevelException = (
  response: PartitionResponse,
  topicPartition: TopicPartition,
): Error => {
  if (response.error === Errors.TOPIC_AUTHORIZATION_FAILED) {
    const { topic } = topicPartition
    return new TopicAuthorizationException(
      `Not authorized to write to topic ${topic}`,
      new Set([topic]),
    )
  }
  if (response.error === Errors.CLUSTER_AUTHORIZATION_FAILED) {
    return new ClusterAuthorizationException(
      'The producer is not authorized to do idempotent sends',
    )
  }
  if (response.error === Errors.MESSAGE_TOO_LARGE) {
    // Kafka's brokers send no text with it, and the number alone does not say whose limit it is.
    return new RecordTooLargeException(
      `A record for ${topicPartition} is larger than the broker accepts. Send smaller ones, or ` +
        "raise 'max.message.bytes' of the topic ('message.max.bytes' of the broker).",
    )
  }
  return exceptionOf(response.error, response.errorMessage)
}

/**
 * The exception of each record in a batch that failed because of some of them.
 *
 * The response has one error code for the batch and a text for each bad record. With one bad record
 * the code is surely its own; with several nobody knows whose, so they are told apart by their
 * texts. The rest get a general exception: nothing is wrong with them.
 */
export const recordExceptions = (response: PartitionResponse): ErrorsByIndex => {
  const { error, errorMessage, recordErrors } = response
  const byIndex = new Map<number, Error>()
  for (const { batchIndex, message } of recordErrors) {
    const text = message ?? errorMessage ?? error.message
    const exception =
      recordErrors.length === 1 ? exceptionOf(error, text) : new InvalidRecordException(text)
    byIndex.set(batchIndex, exception)
  }
  return (batchIndex) =>
    byIndex.get(batchIndex) ??
    new KafkaException(
      'Failed to append record because it was part of a batch which had one or more invalid ' +
        'records',
    )
}

const exceptionOf = (error: WireError, message: string | null): Error =>
  error.exception(message) ?? new KafkaException(`Failed with ${error.name}`)
