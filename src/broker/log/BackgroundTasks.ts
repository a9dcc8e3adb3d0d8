/**
 * Work that a broker does later or again and again: deleting files, writing checkpoints, forgetting
 * idle producers.
 *
 * It is Java's `KafkaScheduler` over `Time.schedule`. Closing it cancels what has not run: after
 * that no timer of this broker keeps a program alive, and nothing runs on logs that are closed.
 *
 * @kafka org.apache.kafka.server.util.KafkaScheduler
 */

import type { Logger } from '../../common/Logger.ts'
import type { Scheduled, Time } from '../../common/Time.ts'

export class BackgroundTasks {
  private readonly time: Time
  private readonly logger: Logger
  private readonly waiting = new Set<Scheduled>()
  private closed = false

  constructor(time: Time, logger: Logger) {
    this.time = time
    this.logger = logger
  }

  /** Runs `task` once, `delayMs` from now. */
  schedule(delayMs: number, task: () => void): void {
    if (this.closed) return
    const scheduled = this.time.schedule(delayMs, () => {
      this.waiting.delete(scheduled)
      this.attempt(task)
    })
    this.waiting.add(scheduled)
  }

  /** Runs `task` every `periodMs`. A period beyond what a timer can count (24 days) is "never". */
  scheduleEvery(periodMs: number, task: () => void): void {
    if (periodMs > LONGEST_PERIOD_MS) return
    this.schedule(periodMs, () => {
      this.attempt(task)
      this.scheduleEvery(periodMs, task)
    })
  }

  /** What has not run will not. */
  close(): void {
    this.closed = true
    for (const scheduled of this.waiting) scheduled.cancel()
    this.waiting.clear()
  }

  /** A task that fails is reported, and the others go on. */
  private attempt(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.logger.error('A background task failed', error)
    }
  }
}

const LONGEST_PERIOD_MS = 2 ** 31 - 1
