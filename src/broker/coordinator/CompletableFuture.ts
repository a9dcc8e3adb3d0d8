/**
 * A value that is not there yet, and those who wait for it.
 *
 *     const future = new CompletableFuture<JoinGroupResponse>()
 *     future.whenComplete((response, error) => …)      the handler, which sends it
 *     …                                                many turns later, in the group
 *     future.complete(response)                        the handler runs now, within this call
 *
 * A promise would do the same one turn later, and that turn is the difference: a coordinator
 * completes several futures in one step and must know that nothing came in between. It can also be
 * asked whether it is done, and be completed by whoever comes first.
 *
 * I1  The first completion counts; every later one does nothing and says so.
 * I2  One callback that throws does not keep the others from hearing; its error goes to whoever
 *     completed the future, after all have heard.
 *
 * @kafka java.util.concurrent.CompletableFuture
 * @simplified the few methods that a coordinator needs, and no waiting.
 */

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

type Callback<T> = (value: T | undefined, error: unknown) => void

export class CompletableFuture<T> {
  private outcome: Outcome<T> | undefined
  /** Each takes a T. Saying so would make a future of one type useless as one of a wider. */
  private readonly callbacks: Callback<never>[] = []

  static completedFuture<T>(value: T): CompletableFuture<T> {
    const future = new CompletableFuture<T>()
    future.complete(value)
    return future
  }

  static failedFuture<T>(error: unknown): CompletableFuture<T> {
    const future = new CompletableFuture<T>()
    future.completeExceptionally(error)
    return future
  }

  /** Returns whether this was the completion that counts. */
  complete(value: T): boolean {
    return this.settle({ value })
  }

  /** Returns whether this was the completion that counts. */
  completeExceptionally(error: unknown): boolean {
    return this.settle({ error })
  }

  isDone(): boolean {
    return this.outcome !== undefined
  }

  isCompletedExceptionally(): boolean {
    return this.outcome !== undefined && 'error' in this.outcome
  }

  /** The value, or `undefined` while there is none. */
  getNow(): T | undefined {
    return this.outcome !== undefined && 'value' in this.outcome ? this.outcome.value : undefined
  }

  /**
   * Calls `action` when this is completed, or now: with the value, or with `undefined` and the
   * error.
   */
  whenComplete(action: Callback<T>): this {
    if (this.outcome === undefined) this.callbacks.push(action)
    else tell(action, this.outcome)
    return this
  }

  /** What `change` makes of the value. Its exception fails the new future. */
  thenApply<R>(change: (value: T) => R): CompletableFuture<R> {
    const next = new CompletableFuture<R>()
    this.pass(next, (outcome) => ('value' in outcome ? { value: change(outcome.value) } : outcome))
    return next
  }

  /** The same value, or what `recover` makes of the error. Its exception fails the new future. */
  exceptionally(recover: (error: unknown) => T): CompletableFuture<T> {
    const next = new CompletableFuture<T>()
    this.pass(next, (outcome) => ('error' in outcome ? { value: recover(outcome.error) } : outcome))
    return next
  }

  /** All values in the order of `futures`; the first error as soon as it is there. */
  static all<T>(futures: readonly CompletableFuture<T>[]): CompletableFuture<T[]> {
    const all = new CompletableFuture<T[]>()
    const values: T[] = new Array(futures.length)
    let missing = futures.length
    if (missing === 0) all.complete(values)
    for (const [index, future] of futures.entries()) {
      future.whenComplete((value, error) => {
        if (future.isCompletedExceptionally()) all.completeExceptionally(error)
        values[index] = value as T
        missing--
        if (missing === 0) all.complete(values)
      })
    }
    return all
  }

  private pass<R>(next: CompletableFuture<R>, change: (outcome: Outcome<T>) => Outcome<R>): void {
    this.whenComplete(() => {
      let outcome: Outcome<R>
      try {
        outcome = change(this.outcome!)
      } catch (error) {
        outcome = { error }
      }
      next.settle(outcome)
    })
  }

  private settle(outcome: Outcome<T>): boolean {
    if (this.outcome !== undefined) return false
    this.outcome = outcome
    const errors: unknown[] = []
    for (const callback of this.callbacks.splice(0)) {
      try {
        tell(callback as Callback<T>, outcome)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
    return true
  }
}

const tell = <T>(callback: Callback<T>, outcome: Outcome<T>): void => {
  if ('value' in outcome) callback(outcome.value, undefined)
  else callback(undefined, outcome.error)
}
