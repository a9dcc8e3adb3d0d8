/**
 * Finds the leaders of partitions: one Metadata request for all of them.
 *
 * @kafka org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy
 * @simplified a topic that nobody knows fails at once, as `listOffsets` wants it; operations that
 *   wait for it to appear come with the calls that have them.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { metadataRequestForTopics } from '../../clients/MetadataRequest.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import {
  InvalidTopicException,
  TopicAuthorizationException,
} from '../../common/errors/ApiExceptions.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { MetadataResponseData } from '../../protocol/messages/Metadata.ts'
import type {
  AdminApiLookupStrategy,
  ApiRequestScope,
  LookupResult,
} from './AdminApiLookupStrategy.ts'

const SINGLE_REQUEST_SCOPE: ApiRequestScope = { id: 'all partitions', destinationBrokerId: null }

const RETRIED_TOPIC_ERRORS: ReadonlySet<Errors> = new Set([
  Errors.LEADER_NOT_AVAILABLE,
  Errors.BROKER_NOT_AVAILABLE,
])

const RETRIED_PARTITION_ERRORS: ReadonlySet<Errors> = new Set([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.LEADER_NOT_AVAILABLE,
  Errors.BROKER_NOT_AVAILABLE,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
])

export class PartitionLeaderStrategy implements AdminApiLookupStrategy<TopicPartition> {
  private readonly logger: Logger

  constructor(logger: Logger) {
    this.logger = logger
  }

  lookupScope(): ApiRequestScope {
    return SINGLE_REQUEST_SCOPE
  }

  buildRequest(partitions: ReadonlySet<TopicPartition>): RequestBuilder {
    const topics = new Set(Array.from(partitions, ({ topic }) => topic))
    return metadataRequestForTopics([...topics], false)
  }

  handleResponse(
    partitions: ReadonlySet<TopicPartition>,
    response: ClientResponse,
  ): LookupResult<TopicPartition> {
    const mappedKeys = new Map<TopicPartition, number>()
    const failedKeys = new Map<TopicPartition, Error>()
    const { topics } = response.responseBody as MetadataResponseData
    for (const metadata of topics) {
      const wanted = [...partitions].filter(({ topic }) => topic === metadata.name)
      const topicError = Errors.forCode(metadata.errorCode)
      if (topicError !== Errors.NONE) {
        this.handleTopicError(topicError, wanted, failedKeys)
        continue
      }
      for (const { partitionIndex, errorCode, leaderId } of metadata.partitions) {
        // A response names all partitions of a topic.
        const key = wanted.find(({ partition }) => partition === partitionIndex)
        if (key === undefined) continue
        const error = Errors.forCode(errorCode)
        if (error !== Errors.NONE) this.handlePartitionError(error, key, failedKeys)
        else if (leaderId >= 0) mappedKeys.set(key, leaderId)
        else this.logger.debug(`The leader of ${key} is unknown. Will retry`)
      }
    }
    return { mappedKeys, failedKeys }
  }

  private handleTopicError(
    error: Errors,
    partitions: readonly TopicPartition[],
    failedKeys: Map<TopicPartition, Error>,
  ): void {
    if (RETRIED_TOPIC_ERRORS.has(error)) {
      this.logger.debug(`Metadata of ${partitions.join(', ')} returned ${error}. Will retry`)
      return
    }
    for (const partition of partitions) failedKeys.set(partition, topicException(error, partition))
  }

  private handlePartitionError(
    error: Errors,
    partition: TopicPartition,
    failedKeys: Map<TopicPartition, Error>,
  ): void {
    if (RETRIED_PARTITION_ERRORS.has(error)) {
      this.logger.debug(`Metadata of ${partition} returned ${error}. Will retry`)
    } else {
      const message = `Unexpected error during metadata lookup for ${partition}: ${error.message}`
      failedKeys.set(partition, error.exception(message)!)
    }
  }
}

const topicException = (error: Errors, partition: TopicPartition): Error => {
  const { topic } = partition
  const what = `Failed to fetch metadata for partition ${partition}`
  switch (error) {
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
      return error.exception(`${what} because metadata for topic '${topic}' could not be found`)!
    case Errors.TOPIC_AUTHORIZATION_FAILED:
      return new TopicAuthorizationException(
        `${what} due to topic authorization failure`,
        new Set([topic]),
      )
    case Errors.INVALID_TOPIC_EXCEPTION:
      return new InvalidTopicException(`${what} due to invalid topic '${topic}'`)
    default:
      return error.exception(`${what} due to unexpected error for topic '${topic}': ${error}`)!
  }
}
