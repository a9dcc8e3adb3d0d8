/**
 * What a broker can be asked: one method per API.
 *
 * A method takes a request apart, has the parts done, and answers: at once, or later from a
 * callback (a fetch that waits, a topic that must be durable first). Nothing here blocks, and
 * nothing here knows a socket. An exception that gets this far becomes the API's own error
 * response, or a closed connection where it has none.
 *
 * @kafka kafka.server.KafkaApis
 * @simplified no authorisation and no quotas yet.
 */

import { InvalidRequestException, NotCoordinatorException } from '../common/errors/ApiExceptions.ts'
import { ApiException, IllegalArgumentException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Trace } from '../common/Trace.ts'
import type { Uuid } from '../common/Uuid.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type { InitProducerIdRequestData } from '../protocol/messages/InitProducerId.ts'
import { RecordBatch } from '../record/RecordBatch.ts'
import { ApiVersionManager, isValidIntroduction } from './ApiVersionManager.ts'
import { AutoTopicCreationManager } from './AutoTopicCreationManager.ts'
import { errorResponse } from './apis/errorResponse.ts'
import { FetchHandler } from './apis/FetchHandler.ts'
import { MetadataHandler } from './apis/MetadataHandler.ts'
import { OffsetsHandler } from './apis/OffsetsHandler.ts'
import { ProduceHandler, type ProduceOutcome } from './apis/ProduceHandler.ts'
import { TopicsHandler } from './apis/TopicsHandler.ts'
import { ConfigHelper } from './ConfigHelper.ts'
import type { QuorumController } from './controller/QuorumController.ts'
import type { KafkaConfig } from './KafkaConfig.ts'
import type { ApiRequestHandler } from './KafkaRequestHandler.ts'
import type { MetadataCache } from './metadata/MetadataCache.ts'
import type { Request } from './network/Request.ts'
import type { RequestChannel } from './network/RequestChannel.ts'
import { ProducerIdManager } from './ProducerIdManager.ts'
import type { ReplicaManager } from './replica/ReplicaManager.ts'

export interface KafkaApisOptions {
  brokerId: number
  config: KafkaConfig
  requestChannel: RequestChannel
  replicaManager: ReplicaManager
  metadataCache: MetadataCache
  controller: QuorumController
  apiVersionManager: ApiVersionManager
  logger: Logger
  trace: Trace
}

export class KafkaApis implements ApiRequestHandler {
  private readonly requestChannel: RequestChannel
  private readonly apiVersionManager: ApiVersionManager
  private readonly logger: Logger
  private readonly trace: Trace
  private readonly produce: ProduceHandler
  private readonly fetch: FetchHandler
  private readonly offsets: OffsetsHandler
  private readonly metadata: MetadataHandler
  private readonly topics: TopicsHandler
  private readonly configHelper: ConfigHelper
  private readonly producerIds: ProducerIdManager
  private readonly metadataCache: MetadataCache
  private readonly handlers: ReadonlyMap<number, (request: Request) => void | Promise<void>>

  constructor(options: KafkaApisOptions) {
    const { config, metadataCache, replicaManager, controller, logger } = options
    this.metadataCache = metadataCache
    this.requestChannel = options.requestChannel
    this.apiVersionManager = options.apiVersionManager
    this.logger = logger
    this.trace = options.trace
    this.configHelper = new ConfigHelper(options.brokerId, config, metadataCache, logger)
    this.produce = new ProduceHandler(metadataCache, replicaManager, logger)
    this.fetch = new FetchHandler(config, metadataCache, replicaManager)
    this.offsets = new OffsetsHandler(replicaManager, logger)
    const autoTopicCreation = new AutoTopicCreationManager(controller, logger)
    this.metadata = new MetadataHandler(config, metadataCache, autoTopicCreation)
    this.topics = new TopicsHandler(config, controller, this.configHelper)
    this.producerIds = new ProducerIdManager(controller, logger)
    this.handlers = new Map<number, (request: Request) => void | Promise<void>>([
      [ApiKeys.PRODUCE.id, (request) => this.handleProduceRequest(request)],
      [ApiKeys.FETCH.id, (request) => this.handleFetchRequest(request)],
      [ApiKeys.LIST_OFFSETS.id, (request) => this.handleListOffsetRequest(request)],
      [ApiKeys.METADATA.id, (request) => this.handleTopicMetadataRequest(request)],
      [ApiKeys.API_VERSIONS.id, (request) => this.handleApiVersionsRequest(request)],
      [ApiKeys.CREATE_TOPICS.id, (request) => this.handleCreateTopics(request)],
      [ApiKeys.DELETE_TOPICS.id, (request) => this.handleDeleteTopics(request)],
      [ApiKeys.INIT_PRODUCER_ID.id, (request) => this.handleInitProducerIdRequest(request)],
      [ApiKeys.OFFSET_FOR_LEADER_EPOCH.id, (request) => this.handleOffsetForLeaderEpoch(request)],
      [ApiKeys.DESCRIBE_CONFIGS.id, (request) => this.handleDescribeConfigsRequest(request)],
      [ApiKeys.DESCRIBE_CLUSTER.id, (request) => this.handleDescribeCluster(request)],
      [
        ApiKeys.DESCRIBE_TOPIC_PARTITIONS.id,
        (request) => this.handleDescribeTopicPartitionsRequest(request),
      ],
    ])
  }

  /** Does what a request asks. Never throws for what a client sent. */
  handle(request: Request): void {
    const handler = this.handlers.get(request.apiKey.id)
    if (handler === undefined) {
      throw new InvalidRequestException(`No handler for request api key ${request.apiKey}`)
    }
    try {
      const done = handler(request)
      if (done !== undefined) done.catch((error: unknown) => this.sendErrorResponse(request, error))
    } catch (error) {
      this.sendErrorResponse(request, error)
    }
  }

  handleProduceRequest(request: Request): void {
    const body = request.body(ApiKeys.PRODUCE)
    if (this.trace.enabled) {
      this.trace.emit('broker.apis.handleProduceRequest', {
        acks: body.acks,
        partitions: body.topicData.flatMap(({ name, topicId, partitionData }) =>
          partitionData.map(({ index }) => `${this.nameOf(name, topicId)}-${index}`),
        ),
        bytes: request.sizeInBytes,
      })
    }
    const { apiVersion, clientId } = request.header
    const respond = ({ response, hasErrors }: ProduceOutcome): void => {
      if (body.acks !== 0) this.requestChannel.sendResponse(request, ApiKeys.PRODUCE, response)
      else if (!hasErrors) this.requestChannel.sendNoOpResponse(request)
      else {
        this.logger.info(
          `Closing connection due to error during produce request ${request} with ack=0`,
        )
        this.requestChannel.closeConnection(request)
      }
    }
    const fail = (error: unknown): void => this.sendErrorResponse(request, error)
    this.produce.handle(body, apiVersion, clientId, { respond, fail })
  }

  handleFetchRequest(request: Request): void {
    const body = request.body(ApiKeys.FETCH)
    if (this.trace.enabled) {
      this.trace.emit('broker.apis.handleFetchRequest', {
        maxWaitMs: body.maxWaitMs,
        minBytes: body.minBytes,
        partitions: body.topics.flatMap(({ topic, topicId, partitions }) =>
          partitions.map(({ partition }) => `${this.nameOf(topic, topicId)}-${partition}`),
        ),
      })
    }
    this.fetch.handle(body, request.header.apiVersion, {
      respond: (response) => this.requestChannel.sendResponse(request, ApiKeys.FETCH, response),
      fail: (error) => this.sendErrorResponse(request, error),
    })
  }

  handleListOffsetRequest(request: Request): void {
    const body = request.body(ApiKeys.LIST_OFFSETS)
    const response = this.offsets.listOffsets(body, request.header.apiVersion)
    this.requestChannel.sendResponse(request, ApiKeys.LIST_OFFSETS, response)
  }

  handleOffsetForLeaderEpoch(request: Request): void {
    const body = request.body(ApiKeys.OFFSET_FOR_LEADER_EPOCH)
    const response = this.offsets.offsetForLeaderEpoch(body)
    this.requestChannel.sendResponse(request, ApiKeys.OFFSET_FOR_LEADER_EPOCH, response)
  }

  handleTopicMetadataRequest(request: Request): void {
    const body = request.body(ApiKeys.METADATA)
    const response = this.metadata.metadata(body, request.header.apiVersion)
    this.requestChannel.sendResponse(request, ApiKeys.METADATA, response)
  }

  handleDescribeTopicPartitionsRequest(request: Request): void {
    const body = request.body(ApiKeys.DESCRIBE_TOPIC_PARTITIONS)
    const response = this.metadata.describeTopicPartitions(body)
    this.requestChannel.sendResponse(request, ApiKeys.DESCRIBE_TOPIC_PARTITIONS, response)
  }

  handleDescribeCluster(request: Request): void {
    const body = request.body(ApiKeys.DESCRIBE_CLUSTER)
    const response = this.metadata.describeCluster(body)
    this.requestChannel.sendResponse(request, ApiKeys.DESCRIBE_CLUSTER, response)
  }

  handleDescribeConfigsRequest(request: Request): void {
    const body = request.body(ApiKeys.DESCRIBE_CONFIGS)
    const response = this.configHelper.handleDescribeConfigsRequest(body)
    this.requestChannel.sendResponse(request, ApiKeys.DESCRIBE_CONFIGS, response)
  }

  async handleCreateTopics(request: Request): Promise<void> {
    const response = await this.topics.createTopics(request.body(ApiKeys.CREATE_TOPICS))
    this.requestChannel.sendResponse(request, ApiKeys.CREATE_TOPICS, response)
  }

  async handleDeleteTopics(request: Request): Promise<void> {
    const body = request.body(ApiKeys.DELETE_TOPICS)
    const response = await this.topics.deleteTopics(body, request.header.apiVersion)
    this.requestChannel.sendResponse(request, ApiKeys.DELETE_TOPICS, response)
  }

  /**
   * A client asks in its own newest version first, so a version that is unknown here is answered in
   * version 0 (KIP-511).
   */
  handleApiVersionsRequest(request: Request): void {
    const { header } = request
    if (!header.isApiVersionSupported()) {
      const response = ApiVersionManager.unsupportedVersionResponse()
      this.requestChannel.sendResponse(request, ApiKeys.API_VERSIONS, response, 0)
      return
    }
    const body = request.body(ApiKeys.API_VERSIONS)
    const response = isValidIntroduction(header.apiVersion, body)
      ? this.apiVersionManager.apiVersionResponse(header.apiVersion < 4)
      : { errorCode: Errors.INVALID_REQUEST.code }
    this.requestChannel.sendResponse(request, ApiKeys.API_VERSIONS, response)
  }

  async handleInitProducerIdRequest(request: Request): Promise<void> {
    const body = request.body(ApiKeys.INIT_PRODUCER_ID)
    checkInitProducerId(body)
    const producerId = await this.producerIds.generateProducerId()
    this.requestChannel.sendResponse(request, ApiKeys.INIT_PRODUCER_ID, {
      errorCode: Errors.NONE.code,
      producerId,
      producerEpoch: 0,
    })
  }

  /** What a trace calls a topic: newer requests say its id, and a reader wants its name. */
  private nameOf(name: string, topicId: Uuid): string {
    return name !== '' ? name : (this.metadataCache.getTopicName(topicId) ?? topicId.toString())
  }

  private sendErrorResponse(request: Request, error: unknown): void {
    // An argument that cannot be is the client's fault, too: no code of its own, but no surprise.
    const isForeseen = error instanceof ApiException || error instanceof IllegalArgumentException
    if (isForeseen) this.logger.info(`${request} failed: ${error.message}`)
    else this.logger.error(`Unexpected error handling ${request}`, error)
    const { apiKey, header } = request
    const response = errorResponse(apiKey, header.apiVersion, request.body(apiKey), error)
    if (response === undefined) this.requestChannel.closeConnection(request)
    else this.requestChannel.sendResponse(request, request.apiKey, response)
  }
}

const checkInitProducerId = (request: InitProducerIdRequestData): void => {
  const hasId = request.producerId !== RecordBatch.NO_PRODUCER_ID
  const hasEpoch = request.producerEpoch !== RecordBatch.NO_PRODUCER_EPOCH
  if (hasId !== hasEpoch) {
    throw new InvalidRequestException('A producer id and its epoch come together, or neither does.')
  }
  if (request.transactionalId === '') {
    throw new InvalidRequestException('A transactional id must not be empty.')
  }
  if (request.transactionalId !== null) {
    throw new NotCoordinatorException(
      'This broker is the coordinator of no transaction: transactions are not there yet.',
    )
  }
}
