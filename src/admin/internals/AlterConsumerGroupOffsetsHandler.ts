/**
 * Sets offsets of a group from outside. The coordinator refuses it while the group has members.
 *
 * @kafka org.apache.kafka.clients.admin.internals.AlterConsumerGroupOffsetsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import {
  type ReadonlyTopicPartitionMap,
  TopicPartitionMap,
} from '../../common/TopicPartitionMap.ts'
import type { OffsetAndMetadata } from '../../consumer/OffsetAndMetadata.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  OffsetCommitRequestInput,
  OffsetCommitResponseData,
} from '../../protocol/messages/OffsetCommit.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'

/** What became of each partition. */
export type PartitionErrors = TopicPartitionMap<Errors>

type CommitTopic = NonNullable<OffsetCommitRequestInput['topics']>[number]

/** The newest version that names topics; later ones have their ids. */
const TOPIC_NAMES_MAX_VERSION = 9

export class AlterConsumerGroupOffsetsHandler implements AdminApiHandler<string, PartitionErrors> {
  readonly apiName = 'offsetCommit'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly groupId: string
  private readonly offsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>
  private readonly logger: Logger

  constructor(
    groupId: string,
    offsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>,
    logger: Logger,
  ) {
    this.groupId = groupId
    this.offsets = offsets
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(
    _coordinatorId: number,
    keys: ReadonlySet<string>,
  ): readonly RequestAndKeys<string>[] {
    const topics = new Map<string, CommitTopic & { partitions: object[] }>()
    for (const [{ topic: name, partition }, { offset, leaderEpoch, metadata }] of this.offsets) {
      let topic = topics.get(name)
      if (topic === undefined) topics.set(name, (topic = { name, partitions: [] }))
      topic.partitions.push({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch ?? -1,
        committedMetadata: metadata,
      })
    }
    const data = { groupId: this.groupId, topics: [...topics.values()] }
    const request = requestBuilder(ApiKeys.OFFSET_COMMIT, data, { latest: TOPIC_NAMES_MAX_VERSION })
    return batched(request, keys)
  }

  handleResponse(
    _coordinator: Node,
    _keys: ReadonlySet<string>,
    response: ClientResponse,
  ): ApiResult<string, PartitionErrors> {
    const { topics } = response.responseBody as OffsetCommitResponseData
    const result = new ApiResult<string, PartitionErrors>()
    const partitionErrors: PartitionErrors = new TopicPartitionMap()
    let again = false
    for (const { name, partitions } of topics) {
      for (const { partitionIndex, errorCode } of partitions) {
        const error = Errors.forCode(errorCode)
        if (RETRIED.has(error)) {
          this.logger.debug(`OffsetCommit for group '${this.groupId}': ${error}. Will retry.`)
          if (LOOKED_UP.has(error)) result.unmappedKeys.add(this.groupId)
          again = true
        } else {
          partitionErrors.set(new TopicPartition(name, partitionIndex), error)
        }
      }
    }
    // All partitions go again: to commit an offset twice does no harm.
    if (!again) result.completedKeys.set(this.groupId, partitionErrors)
    return result
  }
}

/** The coordinator is elsewhere. */
const LOOKED_UP: ReadonlySet<Errors> = new Set([
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
])

const RETRIED: ReadonlySet<Errors> = new Set([
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.REBALANCE_IN_PROGRESS,
  ...LOOKED_UP,
])
