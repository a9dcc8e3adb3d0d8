/**
 * All that the consumer knows of one assigned partition: its position and the state that the
 * position is in, what the log's ends were when last heard of, whether the caller has paused it,
 * and which replica to read.
 *
 * Two flags hold a partition back while a rebalance is under way. `pendingRevocation`: its offset
 * is being committed, and it is about to go; a record handed out now would be read by the next
 * owner again. `pendingOnAssignedCallback`: it is here, but the program has not been told yet, and
 * may want to begin elsewhere.
 *
 * I1  In a state that requires a position there is one; in the others there is none.
 * I2  The state changes in `transitionState` only, and only along the arrows of `FetchStates`.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.SubscriptionState.TopicPartitionState
 */

import type { LeaderAndEpoch } from '../../clients/LeaderAndEpoch.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { AutoOffsetResetStrategy } from './AutoOffsetResetStrategy.ts'
import { FetchPosition } from './FetchPosition.ts'
import { FETCH_STATES, type FetchState } from './FetchStates.ts'

export class TopicPartitionState {
  /** The end of the log for readers of everything, as of the last answer; `null` before. */
  highWatermark: number | null = null
  /** The end of the log for readers of committed transactions. */
  lastStableOffset: number | null = null
  /** The first offset that the log still has. */
  logStartOffset: number | null = null
  /** A question for the log's end is on its way (`currentLag`). */
  endOffsetRequested = false

  private fetchState: FetchState = 'INITIALIZING'
  private fetchPosition: FetchPosition | null = null
  private isPausedByUser = false
  private pendingRevocation = false
  private pendingOnAssignedCallback = false
  private strategy: AutoOffsetResetStrategy | null = null
  private nextRetryTimeMs: number | null = null
  private preferredReplica: number | null = null
  private preferredReplicaExpireTimeMs = 0

  // ---- the position

  get position(): FetchPosition | null {
    return this.fetchPosition
  }

  /** The position as far as it can be trusted. */
  validPosition(): FetchPosition | null {
    return this.hasValidPosition() ? this.fetchPosition : null
  }

  hasValidPosition(): boolean {
    return FETCH_STATES[this.fetchState].hasValidPosition
  }

  /** Moves on within FETCHING, which is what reading does. */
  setPosition(position: FetchPosition): void {
    if (!this.hasValidPosition()) {
      throw new IllegalStateException(
        `Cannot move the position to ${position.offset} in state ${this.fetchState}: ` +
          'there is no valid one.',
      )
    }
    this.fetchPosition = position
  }

  seekValidated(position: FetchPosition): void {
    this.transitionState('FETCHING', position, () => {
      this.strategy = null
      this.nextRetryTimeMs = null
    })
  }

  /** Goes to `position`, and asks the leader about it first if there is an epoch to ask with. */
  seekUnvalidated(position: FetchPosition): void {
    this.seekValidated(position)
    this.validatePosition(position)
  }

  /** There never was a position, and one is worth looking for. */
  shouldInitialize(): boolean {
    return this.fetchState === 'INITIALIZING' && !this.pendingRevocation
  }

  isFetchable(): boolean {
    return (
      !this.isPausedByUser &&
      !this.pendingRevocation &&
      !this.pendingOnAssignedCallback &&
      this.hasValidPosition()
    )
  }

  // ---- a rebalance is under way

  /** For good: the state ends with the assignment. */
  markPendingRevocation(): void {
    this.pendingRevocation = true
  }

  markPendingOnAssignedCallback(pending: boolean): void {
    this.pendingOnAssignedCallback = pending
  }

  // ---- going somewhere else

  reset(strategy: AutoOffsetResetStrategy): void {
    this.transitionState('AWAIT_RESET', null, () => {
      this.strategy = strategy
      this.nextRetryTimeMs = null
    })
  }

  awaitingReset(): boolean {
    return this.fetchState === 'AWAIT_RESET'
  }

  get resetStrategy(): AutoOffsetResetStrategy | null {
    return this.strategy
  }

  // ---- is the position still true?

  /**
   * Takes note of the leader; a new one must confirm the position if it can.
   *
   * @returns whether the position now waits for that
   */
  maybeValidatePosition(currentLeader: LeaderAndEpoch): boolean {
    if (this.fetchState === 'AWAIT_RESET' || currentLeader.leader === null) return false
    const position = this.fetchPosition
    if (position !== null && !position.currentLeader.equals(currentLeader)) {
      this.validatePosition(new FetchPosition(position.offset, position.offsetEpoch, currentLeader))
      this.preferredReplica = null
    }
    return this.fetchState === 'AWAIT_VALIDATION'
  }

  /** For a leader that cannot be asked: takes note of it and goes on reading. */
  updatePositionLeaderNoValidation(currentLeader: LeaderAndEpoch): void {
    const position = this.fetchPosition
    if (position === null) return
    this.transitionState(
      'FETCHING',
      new FetchPosition(position.offset, position.offsetEpoch, currentLeader),
      () => {
        this.nextRetryTimeMs = null
      },
    )
  }

  awaitingValidation(): boolean {
    return this.fetchState === 'AWAIT_VALIDATION'
  }

  completeValidation(): void {
    if (this.fetchPosition === null) return
    this.transitionState('FETCHING', this.fetchPosition, () => {
      this.nextRetryTimeMs = null
    })
  }

  // ---- asking again, not too soon

  setNextAllowedRetry(atMs: number): void {
    this.nextRetryTimeMs = atMs
  }

  awaitingRetryBackoff(nowMs: number): boolean {
    return this.nextRetryTimeMs !== null && nowMs < this.nextRetryTimeMs
  }

  // ---- the caller's wish

  pause(): void {
    this.isPausedByUser = true
  }

  resume(): void {
    this.isPausedByUser = false
  }

  isPaused(): boolean {
    return this.isPausedByUser
  }

  // ---- the ends of the log

  updateHighWatermark(highWatermark: number): void {
    this.highWatermark = highWatermark
    this.endOffsetRequested = false
  }

  updateLastStableOffset(lastStableOffset: number): void {
    this.lastStableOffset = lastStableOffset
    this.endOffsetRequested = false
  }

  // ---- which replica to read

  /** A replica near us that the leader has recommended, while the recommendation holds. */
  preferredReadReplica(nowMs: number): number | null {
    if (this.preferredReplica !== null && nowMs > this.preferredReplicaExpireTimeMs) {
      this.preferredReplica = null
    }
    return this.preferredReplica
  }

  /**
   * @param expireTimeMs asked only for a new replica: repeating a recommendation does not prolong
   *   it
   */
  updatePreferredReadReplica(replicaId: number, expireTimeMs: () => number): void {
    if (replicaId === this.preferredReplica) return
    this.preferredReplica = replicaId
    this.preferredReplicaExpireTimeMs = expireTimeMs()
  }

  /** @returns the one that was preferred until now */
  clearPreferredReadReplica(): number | null {
    const removed = this.preferredReplica
    this.preferredReplica = null
    return removed
  }

  toString(): string {
    const paused = this.isPausedByUser ? ' paused' : ''
    const leaving = this.pendingRevocation ? ' pending revocation' : ''
    return `${this.fetchState} ${this.fetchPosition?.offset ?? ''}${paused}${leaving}`
  }

  private validatePosition(position: FetchPosition): void {
    const canAsk = position.offsetEpoch !== null && position.currentLeader.epoch !== null
    this.transitionState(canAsk ? 'AWAIT_VALIDATION' : 'FETCHING', position, () => {
      this.nextRetryTimeMs = null
    })
  }

  private transitionState(
    to: FetchState,
    position: FetchPosition | null,
    alongTheWay: () => void,
  ): void {
    if (!FETCH_STATES[this.fetchState].validTransitions.includes(to)) return
    if (FETCH_STATES[to].requiresPosition !== (position !== null)) {
      throw new IllegalStateException(`I1 ${to} with position ${position}`)
    }
    this.fetchState = to
    this.fetchPosition = position
    alongTheWay()
  }
}
