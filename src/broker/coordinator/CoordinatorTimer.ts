/**
 * Timers of a coordinator: what is to be done to its state at a later time, each under a name.
 *
 *     schedule('session-timeout-g-m', 45_000, …) ─── heartbeat: schedule again ──► starts over
 *                                                └── 45 s of silence ──► operation ─► records
 *
 * An operation runs like a request does: in its turn, on a coordinator that is active, and its
 * records are written before anything comes of them.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorTimer
 */

import type { CoordinatorResult } from './CoordinatorResult.ts'

/** @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorTimer.TimeoutOperation */
export type TimeoutOperation<U> = () => CoordinatorResult<void, U>

/** Milliseconds until an operation that failed is tried again. */
export const DEFAULT_RETRY_BACKOFF_MS = 500

export interface CoordinatorTimer<U> {
  /**
   * Runs `operation` in `delayMs`; a timer of the same name is replaced.
   *
   * @param retry whether an operation that fails is tried again after `retryBackoffMs`
   * @param retryBackoffMs default 500
   */
  schedule(
    key: string,
    delayMs: number,
    retry: boolean,
    operation: TimeoutOperation<U>,
    retryBackoffMs?: number,
  ): void
  /** As `schedule`, unless there is a timer of that name. */
  scheduleIfAbsent(
    key: string,
    delayMs: number,
    retry: boolean,
    operation: TimeoutOperation<U>,
  ): void
  cancel(key: string): void
  isScheduled(key: string): boolean
}
