/**
 * Describes topics with one Metadata request: by their ids, or by their names at brokers that do
 * not know DescribeTopicPartitions.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified one class; in Java `generateDescribeTopicsCallWithMetadataApi` and
 *   `handleDescribeTopicsByIds`. The old way out for brokers before 0.11, to ask for all topics
 *   so that none is created, is left out.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { MetadataResponse, type TopicMetadata } from '../../clients/MetadataResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import {
  UnknownTopicIdException,
  UnknownTopicOrPartitionException,
} from '../../common/errors/ApiExceptions.ts'
import { Uuid } from '../../common/Uuid.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { MetadataResponseData } from '../../protocol/messages/Metadata.ts'
import { validAclOperations } from '../AclOperation.ts'
import type { DescribeTopicsOptions } from '../AdminOptions.ts'
import type { TopicDescription } from '../TopicDescription.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'
import { completeAllExceptionally, type KafkaFutureImpl } from './KafkaFutureImpl.ts'

export interface DescribeTopicsCallOptions {
  readonly context: AdminContext
  readonly deadlineMs: number
  /** What to ask for, by the text of its name or its id. */
  readonly topics: ReadonlyMap<string, string | Uuid>
  readonly futures: ReadonlyMap<string, KafkaFutureImpl<TopicDescription>>
  readonly options: DescribeTopicsOptions
}

/** From here on topics can be asked for by their ids. */
const FIRST_VERSION_WITH_IDS = 12

export class DescribeTopicsByMetadataCall extends Call {
  private readonly call: DescribeTopicsCallOptions
  private readonly byId: boolean

  constructor(call: DescribeTopicsCallOptions) {
    const nodeProvider = call.context.nodeProviders.leastLoaded()
    super({ callName: 'describeTopics', deadlineMs: call.deadlineMs, nodeProvider })
    this.call = call
    const [first] = call.topics.values()
    this.byId = first instanceof Uuid
  }

  override createRequest(): RequestBuilder {
    const { topics, options } = this.call
    return requestBuilder(
      ApiKeys.METADATA,
      {
        topics: Array.from(topics.values(), (topic) =>
          topic instanceof Uuid ? { topicId: topic, name: null } : { name: topic },
        ),
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: options.includeAuthorizedOperations ?? false,
      },
      this.byId ? { oldest: FIRST_VERSION_WITH_IDS } : {},
    )
  }

  override handleResponse(response: ClientResponse): void {
    const data = response.responseBody as MetadataResponseData
    const metadata = new MetadataResponse(data, response.requestHeader.apiVersion)
    const told = new Map(
      metadata.topicMetadata.map((topic) => [
        this.byId ? topic.topicId.toString() : topic.topic,
        topic,
      ]),
    )
    for (const key of this.call.topics.keys()) {
      const future = this.call.futures.get(key)!
      const topic = told.get(key)
      const error = topic === undefined ? this.notFound(key) : topic.error.exception()
      if (topic !== undefined && error === null) future.complete(descriptionOf(topic, metadata))
      else future.completeExceptionally(this.unknownIdOr(error!, key))
    }
  }

  override handleFailure(error: Error): void {
    const { topics, futures } = this.call
    completeAllExceptionally(
      Array.from(topics.keys(), (key) => futures.get(key)!),
      error,
    )
  }

  private notFound(key: string): Error {
    return this.byId
      ? new UnknownTopicIdException(`TopicId ${key} not found.`)
      : new UnknownTopicOrPartitionException(`Topic ${key} not found.`)
  }

  /** The wire's error for an id does not name it. */
  private unknownIdOr(error: Error, key: string): Error {
    return Errors.forException(error) === Errors.UNKNOWN_TOPIC_ID ? this.notFound(key) : error
  }
}

const descriptionOf = (topic: TopicMetadata, response: MetadataResponse): TopicDescription => ({
  name: topic.topic,
  topicId: topic.topicId,
  isInternal: topic.isInternal,
  partitions: topic.partitions
    .map((metadata) => metadata.toPartitionInfo(response.brokersById))
    .map(({ partition, leader, replicas, inSyncReplicas }) => ({
      partition,
      leader,
      replicas,
      isr: inSyncReplicas,
      elr: null,
      lastKnownElr: null,
    }))
    .sort((a, b) => a.partition - b.partition),
  authorizedOperations: validAclOperations(topic.authorizedOperations),
})
