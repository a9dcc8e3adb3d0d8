/**
 * Forgets offsets of a group. A partition of a topic that a member subscribes to is refused.
 *
 * @kafka org.apache.kafka.clients.admin.internals.DeleteConsumerGroupOffsetsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { ReadonlyTopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { OffsetDeleteResponseData } from '../../protocol/messages/OffsetDelete.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import type { PartitionErrors } from './AlterConsumerGroupOffsetsHandler.ts'
import { CoordinatorStrategy } from './CoordinatorStrategy.ts'
import { handleGroupError } from './groupErrors.ts'
import { partitionsByTopic } from './partitionsByTopic.ts'

export class DeleteConsumerGroupOffsetsHandler implements AdminApiHandler<string, PartitionErrors> {
  readonly apiName = 'offsetDelete'
  readonly lookupStrategy: CoordinatorStrategy
  private readonly groupId: string
  private readonly partitions: ReadonlyTopicPartitionSet
  private readonly logger: Logger

  constructor(groupId: string, partitions: ReadonlyTopicPartitionSet, logger: Logger) {
    this.groupId = groupId
    this.partitions = partitions
    this.logger = logger
    this.lookupStrategy = new CoordinatorStrategy(logger)
  }

  buildRequest(
    _coordinatorId: number,
    keys: ReadonlySet<string>,
  ): readonly RequestAndKeys<string>[] {
    const topics = Array.from(partitionsByTopic(this.partitions), ([name, numbers]) => ({
      name,
      partitions: numbers.map((partitionIndex) => ({ partitionIndex })),
    }))
    const data = { groupId: this.groupId, topics }
    return batched(requestBuilder(ApiKeys.OFFSET_DELETE, data), keys)
  }

  handleResponse(
    _coordinator: Node,
    _keys: ReadonlySet<string>,
    response: ClientResponse,
  ): ApiResult<string, PartitionErrors> {
    const result = new ApiResult<string, PartitionErrors>()
    const { groupId } = this
    const { errorCode, topics } = response.responseBody as OffsetDeleteResponseData
    const error = Errors.forCode(errorCode)
    if (error !== Errors.NONE) {
      handleGroupError({ api: 'OffsetDelete', groupId, error }, result, this.logger)
      return result
    }
    const partitionErrors: PartitionErrors = new TopicPartitionMap()
    for (const { name, partitions } of topics) {
      for (const partition of partitions) {
        const topicPartition = new TopicPartition(name, partition.partitionIndex)
        partitionErrors.set(topicPartition, Errors.forCode(partition.errorCode))
      }
    }
    result.completedKeys.set(groupId, partitionErrors)
    return result
  }
}
