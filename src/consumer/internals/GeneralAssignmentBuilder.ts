/**
 * Sticky assignment when members want different topics: there is no share that would be fair for
 * all, so it is looked for step by step.
 *
 *     A wants t        A   t-0 t-1 t-2 t-3               A   t-1 t-2 t-3
 *     B wants t, u     B   u-0                     ►     B   u-0 t-0
 *     C wants u        C   u-1                           C   u-1
 *                      A has three more than B,          3, 2, 1: nobody could take anything
 *                      and B wants t as well             from somebody who has two more
 *
 * 1. Each keeps what it had, as far as it still wants it and it lies in its rack.
 * 2. Partitions without owner go to the member that has least among those that want the topic;
 *    where racks matter, first to those near it.
 * 3. Who or what cannot change is put aside: topics with one taker, members with nothing but such.
 * 4. Partition by partition, those with the fewest takers first: if somebody who wants it has at
 *    least two less than its owner, it moves. Round and round until nothing moves. First only what
 *    is new is moved, then everything.
 * 5. Unless all began with nothing: if it has not made the members more equal, step 4 is undone.
 *
 * A partition that was elsewhere in an older generation rather goes back there, and of two members
 * that pass a topic's partitions to each other the later one returns one (`PartitionMovements`).
 *
 * I1  Every partition that somebody wants has one owner.
 * I2  `members` is in order of load whenever somebody asks for the one that has least.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor (assignPartitions)
 * @simplified in step 4 Java looks first among the members near a partition, then among all, and
 *   does the same either way; here it looks once. A former owner that step 3 put aside gets nothing
 *   back; Java ends with a NullPointerException there.
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
import { MembersByLoad } from './MembersByLoad.ts'
import { PartitionMovements } from './PartitionMovements.ts'
import { DEFAULT_GENERATION, type MemberData } from './PreviousOwners.ts'
import type { RackInfo } from './RackInfo.ts'

export interface GeneralAssignmentBuilderOptions extends AssignmentBuilderOptions {
  /** What a member says of its past; partitions of older generations are remembered. */
  readonly memberDataOf: (member: string) => MemberData
  /** The newest generation that this assignor has seen. */
  readonly maxGeneration: number
}

interface FormerOwner {
  readonly consumer: string
  readonly generation: number
}

export class GeneralAssignmentBuilder {
  readonly partitionMovements = new PartitionMovements()
  private readonly options: GeneralAssignmentBuilderOptions
  private readonly assignment: PartitionsByMember
  private readonly partitionsOf = new Map<string, readonly TopicPartition[]>()
  private readonly ownerOf = new TopicPartitionMap<string>()
  /** Who wants a topic, and what a member wants, of what there is. */
  private readonly membersByTopic = new Map<string, string[]>()
  private readonly topicsByMember = new Map<string, Set<string>>()
  /** How many partitions a member gets if it gets all that it wants. */
  private readonly maxAssignmentSize = new Map<string, number>()
  /** The owner in an older generation. */
  private readonly formerOwnerOf = new TopicPartitionMap<FormerOwner>()
  private revocationRequired = false

  constructor(options: GeneralAssignmentBuilderOptions) {
    const { partitionsPerTopic, subscriptions, previousOwners } = options
    this.options = options
    this.assignment = new Map(previousOwners.owned)
    for (const topic of partitionsPerTopic.keys()) {
      this.partitionsOf.set(topic, allTopicPartitions(partitionsPerTopic, [topic]))
      this.membersByTopic.set(topic, [])
    }
    for (const [member, { topics }] of subscriptions) {
      const wanted = new Set(topics.filter((topic) => partitionsPerTopic.has(topic)))
      this.topicsByMember.set(member, wanted)
      let partitions = 0
      for (const topic of wanted) {
        this.membersByTopic.get(topic)!.push(member)
        partitions += partitionsPerTopic.get(topic)!.length
      }
      this.maxAssignmentSize.set(member, partitions)
    }
  }

  build(): PartitionsByMember {
    this.rememberFormerOwners()
    this.keepOwnedPartitions()
    const all = this.sortedAllPartitions()
    const unassigned = withoutThose(all, [...this.assignment.values()].flat())
    this.balance(all, unassigned)
    return this.assignment
  }

  private rememberFormerOwners(): void {
    const { subscriptions, memberDataOf, maxGeneration } = this.options
    for (const consumer of subscriptions.keys()) {
      const data = memberDataOf(consumer)
      const generation = data.generation ?? DEFAULT_GENERATION
      if (generation >= maxGeneration) continue
      for (const partition of data.partitions) {
        const former = this.formerOwnerOf.get(partition)
        if (former !== undefined && former.generation >= generation) continue
        this.formerOwnerOf.set(partition, { consumer, generation })
      }
    }
  }

  /** Step 1. */
  private keepOwnedPartitions(): void {
    const { subscriptions, rackInfo } = this.options
    for (const [member, owned] of this.assignment) {
      const wanted = new Set(subscriptions.get(member)!.topics)
      const kept = owned.filter(
        (partition) => wanted.has(partition.topic) && !rackInfo.racksMismatch(member, partition),
      )
      if (kept.length < owned.length) this.revocationRequired = true
      this.assignment.set(member, kept)
      for (const partition of kept) this.ownerOf.set(partition, member)
    }
  }

  /** Topics with the fewest takers first: they leave the least choice. */
  private sortedAllPartitions(): TopicPartition[] {
    const takers = (topic: string): number => this.membersByTopic.get(topic)!.length
    const topics = [...this.membersByTopic.keys()].sort(
      (a, b) => takers(a) - takers(b) || compareStrings(a, b),
    )
    return topics.flatMap((topic) => this.partitionsOf.get(topic)!)
  }

  private balance(all: readonly TopicPartition[], unassigned: readonly TopicPartition[]): void {
    const members = new MembersByLoad(this.assignment)
    const initializing = members.highest === 0
    this.assignUnassigned(members, unassigned)

    const movable = (partition: TopicPartition): boolean => this.hasSeveralTakers(partition.topic)
    const fixedAssignments = this.setAsideFixedMembers(members)
    const before = new Map(Array.from(this.assignment, ([member, has]) => [member, [...has]]))

    // If something must be given up anyway, there is no point in sparing what is not new.
    if (!this.revocationRequired) this.performReassignments(members, unassigned.filter(movable))
    const moved = this.performReassignments(members, all.filter(movable))
    if (!initializing && moved && balanceScore(this.assignment) >= balanceScore(before)) {
      for (const [member, had] of before) this.assignment.set(member, had)
    }
    for (const [member, has] of fixedAssignments) this.assignment.set(member, has)
  }

  /** Step 2. */
  private assignUnassigned(members: MembersByLoad, unassigned: readonly TopicPartition[]): void {
    const { rackInfo } = this.options
    let rest = unassigned
    if (rackInfo.inUse) rest = rest.filter((p) => !this.assignToLeastLoaded(members, p, rackInfo))
    for (const partition of rest) this.assignToLeastLoaded(members, partition, null)
  }

  /** @param rackInfo to pass over members in other racks; `null`: anybody */
  private assignToLeastLoaded(
    members: MembersByLoad,
    partition: TopicPartition,
    rackInfo: RackInfo | null,
  ): boolean {
    const mayTake = (member: string): boolean => !rackInfo?.racksMismatch(member, partition)
    const member = this.leastLoaded(members, partition.topic, mayTake)
    if (member === undefined) return false
    members.give(member, partition)
    this.ownerOf.set(partition, member)
    return true
  }

  private leastLoaded(
    members: MembersByLoad,
    topic: string,
    mayTake?: (member: string) => boolean,
  ): string | undefined {
    return members
      .inOrder()
      .find((member) => this.topicsByMember.get(member)!.has(topic) && mayTake?.(member) !== false)
  }

  /** Step 3: who has all it can get, and nothing that another one might take. */
  private setAsideFixedMembers(members: MembersByLoad): PartitionsByMember {
    const fixed: PartitionsByMember = new Map()
    for (const member of this.topicsByMember.keys()) {
      if (members.load(member) < this.maxAssignmentSize.get(member)!) continue
      const has = this.assignment.get(member)!
      if (has.some(({ topic }) => this.hasSeveralTakers(topic))) continue
      fixed.set(member, members.remove(member))
    }
    return fixed
  }

  private hasSeveralTakers(topic: string): boolean {
    return this.membersByTopic.get(topic)!.length >= 2
  }

  /**
   * Step 4.
   *
   * @returns whether anything moved
   */
  private performReassignments(
    members: MembersByLoad,
    partitions: readonly TopicPartition[],
  ): boolean {
    let moved = false
    let again: boolean
    do {
      again = false
      for (const partition of partitions) {
        if (this.isBalanced(members)) break
        const better = this.betterOwner(members, partition)
        if (better === null) continue
        this.reassign(members, partition, better)
        again = moved = true
      }
    } while (again)
    return moved
  }

  /** Who should have the partition instead of its owner: a former owner, or who has least. */
  private betterOwner(members: MembersByLoad, partition: TopicPartition): string | null {
    const owner = this.ownerOf.get(partition)
    if (owner === undefined) {
      throw new IllegalStateException(`Partition ${partition} has takers and no owner (I1)`)
    }
    const fewEnough = members.load(owner) - 2
    const former = this.formerOwnerOf.get(partition)?.consumer
    if (former !== undefined && this.assignment.has(former) && members.load(former) <= fewEnough) {
      return former
    }
    const least = this.leastLoaded(members, partition.topic)
    return least !== undefined && members.load(least) <= fewEnough ? least : null
  }

  private reassign(members: MembersByLoad, wanted: TopicPartition, newOwner: string): void {
    const partition = this.partitionMovements.getTheActualPartitionToBeMoved(
      wanted,
      this.ownerOf.get(wanted)!,
      newOwner,
    )
    const oldOwner = this.ownerOf.get(partition)!
    this.partitionMovements.movePartition(partition, oldOwner, newOwner)
    members.take(oldOwner, partition)
    members.give(newOwner, partition)
    this.ownerOf.set(partition, newOwner)
  }

  /** Nobody could take anything from somebody who has at least two more. */
  private isBalanced(members: MembersByLoad): boolean {
    const { highest } = members
    const heaviest = new Map<string, number>()
    for (const member of members.inOrder()) {
      const load = members.load(member)
      // The members after this one have as many or more: the same holds for them.
      if (load >= highest - 1) return true
      if (load === this.maxAssignmentSize.get(member)!) continue
      for (const topic of this.topicsByMember.get(member)!) {
        let most = heaviest.get(topic)
        if (most === undefined) heaviest.set(topic, (most = this.heaviestOwner(members, topic)))
        if (most > load + 1) return false
      }
    }
    return true
  }

  /** How many partitions the owners of a topic's partitions have, at most. */
  private heaviestOwner(members: MembersByLoad, topic: string): number {
    let heaviest = 0
    for (const partition of this.partitionsOf.get(topic)!) {
      const owner = this.ownerOf.get(partition)
      if (owner !== undefined) heaviest = Math.max(heaviest, members.load(owner))
    }
    return heaviest
  }
}

/** The differences of all pairs, added up: 0 when all have the same, and the less the better. */
const balanceScore = (assignment: PartitionsByMember): number => {
  const sizes = Array.from(assignment.values(), ({ length }) => length).sort((a, b) => a - b)
  // In ascending order the i-th is subtracted from what follows it, and what precedes it from it.
  return sizes.reduce((score, size, i) => score + size * (2 * i - sizes.length + 1), 0)
}
