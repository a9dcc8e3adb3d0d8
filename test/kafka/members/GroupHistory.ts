/**
 * What the members of a group told, and what became of them, in the order of time; and what must
 * hold of it.
 *
 * I1  A partition has one owner at a time. A member that was killed or stopped owns nothing from
 *     that moment on: the group has to wait for its session to end before it hands its share on.
 * I2  Nothing is read again that was committed before. A member that slept through its session does
 *     not know yet that it is out, and may still hand over what it had; it cannot commit it.
 * I3  Nothing is left out.
 * I4  A partition's committed offset never goes back. (What a sleeper tells when it wakes may be
 *     the answer to a commit from before it fell asleep.)
 */

import type { Told } from './tell.ts'

/** What the test did to a member. */
export type Fate = { readonly event: 'killed' | 'stopped' | 'leaving' }

export type Entry = { readonly at: number; readonly member: string } & (Told | Fate)

export class GroupHistory {
  private readonly entries: Entry[] = []

  note(entry: Entry): void {
    this.entries.push(entry)
  }

  /** Who owns each partition now. */
  owners(): Map<number, string> {
    return new Walk(this.sorted()).owners
  }

  /** The next offset of each partition that a commit was acknowledged for. */
  committed(): Map<number, number> {
    return new Walk(this.sorted()).committed
  }

  /** How many records each member had in its hands. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const entry of this.entries) {
      if (entry.event !== 'records') continue
      counts.set(entry.member, (counts.get(entry.member) ?? 0) + entry.to - entry.from + 1)
    }
    return counts
  }

  /** @throws Error that names the first thing that must not be (I1, I2, I4) */
  check(): void {
    const { problems } = new Walk(this.sorted())
    if (problems.length > 0) throw new Error(`${problems[0]}\n\n${this.tail()}`)
  }

  /** I3: @throws Error that names an offset below `end` that nobody has read */
  checkWhole(partition: number, end: number): void {
    const seen = new Uint8Array(end)
    for (const entry of this.entries) {
      if (entry.event === 'records' && entry.partition === partition) {
        seen.fill(1, entry.from, entry.to + 1)
      }
    }
    const missing = seen.indexOf(0)
    if (missing >= 0) throw new Error(`${partition}@${missing} was never read\n\n${this.tail()}`)
  }

  /** The last entries, to read what came before something failed. */
  tail(count = 60): string {
    return this.sorted()
      .slice(-count)
      .map(({ at, member, ...told }) => `${at.toFixed(1)} ${member} ${JSON.stringify(told)}`)
      .join('\n')
  }

  /** Lines of several processes come in nearly any order; their times are of one clock. */
  private sorted(): readonly Entry[] {
    return this.entries.sort((a, b) => a.at - b.at)
  }
}

/** One pass over a history. */
class Walk {
  readonly owners = new Map<number, string>()
  readonly committed = new Map<number, number>()
  readonly problems: string[] = []
  /** Those that may believe to own what they do not: until they hear from the group again. */
  private readonly asleep = new Set<string>()

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) this.take(entry)
  }

  private take(entry: Entry): void {
    const { member } = entry
    switch (entry.event) {
      case 'assigned':
        this.asleep.delete(member)
        for (const partition of entry.partitions) this.assign(partition, entry)
        return
      case 'revoked':
        this.asleep.delete(member)
        for (const partition of entry.partitions) {
          if (this.owners.get(partition) === member) this.owners.delete(partition)
        }
        return
      case 'records':
        this.read(entry)
        return
      case 'committed':
        this.commit(entry)
        return
      default:
        for (const [partition, owner] of this.owners) {
          if (owner === member) this.owners.delete(partition)
        }
        if (entry.event === 'stopped') this.asleep.add(member)
    }
  }

  private assign(partition: number, { at, member }: Entry): void {
    const owner = this.owners.get(partition)
    if (owner !== undefined && owner !== member) {
      this.problems.push(`at ${at}: ${member} got ${partition}, which ${owner} still owns`)
    }
    this.owners.set(partition, member)
  }

  private read({ at, member, partition, from }: Extract<Entry, { event: 'records' }>): void {
    const committed = this.committed.get(partition) ?? 0
    if (this.asleep.has(member) || from >= committed) return
    this.problems.push(
      `at ${at}: ${member} read ${partition}@${from} again, committed up to ${committed}`,
    )
  }

  private commit({ at, member, partition, offset }: Extract<Entry, { event: 'committed' }>): void {
    const before = this.committed.get(partition) ?? 0
    if (offset >= before) this.committed.set(partition, offset)
    else if (!this.asleep.has(member)) {
      this.problems.push(`at ${at}: ${member} set ${partition} back from ${before} to ${offset}`)
    }
  }
}
