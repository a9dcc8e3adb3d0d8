/**
 * What a group must keep to whatever its members do: see `RandomMembers.check`.
 *
 *     SIMULATION_RUNS=2000 npx vitest run test/broker/group/GroupRandomWalk     more
 */

import { expect, test } from 'vitest'
import { RandomMembers } from './RandomMembers.ts'

const SEEDS = Number(process.env['SIMULATION_RUNS'] ?? 20)
const STEPS = 120
const MILLISECONDS_PER_SEED = 200

test(
  'a group stays in order whatever its members do, and everybody is answered',
  () => {
    let generations = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const members = new RandomMembers(seed)
      try {
        for (let step = 0; step < STEPS; step++) members.step()
        generations += members.groups.group.generationId
        members.end()
      } catch (error) {
        throw new Error(`seed ${seed}:\n${members.story.slice(-25).join('\n')}`, { cause: error })
      }
    }
    // Otherwise nothing was tried.
    expect(generations).toBeGreaterThan(5 * SEEDS)
  },
  5000 + MILLISECONDS_PER_SEED * SEEDS,
)
