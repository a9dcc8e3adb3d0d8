/**
 * Tells where groups stopped reading: many groups in one OffsetFetch, or one in each when the
 * broker is too old for that.
 *
 * @kafka org.apache.kafka.clients.admin.internals.ListConsumerGroupOffsetsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import {
  offsetFetchRequestForTopicNames,
  offsetFetchResponseGroup,
} from '../../clients/OffsetFetchRequest.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { OffsetAndMetadata } from '../../consumer/OffsetAndMetadata.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  OffsetFetchResponseData,
  OffsetFetchResponseTopics,
} from '../../protocol/messages/OffsetFetch.ts'
import type { CommittedOffsets } from '../ListConsumerGroupOffsetsResult.ts'
import type { ListConsumerGroupOffsetsSpec } from '../ListConsumerGroupOffsetsSpec.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'
import { handleGroupError } from './groupErrors.ts'
import { partitionsByTopic } from './partitionsByTopic.ts'

export class ListConsumerGroupOffsetsHandler implements AdminApiHandler<string, CommittedOffsets> {
  readonly apiName = 'offsetFetch'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly groupSpecs: ReadonlyMap<string, ListConsumerGroupOffsetsSpec>
  private readonly requireStable: boolean
  private readonly logger: Logger

  constructor(
    groupSpecs: ReadonlyMap<string, ListConsumerGroupOffsetsSpec>,
    requireStable: boolean,
    logger: Logger,
  ) {
    this.groupSpecs = groupSpecs
    this.requireStable = requireStable
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(
    _brokerId: number,
    groupIds: ReadonlySet<string>,
  ): readonly RequestAndKeys<string>[] {
    // A broker that cannot answer for many groups may not find many coordinators at once either;
    // `disableBatch` switches both off.
    const chunks = this.lookupStrategy.batch()
      ? [groupIds]
      : [...groupIds].map((id) => new Set([id]))
    return chunks.flatMap((chunk) => batched(this.request(chunk), chunk))
  }

  private request(groupIds: ReadonlySet<string>) {
    const groups = Array.from(groupIds, (groupId) => {
      const spec = this.groupSpecs.get(groupId)
      if (spec !== undefined) return { groupId, topics: topicsOf(spec) }
      throw new IllegalArgumentException(`Received unexpected group id '${groupId}'`)
    })
    const { requireStable } = this
    const throwOnFetchStableOffsetsUnsupported = false
    return offsetFetchRequestForTopicNames({
      groups,
      requireStable,
      throwOnFetchStableOffsetsUnsupported,
    })
  }

  handleResponse(
    _coordinator: Node,
    groupIds: ReadonlySet<string>,
    response: ClientResponse,
  ): ApiResult<string, CommittedOffsets> {
    const result = new ApiResult<string, CommittedOffsets>()
    const data = response.responseBody as OffsetFetchResponseData
    const { apiVersion } = response.requestHeader
    for (const groupId of groupIds) {
      const group = offsetFetchResponseGroup(data, apiVersion, groupId)
      const error = Errors.forCode(group.errorCode)
      if (error === Errors.NONE) result.completedKeys.set(groupId, this.offsetsOf(group.topics))
      else handleGroupError({ api: 'OffsetFetch', groupId, error }, result, this.logger)
    }
    return result
  }

  private offsetsOf(
    topics: readonly Pick<OffsetFetchResponseTopics, 'name' | 'partitions'>[],
  ): CommittedOffsets {
    const offsets = new TopicPartitionMap<OffsetAndMetadata | null>()
    for (const { name, partitions } of topics) {
      for (const partition of partitions) {
        const topicPartition = new TopicPartition(name, partition.partitionIndex)
        const error = Errors.forCode(partition.errorCode)
        const { committedOffset, committedLeaderEpoch, metadata } = partition
        if (error !== Errors.NONE) {
          this.logger.warn(`Skipping return offset for ${topicPartition} due to error ${error}.`)
        } else if (committedOffset < 0) {
          offsets.set(topicPartition, null)
        } else {
          const value = new OffsetAndMetadata(committedOffset, committedLeaderEpoch, metadata)
          offsets.set(topicPartition, value)
        }
      }
    }
    return offsets
  }
}

/** `null`: all that the group has committed. */
const topicsOf = ({ topicPartitions }: ListConsumerGroupOffsetsSpec) =>
  topicPartitions === undefined
    ? null
    : Array.from(partitionsByTopic(topicPartitions), ([name, partitionIndexes]) => ({
        name,
        partitionIndexes,
      }))
