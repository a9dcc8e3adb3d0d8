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
import { type AnyApiKey, ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type { InitProducerIdRequestData } from '../protocol/messages/InitProducerId.ts'
import type { InputOf } from '../protocol/schema/message.ts'
import { RecordBatch } from '../record/RecordBatch.ts'
import { ApiVersionManager, isValidIntroduction } from './ApiVersionManager.ts'
import { AutoTopicCreationManager } from './AutoTopicCreationManager.ts'
import { errorResponse } from './apis/errorResponse.ts'
import { FetchHandler } from './apis/FetchHandler.ts'
import { FindCoordinatorHandler } from './apis/FindCoordinatorHandler.ts'
import { GroupOffsetsHandler } from './apis/GroupOffsetsHandler.ts'
import { GroupsHandler } from './apis/GroupsHandler.ts'
import { MetadataHandler } from './apis/MetadataHandler.ts'
import { OffsetsHandler } from './apis/OffsetsHandler.ts'
import { ProduceHandler, type ProduceOutcome } from './apis/ProduceHandler.ts'
import { TopicsHandler } from './apis/TopicsHandler.ts'
import { ConfigHelper } from './ConfigHelper.ts'
import type { QuorumController } from './controller/QuorumController.ts'
import type { CompletableFuture } from './coordinator/CompletableFuture.ts'
import type { GroupCoordinatorService } from './group/GroupCoordinatorService.ts'
import type { GroupRequestContext } from './group/GroupRequestContext.ts'
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
  groupCoordinator: GroupCoordinatorService
  apiVersionManager: ApiVersionManager
  logger: Logger
  trace: Trace
}

type Handler = (request: Request) => void | Promise<void>

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
  private readonly groupCoordinator: GroupCoordinatorService
  private readonly findCoordinator: FindCoordinatorHandler
  private readonly groups: GroupsHandler
  private readonly groupOffsets: GroupOffsetsHandler
  private readonly configHelper: ConfigHelper
  private readonly producerIds: ProducerIdManager
  private readonly metadataCache: MetadataCache
  private readonly handlers: ReadonlyMap<number, Handler>

  constructor(options: KafkaApisOptions) {
    const { config, metadataCache, replicaManager, controller, logger } = options
    const { groupCoordinator } = options
    this.metadataCache = metadataCache
    this.requestChannel = options.requestChannel
    this.apiVersionManager = options.apiVersionManager
    this.logger = logger
    this.trace = options.trace
    this.configHelper = new ConfigHelper(options.brokerId, config, metadataCache, logger)
    this.produce = new ProduceHandler(metadataCache, replicaManager, logger)
    this.fetch = new FetchHandler(config, metadataCache, replicaManager)
    this.offsets = new OffsetsHandler(replicaManager, logger)
    const autoTopicCreation = new AutoTopicCreationManager(config, controller, logger)
    this.metadata = new MetadataHandler(config, metadataCache, autoTopicCreation)
    this.topics = new TopicsHandler(config, controller, this.configHelper)
    this.producerIds = new ProducerIdManager(controller, logger)
    this.groupCoordinator = groupCoordinator
    this.findCoordinator = new FindCoordinatorHandler(
      groupCoordinator,
      metadataCache,
      autoTopicCreation,
    )
    this.groups = new GroupsHandler(groupCoordinator)
    this.groupOffsets = new GroupOffsetsHandler(groupCoordinator, metadataCache)
    this.handlers = this.handlersById()
  }

  private handlersById(): Map<number, Handler> {
    return new Map<number, Handler>([
      [ApiKeys.PRODUCE.id, (request) => this.handleProduceRequest(request)],
      [ApiKeys.FETCH.id, (request) => this.handleFetchRequest(request)],
      [ApiKeys.LIST_OFFSETS.id, (request) => this.handleListOffsetRequest(request)],
      [ApiKeys.METADATA.id, (request) => this.handleTopicMetadataRequest(request)],
      [ApiKeys.OFFSET_COMMIT.id, (request) => this.handleOffsetCommitRequest(request)],
      [ApiKeys.OFFSET_FETCH.id, (request) => this.handleOffsetFetchRequest(request)],
      [ApiKeys.FIND_COORDINATOR.id, (request) => this.handleFindCoordinatorRequest(request)],
      [ApiKeys.JOIN_GROUP.id, (request) => this.handleJoinGroupRequest(request)],
      [ApiKeys.HEARTBEAT.id, (request) => this.handleHeartbeatRequest(request)],
      [ApiKeys.LEAVE_GROUP.id, (request) => this.handleLeaveGroupRequest(request)],
      [ApiKeys.SYNC_GROUP.id, (request) => this.handleSyncGroupRequest(request)],
      [ApiKeys.DESCRIBE_GROUPS.id, (request) => this.handleDescribeGroupsRequest(request)],
      [ApiKeys.LIST_GROUPS.id, (request) => this.handleListGroupsRequest(request)],
      [ApiKeys.API_VERSIONS.id, (request) => this.handleApiVersionsRequest(request)],
      [ApiKeys.CREATE_TOPICS.id, (request) => this.handleCreateTopics(request)],
      [ApiKeys.DELETE_TOPICS.id, (request) => this.handleDeleteTopics(request)],
      [ApiKeys.INIT_PRODUCER_ID.id, (request) => this.handleInitProducerIdRequest(request)],
      [ApiKeys.OFFSET_FOR_LEADER_EPOCH.id, (request) => this.handleOffsetForLeaderEpoch(request)],
      [ApiKeys.DESCRIBE_CONFIGS.id, (request) => this.handleDescribeConfigsRequest(request)],
      [ApiKeys.DELETE_GROUPS.id, (request) => this.handleDeleteGroupsRequest(request)],
      [ApiKeys.OFFSET_DELETE.id, (request) => this.handleOffsetDeleteRequest(request)],
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

  // ---- groups

  handleFindCoordinatorRequest(request: Request): void {
    const body = request.body(ApiKeys.FIND_COORDINATOR)
    const response = this.findCoordinator.findCoordinator(body, request.header.apiVersion)
    this.requestChannel.sendResponse(request, ApiKeys.FIND_COORDINATOR, response)
  }

  handleJoinGroupRequest(request: Request): void {
    const future = this.groups.joinGroup(contextOf(request), request.body(ApiKeys.JOIN_GROUP))
    this.answerLater(request, ApiKeys.JOIN_GROUP, future)
  }

  handleSyncGroupRequest(request: Request): void {
    const future = this.groups.syncGroup(contextOf(request), request.body(ApiKeys.SYNC_GROUP))
    this.answerLater(request, ApiKeys.SYNC_GROUP, future)
  }

  handleHeartbeatRequest(request: Request): void {
    const body = request.body(ApiKeys.HEARTBEAT)
    const future = this.groupCoordinator.heartbeat(contextOf(request), body)
    this.answerLater(request, ApiKeys.HEARTBEAT, future)
  }

  handleLeaveGroupRequest(request: Request): void {
    const future = this.groups.leaveGroup(contextOf(request), request.body(ApiKeys.LEAVE_GROUP))
    this.answerLater(request, ApiKeys.LEAVE_GROUP, future)
  }

  handleListGroupsRequest(request: Request): void {
    const future = this.groupCoordinator.listGroups(request.body(ApiKeys.LIST_GROUPS))
    this.answerLater(request, ApiKeys.LIST_GROUPS, future)
  }

  handleDescribeGroupsRequest(request: Request): void {
    const body = request.body(ApiKeys.DESCRIBE_GROUPS)
    const future = this.groups.describeGroups(contextOf(request), body)
    this.answerLater(request, ApiKeys.DESCRIBE_GROUPS, future)
  }

  handleDeleteGroupsRequest(request: Request): void {
    const body = request.body(ApiKeys.DELETE_GROUPS)
    const future = this.groups.deleteGroups(contextOf(request), body)
    this.answerLater(request, ApiKeys.DELETE_GROUPS, future)
  }

  handleOffsetCommitRequest(request: Request): void {
    const body = request.body(ApiKeys.OFFSET_COMMIT)
    const future = this.groupOffsets.commitOffsets(contextOf(request), body)
    this.answerLater(request, ApiKeys.OFFSET_COMMIT, future)
  }

  handleOffsetFetchRequest(request: Request): void {
    const body = request.body(ApiKeys.OFFSET_FETCH)
    const future = this.groupOffsets.fetchOffsets(contextOf(request), body)
    this.answerLater(request, ApiKeys.OFFSET_FETCH, future)
  }

  handleOffsetDeleteRequest(request: Request): void {
    const body = request.body(ApiKeys.OFFSET_DELETE)
    const future = this.groupOffsets.deleteOffsets(contextOf(request), body)
    this.answerLater(request, ApiKeys.OFFSET_DELETE, future)
  }

  /** The answer comes from the coordinator, now or in a turn of its own. */
  private answerLater<K extends AnyApiKey>(
    request: Request,
    apiKey: K,
    future: CompletableFuture<InputOf<K['response']>>,
  ): void {
    // Members can wait for minutes, and nothing in a group's request is a view of its frame.
    request.releaseBuffer()
    future.whenComplete((response, error) => {
      try {
        if (response === undefined) this.sendErrorResponse(request, error)
        else this.requestChannel.sendResponse(request, apiKey, response)
      } catch (failure) {
        this.sendErrorResponse(request, failure)
      }
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

/** Who asks, as a group sees it. */
const contextOf = ({ header, context }: Request): GroupRequestContext => ({
  requestVersion: header.apiVersion,
  clientId: header.clientId ?? '',
  // As Java prints an address.
  clientAddress: `/${context.clientAddress}`,
})

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
