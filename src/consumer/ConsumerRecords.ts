/**
 * What one `poll` returns: records by partition, in the order of their offsets within each.
 *
 *     for (const record of records) …                       all of them, partition after partition
 *     records.records(partition), records.records('topic')  some of them
 *     records.nextOffsets                                   where each partition goes on
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerRecords
 * @simplified no constructor without `nextOffsets`: it is deprecated in Java.
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import { type ReadonlyTopicPartitionMap, TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { ConsumerRecord } from './ConsumerRecord.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'

type RecordsByPartition<K, V> = ReadonlyTopicPartitionMap<readonly ConsumerRecord<K, V>[]>

export class ConsumerRecords<K, V> implements Iterable<ConsumerRecord<K, V>> {
  private readonly byPartition: RecordsByPartition<K, V>
  /**
   * The next offset of each partition whose position has moved, also where no record came of it.
   */
  readonly nextOffsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>

  constructor(
    records: RecordsByPartition<K, V>,
    nextOffsets: ReadonlyTopicPartitionMap<OffsetAndMetadata>,
  ) {
    this.byPartition = records
    this.nextOffsets = nextOffsets
  }

  static empty<K, V>(): ConsumerRecords<K, V> {
    return new ConsumerRecords<K, V>(new TopicPartitionMap(), new TopicPartitionMap())
  }

  /** The records of one partition as a list, or of a topic's partitions one after the other. */
  records(partition: TopicPartition): readonly ConsumerRecord<K, V>[]
  records(topic: string): Iterable<ConsumerRecord<K, V>>
  records(of: TopicPartition | string): Iterable<ConsumerRecord<K, V>> {
    if (of === null || of === undefined) {
      throw new IllegalArgumentException('Name the topic or the partition whose records you want.')
    }
    return typeof of === 'string' ? this.recordsOfTopic(of) : (this.byPartition.get(of) ?? [])
  }

  /** The partitions that have records here. */
  partitions(): readonly TopicPartition[] {
    return [...this.byPartition.keys()]
  }

  count(): number {
    let count = 0
    for (const records of this.byPartition.values()) count += records.length
    return count
  }

  isEmpty(): boolean {
    return this.byPartition.size === 0
  }

  [Symbol.iterator](): IterableIterator<ConsumerRecord<K, V>> {
    return new RecordsIterator(this.byPartition.values()[Symbol.iterator]())
  }

  toString(): string {
    return `ConsumerRecords(${this.count()} records of [${this.partitions().join(', ')}])`
  }

  /** An iterable that can be walked more than once, as the other is. */
  private recordsOfTopic(topic: string): Iterable<ConsumerRecord<K, V>> {
    const { byPartition } = this
    return {
      *[Symbol.iterator]() {
        for (const [partition, records] of byPartition) {
          if (partition.topic === topic) yield* records
        }
      },
    }
  }
}

/**
 * Walks over lists of records, one after the other.
 *
 * A generator would do in two lines, and cost as much per record as decoding its key: it is left
 * and entered again for each.
 */
class RecordsIterator<K, V> implements IterableIterator<ConsumerRecord<K, V>> {
  private readonly lists: Iterator<readonly ConsumerRecord<K, V>[]>
  private list: readonly ConsumerRecord<K, V>[] = []
  private at = 0

  constructor(lists: Iterator<readonly ConsumerRecord<K, V>[]>) {
    this.lists = lists
  }

  next(): IteratorResult<ConsumerRecord<K, V>, undefined> {
    while (this.at === this.list.length) {
      const next = this.lists.next()
      if (next.done) return { done: true, value: undefined }
      this.list = next.value
      this.at = 0
    }
    return { done: false, value: this.list[this.at++]! }
  }

  [Symbol.iterator](): this {
    return this
  }
}
