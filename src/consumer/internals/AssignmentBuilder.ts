/**
 * What the two ways of sticky assignment start from, and what they must keep in mind.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor (assignPartitions)
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { PartitionsPerTopic, Subscriptions } from './AbstractPartitionAssignor.ts'
import type { PreviousOwners } from './PreviousOwners.ts'
import type { RackInfo } from './RackInfo.ts'

export interface AssignmentBuilderOptions {
  readonly partitionsPerTopic: PartitionsPerTopic
  readonly subscriptions: Subscriptions
  readonly rackInfo: RackInfo
  readonly previousOwners: PreviousOwners
}

/** All partitions of these topics, in this order. */
export const allTopicPartitions = (
  partitionsPerTopic: PartitionsPerTopic,
  topics: readonly string[],
): TopicPartition[] =>
  topics.flatMap((topic) =>
    partitionsPerTopic.get(topic)!.map((info) => new TopicPartition(topic, info.partition)),
  )

export const withoutThose = (
  partitions: readonly TopicPartition[],
  those: Iterable<TopicPartition>,
): TopicPartition[] => {
  const out = new TopicPartitionSet(those)
  return partitions.filter((partition) => !out.has(partition))
}
