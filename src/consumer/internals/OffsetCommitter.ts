/**
 * Stores how far the consumer has come, when the program says so or when the time has come
 * (`AutoCommit`).
 *
 *     commitSync  ──► request ──► poll until answered ──► again, if that may help
 *     commitAsync ──► request ──► returns
 *                        └─ answered ─► completed ─► callback, in the program's next call
 *
 * Why a callback waits for the next call: it is the program's own code, and it would otherwise run
 * inside any poll, even in that of the heartbeat loop, in the middle of something else.
 *
 * An asynchronous commit is sent once. Trying again could overtake a newer one and move the stored
 * offset back; so the program is told, and commits what is newest by then.
 *
 * I1  Callbacks run in the order in which the commits were answered, each exactly once.
 * I2  When `commitOffsetsSync` returns, the callbacks of all commits before it have run.
 * I3  What is committed is the next offset to be read, of records that `poll` has handed out:
 *     never those that lie in a buffer.
 * I4  A member that is between two generations commits nothing: whoever has its partitions next may
 *     have begun already.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 * @simplified `commitOffsetsAsync` returns at once, also while the coordinator is looked for. Java
 *   does a round of I/O first, for which one would have to wait here.
 */

import { offsetCommitRequestForTopicNames } from '../../clients/OffsetCommitRequest.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import {
  FencedInstanceIdException,
  RebalanceInProgressException,
} from '../../common/errors/CoordinatorExceptions.ts'
import { RetriableException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Timer } from '../../common/Timer.ts'
import type { ReadonlyTopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { Trace } from '../../common/Trace.ts'
import type { OffsetCommitRequestInput } from '../../protocol/messages/OffsetCommit.ts'
import { CommitFailedException } from '../CommitFailedException.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import type { OffsetCommitCallback } from '../OffsetCommitCallback.ts'
import { RetriableCommitFailedException } from '../RetriableCommitFailedException.ts'
import type { CommittingMember } from './CommittingMember.ts'
import type { ConsumerCoordinatorMetrics } from './ConsumerCoordinatorMetrics.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import { Generation } from './Generation.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'
import { OffsetCommitResponseHandler } from './OffsetCommitResponseHandler.ts'
import { RequestFuture } from './RequestFuture.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export type Offsets = ReadonlyTopicPartitionMap<OffsetAndMetadata>

export interface OffsetCommitterOptions {
  readonly logger: Logger
  readonly trace: Trace
  readonly client: ConsumerNetworkClient
  readonly config: GroupRebalanceConfig
  readonly subscriptions: SubscriptionState
  readonly member: CommittingMember
  readonly retryBackoff: ExponentialBackoff
  readonly metrics: ConsumerCoordinatorMetrics
  /** Told of every commit that succeeded. */
  readonly interceptors: { onCommit(offsets: Offsets): void } | null
}

export class OffsetCommitter {
  private readonly options: OffsetCommitterOptions
  /** Answered commits whose callbacks have not run yet, the oldest first. */
  private readonly completed: (() => void)[] = []
  /** Sent, and not answered. */
  private inFlight = 0
  /** Not sent yet, for the coordinator is looked for. */
  private pending = 0
  private asyncCommitFenced = false

  constructor(options: OffsetCommitterOptions) {
    this.options = options
  }

  /** Asynchronous commits that have been sent and not been answered. */
  inFlightAsyncCommits(): number {
    return this.inFlight
  }

  /** Asynchronous commits that wait for the coordinator to be found. */
  pendingAsyncCommits(): number {
    return this.pending
  }

  /** @throws FencedInstanceIdException when another instance has taken this member's name */
  invokeCompletedOffsetCommitCallbacks(): void {
    if (this.asyncCommitFenced) {
      const instanceId = this.options.config.groupInstanceId ?? 'unset_instance_id'
      throw new FencedInstanceIdException(
        `Get fenced exception for group.instance.id ${instanceId}, current member.id is ` +
          this.options.member.memberId(),
      )
    }
    for (let invoke = this.completed.shift(); invoke; invoke = this.completed.shift()) invoke()
  }

  /**
   * Commits, and does not wait.
   *
   * @param callback `null`: a failure is logged
   * @returns `null` when the request has to wait for the coordinator
   * @throws whatever a callback throws that was due
   */
  commitOffsetsAsync(
    offsets: Offsets,
    callback: OffsetCommitCallback | null,
  ): RequestFuture<void> | null {
    const { member } = this.options
    this.invokeCompletedOffsetCommitCallbacks()
    // Nothing to commit needs no coordinator.
    if (offsets.size === 0 || !member.coordinatorUnknown()) {
      const future = this.doCommitOffsetsAsync(offsets, callback)
      this.transmit()
      return future
    }
    // Sent when the coordinator is found; if it is not, this commit has failed. Several may wait
    // for the same answer: they are called in the order in which they came.
    this.pending++
    member.lookupCoordinator().addListener({
      onSuccess: () => {
        this.pending--
        this.doCommitOffsetsAsync(offsets, callback)
        this.transmit()
      },
      onFailure: (error) => {
        this.pending--
        this.complete(offsets, callback, new RetriableCommitFailedException(error))
      },
    })
    this.transmit()
    return null
  }

  /**
   * Commits, and waits until it is done, trying again where that may help.
   *
   * @returns `false` only when the time is over
   * @throws CommitFailedException when the group has gone on without this member, and what else
   *   trying again cannot mend
   */
  async commitOffsetsSync(offsets: Offsets, timer: Timer): Promise<boolean> {
    const { client, member, retryBackoff, interceptors } = this.options
    this.invokeCompletedOffsetCommitCallbacks()
    if (offsets.size === 0) return this.invokePendingAsyncCommits(timer)
    let attempts = 0
    do {
      if (member.coordinatorUnknown() && !(await member.ensureCoordinatorReady(timer))) return false
      const future = this.sendOffsetCommitRequest(offsets)
      await client.pollFuture(future, timer)
      // I2.
      this.invokeCompletedOffsetCommitCallbacks()
      if (future.succeeded()) {
        interceptors?.onCommit(offsets)
        return true
      }
      if (future.failed() && !future.isRetriable()) throw future.exception()
      await timer.sleep(retryBackoff.backoff(attempts++))
    } while (timer.notExpired())
    return false
  }

  /** Before closing: gives commits that still wait for the coordinator a chance to be sent. */
  async awaitPendingAsyncCommits(timer: Timer): Promise<void> {
    const { client, member } = this.options
    while (this.pending > 0 && timer.notExpired()) {
      await member.ensureCoordinatorReady(timer)
      await client.poll(timer)
      this.invokeCompletedOffsetCommitCallbacks()
    }
  }

  /** The request by itself. Empty offsets succeed at once. */
  sendOffsetCommitRequest(offsets: Offsets): RequestFuture<void> {
    const { logger, client, config, member, metrics, subscriptions, trace } = this.options
    if (offsets.size === 0) return RequestFuture.voidSuccess()
    const coordinator = member.checkAndGetCoordinator()
    if (coordinator === null) return RequestFuture.coordinatorNotAvailable()

    const isMember = subscriptions.hasAutoAssignedPartitions()
    const generation = isMember ? member.generationIfStable() : Generation.NO_GENERATION
    if (generation === null) return RequestFuture.failure(this.notInGroup())
    const { groupId } = config
    const groupInstanceId = isMember ? config.groupInstanceId : null
    const { generationId, memberId } = generation
    if (logger.isEnabled('debug')) {
      logger.debug(`Sending OffsetCommit request with ${offsets} to coordinator ${coordinator}`)
    }
    if (trace.enabled) {
      const partitions = offsets.size
      trace.emit('consumer.coordinator.commit', {
        group: groupId,
        member: memberId,
        generation: generationId,
        partitions,
      })
    }
    const request = offsetCommitRequestForTopicNames({
      groupId,
      generationIdOrMemberEpoch: generationId,
      memberId,
      groupInstanceId,
      topics: topicsOf(offsets),
    })
    return client.send(coordinator, request).compose(
      new OffsetCommitResponseHandler({
        logger,
        member,
        groupId,
        groupInstanceId,
        offsets,
        sentGeneration: generation,
        recordLatency: (latencyMs) => metrics.recordCommitLatency(latencyMs),
      }),
    )
  }

  toString(): string {
    return (
      `OffsetCommitter(inFlight=${this.inFlight}, waiting for coordinator=${this.pending}, ` +
      `callbacks to run=${this.completed.length})`
    )
  }

  private doCommitOffsetsAsync(
    offsets: Offsets,
    callback: OffsetCommitCallback | null,
  ): RequestFuture<void> {
    const future = this.sendOffsetCommitRequest(offsets)
    this.inFlight++
    future.addListener({
      onSuccess: () => {
        this.inFlight--
        this.options.interceptors?.onCommit(offsets)
        this.complete(offsets, callback, null)
      },
      onFailure: (error) => {
        this.inFlight--
        const retriable = error instanceof RetriableException
        this.complete(
          offsets,
          callback,
          retriable ? new RetriableCommitFailedException(error) : error,
        )
        if (error instanceof FencedInstanceIdException) this.asyncCommitFenced = true
      },
    })
    return future
  }

  private complete(
    offsets: Offsets,
    callback: OffsetCommitCallback | null,
    error: Error | null,
  ): void {
    this.completed.push(() => {
      if (callback !== null) callback(offsets, error)
      else if (error !== null) {
        this.options.logger.error(`Offset commit with offsets ${offsets} failed`, error)
      }
    })
  }

  /** For a synchronous commit of nothing, which still promises I2. */
  private async invokePendingAsyncCommits(timer: Timer): Promise<boolean> {
    const { client, member, retryBackoff } = this.options
    if (this.inFlight === 0) return true
    let attempts = 0
    do {
      await member.ensureCoordinatorReady(timer)
      await client.poll(timer)
      this.invokeCompletedOffsetCommitCallbacks()
      if (this.inFlight === 0) return true
      await timer.sleep(retryBackoff.backoff(attempts++))
    } while (timer.notExpired())
    return false
  }

  /** I4. All one can do is fail: the program joins again by `poll`. */
  private notInGroup(): Error {
    this.options.logger.info(
      'Failing OffsetCommit request since the consumer is not part of an active group',
    )
    if (this.options.member.rebalanceInProgress()) {
      return new RebalanceInProgressException(
        'Offset commit cannot be completed since the consumer is undergoing a rebalance for auto ' +
          'partition assignment. Complete the rebalance by calling poll(), then commit again.',
      )
    }
    return new CommitFailedException(
      'Offset commit cannot be completed since the consumer is not part of an active group for ' +
        'auto partition assignment; it is likely that the consumer was kicked out of the group.',
    )
  }

  /**
   * Gets the request on its way although nobody waits: the program may not come back for long. A
   * failure shows again in the next poll, where there is somebody to tell.
   */
  private transmit(): void {
    this.options.client
      .transmitSends()
      .catch((error: unknown) => this.options.logger.warn(`Could not transmit: ${error}`))
  }
}

const topicsOf = (offsets: Offsets): NonNullable<OffsetCommitRequestInput['topics']> => {
  const topics = new Map<string, CommitPartition[]>()
  for (const [{ topic, partition }, { offset, leaderEpoch, metadata }] of offsets) {
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    partitions.push({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      committedMetadata: metadata,
    })
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }))
}

type CommitTopic = NonNullable<OffsetCommitRequestInput['topics']>[number]
type CommitPartition = NonNullable<CommitTopic['partitions']>[number]
