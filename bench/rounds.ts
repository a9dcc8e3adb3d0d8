/**
 * Rounds in which everybody has a turn, and another one begins each time.
 *
 *     round 1   ours  kafkajs  platformatic  java        ◄─ interleaved: what disturbs the machine
 *     round 2   kafkajs  platformatic  java  ours           for a while disturbs all of them
 *     round 3   …
 */

import type { Outcome } from './contend.ts'
import type { Entry, Workload } from './plan.ts'
import type { Schedule } from './Schedule.ts'
import type { Session } from './session.ts'

/** The outcomes of one contender in one workload. */
export interface Measured {
  readonly entry: Entry
  readonly outcomes: Outcome[]
}

/**
 * What failed is told and left out; the rest goes on.
 *
 * @param entries those that take part
 */
export const inRounds = async (
  session: Session,
  { contenders, rounds }: Workload,
  entries: readonly Entry[],
  schedule: Schedule,
  contend: (entry: Entry) => Promise<Outcome>,
): Promise<Measured[]> => {
  const measured = entries.map((entry): Measured => ({ entry, outcomes: [] }))
  for (let round = 0; round < rounds; round++) {
    const isMade = schedule.hasTimeFor(round)
    schedule.passed(contenders.length)
    if (!isMade) continue
    for (let turn = 0; turn < measured.length; turn++) {
      const { entry, outcomes } = measured[(round + turn) % measured.length]!
      try {
        outcomes.push(await contend(entry))
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error)
        const line = `FAILED ${entry.name}, round ${round + 1}: ${problem}`
        session.failures.push(line)
        session.say(line)
      }
    }
  }
  return measured.filter(({ outcomes }) => outcomes.length > 0)
}
