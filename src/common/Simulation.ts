/**
 * Virtual time for whole clusters: producers, brokers and consumers in one process, a run fixed by
 * its seed.
 *
 *     queue (ordered by time, then by sequence)
 *     ┌────────────┬────────────┬────────────┬─────
 *     │ 0 ms  #4   │ 0 ms  #5   │ 2 ms  #3   │ …
 *     └─────┬──────┴────────────┴────────────┴─────
 *           ▼
 *     run one entry ─► one macrotask hop: every continuation runs, however deep ─► take the next
 *
 * The clock does not pass by itself: it jumps to the time of the entry that is taken. A wait of an
 * hour costs nothing.
 *
 * I1  One entry at a time: between two entries all continuations of the first have run.
 * I2  Nothing under a simulation waits for anything that is not an entry: no real timer, no thread
 *     pool, no socket.
 * I3  A turn of the event loop costs a microsecond. So a loop that polls without waiting comes to
 *     the end of its time like any other, and cannot keep the clock from moving.
 * I4  An empty queue while the run is not finished is a deadlock, and is reported as one.
 */

import { macrotask } from '#platform'
import { IllegalStateException, TimeoutException } from './errors.ts'
import { type Random, SeededRandom } from './Random.ts'
import { ScheduleQueue } from './ScheduleQueue.ts'
import { type Scheduled, sleepOn, type Time } from './Time.ts'
import { Timer } from './Timer.ts'

/** What `schedule(0)` costs (I3). */
const TURN_US = 1

export interface SimulationOptions {
  /** What `random` starts from; the same seed gives the same run. */
  seed: number
  /** Where the clock starts, milliseconds since 1970. */
  startMs?: number
  /**
   * A run longer than this, in virtual milliseconds, is stopped with a `TimeoutException`. Default:
   * one day.
   */
  maxDurationMs?: number
}

export class Simulation implements Time {
  readonly seed: number
  readonly random: Random
  private readonly queue = new ScheduleQueue()
  private readonly startMs: number
  private readonly endUs: number
  /** Whole microseconds since the start, so that adding them up is exact. */
  private nowUs = 0
  private stepsTaken = 0

  constructor(options: SimulationOptions) {
    this.seed = options.seed
    this.random = new SeededRandom(options.seed)
    this.startMs = options.startMs ?? 1_700_000_000_000
    this.endUs = (options.maxDurationMs ?? 86_400_000) * 1000
  }

  milliseconds(): number {
    return this.startMs + Math.floor(this.nowUs / 1000)
  }

  hiResClockMs(): number {
    return this.nowUs / 1000
  }

  sleep(ms: number, alarm?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, alarm)
  }

  timer(timeoutMs: number): Timer {
    return new Timer(this, timeoutMs)
  }

  schedule(delayMs: number, run: () => void): Scheduled {
    return this.queue.add(this.nowUs + Math.max(TURN_US, Math.round(delayMs * 1000)), run)
  }

  /** Entries run so far. */
  get steps(): number {
    return this.stepsTaken
  }

  /** When the next entry is due, in the terms of `hiResClockMs`; `undefined` when nothing waits. */
  nextStepMs(): number | undefined {
    const atUs = this.queue.nextAt()
    return atUs === undefined ? undefined : atUs / 1000
  }

  /** Runs one entry and all that follows from it at once. `false` when nothing was waiting. */
  async step(): Promise<boolean> {
    const atUs = this.queue.nextAt()
    if (atUs === undefined) return false
    this.nowUs = atUs
    this.stepsTaken++
    this.queue.take()!()
    await macrotask()
    return true
  }

  /** Runs `main` to its end, and everything that it waits for, and returns what it returns. */
  async run<T>(main: () => Promise<T>): Promise<T> {
    let outcome: { value: T } | { error: unknown } | undefined
    main().then(
      (value) => {
        outcome = { value }
      },
      (error: unknown) => {
        outcome = { error }
      },
    )
    await macrotask()
    while (outcome === undefined) {
      if (this.nowUs > this.endUs) {
        throw new TimeoutException(
          `The simulated run (seed ${this.seed}) is not finished after ` +
            `${this.endUs / 1000} ms of virtual time.`,
        )
      }
      if (!(await this.step())) {
        throw new IllegalStateException(
          `The simulated run (seed ${this.seed}) waits for something that no entry will bring: ` +
            'a deadlock.',
        )
      }
    }
    const result = outcome as { value: T } | { error: unknown }
    if ('error' in result) throw result.error
    return result.value
  }
}
