/**
 * The life of a batch, from three runs of the lab: one where a connection breaks while requests are
 * in flight, one where a broker cannot be reached until its batches expire, and one where the
 * producer is closed in the middle.
 */

import { defineDiagrams } from '../../lab/diagrams/Diagram.ts'
import { statesOf } from '../../lab/diagrams/States.ts'
import { is, type Json, type Moment } from '../../lab/moments.ts'
import { Recorder } from '../../lab/Recorder.ts'
import type { Action } from '../../lab/Scenario.ts'
import type { BatchSnapshot, ProducerSnapshot } from '../../lab/snapshots.ts'
import { accumulator } from './lab.ts'

const RUNS: readonly (readonly Action[])[] = [
  [
    { atMs: 90, hand: 'burst', value: null },
    { atMs: 150, hand: 'cut', value: null },
  ],
  [{ atMs: 60, hand: 'away', value: true }],
  [{ atMs: 110, hand: 'close', value: null }],
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
  const told = happened.find(
    (moment) =>
      is(moment, 'producer.batch.complete') &&
      subject.startsWith(`${moment.fields.topic}-${moment.fields.partition} `),
  )
  return told !== undefined && is(told, 'producer.batch.complete') && told.fields.error === ''
    ? 'stored'
    : 'failed'
}

export const diagrams = defineDiagrams({
  batch: async () => {
    const recordings = []
    for (const actions of RUNS) {
      recordings.push((await Recorder.start(accumulator, { actions })).recording)
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
      ],
      look: batchesOf,
      ending: outcomeOf,
      causes: {
        open: ['producer.accumulator.append'],
        full: ['producer.batch.tryAppend', 'producer.accumulator.append'],
        flight: ['producer.accumulator.drain', 'producer.sender.sendProduceRequest'],
        back: ['producer.sender.reenqueueBatch'],
        stored: ['producer.batch.complete'],
        failed: ['producer.batch.complete'],
      },
    })
  },
})
