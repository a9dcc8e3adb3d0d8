/**
 * `enable.auto.commit`: commits the positions from time to time, and once more before partitions
 * are given up.
 *
 *     poll ── records 0–9 ──► program        position 10
 *     poll ── interval over: commits 10 ──► hands out 10–19
 *
 * It is the `poll` that commits, before it hands out anything new. So what is committed has been
 * handed out by an earlier `poll`, and the program has come back since: it is done with it. A
 * program that hands records on to others and polls again commits what those have not done yet.
 *
 * I1  A retriable failure shortens the wait to `retry.backoff.ms`; any other waits for the next
 *     interval. Neither ends the consumer.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 */

import { WakeupException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import { RetriableCommitFailedException } from '../RetriableCommitFailedException.ts'
import type { OffsetCommitter } from './OffsetCommitter.ts'
import type { RequestFuture } from './RequestFuture.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface AutoCommitOptions {
  readonly logger: Logger
  readonly time: Time
  readonly committer: OffsetCommitter
  readonly subscriptions: SubscriptionState
  /** `auto.commit.interval.ms` */
  readonly intervalMs: number
  readonly retryBackoffMs: number
}

export class AutoCommit {
  private readonly options: AutoCommitOptions
  private readonly nextAutoCommitTimer: Timer

  constructor(options: AutoCommitOptions) {
    this.options = options
    this.nextAutoCommitTimer = options.time.timer(options.intervalMs)
  }

  /** Milliseconds until the next commit is due. */
  remainingMs(): number {
    return this.nextAutoCommitTimer.remainingMs()
  }

  /** A new assignment: a whole interval from now. */
  reschedule(): void {
    this.nextAutoCommitTimer.updateAndReset(this.options.intervalMs)
  }

  /** Commits if the interval is over. */
  maybeCommitAsync(nowMs: number): void {
    this.nextAutoCommitTimer.update(nowMs)
    if (this.nextAutoCommitTimer.notExpired()) return
    this.nextAutoCommitTimer.reset(this.options.intervalMs)
    this.commitAsync()
  }

  /** Commits now. @returns as `OffsetCommitter.commitOffsetsAsync` */
  commitAsync(): RequestFuture<void> | null {
    const { logger, committer, subscriptions, retryBackoffMs } = this.options
    const consumed = subscriptions.allConsumed()
    logger.debug(`Sending asynchronous auto-commit of offsets ${consumed}`)
    return committer.commitOffsetsAsync(consumed, (offsets, error) => {
      if (error === null) {
        logger.debug(`Completed asynchronous auto-commit of offsets ${offsets}`)
      } else if (error instanceof RetriableCommitFailedException) {
        logger.debug(`Auto-commit of offsets ${offsets} failed for now: ${error.message}`)
        this.nextAutoCommitTimer.updateAndReset(retryBackoffMs)
      } else {
        logger.warn(`Asynchronous auto-commit of offsets ${offsets} failed: ${error.message}`)
      }
    })
  }

  /** The last commit, when the consumer closes. A failure is logged, as for the others. */
  async commitSync(timer: Timer): Promise<void> {
    const { logger, committer, subscriptions } = this.options
    const consumed = subscriptions.allConsumed()
    logger.debug(`Sending synchronous auto-commit of offsets ${consumed}`)
    try {
      if (await committer.commitOffsetsSync(consumed, timer)) return
      logger.debug(`Auto-commit of offsets ${consumed} timed out before completion`)
    } catch (error) {
      // The caller's own wish, and so is thrown on.
      if (error instanceof WakeupException) throw error
      logger.warn(`Synchronous auto-commit of offsets ${consumed} failed: ${error}`)
    }
  }
}
