/**
 * The trace bus: the one way to look inside.
 *
 * Where something worth seeing happens, the code says so:
 * `trace.emit('producer.accumulator.append', {…})`. Listeners are the log, Node's diagnostics
 * channels, golden demos, diagrams, and the labs in the page. When nobody listens, nothing is
 * allocated: the caller asks `enabled` first.
 *
 *     if (this.trace.enabled) this.trace.emit('network.selector.poll', { ready })
 *
 * I1  Each event name is emitted at exactly one place in `src/` (a test holds this).
 * I2  A listener that throws is reported once and heard no more: looking on must not break what is
 *     looked at.
 * I3  An entry knows its client or broker (`source`) and its moment; `sequence` orders entries of
 *     one moment.
 */

import { ConsoleLogger, type Logger } from './Logger.ts'
import type { Time } from './Time.ts'
import type { TraceEvents, TraceName } from './TraceEvents.ts'

export interface TraceEntry<N extends TraceName = TraceName> {
  readonly sequence: number
  /** In the terms of `Time.hiResClockMs`. */
  readonly atMs: number
  /** The client id, or `broker-1`. */
  readonly source: string
  readonly name: N
  readonly fields: TraceEvents[N]
}

export type TraceListener = (entry: TraceEntry) => void

/** Carries entries from everywhere in one environment to whoever listens. */
export class TraceBus {
  private readonly time: Time
  private readonly logger: Logger
  private readonly listeners = new Set<TraceListener>()
  private sequence = 0
  /** Whether anybody listens. */
  active = false

  /** @param logger hears of listeners that throw */
  constructor(time: Time, logger: Logger = new ConsoleLogger()) {
    this.time = time
    this.logger = logger
  }

  /** Returns the way to stop listening. */
  listen(listener: TraceListener): () => void {
    this.listeners.add(listener)
    this.active = true
    return () => this.remove(listener)
  }

  /** A handle for one client or broker. */
  from(source: string): Trace {
    return new Trace(this, source)
  }

  publish<N extends TraceName>(source: string, name: N, fields: TraceEvents[N]): void {
    const entry = {
      sequence: this.sequence++,
      atMs: this.time.hiResClockMs(),
      source,
      name,
      fields,
    }
    for (const listener of this.listeners) {
      try {
        listener(entry as TraceEntry)
      } catch (error) {
        this.remove(listener)
        this.logger.error(`A trace listener failed on '${name}' and is heard no more`, error)
      }
    }
  }

  private remove(listener: TraceListener): void {
    this.listeners.delete(listener)
    this.active = this.listeners.size > 0
  }
}

/** What a class holds to speak on the bus. */
export class Trace {
  private readonly bus: TraceBus
  readonly source: string

  constructor(bus: TraceBus, source: string) {
    this.bus = bus
    this.source = source
  }

  get enabled(): boolean {
    return this.bus.active
  }

  emit<N extends TraceName>(name: N, fields: TraceEvents[N]): void {
    this.bus.publish(this.source, name, fields)
  }
}
