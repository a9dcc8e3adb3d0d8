/**
 * Asks for the cluster's nodes and its controller, for the admin client itself.
 *
 * It is a Metadata request without topics: also brokers that are too old for DescribeCluster
 * answer it.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.AdminClientRunnable
 * @simplified a class of its own; in Java `makeBrokerMetadataCall`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { MetadataResponse } from '../../clients/MetadataResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { Cluster } from '../../common/Cluster.ts'
import type { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { MetadataResponseData } from '../../protocol/messages/Metadata.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'

export interface MetadataCallOptions {
  readonly context: AdminContext
  readonly deadlineMs: number
  /** There is a new picture: calls that were not sent yet choose their nodes again. */
  readonly onUpdate: () => void
  /** The call has an outcome. */
  readonly onDone: () => void
}

export class MetadataCall extends Call {
  private readonly context: AdminContext
  private readonly onUpdate: () => void
  private readonly onDone: () => void

  constructor({ context, deadlineMs, onUpdate, onDone }: MetadataCallOptions) {
    const nodeProvider = context.nodeProviders.metadataUpdate()
    super({ callName: 'fetchMetadata', deadlineMs, nodeProvider, internal: true })
    this.context = context
    this.onUpdate = onUpdate
    this.onDone = onDone
  }

  override createRequest(): RequestBuilder {
    // No topic is named, so none can be created; `true` is what old versions can say.
    return requestBuilder(ApiKeys.METADATA, { topics: [], allowAutoTopicCreation: true })
  }

  override handleResponse(response: ClientResponse): void {
    const { metadataManager, time } = this.context
    const data = response.responseBody as MetadataResponseData
    const metadata = new MetadataResponse(data, response.requestHeader.apiVersion)
    if (metadata.topLevelError === Errors.REBOOTSTRAP_REQUIRED) {
      metadataManager.initiateRebootstrap()
    } else {
      const { clusterId, brokersById, controller } = metadata
      const cluster = new Cluster({ clusterId, nodes: brokersById.values(), controller })
      metadataManager.update(cluster, time.milliseconds())
    }
    this.onUpdate()
    this.onDone()
  }

  override handleUnsupportedVersionException(error: UnsupportedVersionException): boolean {
    this.context.metadataManager.updateFailed(error)
    return false
  }

  override handleFailure(error: Error): void {
    this.context.metadataManager.updateFailed(error)
    this.onDone()
  }
}
