/**
 * Sticky assignment under the eager protocol: everybody gives up everything before a rebalance, and
 * most get most of it back.
 *
 *     before              C leaves                     round robin would give
 *     A  t0-0 t1-1 t3-0   A  t0-0 t1-1 t3-0 t1-0       A  t0-0 t1-0 t2-0 t3-0
 *     B  t0-1 t2-0 t3-1   B  t0-1 t2-0 t3-1 t2-1       B  t0-1 t1-1 t2-1 t3-1
 *     C  t1-0 t2-1        two move                     half of all move
 *
 * (How the shares are found: `AbstractStickyAssignor`.) A member cannot name in its subscription
 * what it has already given up, so it notes it as user data, with the generation in which it was
 * its own.
 *
 * For new groups `CooperativeStickyAssignor` is the better one: there nobody stops reading what it
 * keeps.
 *
 * @kafka org.apache.kafka.clients.consumer.StickyAssignor
 */

import type { TopicPartition } from '../common/TopicPartition.ts'
import type { Assignment } from './Assignment.ts'
import type { ConsumerGroupMetadata } from './ConsumerGroupMetadata.ts'
import { AbstractStickyAssignor } from './internals/AbstractStickyAssignor.ts'
import { DEFAULT_GENERATION, type MemberData } from './internals/PreviousOwners.ts'
import {
  deserializeTopicPartitionAssignment,
  serializeTopicPartitionAssignment,
} from './internals/StickyUserData.ts'
import type { Subscription } from './Subscription.ts'

export const STICKY_ASSIGNOR_NAME = 'sticky'

export class StickyAssignor extends AbstractStickyAssignor {
  /** `null` before the first assignment. */
  private memberAssignment: readonly TopicPartition[] | null = null
  private generation = DEFAULT_GENERATION

  name(): string {
    return STICKY_ASSIGNOR_NAME
  }

  onAssignment(assignment: Assignment, metadata: ConsumerGroupMetadata): void {
    this.memberAssignment = assignment.partitions
    this.generation = metadata.generationId
  }

  subscriptionUserData(_topics: ReadonlySet<string>): Uint8Array | null {
    if (this.memberAssignment === null) return null
    const { memberAssignment: partitions, generation } = this
    return serializeTopicPartitionAssignment({ partitions, generation })
  }

  /** From user data alone: what an eager member says it owns is nothing, whatever it was before. */
  memberData({ userData }: Subscription): MemberData {
    if (userData === null || userData.length === 0) return { partitions: [], generation: null }
    return deserializeTopicPartitionAssignment(userData)
  }
}
