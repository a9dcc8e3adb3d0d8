/**
 * What every answer of the coordinator has in common: a lost connection means that the coordinator
 * must be looked for again, and an error thrown while an answer is read fails its request instead
 * of getting lost.
 *
 * The generation that was current when the request was sent is kept. An answer that says "I do not
 * know you" to a generation that is long gone must not throw out the present one.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractCoordinator.CoordinatorResponseHandler
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import type { AnyApiKey, ResponseDataOf } from '../../clients/RequestBuilder.ts'
import { DisconnectException, IllegalStateException, KafkaException } from '../../common/errors.ts'
import type { WireError } from '../../protocol/Errors.ts'
import type { Generation } from './Generation.ts'
import type { RequestFuture, RequestFutureAdapter } from './RequestFuture.ts'

/** The coordinator's client, as an answer needs it. */
export interface HandlingCoordinator {
  generation(): Generation
  markCoordinatorUnknown(cause: WireError | string, isDisconnected?: boolean): void
}

export abstract class CoordinatorResponseHandler<K extends AnyApiKey, T>
  implements RequestFutureAdapter<ClientResponse<K>, T>
{
  protected readonly sentGeneration: Generation
  private readonly coordinator: HandlingCoordinator
  private answer: ClientResponse<K> | null = null

  /** @param sentGeneration the one that the request carries */
  constructor(coordinator: HandlingCoordinator, sentGeneration: Generation) {
    this.coordinator = coordinator
    this.sentGeneration = sentGeneration
  }

  /** Reads the answer, and settles `future`. */
  abstract handle(response: ResponseDataOf<K>, future: RequestFuture<T>): void

  onFailure(error: Error, future: RequestFuture<T>): void {
    if (error instanceof DisconnectException) {
      this.coordinator.markCoordinatorUnknown(error.message, true)
    }
    future.raise(error)
  }

  onSuccess(response: ClientResponse<K>, future: RequestFuture<T>): void {
    this.answer = response
    try {
      if (response.responseBody === null) {
        throw new IllegalStateException(`${response} has no body`)
      }
      this.handle(response.responseBody, future)
    } catch (error) {
      if (!future.isDone()) future.raise(asError(error))
    }
  }

  /** Milliseconds from request to answer. */
  protected latencyMs(): number {
    return this.answer?.requestLatencyMs ?? 0
  }

  protected generationUnchanged(): boolean {
    return this.coordinator.generation().equals(this.sentGeneration)
  }
}

/** Whatever was thrown, as something that a future can carry. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new KafkaException(`Not an error was thrown: ${thrown}`)
