/**
 * Java's `Thread.join(timeout)`: waits for something to end, but not longer than a deadline.
 */

import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'

/** Resolves when `ending` does, or at the timer's deadline. `ending` must not reject. */
export const joinWithin = async (
  time: Time,
  timer: Timer,
  ending: Promise<void>,
): Promise<void> => {
  await new Promise<void>((resolve) => {
    const deadline = time.schedule(timer.remainingMs(), resolve)
    ending.then(() => {
      deadline.cancel()
      resolve()
    })
  })
  timer.update()
}
