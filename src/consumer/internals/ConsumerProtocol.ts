/**
 * What members of a group tell each other, between our `Subscription` and `Assignment` and bytes.
 *
 * The wire groups partitions by topic, we have them one by one. A member's topics and partitions
 * are sorted on the way out: two members that want and have the same say the same bytes, and the
 * coordinator, which compares bytes, does not take another order for a change.
 *
 * The bytes themselves, and what happens with versions that we do not know, are in
 * `src/protocol/ConsumerProtocol.ts`; a broker reads them there.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerProtocol
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import {
  deserializeConsumerProtocolAssignment,
  deserializeConsumerProtocolSubscription,
  serializeConsumerProtocolAssignment,
  serializeConsumerProtocolSubscription,
} from '../../protocol/ConsumerProtocol.ts'
import { Assignment } from '../Assignment.ts'
import { Subscription } from '../Subscription.ts'
import { compareTopicPartitions } from './comparators.ts'

/**
 * The bytes of a subscription. What `version` cannot say is left out, and `groupInstanceId` always:
 * the coordinator tells that.
 *
 * @param version default: the newest; above it, the newest
 */
export const serializeSubscription = (subscription: Subscription, version?: number): Uint8Array =>
  serializeConsumerProtocolSubscription(
    {
      topics: [...subscription.topics].sort(),
      userData: subscription.userData,
      ownedPartitions: byTopic([...subscription.ownedPartitions].sort(compareTopicPartitions)),
      generationId: subscription.generationId ?? -1,
      rackId: subscription.rackId,
    },
    version,
  )

/**
 * @param version read it as this; default: as what the bytes say
 * @throws SchemaException when they do not follow the schema
 */
export const deserializeSubscription = (note: Uint8Array, version?: number): Subscription => {
  const data = deserializeConsumerProtocolSubscription(note, version)
  return new Subscription(data.topics, {
    userData: data.userData,
    ownedPartitions: oneByOne(data.ownedPartitions),
    generationId: data.generationId,
    rackId: data.rackId === '' ? null : data.rackId,
  })
}

/** @param version default: the newest; above it, the newest */
export const serializeAssignment = (assignment: Assignment, version?: number): Uint8Array =>
  serializeConsumerProtocolAssignment(
    { assignedPartitions: byTopic(assignment.partitions), userData: assignment.userData },
    version,
  )

/**
 * @param version read it as this; default: as what the bytes say
 * @throws SchemaException when they do not follow the schema
 */
export const deserializeAssignment = (note: Uint8Array, version?: number): Assignment => {
  const data = deserializeConsumerProtocolAssignment(note, version)
  return new Assignment(oneByOne(data.assignedPartitions), data.userData)
}

interface PartitionsOfTopic {
  readonly topic: string
  readonly partitions: number[]
}

/** Topics in the order in which they first come. */
const byTopic = (partitions: readonly TopicPartition[]): PartitionsOfTopic[] => {
  const topics = new Map<string, PartitionsOfTopic>()
  for (const { topic, partition } of partitions) {
    const ofTopic = topics.get(topic)
    if (ofTopic === undefined) topics.set(topic, { topic, partitions: [partition] })
    else ofTopic.partitions.push(partition)
  }
  return [...topics.values()]
}

const oneByOne = (
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => new TopicPartition(topic, partition)),
  )
