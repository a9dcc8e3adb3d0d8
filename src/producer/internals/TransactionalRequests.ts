/**
 * The head of the Sender's turn, with idempotence: no batch goes out before the producer has its
 * id.
 *
 *     takeTurn ─► what expired in flight: did it arrive?   maybeResolveSequences
 *              ─► a fatal error: everything that waits fails
 *              ─► count the epoch up? ask for an id?       bumpIdempotentEpochAndResetIdIfNeeded
 *              ─► send the request, or wait for its answer
 *
 * Any broker will do. While none can be reached, each turn looks again; when the answer is an error
 * that may pass, it is asked again after `retry.backoff.ms`.
 *
 * I1  While the request is in flight, or is about to be sent, no batch is drained.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 * @simplified a class of its own; in Java this is the head of `runOnce`, with
 *   `maybeSendAndPollTransactionalRequest`. Requests to coordinators come with transactions. Java
 *   waits for a connection within one turn, for up to `request.timeout.ms`, and so does `close`;
 *   and when the login is refused meanwhile, it forgets the request and never gets an id.
 */

import {
  ClusterAuthorizationException,
  TransactionalIdAuthorizationException,
} from '../../common/errors/ApiExceptions.ts'
import type { InFlightBatches } from './InFlightBatches.ts'
import type { SenderOptions } from './SenderOptions.ts'
import type { TransactionManager } from './TransactionManager.ts'

export class TransactionalRequests {
  private readonly options: SenderOptions
  private readonly manager: TransactionManager
  private readonly batchesInFlight: InFlightBatches

  constructor(
    options: SenderOptions,
    manager: TransactionManager,
    batchesInFlight: InFlightBatches,
  ) {
    this.options = options
    this.manager = manager
    this.batchesInFlight = batchesInFlight
  }

  /** Whether this turn of the Sender was used up. */
  async takeTurn(): Promise<boolean> {
    const { manager } = this
    manager.maybeResolveSequences()
    const lastError = manager.lastError()
    if (manager.hasFatalError()) {
      if (lastError !== null) this.maybeAbortBatches(lastError)
      await this.poll()
      return true
    }
    if (lastError !== null && this.shouldHandleAuthorizationError(lastError)) return true
    manager.bumpIdempotentEpochAndResetIdIfNeeded()
    return await this.maybeSendAndPollTransactionalRequest()
  }

  toString(): string {
    return `TransactionalRequests(${this.manager})`
  }

  private async maybeSendAndPollTransactionalRequest(): Promise<boolean> {
    const { accumulator, client, time, requestTimeoutMs } = this.options
    const { manager } = this
    if (manager.hasInFlightRequest()) {
      await this.poll()
      return true
    }
    const lastError = manager.lastError()
    if (lastError !== null) accumulator.abortUndrainedBatches(lastError)
    const request = manager.nextRequest()
    if (request === null) return false

    const { node } = client.leastLoadedNode(time.milliseconds())
    if (node === null || !client.ready(node, time.milliseconds())) {
      manager.enqueueRequest(request)
      await this.poll()
      return true
    }
    if (request.isRetry) await time.sleep(this.options.retryBackoffMs)
    const nowMs = time.milliseconds()
    const clientRequest = client.newClientRequest({
      nodeId: node.idString(),
      request: request.requestBuilder(),
      createdTimeMs: nowMs,
      requestTimeoutMs,
      callback: (response) => request.onComplete(response),
    })
    manager.setInFlightCorrelationId(clientRequest.correlationId)
    client.send(clientRequest, nowMs)
    await this.poll()
    return true
  }

  /** Without the right to have an id nothing can be sent, but the right may be granted later. */
  private shouldHandleAuthorizationError(error: Error): boolean {
    const isRefusal =
      error instanceof ClusterAuthorizationException ||
      error instanceof TransactionalIdAuthorizationException
    if (!isRefusal) return false
    this.maybeAbortBatches(error)
    this.manager.transitionToUninitialized()
    return true
  }

  private maybeAbortBatches(error: Error): void {
    const { accumulator, logger } = this.options
    if (accumulator.incomplete.isEmpty()) return
    logger.error('Aborting producer batches due to fatal error', error)
    accumulator.abortBatches(error)
    this.batchesInFlight.clear()
  }

  private async poll(): Promise<void> {
    const { client, retryBackoffMs, time } = this.options
    await client.poll(retryBackoffMs, time.milliseconds())
  }
}
