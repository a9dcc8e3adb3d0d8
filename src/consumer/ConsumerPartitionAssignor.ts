/**
 * Decides which member of a group reads which partitions.
 *
 * Not the broker decides but one of the members, the leader. The coordinator collects what each
 * wants, hands it all to the leader, and takes each its share from there; it never looks inside.
 *
 *     every member                   the leader only             every member
 *     subscriptionUserData(topics)                               onAssignment(…)
 *            │                                                          ▲
 *            ▼ JoinGroup                                      SyncGroup │
 *       Subscription ──► coordinator ──► assign(cluster, all) ──► Assignment
 *
 * So a group agrees on an assignor by its `name`, and the members' programs may be written in
 * whatever language: who has the same name must write and read the same bytes.
 *
 * I1  `assign` has an entry for every member it was given, if only an empty one.
 * I2  A partition goes to one member at most, and only to one that subscribed to its topic.
 * I3  An assignor that supports `COOPERATIVE` gives nobody a partition that another member still
 *     owns: that one must give it up first, in a rebalance of its own.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor
 */

import type { Cluster } from '../common/Cluster.ts'
import type { Configs } from '../common/serialization/Serializer.ts'
import type { Assignment } from './Assignment.ts'
import type { ConsumerGroupMetadata } from './ConsumerGroupMetadata.ts'
import type { GroupAssignment } from './GroupAssignment.ts'
import type { GroupSubscription } from './GroupSubscription.ts'

/**
 * What a member does with its partitions while a group rebalances.
 *
 *     EAGER         gives up all of them before it joins; the cards are dealt anew
 *     COOPERATIVE   keeps them and goes on reading; gives up what goes to another, who gets it in
 *                   the next round
 */
export type RebalanceProtocol = 'EAGER' | 'COOPERATIVE'

export interface ConsumerPartitionAssignor {
  /** Called once, when the consumer made this object from a class. */
  configure?(configs: Configs): void

  /** What the group agrees on, such as `range`. Not empty, and the same for all members. */
  name(): string

  /**
   * A note for the leader, sent with this member's subscription. Default: none.
   *
   * @param topics what this member subscribed to
   */
  subscriptionUserData?(topics: ReadonlySet<string>): Uint8Array | null

  /**
   * The leader's work. Must answer at once: while it thinks the whole group waits.
   *
   * @param metadata what is known of the cluster: partitions, and the racks of their replicas
   * @param groupSubscription what every member wants
   */
  assign(metadata: Cluster, groupSubscription: GroupSubscription): GroupAssignment

  /** This member got its share, in the generation that `metadata` names. Default: does nothing. */
  onAssignment?(assignment: Assignment, metadata: ConsumerGroupMetadata): void

  /** Default: `EAGER` only. */
  supportedProtocols?(): readonly RebalanceProtocol[]

  /** The version of the note and of the way to assign. Default 0. */
  version?(): number
}
