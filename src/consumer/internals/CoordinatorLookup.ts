/**
 * Where the group's coordinator is: found by asking any broker, kept until something says that it
 * is no longer there.
 *
 *     unknown ──FindCoordinator──► known ──lost connection, NOT_COORDINATOR, no heartbeat
 *        ▲                           │            answered for a session──┐
 *        └──── markCoordinatorUnknown ◄───────────────────────────────────┘
 *
 * The coordinator is a broker like others, and often the leader of partitions that this consumer
 * reads. It gets a connection of its own all the same, under an id that no broker has: a heartbeat
 * must not stand behind a fetch that waits on the broker for data.
 *
 * I1  At most one question is under way: who asks meanwhile gets the same future.
 * I2  While the user's loop looks for the coordinator, the heartbeat loop does not: it would throw
 *     away the question that the user waits for. In Java a lock sees to it.
 * I3  An error that no second try can mend reaches the user, also when it was the heartbeat loop
 *     that had asked.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 * @simplified an error of I3 that is thrown to who waits for it is not thrown once more at the next
 *   call.
 */

import {
  CoordinatorType,
  coordinatorsOf,
  findCoordinatorRequest,
} from '../../clients/FindCoordinatorRequest.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import { GroupAuthorizationException } from '../../common/errors/ApiExceptions.ts'
import { IllegalStateException, RetriableException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { Trace } from '../../common/Trace.ts'
import { Errors, WireError } from '../../protocol/Errors.ts'
import type { FindCoordinatorResponseData } from '../../protocol/messages/FindCoordinator.ts'
import type { ConsumerNetworkClient } from './ConsumerNetworkClient.ts'
import type { GroupRebalanceConfig } from './GroupRebalanceConfig.ts'
import { RequestFuture } from './RequestFuture.ts'

/** The largest int32, from which the id of the coordinator's connection is counted down. */
const MAX_NODE_ID = 2 ** 31 - 1

export interface CoordinatorLookupOptions {
  readonly logger: Logger
  readonly client: ConsumerNetworkClient
  readonly time: Time
  readonly trace: Trace
  readonly config: GroupRebalanceConfig
  readonly retryBackoff: ExponentialBackoff
  /** Called when the coordinator was found. */
  readonly onFound: () => void
}

export class CoordinatorLookup {
  private readonly logger: Logger
  private readonly client: ConsumerNetworkClient
  private readonly time: Time
  private readonly trace: Trace
  private readonly config: GroupRebalanceConfig
  private readonly retryBackoff: ExponentialBackoff
  private readonly onFound: () => void
  private node: Node | null = null
  private findCoordinatorFuture: RequestFuture<void> | null = null
  /** I3. */
  private fatalException: Error | null = null
  /** Since when it is unknown; milliseconds since 1970. */
  private lastTimeOfConnectionMs: number
  /** I2. */
  private waiting = 0

  constructor(options: CoordinatorLookupOptions) {
    this.logger = options.logger
    this.client = options.client
    this.time = options.time
    this.trace = options.trace
    this.config = options.config
    this.retryBackoff = options.retryBackoff
    this.onFound = options.onFound
    this.lastTimeOfConnectionMs = options.time.milliseconds()
  }

  /**
   * Looks for the coordinator, and waits until it is found.
   *
   * @returns `false` only when the time is over
   * @throws GroupAuthorizationException and whatever else no second try can mend
   */
  async ensureCoordinatorReady(timer: Timer, disableWakeup: boolean): Promise<boolean> {
    if (!this.coordinatorUnknown()) return true
    this.waiting++
    try {
      let attempts = 0
      do {
        this.maybeThrowFatalException()
        const future = this.lookupCoordinator()
        await this.client.pollFuture(future, timer, disableWakeup)
        if (!future.isDone()) break
        if (this.needsBackoff(future)) {
          await timer.sleep(this.retryBackoff.backoff(attempts++))
          if (future.failed()) await this.client.awaitMetadataUpdate(timer)
        }
        this.clearFindCoordinatorFuture()
      } while (this.coordinatorUnknown() && timer.notExpired())
    } finally {
      this.waiting--
    }
    return !this.coordinatorUnknown()
  }

  /** The question under way, or a new one. Does not wait. */
  lookupCoordinator(): RequestFuture<void> {
    // One that has its answer is over: an asynchronous commit asks and does not come back to clear.
    if (this.findCoordinatorFuture?.isDone() === false) return this.findCoordinatorFuture
    const node = this.client.leastLoadedNode()
    if (node === null) {
      this.logger.debug('No broker available to send FindCoordinator request')
      return RequestFuture.noBrokersAvailable()
    }
    this.findCoordinatorFuture = this.sendFindCoordinatorRequest(node)
    return this.findCoordinatorFuture
  }

  /**
   * For the heartbeat loop, which does not wait: asks, and in its next turn forgets what it has
   * asked, so that the turn after that asks again.
   */
  lookupInBackground(): void {
    if (this.waiting > 0) return
    if (this.findCoordinatorFuture !== null) this.clearFindCoordinatorFuture()
    else this.lookupCoordinator()
  }

  coordinatorUnknown(): boolean {
    return this.checkAndGetCoordinator() === null
  }

  /** The coordinator, if its connection has not just failed; then it is marked unknown. */
  checkAndGetCoordinator(): Node | null {
    if (this.node !== null && this.client.isUnavailable(this.node)) {
      this.markCoordinatorUnknown('coordinator unavailable', true)
    }
    return this.node
  }

  /** As it was found last; `null`: unknown. */
  coordinator(): Node | null {
    return this.node
  }

  /** @param isDisconnected default: `false`, and then the connection is closed */
  markCoordinatorUnknown(cause: WireError | string, isDisconnected = false): void {
    const { node } = this
    if (node === null) {
      const durationMs = this.time.milliseconds() - this.lastTimeOfConnectionMs
      if (durationMs > this.config.rebalanceTimeoutMs) {
        this.logger.warn(`The group coordinator has been out of reach for ${durationMs} ms`)
      }
      return
    }
    const why = cause instanceof WireError ? `error response ${cause.name}` : cause
    this.logger.info(
      `Group coordinator ${node} is unavailable or invalid due to cause: ${why}. ` +
        `isDisconnected: ${isDisconnected}. Rediscovery will be attempted.`,
    )
    // First forgotten, then disconnected: handlers of what is in flight may come here again.
    this.node = null
    if (!isDisconnected) this.client.disconnectAsync(node)
    this.lastTimeOfConnectionMs = this.time.milliseconds()
  }

  toString(): string {
    return `CoordinatorLookup(group=${this.config.groupId}, coordinator=${this.node ?? 'unknown'})`
  }

  /** Whether this was a try in vain, after which one waits. @throws what is fatal */
  private needsBackoff(future: RequestFuture<void>): boolean {
    if (future.failed()) {
      const exception = future.exception()
      if (!future.isRetriable()) {
        this.logger.info(`FindCoordinator request hit fatal exception: ${exception.message}`)
        this.clearFindCoordinatorFuture()
        if (this.fatalException === exception) this.fatalException = null
        throw exception
      }
      this.logger.debug(`Coordinator discovery failed: ${exception.message}; refreshing metadata`)
      return true
    }
    if (this.node === null || !this.client.isUnavailable(this.node)) return false
    // It was found, but cannot be reached.
    this.markCoordinatorUnknown('coordinator unavailable')
    return true
  }

  private maybeThrowFatalException(): void {
    const exception = this.fatalException
    if (exception === null) return
    this.fatalException = null
    throw exception
  }

  private clearFindCoordinatorFuture(): void {
    this.findCoordinatorFuture = null
  }

  private sendFindCoordinatorRequest(node: Node): RequestFuture<void> {
    const { groupId } = this.config
    this.logger.debug(`Sending FindCoordinator request to broker ${node}`)
    return this.client
      .send(node, findCoordinatorRequest(CoordinatorType.GROUP, [groupId]))
      .compose<void>({
        onSuccess: ({ responseBody }, future) => this.handle(responseBody, future),
        onFailure: (error, future) => {
          this.logger.debug(`FindCoordinator request failed due to ${error.message}`)
          if (!(error instanceof RetriableException)) this.fatalException = error
          future.raise(error)
        },
      })
  }

  private handle(response: FindCoordinatorResponseData | null, future: RequestFuture<void>): void {
    const [found, ...more] = response === null ? [] : coordinatorsOf(response)
    if (found === undefined || more.length > 0) {
      future.raise(
        new IllegalStateException(
          `Group coordinator lookup failed: one coordinator was asked for, the answer has ` +
            `${found === undefined ? 0 : more.length + 1}.`,
        ),
      )
      return
    }
    const error = Errors.forCode(found.errorCode, this.logger)
    if (error === Errors.NONE) {
      this.node = new Node(MAX_NODE_ID - found.nodeId, found.host, found.port)
      this.logger.info(`Discovered group coordinator ${this.node}`)
      if (this.trace.enabled) {
        const { groupId } = this.config
        this.trace.emit('consumer.coordinator.find', { group: groupId, node: found.nodeId })
      }
      this.client.tryConnect(this.node)
      this.onFound()
      future.complete(undefined)
    } else if (error === Errors.GROUP_AUTHORIZATION_FAILED) {
      future.raise(notAuthorized(this.config.groupId))
    } else {
      this.logger.debug(`Group coordinator lookup failed: ${found.errorMessage ?? error.message}`)
      future.raise(error.exception()!)
    }
  }
}

/** What a member gets that may not be in this group. */
export const notAuthorized = (groupId: string): GroupAuthorizationException =>
  new GroupAuthorizationException(`Not authorized to access group: ${groupId}`, groupId)
