/**
 * The consumer's way to the network: requests are queued at once and sent when their node is ready;
 * outcomes reach their `RequestFuture` outside of the network client's own loop.
 *
 *     send ─► UnsentRequests ──trySend──► KafkaClient ─► … ─► onComplete
 *      │         per node       (ready?)                          │
 *      └◄─ RequestFuture ◄── firePendingCompletedRequests ◄── pendingCompletion
 *
 * A consumer does I/O while its owner waits in `poll`, `position`, `endOffsets`, …, and each of
 * these waits the same way: `poll` a little, look whether the thing has happened, poll again until
 * the deadline. What is sent in the background, such as the next fetch, moves on during whichever
 * call comes next.
 *
 * In a group a second loop comes here as well, the heartbeat's: `PollTurns` has how the two share
 * one network client.
 *
 * Why completions go through a queue: a handler may send the next request, or fail others. Called
 * in the middle of `KafkaClient.poll`, it would change what that is walking over.
 *
 * I1  Every future of `send` is settled: answered, disconnected, refused, or timed out before it
 *     could be sent.
 * I2  Handlers run at the beginning and the end of `poll` only, in the order in which the outcomes
 *     became known.
 * I3  `wakeup` ends the poll that runs, or the next one, by a `WakeupException`, exactly once.
 * I4  The network client's own `poll` is never entered twice at once.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerNetworkClient
 * @simplified Java's lock is `PollTurns`, around the poll of the network client alone: everything
 *   else happens between two awaits.
 */

import type { ClientRequest } from '../../clients/ClientRequest.ts'
import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { type KafkaClient, NO_TIMEOUT_MS } from '../../clients/KafkaClient.ts'
import type { Metadata } from '../../clients/Metadata.ts'
import type { AnyApiKey, RequestBuilder } from '../../clients/RequestBuilder.ts'
import { DisconnectException, WakeupException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { Time } from '../../common/Time.ts'
import type { Timer } from '../../common/Timer.ts'
import type { Trace } from '../../common/Trace.ts'
import { PollTurns } from './PollTurns.ts'
import type { RequestFuture } from './RequestFuture.ts'
import {
  type PendingCompletion,
  RequestFutureCompletionHandler,
} from './RequestFutureCompletionHandler.ts'
import { UnsentRequests } from './UnsentRequests.ts'

/** However long a caller wants to wait, look up this often. */
const MAX_POLL_TIMEOUT_MS = 5000

/** Asked right before a poll would wait. */
export interface PollCondition {
  /** Whether what the caller waits for has not happened yet. */
  shouldBlock(): boolean
}

export interface ConsumerNetworkClientOptions {
  readonly logger: Logger
  readonly client: KafkaClient
  readonly metadata: Metadata
  readonly time: Time
  readonly trace: Trace
  readonly retryBackoffMs: number
  readonly requestTimeoutMs: number
  /** The longest single wait: the heartbeat interval, so that no heartbeat waits longer. */
  readonly maxPollTimeoutMs: number
}

export class ConsumerNetworkClient {
  private readonly logger: Logger
  private readonly client: KafkaClient
  private readonly metadata: Metadata
  private readonly time: Time
  private readonly trace: Trace
  private readonly retryBackoffMs: number
  private readonly requestTimeoutMs: number
  private readonly maxPollTimeoutMs: number
  private readonly unsent = new UnsentRequests()
  private readonly pendingCompletion: PendingCompletion[] = []
  private readonly pendingDisconnects: Node[] = []
  private wakeupRequested = false
  private wakeupsDisabled = false
  /** I4. */
  private readonly turns = new PollTurns()

  constructor(options: ConsumerNetworkClientOptions) {
    this.logger = options.logger
    this.client = options.client
    this.metadata = options.metadata
    this.time = options.time
    this.trace = options.trace
    this.retryBackoffMs = options.retryBackoffMs
    this.requestTimeoutMs = options.requestTimeoutMs
    this.maxPollTimeoutMs = Math.min(options.maxPollTimeoutMs, MAX_POLL_TIMEOUT_MS)
  }

  /**
   * Queues a request; the next `poll` sends it if it can.
   *
   * @param requestTimeoutMs default: `request.timeout.ms`
   * @returns a future that fails with a `DisconnectException` when the node goes away
   */
  send<K extends AnyApiKey>(
    node: Node,
    requestBuilder: RequestBuilder<K>,
    requestTimeoutMs: number = this.requestTimeoutMs,
  ): RequestFuture<ClientResponse<K>> {
    const handler = new RequestFutureCompletionHandler<K>(this.pendingCompletion)
    const request = this.client.newClientRequest({
      nodeId: node.idString(),
      request: requestBuilder,
      createdTimeMs: this.time.milliseconds(),
      requestTimeoutMs,
      callback: (response) => handler.onComplete(response),
    })
    const onFailure = (error: Error): void => handler.onFailure(error)
    this.unsent.put(node, { request: request as ClientRequest, onFailure })
    this.wakeClientIfWaiting()
    return handler.future
  }

  /** `request.timeout.ms` */
  defaultRequestTimeoutMs(): number {
    return this.requestTimeoutMs
  }

  /** `null` when there is none to be had now. */
  leastLoadedNode(): Node | null {
    return this.client.leastLoadedNode(this.time.milliseconds()).node
  }

  hasReadyNodes(nowMs: number): boolean {
    return this.client.hasReadyNodes(nowMs)
  }

  // ---- waiting

  /**
   * One round of I/O: sends what can be sent, waits for something to happen, handles it.
   *
   * @param timer how long it may wait at most
   * @param pollCondition `null`: wait for any event
   * @param disableWakeup `true`: a `wakeup()` is left for the next poll
   * @throws WakeupException after `wakeup()`; also what went wrong with the metadata
   */
  async poll(
    timer: Timer,
    pollCondition: PollCondition | null = null,
    disableWakeup = false,
  ): Promise<void> {
    let handlersRan = false
    do {
      if (!this.turns.isFree()) {
        await this.turns.free()
        timer.update()
      }
      // One that runs now may bring what the caller waits for: do not wait then. Or take the turn.
      handlersRan = this.firePendingCompletedRequests() || handlersRan
    } while (!this.turns.isFree())
    await this.pollInTurn(timer, pollCondition, disableWakeup, handlersRan)
    this.firePendingCompletedRequests()
    this.metadata.maybeThrowAnyException()
  }

  /**
   * Polls until `future` is done.
   *
   * @param timer default: without limit
   * @returns whether it is; `false` only when the time is over
   */
  async pollFuture(
    future: RequestFuture<unknown>,
    timer: Timer = this.time.timer(NO_TIMEOUT_MS),
    disableWakeup = false,
  ): Promise<boolean> {
    do {
      await this.poll(timer, future, disableWakeup)
    } while (!future.isDone() && timer.notExpired())
    return future.isDone()
  }

  /**
   * A round of I/O without waiting, and without a `WakeupException`. While a poll waits, there is
   * nothing to do: it is woken by whatever is queued, and does it (I4).
   */
  async pollNoWakeup(): Promise<void> {
    if (this.turns.isWaiting()) return
    await this.poll(this.time.timer(0), null, true)
  }

  /** Gets queued requests out, and nothing else: no handler runs, no error is raised. */
  async transmitSends(): Promise<void> {
    // Of several that have waited only one begins: the others see it, and wait again.
    while (!this.turns.isFree()) {
      if (this.turns.isWaiting()) return
      await this.turns.free()
    }
    const nowMs = this.time.milliseconds()
    this.turns.begin()
    try {
      this.trySend(nowMs)
      await this.client.poll(0, nowMs)
    } finally {
      this.turns.end()
    }
  }

  /** @returns whether new metadata came in time */
  async awaitMetadataUpdate(timer: Timer): Promise<boolean> {
    const version = this.metadata.requestUpdate(false)
    do {
      await this.poll(timer)
    } while (this.metadata.updateVersion() === version && timer.notExpired())
    return this.metadata.updateVersion() > version
  }

  /** @returns whether all requests to `node` are done; `false` only when the time is over */
  async awaitPendingRequests(node: Node, timer: Timer): Promise<boolean> {
    while (this.hasPendingRequests(node) && timer.notExpired()) await this.poll(timer)
    return !this.hasPendingRequests(node)
  }

  // ---- being woken

  /** May be called at any time, also while a poll waits. */
  wakeup(): void {
    this.logger.debug('Received user wakeup')
    this.wakeupRequested = true
    this.client.wakeup()
  }

  maybeTriggerWakeup(): void {
    if (!this.isWakeupDue()) return
    this.wakeupRequested = false
    throw new WakeupException('This call was ended by wakeup().')
  }

  /** From now on: the consumer is being closed. */
  disableWakeups(): void {
    this.wakeupsDisabled = true
  }

  // ---- what is under way

  /** Requests that are queued or in flight, to `node` or to all. */
  pendingRequestCount(node?: Node): number {
    return this.unsent.requestCount(node) + this.client.inFlightRequestCount(node?.idString())
  }

  hasPendingRequests(node?: Node): boolean {
    return this.unsent.requestCount(node) > 0 || this.client.hasInFlightRequests(node?.idString())
  }

  // ---- connections

  /** Closes the connection to `node` in the next poll; its requests fail. */
  disconnectAsync(node: Node): void {
    this.pendingDisconnects.push(node)
    this.wakeClientIfWaiting()
  }

  /** The connection has failed, and the time to try again has not come. */
  isUnavailable(node: Node): boolean {
    return (
      this.client.connectionFailed(node) &&
      this.client.connectionDelay(node, this.time.milliseconds()) > 0
    )
  }

  /** @throws AuthenticationException when `node` has refused us */
  maybeThrowAuthFailure(node: Node): void {
    const exception = this.client.authenticationException(node)
    if (exception !== null) throw exception
  }

  /** Why nobody could be asked, for the message of one who gives up; `''` once one has answered. */
  connectionProblem(): string {
    const problem = this.metadata.connectionProblem()
    return problem === null ? '' : ` ${problem}`
  }

  /** Begins to connect to `node`, if that is possible now. */
  tryConnect(node: Node): void {
    this.client.ready(node, this.time.milliseconds())
  }

  close(): void {
    this.client.close()
  }

  private isWakeupDue(): boolean {
    return this.wakeupRequested && !this.wakeupsDisabled
  }

  /** Sends what can be sent. @returns after how many milliseconds it is worth looking again */
  trySend(nowMs: number): number {
    let pollDelayMs = this.maxPollTimeoutMs
    for (const { node, requests } of this.unsent.entries()) {
      if (requests.length === 0) continue
      pollDelayMs = Math.min(pollDelayMs, this.client.pollDelayMs(node, nowMs))
      while (requests.length > 0 && this.client.ready(node, nowMs)) {
        this.unsent.sendFirst(requests, (request) => this.client.send(request, nowMs))
      }
    }
    return pollDelayMs
  }

  private pollTimeoutMs(
    timer: Timer,
    pollDelayMs: number,
    pollCondition: PollCondition | null,
  ): number {
    const nothingToWaitFor =
      this.pendingCompletion.length > 0 || (pollCondition !== null && !pollCondition.shouldBlock())
    if (nothingToWaitFor) return 0
    const timeoutMs = Math.min(timer.remainingMs(), pollDelayMs)
    // Nothing in flight means that nothing will arrive: come back when a new try is due.
    return this.client.inFlightRequestCount() === 0
      ? Math.min(timeoutMs, this.retryBackoffMs)
      : timeoutMs
  }

  /** @returns whether there were any */
  private firePendingCompletedRequests(): boolean {
    if (this.pendingCompletion.length === 0) return false
    for (let next = this.pendingCompletion.shift(); next; next = this.pendingCompletion.shift()) {
      next.fireCompletion()
    }
    return true
  }

  /** The part of a poll that only one may be in (I4). */
  private async pollInTurn(
    timer: Timer,
    pollCondition: PollCondition | null,
    disableWakeup: boolean,
    handlersRan: boolean,
  ): Promise<void> {
    this.turns.begin()
    try {
      this.handlePendingDisconnects()
      const pollDelayMs = this.trySend(timer.currentTimeMs())
      // A wakeup may have ended a poll of the other loop: then there is none left for this one.
      const mustNotWait = handlersRan || (!disableWakeup && this.isWakeupDue())
      const timeoutMs = mustNotWait ? 0 : this.pollTimeoutMs(timer, pollDelayMs, pollCondition)
      if (timeoutMs > 0) this.turns.wait()
      if (this.trace.enabled) {
        this.trace.emit('consumer.networkClient.poll', {
          timeoutMs,
          pendingCompletions: this.pendingCompletion.length,
        })
      }
      await this.client.poll(timeoutMs, timer.currentTimeMs())
      timer.update()
      // Before anything calls `ready` again: that would reset a failed connection, and nobody would
      // hear of it.
      this.checkDisconnects(timer.currentTimeMs())
      if (!disableWakeup) this.maybeTriggerWakeup()
      // A connection may have been made meanwhile.
      this.trySend(timer.currentTimeMs())
      this.unsent.failExpiredRequests(timer.currentTimeMs())
      this.unsent.clean()
    } finally {
      this.turns.end()
    }
  }

  /**
   * A poll that waits at this moment does not see what has just changed. One that has not begun yet
   * will, and one that does not wait will in its second half; waking it would only cost the next
   * one a round for nothing.
   */
  private wakeClientIfWaiting(): void {
    if (this.turns.isWaiting()) this.client.wakeup()
  }

  /**
   * Requests in flight are failed by the client itself; those that still wait for a connection,
   * here.
   */
  private checkDisconnects(nowMs: number): void {
    for (const { node } of [...this.unsent.entries()]) {
      if (!this.client.connectionFailed(node)) continue
      this.unsent.disconnected(node, nowMs, this.client.authenticationException(node))
    }
  }

  private handlePendingDisconnects(): void {
    for (let node = this.pendingDisconnects.shift(); node; node = this.pendingDisconnects.shift()) {
      const reason = new DisconnectException(`The connection to node ${node} was given up.`)
      for (const { onFailure } of this.unsent.remove(node)) onFailure(reason)
      this.client.disconnect(node.idString())
    }
  }
}
