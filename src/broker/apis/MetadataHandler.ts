/**
 * `Metadata`, `DescribeTopicPartitions`, `DescribeCluster`: who is there, and who leads what.
 *
 * @kafka kafka.server.KafkaApis (handleTopicMetadataRequest, handleDescribeCluster)
 * @kafka kafka.server.handlers.DescribeTopicPartitionsRequestHandler
 * @simplified nobody is refused: authorisation comes with its own part, so "authorized operations"
 *   are left out.
 */

import { InvalidRequestException } from '../../common/errors/ApiExceptions.ts'
import { Topic } from '../../common/Topic.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  DescribeClusterRequestData,
  DescribeClusterResponseInput,
} from '../../protocol/messages/DescribeCluster.ts'
import type {
  DescribeTopicPartitionsRequestData,
  DescribeTopicPartitionsResponseInput,
} from '../../protocol/messages/DescribeTopicPartitions.ts'
import type {
  MetadataRequestData,
  MetadataResponseInput,
} from '../../protocol/messages/Metadata.ts'
import type { AutoTopicCreationManager } from '../AutoTopicCreationManager.ts'
import type { KafkaConfig } from '../KafkaConfig.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'

type TopicMetadata = NonNullable<MetadataResponseInput['topics']>[number]

/** `endpointType` of a broker; 2 would be a controller. */
const BROKER_ENDPOINT = 1
const CONTROLLER_ENDPOINT = 2

export class MetadataHandler {
  private readonly config: KafkaConfig
  private readonly metadataCache: MetadataCache
  private readonly autoTopicCreation: AutoTopicCreationManager

  constructor(
    config: KafkaConfig,
    metadataCache: MetadataCache,
    autoTopicCreation: AutoTopicCreationManager,
  ) {
    this.config = config
    this.metadataCache = metadataCache
    this.autoTopicCreation = autoTopicCreation
  }

  // ---- Metadata

  /** @throws InvalidRequestException */
  metadata(request: MetadataRequestData, version: number): MetadataResponseInput {
    checkTopics(request, version)
    return {
      brokers: this.metadataCache.getAliveBrokerNodes().map(({ id, host, port, rack }) => ({
        nodeId: id,
        host,
        port,
        rack,
      })),
      clusterId: this.metadataCache.currentImage().clusterId,
      controllerId: this.metadataCache.controllerId(),
      topics: this.topicsOf(request, version),
    }
  }

  private topicsOf(request: MetadataRequestData, version: number): TopicMetadata[] {
    const { topics } = request
    // Version 0 could not say null: there, no topics are all topics.
    if (topics === null || (version === 0 && topics.length === 0)) {
      return this.metadataCache.getTopicMetadata(this.metadataCache.getAllTopics())
    }
    const ids = topics.map((topic) => topic.topicId).filter((id) => !id.equals(Uuid.ZERO_UUID))
    if (ids.length > 0) return this.topicsById(ids)
    const names = [...new Set(topics.map((topic) => topic.name ?? ''))]
    const missing = names.filter((name) => !this.metadataCache.containsTopic(name))
    const allowed = request.allowAutoTopicCreation && this.config.get('auto.create.topics.enable')
    return [
      ...this.metadataCache.getTopicMetadata(names),
      ...(allowed && missing.length > 0
        ? this.autoTopicCreation.createTopics(missing)
        : missing.map(nonExisting)),
    ]
  }

  private topicsById(ids: readonly Uuid[]): TopicMetadata[] {
    const unknown: TopicMetadata[] = []
    const names = new Set<string>()
    for (const id of ids) {
      const name = this.metadataCache.getTopicName(id)
      if (name !== undefined) names.add(name)
      else {
        const errorCode = Errors.UNKNOWN_TOPIC_ID.code
        unknown.push({ errorCode, name: null, topicId: id, isInternal: false, partitions: [] })
      }
    }
    return [...unknown, ...this.metadataCache.getTopicMetadata(names)]
  }

  // ---- DescribeTopicPartitions

  /** @throws InvalidRequestException */
  describeTopicPartitions(
    request: DescribeTopicPartitionsRequestData,
  ): DescribeTopicPartitionsResponseInput {
    const { cursor } = request
    const fetchAllTopics = request.topics.length === 0
    const asked = fetchAllTopics
      ? this.metadataCache.getAllTopics()
      : request.topics.map((topic) => topic.name)
    const from = cursor?.topicName ?? ''
    const topics = [...new Set(asked)].filter((name) => name >= from).sort()
    if (cursor !== null) {
      if (!fetchAllTopics && !topics.includes(cursor.topicName)) {
        throw new InvalidRequestException(
          'DescribeTopicPartitionsRequest topic list should contain the cursor topic: ' +
            `${cursor.topicName}`,
        )
      }
      if (cursor.partitionIndex < 0) {
        throw new InvalidRequestException(
          `DescribeTopicPartitionsRequest cursor partition must be valid: ${cursor.partitionIndex}`,
        )
      }
    }
    const configured = this.config.get('max.request.partition.size.limit')
    const limit = Math.max(1, Math.min(configured, request.responsePartitionLimit))
    return this.metadataCache.describeTopicResponse(topics, cursor, limit, fetchAllTopics)
  }

  // ---- DescribeCluster

  describeCluster(request: DescribeClusterRequestData): DescribeClusterResponseInput {
    if (request.endpointType !== BROKER_ENDPOINT) return wrongEndpoint(request.endpointType)
    return {
      clusterId: this.metadataCache.currentImage().clusterId,
      controllerId: this.metadataCache.controllerId(),
      brokers: this.metadataCache.getAliveBrokerNodes().map(({ id, host, port, rack }) => ({
        brokerId: id,
        host,
        port,
        rack,
      })),
    }
  }
}

const checkTopics = (request: MetadataRequestData, version: number): void => {
  if (version >= 12) return
  for (const topic of request.topics ?? []) {
    if (topic.name === null) {
      throw new InvalidRequestException(`Topic name can not be null for version ${version}`)
    }
    if (!topic.topicId.equals(Uuid.ZERO_UUID)) {
      throw new InvalidRequestException(
        `Topic IDs are not supported in requests for version ${version}`,
      )
    }
  }
}

const nonExisting = (name: string): TopicMetadata => ({
  errorCode: (Topic.isValid(name)
    ? Errors.UNKNOWN_TOPIC_OR_PARTITION
    : Errors.INVALID_TOPIC_EXCEPTION
  ).code,
  name,
  topicId: Uuid.ZERO_UUID,
  isInternal: Topic.isInternal(name),
  partitions: [],
})

const wrongEndpoint = (endpointType: number): DescribeClusterResponseInput => {
  const isController = endpointType === CONTROLLER_ENDPOINT
  const error = isController ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE
  const errorMessage = isController
    ? 'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type ' +
      'CONTROLLER'
    : `Unsupported endpoint type ${endpointType}`
  return { errorCode: error.code, errorMessage, clusterId: '', brokers: [] }
}
