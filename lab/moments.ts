/**
 * What a recording is made of: moments.
 *
 *     trace entries    what `src/` said of itself on the trace bus
 *     app moments      what the programs around the clients did: the code that a reader would write
 *     hand moments     what the reader did: sent, lost a packet, moved a slider
 *
 * A picture and the text beside it are drawn from moments alone.
 */

import type { TraceEvents, TraceName } from '../src/common/TraceEvents.ts'

/** A value that can stand in a moment, a setting, a snapshot or an address line. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** What programs and hands say; the trace bus has no place for it, it stands above `src/`. */
export interface AppEvents {
  /** A program calls `send`; `record` counts the calls of the run, from 0. */
  'app.send': { record: number; topic: string; key: string | null; value: string | null }
  /** The future of `send` is kept. */
  'app.acknowledged': { record: number; topic: string; partition: number; offset: number }
  /** The future of `send` failed. */
  'app.failed': { record: number; error: string }
  /** A program was given a record by `poll`. */
  'app.received': {
    topic: string
    partition: number
    offset: number
    key: string | null
    value: string | null
  }
  /** A program starts or stops working. */
  'app.state': { state: string }
  /** A loop of a program is at this entry of a map, which has so many entries now. */
  'app.visit': { key: string; entries: number }
  /** A program has put an entry into a map. */
  'app.put': { key: string; entries: number }
  /** A client or a broker wrote a line to its log. */
  'app.log': { level: 'warn' | 'error'; message: string }
  /** The reader did something; `action` counts the actions of the run, from 0. */
  'hand.action': { action: number; hand: string; label: string; value: Json }
}

export type LabEvents = TraceEvents & AppEvents
export type MomentName = TraceName | keyof AppEvents

export interface Moment<N extends MomentName = MomentName> {
  /** Its place in the recording. */
  readonly index: number
  /** Virtual milliseconds since the curtain rose; below 0 while the stage was set up. */
  readonly atMs: number
  /** The client, the broker or the program: `producer`, `broker-1`; `reader` for the hand. */
  readonly source: string
  readonly name: N
  readonly fields: LabEvents[N]
}

export const is = <N extends MomentName>(moment: Moment, name: N): moment is Moment<N> =>
  moment.name === name
