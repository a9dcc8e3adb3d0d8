/**
 * A group and its members, as its coordinator tells them.
 *
 * @kafka org.apache.kafka.clients.admin.ConsumerGroupDescription
 * @kafka org.apache.kafka.clients.admin.ClassicGroupDescription
 * @kafka org.apache.kafka.clients.admin.MemberDescription
 * @kafka org.apache.kafka.clients.admin.MemberAssignment
 * @simplified plain objects; an assignment is a set of partitions.
 */

import type { Node } from '../common/Node.ts'
import type { ReadonlyTopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { AclOperation } from './AclOperation.ts'
import type { ClassicGroupState, GroupState, GroupType } from './GroupState.ts'

export interface MemberDescription {
  /** The id that the coordinator gave the member. */
  readonly consumerId: string
  /** `group.instance.id` of a static member. */
  readonly groupInstanceId: string | null
  /** `client.rack`; `null` for a member of the classic protocol. */
  readonly rackId: string | null
  readonly clientId: string
  readonly host: string
  /** What it has. */
  readonly assignment: ReadonlyTopicPartitionSet
  /** What it is to have; `null` for a member of a classic group. */
  readonly targetAssignment: ReadonlyTopicPartitionSet | null
  readonly memberEpoch: number | null
  /** Of a group on its way from one protocol to the other: does it speak the new one? */
  readonly upgraded: boolean | null
}

export interface ConsumerGroupDescription {
  readonly groupId: string
  /** It has committed offsets, but its members assign partitions by themselves. */
  readonly isSimpleConsumerGroup: boolean
  readonly members: readonly MemberDescription[]
  /** Who makes the assignment, such as `range`; empty while there is none. */
  readonly partitionAssignor: string
  readonly type: GroupType
  readonly groupState: GroupState
  readonly coordinator: Node
  /** `null` when it was not asked for, or the broker does not say. */
  readonly authorizedOperations: ReadonlySet<AclOperation> | null
  /** `null` for a classic group. */
  readonly groupEpoch: number | null
  /** `null` for a classic group. */
  readonly targetAssignmentEpoch: number | null
}

/** A group of the classic protocol, of consumers or of others, such as Kafka Connect's workers. */
export interface ClassicGroupDescription {
  readonly groupId: string
  /** `consumer`, `connect`, …; empty when nobody has ever joined. */
  readonly protocol: string
  /** Of consumers: the name of the assignor. */
  readonly protocolData: string
  readonly isSimpleConsumerGroup: boolean
  readonly members: readonly MemberDescription[]
  readonly state: ClassicGroupState
  readonly coordinator: Node
  /** `null` when it was not asked for, or the broker does not say. */
  readonly authorizedOperations: ReadonlySet<AclOperation> | null
}
