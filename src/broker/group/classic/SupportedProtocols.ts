/**
 * Which way of sharing a group uses: every member names those that it knows, the favourite first.
 *
 *     a: range, sticky       candidates: what all know       range, sticky
 *     b: sticky, range       votes: each for its favourite   a → range, b → sticky, c → sticky
 *     c: sticky, range       the group uses                  sticky
 *
 * I1  A protocol is a candidate exactly when as many members know it as there are members.
 *
 * @kafka org.apache.kafka.coordinator.group.classic.ClassicGroup
 * @simplified a tie goes to the protocol that was voted for first, in the order of the members;
 *   in Kafka it goes to whichever comes first in a hash map.
 */

import { IllegalStateException } from '../../../common/errors.ts'
import type { ClassicGroupMember } from './ClassicGroupMember.ts'

export class SupportedProtocols {
  /** Protocol → members that know it. */
  private readonly counts = new Map<string, number>()

  add(member: ClassicGroupMember): void {
    this.count(member, 1)
  }

  remove(member: ClassicGroupMember): void {
    this.count(member, -1)
  }

  /** Whether at least one of the names is known to all `members` members. */
  anyKnownToAll(names: ReadonlySet<string>, members: number): boolean {
    for (const name of names) {
      if ((this.counts.get(name) ?? 0) === members) return true
    }
    return false
  }

  /**
   * The candidate with the most votes.
   *
   * @throws IllegalStateException without members, IllegalArgumentException when the members have
   *   nothing in common
   */
  select(members: ReadonlyMap<string, ClassicGroupMember>): string {
    const candidates = this.candidates(members.size)
    const votes = new Map<string, number>()
    let selected: string | undefined
    for (const member of members.values()) {
      const name = member.vote(candidates)
      votes.set(name, (votes.get(name) ?? 0) + 1)
    }
    for (const [name, count] of votes) {
      if (selected === undefined || count > votes.get(selected)!) selected = name
    }
    if (selected === undefined) {
      throw new IllegalStateException('Cannot select protocol for empty group')
    }
    return selected
  }

  private candidates(members: number): Set<string> {
    const known = [...this.counts].filter(([, count]) => count === members)
    return new Set(known.map(([name]) => name))
  }

  private count(member: ClassicGroupMember, step: 1 | -1): void {
    for (const { name } of member.supportedProtocols) {
      const count = (this.counts.get(name) ?? 0) + step
      // A name that nobody knows any more is forgotten: clients choose the names.
      if (count === 0) this.counts.delete(name)
      else this.counts.set(name, count)
    }
  }
}
