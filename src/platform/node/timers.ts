/** The clock, timers, the macrotask hop and true chance, on Node. */

import { randomFillSync } from 'node:crypto'
import type { TimerHandle } from '../primitives.ts'

/** Milliseconds since 1970, whole; may jump when the machine's clock is set. */
export const wallClockMs = (): number => Date.now()

/** Milliseconds since some moment, with fractions; never goes back. */
export const monotonicMs = (): number => performance.now()

export const setTimer = (delayMs: number, run: () => void): TimerHandle => setTimeout(run, delayMs)

export const clearTimer = (handle: TimerHandle): void =>
  clearTimeout(handle as ReturnType<typeof setTimeout>)

/**
 * Calls `run` after the event loop has taken one turn: sockets were looked at, promises have run.
 */
export const setMacrotask = (run: () => void): void => {
  setImmediate(run)
}

/** Resolves after one turn of the event loop. */
export const macrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Bytes nobody can guess. */
export const randomBytes = (length: number): Uint8Array => randomFillSync(new Uint8Array(length))
