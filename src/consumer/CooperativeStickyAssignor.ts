/**
 * Sticky assignment under the cooperative protocol: members go on reading what they keep.
 *
 * Who owns a partition may read it until it has given it up, and nobody else may get it before
 * that. So what is to change hands is given to nobody in this round. The owner sees that it is not
 * among its partitions any more, gives it up and joins again; in the second round it is free.
 *
 *     A owns t-0 t-1 t-2 t-3, B is new
 *
 *     round 1   should be   A  t-0 t-1    B  t-2 t-3     (`AbstractStickyAssignor`)
 *               is said     A  t-0 t-1    B  –           t-2 and t-3 still are with A
 *               A revokes t-2 and t-3, and joins again
 *     round 2   is said     A  t-0 t-1    B  t-2 t-3
 *
 * I1  Nobody gets a partition that another member says it owns, unless it owned it itself.
 *
 * @kafka org.apache.kafka.clients.consumer.CooperativeStickyAssignor
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { Assignment } from './Assignment.ts'
import type { ConsumerGroupMetadata } from './ConsumerGroupMetadata.ts'
import type { RebalanceProtocol } from './ConsumerPartitionAssignor.ts'
import type {
  PartitionsByMember,
  PartitionsPerTopic,
  Subscriptions,
} from './internals/AbstractPartitionAssignor.ts'
import { AbstractStickyAssignor } from './internals/AbstractStickyAssignor.ts'
import { DEFAULT_GENERATION, type MemberData } from './internals/PreviousOwners.ts'
import { deserializeGeneration, serializeGeneration } from './internals/StickyUserData.ts'
import type { Subscription } from './Subscription.ts'

export const COOPERATIVE_STICKY_ASSIGNOR_NAME = 'cooperative-sticky'

export class CooperativeStickyAssignor extends AbstractStickyAssignor {
  private generation = DEFAULT_GENERATION

  name(): string {
    return COOPERATIVE_STICKY_ASSIGNOR_NAME
  }

  supportedProtocols(): readonly RebalanceProtocol[] {
    return ['COOPERATIVE', 'EAGER']
  }

  onAssignment(_assignment: Assignment, metadata: ConsumerGroupMetadata): void {
    this.generation = metadata.generationId
  }

  /** The generation, for leaders so old that they do not read it in the subscription. */
  subscriptionUserData(_topics: ReadonlySet<string>): Uint8Array {
    return serializeGeneration(this.generation)
  }

  /** Subscriptions have a generation from version 2 on; before it stood in the user data. */
  memberData({ ownedPartitions, generationId, userData }: Subscription): MemberData {
    const generation = generationId ?? (userData === null ? null : deserializeGeneration(userData))
    return { partitions: ownedPartitions, generation }
  }

  override assignPartitions(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
  ): PartitionsByMember {
    const assignment = super.assignPartitions(partitionsPerTopic, subscriptions)
    const changing =
      this.partitionsTransferringOwnership() ?? changingOwner(subscriptions, assignment)
    for (const [member, partitions] of assignment) {
      assignment.set(
        member,
        partitions.filter((partition) => changing.get(partition) !== member),
      )
    }
    return assignment
  }
}

/** What somebody loses and somebody gets, with who gets it. */
const changingOwner = (
  subscriptions: Subscriptions,
  assignment: PartitionsByMember,
): TopicPartitionMap<string> => {
  const added: [TopicPartition, string][] = []
  const revoked = new TopicPartitionSet()
  for (const [member, partitions] of assignment) {
    const { ownedPartitions } = subscriptions.get(member)!
    const owned = new TopicPartitionSet(ownedPartitions)
    const assigned = new TopicPartitionSet(partitions)
    for (const partition of partitions) if (!owned.has(partition)) added.push([partition, member])
    for (const partition of ownedPartitions) {
      if (!assigned.has(partition)) revoked.add(partition)
    }
  }
  return new TopicPartitionMap(added.filter(([partition]) => revoked.has(partition)))
}
