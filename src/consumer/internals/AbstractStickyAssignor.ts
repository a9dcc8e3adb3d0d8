/**
 * Assignment that remembers: everybody keeps what it has, as far as that is fair.
 *
 * A partition that changes its owner costs something. The new one must read the offset, fill its
 * caches, perhaps build state. So the sticky assignors ask for two things, in this order:
 *
 *     1. balance       nobody has two more than somebody who could take one of them
 *     2. stickiness    of all such assignments one that moves little
 *
 *     owned before ──► PreviousOwners ──┬─ all want the same ──► ConstrainedAssignmentBuilder
 *                      (who is right?)  └─ otherwise ──────────► GeneralAssignmentBuilder
 *
 * What a member owned the eager `StickyAssignor` writes into its user data, because an eager member
 * has given up everything when it joins; the cooperative one says it in the subscription itself.
 *
 * Racks: where they matter, balance goes before nearness and nearness before stickiness.
 *
 * I1  Two assignments from the same input are the same, and the same as those of Kafka's leaders,
 *     save where theirs fail (`PreviousOwners` and `GeneralAssignmentBuilder` say where).
 *
 * For I1's sake two oddities of Kafka's are kept. Both end with a member that gets what it did not
 * subscribe to, sees it, and joins again:
 *
 *     a member without topics that comes before all others counts as wanting what they want
 *     a former owner gets a partition back also if it no longer wants the topic (its own note of
 *     an older generation said so; step 4 of `GeneralAssignmentBuilder`)
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor
 */

import type { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { Subscription } from '../Subscription.ts'
import {
  AbstractPartitionAssignor,
  type PartitionsByMember,
  type PartitionsPerTopic,
  type Subscriptions,
} from './AbstractPartitionAssignor.ts'
import { ConstrainedAssignmentBuilder } from './ConstrainedAssignmentBuilder.ts'
import { GeneralAssignmentBuilder } from './GeneralAssignmentBuilder.ts'
import type { PartitionMovements } from './PartitionMovements.ts'
import { DEFAULT_GENERATION, type MemberData, PreviousOwners } from './PreviousOwners.ts'
import { RackInfo } from './RackInfo.ts'

export abstract class AbstractStickyAssignor extends AbstractPartitionAssignor {
  private newestGeneration = DEFAULT_GENERATION
  private movements: PartitionMovements | null = null
  private transferring: TopicPartitionMap<string> | null = null

  /** What a member owned, and since when. */
  abstract memberData(subscription: Subscription): MemberData

  assignPartitions(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
  ): PartitionsByMember {
    const { logger } = this
    const previousOwners = new PreviousOwners(
      partitionsPerTopic,
      subscriptions,
      (subscription) => this.memberData(subscription),
      logger,
    )
    this.newestGeneration = Math.max(this.newestGeneration, previousOwners.maxGeneration)
    const rackInfo = new RackInfo(partitionsPerTopic, subscriptions, (...racks) =>
      this.useRackAwareAssignment(...racks),
    )
    const options = { partitionsPerTopic, subscriptions, rackInfo, previousOwners }
    if (previousOwners.allSubscriptionsEqual) {
      logger.debug('All members want the same topics: assigning by equal shares')
      const builder = new ConstrainedAssignmentBuilder(options)
      const assignment = builder.build()
      this.transferring = builder.partitionsTransferringOwnership
      return assignment
    }
    logger.debug('Members want different topics: assigning step by step')
    const builder = new GeneralAssignmentBuilder({
      ...options,
      memberDataOf: (member) => this.memberData(subscriptions.get(member)!),
      maxGeneration: this.newestGeneration,
    })
    this.movements = builder.partitionMovements
    this.transferring = null
    return builder.build()
  }

  /** The newest generation that any member ever said; -1 before that. */
  maxGeneration(): number {
    return this.newestGeneration
  }

  /** Whether no partition moved for nothing, the last time that topics differed. */
  isSticky(): boolean {
    return this.movements?.isSticky() ?? true
  }

  /**
   * Who got what somebody else had, in the last assignment; `null` when the way it was made does
   * not tell.
   */
  partitionsTransferringOwnership(): TopicPartitionMap<string> | null {
    return this.transferring
  }
}
