/**
 * A promise that is settled from outside, by the loop, when a response or a failure comes.
 *
 * I1  Settled once; what comes later is ignored.
 * I2  A failure that nobody looks at is no unhandled rejection: with one promise per topic, and a
 *     caller who awaits `all()`, there are always some that nobody looks at.
 *
 * @kafka org.apache.kafka.common.internals.KafkaFutureImpl
 * @kafka org.apache.kafka.common.KafkaFuture
 */

export class KafkaFutureImpl<T> {
  readonly promise: Promise<T>
  private resolve!: (value: T) => void
  private reject!: (error: Error) => void
  private done = false

  constructor() {
    this.promise = observed(
      new Promise<T>((resolve, reject) => {
        this.resolve = resolve
        this.reject = reject
      }),
    )
  }

  isDone(): boolean {
    return this.done
  }

  complete(value: T): void {
    this.done = true
    this.resolve(value)
  }

  completeExceptionally(error: Error): void {
    this.done = true
    this.reject(error)
  }
}

/** The same promise, its failure counted as seen (I2). Whoever awaits it gets the failure. */
export const observed = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  return promise
}

/** Fails when one of them does, with its failure. */
export const allOf = (promises: Iterable<Promise<unknown>>): Promise<void> =>
  observed(Promise.all(promises).then(() => undefined))

/** A promise for each key. */
export const promisesOf = <K, V>(futures: ReadonlyMap<K, KafkaFutureImpl<V>>): Map<K, Promise<V>> =>
  new Map(Array.from(futures, ([key, future]) => [key, future.promise]))

/** Fails those that are not settled yet. */
export const completeAllExceptionally = (
  futures: Iterable<Pick<KafkaFutureImpl<unknown>, 'completeExceptionally'>>,
  error: Error,
): void => {
  for (const future of futures) future.completeExceptionally(error)
}
