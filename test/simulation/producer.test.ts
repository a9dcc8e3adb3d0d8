/**
 * The producer's promises, held against chance: thousands of runs, each with a cluster, settings,
 * loads and misfortunes of its own, on virtual time. What must hold stands in `producerChecks.ts`.
 *
 *     npx vitest run test/simulation/producer                          some seeds
 *     SIMULATION_RUNS=2000 npx vitest run test/simulation/producer     more
 *     SIMULATION_SEED=123 npx vitest run test/simulation/producer      one again, alone
 */

import { expect, test } from 'vitest'
import type { TraceEntry } from '../../src/common/Trace.ts'
import { range } from '../cluster/clusterSupport.ts'
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
const TELLING_ENTRIES = 120

/** The last steps of a run, to read what came before it failed. */
class Ending {
  private readonly entries: string[] = []

  readonly note = ({ atMs, source, name, fields }: TraceEntry): void => {
    if (!TELLING.some((start) => name.startsWith(start))) return
    this.entries.push(`${atMs.toFixed(2)} ms ${source} ${name} ${JSON.stringify(fields)}`)
    if (this.entries.length > TELLING_ENTRIES) this.entries.shift()
  }

  toString(): string {
    return this.entries.join('\n')
  }
}

const runSeed = async (seed: number, ending?: Ending): Promise<SimulatedRun> => {
  try {
    return await simulateProducer(seed, ending?.note)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const again = `SIMULATION_SEED=${seed} npx vitest run test/simulation/producer`
    const parts = [message, storyOf(planOf(seed)), ending ?? `Again, with its steps: ${again}`]
    throw new Error(parts.join('\n\n'), { cause: error })
  }
}

const MANY = SIMULATION_SEED === undefined

test('what a producer promises holds in every simulated run', async () => {
  if (!MANY) {
    await runSeed(Number(SIMULATION_SEED), new Ending())
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
