/** The clock, timers, the macrotask hop and true chance, in a page. */

import type { TimerHandle } from '../primitives.ts'

export const wallClockMs = (): number => Date.now()

export const monotonicMs = (): number => performance.now()

export const setTimer = (delayMs: number, run: () => void): TimerHandle => setTimeout(run, delayMs)

export const clearTimer = (handle: TimerHandle): void =>
  clearTimeout(handle as ReturnType<typeof setTimeout>)

// A message to ourselves is the shortest macrotask a page has: `setTimeout(0)` is held back to 4
// ms.
const waiting: (() => void)[] = []
const { port1, port2 } = new MessageChannel()
port1.addEventListener('message', () => waiting.shift()?.())
port1.start()

/** Calls `run` after the event loop has taken one turn. */
export const setMacrotask = (run: () => void): void => {
  waiting.push(run)
  port2.postMessage(null)
}

/** Resolves after one turn of the event loop. */
export const macrotask = (): Promise<void> => new Promise(setMacrotask)

/** Bytes nobody can guess. */
export const randomBytes = (length: number): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(length))
