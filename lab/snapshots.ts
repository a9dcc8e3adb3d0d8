/**
 * What a lab has watched, with its type back: the inside of a producer at the play head.
 *
 *     stage.watch('producer', () => producer.snapshot())     in lab.ts: noted whenever it changed
 *     snapshotAt(recording, 'producer', scene.index)         in a view: what it was at that moment
 *
 * The trace says what happened, a snapshot says what is there. A view that needs both asks for the
 * same index, so the two never tell of different moments.
 *
 * I1  A name is watched with one type for the whole run: who reads it here is who wrote it there.
 */

import type { ProducerSnapshot } from '../src/producer/internals/ProducerSnapshot.ts'
import type { Json } from './moments.ts'
import type { Recording } from './Recording.ts'

export type {
  AccumulatorSnapshot,
  BatchSnapshot,
  BufferPoolSnapshot,
  DequeSnapshot,
  ProducerSnapshot,
  WaiterSnapshot,
} from '../src/producer/internals/ProducerSnapshot.ts'

/** A snapshot as `watch` takes it; sound because a snapshot is plain data. */
export const asJson = (snapshot: object): Json => snapshot as Json

/** A producer as it was after the moment `index`; `null` as long as nothing was noted. */
export const snapshotAt = (
  recording: Recording,
  name: string,
  index: number,
): ProducerSnapshot | null =>
  (recording.watched(name, index) as unknown as ProducerSnapshot | undefined) ?? null

/** What stays as it is for a whole run, and what no trace entry tells. */
export interface LabCast {
  readonly brokers: readonly {
    readonly id: number
    /** Its name on the network. */
    readonly host: string
    /** One way, milliseconds. */
    readonly latencyMs: number
    /** Nothing gets to it, and nothing back. */
    readonly away: boolean
    /** The partitions that it leads, in the order in which `drain` goes round. */
    readonly leads: readonly { readonly topic: string; readonly partition: number }[]
  }[]
  /** What the clients' clock showed when the run's clock was at 0. */
  readonly zeroMs: number
}

export const castAt = (recording: Recording, index: number): LabCast | null =>
  (recording.watched('cast', index) as unknown as LabCast | undefined) ?? null
