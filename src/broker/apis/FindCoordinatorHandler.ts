/**
 * `FindCoordinator`: which broker coordinates a group. The first one who asks has
 * `__consumer_offsets` made.
 *
 *     group ─► partition of __consumer_offsets ─► its leader
 *                                                └ none, or no topic: COORDINATOR_NOT_AVAILABLE
 *
 * @kafka kafka.server.KafkaApis (handleFindCoordinatorRequest)
 * @simplified there are no coordinators of transactions and of share groups yet: who asks for one
 *   is told COORDINATOR_NOT_AVAILABLE, as by a broker whose coordinator has not started.
 */

import { InvalidRequestException } from '../../common/errors/ApiExceptions.ts'
import { Topic } from '../../common/Topic.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import type {
  FindCoordinatorRequestData,
  FindCoordinatorResponseInput,
} from '../../protocol/messages/FindCoordinator.ts'
import type { AutoTopicCreationManager } from '../AutoTopicCreationManager.ts'
import type { GroupCoordinatorService } from '../group/GroupCoordinatorService.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'

type Coordinator = NonNullable<FindCoordinatorResponseInput['coordinators']>[number]

/** @kafka org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType */
const COORDINATOR_TYPE = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const

/** Since this version one request can ask about several groups. */
const MIN_BATCHED_VERSION = 4
const SHARE_COORDINATOR_VERSION = 6

interface Found {
  readonly error: WireError
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

const notFound = (error: WireError): Found => ({ error, nodeId: -1, host: '', port: -1 })

export class FindCoordinatorHandler {
  private readonly groupCoordinator: GroupCoordinatorService
  private readonly metadataCache: MetadataCache
  private readonly autoTopicCreation: AutoTopicCreationManager

  constructor(
    groupCoordinator: GroupCoordinatorService,
    metadataCache: MetadataCache,
    autoTopicCreation: AutoTopicCreationManager,
  ) {
    this.groupCoordinator = groupCoordinator
    this.metadataCache = metadataCache
    this.autoTopicCreation = autoTopicCreation
  }

  /**
   * @throws InvalidRequestException for a kind of coordinator that there is not,
   *   CoordinatorNotAvailableException while this broker starts or stops, and before version 4 what
   *   is wrong with the one coordinator that is asked for
   */
  findCoordinator(
    request: FindCoordinatorRequestData,
    version: number,
  ): FindCoordinatorResponseInput {
    const { keyType } = request
    if (version >= MIN_BATCHED_VERSION) {
      return {
        coordinators: request.coordinatorKeys.map((key): Coordinator => {
          const { error, nodeId, host, port } = this.getCoordinator(keyType, key, version)
          return { key, errorCode: error.code, nodeId, host, port, errorMessage: '' }
        }),
      }
    }
    const { error, nodeId, host, port } = this.getCoordinator(keyType, request.key, version)
    if (error !== Errors.NONE) throw error.exception()
    return { errorCode: error.code, errorMessage: error.message, nodeId, host, port }
  }

  private getCoordinator(keyType: number, key: string, version: number): Found {
    if (keyType === COORDINATOR_TYPE.SHARE && version < SHARE_COORDINATOR_VERSION) {
      return notFound(Errors.INVALID_REQUEST)
    }
    if (keyType === COORDINATOR_TYPE.GROUP) return this.getGroupCoordinator(key)
    if (keyType === COORDINATOR_TYPE.TRANSACTION || keyType === COORDINATOR_TYPE.SHARE) {
      return notFound(Errors.COORDINATOR_NOT_AVAILABLE)
    }
    throw new InvalidRequestException(`There is no kind ${keyType} of coordinators.`)
  }

  private getGroupCoordinator(groupId: string): Found {
    const topic = Topic.GROUP_METADATA_TOPIC_NAME
    const partition = this.groupCoordinator.partitionFor(groupId)
    if (!this.metadataCache.containsTopic(topic)) {
      this.autoTopicCreation.createTopics([topic])
      return notFound(Errors.COORDINATOR_NOT_AVAILABLE)
    }
    const state = this.metadataCache.getLeaderAndIsr(new TopicPartition(topic, partition))
    const node = this.metadataCache.getAliveBrokerNode(state?.leader ?? -1)
    if (node === undefined) return notFound(Errors.COORDINATOR_NOT_AVAILABLE)
    return { error: Errors.NONE, nodeId: node.id, host: node.host, port: node.port }
  }
}
