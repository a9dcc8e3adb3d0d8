/**
 * What creating and deleting topics have in common: the controller does it, each topic has a
 * result of its own, and the quota of such changes may be used up.
 *
 *     result ─► NONE ─────────────────────────► the topic's future is complete
 *            ─► NOT_CONTROLLER (any topic) ───► the whole call again, at the new controller
 *            ─► THROTTLING_QUOTA_EXCEEDED ────► a new call with these topics alone
 *            ─► another error ────────────────► the topic's future fails
 *
 * The new call has the old deadline, and no back-off of its own: the broker said how long to wait,
 * and `KafkaClient` sends that node nothing before.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient
 * @simplified in Java the same lines stand in each of the calls.
 */

import type { ClientResponse } from '../../clients/ClientResponse.ts'
import { ThrottlingQuotaExceededException } from '../../common/errors/ApiExceptions.ts'
import { ApiException, TimeoutException } from '../../common/errors.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { AdminContext } from './AdminContext.ts'
import { Call } from './Call.ts'
import { completeAllExceptionally, type KafkaFutureImpl } from './KafkaFutureImpl.ts'

interface TopicResult {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export interface TopicsResponse<R extends TopicResult> {
  readonly throttleTimeMs: number
  readonly results: readonly R[]
}

export interface ControllerTopicsCallOptions<I, V> {
  readonly context: AdminContext
  readonly callName: string
  readonly deadlineMs: number
  readonly retryOnQuotaViolation: boolean
  /** What to ask for, by the name or the id of the topic. */
  readonly items: ReadonlyMap<string, I>
  /** Of all topics, also those that have their result already. */
  readonly futures: ReadonlyMap<string, KafkaFutureImpl<V>>
  /** Of the topics that are asked for again: why. */
  readonly quotaExceeded?: ReadonlyMap<string, ThrottlingQuotaExceededException>
}

export abstract class ControllerTopicsCall<I, R extends TopicResult, V> extends Call {
  protected readonly options: ControllerTopicsCallOptions<I, V>
  private readonly createdMs: number

  constructor(options: ControllerTopicsCallOptions<I, V>) {
    const { callName, deadlineMs, context } = options
    super({ callName, deadlineMs, nodeProvider: context.nodeProviders.controller() })
    this.options = options
    this.createdMs = context.time.milliseconds()
  }

  protected abstract resultsOf(response: ClientResponse): TopicsResponse<R>
  /** The name or the id, as in `items`. */
  protected abstract keyOf(result: R): string
  protected abstract outcomeOf(result: R): V
  /** The call for topics that are to be asked for again. */
  protected abstract next(options: ControllerTopicsCallOptions<I, V>): Call

  override handleResponse(response: ClientResponse): void {
    const { context, futures, items, retryOnQuotaViolation } = this.options
    const { results, throttleTimeMs } = this.resultsOf(response)
    this.throwIfNotController(results)
    const again = new Map<string, I>()
    const quotaExceeded = new Map<string, ThrottlingQuotaExceededException>()
    for (const result of results) {
      const key = this.keyOf(result)
      const future = futures.get(key)
      const item = items.get(key)
      const error = Errors.forCode(result.errorCode)
      if (future === undefined || item === undefined) {
        context.logger.warn(`The response to ${this.callName} mentions unknown topic ${key}`)
      } else if (error === Errors.NONE) {
        future.complete(this.outcomeOf(result))
      } else if (error === Errors.THROTTLING_QUOTA_EXCEEDED) {
        const message = result.errorMessage || error.message
        const exceeded = new ThrottlingQuotaExceededException(message, throttleTimeMs)
        if (retryOnQuotaViolation) {
          again.set(key, item)
          quotaExceeded.set(key, exceeded)
        } else {
          future.completeExceptionally(exceeded)
        }
      } else {
        future.completeExceptionally(error.exception(result.errorMessage || null)!)
      }
    }
    this.failUnanswered(again)
    if (again.size > 0) context.submit(this.next({ ...this.options, items: again, quotaExceeded }))
  }

  override handleFailure(error: Error): void {
    const { futures, items, quotaExceeded, context } = this.options
    if (error instanceof TimeoutException && quotaExceeded !== undefined) {
      // The quota is why it took so long; that says more than the time-out does.
      const elapsedMs = context.time.milliseconds() - this.createdMs
      for (const [key, { message, throttleTimeMs }] of quotaExceeded) {
        const leftMs = Math.max(0, throttleTimeMs - elapsedMs)
        futures
          .get(key)
          ?.completeExceptionally(new ThrottlingQuotaExceededException(message, leftMs))
      }
    }
    completeAllExceptionally(
      Array.from(items.keys(), (key) => futures.get(key)!),
      error,
    )
  }

  private throwIfNotController(results: readonly R[]): void {
    const notController = Errors.NOT_CONTROLLER
    const refused = results.find(({ errorCode }) => errorCode === notController.code)
    if (refused === undefined) return
    const { metadataManager } = this.options.context
    metadataManager.clearController()
    metadataManager.requestUpdate()
    notController.maybeThrow(refused.errorMessage)
  }

  /** A broker answers for every topic. One that does not must not leave a caller waiting. */
  private failUnanswered(again: ReadonlyMap<string, I>): void {
    const { items, futures } = this.options
    for (const key of items.keys()) {
      const future = futures.get(key)!
      if (future.isDone() || again.has(key)) continue
      future.completeExceptionally(
        new ApiException(`The controller response did not contain a result for topic ${key}`),
      )
    }
  }
}
