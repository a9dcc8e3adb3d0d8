/**
 * Who stands where: what the sticky assignors know of racks.
 *
 *     consumerRacks     C0 ─► a     C1 ─► b        `client.rack`; who does not say is at home
 *     partitionRacks    t-0 ─► {a, b}              everywhere; a partition is in the racks of
 *                       t-1 ─► {b, c}              all of its replicas, up or down
 *
 * Both are empty when racks make no difference; then nothing mismatches.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor.RackInfo
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import {
  type PartitionsPerTopic,
  racksOf,
  type Subscriptions,
} from './AbstractPartitionAssignor.ts'

type Racks = ReadonlySet<string>

/** `AbstractPartitionAssignor.useRackAwareAssignment`. */
export type UseRackAware = (
  consumerRacks: Racks,
  partitionRacks: Racks,
  racksPerPartition: Iterable<Racks>,
) => boolean

const NOWHERE: Racks = new Set()

export class RackInfo {
  private readonly consumerRacks = new Map<string, string>()
  private partitionRacks = new TopicPartitionMap<Racks>()
  /** How many members are near a partition. */
  private readonly numConsumersByPartition = new TopicPartitionMap<number>()

  constructor(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
    useRackAware: UseRackAware,
  ) {
    const consumersByRack = membersByRack(subscriptions)
    if (consumersByRack.size === 0) return

    const partitionRacks = new TopicPartitionMap<Racks>()
    const allRacks = new Set<string>()
    for (const infos of partitionsPerTopic.values()) {
      for (const info of infos) {
        const partition = new TopicPartition(info.topic, info.partition)
        const racks = racksOf(info)
        let near = 0
        for (const rack of racks) {
          allRacks.add(rack)
          near += consumersByRack.get(rack)?.length ?? 0
        }
        partitionRacks.set(partition, racks)
        this.numConsumersByPartition.set(partition, near)
      }
    }
    if (!useRackAware(new Set(consumersByRack.keys()), allRacks, partitionRacks.values())) return
    this.partitionRacks = partitionRacks
    for (const [rack, consumers] of consumersByRack) {
      for (const consumer of consumers) this.consumerRacks.set(consumer, rack)
    }
  }

  /** Whether racks matter in this assignment. */
  get inUse(): boolean {
    return this.consumerRacks.size > 0
  }

  /** `null`: it did not say, or it does not matter. */
  rackOf(consumer: string): string | null {
    return this.consumerRacks.get(consumer) ?? null
  }

  racksOf(partition: TopicPartition): Racks {
    return this.partitionRacks.get(partition) ?? NOWHERE
  }

  /** The member stands in a rack, and no replica of the partition does. */
  racksMismatch(consumer: string, partition: TopicPartition): boolean {
    const rack = this.rackOf(consumer)
    return rack !== null && !this.racksOf(partition).has(rack)
  }

  /**
   * Partitions that few are near come first: they are the hardest to place.
   *
   * Sorts also when racks turned out to make no difference, as Kafka does.
   */
  sortPartitionsByRackConsumers(partitions: readonly TopicPartition[]): TopicPartition[] {
    const near = (partition: TopicPartition): number =>
      this.numConsumersByPartition.get(partition) ?? 0
    return [...partitions].sort((a, b) => near(a) - near(b))
  }

  /** Index of the next member near the partition, looking round from `firstIndex`; -1 for none. */
  nextRackConsumer(
    partition: TopicPartition,
    consumers: readonly string[],
    firstIndex: number,
  ): number {
    const racks = this.racksOf(partition)
    if (racks.size === 0) return -1
    for (let i = 0; i < consumers.length; i++) {
      const index = (firstIndex + i) % consumers.length
      const rack = this.rackOf(consumers[index]!)
      if (rack !== null && racks.has(rack)) return index
    }
    return -1
  }

  toString(): string {
    const racks = Array.from(this.consumerRacks, ([consumer, rack]) => `${consumer}=${rack}`)
    return `RackInfo(consumerRacks={${racks.join(', ')}}, partitions=${this.partitionRacks.size})`
  }
}

const membersByRack = (subscriptions: Subscriptions): Map<string, string[]> => {
  const byRack = new Map<string, string[]>()
  for (const [memberId, { rackId }] of subscriptions) {
    if (rackId === null || rackId === '') continue
    const members = byRack.get(rackId)
    if (members === undefined) byRack.set(rackId, [memberId])
    else members.push(memberId)
  }
  return byRack
}
