/**
 * The producer's promises, held against chance: thousands of runs, each with a cluster, settings,
 * loads and misfortunes of its own, on virtual time. What must hold stands in `producerChecks.ts`.
 *
 *     npx vitest run test/simulation/producer                          some seeds
 *     SIMULATION_RUNS=2000 npx vitest run test/simulation/producer     more
 *     SIMULATION_SEED=123 npx vitest run test/simulation/producer      one again, alone
 */

import { expect, test } from 'vitest'
import { range } from '../cluster/clusterSupport.ts'
import { Ending, tellingRun } from './Ending.ts'
import { planOf, storyOf } from './producerPlan.ts'
import { type SimulatedRun, simulateProducer } from './simulateProducer.ts'

const DEFAULT_RUNS = 30

const { SIMULATION_SEED, SIMULATION_RUNS = String(DEFAULT_RUNS) } = process.env

/** What is worth reading when one seed is run alone, and how much of it. */
const TELLING = [
  'producer.sender.sendProduceRequest',
  'producer.sender.handleProduceResponse',
  'producer.sender.completeBatch',
  'producer.sender.reenqueueBatch',
  'producer.sender.splitBatch',
  'producer.transactionManager.',
  'broker.log.append',
  'broker.faults.hit',
]

const runSeed = (seed: number, ending?: Ending): Promise<SimulatedRun> =>
  tellingRun({
    seed,
    file: 'producer',
    run: (listener) => simulateProducer(seed, listener),
    story: () => storyOf(planOf(seed)),
    ending,
  })

const MANY = SIMULATION_SEED === undefined

test('what a producer promises holds in every simulated run', async () => {
  if (!MANY) {
    await runSeed(Number(SIMULATION_SEED), new Ending(TELLING))
    return
  }
  let records = 0
  let acknowledged = 0
  let faultsHit = 0
  for (const seed of range(Number(SIMULATION_RUNS), 1)) {
    const run = await runSeed(seed)
    records += run.records
    acknowledged += run.acknowledged
    faultsHit += run.faultsHit
  }
  // Runs in which everything fails, or nothing goes wrong, would prove nothing.
  expect(acknowledged).toBeGreaterThan(records * 0.5)
  expect(faultsHit).toBeGreaterThan(0)
}, 600_000)

test('a seed gives the same run again, step for step', async () => {
  for (const seed of MANY ? range(3, 1) : [Number(SIMULATION_SEED)]) {
    expect(await simulateProducer(seed)).toEqual(await simulateProducer(seed))
  }
})
