/**
 * One operation on a coordinator's state, from the moment when somebody asks until the answer.
 *
 * I1  It is completed exactly once: with the answer when its records are written, or with an error.
 *     Its `appendFuture` hears first, so that a group has decided what its members are told before
 *     the caller is.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.CoordinatorWriteEvent
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime.CoordinatorReadEvent
 * @simplified reading is an operation without records: it has its place in the same queue, and what
 *   it sees is written already.
 */

import type { Scheduled } from '../../common/Time.ts'
import { CompletableFuture } from './CompletableFuture.ts'
import type { CoordinatorResult } from './CoordinatorResult.ts'

/** Looks at the state, and says what is to be written and answered. */
export type CoordinatorOperation<S, T, U> = (shard: S) => CoordinatorResult<T, U>

export class CoordinatorEvent<S, T, U> {
  readonly name: string
  readonly future = new CompletableFuture<T>()
  /** Ends the wait of an operation that gets no answer from the disk. */
  timeout: Scheduled | undefined
  private readonly operation: CoordinatorOperation<S, T, U>
  private result: CoordinatorResult<T, U> | undefined

  constructor(name: string, operation: CoordinatorOperation<S, T, U>) {
    this.name = name
    this.operation = operation
  }

  /** Runs the operation. Its exceptions are the answer, and the caller's business. */
  generate(shard: S): CoordinatorResult<T, U> {
    this.result = this.operation(shard)
    return this.result
  }

  isDone(): boolean {
    return this.future.isDone()
  }

  complete(): void {
    if (this.future.isDone()) return
    this.timeout?.cancel()
    this.result?.appendFuture?.complete()
    this.future.complete(this.result?.response as T)
  }

  fail(error: unknown): void {
    if (this.future.isDone()) return
    this.timeout?.cancel()
    this.result?.appendFuture?.completeExceptionally(error)
    this.future.completeExceptionally(error)
  }

  toString(): string {
    return `CoordinatorEvent(name=${this.name})`
  }
}
