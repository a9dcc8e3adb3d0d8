/**
 * The life of a request for memory, from four runs of the lab: its own, two where patience is
 * short, and one that is closed by force while some stand in line.
 */

import { defineDiagrams } from '../../lab/diagrams/Diagram.ts'
import { statesOf } from '../../lab/diagrams/States.ts'
import { is, type Json, type Moment } from '../../lab/moments.ts'
import { Recorder, type RunOptions } from '../../lab/Recorder.ts'
import { type Action, defaultSettings } from '../../lab/Scenario.ts'
import type { ProducerSnapshot } from '../../lab/snapshots.ts'
import type { controls } from './controls.ts'
import { pool } from './lab.ts'

const untilC = (): Action[] => pool.script(defaultSettings(pool.controls)).slice(0, 4)

const RUNS: readonly RunOptions<typeof controls>[] = [
  {},
  { settings: { maxBlock: 75 } },
  { settings: { maxBlock: 25 } },
  { actions: [...untilC(), { atMs: 90, hand: 'closeNow', value: null }] },
]

const waitersOf = (value: Json): ReadonlyMap<string, string | null> => {
  const { waiters } = (value as unknown as ProducerSnapshot).bufferPool
  return new Map(
    waiters.map(({ number, accumulated }) => [
      String(number),
      accumulated > 0 ? 'reserving' : 'waiting',
    ]),
  )
}

/** One that stands in line no more: what was said of it while it left. */
const outcomeOf = (_subject: string, happened: readonly Moment[]): string => {
  if (happened.some((moment) => is(moment, 'producer.bufferPool.exhausted'))) return 'over'
  return happened.some(({ name }) => name === 'producer.bufferPool.allocate') ||
    happened.some((moment) => is(moment, 'producer.bufferPool.accumulate'))
    ? 'served'
    : 'told'
}

export const diagrams = defineDiagrams({
  waiter: async () => {
    const recordings = []
    for (const options of RUNS) recordings.push((await Recorder.start(pool, options)).recording)
    return statesOf(recordings, {
      title: 'The life of a request that has to wait',
      subjects: 'requests for memory',
      noun: 'buffer',
      watch: 'producer',
      states: [
        { id: 'waiting', label: 'in line' },
        { id: 'reserving', label: 'reserving' },
        { id: 'served', label: 'served' },
        { id: 'over', label: 'time is over' },
        { id: 'told', label: 'told of the end' },
      ],
      look: waitersOf,
      ending: outcomeOf,
      causes: {
        waiting: ['producer.bufferPool.wait'],
        reserving: ['producer.bufferPool.accumulate'],
        served: ['producer.bufferPool.allocate'],
        over: ['producer.bufferPool.exhausted'],
      },
    })
  },
})
