/**
 * The clock behind a call's timer: who calls can end a back-off of his call.
 *
 *     call      timer ──sleep──► WakeableClock ──sleep(ms, alarm)──► Time
 *     abort, wakeup()            wake ──────────────── alarm ─────────┘  over at once
 *
 * A call waits in two places: in the network client's poll, which has a `wakeup` of its own, and
 * in a back-off between two tries. In Java the second is `Utils.sleep`: a `wakeup()` is seen by
 * the poll that comes after it. Here it ends the sleep, so that this poll comes at once; nothing
 * else is different, and what the call ends with is decided where it always was.
 *
 * I1  A wake-up ends the sleep that goes on, and is not kept for a later one. An abort has set the
 *     timer to "over", so none will follow. A `wakeup()` out of the program's own callback, in the
 *     middle of a call, is heard after the back-off that begins then, as in Java.
 * I2  A sleep that was ended leaves nothing in the queue of the clock.
 */

import type { Time } from '../../common/Time.ts'
import type { Clock } from '../../common/Timer.ts'

export class WakeableClock implements Clock {
  private readonly time: Time
  private alarm = new AbortController()

  constructor(time: Time) {
    this.time = time
  }

  milliseconds(): number {
    return this.time.milliseconds()
  }

  sleep(ms: number): Promise<void> {
    return this.time.sleep(ms, this.alarm.signal)
  }

  /** I1. */
  wake(): void {
    const { alarm } = this
    this.alarm = new AbortController()
    alarm.abort()
  }
}
