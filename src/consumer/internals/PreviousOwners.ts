/**
 * Who owned what before this rebalance, and whom to believe.
 *
 * Members may contradict each other. One that was away for a while, a long pause for example, comes
 * back with partitions that were given to somebody else meanwhile. It has an older generation:
 *
 *     A  generation 4   owns t-0, t-1            A keeps t-1
 *     B  generation 5   owns t-0                 B keeps t-0: it has the newer generation
 *     C  generation 5   owns t-2  ┐              in the same generation nobody is right:
 *     D  generation 5   owns t-2  ┘              t-2 is taken from both
 *
 * I1  In `owned` a partition has one owner at most, and exists.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor (allSubscriptionsEqual)
 * @simplified a partition beyond the topic's present number is forgotten. Java keeps it with its
 *   owner, and may then give the next topics' partitions to two members.
 */

import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Subscription } from '../Subscription.ts'
import type {
  PartitionsByMember,
  PartitionsPerTopic,
  Subscriptions,
} from './AbstractPartitionAssignor.ts'

/** What stands for "no generation": older than all. */
export const DEFAULT_GENERATION = -1

/** What a member says of its past. */
export interface MemberData {
  readonly partitions: readonly TopicPartition[]
  /** `null`: it does not say. */
  readonly generation: number | null
}

export class PreviousOwners {
  /** For every member what it owned and may still want, in its order. */
  readonly owned: PartitionsByMember = new Map()
  /** Claimed by several in the same generation. */
  readonly partitionsWithMultiplePreviousOwners = new TopicPartitionSet()
  /** All members want the same topics. */
  readonly allSubscriptionsEqual: boolean
  /** Of all members; -1 when none has one. */
  readonly maxGeneration: number
  private readonly subscriptions: Subscriptions
  private readonly logger: Logger
  private readonly ownerOf = new TopicPartitionMap<string>()

  constructor(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
    memberDataOf: (subscription: Subscription) => MemberData,
    logger: Logger,
  ) {
    this.subscriptions = subscriptions
    this.logger = logger
    this.allSubscriptionsEqual = sameTopics([...subscriptions.values()])
    let maxGeneration = DEFAULT_GENERATION
    for (const [consumer, subscription] of subscriptions) {
      const { partitions, generation } = memberDataOf(subscription)
      maxGeneration = Math.max(maxGeneration, generation ?? DEFAULT_GENERATION)
      this.owned.set(consumer, [])
      for (const partition of partitions) {
        const count = partitionsPerTopic.get(partition.topic)?.length ?? 0
        if (partition.partition >= count) continue
        this.claim(partition, consumer, generation ?? DEFAULT_GENERATION)
      }
    }
    this.maxGeneration = maxGeneration
  }

  private claim(partition: TopicPartition, consumer: string, generation: number): void {
    const other = this.ownerOf.get(partition)
    if (other === undefined) {
      this.owned.get(consumer)!.push(partition)
      this.ownerOf.set(partition, consumer)
      return
    }
    const otherGeneration = this.subscriptions.get(other)!.generationId ?? DEFAULT_GENERATION
    if (generation === otherGeneration) {
      this.logger.error(
        `Consumers ${consumer} and ${other} both claim ${partition} in generation ${generation}: ` +
          'it is taken from both',
      )
      this.partitionsWithMultiplePreviousOwners.add(partition)
      this.takeFrom(other, partition)
      this.ownerOf.set(partition, consumer)
      return
    }
    this.logger.warn(
      `Consumers ${consumer} in generation ${generation} and ${other} in generation ` +
        `${otherGeneration} both claim ${partition}: the higher generation keeps it`,
    )
    if (generation < otherGeneration) return
    this.owned.get(consumer)!.push(partition)
    this.takeFrom(other, partition)
    this.ownerOf.set(partition, consumer)
  }

  private takeFrom(consumer: string, partition: TopicPartition): void {
    removeFrom(this.owned.get(consumer)!, partition)
  }
}

/** Takes the first that equals `partition` out of a list. */
export const removeFrom = (partitions: TopicPartition[], partition: TopicPartition): void => {
  const at = partitions.findIndex((each) => each.equals(partition))
  if (at >= 0) partitions.splice(at, 1)
}

/** A member without topics is not counted while it stands before all that have some. */
const sameTopics = (subscriptions: readonly Subscription[]): boolean => {
  const first = subscriptions.findIndex(({ topics }) => topics.length > 0)
  if (first < 0) return true
  const topics = new Set(subscriptions[first]!.topics)
  return subscriptions
    .slice(first + 1)
    .every(
      (other) => other.topics.length === topics.size && other.topics.every((t) => topics.has(t)),
    )
}
