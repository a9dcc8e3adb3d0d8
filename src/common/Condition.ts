/**
 * Something that one loop waits for and another one announces.
 *
 *     loop A   await condition.await(500)  ─ ─ ─ ─ ─ ─ ─ ─ ─ ─►  true: it was signalled
 *     loop B                                 condition.signal()
 *
 * Between the signal and A's going on, the code that signalled runs on, and so may others: A is
 * woken in a microtask of its own. So what B announced may be gone again when A looks. In Java the
 * same is true between `signal` and the moment at which the thread that was woken gets the lock
 * back. Who waits on a condition therefore looks again, and waits on if need be.
 *
 * I1  At most one loop waits at a time.
 * I2  A signal that nobody waits for is forgotten.
 *
 * @kafka java.util.concurrent.locks.Condition
 */

import { IllegalStateException } from './errors.ts'
import type { Time } from './Time.ts'

export class Condition {
  private readonly time: Time
  private wake: ((signalled: boolean) => void) | null = null

  constructor(time: Time) {
    this.time = time
  }

  /**
   * Waits for the next signal.
   *
   * @returns `false` when `timeoutMs` were over first
   */
  await(timeoutMs: number): Promise<boolean> {
    if (this.wake !== null) throw new IllegalStateException('I1 Somebody waits here already')
    return new Promise((resolve) => {
      const timeout = this.time.schedule(timeoutMs, () => this.wake?.(false))
      this.wake = (signalled) => {
        this.wake = null
        timeout.cancel()
        resolve(signalled)
      }
    })
  }

  /** Wakes who waits (I2). */
  signal(): void {
    this.wake?.(true)
  }
}
