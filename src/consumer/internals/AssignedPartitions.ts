/**
 * The assigned partitions, and what the brokers have said about them: where their logs begin and
 * end, and which replica is near. The lower half of `SubscriptionState`.
 *
 *     logStartOffset          position        lastStableOffset   highWatermark
 *     ├───────── lead ───────────┼──────── lag (committed) ──┤        │
 *                                └──────────── lag ───────────────────┘
 *
 * What arrives with a response is news about a partition that may be gone by now, so the
 * `tryUpdating…` methods say whether it was still there.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { PartitionStates } from './PartitionStates.ts'
import type { TopicPartitionState } from './TopicPartitionState.ts'

export abstract class AssignedPartitions {
  protected readonly assignment = new PartitionStates<TopicPartitionState>()

  numAssignedPartitions(): number {
    return this.assignment.size
  }

  isAssigned(partition: TopicPartition): boolean {
    return this.assignment.contains(partition)
  }

  movePartitionToEnd(partition: TopicPartition): void {
    this.assignment.moveToEnd(partition)
  }

  // ---- the caller's wish

  pause(partition: TopicPartition): void {
    this.assignedState(partition).pause()
  }

  resume(partition: TopicPartition): void {
    this.assignedState(partition).resume()
  }

  isPaused(partition: TopicPartition): boolean {
    return this.assignment.stateValue(partition)?.isPaused() ?? false
  }

  pausedPartitions(): TopicPartitionSet {
    return this.collectPartitions((state) => state.isPaused())
  }

  // ---- the ends of the log

  /** Records between the position and the end of the log; `null` when either is not known. */
  partitionLag(partition: TopicPartition, isolationLevel: IsolationLevel): number | null {
    const { position } = this.assignedState(partition)
    const endOffset = this.partitionEndOffset(partition, isolationLevel)
    return position === null || endOffset === null ? null : endOffset - position.offset
  }

  /** Records between the beginning of the log and the position; `null` when either is not known. */
  partitionLead(partition: TopicPartition): number | null {
    const { position, logStartOffset } = this.assignedState(partition)
    return position === null || logStartOffset === null ? null : position.offset - logStartOffset
  }

  partitionEndOffset(partition: TopicPartition, isolationLevel: IsolationLevel): number | null {
    const state = this.assignedState(partition)
    return isolationLevel === 'read_committed' ? state.lastStableOffset : state.highWatermark
  }

  updateHighWatermark(partition: TopicPartition, highWatermark: number): void {
    this.assignedState(partition).updateHighWatermark(highWatermark)
  }

  updateLastStableOffset(partition: TopicPartition, lastStableOffset: number): void {
    this.assignedState(partition).updateLastStableOffset(lastStableOffset)
  }

  /** @returns whether the partition is still assigned; so do the other three */
  tryUpdatingHighWatermark(partition: TopicPartition, highWatermark: number): boolean {
    const state = this.assignment.stateValue(partition)
    state?.updateHighWatermark(highWatermark)
    return state !== undefined
  }

  tryUpdatingLastStableOffset(partition: TopicPartition, lastStableOffset: number): boolean {
    const state = this.assignment.stateValue(partition)
    state?.updateLastStableOffset(lastStableOffset)
    return state !== undefined
  }

  tryUpdatingLogStartOffset(partition: TopicPartition, logStartOffset: number): boolean {
    const state = this.assignment.stateValue(partition)
    if (state === undefined) return false
    state.logStartOffset = logStartOffset
    return true
  }

  /** Notes that the log's end is being asked for, so that it is not asked for twice. */
  requestPartitionEndOffset(partition: TopicPartition): void {
    this.assignedState(partition).endOffsetRequested = true
  }

  partitionEndOffsetRequested(partition: TopicPartition): boolean {
    return this.assignedState(partition).endOffsetRequested
  }

  /** The question has failed. @returns whether there was one */
  maybeClearPartitionEndOffsetRequested(partition: TopicPartition): boolean {
    const state = this.assignment.stateValue(partition)
    if (!state?.endOffsetRequested) return false
    state.endOffsetRequested = false
    return true
  }

  // ---- which replica to read

  /** A replica near us that the leader has recommended, while the recommendation holds. */
  preferredReadReplica(partition: TopicPartition, nowMs: number): number | null {
    return this.assignment.stateValue(partition)?.preferredReadReplica(nowMs) ?? null
  }

  /** @param expireTimeMs asked only when this is a new recommendation */
  updatePreferredReadReplica(
    partition: TopicPartition,
    replicaId: number,
    expireTimeMs: () => number,
  ): void {
    this.assignedState(partition).updatePreferredReadReplica(replicaId, expireTimeMs)
  }

  tryUpdatingPreferredReadReplica(
    partition: TopicPartition,
    replicaId: number,
    expireTimeMs: () => number,
  ): boolean {
    const state = this.assignment.stateValue(partition)
    state?.updatePreferredReadReplica(replicaId, expireTimeMs)
    return state !== undefined
  }

  /** Back to the leader. @returns the replica that was preferred until now */
  clearPreferredReadReplica(partition: TopicPartition): number | null {
    return this.assignment.stateValue(partition)?.clearPreferredReadReplica() ?? null
  }

  /** @throws IllegalStateException for a partition that is not assigned */
  protected assignedState(partition: TopicPartition): TopicPartitionState {
    const state = this.assignment.stateValue(partition)
    if (state === undefined) {
      throw new IllegalStateException(
        `No current assignment for partition ${partition}; assign it first.`,
      )
    }
    return state
  }

  protected collectPartitions(filter: (state: TopicPartitionState) => boolean): TopicPartitionSet {
    const found = new TopicPartitionSet()
    for (const [partition, state] of this.assignment) if (filter(state)) found.add(partition)
    return found
  }
}
