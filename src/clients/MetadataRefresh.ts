/**
 * When to ask for metadata: now, after a pause, or not before it has grown old.
 *
 *     requestUpdate ────────────► needFullUpdate ────┐
 *     requestUpdateForNewTopics ► needPartialUpdate ─┼─► timeToNextUpdate(now) = 0 ─► a request
 *     metadata.max.age.ms is over ───────────────────┘            ▲                     │
 *                                                                 │ back-off            ▼
 *                       failed: attempts++ ───────────────────────┤                 succeeded
 *                       the same answer again: equivalent++ ──────┘
 *
 * Two back-offs run side by side. `attempts` slows asking down when no answer comes.
 * `equivalentResponseCount` slows it down when answers come but say nothing new, as in the moments
 * after a leader died and before the next is elected.
 *
 * `requestVersion` grows with every new topic. An answer to an older request does not speak of that
 * topic yet, so the wish for a partial update outlives it.
 *
 * I1  A full update stays wanted until a full answer has come; a partial one does not grant it.
 * I2  A new topic is asked for at once, whatever back-off is running.
 *
 * @kafka org.apache.kafka.clients.Metadata
 * @simplified a class of its own; in Java these are fields of `Metadata`.
 */

import type { ExponentialBackoff } from '../common/ExponentialBackoff.ts'

export class MetadataRefresh {
  /** How many times new topics were asked for. */
  requestVersion = 0
  private readonly expireMs: number
  private readonly backoff: ExponentialBackoff
  private lastRefreshMs = 0
  private lastSuccessMs = 0
  private attempts = 0
  private equivalentResponseCount = 0
  private needFullUpdate = false
  private needPartialUpdate = false

  /** @param expireMs `metadata.max.age.ms` */
  constructor(expireMs: number, backoff: ExponentialBackoff) {
    this.expireMs = expireMs
    this.backoff = backoff
  }

  /** Milliseconds until another request may be made, by both back-offs; 0: now. */
  timeToAllowUpdate(nowMs: number): number {
    const forAttempts = this.backoff.backoff(Math.max(0, this.attempts - 1))
    // A refresh because of age is no sign of trouble.
    if (this.lastSuccessMs + this.expireMs <= nowMs) this.equivalentResponseCount = 0
    const forEquivalent =
      this.equivalentResponseCount > 0 ? this.backoff.backoff(this.equivalentResponseCount - 1) : 0
    return Math.max(0, this.lastRefreshMs + Math.max(forAttempts, forEquivalent) - nowMs)
  }

  /** Milliseconds until a request is due; 0: one should be on its way. */
  timeToNextUpdate(nowMs: number): number {
    const toExpire = this.updateRequested()
      ? 0
      : Math.max(0, this.lastSuccessMs + this.expireMs - nowMs)
    return Math.max(toExpire, this.timeToAllowUpdate(nowMs))
  }

  requestUpdate(resetEquivalentResponseBackoff: boolean): void {
    this.needFullUpdate = true
    if (resetEquivalentResponseBackoff) this.equivalentResponseCount = 0
  }

  requestUpdateForNewTopics(): void {
    this.lastRefreshMs = 0
    this.needPartialUpdate = true
    this.equivalentResponseCount = 0
    this.requestVersion++
  }

  updateRequested(): boolean {
    return this.needFullUpdate || this.needPartialUpdate
  }

  /** It is enough to ask for the topics that are missing. */
  allowsPartialUpdate(nowMs: number): boolean {
    return !this.needFullUpdate && this.lastSuccessMs + this.expireMs > nowMs
  }

  /** When the last full answer came; 0: never. */
  lastSuccessfulUpdate(): number {
    return this.lastSuccessMs
  }

  /** An answer came. It counts as saying nothing new until `madeProgress` says otherwise. */
  succeeded(requestVersion: number, isPartialUpdate: boolean, nowMs: number): void {
    this.needPartialUpdate = requestVersion < this.requestVersion
    this.lastRefreshMs = nowMs
    this.attempts = 0
    if (!isPartialUpdate) {
      this.needFullUpdate = false
      this.lastSuccessMs = nowMs
    }
    this.equivalentResponseCount++
  }

  /** The answer differs from what was known. */
  madeProgress(): void {
    this.equivalentResponseCount = 0
  }

  failed(nowMs: number): void {
    this.lastRefreshMs = nowMs
    this.attempts++
    this.equivalentResponseCount = 0
  }
}
