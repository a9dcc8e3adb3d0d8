/**
 * The timers of one shard. When one fires, its operation takes its place in the shard's queue, so
 * between firing and running a request may still have cancelled or replaced it.
 *
 * I1  Only the newest timer of a name runs, and not after `cancel`.
 * I2  After `cancelAll` nothing of this shard is in the clock's queue.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorTimerImpl
 */

import {
  CoordinatorLoadInProgressException,
  NotCoordinatorException,
} from '../../common/errors/ApiExceptions.ts'
import { KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Scheduled, Time } from '../../common/Time.ts'
import type { CompletableFuture } from './CompletableFuture.ts'
import type { CoordinatorResult } from './CoordinatorResult.ts'
import {
  type CoordinatorTimer,
  DEFAULT_RETRY_BACKOFF_MS,
  type TimeoutOperation,
} from './CoordinatorTimer.ts'

/** Puts an operation into the shard's queue. */
export type CoordinatorShardScheduler<U> = (
  operationName: string,
  operation: () => CoordinatorResult<void, U>,
) => CompletableFuture<void>

/** The timer was cancelled or replaced after it had fired. */
class TimerOverriddenException extends KafkaException {}

export class CoordinatorTimerImpl<U> implements CoordinatorTimer<U> {
  private readonly logger: Logger
  private readonly time: Time
  private readonly scheduler: CoordinatorShardScheduler<U>
  private readonly tasks = new Map<string, Scheduled>()

  constructor(logger: Logger, time: Time, scheduler: CoordinatorShardScheduler<U>) {
    this.logger = logger
    this.time = time
    this.scheduler = scheduler
  }

  schedule(
    key: string,
    delayMs: number,
    retry: boolean,
    operation: TimeoutOperation<U>,
    retryBackoffMs = DEFAULT_RETRY_BACKOFF_MS,
  ): void {
    this.cancel(key)
    const task = this.time.schedule(delayMs, () => {
      this.scheduler(`Timeout(key=${key})`, () => {
        if (this.tasks.get(key) !== task) {
          throw new TimerOverriddenException(`Timer ${key} was overridden or cancelled`)
        }
        this.tasks.delete(key)
        return operation()
      }).whenComplete((_, error) => {
        if (error === undefined) return
        if (this.tasks.get(key) === task) this.tasks.delete(key)
        if (!this.isWorthRetrying(key, error, retry)) return
        this.schedule(key, retryBackoffMs, true, operation, retryBackoffMs)
      })
    })
    this.tasks.set(key, task)
  }

  scheduleIfAbsent(
    key: string,
    delayMs: number,
    retry: boolean,
    operation: TimeoutOperation<U>,
  ): void {
    if (!this.tasks.has(key)) this.schedule(key, delayMs, retry, operation)
  }

  cancel(key: string): void {
    this.tasks.get(key)?.cancel()
    this.tasks.delete(key)
  }

  isScheduled(key: string): boolean {
    return this.tasks.has(key)
  }

  cancelAll(): void {
    for (const task of this.tasks.values()) task.cancel()
    this.tasks.clear()
  }

  /** How many have not run. */
  size(): number {
    return this.tasks.size
  }

  private isWorthRetrying(key: string, error: unknown, retry: boolean): boolean {
    if (error instanceof TimerOverriddenException) return false
    if (
      error instanceof NotCoordinatorException ||
      error instanceof CoordinatorLoadInProgressException
    ) {
      this.logger.debug(`The timer ${key} was ignored: the coordinator is not active.`)
      return false
    }
    if (retry) this.logger.info(`The timer ${key} failed and is tried again: ${error}`)
    else this.logger.error(`The timer ${key} failed`, error)
    return retry
  }
}
