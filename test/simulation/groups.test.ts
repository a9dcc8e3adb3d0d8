/**
 * What groups of consumers promise, held against chance: thousands of runs, each with a cluster,
 * members, habits and misfortunes of its own, on virtual time. What must hold stands in
 * `groupChecks.ts`.
 *
 *     npx vitest run test/simulation/groups                          some seeds
 *     SIMULATION_RUNS=2000 npx vitest run test/simulation/groups     more
 *     SIMULATION_SEED=123 npx vitest run test/simulation/groups      one again, alone
 */

import { expect, test } from 'vitest'
import { range } from '../cluster/clusterSupport.ts'
import { Ending, tellingRun } from './Ending.ts'
import { planOf, storyOf } from './groupPlan.ts'
import { type SimulatedRun, simulateGroups } from './simulateGroups.ts'

const DEFAULT_RUNS = 30

const { SIMULATION_SEED, SIMULATION_RUNS = String(DEFAULT_RUNS) } = process.env

/** What is worth reading when one seed is run alone. */
const TELLING = [
  'consumer.coordinator.',
  'broker.group.',
  'broker.coordinator.',
  'broker.faults.hit',
]

const runSeed = (seed: number, ending?: Ending): Promise<SimulatedRun> =>
  tellingRun({
    seed,
    file: 'groups',
    run: (listener) => simulateGroups(seed, listener),
    story: () => storyOf(planOf(seed)),
    ending,
  })

const MANY = SIMULATION_SEED === undefined

test('what a group promises holds in every simulated run', async () => {
  if (!MANY) {
    await runSeed(Number(SIMULATION_SEED), new Ending(TELLING))
    return
  }
  let records = 0
  let handled = 0
  let generations = 0
  let faultsHit = 0
  const runs = Number(SIMULATION_RUNS)
  for (const seed of range(runs, 1)) {
    const run = await runSeed(seed)
    records += run.records
    handled += run.handled
    generations += run.generations
    faultsHit += run.faultsHit
  }
  // Runs in which nobody reads, or nobody comes and goes, or nothing goes wrong, prove nothing.
  expect(handled).toBeGreaterThan(records * 0.9)
  expect(generations).toBeGreaterThan(2 * runs)
  expect(faultsHit).toBeGreaterThan(0)
}, 600_000)

test('a seed gives the same run again, step for step', async () => {
  for (const seed of MANY ? range(3, 1) : [Number(SIMULATION_SEED)]) {
    expect(await simulateGroups(seed)).toEqual(await simulateGroups(seed))
  }
}, 120_000)
