/**
 * Where the group stopped: asks the coordinator for committed offsets, and begins to read there.
 *
 * Between question and answer the caller's time may run out. The question is kept then, and the
 * next call for the same partitions in the same generation waits for the same answer: a consumer
 * that polls with a short time-out would otherwise never get one.
 *
 * I1  At most one question is kept; one for other partitions, or another generation, replaces it.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 * @kafka
 *   org.apache.kafka.clients.consumer.internals.ConsumerCoordinator.PendingCommittedOffsetRequest
 */

import { offsetFetchRequestForTopicNames } from '../../clients/OffsetFetchRequest.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Timer } from '../../common/Timer.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { CommittingMember } from './CommittingMember.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import { FetchPosition } from './FetchPosition.ts'
import type { Generation } from './Generation.ts'
import { type CommittedOffsets, OffsetFetchResponseHandler } from './OffsetFetchResponseHandler.ts'
import { RequestFuture } from './RequestFuture.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface CommittedOffsetsFetcherOptions {
  readonly logger: Logger
  readonly client: ConsumerNetworkClient
  readonly member: CommittingMember
  readonly groupId: string
  readonly retryBackoff: ExponentialBackoff
  /** Whether a broker too old to wait for open transactions is an error. */
  readonly throwOnFetchStableOffsetsUnsupported: boolean
}

/** Goes to what was committed, where that is known and the partition is still ours. */
export const refreshCommittedOffsets = (
  offsets: CommittedOffsets,
  metadata: ConsumerMetadata,
  subscriptions: SubscriptionState,
  logger: Logger,
): void => {
  for (const [partition, committed] of offsets) {
    if (committed === null) continue
    const { offset, leaderEpoch } = committed
    if (leaderEpoch !== null) metadata.updateLastSeenEpochIfNewer(partition, leaderEpoch)
    if (!subscriptions.isAssigned(partition)) {
      logger.info(`Ignoring the committed ${committed}: ${partition} is no longer assigned`)
      continue
    }
    const leader = metadata.currentLeader(partition)
    const position = new FetchPosition(offset, leaderEpoch, leader)
    // The log may have been cut since the commit: the leader must confirm the position if it can.
    subscriptions.seekUnvalidated(partition, position)
    logger.info(`Setting offset for partition ${partition} to the committed offset ${position}`)
  }
}

interface PendingCommittedOffsetRequest {
  readonly partitions: TopicPartitionSet
  readonly generation: Generation | null
  readonly response: RequestFuture<CommittedOffsets>
}

export class CommittedOffsetsFetcher {
  private readonly options: CommittedOffsetsFetcherOptions
  private pending: PendingCommittedOffsetRequest | null = null

  constructor(options: CommittedOffsetsFetcherOptions) {
    this.options = options
  }

  /**
   * @returns for each partition its offset, or `null` where nothing was committed; `null` for the
   *   whole when the time is over
   * @throws GroupAuthorizationException and what else trying again cannot mend
   */
  async fetchCommittedOffsets(
    partitions: TopicPartitionSet,
    timer: Timer,
  ): Promise<CommittedOffsets | null> {
    if (partitions.size === 0) return new TopicPartitionMap()
    const { client, member, retryBackoff } = this.options
    const generation = member.generationIfStable()
    if (this.pending !== null && !isSameRequest(this.pending, partitions, generation)) {
      this.pending = null
    }
    let attempts = 0
    do {
      if (!(await member.ensureCoordinatorReady(timer))) return null
      this.pending ??= {
        partitions,
        generation,
        response: this.sendOffsetFetchRequest(partitions),
      }
      const { response } = this.pending
      await client.pollFuture(response, timer)
      if (!response.isDone()) return null
      this.pending = null
      if (response.succeeded()) return response.value()
      if (!response.isRetriable()) throw response.exception()
      await timer.sleep(retryBackoff.backoff(attempts++))
    } while (timer.notExpired())
    return null
  }

  private sendOffsetFetchRequest(partitions: TopicPartitionSet): RequestFuture<CommittedOffsets> {
    const { logger, client, member, groupId, throwOnFetchStableOffsetsUnsupported } = this.options
    const coordinator = member.checkAndGetCoordinator()
    if (coordinator === null) return RequestFuture.coordinatorNotAvailable()
    logger.debug(`Fetching committed offsets for partitions: ${partitions}`)
    const indexes = new Map<string, number[]>()
    for (const { topic, partition } of partitions) {
      const ofTopic = indexes.get(topic)
      if (ofTopic === undefined) indexes.set(topic, [partition])
      else ofTopic.push(partition)
    }
    const topics = [...indexes].map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
    const request = offsetFetchRequestForTopicNames({
      groups: [{ groupId, topics }],
      requireStable: true,
      throwOnFetchStableOffsetsUnsupported,
    })
    return client
      .send(coordinator, request)
      .compose(new OffsetFetchResponseHandler(logger, member, groupId))
  }
}

const isSameRequest = (
  pending: PendingCommittedOffsetRequest,
  partitions: TopicPartitionSet,
  generation: Generation | null,
): boolean => {
  const sameGeneration =
    generation === null || pending.generation === null
      ? generation === pending.generation
      : generation.equals(pending.generation)
  return sameGeneration && pending.partitions.equals(partitions)
}
