/**
 * One thing to be done: a request, tried until there is an answer, a final failure, or no time.
 *
 *     fail ─► closing? ─────────────────────────► failed
 *          ─► an older version will do? ────────► again at once, not counted as a try
 *          ─► past the deadline? ───────────────► TimeoutException, with what was tried and why
 *          ─► not retriable? ───────────────────► failed
 *          ─► tries > retries? ─────────────────► TimeoutException
 *          ─► again, after the back-off
 *
 * What is asked and what becomes of the answer say the subclasses: one per operation, in Java
 * anonymous classes inside of `KafkaAdminClient`.
 *
 * I1  After `handleResponse` returned, or `handleFailure` was called, all futures of the call are
 *     settled, or a call that follows it answers for them.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.Call
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { RequestBuilder } from '../../clients/RequestBuilder.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import { UnsupportedVersionException } from '../../common/errors/ApiExceptions.ts'
import { RetriableException, TimeoutException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'
import type { NodeProvider } from './NodeProvider.ts'

/** The loop, as far as a call that failed needs it. */
export interface CallLoop {
  readonly closing: boolean
  readonly maxRetries: number
  readonly retryBackoff: ExponentialBackoff
  readonly logger: Logger
  /** Nobody waits for this node any more. */
  forgetReadyDeadline(node: Node): void
  retry(call: Call): void
  /** For the message of a time-out: what was tried, what went wrong, what to look at. */
  explain(call: Call, nowMs: number): string
}

export interface CallOptions {
  /** As messages name it. */
  readonly callName: string
  /** When it must be over, milliseconds since 1970. */
  readonly deadlineMs: number
  /** Whom to ask. */
  readonly nodeProvider: NodeProvider
  /** Not the user's: `close` does not wait for it. Default: `false`. */
  readonly internal?: boolean
}

export abstract class Call {
  readonly callName: string
  readonly deadlineMs: number
  readonly nodeProvider: NodeProvider
  readonly internal: boolean
  /** When it was made, milliseconds since 1970: set by the loop. */
  startMs = 0
  /** Failures so far that counted as tries. */
  tries = 0
  /** Requests sent so far. */
  requestsSent = 0
  nextAllowedTryMs = 0
  /** Who is to be asked, or has been and has not answered yet. */
  curNode: Node | null = null
  /** Who was asked last, or should have been. */
  lastNode: Node | null = null
  /** Why the last try failed. */
  lastFailure: Error | null = null

  constructor(options: CallOptions) {
    this.callName = options.callName
    this.deadlineMs = options.deadlineMs
    this.nodeProvider = options.nodeProvider
    this.internal = options.internal ?? false
  }

  /** @param timeoutMs how long the answer may take */
  abstract createRequest(timeoutMs: number): RequestBuilder

  assign(node: Node): void {
    this.curNode = this.lastNode = node
  }

  /** What this throws is how the try failed. */
  abstract handleResponse(response: ClientResponse): void

  /** The end: not retriable, or out of time. */
  abstract handleFailure(error: Error): void

  /** Whether the request was changed so that an older broker understands it. */
  handleUnsupportedVersionException(_error: UnsupportedVersionException): boolean {
    return false
  }

  remainingMs(nowMs: number): number {
    return this.deadlineMs - nowMs
  }

  /** A try has failed: once more, or the end. */
  fail(nowMs: number, error: Error, loop: CallLoop): void {
    if (this.curNode !== null) {
      loop.forgetReadyDeadline(this.curNode)
      this.curNode = null
    }
    if (loop.closing) {
      this.handleFailure(error)
      return
    }
    if (
      error instanceof UnsupportedVersionException &&
      this.handleUnsupportedVersionException(error)
    ) {
      loop.logger.debug(`${this} attempting protocol downgrade and then retry.`)
      loop.retry(this)
      return
    }
    this.nextAllowedTryMs = nowMs + loop.retryBackoff.backoff(this.tries++)
    if (this.remainingMs(nowMs) <= 0) {
      this.handleTimeoutFailure(nowMs, error, loop)
    } else if (!(error instanceof RetriableException)) {
      loop.logger.debug(`${this} failed after ${this.tries} attempt(s): ${error}`)
      this.handleFailure(error)
    } else if (this.tries > loop.maxRetries) {
      this.handleTimeoutFailure(nowMs, error, loop)
    } else {
      loop.logger.debug(`${this} failed: ${error}. Beginning retry #${this.tries}`)
      this.lastFailure = error
      this.maybeRetry(nowMs, error, loop)
    }
  }

  /** There is time left, and the failure may pass. */
  protected maybeRetry(_nowMs: number, _error: Error, loop: CallLoop): void {
    loop.retry(this)
  }

  /**
   * There is nobody to ask. `true`: something else is tried, and this call is done; `false`: it
   * waits until somebody is there.
   */
  handleNodeUnavailable(_nowMs: number): boolean {
    return false
  }

  private handleTimeoutFailure(nowMs: number, cause: Error, loop: CallLoop): void {
    loop.logger.debug(`${this} timed out at ${nowMs} after ${this.tries} attempt(s): ${cause}`)
    const timedOut = cause instanceof TimeoutException
    if (!timedOut) this.lastFailure = cause
    const what = timedOut ? cause.message : `Call: ${this.callName} has failed.`
    // The explanation names the failure as well; as the cause it keeps its class.
    this.handleFailure(
      new TimeoutException(`${what} ${loop.explain(this, nowMs)}`, {
        cause: this.lastFailure ?? cause,
      }),
    )
  }

  toString(): string {
    return (
      `Call(callName=${this.callName}, deadlineMs=${this.deadlineMs}, tries=${this.tries}, ` +
      `nextAllowedTryMs=${this.nextAllowedTryMs})`
    )
  }
}
