/**
 * A scene while it is being built: the picture so far, what no picture shows but the next moment
 * needs, and the small steps that the handlers of moments have in common.
 *
 * The trace says what a class did, not which record it did it to. That follows from Kafka's own
 * order: a producer handles its records one after the other and takes the oldest batch of a
 * partition first, and a connection's bytes arrive in the order in which they were written.
 */

import type { LabEvents, Moment, MomentName } from '../moments.ts'
import {
  emptyScene,
  isAnswer,
  type Scene,
  type SceneBatch,
  type SceneBroker,
  type SceneConsumer,
  type SceneProducer,
  type SceneRecord,
  type SceneRequest,
} from './Scene.ts'

/** What moments of one name do to a scene. */
export type Handler<N extends MomentName> = (
  state: SceneState,
  fields: LabEvents[N],
  moment: Moment<N>,
) => void
export type Handlers = { readonly [N in MomentName]?: Handler<N> }

/** A frame that waits for its turn on the wire between two hosts. */
export interface Frame {
  readonly request: string | null
  readonly isResponse: boolean
  bytesLeft: number
}

/** The places of a record before it is in a batch, in the order in which it gets there. */
const STEPS: readonly SceneRecord['place'][] = [
  'send',
  'interceptors',
  'metadata',
  'serializer',
  'partitioner',
]

interface Memory {
  /** The record that its program hands over next, by producer. */
  readonly told: Record<string, { record: number; key: string | null; value: string | null }>
  /** Which record of the scene a program's is: `producer 7`. */
  readonly ofProgram: Record<string, string>
  /** Records that were given to a producer and are in no batch yet, oldest first. */
  readonly entering: Record<string, string[]>
  /** How many records and batches a producer has had. */
  readonly numbers: Record<string, number>
  /** The batches of the Produce request that a producer is making. */
  readonly taken: Record<string, string[]>
  /** By `from > to`. */
  readonly frames: Record<string, Frame[]>
  readonly hostOfNode: Record<string, string>
  readonly clientOfConnection: Record<string, string>
  /** The acks of the request that a broker handles. */
  readonly acks: Record<string, number>
  /** Bytes of an answer that have not arrived yet, by request. */
  readonly owed: Record<string, number>
}

const emptyMemory = (): Memory => ({
  told: {},
  ofProgram: {},
  entering: {},
  numbers: {},
  taken: {},
  frames: {},
  hostOfNode: {},
  clientOfConnection: {},
  acks: {},
  owed: {},
})

export class SceneState {
  readonly scene: Scene
  readonly memory: Memory

  constructor(scene: Scene = emptyScene(), memory: Memory = emptyMemory()) {
    this.scene = scene
    this.memory = memory
  }

  copy(): SceneState {
    return new SceneState(structuredClone(this.scene), structuredClone(this.memory))
  }

  producer(name: string): SceneProducer {
    return (this.scene.producers[name] ??= { deques: {}, inFlight: [], freeBytes: null, turns: 0 })
  }

  consumer(name: string): SceneConsumer {
    const lists = { reading: [], fetched: [], received: [], inFlight: [] }
    return (this.scene.consumers[name] ??= { ...lists, positions: {}, state: 'running' })
  }

  broker(name: string): SceneBroker {
    const empty = { queue: [], purgatory: [], handling: null, logs: {}, lastRead: {} }
    return (this.scene.brokers[name] ??= empty)
  }

  client(name: string): SceneProducer | SceneConsumer | undefined {
    return this.scene.producers[name] ?? this.scene.consumers[name]
  }

  /** 0, 1, 2, … for each `what`. */
  number(what: string): number {
    const number = this.memory.numbers[what] ?? 0
    this.memory.numbers[what] = number + 1
    return number
  }

  count(what: string): void {
    this.scene.counts[what] = (this.scene.counts[what] ?? 0) + 1
  }

  /**
   * The record that a producer is busy with, now at `place`: the oldest that was one step before.
   *
   * @param topic of the record, as far as the moment tells it
   */
  enters(producer: string, place: SceneRecord['place'], topic?: string): SceneRecord | undefined {
    const entering = (this.memory.entering[producer] ?? []).map((id) => this.scene.records[id]!)
    const step = STEPS.indexOf(place)
    const mayBe = entering.filter((r) => topic === undefined || r.topic === topic)
    // The newest is being handed over. Behind that step records go on in the order of their sends,
    // topic by topic, past those that have come further and wait for memory.
    const record =
      place === 'interceptors'
        ? entering.at(-1)
        : (mayBe.find((r) => STEPS.indexOf(r.place) === step - 1) ??
          mayBe.find((r) => STEPS.indexOf(r.place) < step))
    if (record !== undefined) record.place = place
    return record
  }

  /** The record that was appended: the oldest that goes to this partition, or might. */
  takeEntering(producer: string, topic: string, partition: number): SceneRecord | undefined {
    const entering = this.memory.entering[producer] ?? []
    const at = entering.findIndex((id) => {
      const record = this.scene.records[id]
      return record?.topic === topic && (record.partition ?? partition) === partition
    })
    return at < 0 ? undefined : this.scene.records[entering.splice(at, 1)[0]!]
  }

  oldestInFlight(producer: string, topic: string, partition: number): SceneBatch | undefined {
    return Object.values(this.scene.batches).find(
      (batch) =>
        batch.producer === producer &&
        batch.topic === topic &&
        batch.partition === partition &&
        batch.place === 'inFlight',
    )
  }

  /** Puts a frame behind those that wait for the same wire. */
  frame(from: string, to: string, frame: Frame): void {
    list(this.memory.frames, `${from} > ${to}`).push(frame)
  }

  /** The frame whose bytes leave next. */
  takeFrame(from: string, to: string, bytes: number): Frame {
    const frames = this.memory.frames[`${from} > ${to}`] ?? []
    const frame = frames[0]
    if (frame === undefined || bytes === 0)
      return { request: null, isResponse: false, bytesLeft: 0 }
    frame.bytesLeft -= bytes
    if (frame.bytesLeft <= 0) frames.shift()
    return frame
  }

  /** The request that a broker is busy with. */
  handled(broker: string): SceneRequest | undefined {
    return this.scene.requests[this.broker(broker).handling ?? '']
  }

  requestOn(connection: string, correlationId: number): SceneRequest | undefined {
    const client = this.memory.clientOfConnection[connection]
    return this.scene.requests[`${client}#${correlationId}`]
  }

  /** A request is at no place inside `broker` any more. */
  leavesBroker(broker: SceneBroker, request: string): void {
    remove(broker.queue, request)
    remove(broker.purgatory, request)
    if (broker.handling === request) broker.handling = null
  }

  /** A client waits for this answer no longer: it came, or never will. */
  answered(client: string, correlationId: number): void {
    const id = `${client}#${correlationId}`
    remove(this.client(client)?.inFlight ?? [], id)
    for (const broker of Object.values(this.scene.brokers)) this.leavesBroker(broker, id)
    const carries = this.scene.requests[id]?.carries ?? []
    const consumer = this.scene.consumers[client]
    if (consumer !== undefined && carries.length > 0) {
      consumer.reading.splice(0, consumer.reading.length, ...carries)
    }
    this.forget(id)
  }

  /** Some bytes of an answer are there; with the last of them, the answer is. */
  arrives(id: string, bytes: number): void {
    const request = this.scene.requests[id]
    if (request?.place !== 'back') return
    const owed = (this.memory.owed[id] ?? 0) - bytes
    this.memory.owed[id] = owed
    if (owed <= 0) request.place = 'arrived'
  }

  forget(id: string): void {
    delete this.scene.requests[id]
    delete this.memory.owed[id]
  }

  /** A client waits no longer, but what it sent may still be read and stored. */
  abandoned(client: string, correlationId: number): void {
    const id = `${client}#${correlationId}`
    remove(this.client(client)?.inFlight ?? [], id)
    const request = this.scene.requests[id]
    if (request === undefined) return
    request.abandoned = true
    if (request.place === 'client' || isAnswer(request)) this.forget(id)
  }

  /** Nothing of what was between the two will arrive. */
  disconnected(a: string, b: string): void {
    for (const { id, from, to } of Object.values(this.scene.packets)) {
      if ((from === a && to === b) || (from === b && to === a)) delete this.scene.packets[id]
    }
    for (const route of [`${a} > ${b}`, `${b} > ${a}`]) delete this.memory.frames[route]
    for (const { id, client, abandoned, place } of Object.values(this.scene.requests)) {
      if (client === a && abandoned && place === 'out') this.forget(id)
    }
  }
}

export const list = <T>(lists: Record<string, T[]>, name: string): T[] => (lists[name] ??= [])

export const remove = (ids: string[], id: string): void => {
  const at = ids.indexOf(id)
  if (at >= 0) ids.splice(at, 1)
}
