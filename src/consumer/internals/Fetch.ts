/**
 * What has been collected for one `poll`: records by partition, and where each partition goes on.
 *
 * A position can advance without a record: past the markers of a transaction, past aborted records,
 * past what compaction has removed. `poll` returns then too, with nothing, so that the caller sees
 * that its position has moved.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.Fetch
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import {
  type ReadonlyTopicPartitionMap,
  TopicPartitionMap,
} from '../../common/TopicPartitionMap.ts'
import type { ConsumerRecord } from '../ConsumerRecord.ts'
import type { OffsetAndMetadata } from '../OffsetAndMetadata.ts'

export class Fetch<K, V> {
  private readonly byPartition = new TopicPartitionMap<readonly ConsumerRecord<K, V>[]>()
  private readonly offsets = new TopicPartitionMap<OffsetAndMetadata>()
  private advanced = false
  private count = 0

  static empty<K, V>(): Fetch<K, V> {
    return new Fetch()
  }

  static forPartition<K, V>(
    partition: TopicPartition,
    records: readonly ConsumerRecord<K, V>[],
    positionAdvanced: boolean,
    nextOffset: OffsetAndMetadata,
  ): Fetch<K, V> {
    const fetch = new Fetch<K, V>()
    fetch.addRecords(partition, records)
    fetch.advanced = positionAdvanced
    fetch.offsets.set(partition, nextOffset)
    return fetch
  }

  /** Takes everything of `other` in. */
  add(other: Fetch<K, V>): void {
    for (const [partition, records] of other.byPartition) this.addRecords(partition, records)
    this.advanced ||= other.advanced
    this.offsets.setAll(other.offsets)
  }

  records(): ReadonlyTopicPartitionMap<readonly ConsumerRecord<K, V>[]> {
    return this.byPartition
  }

  nextOffsets(): ReadonlyTopicPartitionMap<OffsetAndMetadata> {
    return this.offsets
  }

  numRecords(): number {
    return this.count
  }

  positionAdvanced(): boolean {
    return this.advanced
  }

  /** No record, and no position moved: there is nothing to tell the caller. */
  isEmpty(): boolean {
    return this.count === 0 && !this.advanced
  }

  private addRecords(partition: TopicPartition, records: readonly ConsumerRecord<K, V>[]): void {
    if (records.length === 0) return
    this.count += records.length
    const before = this.byPartition.get(partition)
    // Two lists for one partition are rare: a change of leader, or a fetch that ends in the middle
    // of a poll.
    this.byPartition.set(partition, before === undefined ? records : [...before, ...records])
  }
}
