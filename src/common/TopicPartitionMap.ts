/**
 * A map keyed by partition, by value.
 *
 * Java's `Map<TopicPartition, V>` finds an entry through `equals` and `hashCode`. A JavaScript
 * `Map` compares objects by identity, so `map.get(new TopicPartition('orders', 0))` would find
 * nothing. This map keys by `TopicPartition.key` and keeps the partition beside the value:
 *
 *     'orders-0' ─► [TopicPartition orders-0, value]
 *     'orders-1' ─► [TopicPartition orders-1, value]
 *
 * Iteration gives `[partition, value]` pairs in insertion order, as a `LinkedHashMap` does.
 *
 * @kafka java.util.LinkedHashMap
 */

import type { TopicPartition } from './TopicPartition.ts'

/** What callers get back: a `TopicPartitionMap` that they cannot change. */
export interface ReadonlyTopicPartitionMap<V> extends Iterable<[TopicPartition, V]> {
  readonly size: number
  get(partition: TopicPartition): V | undefined
  has(partition: TopicPartition): boolean
  keys(): Iterable<TopicPartition>
  values(): Iterable<V>
  entries(): Iterable<[TopicPartition, V]>
}

export class TopicPartitionMap<V> implements ReadonlyTopicPartitionMap<V> {
  private readonly byKey = new Map<string, [TopicPartition, V]>()

  /**
   * @param entries taken over in their order; a later entry replaces an earlier one of the same
   *   partition
   */
  constructor(entries: Iterable<readonly [TopicPartition, V]> = []) {
    this.setAll(entries)
  }

  get size(): number {
    return this.byKey.size
  }

  get(partition: TopicPartition): V | undefined {
    return this.byKey.get(partition.key)?.[1]
  }

  has(partition: TopicPartition): boolean {
    return this.byKey.has(partition.key)
  }

  set(partition: TopicPartition, value: V): this {
    this.byKey.set(partition.key, [partition, value])
    return this
  }

  setAll(entries: Iterable<readonly [TopicPartition, V]>): this {
    for (const [partition, value] of entries) this.set(partition, value)
    return this
  }

  delete(partition: TopicPartition): boolean {
    return this.byKey.delete(partition.key)
  }

  clear(): void {
    this.byKey.clear()
  }

  *keys(): IterableIterator<TopicPartition> {
    for (const [partition] of this.byKey.values()) yield partition
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.byKey.values()) yield value
  }

  entries(): IterableIterator<[TopicPartition, V]> {
    return this.byKey.values()
  }

  [Symbol.iterator](): IterableIterator<[TopicPartition, V]> {
    return this.byKey.values()
  }

  toString(): string {
    return `{${[...this].map(([partition, value]) => `${partition}=${value}`).join(', ')}}`
  }
}
