/**
 * What the assignors of Kafka have in common: of a cluster and a group they need only the
 * partitions of each topic that somebody wants, and what each member wants.
 *
 *     Cluster ─────────────► partitionsPerTopic ─┐
 *                                                ├─► assignPartitions ─► member ─► partitions
 *     GroupSubscription ───► subscriptions ──────┘
 *
 * Both maps are handed on in the order of Java's `HashMap`. Wherever an assignor must prefer
 * somebody and has no better reason, the order decides, and so it is the one that a Java leader
 * would prefer. A group gets the same assignment whichever language its leader speaks.
 *
 * I1  A topic without metadata is nobody's: it is left out, and comes with the rebalance that its
 *     metadata brings about.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractPartitionAssignor
 * @simplified one `assignPartitions` from what is known of each partition; Java keeps a second way,
 *   from numbers of partitions, for assignors that were written before racks.
 */

import type { Cluster } from '../../common/Cluster.ts'
import { HashMap } from '../../common/HashMap.ts'
import { ConsoleLogger, type Logger } from '../../common/Logger.ts'
import { Node } from '../../common/Node.ts'
import { PartitionInfo } from '../../common/PartitionInfo.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { Assignment } from '../Assignment.ts'
import type { ConsumerPartitionAssignor } from '../ConsumerPartitionAssignor.ts'
import { GroupAssignment } from '../GroupAssignment.ts'
import type { GroupSubscription } from '../GroupSubscription.ts'
import type { Subscription } from '../Subscription.ts'

/** What is known of the partitions of each topic, sorted by number. */
export type PartitionsPerTopic = ReadonlyMap<string, readonly PartitionInfo[]>
export type Subscriptions = ReadonlyMap<string, Subscription>
/** Partitions by member id. */
export type PartitionsByMember = Map<string, TopicPartition[]>

const NO_NODES: readonly Node[] = [Node.NO_NODE]

export abstract class AbstractPartitionAssignor implements ConsumerPartitionAssignor {
  protected logger: Logger = new ConsoleLogger()
  private racksAlways = false

  abstract name(): string

  /**
   * The partitions of every member.
   *
   * @param partitionsPerTopic without topics of which nothing is known
   */
  abstract assignPartitions(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
  ): PartitionsByMember

  assign(metadata: Cluster, groupSubscription: GroupSubscription): GroupAssignment {
    const subscriptions = HashMap.ofStrings(groupSubscription.groupSubscription())
    const topics = HashMap.ofStrings<true>()
    for (const [, { topics: wanted }] of subscriptions) {
      for (const topic of wanted) topics.set(topic, true)
    }
    const partitionsPerTopic = HashMap.ofStrings<PartitionInfo[]>()
    for (const topic of topics.keys()) {
      const partitions = [...metadata.partitionsForTopic(topic)]
      if (partitions.length > 0) {
        partitionsPerTopic.set(
          topic,
          partitions.sort((a, b) => a.partition - b.partition),
        )
      } else {
        this.logger.debug(`Skipping assignment for topic ${topic}: no metadata is available`)
      }
    }
    const assigned = this.assignPartitions(new Map(partitionsPerTopic), new Map(subscriptions))
    const assignments = HashMap.ofStrings<Assignment>()
    for (const [member, partitions] of assigned) {
      assignments.set(member, new Assignment(partitions))
    }
    return new GroupAssignment(new Map(assignments))
  }

  /** Where to report what is odd about a group. Default: standard error, from `warn` on. */
  useLogger(logger: Logger): this {
    this.logger = logger
    return this
  }

  /**
   * Minds racks also where every rack has every partition and it makes no difference: for tests
   * that compare the two ways.
   */
  preferRackAwareLogic(always = true): this {
    this.racksAlways = always
    return this
  }

  /**
   * Whether it is worth the trouble to look at racks: some members and some replicas share one, and
   * not every rack has every partition.
   */
  protected useRackAwareAssignment(
    consumerRacks: ReadonlySet<string>,
    partitionRacks: ReadonlySet<string>,
    racksPerPartition: Iterable<ReadonlySet<string>>,
  ): boolean {
    if (!intersect(consumerRacks, partitionRacks)) return false
    if (this.racksAlways) return true
    for (const racks of racksPerPartition) if (racks.size < partitionRacks.size) return true
    return false
  }

  /** For who knows numbers of partitions only. */
  static partitionInfosWithoutRacks(
    partitionsPerTopic: Iterable<readonly [topic: string, partitions: number]>,
  ): Map<string, PartitionInfo[]> {
    const infos = new Map<string, PartitionInfo[]>()
    for (const [topic, count] of partitionsPerTopic) {
      infos.set(
        topic,
        Array.from({ length: count }, (_, partition) => withoutRack(topic, partition)),
      )
    }
    return infos
  }
}

const withoutRack = (topic: string, partition: number): PartitionInfo =>
  new PartitionInfo(topic, partition, Node.NO_NODE, NO_NODES, NO_NODES)

const intersect = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  for (const each of a) if (b.has(each)) return true
  return false
}

/** The racks that hold a replica of a partition, in sync or not, up or down. */
export const racksOf = (partition: PartitionInfo): Set<string> => {
  const racks = new Set<string>()
  for (const { rack } of partition.replicas) if (rack !== null) racks.add(rack)
  return racks
}
