/**
 * Every topic's partitions in turn, keys or not: the same number of records for each.
 *
 * Equal shares have a price: consecutive records go to different batches, so there are more and
 * smaller ones than with `BuiltInPartitioner`, and records of one key are spread, which loses their
 * order.
 *
 * @kafka org.apache.kafka.clients.producer.RoundRobinPartitioner
 */

import type { Cluster } from '../common/Cluster.ts'
import { toPositive } from '../common/murmur2.ts'
import type { Partitioner } from './Partitioner.ts'

export class RoundRobinPartitioner implements Partitioner {
  private readonly nextByTopic = new Map<string, number>()

  partition(
    topic: string,
    _key: unknown,
    _keyBytes: Uint8Array | null,
    _value: unknown,
    _valueBytes: Uint8Array | null,
    cluster: Cluster,
  ): number {
    const turn = toPositive(this.nextValue(topic))
    const available = cluster.availablePartitionsForTopic(topic)
    if (available.length > 0) return available[turn % available.length]!.partition
    // None has a leader: take turns among all, and wait for leaders there.
    return turn % cluster.partitionsForTopic(topic).length
  }

  private nextValue(topic: string): number {
    const value = this.nextByTopic.get(topic) ?? 0
    this.nextByTopic.set(topic, (value + 1) | 0)
    return value
  }
}
