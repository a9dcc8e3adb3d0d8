/**
 * Where the outcome of each key goes.
 *
 * @kafka org.apache.kafka.clients.admin.internals.AdminApiFuture
 * @kafka org.apache.kafka.clients.admin.internals.AdminApiFuture.SimpleAdminApiFuture
 */

import { IllegalArgumentException } from '../../common/errors.ts'
import { KafkaFutureImpl } from './KafkaFutureImpl.ts'

export interface AdminApiFuture<K, V> {
  lookupKeys(): ReadonlySet<K>
  /** The broker of a key that is known from before; `null`: it has to be looked up. */
  cachedBrokerId(key: K): number | null
  complete(values: ReadonlyMap<K, V>): void
  completeLookup(brokerIds: ReadonlyMap<K, number>): void
  completeLookupExceptionally(errors: ReadonlyMap<K, Error>): void
  completeExceptionally(errors: ReadonlyMap<K, Error>): void
}

/** The keys are known from the start, their brokers are not. */
export class SimpleAdminApiFuture<K, V> implements AdminApiFuture<K, V> {
  private readonly futures: ReadonlyMap<K, KafkaFutureImpl<V>>
  private readonly keys: ReadonlySet<K>

  constructor(keys: Iterable<K>) {
    this.keys = new Set(keys)
    this.futures = new Map(Array.from(this.keys, (key) => [key, new KafkaFutureImpl<V>()]))
  }

  lookupKeys(): ReadonlySet<K> {
    return this.keys
  }

  cachedBrokerId(_key: K): number | null {
    return null
  }

  complete(values: ReadonlyMap<K, V>): void {
    for (const [key, value] of values) this.get(key).complete(value)
  }

  completeLookup(_brokerIds: ReadonlyMap<K, number>): void {}

  completeLookupExceptionally(errors: ReadonlyMap<K, Error>): void {
    this.completeExceptionally(errors)
  }

  completeExceptionally(errors: ReadonlyMap<K, Error>): void {
    for (const [key, error] of errors) this.get(key).completeExceptionally(error)
  }

  all(): ReadonlyMap<K, KafkaFutureImpl<V>> {
    return this.futures
  }

  /** @throws IllegalArgumentException for a key that was not asked for */
  get(key: K): KafkaFutureImpl<V> {
    const future = this.futures.get(key)
    if (future !== undefined) return future
    throw new IllegalArgumentException(`The outcome is for ${key}, which was not requested`)
  }
}
