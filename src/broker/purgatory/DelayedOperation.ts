/**
 * Something that waits: it can be done as soon as a condition holds, and must be done when its time
 * is over.
 *
 *     tryComplete ── condition holds ──► forceComplete ──► onComplete        exactly once
 *     time over ───────────────────────► forceComplete ──► onComplete, onExpiration
 *
 * I1  `onComplete` runs once, whoever comes first.
 *
 * @kafka org.apache.kafka.server.purgatory.DelayedOperation
 * @simplified no lock: two callers cannot be inside at once.
 */

import type { Scheduled } from '../../common/Time.ts'

export abstract class DelayedOperation {
  readonly delayMs: number
  /** The timer that will end the wait; set by the purgatory. */
  timer: Scheduled | undefined
  private completed = false

  protected constructor(delayMs: number) {
    this.delayMs = delayMs
  }

  /** Does `forceComplete` if the condition holds; returns whether it did. */
  abstract tryComplete(): boolean
  /** What is to be done, with whatever there is. */
  protected abstract onComplete(): void
  /** The time was over before the condition held. */
  abstract onExpiration(): void

  /** For the log. */
  toString(): string {
    return 'DelayedOperation'
  }

  isCompleted(): boolean {
    return this.completed
  }

  /** Ends the wait now; `false` when it had ended before. */
  forceComplete(): boolean {
    if (this.completed) return false
    this.completed = true
    this.timer?.cancel()
    this.onComplete()
    return true
  }
}
