/**
 * Members with what they have, the one with the fewest partitions first; equals by name.
 *
 *     C: 1    A: 2    D: 2    B: 4          A gets a partition:   C: 1   D: 2   A: 3   B: 4
 *
 * Java keeps a `TreeSet` whose order depends on the lists beside it, and takes a member out before
 * its list changes. Here both are one, so that the order cannot be forgotten.
 *
 * I1  `sorted` is in order after every call, and holds the members of `assignment` that `remove`
 *     did not take away.
 *
 * @kafka java.util.TreeSet
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { PartitionsByMember } from './AbstractPartitionAssignor.ts'
import { compareStrings } from './comparators.ts'
import { removeFrom } from './PreviousOwners.ts'

export class MembersByLoad {
  private readonly assignment: PartitionsByMember
  private readonly sorted: string[]

  constructor(assignment: PartitionsByMember) {
    this.assignment = assignment
    this.sorted = [...assignment.keys()].sort((a, b) => this.compare(a, b))
  }

  /** Members, fewest partitions first. Not to be changed meanwhile. */
  inOrder(): readonly string[] {
    return this.sorted
  }

  get isEmpty(): boolean {
    return this.sorted.length === 0
  }

  /** How many the first has, and the last. */
  get lowest(): number {
    return this.load(this.sorted[0]!)
  }

  get highest(): number {
    return this.load(this.sorted.at(-1)!)
  }

  load(member: string): number {
    return this.assignment.get(member)!.length
  }

  give(member: string, partition: TopicPartition): void {
    this.moving(member, (partitions) => partitions.push(partition))
  }

  take(member: string, partition: TopicPartition): void {
    this.moving(member, (partitions) => removeFrom(partitions, partition))
  }

  /** Takes the member away, with what it has. */
  remove(member: string): TopicPartition[] {
    this.sorted.splice(this.placeOf(member), 1)
    const partitions = this.assignment.get(member)!
    this.assignment.delete(member)
    return partitions
  }

  private moving(member: string, change: (partitions: TopicPartition[]) => unknown): void {
    this.sorted.splice(this.placeOf(member), 1)
    change(this.assignment.get(member)!)
    this.sorted.splice(this.placeOf(member), 0, member)
  }

  /** Where the member stands, or would. */
  private placeOf(member: string): number {
    let low = 0
    let high = this.sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.compare(this.sorted[middle]!, member) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  private compare(a: string, b: string): number {
    return this.load(a) - this.load(b) || compareStrings(a, b)
  }
}
