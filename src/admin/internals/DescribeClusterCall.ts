/**
 * Asks which brokers there are. A broker that does not know DescribeCluster is asked for its
 * metadata, which says nearly the same.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified a class of its own; in Java inside of `describeCluster`.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { MetadataResponse } from '../../clients/MetadataResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { Node } from '../../common/Node.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { DescribeClusterResponseData } from '../../protocol/messages/DescribeCluster.ts'
import type { MetadataResponseData } from '../../protocol/messages/Metadata.ts'
import { validAclOperations } from '../AclOperation.ts'
import type { DescribeClusterOptions } from '../AdminOptions.ts'
import type { ClusterDescription } from '../DescribeClusterResult.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'

/** Called with the outcome, inside of the loop's step. */
export interface DescribeClusterHandler {
  complete(description: ClusterDescription): void
  completeExceptionally(error: Error): void
}

/** From here on fenced brokers can be asked for. */
const FIRST_VERSION_WITH_FENCED_BROKERS = 2
const ENDPOINT_TYPE_BROKER = 1

export class DescribeClusterCall extends Call {
  private readonly options: DescribeClusterOptions
  private readonly handler: DescribeClusterHandler
  private useMetadataRequest = false

  constructor(
    context: AdminContext,
    deadlineMs: number,
    options: DescribeClusterOptions,
    handler: DescribeClusterHandler,
  ) {
    const nodeProvider = context.nodeProviders.leastLoaded()
    super({ callName: 'describeCluster', deadlineMs, nodeProvider })
    this.options = options
    this.handler = handler
  }

  override createRequest(): RequestBuilder {
    const { includeAuthorizedOperations = false, includeFencedBrokers = false } = this.options
    if (this.useMetadataRequest) {
      return requestBuilder(ApiKeys.METADATA, {
        topics: [],
        allowAutoTopicCreation: true,
        includeClusterAuthorizedOperations: includeAuthorizedOperations,
      })
    }
    return requestBuilder(
      ApiKeys.DESCRIBE_CLUSTER,
      {
        includeClusterAuthorizedOperations: includeAuthorizedOperations,
        endpointType: ENDPOINT_TYPE_BROKER,
        includeFencedBrokers,
      },
      includeFencedBrokers ? { oldest: FIRST_VERSION_WITH_FENCED_BROKERS } : {},
    )
  }

  override handleResponse(response: ClientResponse): void {
    const { responseBody, requestHeader } = response
    if (requestHeader.apiKey === ApiKeys.METADATA) {
      const data = responseBody as MetadataResponseData
      this.handler.complete(fromMetadata(new MetadataResponse(data, requestHeader.apiVersion)))
      return
    }
    const data = responseBody as DescribeClusterResponseData
    const error = Errors.forCode(data.errorCode).exception(data.errorMessage)
    if (error === null) this.handler.complete(fromDescribeCluster(data))
    else this.handleFailure(error)
  }

  override handleUnsupportedVersionException(): boolean {
    // Metadata knows nothing of fenced brokers.
    if (this.useMetadataRequest || this.options.includeFencedBrokers) return false
    this.useMetadataRequest = true
    return true
  }

  override handleFailure(error: Error): void {
    this.handler.completeExceptionally(error)
  }
}

const fromDescribeCluster = (data: DescribeClusterResponseData): ClusterDescription => {
  const { brokers, controllerId, clusterId, clusterAuthorizedOperations } = data
  const nodes = brokers.map((b) => new Node(b.brokerId, b.host, b.port, b.rack))
  return {
    nodes,
    fencedBrokerIds: new Set(brokers.filter((b) => b.isFenced).map((b) => b.brokerId)),
    controller: nodes.find((node) => node.id === controllerId) ?? null,
    clusterId,
    authorizedOperations: validAclOperations(clusterAuthorizedOperations),
  }
}

const fromMetadata = (response: MetadataResponse): ClusterDescription => ({
  nodes: [...response.brokersById.values()],
  fencedBrokerIds: new Set(),
  controller: response.controller,
  clusterId: response.clusterId,
  authorizedOperations: validAclOperations(response.data.clusterAuthorizedOperations),
})
