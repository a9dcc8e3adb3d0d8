/**
 * What a member does with its partitions on the two sides of a join, and when it leaves.
 *
 *     commitBeforeJoin     the positions, if that is automatic
 *     giveUpBeforeJoin     revoked or lost, by protocol           onPartitionsRevoked / Lost
 *        … JoinGroup, SyncGroup …
 *     takeAssignment       revoked (cooperative only)             onPartitionsRevoked
 *                          the assignment changes
 *                          added                                  onPartitionsAssigned
 *     giveUpEverything     when leaving                           onPartitionsRevoked / Lost
 *
 * The methods bring back what the listener threw, so that the caller can finish first.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 */

import { UNKNOWN_GENERATION_ID, UNKNOWN_MEMBER_ID } from '../../clients/JoinGroupRequest.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { Assignment } from '../Assignment.ts'
import type { ConsumerGroupMetadata } from '../ConsumerGroupMetadata.ts'
import type { ConsumerPartitionAssignor, RebalanceProtocol } from '../ConsumerPartitionAssignor.ts'
import type { AutoCommit } from './AutoCommit.ts'
import { assignmentChange, beforeJoin, sortedPartitions } from './ConsumerCoordinatorProtocols.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import { deserializeAssignment } from './ConsumerProtocol.ts'
import type { ConsumerRebalanceListenerInvoker } from './ConsumerRebalanceListenerInvoker.ts'
import { asError } from './CoordinatorResponseHandler.ts'
import type { Generation } from './Generation.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'
import type { RequestFuture } from './RequestFuture.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

/** The bytes of an assignment begin with an int16, its version. */
const VERSION_BYTES = 2

export interface ConsumerRebalanceOptions {
  readonly logger: Logger
  readonly time: Time
  readonly client: ConsumerNetworkClient
  readonly config: GroupRebalanceConfig
  readonly subscriptions: SubscriptionState
  readonly protocol: RebalanceProtocol | null
  /** `null`: the program commits by itself. */
  readonly autoCommit: AutoCommit | null
  readonly invoker: ConsumerRebalanceListenerInvoker
}

export interface TakeAssignmentHooks {
  requestRejoin(shortReason: string, fullReason: string): void
  /** Runs right before the assignment changes. @returns what the assignor threw */
  beforeChange(): Error | null
}

export class ConsumerRebalance {
  private readonly options: ConsumerRebalanceOptions
  private autoCommitFuture: RequestFuture<void> | null = null
  /**
   * How long this join may be prepared: the coordinator waits no longer, and would throw us out.
   * `null`: none is being prepared.
   */
  private joinPrepareTimer: Timer | null = null

  constructor(options: ConsumerRebalanceOptions) {
    this.options = options
  }

  /**
   * Commits the positions one last time, and waits for the answer.
   *
   * @returns `false`: not answered yet, or failed in a way that may pass; come back. After
   *   `max.poll.interval.ms` one goes on all the same.
   */
  async commitBeforeJoin(timer: Timer): Promise<boolean> {
    const { client, config, autoCommit, time } = this.options
    if (this.joinPrepareTimer === null)
      this.joinPrepareTimer = time.timer(config.rebalanceTimeoutMs)
    else this.joinPrepareTimer.update()
    if (autoCommit !== null && this.autoCommitFuture === null) {
      this.maybeMarkPartitionsPendingRevocation()
      this.autoCommitFuture = autoCommit.commitAsync()
    }
    const future = this.autoCommitFuture
    if (future === null) return true

    const { joinPrepareTimer } = this
    const pollTimer =
      timer.remainingMs() < joinPrepareTimer.remainingMs() ? timer : joinPrepareTimer
    await client.pollFuture(future, pollTimer)
    joinPrepareTimer.update()
    if (future.isDone()) this.autoCommitFuture = null
    if (this.isCommitSettled(future, joinPrepareTimer)) return true
    await pollTimer.sleep(config.retryBackoffMs)
    timer.update()
    return false
  }

  /** @returns what the listener threw */
  async giveUpBeforeJoin(generationId: number, memberId: string): Promise<Error | null> {
    this.joinPrepareTimer = null
    this.autoCommitFuture = null
    if (generationId === UNKNOWN_GENERATION_ID || memberId === UNKNOWN_MEMBER_ID) {
      return this.lose()
    }
    const { invoker, protocol, subscriptions } = this.options
    const { revoked, kept, alwaysTell } = beforeJoin(protocol ?? 'EAGER', subscriptions)
    if (revoked.length === 0 && !alwaysTell) return null
    try {
      return await invoker.invokePartitionsRevoked(revoked)
    } finally {
      // Also after a wakeup in the listener, which is not called a second time. In Java these
      // partitions stay marked as given up, and are never read again if they come back.
      subscriptions.assignFromSubscribed(kept)
    }
  }

  /**
   * @throws IllegalStateException for bytes too short to be one: the leader has forgotten us
   * @throws SchemaException for bytes that are none
   */
  assignmentFrom(bytes: Uint8Array): Assignment {
    if (bytes.length < VERSION_BYTES) {
      throw new IllegalStateException(
        'There are insufficient bytes available to read assignment from the sync-group response ' +
          `(actual byte size ${bytes.length}), this is not expected; it is possible that the ` +
          "leader's assign function is buggy and did not return any assignment for this member, " +
          'or because static member is configured and the protocol is buggy hence did not get ' +
          'the assignment for this member',
      )
    }
    return deserializeAssignment(bytes)
  }

  /** @returns the first error of listener or assignor */
  async takeAssignment(
    { partitions }: Assignment,
    hooks: TakeAssignmentHooks,
  ): Promise<Error | null> {
    const { autoCommit, invoker, logger, protocol, subscriptions } = this.options
    const change = assignmentChange(subscriptions.assignedPartitions(), partitions)
    const { assigned, owned, added, revoked } = change
    let firstError: Error | null = null
    if (protocol === 'COOPERATIVE') {
      logger.info(
        `Updating assignment with assigned partitions [${assigned.join(', ')}], owned until now ` +
          `[${owned.join(', ')}], added [${added.join(', ')}], revoked [${revoked.join(', ')}]`,
      )
      if (revoked.length > 0) {
        firstError = await invoker.invokePartitionsRevoked(revoked)
        hooks.requestRejoin(
          'need to revoke partitions and re-join',
          `need to revoke partitions [${revoked.join(', ')}] as indicated by the current ` +
            'assignment and re-join',
        )
      }
    }
    const assignorError = hooks.beforeChange()
    firstError ??= assignorError
    autoCommit?.reschedule()
    subscriptions.assignFromSubscribed(assigned)
    const listenerError = await invoker.invokePartitionsAssigned(added)
    return firstError ?? listenerError
  }

  /** The assignor may remember what it was given. @returns what it threw */
  tellAssignor(
    assignor: ConsumerPartitionAssignor,
    assignment: Assignment,
    groupMetadata: ConsumerGroupMetadata,
  ): Error | null {
    this.options.logger.info(`Notifying assignor about the new ${assignment}`)
    try {
      assignor.onAssignment?.(assignment, groupMetadata)
      return null
    } catch (error) {
      return asError(error)
    }
  }

  /** Before leaving. @returns what the listener threw */
  async giveUpEverything(
    generation: Generation,
    rebalanceInProgress: boolean,
  ): Promise<Error | null> {
    const { invoker, subscriptions } = this.options
    const { generationId, memberId } = generation
    const isNobody = generationId === UNKNOWN_GENERATION_ID || memberId === UNKNOWN_MEMBER_ID
    if (isNobody || rebalanceInProgress) return this.lose()
    const dropped = sortedPartitions(subscriptions.assignedPartitions())
    if (dropped.length === 0) return null
    const error = await invoker.invokePartitionsRevoked(dropped)
    subscriptions.assignFromSubscribed([])
    return error
  }

  private async lose(): Promise<Error | null> {
    const { invoker, logger, subscriptions } = this.options
    const lost = sortedPartitions(subscriptions.assignedPartitions())
    if (lost.length === 0) return null
    logger.info(
      'Giving away all assigned partitions as lost: the generation or member id has been reset, ' +
        'or the group is rebalancing without us',
    )
    const error = await invoker.invokePartitionsLost(lost)
    subscriptions.assignFromSubscribed([])
    return error
  }

  /**
   * What is read while the commit is under way would be ahead of it, and be read again by the next
   * owner. A cooperative member keeps its partitions, and goes on.
   */
  private maybeMarkPartitionsPendingRevocation(): void {
    const { logger, protocol, subscriptions } = this.options
    if (protocol !== 'EAGER') return
    const partitions = subscriptions.assignedPartitions()
    logger.debug(`Marking assigned partitions pending for revocation: ${partitions}`)
    subscriptions.markPendingRevocation(partitions)
  }

  /** Whether there is nothing more to wait for, good or bad. */
  private isCommitSettled(future: RequestFuture<void>, joinPrepareTimer: Timer): boolean {
    const { logger } = this.options
    const failed = 'Asynchronous auto-commit of offsets failed'
    if (joinPrepareTimer.isExpired()) {
      logger.error(`${failed}: joinPrepare timeout. Will continue to join group`)
      return true
    }
    if (!future.isDone()) return false
    if (future.succeeded()) return true
    const { message } = future.exception()
    if (future.isRetriable()) {
      logger.debug(`${failed} with retryable error: ${message}. Will retry it.`)
      return false
    }
    logger.error(`${failed}: ${message}. Will continue to join group.`)
    return true
  }
}
