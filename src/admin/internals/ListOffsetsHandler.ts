/**
 * Asks the leaders of partitions for offsets: the first, the end, or that of a time.
 *
 * @kafka org.apache.kafka.clients.admin.internals.ListOffsetsHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { requestBuilder } from '../../clients/RequestBuilder.ts'
import type { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { ApiException } from '../../common/errors.ts'
import { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import {
  ListOffsetsRequest,
  ListOffsetsResponse,
  type ListOffsetsResponseData,
} from '../../protocol/messages/ListOffsets.ts'
import type { ListOffsetsResultInfo } from '../ListOffsetsResult.ts'
import { type AdminApiHandler, ApiResult, batched, type RequestAndKeys } from './AdminApiHandler.ts'
import { PartitionLeaderStrategy } from './PartitionLeaderStrategy.ts'
import { partitionsByTopic } from './partitionsByTopic.ts'

export interface ListOffsetsHandlerOptions {
  /** Milliseconds since 1970, or a place, by partition. */
  readonly timestamps: ReadonlyMap<TopicPartition, number>
  readonly isolationLevel: IsolationLevel
  readonly timeoutMs: number
  readonly logger: Logger
}

/** The version from which on a place may be asked for, the newest first. */
const MIN_VERSIONS: readonly (readonly [place: number, version: number])[] = [
  [ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP, 11],
  [ListOffsetsRequest.LATEST_TIERED_TIMESTAMP, 9],
  [ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP, 8],
  [ListOffsetsRequest.MAX_TIMESTAMP, 7],
]

/** Someone else leads now: look it up. */
const LOOKED_UP: ReadonlySet<Errors> = new Set([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.LEADER_NOT_AVAILABLE,
])

type Result = ApiResult<TopicPartition, ListOffsetsResultInfo>

export class ListOffsetsHandler implements AdminApiHandler<TopicPartition, ListOffsetsResultInfo> {
  readonly apiName = 'listOffsets'
  readonly lookupStrategy: PartitionLeaderStrategy
  private readonly options: ListOffsetsHandlerOptions
  /** Responses bring equal partitions; the driver knows the ones that were asked for. */
  private readonly keys: TopicPartitionMap<TopicPartition>

  constructor(options: ListOffsetsHandlerOptions) {
    this.options = options
    this.lookupStrategy = new PartitionLeaderStrategy(options.logger)
    this.keys = new TopicPartitionMap(Array.from(options.timestamps.keys(), (key) => [key, key]))
  }

  buildRequest(
    _brokerId: number,
    keys: ReadonlySet<TopicPartition>,
  ): readonly RequestAndKeys<TopicPartition>[] {
    const { isolationLevel, timeoutMs } = this.options
    const timestampOf = (key: TopicPartition) => this.timestampOf(this.keys.get(key)!)
    const topics = Array.from(partitionsByTopic(keys), ([name, numbers]) => ({
      name,
      partitions: numbers.map((partitionIndex) => ({
        partitionIndex,
        timestamp: timestampOf(new TopicPartition(name, partitionIndex)),
      })),
    }))
    const data = {
      replicaId: ListOffsetsRequest.CONSUMER_REPLICA_ID,
      isolationLevel: IsolationLevel.id(isolationLevel),
      topics,
      timeoutMs,
    }
    const request = requestBuilder(ApiKeys.LIST_OFFSETS, data, { oldest: this.minVersion(keys) })
    return batched(request, keys)
  }

  private minVersion(keys: ReadonlySet<TopicPartition>): number {
    const timestamps = new Set(Array.from(keys, (key) => this.timestampOf(key)))
    const [, version] = MIN_VERSIONS.find(([place]) => timestamps.has(place)) ?? []
    // 1 brought asking for a time, 2 the isolation level.
    return version ?? (this.options.isolationLevel === 'read_committed' ? 2 : 1)
  }

  private timestampOf(key: TopicPartition): number {
    return this.options.timestamps.get(key)!
  }

  handleResponse(
    broker: Node,
    keys: ReadonlySet<TopicPartition>,
    response: ClientResponse,
  ): Result {
    const result: Result = new ApiResult()
    const retried = new Set<TopicPartition>()
    const { topics } = response.responseBody as ListOffsetsResponseData
    for (const { name, partitions } of topics) {
      for (const { partitionIndex, errorCode, offset, timestamp, leaderEpoch } of partitions) {
        const key = this.keys.get(new TopicPartition(name, partitionIndex))
        const error = Errors.forCode(errorCode)
        if (key === undefined) {
          this.options.logger.warn(`ListOffsets names ${name}-${partitionIndex}, not asked for`)
        } else if (error !== Errors.NONE) {
          this.handlePartitionError(key, error, result, retried)
        } else {
          const known = leaderEpoch !== ListOffsetsResponse.UNKNOWN_EPOCH
          const epoch = known ? leaderEpoch : null
          result.completedKeys.set(key, { offset, timestamp, leaderEpoch: epoch })
        }
      }
    }
    if (result.unmappedKeys.size === 0) this.failUnanswered(broker, keys, result, retried)
    return result
  }

  private handlePartitionError(
    key: TopicPartition,
    error: Errors,
    result: Result,
    retried: Set<TopicPartition>,
  ): void {
    const { logger } = this.options
    logger.debug(`ListOffsets for ${key} returned ${error}`)
    if (LOOKED_UP.has(error)) result.unmappedKeys.add(key)
    else if (error.retriable) retried.add(key)
    else result.failedKeys.set(key, error.exception()!)
  }

  /** A leader answers for every partition. One that does not must not leave a caller waiting. */
  private failUnanswered(
    broker: Node,
    keys: ReadonlySet<TopicPartition>,
    { completedKeys, failedKeys }: Result,
    retried: ReadonlySet<TopicPartition>,
  ): void {
    for (const key of keys) {
      if (completedKeys.has(key) || failedKeys.has(key) || retried.has(key)) continue
      const what = `did not contain a result for topic partition ${key}`
      const message = `The response from broker ${broker.id} ${what}`
      failedKeys.set(key, new ApiException(message))
    }
  }

  /** The others may go without those that ask for the highest timestamp. */
  handleUnsupportedVersionException(
    brokerId: number,
    exception: UnsupportedVersionException,
    keys: ReadonlySet<TopicPartition>,
  ): ReadonlyMap<TopicPartition, Error> {
    const { logger } = this.options
    logger.warn(`Broker ${brokerId} does not support MAX_TIMESTAMP offset specs`)
    const { MAX_TIMESTAMP } = ListOffsetsRequest
    const blamed = [...keys].filter((key) => this.timestampOf(key) === MAX_TIMESTAMP)
    const failed = blamed.length > 0 ? blamed : [...keys]
    return new Map(failed.map((key) => [key, exception]))
  }
}
