/**
 * A program's own choice of the partition, for records that do not name one.
 *
 * It is asked for every such record, with the key and value before and after serialization, and
 * must answer at once with a partition of the topic. Without one the producer hashes the key, or,
 * without a key, lets `BuiltInPartitioner` choose.
 *
 * @kafka org.apache.kafka.clients.producer.Partitioner
 */

import type { Cluster } from '../common/Cluster.ts'
import type { Configs } from '../common/serialization/Serializer.ts'

export interface Partitioner<K = unknown, V = unknown> {
  /** Called once, when the producer made this object from a class. */
  configure?(configs: Configs): void
  /**
   * A partition from 0 on; anything else fails the send. One that the topic does not have (yet) is
   * waited for, until `delivery.timeout.ms` is over.
   */
  partition(
    topic: string,
    key: K | null,
    keyBytes: Uint8Array | null,
    value: V | null,
    valueBytes: Uint8Array | null,
    cluster: Cluster,
  ): number
  close?(): void
}
