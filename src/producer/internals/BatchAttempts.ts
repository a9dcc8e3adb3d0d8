/**
 * How often a batch was tried, when, and with which leader: the half of `ProducerBatch` by which
 * the accumulator decides when it may go again.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProducerBatch
 * @simplified a class of its own; in Java these are fields and methods of `ProducerBatch`.
 */

export abstract class BatchAttempts {
  readonly createdMs: number
  /** When it was given back last; before that, when it was made. */
  lastAttemptMs: number
  protected lastAppendTime: number
  private attemptCount = 0
  private drainedMs = 0
  private retry = false
  /** The epoch of the leader that the next attempt goes to; `null`: not known. */
  private leaderEpoch: number | null = null
  private attemptsWhenLeaderChanged = 0

  constructor(createdMs: number) {
    this.createdMs = this.lastAttemptMs = this.lastAppendTime = createdMs
  }

  hasReachedDeliveryTimeout(deliveryTimeoutMs: number, nowMs: number): boolean {
    return deliveryTimeoutMs <= nowMs - this.createdMs
  }

  attempts(): number {
    return this.attemptCount
  }

  reenqueued(nowMs: number): void {
    this.attemptCount++
    this.lastAttemptMs = Math.max(this.lastAppendTime, nowMs)
    this.lastAppendTime = Math.max(this.lastAppendTime, nowMs)
    this.retry = true
  }

  drained(nowMs: number): void {
    this.drainedMs = Math.max(this.drainedMs, nowMs)
  }

  queueTimeMs(): number {
    return this.drainedMs - this.createdMs
  }

  /** Since the batch was made, or was last given back. */
  waitedTimeMs(nowMs: number): number {
    return Math.max(0, nowMs - this.lastAttemptMs)
  }

  inRetry(): boolean {
    return this.retry
  }

  /** Takes note of a newer leader, if `latest` is one. */
  maybeUpdateLeaderEpoch(latest: number | null): void {
    if (latest === null || (this.leaderEpoch !== null && this.leaderEpoch >= latest)) return
    this.attemptsWhenLeaderChanged = this.attemptCount
    this.leaderEpoch = latest
  }

  /** The next attempt goes to another leader than the last one: no reason to back off. */
  hasLeaderChangedForTheOngoingRetry(): boolean {
    return this.attemptCount >= 1 && this.attemptCount === this.attemptsWhenLeaderChanged
  }

  currentLeaderEpoch(): number | null {
    return this.leaderEpoch
  }

  attemptsWhenLeaderLastChanged(): number {
    return this.attemptsWhenLeaderChanged
  }

  toString(): string {
    return `BatchAttempts(${this.attemptCount})`
  }
}
