/**
 * A sequence diagram from a recorded run: who did what, in which order, and what travelled between
 * them.
 *
 *     moments ──► events, one below the other, each at its actor
 *                 messages, each from the event where it left to the one where it arrived
 *                 waits, from one event of an actor to a later one
 *
 *        producer   broker
 *     0     ●                  the record is in a batch
 *     5     ●╲                 the request leaves            a message leans by the time that
 *    25       ╲●               the log grows                 other things take meanwhile
 *
 * A packet leaves at the event that is about its request, and arrives at the first event of the
 * same moment. Where there is no such event, the departure or the arrival is one by itself.
 *
 * I1  Events stand in the order of the moments.
 * I2  The result is plain data and the same for the same moments.
 */

import type { LabEvents, Moment, MomentName } from '../moments.ts'
import { is } from '../moments.ts'
import { SceneBuilder } from '../scene/SceneBuilder.ts'
import type { StoryNoun } from '../story.ts'

export interface SequenceActor {
  /** The `source` of its moments, or several machines' that are drawn as one. */
  readonly source: string
  readonly label: string
  readonly noun: StoryNoun | null
}

export interface SequenceEvent {
  readonly atMs: number
  /** Its place in `actors`. */
  readonly actor: number
  readonly text: string
}

export interface SequenceMessage {
  readonly name: string
  /** Places in `events`. `to` is `null` when it never arrives. */
  readonly from: number
  readonly to: number | null
  readonly isAnswer: boolean
}

export interface SequenceWait {
  readonly from: number
  readonly to: number
}

export interface SequenceDiagram {
  readonly kind: 'sequence'
  readonly title: string
  readonly actors: readonly SequenceActor[]
  readonly events: readonly SequenceEvent[]
  readonly messages: readonly SequenceMessage[]
  readonly waits: readonly SequenceWait[]
}

/** What is told of a moment; `null`: nothing. */
export type Tellings = {
  readonly [N in MomentName]?: (fields: LabEvents[N], moment: Moment<N>) => string | null
}

export interface SequenceOptions {
  readonly title: string
  readonly actors: readonly SequenceActor[]
  /** The events: by the moment's name, what is said of it. */
  readonly events: Tellings
  /** The requests whose packets are drawn: `['Produce', 'Fetch']`. */
  readonly messages: readonly string[]
  /**
   * A bar on an actor's line, from an event that the first names to the next that the second does.
   */
  readonly waits?: readonly WaitOf[]
  readonly fromMs: number
  readonly untilMs: number
}

/** What a packet carries. */
interface Carried {
  readonly api: string
  readonly correlationId: number
  readonly isAnswer: boolean
}

/** What is nearer than this is one moment: the simulated clock counts microseconds of work. */
const MOMENT_MS = 0.1

export interface WaitOf {
  readonly from: MomentName
  readonly to: MomentName
  /** Which request both are about, where the events are about requests: `Fetch`. */
  readonly api?: string
}

/** The diagram of the moments from `fromMs` to `untilMs`, both included. */
export const sequenceOf = (
  moments: readonly Moment[],
  options: SequenceOptions,
): SequenceDiagram => {
  const drawing = new Drawing(options)
  const scenes = new SceneBuilder(moments)
  for (const moment of moments) {
    if (moment.atMs < options.fromMs) continue
    if (moment.atMs > options.untilMs) break
    if (is(moment, 'network.pipe.deliver')) drawing.arrives(moment)
    else if (is(moment, 'network.pipe.transmit')) {
      const scene = scenes.peek(moment.index)
      const packet = scene.packets[packetId(moment)]
      const request = scene.requests[packet?.request ?? '']
      if (request === undefined || !options.messages.includes(request.api)) continue
      drawing.departs(moment, { ...request, isAnswer: packet!.isResponse })
    } else drawing.tell(moment)
  }
  return drawing.finished()
}

type OnWire = Moment<'network.pipe.transmit'> | Moment<'network.pipe.deliver'>

const packetId = ({ fields }: OnWire): string =>
  `${fields.connection}:${fields.from}>${fields.to}:${fields.segment}`

interface Carrier {
  readonly api?: string
  readonly correlationId?: number
}

/** What grows while the moments are gone through. */
class Drawing {
  private readonly options: SequenceOptions
  private readonly events: SequenceEvent[] = []
  private readonly messages: { -readonly [K in keyof SequenceMessage]: SequenceMessage[K] }[] = []
  private readonly waits: SequenceWait[] = []
  /** The message that is on its way, by the connection's direction and segment. */
  private readonly onTheWay = new Map<string, number>()
  /** Arrived, and what it brings about has not happened yet; by actor. */
  private readonly arrived = new Map<number, { message: number; atMs: number }[]>()
  /** Events about a request whose packet has not left yet. */
  private readonly leaving: (Carrier & { readonly event: number; readonly actor: number })[] = []
  private readonly waiting = new Map<string, number>()

  constructor(options: SequenceOptions) {
    this.options = options
  }

  tell(moment: Moment): void {
    const telling = this.options.events[moment.name] as
      | ((fields: unknown, moment: Moment) => string | null)
      | undefined
    const text = telling?.(moment.fields, moment) ?? null
    const actor = this.actorOf(moment.source)
    if (text === null || actor === null) return
    this.landThoseBefore(moment.atMs - MOMENT_MS)
    const event = this.event(moment.atMs, actor, text)
    for (const { message } of this.arrived.get(actor) ?? []) this.messages[message]!.to = event
    this.arrived.delete(actor)
    const about = moment.fields as Carrier
    if (about.correlationId !== undefined) this.leaving.push({ ...about, event, actor })
    this.noteWaits(moment, event)
  }

  departs(moment: Moment<'network.pipe.transmit'>, carried: Carried): void {
    const actor = this.actorOf(moment.fields.from)
    if (actor === null || this.onTheWay.has(packetId(moment))) return
    const { api, correlationId, isAnswer } = carried
    const name = `${api} #${correlationId}`
    const at = this.leaving.findIndex(
      (one) => one.actor === actor && one.api === api && one.correlationId === correlationId,
    )
    const [leaving] = at < 0 ? [] : this.leaving.splice(at, 1)
    // Nothing is said of the departure; what has arrived before it comes before it.
    if (leaving === undefined) this.landThoseBefore(moment.atMs + MOMENT_MS, actor)
    const from = leaving?.event ?? this.event(moment.atMs, actor, `${what(name, isAnswer)} leaves`)
    this.onTheWay.set(packetId(moment), this.messages.length)
    this.messages.push({ name, isAnswer, from, to: null })
  }

  arrives(moment: Moment<'network.pipe.deliver'>): void {
    const message = this.onTheWay.get(packetId(moment))
    const actor = this.actorOf(moment.fields.to)
    if (message === undefined || actor === null) return
    const { atMs } = moment
    this.landThoseBefore(atMs - MOMENT_MS)
    this.arrived.set(actor, [...(this.arrived.get(actor) ?? []), { message, atMs }])
  }

  finished(): SequenceDiagram {
    const { title, actors } = this.options
    this.landThoseBefore(Number.POSITIVE_INFINITY)
    const { events, messages, waits } = this
    return { kind: 'sequence', title, actors, events, messages, waits }
  }

  /** What has arrived earlier and brought nothing about: its arrival is an event by itself. */
  private landThoseBefore(limitMs: number, only: number | null = null): void {
    for (const [actor, landed] of this.arrived) {
      const late = only === null || only === actor ? landed.filter((o) => o.atMs < limitMs) : []
      for (const { message, atMs } of late) {
        const { name, isAnswer } = this.messages[message]!
        this.messages[message]!.to = this.event(atMs, actor, `${what(name, isAnswer)} arrives`)
      }
      this.arrived.set(
        actor,
        landed.filter((one) => !late.includes(one)),
      )
    }
  }

  private noteWaits(moment: Moment, event: number): void {
    const { api } = moment.fields as Carrier
    for (const [i, wait] of (this.options.waits ?? []).entries()) {
      if (wait.api !== undefined && api !== undefined && api !== wait.api) continue
      const key = `${i}:${moment.source}`
      const began = this.waiting.get(key)
      if (moment.name === wait.to && began !== undefined) {
        this.waits.push({ from: began, to: event })
        this.waiting.delete(key)
      } else if (moment.name === wait.from && began === undefined) this.waiting.set(key, event)
    }
  }

  private event(atMs: number, actor: number, text: string): number {
    this.events.push({ atMs, actor, text })
    return this.events.length - 1
  }

  private actorOf(source: string): number | null {
    const place = this.options.actors.findIndex((actor) => actor.source === source)
    return place < 0 ? null : place
  }
}

const what = (name: string, isAnswer: boolean): string =>
  isAnswer ? `the answer to ${name}` : name
