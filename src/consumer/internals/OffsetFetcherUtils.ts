/**
 * What the answers about offsets mean: to positions that wait for a reset, to positions that wait
 * for confirmation, and to what is known of the ends of the logs.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.OffsetFetcherUtils
 */

import { TopicAuthorizationException } from '../../common/errors/ApiExceptions.ts'
import { RetriableException } from '../../common/errors.ts'
import type { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import {
  type ReadonlyTopicPartitionMap,
  TopicPartitionMap,
} from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { Errors } from '../../protocol/Errors.ts'
import {
  ListOffsetsResponse,
  type ListOffsetsResponseData,
} from '../../protocol/messages/ListOffsets.ts'
import { LogTruncationException } from '../LogTruncationException.ts'
import { NoOffsetForPartitionException } from '../NoOffsetForPartitionException.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import { OffsetAndTimestamp } from '../OffsetAndTimestamp.ts'
import type { AutoOffsetResetStrategy } from './AutoOffsetResetStrategy.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import { FetchPosition } from './FetchPosition.ts'
import type { LogTruncation } from './LogTruncation.ts'
import { logRetry, type OffsetForEpochResult } from './OffsetsForLeaderEpochUtils.ts'
import type { PositionsValidator } from './PositionsValidator.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

/** What a broker has found. */
export interface ListOffsetData {
  readonly offset: number
  /** Of the record at `offset`; -1 when the question was not for a time. */
  readonly timestamp: number
  /** `null` when it is not known. */
  readonly leaderEpoch: number | null
}

export interface ListOffsetResult {
  readonly fetchedOffsets: TopicPartitionMap<ListOffsetData>
  readonly partitionsToRetry: TopicPartitionSet
}

export interface OffsetFetcherUtilsOptions {
  readonly logger: Logger
  readonly time: Time
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly retryBackoffMs: number
  readonly positionsValidator: PositionsValidator
}

export class OffsetFetcherUtils {
  private readonly logger: Logger
  private readonly time: Time
  private readonly metadata: ConsumerMetadata
  private readonly subscriptions: SubscriptionState
  private readonly retryBackoffMs: number
  private readonly positionsValidator: PositionsValidator
  /** An error of a reset, kept for whoever asks for positions next. */
  private cachedResetException: Error | null = null

  constructor(options: OffsetFetcherUtilsOptions) {
    this.logger = options.logger
    this.time = options.time
    this.metadata = options.metadata
    this.subscriptions = options.subscriptions
    this.retryBackoffMs = options.retryBackoffMs
    this.positionsValidator = options.positionsValidator
  }

  /**
   * Sorts the answers: found, to be asked again, forbidden. What exists but has no such record is
   * in neither list.
   *
   * @throws TopicAuthorizationException
   */
  handleListOffsetResponse(response: ListOffsetsResponseData): ListOffsetResult {
    const fetchedOffsets = new TopicPartitionMap<ListOffsetData>()
    const partitionsToRetry = new TopicPartitionSet()
    const unauthorizedTopics = new Set<string>()
    for (const { name, partitions } of response.topics) {
      for (const { partitionIndex, errorCode, offset, timestamp, leaderEpoch } of partitions) {
        const partition = new TopicPartition(name, partitionIndex)
        const error = Errors.forCode(errorCode)
        if (error === Errors.NONE) {
          const epoch = leaderEpoch === ListOffsetsResponse.UNKNOWN_EPOCH ? null : leaderEpoch
          if (offset === ListOffsetsResponse.UNKNOWN_OFFSET) continue
          fetchedOffsets.set(partition, { offset, timestamp, leaderEpoch: epoch })
        } else if (error === Errors.TOPIC_AUTHORIZATION_FAILED) {
          unauthorizedTopics.add(name)
        } else if (error === Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT) {
          this.logger.debug(`Cannot search ${partition} by time: its records have none`)
        } else {
          partitionsToRetry.add(partition)
          logRetry(this.logger, 'fetch offsets of', partition, error)
        }
      }
    }
    if (unauthorizedTopics.size > 0) {
      throw new TopicAuthorizationException(
        `Not authorized to access topics: [${[...unauthorizedTopics].join(', ')}]`,
        unauthorizedTopics,
      )
    }
    return { fetchedOffsets, partitionsToRetry }
  }

  // ---- resets

  /**
   * The partitions to be reset now, with the strategy of each. Throws what an earlier reset has
   * found.
   *
   * @throws NoOffsetForPartitionException
   */
  getOffsetResetStrategyForPartitions(): TopicPartitionMap<AutoOffsetResetStrategy> {
    const error = this.cachedResetException
    this.cachedResetException = null
    if (error !== null) throw error
    const strategies = new TopicPartitionMap<AutoOffsetResetStrategy>()
    for (const partition of this.subscriptions.partitionsNeedingReset(this.time.milliseconds())) {
      const strategy = this.subscriptions.resetStrategy(partition)
      if (strategy === null || strategy.type === 'none') {
        throw new NoOffsetForPartitionException([partition])
      }
      strategies.set(partition, strategy)
    }
    return strategies
  }

  onSuccessfulResponseForResettingPositions(
    { fetchedOffsets, partitionsToRetry }: ListOffsetResult,
    strategies: ReadonlyTopicPartitionMap<AutoOffsetResetStrategy>,
  ): void {
    if (partitionsToRetry.size > 0) {
      this.subscriptions.requestFailed(partitionsToRetry, this.retryTimeMs())
      this.metadata.requestUpdate(false)
    }
    for (const [partition, data] of fetchedOffsets) {
      this.resetPositionIfNeeded(partition, strategies.get(partition) ?? null, data)
    }
  }

  onFailedResponseForResettingPositions(partitions: Iterable<TopicPartition>, error: Error): void {
    this.subscriptions.requestFailed(partitions, this.retryTimeMs())
    this.metadata.requestUpdate(false)
    if (error instanceof RetriableException) return
    if (this.cachedResetException === null) this.cachedResetException = error
    else this.logger.error('Discarding an error of resetting positions: another is pending', error)
  }

  /** Goes where the broker says, unless the caller has gone elsewhere meanwhile. */
  resetPositionIfNeeded(
    partition: TopicPartition,
    requestedStrategy: AutoOffsetResetStrategy | null,
    { offset, leaderEpoch }: ListOffsetData,
  ): void {
    // Without epoch: the leader has just named this offset itself, there is nothing to confirm.
    const position = new FetchPosition(offset, null, this.metadata.currentLeader(partition))
    if (leaderEpoch !== null) this.metadata.updateLastSeenEpochIfNewer(partition, leaderEpoch)
    this.subscriptions.maybeSeekUnvalidated(partition, position, requestedStrategy)
  }

  // ---- validations

  onSuccessfulResponseForValidatingPositions(
    positions: ReadonlyTopicPartitionMap<FetchPosition>,
    { endOffsets, partitionsToRetry }: OffsetForEpochResult,
  ): void {
    if (partitionsToRetry.size > 0) {
      this.subscriptions.requestFailed(partitionsToRetry, this.retryTimeMs())
      this.metadata.requestUpdate(false)
    }
    const truncations: LogTruncation[] = []
    for (const [partition, endOffset] of endOffsets) {
      const asked = positions.get(partition)!
      const cut = this.subscriptions.maybeCompleteValidation(partition, asked, endOffset)
      if (cut !== null) truncations.push(cut)
    }
    if (truncations.length > 0) {
      this.positionsValidator.maybeSetError(logTruncationException(truncations))
    }
  }

  onFailedResponseForValidatingPositions(partitions: Iterable<TopicPartition>, error: Error): void {
    this.subscriptions.requestFailed(partitions, this.retryTimeMs())
    this.metadata.requestUpdate(false)
    if (!(error instanceof RetriableException)) this.positionsValidator.maybeSetError(error)
  }

  // ---- the ends of the logs

  /**
   * What a caller has asked for also tells us how far behind we are. As in Java, the answer to a
   * question for the beginning or a time is noted too; the next fetch puts that right.
   */
  updateSubscriptionState(
    fetchedOffsets: ReadonlyTopicPartitionMap<ListOffsetData>,
    isolationLevel: IsolationLevel,
  ): void {
    for (const [partition, { offset }] of fetchedOffsets) {
      const stillAssigned =
        isolationLevel === 'read_committed'
          ? this.subscriptions.tryUpdatingLastStableOffset(partition, offset)
          : this.subscriptions.tryUpdatingHighWatermark(partition, offset)
      if (!stillAssigned) {
        this.logger.debug(`Not noting the end of ${partition}: it is not assigned`)
      }
    }
  }

  /** One question for the end of a log at a time. @returns whether to ask */
  maybeSetPartitionEndOffsetRequest(partition: TopicPartition): boolean {
    if (this.subscriptions.partitionEndOffsetRequested(partition)) return false
    this.logger.info(`Requesting the log end offset for ${partition} in order to compute lag`)
    this.subscriptions.requestPartitionEndOffset(partition)
    return true
  }

  /** The question has failed: the next one may be asked. */
  clearPartitionEndOffsetRequests(partitions: Iterable<TopicPartition>): void {
    for (const partition of partitions) {
      this.subscriptions.maybeClearPartitionEndOffsetRequested(partition)
    }
  }

  private retryTimeMs(): number {
    return this.time.milliseconds() + this.retryBackoffMs
  }
}

/** For each partition that was asked about: what was found, or `null`. */
export const buildOffsetsForTimesResult = (
  partitions: Iterable<TopicPartition>,
  fetchedOffsets: ReadonlyTopicPartitionMap<ListOffsetData>,
): TopicPartitionMap<OffsetAndTimestamp | null> => {
  const result = new TopicPartitionMap<OffsetAndTimestamp | null>()
  for (const partition of partitions) result.set(partition, null)
  for (const [partition, { offset, timestamp, leaderEpoch }] of fetchedOffsets) {
    result.set(partition, new OffsetAndTimestamp(offset, timestamp, leaderEpoch))
  }
  return result
}

export const topicsForPartitions = (partitions: Iterable<TopicPartition>): Set<string> =>
  new Set([...partitions].map((partition) => partition.topic))

const logTruncationException = (truncations: readonly LogTruncation[]): LogTruncationException => {
  const fetchOffsets = new TopicPartitionMap<number>()
  const divergentOffsets = new TopicPartitionMap<OffsetAndMetadata>()
  for (const { topicPartition, fetchPosition, divergentOffset } of truncations) {
    fetchOffsets.set(topicPartition, fetchPosition.offset)
    if (divergentOffset !== null) divergentOffsets.set(topicPartition, divergentOffset)
  }
  return new LogTruncationException(fetchOffsets, divergentOffsets)
}
