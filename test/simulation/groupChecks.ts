/**
 * What must hold after a simulated run of groups, whatever went wrong in it.
 *
 *     __consumer_offsets    generation 1   commits   generation 2   commits   …
 *                                │            │
 *     the members           who had what   where they began, what they handled
 *
 * I1  In a generation a partition has one owner; what a member was told is what the log says.
 * I2  What was committed never goes back behind where the owner of that generation began: only a
 *     member that is one may commit, and each goes on from where the one before had come to.
 * I3  An owner begins where the group has come to, not before and not behind.
 * I4  Every record is handled, whoever came and went, in a group that handles before it commits.
 * I5  In a group that commits first no record is handled twice. (Unless a commit arrived behind a
 *     newer one of the same member: Kafka lets it set the offset back.)
 * I6  When nothing goes wrong every record is handled exactly once, where I4 holds.
 * I7  What the coordinator says in the end is what its log says; when nothing goes wrong, it is the
 *     end of each partition, where I4 holds.
 *
 * What is checked on the way: a member is given only what it has not, and loses only what it has;
 * each record follows the one before while a partition stays (`Ownership`); every call ends in its
 * time (`GroupMember`); all groups get through when everything is healed; and when all are closed
 * nothing is left running.
 */

import type { GroupJournal } from './GroupJournal.ts'
import type { GroupPlan, Plan } from './groupPlan.ts'
import type { GroupHistory, HistoryEntry } from './offsetsLog.ts'

export interface GroupOutcome {
  readonly plan: GroupPlan
  readonly journal: GroupJournal
  /** By partition, the number of records in it. */
  readonly ends: ReadonlyMap<string, number>
  /** What the coordinator has answered in the end. */
  readonly told: ReadonlyMap<string, number>
  readonly history: GroupHistory
}

/** A generation and what was committed in it, by partition. */
interface Generation {
  readonly generation: number
  readonly assignments: ReadonlyMap<string, readonly string[]>
  readonly begun: ReadonlyMap<string, number>
  readonly commits: Map<string, number[]>
}

/** @throws Error that says what is wrong */
export const checkGroups = (plan: Plan, outcomes: readonly GroupOutcome[]): void => {
  for (const outcome of outcomes) {
    const { name } = outcome.plan
    const [problem] = outcome.journal.problems
    if (problem !== undefined) throw new Error(problem)
    try {
      const story = new CommitStory(outcome)
      checkClaims(outcome, story)
      checkOwners(outcome)
      checkStarts(outcome, story)
      checkHandled(plan, outcome, story)
      checkEnd(plan, outcome, story)
    } catch (error) {
      throw new Error(`group ${name}: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** The log of a group, walked through once (I1, I2). */
class CommitStory {
  readonly committed = new Map<string, number>()
  readonly generations = new Map<number, Generation>()
  /** Where a commit went back within a generation. */
  readonly wentBack = new Set<string>()
  private present: Generation | null = null

  constructor({ history, ends }: GroupOutcome) {
    for (const entry of history) {
      if (entry.kind === 'forgotten') throw new Error(`${entry.what} was forgotten`)
      if (entry.kind === 'generation') this.begin(entry)
      else this.commit(entry.partition, entry.offset, ends.get(entry.partition) ?? 0)
    }
  }

  private begin({ generation, assignments }: HistoryEntry & { kind: 'generation' }): void {
    const { present } = this
    if (present !== null && generation <= present.generation) {
      // Written again, for a static member that is back.
      if (generation === present.generation && sameValues(assignments, present.assignments)) return
      throw new Error(`generation ${generation} follows ${present.generation}`)
    }
    const owners = new Map<string, string>()
    for (const [slot, partitions] of assignments) {
      for (const partition of partitions) {
        const other = owners.get(partition)
        if (other !== undefined) {
          throw new Error(`in generation ${generation} ${other} and ${slot} have ${partition}`)
        }
        owners.set(partition, slot)
      }
    }
    const begun = new Map(this.committed)
    this.present = { generation, assignments, begun, commits: new Map() }
    this.generations.set(generation, this.present)
  }

  private commit(partition: string, offset: number, end: number): void {
    const { present } = this
    const before = this.committed.get(partition) ?? 0
    const where = `${partition}: ${offset} was committed after ${before}`
    if (present === null || present.assignments.size === 0) {
      throw new Error(`${where}, and the group has no members`)
    }
    if (offset > end) throw new Error(`${where}, and the log ends at ${end}`)
    const begun = present.begun.get(partition) ?? 0
    if (offset < begun) {
      throw new Error(`${where}; generation ${present.generation} has begun at ${begun}`)
    }
    if (offset < before) this.wentBack.add(partition)
    this.committed.set(partition, offset)
    const commits = present.commits.get(partition) ?? []
    present.commits.set(partition, commits)
    commits.push(offset)
  }
}

/** I1. */
const checkClaims = ({ journal }: GroupOutcome, { generations }: CommitStory): void => {
  for (const { member, slot, generation, partitions } of journal.claims) {
    const written = generations.get(generation)
    if (written === undefined) {
      throw new Error(`${member} was in generation ${generation}, which was never written down`)
    }
    const assigned = written.assignments.get(slot) ?? []
    if (String(assigned) !== String(partitions)) {
      throw new Error(
        `${member} has [${partitions}] in generation ${generation}, where it was given ` +
          `[${assigned}]`,
      )
    }
  }
}

/** I1: also what a generation takes away from one is with nobody else in it. */
const checkOwners = ({ journal: { claims, revocations } }: GroupOutcome): void => {
  const owners = new Map<string, string>()
  for (const { slot, generation, partitions } of [...claims, ...revocations]) {
    for (const partition of partitions) {
      const place = `${partition} in generation ${generation}`
      const other = owners.get(place)
      if (other !== undefined && other !== slot)
        throw new Error(`${other} and ${slot} had ${place}`)
      owners.set(place, slot)
    }
  }
}

/** I3. */
const checkStarts = ({ journal }: GroupOutcome, { generations }: CommitStory): void => {
  for (const { member, generation, partition, offset } of journal.starts) {
    const { begun, commits } = generations.get(generation)!
    const from = begun.get(partition) ?? 0
    // Of a static member another process may have read before, in the same generation.
    if (offset === from || commits.get(partition)?.includes(offset)) continue
    throw new Error(
      `${member} began ${partition} at ${offset} in generation ${generation}, where ${from} was ` +
        'committed',
    )
  }
}

/** I4, I5, I6. */
const checkHandled = (
  { calm }: Plan,
  { plan, journal, ends }: GroupOutcome,
  { wentBack }: CommitStory,
): void => {
  for (const [partition, end] of ends) {
    for (let offset = 0; offset < end; offset++) {
      const times = journal.timesHandled(partition, offset)
      const record = `${partition}@${offset}`
      if (times === 0 && !plan.atMostOnce) throw new Error(`nobody handled ${record}`)
      if (times > 1 && (calm || (plan.atMostOnce && !wentBack.has(partition)))) {
        throw new Error(`${record} was handled ${times} times`)
      }
    }
  }
}

/** I7. */
const checkEnd = (
  { calm }: Plan,
  { plan, ends, told }: GroupOutcome,
  { committed }: CommitStory,
): void => {
  for (const [partition, end] of ends) {
    if (committed.get(partition) !== told.get(partition)) {
      throw new Error(
        `${partition}: committed is ${committed.get(partition)}, the coordinator says ` +
          `${told.get(partition)}`,
      )
    }
    if (calm && !plan.atMostOnce && committed.get(partition) !== end) {
      throw new Error(`${partition}: committed is ${committed.get(partition)}, the end is ${end}`)
    }
  }
}

const sameValues = (
  a: ReadonlyMap<string, readonly string[]>,
  b: ReadonlyMap<string, readonly string[]>,
): boolean =>
  a.size === b.size && [...a].every(([key, value]) => String(b.get(key)) === String(value))
