/**
 * What one broker knows of the cluster, in the shapes in which clients ask for it.
 *
 * @kafka org.apache.kafka.metadata.KRaftMetadataCache
 */

import { Topic } from '../../common/Topic.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import type {
  Cursor,
  DescribeTopicPartitionsResponseInput,
} from '../../protocol/messages/DescribeTopicPartitions.ts'
import type { MetadataResponseInput } from '../../protocol/messages/Metadata.ts'
import type {
  BrokerRegistration,
  MetadataImage,
  PartitionRegistration,
  TopicImage,
} from './MetadataImage.ts'
import { NO_LEADER } from './MetadataImage.ts'

type TopicMetadata = NonNullable<MetadataResponseInput['topics']>[number]
type DescribedTopic = NonNullable<DescribeTopicPartitionsResponseInput['topics']>[number]

export class MetadataCache {
  private image: MetadataImage

  constructor(image: MetadataImage) {
    this.image = image
  }

  setImage(image: MetadataImage): void {
    this.image = image
  }

  currentImage(): MetadataImage {
    return this.image
  }

  contains(topicPartition: TopicPartition): boolean {
    return this.image.partition(topicPartition) !== undefined
  }

  containsTopic(topic: string): boolean {
    return this.image.topicsByName.has(topic)
  }

  getAllTopics(): string[] {
    return [...this.image.topicsByName.keys()].sort()
  }

  /** The zero id for an unknown topic. */
  getTopicId(topic: string): Uuid {
    return this.image.topicsByName.get(topic)?.id ?? Uuid.ZERO_UUID
  }

  getTopicName(id: Uuid): string | undefined {
    return this.image.topicById(id)?.name
  }

  topicConfig(topic: string): Readonly<Record<string, string>> {
    return this.image.topicsByName.get(topic)?.configs ?? {}
  }

  getLeaderAndIsr(topicPartition: TopicPartition): PartitionRegistration | undefined {
    return this.image.partition(topicPartition)
  }

  getAliveBrokerNodes(): BrokerRegistration[] {
    return [...this.image.brokers.values()]
  }

  getAliveBrokerNode(id: number): BrokerRegistration | undefined {
    return this.image.brokers.get(id)
  }

  /**
   * Any broker can pass a request on to the controller, so any may be named as it; here the one
   * with the lowest id.
   */
  controllerId(): number {
    return this.image.brokers.keys().next().value ?? -1
  }

  /** What `Metadata` answers about those of `topics` that exist. */
  getTopicMetadata(topics: Iterable<string>): TopicMetadata[] {
    const found: TopicMetadata[] = []
    for (const name of topics) {
      const topic = this.image.topicsByName.get(name)
      if (topic === undefined) continue
      found.push({
        errorCode: Errors.NONE.code,
        name,
        topicId: topic.id,
        isInternal: Topic.isInternal(name),
        partitions: topic.partitions.map((each, index) => this.partitionMetadata(each, index)),
      })
    }
    return found
  }

  /**
   * What `DescribeTopicPartitions` answers: topics in their order, at most `maximumPartitions` in
   * all, and where to go on.
   *
   * @param topics sorted by name
   */
  describeTopicResponse(
    topics: readonly string[],
    cursor: Cursor | null,
    maximumPartitions: number,
    ignoreUnknown: boolean,
  ): { topics: DescribedTopic[]; nextCursor: Cursor | null } {
    const described: DescribedTopic[] = []
    let room = maximumPartitions
    for (const name of topics) {
      if (room <= 0)
        return { topics: described, nextCursor: { topicName: name, partitionIndex: 0 } }
      const topic = this.image.topicsByName.get(name)
      if (topic === undefined) {
        if (!ignoreUnknown) described.push(unknownTopic(name))
        continue
      }
      const first = cursor?.topicName === name ? cursor.partitionIndex : 0
      const upTo = Math.min(topic.partitions.length, first + room)
      described.push(this.describeTopic(topic, first, upTo))
      if (upTo < topic.partitions.length) {
        return { topics: described, nextCursor: { topicName: name, partitionIndex: upTo } }
      }
      room -= Math.max(0, upTo - first)
    }
    return { topics: described, nextCursor: null }
  }

  private describeTopic(topic: TopicImage, from: number, to: number): DescribedTopic {
    const partitions = topic.partitions.slice(from, to).map((each, index) => ({
      ...this.partitionMetadata(each, from + index),
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    }))
    return {
      errorCode: Errors.NONE.code,
      name: topic.name,
      topicId: topic.id,
      isInternal: Topic.isInternal(topic.name),
      partitions,
    }
  }

  private partitionMetadata(partition: PartitionRegistration, partitionIndex: number) {
    const { brokers } = this.image
    const { leader, leaderEpoch, replicas, isr } = partition
    const hasLeader = leader !== NO_LEADER && brokers.has(leader)
    return {
      errorCode: hasLeader ? Errors.NONE.code : Errors.LEADER_NOT_AVAILABLE.code,
      partitionIndex,
      leaderId: hasLeader ? leader : NO_LEADER,
      leaderEpoch,
      replicaNodes: replicas,
      isrNodes: isr,
      offlineReplicas: replicas.filter((id) => !brokers.has(id)),
    }
  }
}

const unknownTopic = (name: string): DescribedTopic => ({
  errorCode: (Topic.isValid(name)
    ? Errors.UNKNOWN_TOPIC_OR_PARTITION
    : Errors.INVALID_TOPIC_EXCEPTION
  ).code,
  name,
  topicId: Uuid.ZERO_UUID,
  isInternal: Topic.isInternal(name),
  partitions: [],
})
