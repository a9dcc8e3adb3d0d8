/**
 * A set of partitions, by value: two objects for the same topic and number are one member.
 *
 * @kafka java.util.LinkedHashSet
 */

import type { TopicPartition } from './TopicPartition.ts'

/** What callers get back: a `TopicPartitionSet` that they cannot change. */
export interface ReadonlyTopicPartitionSet extends Iterable<TopicPartition> {
  readonly size: number
  has(partition: TopicPartition): boolean
  values(): Iterable<TopicPartition>
}

export class TopicPartitionSet implements ReadonlyTopicPartitionSet {
  private readonly byKey = new Map<string, TopicPartition>()

  constructor(partitions: Iterable<TopicPartition> = []) {
    for (const partition of partitions) this.add(partition)
  }

  get size(): number {
    return this.byKey.size
  }

  has(partition: TopicPartition): boolean {
    return this.byKey.has(partition.key)
  }

  /** The object that came first stays. */
  add(partition: TopicPartition): this {
    if (!this.byKey.has(partition.key)) this.byKey.set(partition.key, partition)
    return this
  }

  delete(partition: TopicPartition): boolean {
    return this.byKey.delete(partition.key)
  }

  clear(): void {
    this.byKey.clear()
  }

  equals(other: ReadonlyTopicPartitionSet): boolean {
    if (this.size !== other.size) return false
    for (const partition of other) if (!this.has(partition)) return false
    return true
  }

  values(): IterableIterator<TopicPartition> {
    return this.byKey.values()
  }

  [Symbol.iterator](): IterableIterator<TopicPartition> {
    return this.byKey.values()
  }

  toString(): string {
    return `[${[...this].join(', ')}]`
  }
}
