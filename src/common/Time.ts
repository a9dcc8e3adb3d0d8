/**
 * The seam through which every clock reading and every wait goes.
 *
 * Java's `Time` has `sleep` and `waitObject`; with one thread both are the same thing, a callback
 * at a later time. So `schedule` is the one primitive under every wait: `SystemTime` gives it to
 * the event loop, `MockTime` and `Simulation` keep it in a queue of their own.
 *
 * @kafka org.apache.kafka.common.utils.Time
 */

import type { Timer } from './Timer.ts'

/** A callback that has not run yet. */
export interface Scheduled {
  /** The callback will not run. Calling it late or twice does nothing. */
  cancel(): void
}

export interface Time {
  /** Milliseconds since 1970, whole. */
  milliseconds(): number
  /** Milliseconds since some moment, with fractions, for measuring spans. */
  hiResClockMs(): number
  /**
   * Resolves after `ms` milliseconds.
   *
   * @param alarm ends it early: it resolves then as well
   */
  sleep(ms: number, alarm?: AbortSignal): Promise<void>
  /** A deadline `timeoutMs` from now. */
  timer(timeoutMs: number): Timer
  /** Calls `run` after `delayMs`; 0 means after one turn of the event loop, never at once. */
  schedule(delayMs: number, run: () => void): Scheduled
}

/** `Time.sleep` of a clock under which every wait is a `schedule`. */
export const sleepOn = (
  time: Pick<Time, 'schedule'>,
  ms: number,
  alarm?: AbortSignal,
): Promise<void> =>
  new Promise((resolve) => {
    if (alarm?.aborted) return resolve()
    const wake = (): void => {
      waiting.cancel()
      alarm?.removeEventListener('abort', wake)
      resolve()
    }
    const waiting = time.schedule(ms, wake)
    alarm?.addEventListener('abort', wake)
  })
