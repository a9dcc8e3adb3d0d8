/**
 * The outcome of a request, later: a value or an error, and listeners that are called the moment it
 * is known.
 *
 * Why not a `Promise`? A promise runs its continuations in a later microtask, after the code that
 * settled it has returned. Here a response must have changed the consumer's state (a position, the
 * fetch buffer) before the `poll` that received it looks at that state, so listeners run at once,
 * inside `complete`. And whoever waits does so by driving the network itself
 * (`ConsumerNetworkClient.pollFuture`), looking at `isDone` between two polls.
 *
 *     pending ──complete(value)──► succeeded
 *        └──────raise(error)─────► failed
 *
 * I1  It settles once; a second `complete` or `raise` is an `IllegalStateException`.
 * I2  Each listener is called exactly once, in the order of `addListener`, also when it comes after
 *     the outcome.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.RequestFuture
 * @simplified no `awaitDone`: there is no second thread to wait for.
 */

import { CoordinatorNotAvailableException } from '../../common/errors/ApiExceptions.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  RetriableException,
} from '../../common/errors.ts'
import { NoAvailableBrokersException } from './NoAvailableBrokersException.ts'

export interface RequestFutureListener<T> {
  onSuccess?(value: T): void
  onFailure?(error: Error): void
}

/** Turns one outcome into another; whichever side is missing is passed on as it is. */
export interface RequestFutureAdapter<F, T> {
  onSuccess(value: F, future: RequestFuture<T>): void
  onFailure?(error: Error, future: RequestFuture<T>): void
}

type Outcome<T> =
  | { readonly state: 'pending' }
  | { readonly state: 'succeeded'; readonly value: T }
  | { readonly state: 'failed'; readonly error: Error }

export class RequestFuture<T> {
  private outcome: Outcome<T> = { state: 'pending' }
  private listeners: RequestFutureListener<T>[] = []

  static failure<T>(error: Error): RequestFuture<T> {
    const future = new RequestFuture<T>()
    future.raise(error)
    return future
  }

  static voidSuccess(): RequestFuture<void> {
    const future = new RequestFuture<void>()
    future.complete(undefined)
    return future
  }

  /** Failed before anything was sent: there is no node that could be asked. */
  static noBrokersAvailable<T>(): RequestFuture<T> {
    return RequestFuture.failure(
      new NoAvailableBrokersException('No broker can be asked at this moment.'),
    )
  }

  /** Failed before anything was sent: nobody knows where the coordinator is. */
  static coordinatorNotAvailable<T>(): RequestFuture<T> {
    return RequestFuture.failure(
      new CoordinatorNotAvailableException('The coordinator is not known at this moment.'),
    )
  }

  isDone(): boolean {
    return this.outcome.state !== 'pending'
  }

  succeeded(): boolean {
    return this.outcome.state === 'succeeded'
  }

  failed(): boolean {
    return this.outcome.state === 'failed'
  }

  /** Whether trying again may help. Only after a failure. */
  isRetriable(): boolean {
    return this.exception() instanceof RetriableException
  }

  /** @throws IllegalStateException before success */
  value(): T {
    if (this.outcome.state !== 'succeeded') {
      throw new IllegalStateException(`This request has no value: it is ${this.outcome.state}.`)
    }
    return this.outcome.value
  }

  /** @throws IllegalStateException before failure */
  exception(): Error {
    if (this.outcome.state !== 'failed') {
      throw new IllegalStateException(`This request has no error: it is ${this.outcome.state}.`)
    }
    return this.outcome.error
  }

  complete(value: T): void {
    if (value instanceof Error) {
      throw new IllegalArgumentException('An error is no value: use raise instead of complete.')
    }
    this.settle({ state: 'succeeded', value })
  }

  raise(error: Error): void {
    this.settle({ state: 'failed', error })
  }

  addListener(listener: RequestFutureListener<T>): void {
    this.listeners.push(listener)
    if (this.isDone()) this.fire()
  }

  /**
   * The same request, seen as something else: `adapter` reads this outcome and settles the new
   * future.
   */
  compose<S>(adapter: RequestFutureAdapter<T, S>): RequestFuture<S> {
    const adapted = new RequestFuture<S>()
    this.addListener({
      onSuccess: (value) => adapter.onSuccess(value, adapted),
      onFailure: (error) =>
        adapter.onFailure === undefined ? adapted.raise(error) : adapter.onFailure(error, adapted),
    })
    return adapted
  }

  /** `future` gets this outcome. */
  chain(future: RequestFuture<T>): void {
    this.addListener({
      onSuccess: (value) => future.complete(value),
      onFailure: (error) => future.raise(error),
    })
  }

  /** As the condition of a poll: wait while there is no outcome. */
  shouldBlock(): boolean {
    return !this.isDone()
  }

  private settle(outcome: Outcome<T>): void {
    if (this.isDone()) {
      throw new IllegalStateException(`This request is already ${this.outcome.state}.`)
    }
    this.outcome = outcome
    this.fire()
  }

  /**
   * Takes each listener off before calling it: one that throws, or adds another, cannot be called
   * twice.
   */
  private fire(): void {
    const { outcome } = this
    for (let listener = this.listeners.shift(); listener; listener = this.listeners.shift()) {
      if (outcome.state === 'succeeded') listener.onSuccess?.(outcome.value)
      else if (outcome.state === 'failed') listener.onFailure?.(outcome.error)
    }
  }
}
