/**
 * The request by which a producer gets its number, and what the answer means.
 *
 *     enqueued ─► sent ─► answered ─► NONE: the producer has its id
 *        ▲                   ├──────► retriable ─┐
 *        └──── retried ◄─────┴─ disconnected ◄───┘  (after `retry.backoff.ms`)
 *                            ├──────► not authorized: what waits fails, then it is asked again
 *                            └──────► anything else: the producer is of no use any more
 *
 * I1  One such request at a time. An answer that belongs to another one is a bug, and fatal.
 *
 * @kafka org.apache.kafka.clients.producer.internals.TransactionManager.InitProducerIdHandler
 * @simplified `TxnRequestHandler`, its base class in Java, has other children only in
 *   transactions; for the same reason nobody waits for a result, and no coordinator is looked for.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { type RequestBuilder, requestBuilder } from '../../clients/RequestBuilder.ts'
import { IllegalStateException, KafkaException } from '../../common/errors.ts'
import { ProducerIdAndEpoch } from '../../common/ProducerIdAndEpoch.ts'
import { ApiKeys } from '../../protocol/ApiKeys.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { InitProducerIdResponseData } from '../../protocol/messages/InitProducerId.ts'

const MAX_INT = 2 ** 31 - 1
/** No request is in flight. */
export const NO_INFLIGHT_REQUEST_CORRELATION_ID = -1

/** Who asked for the id, and hears the answer: the `TransactionManager`. */
export interface ProducerIdOwner {
  readonly inFlightRequestCorrelationId: number
  setInFlightCorrelationId(correlationId: number): void
  retry(request: InitProducerIdHandler): void
  producerIdObtained(producerIdAndEpoch: ProducerIdAndEpoch): void
  transitionToAbortableError(error: Error): void
  transitionToFatalError(error: Error): void
}

export class InitProducerIdHandler {
  /** It goes out only after a back-off. */
  isRetry: boolean
  private readonly manager: ProducerIdOwner

  constructor(manager: ProducerIdOwner, isRetry: boolean) {
    this.manager = manager
    this.isRetry = isRetry
  }

  requestBuilder(): RequestBuilder<typeof ApiKeys.INIT_PRODUCER_ID> {
    // Without transactional id nothing can time out.
    const data = { transactionalId: null, transactionTimeoutMs: MAX_INT }
    return requestBuilder(ApiKeys.INIT_PRODUCER_ID, data)
  }

  onComplete(response: ClientResponse<typeof ApiKeys.INIT_PRODUCER_ID>): void {
    const { manager } = this
    if (response.requestHeader.correlationId !== manager.inFlightRequestCorrelationId) {
      manager.transitionToFatalError(
        new IllegalStateException('I1 Detected more than one in-flight transactional request.'),
      )
      return
    }
    manager.setInFlightCorrelationId(NO_INFLIGHT_REQUEST_CORRELATION_ID)
    if (response.wasDisconnected) manager.retry(this)
    else if (response.versionMismatch !== null) {
      manager.transitionToFatalError(response.versionMismatch)
    } else if (response.responseBody !== null) this.handleResponse(response.responseBody)
    else {
      manager.transitionToFatalError(
        new KafkaException('Could not execute transactional request for unknown reasons'),
      )
    }
  }

  toString(): string {
    return `InitProducerId(${this.isRetry ? 'again' : 'for the first time'})`
  }

  private handleResponse(response: InitProducerIdResponseData): void {
    const { manager } = this
    const error = Errors.forCode(response.errorCode)
    if (error === Errors.NONE) {
      const { producerId, producerEpoch } = response
      manager.producerIdObtained(new ProducerIdAndEpoch(producerId, producerEpoch))
    } else if (error.retriable) {
      manager.retry(this)
    } else if (
      error === Errors.CLUSTER_AUTHORIZATION_FAILED ||
      error === Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED ||
      error === Errors.TRANSACTION_ABORTABLE
    ) {
      manager.transitionToAbortableError(error.exception() as Error)
    } else if (error === Errors.INVALID_PRODUCER_EPOCH) {
      // Old brokers say it this way.
      manager.transitionToFatalError(Errors.PRODUCER_FENCED.exception() as Error)
    } else if (error === Errors.PRODUCER_FENCED) {
      manager.transitionToFatalError(error.exception() as Error)
    } else {
      manager.transitionToFatalError(
        new KafkaException(`Unexpected error in InitProducerIdResponse; ${error.message}`),
      )
    }
  }
}
