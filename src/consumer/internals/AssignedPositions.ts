/**
 * Where each assigned partition is read: seeks, resets, and the leader's word on a position that is
 * in doubt. The middle of `SubscriptionState`.
 *
 *     assignment ┬ a-0  FETCHING 17
 *                ├ a-1  AWAIT_RESET (latest)  ◄─ OffsetFetcher: ListOffsets
 *                └ b-0  AWAIT_VALIDATION 4    ◄─ OffsetFetcher: OffsetForLeaderEpoch
 *
 * Answers arrive late: between question and answer the caller may have seeked, reset, or dropped
 * the partition. So what an answer changes is guarded each time: is the partition still assigned,
 * is it still waiting, and for this very thing?
 *
 * I1  A position moves only forward by reading; any other move is a `seek` or a reset.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState
 */

import type { ApiVersions } from '../../clients/ApiVersions.ts'
import type { LeaderAndEpoch } from '../../clients/LeaderAndEpoch.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import {
  type EpochEndOffset,
  OffsetForLeaderEpochResponse,
} from '../../protocol/messages/OffsetForLeaderEpoch.ts'
import { NoOffsetForPartitionException } from '../NoOffsetForPartitionException.ts'
import { OffsetAndMetadata } from '../OffsetAndMetadata.ts'
import { AssignedPartitions } from './AssignedPartitions.ts'
import type { AutoOffsetResetStrategy } from './AutoOffsetResetStrategy.ts'
import { FetchPosition } from './FetchPosition.ts'
import type { LogTruncation } from './LogTruncation.ts'
import { hasUsableOffsetForLeaderEpochVersion } from './OffsetsForLeaderEpochUtils.ts'

/** The leader knows no such epoch. */
const { UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET } = OffsetForLeaderEpochResponse

export abstract class AssignedPositions extends AssignedPartitions {
  protected readonly logger: Logger
  protected readonly defaultResetStrategy: AutoOffsetResetStrategy

  constructor(logger: Logger, defaultResetStrategy: AutoOffsetResetStrategy) {
    super()
    this.logger = logger
    this.defaultResetStrategy = defaultResetStrategy
  }

  // ---- where it is read

  /** Goes to `offset` without asking anybody. */
  seek(partition: TopicPartition, offset: number): void {
    this.seekValidated(partition, new FetchPosition(offset))
  }

  seekValidated(partition: TopicPartition, position: FetchPosition): void {
    this.assignedState(partition).seekValidated(position)
  }

  seekUnvalidated(partition: TopicPartition, position: FetchPosition): void {
    this.assignedState(partition).seekUnvalidated(position)
  }

  /** What a reset has found. Of no use any more when the caller has changed his mind meanwhile. */
  maybeSeekUnvalidated(
    partition: TopicPartition,
    position: FetchPosition,
    requestedStrategy: AutoOffsetResetStrategy | null,
  ): void {
    const state = this.assignment.stateValue(partition)
    const skip = (why: string): void =>
      this.logger.debug(`Skipping reset of partition ${partition} since ${why}`)
    if (state === undefined) skip('it is no longer assigned')
    else if (!state.awaitingReset()) skip('reset is no longer needed')
    else if (
      requestedStrategy !== null &&
      !(state.resetStrategy !== null && requestedStrategy.equals(state.resetStrategy))
    ) {
      skip('an alternative reset has been requested')
    } else {
      this.logger.info(`Resetting offset for partition ${partition} to position ${position}.`)
      state.seekUnvalidated(position)
    }
  }

  /** `null` while there is none. */
  position(partition: TopicPartition): FetchPosition | null {
    return this.assignedState(partition).position
  }

  /** `null` while there is none, and for a partition that is not assigned. */
  positionOrNull(partition: TopicPartition): FetchPosition | null {
    return this.assignment.stateValue(partition)?.position ?? null
  }

  /** `null` while there is none that may be trusted. */
  validPosition(partition: TopicPartition): FetchPosition | null {
    return this.assignedState(partition).validPosition()
  }

  hasValidPosition(partition: TopicPartition): boolean {
    return this.assignment.stateValue(partition)?.hasValidPosition() ?? false
  }

  hasAllFetchPositions(): boolean {
    for (const state of this.assignment.partitionStateValues()) {
      if (!state.hasValidPosition()) return false
    }
    return true
  }

  /** Moves on by reading. */
  setPosition(partition: TopicPartition, position: FetchPosition): void {
    this.assignedState(partition).setPosition(position)
  }

  /** Every position that may be committed: the next offset, not the last one read. */
  allConsumed(): TopicPartitionMap<OffsetAndMetadata> {
    const consumed = new TopicPartitionMap<OffsetAndMetadata>()
    for (const [partition, state] of this.assignment) {
      const position = state.validPosition()
      if (position !== null) {
        consumed.set(partition, new OffsetAndMetadata(position.offset, position.offsetEpoch))
      }
    }
    return consumed
  }

  // ---- resets

  /** @param strategy default: `auto.offset.reset` */
  requestOffsetReset(
    partition: TopicPartition,
    strategy: AutoOffsetResetStrategy = this.defaultResetStrategy,
  ): void {
    this.assignedState(partition).reset(strategy)
  }

  requestOffsetResetIfPartitionAssigned(partition: TopicPartition): void {
    this.assignment.stateValue(partition)?.reset(this.defaultResetStrategy)
  }

  hasDefaultOffsetResetPolicy(): boolean {
    return this.defaultResetStrategy.type !== 'none'
  }

  isOffsetResetNeeded(partition: TopicPartition): boolean {
    return this.assignedState(partition).awaitingReset()
  }

  resetStrategy(partition: TopicPartition): AutoOffsetResetStrategy | null {
    return this.assignedState(partition).resetStrategy
  }

  /** The partitions that never had a position. */
  initializingPartitions(): TopicPartitionSet {
    return this.collectPartitions((state) => state.shouldInitialize())
  }

  /** @throws NoOffsetForPartitionException when there is no policy to reset by */
  resetInitializingPositions(): void {
    const partitions = [...this.initializingPartitions()]
    if (partitions.length === 0) return
    if (!this.hasDefaultOffsetResetPolicy()) throw new NoOffsetForPartitionException(partitions)
    for (const partition of partitions) this.requestOffsetReset(partition)
  }

  partitionsNeedingReset(nowMs: number): TopicPartitionSet {
    return this.collectPartitions(
      (state) => state.awaitingReset() && !state.awaitingRetryBackoff(nowMs),
    )
  }

  setNextAllowedRetry(partitions: Iterable<TopicPartition>, atMs: number): void {
    for (const partition of partitions) this.assignedState(partition).setNextAllowedRetry(atMs)
  }

  /** As `setNextAllowedRetry`, for an answer that came late: a partition may be gone by now. */
  requestFailed(partitions: Iterable<TopicPartition>, nextRetryTimeMs: number): void {
    for (const partition of partitions) {
      this.assignment.stateValue(partition)?.setNextAllowedRetry(nextRetryTimeMs)
    }
  }

  // ---- validation after a change of leader

  /** @returns whether the position now waits for the leader's word */
  maybeValidatePositionForCurrentLeader(
    apiVersions: ApiVersions,
    partition: TopicPartition,
    leaderAndEpoch: LeaderAndEpoch,
  ): boolean {
    const state = this.assignment.stateValue(partition)
    if (state === undefined) {
      this.logger.debug(`Skipping validation of partition ${partition}, which is not assigned.`)
      return false
    }
    const { leader } = leaderAndEpoch
    const versions = leader === null ? null : apiVersions.get(leader.idString())
    // Not connected yet counts as able: the question is put off until we know
    // (`validatePositionsAsync`).
    if (leader === null || !versions || hasUsableOffsetForLeaderEpochVersion(versions)) {
      return state.maybeValidatePosition(leaderAndEpoch)
    }
    state.updatePositionLeaderNoValidation(leaderAndEpoch)
    return false
  }

  /**
   * The leader's word: where the epoch of our position ends in its log.
   *
   * @returns what was cut off, if something was and no reset policy says what to do about it
   */
  maybeCompleteValidation(
    partition: TopicPartition,
    requestPosition: FetchPosition,
    epochEndOffset: EpochEndOffset,
  ): LogTruncation | null {
    const state = this.assignment.stateValue(partition)
    const current = state?.position
    if (!state?.awaitingValidation() || !current) {
      this.logger.debug(`Skipping completed validation of ${partition}: nobody waits for it.`)
      return null
    }
    if (!current.equals(requestPosition)) {
      this.logger.debug(
        `Skipping completed validation of ${partition}: the position is ${current} by now, ` +
          `and was ${requestPosition} when the request was sent.`,
      )
      return null
    }
    const { endOffset, leaderEpoch } = epochEndOffset
    if (endOffset === UNDEFINED_EPOCH_OFFSET || leaderEpoch === UNDEFINED_EPOCH) {
      return this.onTruncation(partition, current, null, () => this.requestOffsetReset(partition))
    }
    if (endOffset < current.offset) {
      const divergent = new OffsetAndMetadata(endOffset, leaderEpoch)
      return this.onTruncation(partition, current, divergent, () =>
        state.seekValidated(new FetchPosition(endOffset, leaderEpoch, current.currentLeader)),
      )
    }
    state.completeValidation()
    return null
  }

  awaitingValidation(partition: TopicPartition): boolean {
    return this.assignedState(partition).awaitingValidation()
  }

  completeValidation(partition: TopicPartition): void {
    this.assignedState(partition).completeValidation()
  }

  partitionsNeedingValidation(nowMs: number): TopicPartitionMap<FetchPosition> {
    const needing = new TopicPartitionMap<FetchPosition>()
    for (const [partition, state] of this.assignment) {
      if (!state.awaitingValidation() || state.awaitingRetryBackoff(nowMs)) continue
      if (state.position !== null) needing.set(partition, state.position)
    }
    return needing
  }

  private onTruncation(
    partition: TopicPartition,
    position: FetchPosition,
    divergent: OffsetAndMetadata | null,
    goOn: () => void,
  ): LogTruncation | null {
    const from = divergent ?? 'an unknown offset'
    const what = `The log of ${partition} was cut before ${position} (it differs from ${from} on)`
    if (this.hasDefaultOffsetResetPolicy()) {
      this.logger.info(`${what}; resetting the offset`)
      goOn()
      return null
    }
    this.logger.warn(`${what}, and no reset policy is set`)
    return { topicPartition: partition, fetchPosition: position, divergentOffset: divergent }
  }
}
