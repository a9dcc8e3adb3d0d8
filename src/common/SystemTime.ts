/**
 * The machine's own clock.
 *
 * @kafka org.apache.kafka.common.utils.SystemTime
 */

import { clearTimer, monotonicMs, setTimer, wallClockMs } from '#platform'
import { type Scheduled, sleepOn, type Time } from './Time.ts'
import { Timer } from './Timer.ts'
import { Turn } from './Turn.ts'

/**
 * Node's timers count in 31 bits; a longer wait is cut to this and looked at again by whoever
 * waits.
 */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export class SystemTime implements Time {
  milliseconds(): number {
    return wallClockMs()
  }

  hiResClockMs(): number {
    return monotonicMs()
  }

  sleep(ms: number, alarm?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, alarm)
  }

  timer(timeoutMs: number): Timer {
    return new Timer(this, timeoutMs)
  }

  schedule(delayMs: number, run: () => void): Scheduled {
    if (delayMs <= 0) return Turn.schedule(run)
    const handle = setTimer(Math.min(Math.ceil(delayMs), LONGEST_TIMER_MS), run)
    return { cancel: () => clearTimer(handle) }
  }
}
