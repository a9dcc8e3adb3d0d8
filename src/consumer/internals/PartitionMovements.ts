/**
 * Who has passed what to whom while the general sticky assignment looked for balance.
 *
 *     t:   A ─► B  {t-0, t-3}       B ─► C  {t-1}
 *
 * A partition is noted once, from the member that had it when the search began to the one that has
 * it now; if it comes home again it is noted no more. The point of the notes: when B is to give
 * some partition of t to A, it need not be a third one. A gets back one of its own.
 *
 *     asked to move t-7 from B to A        moves t-0 from B to A: one partition less has moved
 *
 * I1  A partition is among the movements of its topic exactly when it is not where it began.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor.PartitionMovements
 * @simplified `isSticky` looks for what Java's looks for in the end, two members that passed
 *   partitions of one topic to each other; Java walks longer circles too, and ignores them.
 */

import { HashMap, type HashMapKeys, hashOfString } from '../../common/HashMap.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'

/** As `TopicPartition.hashCode` in Java: which of several moves back depends on it. */
const PARTITION_KEYS: HashMapKeys<TopicPartition> = {
  hashOf: ({ topic, partition }) => (Math.imul(31, (31 + partition) | 0) + hashOfString(topic)) | 0,
  keyOf: ({ key }) => key,
}

interface ConsumerPair {
  readonly from: string
  readonly to: string
}

interface Movement {
  readonly pair: ConsumerPair
  readonly partitions: HashMap<TopicPartition, true>
}

export class PartitionMovements {
  private readonly byPartition = new TopicPartitionMap<ConsumerPair>()
  /** By topic, then by pair (`pairKey`). */
  private readonly byTopic = new Map<string, Map<string, Movement>>()

  movePartition(partition: TopicPartition, oldConsumer: string, newConsumer: string): void {
    const existing = this.byPartition.get(partition)
    if (existing !== undefined) this.remove(partition, existing)
    const from = existing?.from ?? oldConsumer
    if (from !== newConsumer) this.add(partition, { from, to: newConsumer })
  }

  /** The partition to move from one to the other, when somebody thought of `partition`. */
  getTheActualPartitionToBeMoved(
    partition: TopicPartition,
    oldConsumer: string,
    newConsumer: string,
  ): TopicPartition {
    const movements = this.byTopic.get(partition.topic)
    if (movements === undefined) return partition
    const from = this.byPartition.get(partition)?.from ?? oldConsumer
    const reverse = movements.get(pairKey({ from: newConsumer, to: from }))
    return reverse?.partitions.keys().next().value ?? partition
  }

  /** No two members passed partitions of one topic to each other: one move was for nothing. */
  isSticky(): boolean {
    for (const movements of this.byTopic.values()) {
      for (const { pair } of movements.values()) {
        if (movements.has(pairKey({ from: pair.to, to: pair.from }))) return false
      }
    }
    return true
  }

  private add(partition: TopicPartition, pair: ConsumerPair): void {
    this.byPartition.set(partition, pair)
    let movements = this.byTopic.get(partition.topic)
    if (movements === undefined) this.byTopic.set(partition.topic, (movements = new Map()))
    const key = pairKey(pair)
    let movement = movements.get(key)
    if (movement === undefined) {
      movement = { pair, partitions: new HashMap(PARTITION_KEYS) }
      movements.set(key, movement)
    }
    movement.partitions.set(partition, true)
  }

  private remove(partition: TopicPartition, pair: ConsumerPair): void {
    this.byPartition.delete(partition)
    const movements = this.byTopic.get(partition.topic)!
    const { partitions } = movements.get(pairKey(pair))!
    partitions.delete(partition)
    if (partitions.size === 0) movements.delete(pairKey(pair))
    if (movements.size === 0) this.byTopic.delete(partition.topic)
  }
}

/** With the first one's length: no two pairs have the same text. */
const pairKey = ({ from, to }: ConsumerPair): string => `${from.length}:${from}${to}`
