/**
 * What is written down about a group while a run goes on, to be held against the logs when it is
 * over.
 */

/** What a member had, by its listener, when it had just been given partitions. */
export interface Claim {
  readonly member: string
  /** The same for all processes of a static member. */
  readonly slot: string
  readonly generation: number
  readonly partitions: readonly string[]
}

/** Where a member began to read a partition that it had been given in `generation`. */
export interface Start {
  readonly member: string
  readonly generation: number
  readonly partition: string
  readonly offset: number
}

export class GroupJournal {
  readonly claims: Claim[] = []
  /** What was taken away from members, in the generation that did so. */
  readonly revocations: Claim[] = []
  readonly starts: Start[] = []
  /** What was against the rules at once. */
  readonly problems: string[] = []
  /** How often each record was handled: by partition, and there by offset. */
  readonly handled = new Map<string, number[]>()

  /** What an at-most-once member got and could not commit, as `partition@offset`. */
  readonly dropped = new Set<string>()

  noteHandled(partition: string, offset: number): void {
    let counts = this.handled.get(partition)
    if (counts === undefined) this.handled.set(partition, (counts = []))
    counts[offset] = (counts[offset] ?? 0) + 1
  }

  timesHandled(partition: string, offset: number): number {
    return this.handled.get(partition)?.[offset] ?? 0
  }
}
