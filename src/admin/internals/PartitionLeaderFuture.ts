/**
 * A future per partition, whose leader may be known from a call before this one.
 *
 * @kafka org.apache.kafka.clients.admin.internals.PartitionLeaderStrategy.PartitionLeaderFuture
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import { SimpleAdminApiFuture } from './AdminApiFuture.ts'
import type { PartitionLeaderCache } from './PartitionLeaderCache.ts'

export class PartitionLeaderFuture<V> extends SimpleAdminApiFuture<TopicPartition, V> {
  private readonly cache: PartitionLeaderCache

  constructor(partitions: Iterable<TopicPartition>, cache: PartitionLeaderCache) {
    super(partitions)
    this.cache = cache
  }

  override cachedBrokerId(partition: TopicPartition): number | null {
    return this.cache.get(partition)
  }

  override completeLookup(brokerIds: ReadonlyMap<TopicPartition, number>): void {
    this.cache.put(brokerIds)
  }

  override completeExceptionally(errors: ReadonlyMap<TopicPartition, Error>): void {
    this.cache.remove(errors.keys())
    super.completeExceptionally(errors)
  }
}
