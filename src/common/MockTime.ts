/**
 * A clock that a unit test moves by hand.
 *
 * `sleep` moves it at once and runs what became due on the way; with `autoTickMs` each reading
 * moves it a little, which shows loops that never look at the clock again.
 *
 * A wait of 0 is no wait but one turn of the event loop, and that one is real: a test over real
 * sockets, with a clock of its own, would otherwise stand still.
 *
 * @kafka org.apache.kafka.common.utils.MockTime
 */

import { ScheduleQueue } from './ScheduleQueue.ts'
import type { Scheduled, Time } from './Time.ts'
import { Timer } from './Timer.ts'
import { Turn } from './Turn.ts'

export class MockTime implements Time {
  private readonly queue = new ScheduleQueue()
  private readonly autoTickMs: number
  private nowMs: number

  /** @param startMs where the clock stands, milliseconds since 1970 */
  constructor(autoTickMs = 0, startMs = 1_700_000_000_000) {
    this.autoTickMs = autoTickMs
    this.nowMs = startMs
  }

  milliseconds(): number {
    this.advance(this.autoTickMs)
    return this.nowMs
  }

  hiResClockMs(): number {
    return this.milliseconds()
  }

  /** Moves the clock by `ms` before it returns, so that no alarm comes in time. */
  sleep(ms: number): Promise<void> {
    this.advance(ms)
    return Promise.resolve()
  }

  timer(timeoutMs: number): Timer {
    return new Timer(this, timeoutMs)
  }

  schedule(delayMs: number, run: () => void): Scheduled {
    return delayMs <= 0 ? Turn.schedule(run) : this.queue.add(this.nowMs + delayMs, run)
  }

  /** Puts the clock where a test wants it; going back is allowed, as on a real machine. */
  setCurrentTimeMs(nowMs: number): void {
    this.nowMs = nowMs
  }

  private advance(ms: number): void {
    if (ms <= 0) return
    const untilMs = this.nowMs + ms
    for (;;) {
      const nextMs = this.queue.nextAt()
      if (nextMs === undefined || nextMs > untilMs) break
      this.nowMs = Math.max(this.nowMs, nextMs)
      this.queue.take()!()
    }
    // A callback may have slept beyond it itself.
    this.nowMs = Math.max(this.nowMs, untilMs)
  }
}
