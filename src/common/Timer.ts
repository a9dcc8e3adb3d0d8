/**
 * A deadline that is looked at, not fired: it remembers a start and a time-out, and each `update`
 * reads the clock once.
 *
 * A loop that waits in several places passes one timer along, so all of them share one deadline,
 * and asking it twice between two updates gives the same answer.
 *
 * @kafka org.apache.kafka.common.utils.Timer
 */

import { IllegalArgumentException } from './errors.ts'

/**
 * The half of `Time` that a timer needs; `Time` itself makes timers, so it cannot be named here.
 */
export interface Clock {
  milliseconds(): number
  sleep(ms: number): Promise<void>
}

export class Timer {
  private readonly time: Clock
  private startMs: number
  private nowMs: number
  private deadlineMs: number
  private timeoutMs: number

  constructor(time: Clock, timeoutMs: number) {
    this.time = time
    this.startMs = this.nowMs = time.milliseconds()
    this.timeoutMs = this.deadlineMs = 0
    this.reset(timeoutMs)
  }

  /** Reads the clock, or takes `nowMs`; never goes back. */
  update(nowMs: number = this.time.milliseconds()): void {
    this.nowMs = Math.max(nowMs, this.nowMs)
  }

  /**
   * Starts again with `timeoutMs` from the last `update`; call `update` before it when time has
   * passed.
   *
   * A time-out without end is `Number.MAX_SAFE_INTEGER`; the deadline stays in that range.
   */
  reset(timeoutMs: number): void {
    if (!(timeoutMs >= 0)) throw new IllegalArgumentException(`Invalid timeout ${timeoutMs}`)
    this.timeoutMs = timeoutMs
    this.startMs = this.nowMs
    this.deadlineMs = Math.min(this.nowMs + timeoutMs, Number.MAX_SAFE_INTEGER)
  }

  /** `update` and `reset` in one. */
  updateAndReset(timeoutMs: number): void {
    this.update()
    this.reset(timeoutMs)
  }

  /** Sets the deadline itself, in milliseconds since 1970. */
  resetDeadline(deadlineMs: number): void {
    if (!(deadlineMs >= 0)) throw new IllegalArgumentException(`Invalid deadline ${deadlineMs}`)
    this.timeoutMs = Math.max(0, deadlineMs - this.nowMs)
    this.startMs = this.nowMs
    this.deadlineMs = deadlineMs
  }

  notExpired(): boolean {
    return !this.isExpired()
  }

  isExpired(): boolean {
    return this.nowMs >= this.deadlineMs
  }

  /** How long it has been expired; 0 while it is not. */
  isExpiredBy(): number {
    return Math.max(0, this.nowMs - this.deadlineMs)
  }

  /** Never below 0. */
  remainingMs(): number {
    return Math.max(0, this.deadlineMs - this.nowMs)
  }

  elapsedMs(): number {
    return this.nowMs - this.startMs
  }

  currentTimeMs(): number {
    return this.nowMs
  }

  getTimeoutMs(): number {
    return this.timeoutMs
  }

  /** Sleeps for `durationMs`, at most to the deadline, and updates. */
  async sleep(durationMs: number): Promise<void> {
    await this.time.sleep(Math.min(durationMs, this.remainingMs()))
    this.update()
  }
}
