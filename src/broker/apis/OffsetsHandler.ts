/**
 * `ListOffsets` and `OffsetForLeaderEpoch`: where a moment, or an epoch, is in a partition.
 *
 * @kafka kafka.server.ReplicaManager (fetchOffset, lastOffsetForLeaderEpoch)
 */

import { OffsetNotAvailableException } from '../../common/errors/ApiExceptions.ts'
import { ApiException } from '../../common/errors.ts'
import { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { Logger } from '../../common/Logger.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors, type WireError } from '../../protocol/Errors.ts'
import {
  type ListOffsetsPartition,
  ListOffsetsRequest,
  type ListOffsetsRequestData,
  type ListOffsetsResponseInput,
} from '../../protocol/messages/ListOffsets.ts'
import type {
  OffsetForLeaderEpochRequestData,
  OffsetForLeaderEpochResponseInput,
  OffsetForLeaderPartition,
} from '../../protocol/messages/OffsetForLeaderEpoch.ts'
import type { ReplicaManager } from '../replica/ReplicaManager.ts'

type TopicResponse = NonNullable<ListOffsetsResponseInput['topics']>[number]
type PartitionResponse = NonNullable<TopicResponse['partitions']>[number]
type EpochTopic = NonNullable<OffsetForLeaderEpochResponseInput['topics']>[number]
type EpochPartition = NonNullable<EpochTopic['partitions']>[number]

const CONSUMER_REPLICA_ID = -1
const DEBUGGING_REPLICA_ID = -2

/** From which version on each of the times that are none may be asked for. */
const SINCE_VERSION: ReadonlyMap<number, number> = new Map([
  [ListOffsetsRequest.MAX_TIMESTAMP, 7],
  [ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP, 8],
  [ListOffsetsRequest.LATEST_TIERED_TIMESTAMP, 9],
  [ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP, 11],
])

export class OffsetsHandler {
  private readonly replicaManager: ReplicaManager
  private readonly logger: Logger

  constructor(replicaManager: ReplicaManager, logger: Logger) {
    this.replicaManager = replicaManager
    this.logger = logger
  }

  /** @throws IllegalArgumentException for an isolation level that there is not */
  listOffsets(request: ListOffsetsRequestData, version: number): ListOffsetsResponseInput {
    const duplicates = duplicatePartitions(request)
    const isConsumer = request.replicaId === CONSUMER_REPLICA_ID
    const isolation = isConsumer ? IsolationLevel.forId(request.isolationLevel) : undefined
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partition) => {
          const topicPartition = new TopicPartition(name, partition.partitionIndex)
          if (duplicates.has(topicPartition.key)) {
            return errorResponse(partition, Errors.INVALID_REQUEST)
          }
          return this.listOffset(topicPartition, partition, isolation, request.replicaId, version)
        }),
      })),
    }
  }

  offsetForLeaderEpoch(
    request: OffsetForLeaderEpochRequestData,
  ): OffsetForLeaderEpochResponseInput {
    return {
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((each) => this.endOfEpoch(topic, each)),
      })),
    }
  }

  private listOffset(
    topicPartition: TopicPartition,
    partition: ListOffsetsPartition,
    isolation: IsolationLevel | undefined,
    replicaId: number,
    version: number,
  ): PartitionResponse {
    if (isUnsupported(partition.timestamp, version)) {
      return errorResponse(partition, Errors.UNSUPPORTED_VERSION)
    }
    try {
      const found = this.replicaManager
        .getPartitionOrException({ topicPartition, topicId: Uuid.ZERO_UUID })
        .fetchOffsetForTimestamp(
          partition.timestamp,
          isolation,
          partition.currentLeaderEpoch,
          replicaId !== DEBUGGING_REPLICA_ID,
        )
      if (found === undefined) return errorResponse(partition, Errors.NONE)
      return {
        partitionIndex: partition.partitionIndex,
        errorCode: Errors.NONE.code,
        timestamp: found.timestamp,
        offset: found.offset,
        ...(version >= 4 && { leaderEpoch: found.leaderEpoch ?? -1 }),
      }
    } catch (error) {
      return errorResponse(partition, this.errorOf(error, topicPartition, version))
    }
  }

  private endOfEpoch(topic: string, partition: OffsetForLeaderPartition): EpochPartition {
    const topicPartition = new TopicPartition(topic, partition.partition)
    try {
      const end = this.replicaManager
        .getPartitionOrException({ topicPartition, topicId: Uuid.ZERO_UUID })
        .lastOffsetForLeaderEpoch(partition.currentLeaderEpoch, partition.leaderEpoch, true)
      return {
        partition: partition.partition,
        errorCode: Errors.NONE.code,
        leaderEpoch: end.epoch,
        endOffset: end.endOffset,
      }
    } catch (error) {
      const { code } = this.errorOf(error, topicPartition, 5)
      return { partition: partition.partition, errorCode: code }
    }
  }

  private errorOf(error: unknown, topicPartition: TopicPartition, version: number): WireError {
    if (!(error instanceof ApiException)) {
      this.logger.error(`Error while responding to an offset request for ${topicPartition}`, error)
    }
    // Clients before version 5 know no word for "not yet".
    if (error instanceof OffsetNotAvailableException && version < 5) {
      return Errors.LEADER_NOT_AVAILABLE
    }
    return Errors.forException(error)
  }
}

const isUnsupported = (timestamp: number, version: number): boolean => {
  if (timestamp >= ListOffsetsRequest.EARLIEST_TIMESTAMP) return false
  const since = SINCE_VERSION.get(timestamp)
  return since === undefined || version < since
}

const errorResponse = (partition: ListOffsetsPartition, error: WireError): PartitionResponse => ({
  partitionIndex: partition.partitionIndex,
  errorCode: error.code,
  timestamp: -1,
  offset: -1,
})

const duplicatePartitions = (request: ListOffsetsRequestData): Set<string> => {
  const seen = new Set<string>()
  const duplicates = new Set<string>()
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const { key } = new TopicPartition(name, partitionIndex)
      if (seen.has(key)) duplicates.add(key)
      seen.add(key)
    }
  }
  return duplicates
}
