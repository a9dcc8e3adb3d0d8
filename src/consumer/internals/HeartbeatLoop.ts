/**
 * The second loop of a consumer: it keeps the membership alive while the program works on records
 * and does not poll.
 *
 *     runOnce: not in a round?          ─► wait to be enabled
 *              a round of I/O             (none if the user's loop is at it)
 *              coordinator unknown?     ─► look for it
 *              no answer for a session? ─► it is not there any more
 *              no poll for too long?    ─► leave the group: others shall have the partitions
 *              not due yet?             ─► wait for a back-off, or to be woken
 *              due                      ─► send a heartbeat
 *
 * Java gives it a thread. Here it is a loop of steps on the same event loop as everything else, so
 * it lives in the gaps of the program: whoever awaits lets it run. A program that computes for
 * longer than a session without awaiting anything is taken for dead, as a Java process that is
 * stopped would be.
 *
 * I1  It never waits for the network: its polls take no time, and it takes none while the user's
 *     loop is in one. What it has queued, that one sends.
 * I2  Nothing it meets gets lost. What it cannot handle ends it, and the program's next `poll`
 *     throws it; the join after that starts a new loop.
 * I3  After a wait it looks at everything anew: the member may have left, or be closing.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.HeartbeatThread
 * @kafka org.apache.kafka.clients.consumer.internals.BaseHeartbeatThread
 */

import {
  FencedInstanceIdException,
  RebalanceInProgressException,
} from '../../common/errors/CoordinatorExceptions.ts'
import { RetriableException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { asError } from './CoordinatorResponseHandler.ts'
import type { Heartbeat } from './Heartbeat.ts'
import { hasNotJoinedGroup, type MemberState } from './MemberState.ts'
import type { RequestFuture } from './RequestFuture.ts'

/** The coordinator's client, as this loop drives it. */
export interface BeatingCoordinator {
  memberState(): MemberState
  pollNoWakeup(): Promise<void>
  coordinatorUnknown(): boolean
  lookupInBackground(): void
  markCoordinatorUnknown(cause: string): void
  handlePollTimeoutExpiry(): Promise<void>
  sendHeartbeatRequest(): RequestFuture<void>
}

export interface HeartbeatLoopOptions {
  readonly logger: Logger
  readonly time: Time
  readonly heartbeat: Heartbeat
  readonly retryBackoffMs: number
  readonly coordinator: BeatingCoordinator
}

/** What a turn says of the next one: at once, after so many milliseconds, or when it is woken. */
type Next = 'at once' | 'when woken' | { readonly afterMs: number }

export class HeartbeatLoop {
  private readonly options: HeartbeatLoopOptions
  private enabled = false
  private closed = false
  private failure: Error | null = null
  /** Ends the wait; `null` while there is none. */
  private wake: (() => void) | null = null
  /** Woken between two waits: the next one must not begin. */
  private wokenUp = false
  private ended: Promise<void> = Promise.resolve()

  constructor(options: HeartbeatLoopOptions) {
    this.options = options
  }

  start(): void {
    this.ended = this.run()
  }

  /** The member is in a round: all clocks begin anew. */
  enable(): void {
    this.options.logger.debug('Enabling heartbeat loop')
    this.enabled = true
    this.options.heartbeat.resetTimeouts()
    this.wakeup()
  }

  disable(): void {
    this.options.logger.debug('Disabling heartbeat loop')
    this.enabled = false
  }

  isEnabled(): boolean {
    return this.enabled
  }

  isFailed(): boolean {
    return this.failure !== null
  }

  /** I2; `null` while all is well. */
  failureCause(): Error | null {
    return this.failure
  }

  /** Ends a wait: there may be something to do. */
  wakeup(): void {
    this.wokenUp = true
    this.wake?.()
  }

  /** Ends the loop; resolves when its last turn is over. */
  close(): Promise<void> {
    this.closed = true
    this.wakeup()
    return this.ended
  }

  async run(): Promise<void> {
    const { logger } = this.options
    logger.debug('Heartbeat loop started')
    try {
      while (!this.closed) await this.waitFor(await this.runOnce())
    } catch (error) {
      logger.error('The heartbeat loop failed; the next poll will throw its error', error)
      this.failure = asError(error)
    } finally {
      this.closed = true
      logger.debug('Heartbeat loop has ended')
    }
  }

  /** One turn. */
  async runOnce(): Promise<Next> {
    const { coordinator, heartbeat, retryBackoffMs, time } = this.options
    this.wokenUp = false
    if (!this.shouldBeat()) return 'when woken'
    await coordinator.pollNoWakeup()
    if (this.closed || !this.shouldBeat()) return 'at once'

    const nowMs = time.milliseconds()
    // At least one turn of the clock: a back-off of nothing must not make a loop that never rests.
    const backoff = { afterMs: Math.max(1, retryBackoffMs) }
    if (coordinator.coordinatorUnknown()) {
      coordinator.lookupInBackground()
      return backoff
    }
    if (heartbeat.sessionTimeoutExpired(nowMs)) {
      coordinator.markCoordinatorUnknown('session timed out without receiving a heartbeat response')
      return 'at once'
    }
    if (heartbeat.pollTimeoutExpired(nowMs)) {
      await coordinator.handlePollTimeoutExpiry()
      return 'at once'
    }
    if (!heartbeat.shouldHeartbeat(nowMs)) return backoff
    heartbeat.sentHeartbeat(nowMs)
    this.listen(coordinator.sendHeartbeatRequest())
    return 'at once'
  }

  toString(): string {
    const state = this.closed ? 'closed' : this.enabled ? 'enabled' : 'disabled'
    return `HeartbeatLoop(${state}${this.failure === null ? '' : `, ${this.failure.message}`})`
  }

  /** Before a round there is nothing to keep alive; after a fatal error there is no use in it. */
  private shouldBeat(): boolean {
    if (!this.enabled) return false
    if (!hasNotJoinedGroup(this.options.coordinator.memberState()) && !this.isFailed()) return true
    this.disable()
    return false
  }

  private listen(future: RequestFuture<void>): void {
    const { heartbeat, logger } = this.options
    future.addListener({
      onSuccess: () => heartbeat.receiveHeartbeat(),
      onFailure: (error) => {
        if (error instanceof RebalanceInProgressException) {
          // The coordinator has heard us: for as long as the others may take to join, it counts.
          heartbeat.receiveHeartbeat()
        } else if (error instanceof FencedInstanceIdException) {
          logger.error('Another member has taken the name of this one (group.instance.id)')
          this.failure = error
        } else {
          const what = `A heartbeat failed, the next one comes after a back-off: ${error.message}`
          if (error instanceof RetriableException) logger.info(what)
          else logger.warn(what)
          heartbeat.failHeartbeat()
          this.wakeup()
        }
      },
    })
  }

  private waitFor(next: Next): Promise<void> | undefined {
    if (next === 'at once' || this.wokenUp || this.closed) return undefined
    return new Promise((resolve) => {
      const timeout =
        next === 'when woken' ? null : this.options.time.schedule(next.afterMs, () => this.wake?.())
      this.wake = () => {
        this.wake = null
        timeout?.cancel()
        resolve()
      }
    })
  }
}
