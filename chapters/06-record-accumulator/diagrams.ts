/**
 * The life of a batch, from four runs of the lab: one where a connection breaks while requests are
 * in flight, one where a broker cannot be reached until its batches expire, one where the producer
 * is closed in the middle, and one where the brokers refuse batches as too large.
 */

import { defineDiagrams } from '../../lab/diagrams/Diagram.ts'
import { statesOf } from '../../lab/diagrams/States.ts'
import { is, type Json, type Moment } from '../../lab/moments.ts'
import { Recorder, type RunOptions } from '../../lab/Recorder.ts'
import type { BatchSnapshot, ProducerSnapshot } from '../../lab/snapshots.ts'
import type { controls } from './controls.ts'
import { accumulator } from './lab.ts'

const RUNS: readonly RunOptions<typeof controls>[] = [
  {
    actions: [
      { atMs: 90, hand: 'burst', value: null },
      { atMs: 150, hand: 'cut', value: null },
    ],
  },
  { actions: [{ atMs: 60, hand: 'away', value: true }] },
  { actions: [{ atMs: 110, hand: 'close', value: null }] },
  { settings: { largest: 400, inFlight: '1', delivery: 1500 } },
]

const nameOf = ({ number, topic, partition }: BatchSnapshot): string =>
  `${topic}-${partition} ${number}`

/**
 * The state of each batch. None of it is written in the batch: it follows from where the batch is.
 * One that has left its queue and is in no request is on its way from one to the other: as it was.
 */
const batchesOf = (value: Json): ReadonlyMap<string, string | null> => {
  const { accumulator, inFlight } = value as unknown as ProducerSnapshot
  const states = new Map<string, string | null>()
  for (const batch of accumulator.incomplete) states.set(nameOf(batch), null)
  for (const batch of inFlight) states.set(nameOf(batch), 'flight')
  for (const batch of accumulator.deques.flatMap(({ batches }) => batches)) {
    states.set(nameOf(batch), batch.attempts > 0 ? 'back' : batch.open ? 'open' : 'full')
  }
  return states
}

/** A batch that is nowhere any more: what its futures were told. */
const outcomeOf = (subject: string, happened: readonly Moment[]): string => {
  const ofIt = ({ topic, partition }: { topic: string; partition: number }) =>
    subject.startsWith(`${topic}-${partition} `)
  const told = happened.find(
    (moment) => is(moment, 'producer.batch.complete') && ofIt(moment.fields),
  )
  if (happened.some((m) => is(m, 'producer.sender.splitBatch') && ofIt(m.fields))) return 'split'
  return told !== undefined && is(told, 'producer.batch.complete') && told.fields.error === ''
    ? 'stored'
    : 'failed'
}

export const diagrams = defineDiagrams({
  batch: async () => {
    const recordings = []
    for (const options of RUNS) {
      recordings.push((await Recorder.start(accumulator, options)).recording)
    }
    return statesOf(recordings, {
      title: 'The life of a batch',
      subjects: 'batches',
      noun: 'batch',
      watch: 'producer',
      states: [
        { id: 'open', label: 'open' },
        { id: 'full', label: 'full' },
        { id: 'flight', label: 'in flight' },
        { id: 'back', label: 'back in its queue' },
        { id: 'stored', label: 'stored' },
        { id: 'failed', label: 'failed' },
        { id: 'split', label: 'split' },
      ],
      look: batchesOf,
      ending: outcomeOf,
      causes: {
        open: ['producer.accumulator.append'],
        full: [
          'producer.batch.tryAppend',
          'producer.accumulator.append',
          'producer.sender.splitBatch',
        ],
        flight: ['producer.accumulator.drain', 'producer.sender.sendProduceRequest'],
        back: ['producer.sender.reenqueueBatch'],
        stored: ['producer.batch.complete'],
        failed: ['producer.batch.complete'],
        split: ['producer.sender.splitBatch'],
      },
    })
  },
})
