/**
 * Sticky assignment when all members want the same topics: the common case, and the easy one.
 *
 * Every member's share is known before the first partition is dealt. 7 partitions and 3 members
 * make a share of 2 (`minQuota`), and one member that gets 3 (`maxQuota`). So nobody has to try and
 * compare; each keeps what it had up to its share, and the rest fills the gaps:
 *
 *                   had               keeps        then gets
 *     A     t-0 t-1 t-2 t-3     ►   t-0 t-1 t-2                  first with 3 or more: has 3
 *     B     t-4 t-5             ►   t-4 t-5                      has its share
 *     C     –  (it is new)      ►                 t-3 t-6        gets 2 of what is left
 *
 * 1. Each keeps its own up to its share; what lies in another rack is not kept.
 * 2. Where racks matter: each member with a gap in turn gets what is near it.
 * 3. The rest goes to the members with gaps in turn, near or not.
 *
 * Members with a gap stand in one of two lines: those below `minQuota`, served first, and those
 * that have exactly `minQuota` and may get one more, as long as not all of the larger shares are
 * given away.
 *
 * I1  When it ends everybody has `minQuota` or `maxQuota` partitions.
 * I2  What a member owned and does not keep is noted. If somebody else gets it, it is among those
 *     that change owners (`partitionsTransferringOwnership`): a cooperative group waits for the
 *     one before it gives to the other.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor (assignPartitions)
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import type { PartitionsByMember } from './AbstractPartitionAssignor.ts'
import {
  type AssignmentBuilderOptions,
  allTopicPartitions,
  withoutThose,
} from './AssignmentBuilder.ts'
import { compareStrings } from './comparators.ts'

export class ConstrainedAssignmentBuilder {
  /** Who gets what another one owned, by partition. */
  readonly partitionsTransferringOwnership = new TopicPartitionMap<string>()
  private readonly options: AssignmentBuilderOptions
  private readonly minQuota: number
  private readonly maxQuota: number
  /** How many members get more than `minQuota` in the end, and do now; 0 when all get the same. */
  private readonly expectedOverMinQuota: number
  private currentOverMinQuota = 0
  /** The two lines of members with a gap. */
  private readonly unfilledUnderMinQuota: string[] = []
  private unfilledExactlyMinQuota: string[] = []
  /** What a member owned and does not keep, with that member. */
  private readonly maybeRevokedPartitions = new TopicPartitionMap<string>()
  private readonly assignment: PartitionsByMember = new Map()

  constructor(options: AssignmentBuilderOptions) {
    this.options = options
    let partitions = 0
    for (const infos of options.partitionsPerTopic.values()) partitions += infos.length
    const members = options.previousOwners.owned.size
    this.minQuota = Math.floor(partitions / members)
    this.maxQuota = Math.ceil(partitions / members)
    this.expectedOverMinQuota = partitions % members
    for (const member of options.previousOwners.owned.keys()) this.assignment.set(member, [])
  }

  /** @throws IllegalStateException when the shares do not come out even: a fault in here */
  build(): PartitionsByMember {
    this.assignOwnedPartitions()
    this.unfilledUnderMinQuota.sort(compareStrings)
    this.unfilledExactlyMinQuota.sort(compareStrings)
    const { rackInfo } = this.options
    const unassigned = rackInfo.sortPartitionsByRackConsumers(this.unassignedPartitions())
    this.assignRoundRobin(this.assignRackAwareRoundRobin(unassigned))
    this.verifyUnfilledMembers()
    return this.assignment
  }

  /** Step 1. */
  private assignOwnedPartitions(): void {
    for (const [consumer, owned] of this.options.previousOwners.owned) {
      const keepable = this.keepable(consumer, owned)
      let kept = keepable.length
      if (keepable.length < this.minQuota) {
        this.unfilledUnderMinQuota.push(consumer)
      } else if (keepable.length >= this.maxQuota && this.largerSharesLeft()) {
        kept = this.maxQuota
        this.giveAwayLargerShare()
      } else {
        kept = this.minQuota
        if (this.largerSharesLeft()) this.unfilledExactlyMinQuota.push(consumer)
      }
      this.assignment.get(consumer)!.push(...keepable.slice(0, kept))
      for (const partition of keepable.slice(kept)) {
        this.maybeRevokedPartitions.set(partition, consumer)
      }
    }
  }

  /**
   * What a member may keep. By number before topic, so that who must give something up gives up
   * some of every topic.
   */
  private keepable(consumer: string, owned: readonly TopicPartition[]): TopicPartition[] {
    const { rackInfo, previousOwners } = this.options
    const near = owned.filter((partition) => {
      if (!rackInfo.racksMismatch(consumer, partition)) return true
      this.maybeRevokedPartitions.set(partition, consumer)
      return false
    })
    return near
      .filter((p) => !previousOwners.partitionsWithMultiplePreviousOwners.has(p))
      .sort((a, b) => a.partition - b.partition || compareStrings(a.topic, b.topic))
  }

  private largerSharesLeft(): boolean {
    return this.currentOverMinQuota < this.expectedOverMinQuota
  }

  /** With the last of them, who has exactly `minQuota` has no gap any more. */
  private giveAwayLargerShare(): void {
    this.currentOverMinQuota++
    if (!this.largerSharesLeft()) this.unfilledExactlyMinQuota = []
  }

  private unassignedPartitions(): TopicPartition[] {
    const { partitionsPerTopic } = this.options
    const topics = [...partitionsPerTopic.keys()].sort(compareStrings)
    const all = allTopicPartitions(partitionsPerTopic, topics)
    return withoutThose(all, [...this.assignment.values()].flat())
  }

  /**
   * Step 2.
   *
   * @returns what could not be placed near anybody with a gap
   */
  private assignRackAwareRoundRobin(unassigned: readonly TopicPartition[]): TopicPartition[] {
    if (!this.options.rackInfo.inUse) return [...unassigned]
    const turn = { next: 0 }
    return unassigned.filter((partition) => {
      const consumer =
        this.nextNearUnderMinQuota(partition, turn) ?? this.firstNearAtMinQuota(partition)
      if (consumer === null) return true
      this.assignNewPartition(partition, consumer)
      return false
    })
  }

  private nextNearUnderMinQuota(partition: TopicPartition, turn: { next: number }): string | null {
    const line = this.unfilledUnderMinQuota
    let index = this.options.rackInfo.nextRackConsumer(partition, line, turn.next)
    if (index < 0) return null
    const consumer = line[index]!
    const count = this.assignment.get(consumer)!.length + 1
    if (count >= this.minQuota) {
      line.splice(index, 1)
      if (count < this.maxQuota && this.largerSharesLeft()) {
        this.unfilledExactlyMinQuota.push(consumer)
      }
    } else {
      index++
    }
    turn.next = line.length === 0 ? 0 : index % line.length
    return consumer
  }

  private firstNearAtMinQuota(partition: TopicPartition): string | null {
    const line = this.unfilledExactlyMinQuota
    const index = this.options.rackInfo.nextRackConsumer(partition, line, 0)
    if (index < 0) return null
    const consumer = line[index]!
    if (this.assignment.get(consumer)!.length + 1 === this.maxQuota) {
      line.splice(index, 1)
      this.giveAwayLargerShare()
    }
    return consumer
  }

  /** Step 3. */
  private assignRoundRobin(unassigned: readonly TopicPartition[]): void {
    const line = this.unfilledUnderMinQuota
    let next = 0
    for (const partition of unassigned) {
      if (next >= line.length) next = 0
      const consumer = line[next] ?? this.unfilledExactlyMinQuota.shift()
      if (consumer === undefined) {
        throw new IllegalStateException('No more unfilled consumers to be assigned.')
      }
      const count = this.assignNewPartition(partition, consumer)
      if (count === this.minQuota) {
        // The next in line moves up to this place.
        line.splice(next, 1)
        this.unfilledExactlyMinQuota.push(consumer)
      } else if (count === this.maxQuota) {
        this.currentOverMinQuota++
      } else {
        next++
      }
    }
  }

  /** @returns how many the member has now */
  private assignNewPartition(partition: TopicPartition, consumer: string): number {
    const partitions = this.assignment.get(consumer)!
    partitions.push(partition)
    const owner = this.maybeRevokedPartitions.get(partition) ?? consumer
    const { partitionsWithMultiplePreviousOwners } = this.options.previousOwners
    if (owner !== consumer || partitionsWithMultiplePreviousOwners.has(partition)) {
      this.partitionsTransferringOwnership.set(partition, consumer)
    }
    return partitions.length
  }

  /** I1, for those that still stand in line: they may have `minQuota` exactly. */
  private verifyUnfilledMembers(): void {
    if (this.unfilledUnderMinQuota.length === 0) return
    if (this.largerSharesLeft()) {
      throw new IllegalStateException(
        'All partitions are assigned, and fewer members than expected have more than ' +
          `${this.minQuota}: ${this.currentOverMinQuota} of ${this.expectedOverMinQuota}`,
      )
    }
    for (const consumer of this.unfilledUnderMinQuota) {
      const { length } = this.assignment.get(consumer)!
      if (length === this.minQuota) continue
      throw new IllegalStateException(
        `All partitions are assigned, and consumer ${consumer} has ${length} instead of ` +
          `${this.minQuota}`,
      )
    }
  }
}
