/**
 * Groups under one of the two sticky assignors.
 *
 * The cooperative one may need several rounds: what changes owners is free only in the second. So a
 * rebalance here goes on until nobody has anything to give up, as members would, and is then held
 * to what all sticky assignments promise.
 */

import { expect } from 'vitest'
import type { TopicPartition } from '../../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../../src/common/TopicPartitionSet.ts'
import { Assignment } from '../../../../src/consumer/Assignment.ts'
import { ConsumerGroupMetadata } from '../../../../src/consumer/ConsumerGroupMetadata.ts'
import { CooperativeStickyAssignor } from '../../../../src/consumer/CooperativeStickyAssignor.ts'
import type {
  PartitionsByMember,
  Subscriptions,
} from '../../../../src/consumer/internals/AbstractPartitionAssignor.ts'
import type { AbstractStickyAssignor } from '../../../../src/consumer/internals/AbstractStickyAssignor.ts'
import { StickyAssignor } from '../../../../src/consumer/StickyAssignor.ts'
import { Subscription, type SubscriptionOptions } from '../../../../src/consumer/Subscription.ts'
import { inWords, type RackConfig, sortedWords, split, TestGroup, tps } from './groups.ts'

export type StickyName = 'sticky' | 'cooperative-sticky'
export const STICKY_NAMES: readonly StickyName[] = ['sticky', 'cooperative-sticky']

export const makeSticky = (name: StickyName): AbstractStickyAssignor =>
  name === 'sticky' ? new StickyAssignor() : new CooperativeStickyAssignor()

/** What a member that got `owns` in `generation` writes for its leader. */
export const userDataOf = (
  name: StickyName,
  owns: readonly TopicPartition[],
  generation: number,
): Uint8Array => {
  const noting = name === 'sticky' ? new StickyAssignor() : new CooperativeStickyAssignor()
  noting.onAssignment(new Assignment(owns), new ConsumerGroupMetadata('group', generation, 'm'))
  return noting.subscriptionUserData(new Set())!
}

export interface Rebalance {
  /** After the first round. */
  readonly first: Record<string, string>
  /** Who gets what somebody else had, in the first round. */
  readonly transferring: Record<string, string> | null
  /** When nobody has anything to give up any more. */
  readonly settled: PartitionsByMember
}

const MOST_ROUNDS = 5

export class StickyGroup extends TestGroup {
  readonly name: StickyName
  declare readonly assignor: AbstractStickyAssignor

  constructor(name: StickyName, rackConfig: RackConfig = 'BROKER_AND_CONSUMER_RACK') {
    super(makeSticky(name), rackConfig)
    this.name = name
  }

  /** A member that got its partitions in a generation. */
  owning(
    member: string,
    topics: string,
    owns: string | readonly TopicPartition[],
    generation = 1,
  ): this {
    const ownedPartitions = typeof owns === 'string' ? tps(owns) : owns
    const options: SubscriptionOptions = {
      userData: userDataOf(this.name, ownedPartitions, generation),
      ownedPartitions,
      generationId: generation,
    }
    return this.put(member, new Subscription(split(topics), this.standing(member, options)))
  }

  /** Everybody says what it got. */
  keep(assignment: PartitionsByMember, generation = 1): this {
    for (const [member, { topics }] of [...this.subscriptions]) {
      this.owning(member, topics.join(' '), assignment.get(member) ?? [], generation)
    }
    return this
  }

  /** Rounds until nobody gives anything up; the result is valid and balanced. */
  rebalance(): Rebalance {
    let assignment = this.assign()
    const first = inWords(assignment)
    const changing = this.assignor.partitionsTransferringOwnership()
    for (let rounds = 1; this.somebodyGivesUp(assignment); rounds++) {
      expect(rounds).toBeLessThan(MOST_ROUNDS)
      assignment = this.keep(assignment).assign()
    }
    expectValidAndBalanced(this.subscriptions, assignment)
    return {
      first,
      transferring:
        changing === null ? null : Object.fromEntries(Array.from(changing, ([p, m]) => [p.key, m])),
      settled: assignment,
    }
  }

  /** `rebalance`, of which only the sorted end is asked. */
  settle(): Record<string, string> {
    return sortedWords(this.rebalance().settled)
  }

  private somebodyGivesUp(assignment: PartitionsByMember): boolean {
    if (this.name === 'sticky') return false
    const added = new TopicPartitionSet()
    const revoked = new TopicPartitionSet()
    for (const [member, partitions] of assignment) {
      const { ownedPartitions } = this.subscriptions.get(member)!
      const owned = new TopicPartitionSet(ownedPartitions)
      const assigned = new TopicPartitionSet(partitions)
      for (const each of partitions) if (!owned.has(each)) added.add(each)
      for (const each of ownedPartitions) if (!assigned.has(each)) revoked.add(each)
    }
    expect([...added].filter((each) => revoked.has(each))).toEqual([])
    return revoked.size > 0
  }
}

/** The numbers of any two members differ by one at most. */
export const isFullyBalanced = (assignment: PartitionsByMember): boolean => {
  const sizes = Array.from(assignment.values(), ({ length }) => length)
  return Math.max(...sizes) - Math.min(...sizes) <= 1
}

/**
 * Nobody has what it does not want or what another one has. And of two members of which one has two
 * more they have no topic in common: some of it could have moved.
 */
export const expectValidAndBalanced = (
  subscriptions: Subscriptions,
  assignment: PartitionsByMember,
): void => {
  expect([...assignment.keys()].sort()).toEqual([...subscriptions.keys()].sort())
  const owners = new Map<string, string>()
  const loads: { size: number; topics: Set<string>; member: string }[] = []
  for (const [member, partitions] of assignment) {
    const wanted = new Set(subscriptions.get(member)!.topics)
    for (const partition of partitions) {
      if (!wanted.has(partition.topic)) throw new Error(`${member} does not want ${partition}`)
      const other = owners.get(partition.key)
      if (other !== undefined) throw new Error(`${partition} is ${other}'s and ${member}'s`)
      owners.set(partition.key, member)
    }
    const topics = new Set(partitions.map(({ topic }) => topic))
    loads.push({ size: partitions.length, topics, member })
  }
  loads.sort((a, b) => a.size - b.size)
  for (const [i, less] of loads.entries()) {
    for (let j = loads.length - 1; loads[j]!.size > less.size + 1; j--) {
      const shared = [...loads[j]!.topics].find((topic) => less.topics.has(topic))
      if (shared === undefined) continue
      throw new Error(`${shared} could move from ${loads[j]!.member} to ${less.member}, ${i}`)
    }
  }
}
