/**
 * The question "where does this epoch end in your log?", and what the answers mean.
 *
 * A leader epoch is a reign. If the reign in which we read our last record ended, in the new
 * leader's log, before our position, then what we read there was never agreed on and is gone.
 *
 *     our position          epoch 3 ────────────► 120
 *     new leader's log      epoch 3 ──────► 100 │ epoch 4 ──►      endOffset 100 < 120: truncated
 *
 * @kafka org.apache.kafka.clients.consumer.internals.OffsetsForLeaderEpochUtils
 */

import type { NodeApiVersions } from '../../clients/NodeApiVersions.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { TopicAuthorizationException } from '../../common/errors/ApiExceptions.ts'
import type { Logger } from '../../common/Logger.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import {
  type ReadonlyTopicPartitionMap,
  TopicPartitionMap,
} from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  EpochEndOffset,
  OffsetForLeaderEpochRequestInput,
  OffsetForLeaderEpochResponseData,
} from '../../protocol/messages/OffsetForLeaderEpoch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { FetchPosition } from './FetchPosition.ts'

/** Before this version the request took a right on the whole cluster, which clients do not have. */
const FIRST_VERSION_FOR_CLIENTS = 3
const CONSUMER_REPLICA_ID = -1

export interface OffsetForEpochResult {
  readonly endOffsets: ReadonlyTopicPartitionMap<EpochEndOffset>
  readonly partitionsToRetry: TopicPartitionSet
}

/** Whether a broker lets a client ask. */
export const hasUsableOffsetForLeaderEpochVersion = (versions: NodeApiVersions): boolean => {
  const range = versions.apiVersion(ApiKeys.OFFSET_FOR_LEADER_EPOCH)
  return !!range && range.maxVersion >= FIRST_VERSION_FOR_CLIENTS
}

type TopicInput = NonNullable<OffsetForLeaderEpochRequestInput['topics']>[number]

/** Positions without an epoch are left out: there is nothing to ask with. */
export const prepareRequest = (
  positions: ReadonlyTopicPartitionMap<FetchPosition>,
): RequestBuilder<typeof ApiKeys.OFFSET_FOR_LEADER_EPOCH> => {
  const topics = new Map<string, TopicInput & { partitions: object[] }>()
  for (const [{ topic, partition }, position] of positions) {
    if (position.offsetEpoch === null) continue
    let entry = topics.get(topic)
    if (entry === undefined) topics.set(topic, (entry = { topic, partitions: [] }))
    entry.partitions.push({
      partition,
      leaderEpoch: position.offsetEpoch,
      currentLeaderEpoch: position.currentLeader.epoch ?? RecordBatch.NO_PARTITION_LEADER_EPOCH,
    })
  }
  return requestBuilder(
    ApiKeys.OFFSET_FOR_LEADER_EPOCH,
    { replicaId: CONSUMER_REPLICA_ID, topics: [...topics.values()] },
    { oldest: FIRST_VERSION_FOR_CLIENTS },
  )
}

/**
 * Sorts the answers: known, to be asked again, forbidden. A partition that is not answered is asked
 * again.
 *
 * @throws TopicAuthorizationException
 */
export const handleResponse = (
  positions: ReadonlyTopicPartitionMap<FetchPosition>,
  response: OffsetForLeaderEpochResponseData,
  logger: Logger,
): OffsetForEpochResult => {
  const endOffsets = new TopicPartitionMap<EpochEndOffset>()
  const partitionsToRetry = new TopicPartitionSet(positions.keys())
  const unauthorizedTopics = new Set<string>()
  for (const { topic, partitions } of response.topics) {
    for (const answer of partitions) {
      const partition = new TopicPartition(topic, answer.partition)
      if (!positions.has(partition)) {
        logger.warn(`Ignoring an answer about ${partition}, which was not asked about.`)
        continue
      }
      const error = Errors.forCode(answer.errorCode)
      if (error === Errors.NONE) {
        endOffsets.set(partition, answer)
        partitionsToRetry.delete(partition)
      } else if (error === Errors.TOPIC_AUTHORIZATION_FAILED) {
        unauthorizedTopics.add(topic)
        partitionsToRetry.delete(partition)
      } else {
        logRetry(logger, 'validate the offset of', partition, error)
      }
    }
  }
  if (unauthorizedTopics.size > 0) {
    throw new TopicAuthorizationException(
      `Not authorized to access topics: [${[...unauthorizedTopics].join(', ')}]`,
      unauthorizedTopics,
    )
  }
  return { endOffsets, partitionsToRetry }
}

/** Nothing to worry about: ask again, elsewhere or later. */
const EXPECTED_WHILE_LEADERS_CHANGE: ReadonlySet<Errors> = new Set([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.OFFSET_NOT_AVAILABLE,
  Errors.LEADER_NOT_AVAILABLE,
  Errors.FENCED_LEADER_EPOCH,
  Errors.UNKNOWN_LEADER_EPOCH,
])

/** Says that a question about a partition will be asked again. */
export const logRetry = (
  logger: Logger,
  what: string,
  partition: TopicPartition,
  error: Errors,
): void => {
  const text = `Attempt to ${what} ${partition} failed due to ${error.name}, retrying.`
  if (EXPECTED_WHILE_LEADERS_CHANGE.has(error)) logger.debug(text)
  else logger.warn(text)
}
