/**
 * What a program can do with a consumer; the counterpart for tests implements it as well.
 *
 * What only looks at, or notes something in, the consumer's own state is done when the call
 * returns. What has to ask a broker returns a promise; its last parameter says how long it may
 * wait, and who may abort it (`WaitOptions`; default: `default.api.timeout.ms`).
 *
 * @kafka org.apache.kafka.clients.consumer.Consumer
 */

import type { MetricName } from '../common/MetricName.ts'
import type { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { ReadonlyTopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { CloseOptions } from './CloseOptions.ts'
import type { ConsumerGroupMetadata } from './ConsumerGroupMetadata.ts'
import type { ConsumerRebalanceListener } from './ConsumerRebalanceListener.ts'
import type { ConsumerRecord } from './ConsumerRecord.ts'
import type { ConsumerRecords } from './ConsumerRecords.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from './OffsetAndTimestamp.ts'
import type { OffsetCommitCallback } from './OffsetCommitCallback.ts'
import type { SubscriptionPattern } from './SubscriptionPattern.ts'
import type { RecordsOptions, Wait } from './WaitOptions.ts'

/** Offsets by partition: a `Map`, a `TopicPartitionMap`, a list of pairs. */
export type Offsets = Iterable<readonly [TopicPartition, OffsetAndMetadata]>

export interface Consumer<K, V> {
  assignment(): ReadonlyTopicPartitionSet
  subscription(): ReadonlySet<string>
  subscribe(topics: Iterable<string>, listener?: ConsumerRebalanceListener): void | Promise<void>
  subscribe(pattern: RegExp, listener?: ConsumerRebalanceListener): void
  subscribe(pattern: SubscriptionPattern, listener?: ConsumerRebalanceListener): void
  assign(partitions: Iterable<TopicPartition>): void | Promise<void>
  unsubscribe(): Promise<void>

  poll(wait: Wait): Promise<ConsumerRecords<K, V>>
  records(options?: RecordsOptions): AsyncIterableIterator<ConsumerRecord<K, V>>

  commitSync(wait?: Wait): Promise<void>
  commitSync(offsets: Offsets, wait?: Wait): Promise<void>
  commitAsync(callback?: OffsetCommitCallback | null): void
  commitAsync(offsets: Offsets, callback?: OffsetCommitCallback | null): void
  committed(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndMetadata | null>>

  seek(partition: TopicPartition, offset: number | OffsetAndMetadata): void
  seekToBeginning(partitions?: Iterable<TopicPartition>): void
  seekToEnd(partitions?: Iterable<TopicPartition>): void
  position(partition: TopicPartition, wait?: Wait): Promise<number>
  currentLag(partition: TopicPartition): number | null

  pause(partitions: Iterable<TopicPartition>): void
  resume(partitions: Iterable<TopicPartition>): void
  paused(): ReadonlyTopicPartitionSet

  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<number>>
  endOffsets(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<number>>
  offsetsForTimes(
    timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndTimestamp | null>>

  partitionsFor(topic: string, wait?: Wait): Promise<readonly PartitionInfo[]>
  listTopics(wait?: Wait): Promise<ReadonlyMap<string, readonly PartitionInfo[]>>

  metrics(): ReadonlyMap<MetricName, KafkaMetric>

  groupMetadata(): ConsumerGroupMetadata
  enforceRebalance(reason?: string | null): void
  wakeup(): void
  close(options?: number | CloseOptions): Promise<void>
}
