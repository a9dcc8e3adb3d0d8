/**
 * Who led which partition when somebody asked last. An entry may be old: whoever relies on it
 * learns so from the answer, and looks the leader up again.
 *
 * @kafka org.apache.kafka.clients.admin.internals.PartitionLeaderCache
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'

export class PartitionLeaderCache {
  private readonly leaders = new TopicPartitionMap<number>()

  /** `null` when it is not known. */
  get(partition: TopicPartition): number | null {
    return this.leaders.get(partition) ?? null
  }

  put(brokerIds: Iterable<readonly [TopicPartition, number]>): void {
    this.leaders.setAll(brokerIds)
  }

  remove(partitions: Iterable<TopicPartition>): void {
    for (const partition of partitions) this.leaders.delete(partition)
  }
}
