/**
 * Between a request's outcome and its future: the network client tells it what became of the
 * request, in the middle of its poll; the future learns it later, when handlers may run.
 *
 *     onComplete, onFailure ─► pendingCompletion ─ (end of the poll) ─► fireCompletion ─► future
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerNetworkClient
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { AnyApiKey } from '../../clients/RequestBuilder.ts'
import { DisconnectException } from '../../common/errors.ts'
import { RequestFuture } from './RequestFuture.ts'

/** An outcome that waits to be told. */
export interface PendingCompletion {
  fireCompletion(): void
}

export class RequestFutureCompletionHandler<K extends AnyApiKey> implements PendingCompletion {
  readonly future = new RequestFuture<ClientResponse<K>>()
  private readonly pendingCompletion: PendingCompletion[]
  private outcome: ClientResponse<K> | Error | null = null

  /** @param pendingCompletion where it puts itself once there is an outcome */
  constructor(pendingCompletion: PendingCompletion[]) {
    this.pendingCompletion = pendingCompletion
  }

  /** It was not sent. */
  onFailure(error: Error): void {
    this.outcome = error
    this.pendingCompletion.push(this)
  }

  onComplete(response: ClientResponse<K>): void {
    this.outcome = response
    this.pendingCompletion.push(this)
  }

  fireCompletion(): void {
    const { future, outcome } = this
    if (outcome === null) return
    if (outcome instanceof Error) future.raise(outcome)
    else if (outcome.authenticationException !== null) future.raise(outcome.authenticationException)
    else if (outcome.wasDisconnected) {
      const { apiKey, correlationId } = outcome.requestHeader
      future.raise(
        new DisconnectException(
          `The connection to node ${outcome.destination} was lost before it answered ` +
            `${apiKey.name} request ${correlationId}.`,
        ),
      )
    } else if (outcome.versionMismatch !== null) future.raise(outcome.versionMismatch)
    else future.complete(outcome)
  }
}
