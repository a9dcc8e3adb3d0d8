/**
 * Asks leaders about offsets, for three reasons.
 *
 *     a position is missing     ListOffsets             resetPositionsIfNeeded
 *     a position is in doubt    OffsetForLeaderEpoch    validatePositionsIfNeeded
 *     the caller wants to know  ListOffsets             endOffsets, offsetsForTimes, …
 *
 * The first two go on in the background: they send, and the answer changes the `SubscriptionState`
 * whenever it comes. Only the third waits. Partitions are grouped by leader, one request each; what
 * could not be asked or was answered with "not me" is asked again after a refresh of the metadata.
 *
 * I1  A partition is not asked about again before the time in `setNextAllowedRetry` has come.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.OffsetFetcher
 */

import type { ApiVersions } from '../../clients/ApiVersions.ts'
import {
  RetriableException,
  StaleMetadataException,
  TimeoutException,
} from '../../common/errors.ts'
import type { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import {
  type ReadonlyTopicPartitionMap,
  TopicPartitionMap,
} from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { ListOffsetsRequest } from '../../protocol/messages/ListOffsets.ts'
import type { OffsetAndTimestamp } from '../OffsetAndTimestamp.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import type { FetchPosition } from './FetchPosition.ts'
import { type ListOffsetsTarget, listOffsetsRequest } from './ListOffsetsRequestBuilder.ts'
import {
  buildOffsetsForTimesResult,
  type ListOffsetData,
  type ListOffsetResult,
  OffsetFetcherUtils,
  topicsForPartitions,
} from './OffsetFetcherUtils.ts'
import { OffsetsForLeaderEpochClient } from './OffsetsForLeaderEpochClient.ts'
import { hasUsableOffsetForLeaderEpochVersion } from './OffsetsForLeaderEpochUtils.ts'
import { PositionsValidator } from './PositionsValidator.ts'
import { RequestFuture } from './RequestFuture.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface OffsetFetcherOptions {
  readonly logger: Logger
  readonly time: Time
  readonly client: ConsumerNetworkClient
  readonly metadata: ConsumerMetadata
  readonly subscriptions: SubscriptionState
  readonly apiVersions: ApiVersions
  readonly retryBackoffMs: number
  readonly requestTimeoutMs: number
  readonly isolationLevel: IsolationLevel
}

/** What is asked of one leader. */
interface LeaderTargets {
  readonly node: Node
  readonly targets: TopicPartitionMap<ListOffsetsTarget>
}

export class OffsetFetcher {
  private readonly logger: Logger
  private readonly time: Time
  private readonly client: ConsumerNetworkClient
  private readonly metadata: ConsumerMetadata
  private readonly subscriptions: SubscriptionState
  private readonly apiVersions: ApiVersions
  private readonly requestTimeoutMs: number
  private readonly isolationLevel: IsolationLevel
  private readonly offsetsForLeaderEpochClient: OffsetsForLeaderEpochClient
  private readonly positionsValidator: PositionsValidator
  private readonly utils: OffsetFetcherUtils

  constructor(options: OffsetFetcherOptions) {
    this.logger = options.logger
    this.time = options.time
    this.client = options.client
    this.metadata = options.metadata
    this.subscriptions = options.subscriptions
    this.apiVersions = options.apiVersions
    this.requestTimeoutMs = options.requestTimeoutMs
    this.isolationLevel = options.isolationLevel
    this.offsetsForLeaderEpochClient = new OffsetsForLeaderEpochClient(this.client, this.logger)
    this.positionsValidator = new PositionsValidator(options)
    this.utils = new OffsetFetcherUtils({ ...options, positionsValidator: this.positionsValidator })
  }

  // ---- missing positions

  /**
   * Asks for the positions that wait for a reset.
   *
   * @throws NoOffsetForPartitionException, and what an earlier answer said
   */
  resetPositionsIfNeeded(): void {
    const strategies = this.utils.getOffsetResetStrategyForPartitions()
    if (strategies.size === 0) return
    const nowMs = this.time.milliseconds()
    const timestamps = new TopicPartitionMap<number>()
    for (const [partition, strategy] of strategies) {
      timestamps.set(partition, strategy.timestamp(nowMs)!)
    }
    for (const { node, targets } of this.groupListOffsetRequests(
      timestamps,
      new TopicPartitionSet(),
    )) {
      this.subscriptions.setNextAllowedRetry(targets.keys(), nowMs + this.requestTimeoutMs)
      this.sendListOffsetRequest(node, targets).addListener({
        onSuccess: (result) =>
          this.utils.onSuccessfulResponseForResettingPositions(result, strategies),
        onFailure: (error) =>
          this.utils.onFailedResponseForResettingPositions(targets.keys(), error),
      })
    }
  }

  // ---- doubtful positions

  /**
   * Asks about the positions whose leader has changed.
   *
   * @throws LogTruncationException, and what else an earlier answer said
   */
  validatePositionsIfNeeded(): void {
    const positions = this.positionsValidator.refreshAndGetPartitionsToValidate()
    const retryMs = this.time.milliseconds() + this.requestTimeoutMs
    for (const { node, positions: ofNode } of byLeader(positions)) {
      if (node.isEmpty()) {
        this.metadata.requestUpdate(true)
        continue
      }
      const versions = this.apiVersions.get(node.idString())
      if (!versions) {
        // Which versions it speaks is known once we are connected.
        this.client.tryConnect(node)
      } else if (!hasUsableOffsetForLeaderEpochVersion(versions)) {
        this.logger.debug(`Skipping validation of [${[...ofNode.keys()]}]: ${node} is too old`)
        for (const partition of ofNode.keys()) this.subscriptions.completeValidation(partition)
      } else {
        this.subscriptions.setNextAllowedRetry(ofNode.keys(), retryMs)
        this.offsetsForLeaderEpochClient.sendAsyncRequest(node, ofNode).addListener({
          onSuccess: (result) =>
            this.utils.onSuccessfulResponseForValidatingPositions(ofNode, result),
          onFailure: (error) =>
            this.utils.onFailedResponseForValidatingPositions(ofNode.keys(), error),
        })
      }
    }
  }

  validatePositionsOnMetadataChange(): void {
    this.positionsValidator.validatePositionsOnMetadataChange()
  }

  // ---- the caller wants to know

  /** @returns per partition the first record at or after its time; `null` when there is none */
  async offsetsForTimes(
    timestampsToSearch: ReadonlyTopicPartitionMap<number>,
    timer: Timer,
  ): Promise<TopicPartitionMap<OffsetAndTimestamp | null>> {
    const fetched = await this.fetchOffsets(timestampsToSearch, timer)
    return buildOffsetsForTimesResult(timestampsToSearch.keys(), fetched)
  }

  /** @throws TimeoutException when not all leaders have answered in time */
  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    timer: Timer,
  ): Promise<TopicPartitionMap<number>> {
    return this.beginningOrEndOffset(partitions, ListOffsetsRequest.EARLIEST_TIMESTAMP, timer)
  }

  /** @throws TimeoutException when not all leaders have answered in time */
  endOffsets(
    partitions: Iterable<TopicPartition>,
    timer: Timer,
  ): Promise<TopicPartitionMap<number>> {
    return this.beginningOrEndOffset(partitions, ListOffsetsRequest.LATEST_TIMESTAMP, timer)
  }

  /**
   * How many records behind the end of its log a partition is, going by what was last heard.
   *
   * @returns `null` when that is not known; then it is asked for, and a later call will know
   */
  currentLag(partition: TopicPartition): number | null {
    const lag = this.subscriptions.partitionLag(partition, this.isolationLevel)
    if (lag !== null) return lag
    const endIsKnown =
      this.subscriptions.partitionEndOffset(partition, this.isolationLevel) !== null
    if (!endIsKnown && this.utils.maybeSetPartitionEndOffsetRequest(partition)) {
      this.requestEndOffset(partition)
    }
    return null
  }

  private requestEndOffset(partition: TopicPartition): void {
    const timestamps = new TopicPartitionMap([[partition, ListOffsetsRequest.LATEST_TIMESTAMP]])
    this.metadata.addTransientTopics([partition.topic])
    try {
      this.sendListOffsetsRequests(timestamps).addListener({
        onSuccess: ({ fetchedOffsets, partitionsToRetry }) => {
          this.utils.updateSubscriptionState(fetchedOffsets, this.isolationLevel)
          this.utils.clearPartitionEndOffsetRequests(partitionsToRetry)
        },
        onFailure: (error) => {
          this.utils.clearPartitionEndOffsetRequests([partition])
          if (!(error instanceof RetriableException)) throw error
        },
      })
    } finally {
      this.metadata.clearTransientTopics()
    }
  }

  private async beginningOrEndOffset(
    partitions: Iterable<TopicPartition>,
    timestamp: number,
    timer: Timer,
  ): Promise<TopicPartitionMap<number>> {
    const timestamps = new TopicPartitionMap<number>()
    for (const partition of partitions) timestamps.set(partition, timestamp)
    const offsets = new TopicPartitionMap<number>()
    for (const [partition, { offset }] of await this.fetchOffsets(timestamps, timer)) {
      offsets.set(partition, offset)
    }
    return offsets
  }

  /** Asks, and asks again for what is left, until all is known or the time is over. */
  private async fetchOffsets(
    timestampsToSearch: ReadonlyTopicPartitionMap<number>,
    timer: Timer,
  ): Promise<TopicPartitionMap<ListOffsetData>> {
    const found = new TopicPartitionMap<ListOffsetData>()
    if (timestampsToSearch.size === 0) return found
    let remaining = new TopicPartitionMap(timestampsToSearch)
    this.metadata.addTransientTopics(topicsForPartitions(remaining.keys()))
    try {
      do {
        const future = this.sendListOffsetsRequests(remaining)
        future.addListener({
          onSuccess: ({ fetchedOffsets, partitionsToRetry }) => {
            found.setAll(fetchedOffsets)
            remaining = only(remaining, partitionsToRetry)
            this.utils.updateSubscriptionState(fetchedOffsets, this.isolationLevel)
          },
          onFailure: (error) => {
            if (!(error instanceof RetriableException)) throw error
          },
        })
        // Without any time nobody waits, and what is not known yet is not in the result.
        if (timer.getTimeoutMs() === 0) return found
        if (!(await this.client.pollFuture(future, timer))) break
        if (remaining.size === 0) return found
        await this.client.awaitMetadataUpdate(timer)
      } while (timer.notExpired())
    } finally {
      this.metadata.clearTransientTopics()
    }
    throw new TimeoutException(
      `Failed to get offsets by times in ${timer.elapsedMs()} ms: the leaders of ` +
        `[${[...remaining.keys()].join(', ')}] are not known or did not answer.` +
        this.client.connectionProblem(),
    )
  }

  /** One request per leader; the future is done when all have answered, or one has failed. */
  private sendListOffsetsRequests(
    timestampsToSearch: ReadonlyTopicPartitionMap<number>,
  ): RequestFuture<ListOffsetResult> {
    const partitionsToRetry = new TopicPartitionSet()
    const requests = this.groupListOffsetRequests(timestampsToSearch, partitionsToRetry)
    if (requests.length === 0) {
      return RequestFuture.failure(
        new StaleMetadataException('No leader of the partitions in question can be asked now.'),
      )
    }
    const all = new RequestFuture<ListOffsetResult>()
    const fetchedOffsets = new TopicPartitionMap<ListOffsetData>()
    let remainingResponses = requests.length
    for (const { node, targets } of requests) {
      this.sendListOffsetRequest(node, targets).addListener({
        onSuccess: (partial) => {
          fetchedOffsets.setAll(partial.fetchedOffsets)
          for (const partition of partial.partitionsToRetry) partitionsToRetry.add(partition)
          remainingResponses--
          if (remainingResponses === 0 && !all.isDone()) {
            all.complete({ fetchedOffsets, partitionsToRetry })
          }
        },
        onFailure: (error) => {
          if (!all.isDone()) all.raise(error)
        },
      })
    }
    return all
  }

  /**
   * @param partitionsToRetry gets the partitions whose leader is not known or cannot be reached now
   */
  private groupListOffsetRequests(
    timestampsToSearch: ReadonlyTopicPartitionMap<number>,
    partitionsToRetry: TopicPartitionSet,
  ): readonly LeaderTargets[] {
    const byNode = new Map<number, LeaderTargets>()
    for (const [partition, timestamp] of timestampsToSearch) {
      const { leader: node, epoch } = this.metadata.currentLeader(partition)
      if (node === null) {
        this.metadata.requestUpdate(true)
        partitionsToRetry.add(partition)
      } else if (this.client.isUnavailable(node)) {
        this.client.maybeThrowAuthFailure(node)
        // The disconnection has asked for metadata already.
        partitionsToRetry.add(partition)
      } else {
        let request = byNode.get(node.id)
        if (request === undefined) {
          byNode.set(node.id, (request = { node, targets: new TopicPartitionMap() }))
        }
        request.targets.set(partition, { timestamp, currentLeaderEpoch: epoch })
      }
    }
    return [...byNode.values()]
  }

  private sendListOffsetRequest(
    node: Node,
    targets: ReadonlyTopicPartitionMap<ListOffsetsTarget>,
  ): RequestFuture<ListOffsetResult> {
    const request = listOffsetsRequest(targets, this.isolationLevel, this.requestTimeoutMs)
    return this.client.send(node, request).compose<ListOffsetResult>({
      onSuccess: (response, future) => {
        let result: ListOffsetResult
        try {
          result = this.utils.handleListOffsetResponse(response.responseBody!)
        } catch (error) {
          future.raise(error as Error)
          return
        }
        future.complete(result)
      },
    })
  }
}

const only = <V>(map: TopicPartitionMap<V>, wanted: TopicPartitionSet): TopicPartitionMap<V> =>
  new TopicPartitionMap([...map].filter(([partition]) => wanted.has(partition)))

const byLeader = (
  positions: ReadonlyTopicPartitionMap<FetchPosition>,
): readonly { node: Node; positions: TopicPartitionMap<FetchPosition> }[] => {
  const byNode = new Map<number, { node: Node; positions: TopicPartitionMap<FetchPosition> }>()
  for (const [partition, position] of positions) {
    const { leader: node } = position.currentLeader
    if (node === null) continue
    let group = byNode.get(node.id)
    if (group === undefined)
      byNode.set(node.id, (group = { node, positions: new TopicPartitionMap() }))
    group.positions.set(partition, position)
  }
  return [...byNode.values()]
}
