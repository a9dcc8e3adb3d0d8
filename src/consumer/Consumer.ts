/**
 * What a program can do with a consumer; the counterpart for tests implements it as well.
 *
 * What only looks at, or notes something in, the consumer's own state is done when the call
 * returns. What has to ask a broker returns a promise, with a time-out in milliseconds as its last
 * parameter (default: `default.api.timeout.ms`).
 *
 * @kafka org.apache.kafka.clients.consumer.Consumer
 * @simplified subscriptions and commits come with groups, `metrics` with the metrics part.
 */

import type { PartitionInfo } from '../common/PartitionInfo.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { ReadonlyTopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { ConsumerRecords } from './ConsumerRecords.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from './OffsetAndTimestamp.ts'

export interface Consumer<K, V> {
  assignment(): ReadonlyTopicPartitionSet
  assign(partitions: Iterable<TopicPartition>): void
  unsubscribe(): Promise<void>

  poll(timeoutMs: number): Promise<ConsumerRecords<K, V>>

  seek(partition: TopicPartition, offset: number | OffsetAndMetadata): void
  seekToBeginning(partitions?: Iterable<TopicPartition>): void
  seekToEnd(partitions?: Iterable<TopicPartition>): void
  position(partition: TopicPartition, timeoutMs?: number): Promise<number>
  currentLag(partition: TopicPartition): number | null

  pause(partitions: Iterable<TopicPartition>): void
  resume(partitions: Iterable<TopicPartition>): void
  paused(): ReadonlyTopicPartitionSet

  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    timeoutMs?: number,
  ): Promise<ReadonlyTopicPartitionMap<number>>
  endOffsets(
    partitions: Iterable<TopicPartition>,
    timeoutMs?: number,
  ): Promise<ReadonlyTopicPartitionMap<number>>
  offsetsForTimes(
    timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
    timeoutMs?: number,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndTimestamp | null>>

  partitionsFor(topic: string, timeoutMs?: number): Promise<readonly PartitionInfo[]>
  listTopics(timeoutMs?: number): Promise<ReadonlyMap<string, readonly PartitionInfo[]>>

  wakeup(): void
  close(timeoutMs?: number): Promise<void>
}
