/**
 * Lists all topics that we may see.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified a class of its own; in Java inside of `listTopics`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { metadataRequestForAllTopics } from '../../clients/MetadataRequest.ts'
import { MetadataResponse } from '../../clients/MetadataResponse.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import type { MetadataResponseData } from '../../protocol/messages/Metadata.ts'
import type { TopicListing } from '../TopicDescription.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'
import type { KafkaFutureImpl } from './KafkaFutureImpl.ts'

export class ListTopicsCall extends Call {
  private readonly listInternal: boolean
  private readonly future: KafkaFutureImpl<Map<string, TopicListing>>

  constructor(
    context: AdminContext,
    deadlineMs: number,
    listInternal: boolean,
    future: KafkaFutureImpl<Map<string, TopicListing>>,
  ) {
    super({ callName: 'listTopics', deadlineMs, nodeProvider: context.nodeProviders.leastLoaded() })
    this.listInternal = listInternal
    this.future = future
  }

  override createRequest(): RequestBuilder {
    return metadataRequestForAllTopics()
  }

  override handleResponse(response: ClientResponse): void {
    const data = response.responseBody as MetadataResponseData
    const listings = new Map<string, TopicListing>()
    const { topicMetadata } = new MetadataResponse(data, response.requestHeader.apiVersion)
    for (const { topic, topicId, isInternal } of topicMetadata) {
      if (isInternal && !this.listInternal) continue
      listings.set(topic, { name: topic, topicId, isInternal })
    }
    this.future.complete(listings)
  }

  override handleFailure(error: Error): void {
    this.future.completeExceptionally(error)
  }
}
