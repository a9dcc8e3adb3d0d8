/**
 * A coordinator's timer that a test looks into: `poll` runs what is due and shows what came of it.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.MockCoordinatorTimer
 */

import type { CoordinatorResult } from '../../../src/broker/coordinator/CoordinatorResult.ts'
import type {
  CoordinatorTimer,
  TimeoutOperation,
} from '../../../src/broker/coordinator/CoordinatorTimer.ts'
import type { Time } from '../../../src/common/Time.ts'

interface ScheduledTimeout<U> {
  readonly deadlineMs: number
  readonly operation: TimeoutOperation<U>
}

export interface ExpiredTimeout<U> {
  readonly key: string
  readonly result: CoordinatorResult<void, U>
}

export class MockCoordinatorTimer<U> implements CoordinatorTimer<U> {
  private readonly time: Time
  private readonly timeouts = new Map<string, ScheduledTimeout<U>>()

  constructor(time: Time) {
    this.time = time
  }

  schedule(key: string, delayMs: number, _retry: boolean, operation: TimeoutOperation<U>): void {
    this.timeouts.delete(key)
    this.timeouts.set(key, { deadlineMs: this.time.milliseconds() + delayMs, operation })
  }

  scheduleIfAbsent(
    key: string,
    delayMs: number,
    retry: boolean,
    operation: TimeoutOperation<U>,
  ): void {
    if (!this.isScheduled(key)) this.schedule(key, delayMs, retry, operation)
  }

  cancel(key: string): void {
    this.timeouts.delete(key)
  }

  isScheduled(key: string): boolean {
    return this.timeouts.has(key)
  }

  /** Milliseconds until it is due; `undefined`: there is none. */
  remainingMs(key: string): number | undefined {
    const timeout = this.timeouts.get(key)
    return timeout && timeout.deadlineMs - this.time.milliseconds()
  }

  size(): number {
    return this.timeouts.size
  }

  /** Runs what is due by now, the earliest first. */
  poll(): ExpiredTimeout<U>[] {
    const nowMs = this.time.milliseconds()
    const due = [...this.timeouts]
      .filter(([, { deadlineMs }]) => deadlineMs <= nowMs)
      .sort(([, a], [, b]) => a.deadlineMs - b.deadlineMs)
    const expired: ExpiredTimeout<U>[] = []
    for (const [key, timeout] of due) {
      // One that ran before it may have cancelled or replaced it.
      if (this.timeouts.get(key) !== timeout) continue
      this.timeouts.delete(key)
      expired.push({ key, result: timeout.operation() })
    }
    return expired
  }
}
