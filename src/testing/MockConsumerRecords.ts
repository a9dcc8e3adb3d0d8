/**
 * The records that a test has added to a `MockConsumer`, by partition, in the order of adding.
 *
 *     add ─► │ a │ b │ c │ ─collect─► poll's caller
 *                 ▲
 *                 └─giveBack── what a loop over records got and has not finished
 *
 * What a poll returns is gone, as in Java. Of what a loop has got, some may never reach its body;
 * that is added again, and the position decides whether it is returned once more.
 *
 * @kafka org.apache.kafka.clients.consumer.MockConsumer
 */

import { LeaderAndEpoch } from '../clients/LeaderAndEpoch.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import { type ReadonlyTopicPartitionMap, TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { ConsumerRecord } from '../consumer/ConsumerRecord.ts'
import { ConsumerRecords } from '../consumer/ConsumerRecords.ts'
import { FetchPosition } from '../consumer/internals/FetchPosition.ts'
import type { SubscriptionState } from '../consumer/internals/SubscriptionState.ts'
import { OffsetAndMetadata } from '../consumer/OffsetAndMetadata.ts'
import { OffsetOutOfRangeException } from '../consumer/OffsetOutOfRangeException.ts'

export class MockConsumerRecords<K, V> {
  private readonly waiting = new TopicPartitionMap<ConsumerRecord<K, V>[]>()
  private lent: ConsumerRecords<K, V> = ConsumerRecords.empty()

  add(partition: TopicPartition, record: ConsumerRecord<K, V>): void {
    this.listOf(partition).push(record)
  }

  clear(): void {
    this.waiting.clear()
    this.lent = ConsumerRecords.empty()
  }

  /** A loop has got these; it has finished what it got before. */
  lend(records: ConsumerRecords<K, V>): void {
    this.lent = records
  }

  giveBack(): void {
    for (const partition of this.lent.partitions()) {
      this.listOf(partition).unshift(...this.lent.records(partition))
    }
    this.lent = ConsumerRecords.empty()
  }

  /**
   * What may be returned now, at most `maxRecords`; the positions move past it.
   *
   * @throws OffsetOutOfRangeException for a position before the beginning of its log
   */
  collect(
    subscriptions: SubscriptionState,
    beginnings: ReadonlyTopicPartitionMap<number>,
    maxRecords: number,
  ): ConsumerRecords<K, V> {
    const results = new TopicPartitionMap<readonly ConsumerRecord<K, V>[]>()
    const nextOffsets = new TopicPartitionMap<OffsetAndMetadata>()
    let room = maxRecords
    for (const [partition, records] of this.waiting) {
      if (subscriptions.isPaused(partition) || !subscriptions.isAssigned(partition)) continue
      if (records.length === 0) continue
      const position = subscriptions.position(partition)?.offset ?? 0
      if ((beginnings.get(partition) ?? 0) > position) {
        throw new OffsetOutOfRangeException(
          `Fetch position ${position} is out of range for partition ${partition}`,
          new TopicPartitionMap([[partition, position]]),
        )
      }
      const { taken, left } = split(records, position, room)
      this.waiting.set(partition, left)
      const last = taken.at(-1)
      if (last === undefined) continue
      room -= taken.length
      results.set(partition, taken)
      const leader = new LeaderAndEpoch(null, last.leaderEpoch)
      const next = last.offset + 1
      subscriptions.setPosition(partition, new FetchPosition(next, last.leaderEpoch, leader))
      nextOffsets.set(partition, new OffsetAndMetadata(next, last.leaderEpoch))
    }
    return new ConsumerRecords(results, nextOffsets)
  }

  private listOf(partition: TopicPartition): ConsumerRecord<K, V>[] {
    const list = this.waiting.get(partition) ?? []
    this.waiting.set(partition, list)
    return list
  }
}

/** Those at or above a position that only rises, and the others. */
const split = <K, V>(
  records: readonly ConsumerRecord<K, V>[],
  from: number,
  room: number,
): { taken: ConsumerRecord<K, V>[]; left: ConsumerRecord<K, V>[] } => {
  const taken: ConsumerRecord<K, V>[] = []
  const left: ConsumerRecord<K, V>[] = []
  let position = from
  for (const record of records) {
    if (taken.length >= room || record.offset < position) {
      left.push(record)
      continue
    }
    taken.push(record)
    position = record.offset + 1
  }
  return { taken, left }
}
