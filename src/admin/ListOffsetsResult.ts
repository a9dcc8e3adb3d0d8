/**
 * The outcome of `listOffsets`, partition by partition.
 *
 * @kafka org.apache.kafka.clients.admin.ListOffsetsResult
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import { type ReadonlyTopicPartitionMap, TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { type KafkaFutureImpl, observed } from './internals/KafkaFutureImpl.ts'

export interface ListOffsetsResultInfo {
  /** -1 when there is no record that late. */
  readonly offset: number
  /** Milliseconds since 1970, of the record that was found; -1 for a place. */
  readonly timestamp: number
  /** In whose reign the record was written; `null` when the broker does not say. */
  readonly leaderEpoch: number | null
}

export class ListOffsetsResult {
  private readonly futures: TopicPartitionMap<KafkaFutureImpl<ListOffsetsResultInfo>>

  constructor(
    futures: Iterable<readonly [TopicPartition, KafkaFutureImpl<ListOffsetsResultInfo>]>,
  ) {
    this.futures = new TopicPartitionMap(futures)
  }

  /** @throws IllegalArgumentException for a partition that was not asked for */
  partitionResult(partition: TopicPartition): Promise<ListOffsetsResultInfo> {
    const future = this.futures.get(partition)
    if (future !== undefined) return future.promise
    throw new IllegalArgumentException(
      `List Offsets for partition '${partition}' was not attempted`,
    )
  }

  /** All of them; fails when one could not be had. */
  all(): Promise<ReadonlyTopicPartitionMap<ListOffsetsResultInfo>> {
    const entries = Array.from(
      this.futures,
      async ([partition, { promise }]) => [partition, await promise] as const,
    )
    return observed(Promise.all(entries).then((offsets) => new TopicPartitionMap(offsets)))
  }
}
