/**
 * What the members of a consumer group tell each other through the coordinator, which passes these
 * bytes on unread: in JoinGroup what each wants, in SyncGroup what each gets. Two bytes with the
 * version stand before each of the two.
 *
 * A reader that meets a newer version reads it as its own newest, so fields are only ever added at
 * the end. 1 brought the partitions that a member owns (cooperative rebalancing), 2 the generation
 * in which it got them, 3 its rack.
 *
 * @kafka org.apache.kafka.common.message.ConsumerProtocolSubscription
 * @kafka org.apache.kafka.common.message.ConsumerProtocolAssignment
 */

import { type DataOf, type ElementOf, type InputOf, message } from '../schema/message.ts'
import { array, bytes, int32, string } from '../schema/types.ts'

/**
 * What one member wants to read, and what it has.
 *
 *     ConsumerProtocolSubscription v3 => [topics] userData [ownedPartitions] generationId rackId
 *       topics => string
 *       userData => bytes | null
 *       ownedPartitions => topic [partitions]
 *         topic => string
 *         partitions => int32
 *       generationId => int32
 *       rackId => string | null
 */
export const ConsumerProtocolSubscription = message({
  name: 'ConsumerProtocolSubscription',
  kind: 'data',
  validVersions: '0-3',
  flexibleVersions: 'none',
  fields: {
    topics: array(string()),
    // A note of the assignor's own.
    userData: bytes({ nullable: '0+', default: null }),
    ownedPartitions: array(
      { versions: '1+', ignorable: true },
      {
        topic: string(),
        partitions: array(int32()),
      },
    ),
    generationId: int32({ versions: '2+', default: -1, ignorable: true }),
    rackId: string({ versions: '3+', nullable: '3+', default: null, ignorable: true }),
  },
})
export type ConsumerProtocolSubscriptionData = DataOf<typeof ConsumerProtocolSubscription>
export type ConsumerProtocolSubscriptionInput = InputOf<typeof ConsumerProtocolSubscription>
export type OwnedPartitions = ElementOf<ConsumerProtocolSubscriptionData['ownedPartitions']>

/**
 * What one member gets.
 *
 *     ConsumerProtocolAssignment v3 => [assignedPartitions] userData
 *       assignedPartitions => topic [partitions]
 *         topic => string
 *         partitions => int32
 *       userData => bytes | null
 */
export const ConsumerProtocolAssignment = message({
  name: 'ConsumerProtocolAssignment',
  kind: 'data',
  validVersions: '0-3',
  flexibleVersions: 'none',
  fields: {
    assignedPartitions: array({
      topic: string(),
      partitions: array(int32()),
    }),
    // A note of the assignor's own.
    userData: bytes({ nullable: '0+', default: null }),
  },
})
export type ConsumerProtocolAssignmentData = DataOf<typeof ConsumerProtocolAssignment>
export type ConsumerProtocolAssignmentInput = InputOf<typeof ConsumerProtocolAssignment>
export type AssignedPartitions = ElementOf<ConsumerProtocolAssignmentData['assignedPartitions']>
