/**
 * How far the range assignor has come with one topic.
 *
 *     7 partitions, 3 members:   2 each, and 1 member gets one more
 *
 *     numPartitionsPerConsumer = 2      remainingConsumersWithExtraPartition = 1
 *
 * Who is first to be given a third partition uses that place up; from then on nobody's share is
 * more than two.
 *
 * @kafka org.apache.kafka.clients.consumer.RangeAssignor.TopicAssignmentState
 */

import type { PartitionInfo } from '../../common/PartitionInfo.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import { racksOf } from './AbstractPartitionAssignor.ts'
import { MemberInfo } from './MemberInfo.ts'

export interface TopicAssignmentStateOptions {
  readonly topic: string
  readonly partitionInfos: readonly PartitionInfo[]
  /** Who subscribed to the topic. */
  readonly members: readonly MemberInfo[]
  /** Whether to mind racks, from those of members, of partitions, and of each partition. */
  readonly useRackAwareAssignment: (
    consumerRacks: ReadonlySet<string>,
    partitionRacks: ReadonlySet<string>,
    racksPerPartition: Iterable<ReadonlySet<string>>,
  ) => boolean
}

export class TopicAssignmentState {
  readonly topic: string
  /** Member ids in the order of the line, each with its rack. */
  readonly consumers: ReadonlyMap<string, string | null>
  readonly needsRackAwareAssignment: boolean
  readonly unassignedPartitions: TopicPartitionSet
  /** Empty when no member says where it stands. */
  private readonly partitionRacks = new TopicPartitionMap<ReadonlySet<string>>()
  private readonly numAssignedByConsumer = new Map<string, number>()
  private readonly numPartitionsPerConsumer: number
  private remainingConsumersWithExtraPartition: number

  constructor(options: TopicAssignmentStateOptions) {
    const { topic, partitionInfos } = options
    const members = [...options.members].sort(MemberInfo.compare)
    this.topic = topic
    this.consumers = new Map(members.map(({ memberId, rackId }) => [memberId, rackId || null]))
    const partitions = partitionInfos.map((info) => new TopicPartition(topic, info.partition))
    this.unassignedPartitions = new TopicPartitionSet(partitions)
    const count = this.consumers.size
    this.numPartitionsPerConsumer = count === 0 ? 0 : Math.floor(partitions.length / count)
    this.remainingConsumersWithExtraPartition = count === 0 ? 0 : partitions.length % count

    const consumerRacks = new Set<string>()
    for (const rack of this.consumers.values()) if (rack !== null) consumerRacks.add(rack)
    const allPartitionRacks = new Set<string>()
    if (consumerRacks.size > 0) {
      for (const [i, partition] of partitions.entries()) {
        const racks = racksOf(partitionInfos[i]!)
        this.partitionRacks.set(partition, racks)
        for (const rack of racks) allPartitionRacks.add(rack)
      }
    }
    this.needsRackAwareAssignment = options.useRackAwareAssignment(
      consumerRacks,
      allPartitionRacks,
      this.partitionRacks.values(),
    )
  }

  /** How many partitions have racks that matter: topics with the same number may go together. */
  get numPartitionsWithRacks(): number {
    return this.partitionRacks.size
  }

  /** A member that does not say where it stands is at home everywhere. */
  racksMatch(consumer: string, partition: TopicPartition): boolean {
    const rack = this.consumers.get(consumer) ?? null
    return rack === null || (this.partitionRacks.get(partition)?.has(rack) ?? false)
  }

  /** How many more partitions this member may get. */
  maxAssignable(consumer: string): number {
    const extra = this.remainingConsumersWithExtraPartition > 0 ? 1 : 0
    const assigned = this.numAssignedByConsumer.get(consumer) ?? 0
    return Math.max(0, this.numPartitionsPerConsumer + extra - assigned)
  }

  onAssigned(consumer: string, newlyAssigned: readonly TopicPartition[]): void {
    const assigned = (this.numAssignedByConsumer.get(consumer) ?? 0) + newlyAssigned.length
    this.numAssignedByConsumer.set(consumer, assigned)
    if (assigned > this.numPartitionsPerConsumer) this.remainingConsumersWithExtraPartition--
    for (const partition of newlyAssigned) this.unassignedPartitions.delete(partition)
  }

  toString(): string {
    return (
      `TopicAssignmentState(topic=${this.topic}, consumers=[${[...this.consumers.keys()]}], ` +
      `unassignedPartitions=${this.unassignedPartitions})`
    )
  }
}
