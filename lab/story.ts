/**
 * The same run in words: one sentence for each moment worth telling.
 *
 * Nouns that have a sign in the pictures are marked as in the book's prose, `{batch|its batch}`, so
 * that text and picture speak of things by the same colours. `plain` takes the marks away again.
 *
 * A line is *important* when it moves the story on. Most moments do not: two loops turn all the
 * time, bytes are read in two gulps, clients ask who leads what. The reader can still step through
 * all of them.
 */

import { TRACE_POINTS, type TraceName } from '../src/common/TraceEvents.ts'
import type { LabEvents, Moment, MomentName } from './moments.ts'
import { producerTellings } from './producerStory.ts'
import type { Recording } from './Recording.ts'
import type { Scene, SceneRequest } from './scene/Scene.ts'
import { SceneBuilder } from './scene/SceneBuilder.ts'
import {
  aside,
  bytes,
  count,
  on,
  quoted,
  round,
  type StoryNoun,
  type Telling,
  type Tellings,
  type Told,
  told,
} from './storyWords.ts'

export type { StoryNoun } from './storyWords.ts'

export interface StoryLine {
  /** Of the moment. */
  readonly index: number
  readonly atMs: number
  readonly source: string
  readonly name: MomentName
  /** `Class.method` of the line in `src/` that spoke; `null` for a program or the reader. */
  readonly station: string | null
  /** With marks. */
  readonly text: string
  /** What the line is about. */
  readonly noun: StoryNoun | null
  readonly important: boolean
}

/** Requests that carry records or ask for them; the others keep house. */
const carriesRecords = (api: string): boolean => api === 'Produce' || api === 'Fetch'
const ofApi = (api: string, noun: StoryNoun | null, text: string): Told =>
  carriesRecords(api) ? told(noun, text) : aside(noun, text)

const hand = (fields: LabEvents['hand.action']): string => {
  const { label, value } = fields
  if (typeof value === 'boolean') return `${label}: ${value ? 'on' : 'off'}`
  return value === null ? label : `${label} ${quoted(String(value))}`
}

const PROGRAMS: Tellings = {
  'hand.action': (f) => told(null, `You: ${hand(f)}.`),
  'app.send': (f) => {
    const key = f.key === null ? '' : ` with key ${quoted(f.key)}`
    return told('record', `Your code calls send with the {record} ${quoted(f.value)}${key}.`)
  },
  'app.acknowledged': (f) => {
    const where =
      f.offset < 0
        ? `it went to {partition|${on(f)}}; with acks=0 nobody says at which offset`
        : `it is at offset ${f.offset} of {partition|${on(f)}}`
    return told('record', `What send returned resolves: ${where}.`)
  },
  'app.failed': (f) => told(null, `Your code gets an error: ${f.error}`),
  'app.received': (f) =>
    told(
      'record',
      `poll returns: your code has the {record} ${quoted(f.value)}, ` +
        `offset ${f.offset} of {partition|${on(f)}}.`,
    ),
  'app.state': (f) => told(null, `The program says: ${f.state}.`),
  'app.visit': (f) =>
    told('partition', `The loop is at {partition|${f.key}}; the map has ${f.entries} entries now.`),
  'app.put': (f) =>
    told('partition', `Meanwhile {partition|${f.key}} is put: the map has ${f.entries} entries.`),
  'app.log': (f) => told(null, `Log, ${f.level}: ${f.message}`),
}

const WIRE: Tellings = {
  'clients.networkClient.ready': (f) =>
    aside('broker', `May {broker|broker ${f.node}} be sent to? ${f.ready ? 'Yes.' : 'Not now.'}`),
  'clients.nodeConnections.initiateConnect': (f) =>
    told('broker', `It opens a connection to {broker|${f.host}:${f.port}}.`),
  'clients.networkClient.doSend': (f) =>
    ofApi(
      f.api,
      'request',
      `{request|${f.api} #${f.correlationId}}, ${bytes(f.bytes)}, is written and in flight.`,
    ),
  'clients.networkClient.handleCompletedReceives': (f) =>
    ofApi(
      f.api,
      'request',
      `The answer to {request|${f.api} #${f.correlationId}} is in, after ${f.latencyMs} ms.`,
    ),
  'clients.nodeConnections.handleDisconnections': (f) =>
    told('broker', `The connection to {broker|broker ${f.node}} is lost.`),
  'clients.nodeConnections.timedOut': (f) =>
    told(
      'request',
      `{request|${f.api} #${f.correlationId}} has had no answer for ${f.waitedMs} ms.`,
    ),
  'clients.clientResponse.onComplete': (f) =>
    f.failure === ''
      ? aside('request', `Whoever asked with #${f.correlationId} gets the answer.`)
      : told(
          'request',
          `{request|${f.api} #${f.correlationId}} will have no answer: ${f.failure}.`,
        ),
  'clients.metadata.update': (f) =>
    aside('broker', `Fresh metadata: ${count(f.nodes, 'broker')}, ${count(f.topics, 'topic')}.`),
  'network.selector.connect': () => aside(null, 'The selector asks for a connection.'),
  'network.selector.connected': () => aside(null, 'The connection stands.'),
  'network.selector.send': (f) => aside('request', `${bytes(f.bytes)} wait for the socket.`),
  'network.selector.poll': (f) =>
    aside(
      'clock',
      `poll: ${count(f.readyKeys, 'channel')} ready, may wait ${round(f.timeoutMs)} ms.`,
    ),
  'network.selector.close': (f) => aside(null, `A connection is closed: ${f.reason}.`),
  'network.channel.write': (f) => aside('request', `${bytes(f.bytes)} are with the socket.`),
  'network.transport.write': (f) =>
    aside('request', `${count(f.buffers, 'slice')} to the socket, not copied: ${bytes(f.bytes)}.`),
  'network.transport.read': (f) => aside('request', `${bytes(f.bytes)} from the socket.`),
  'network.channel.read': (f) =>
    aside('request', f.completed ? `A whole frame: ${bytes(f.bytes)}.` : 'A part of a frame.'),
  'network.pipe.transmit': (f, m, scene) => segment(m, scene, f.lost ? 'lost' : 'sent'),
  'network.pipe.deliver': (_f, m, scene) => segment(m, scene, 'arrived'),
}

type OnWire = Moment<'network.pipe.transmit'> | Moment<'network.pipe.deliver'>

const segment = ({ fields }: OnWire, scene: Scene, what: 'sent' | 'lost' | 'arrived'): Told => {
  const { from, to, kind, bytes: size, connection, segment: number } = fields
  if (kind !== 'data') return aside(null, `${kind} from ${from} to ${to} ${what}.`)
  const packet = scene.packets[`${connection}:${from}>${to}:${number}`]
  const request = scene.requests[packet?.request ?? '']
  const name = request === undefined ? bytes(size) : nameOf(request, packet?.isResponse === true)
  if (what === 'arrived') return aside('request', `A packet from ${from} is at ${to}.`)
  const important = what === 'lost' || (request !== undefined && carriesRecords(request.api))
  const text =
    what === 'lost'
      ? `The packet with ${name} is lost on the way. Nobody knows yet.`
      : `${name} is on the wire, ${bytes(size)} from ${from} to ${to}.`
  return { noun: 'request', text, important }
}

const nameOf = (request: SceneRequest, isResponse: boolean): string => {
  const name = `{request|${request.api} #${request.correlationId}}`
  return isResponse ? `The answer to ${name}` : name
}

const BROKER: Tellings = {
  'broker.processor.processCompletedReceives': (f) =>
    ofApi(
      f.api,
      'request',
      `{broker|The broker} has read {request|${f.api} #${f.correlationId}} ` +
        `of ${f.clientId ?? 'a client without id'}.`,
    ),
  'broker.requestChannel.sendRequest': (f) =>
    ofApi(f.api, 'request', `It joins the request queue: ${f.queueSize} waiting.`),
  'broker.handler.run': (f) =>
    ofApi(f.api, 'request', `A handler takes {request|${f.api} #${f.correlationId}}.`),
  'broker.apis.handleProduceRequest': (f) =>
    aside('request', `Produce, for ${f.partitions.join(', ')}, ${bytes(f.bytes)}.`),
  'broker.replicaManager.handleProduceAppend': (f) =>
    aside('partition', `${count(f.partitions, 'batch', 'batches')} to the leaders here.`),
  'broker.partition.appendRecordsToLeader': (f) =>
    told(
      'partition',
      `This {broker} leads {partition|${on(f)}}, so it may take the {batch}: ${bytes(f.bytes)}.`,
    ),
  'broker.log.append': (f) => {
    const offsets =
      f.firstOffset === f.lastOffset
        ? `offset ${f.firstOffset}`
        : `offsets ${f.firstOffset} to ${f.lastOffset}`
    return told('partition', `The log of {partition|${on(f)}} grows by ${offsets}.`)
  },
  'broker.apis.handleFetchRequest': (f) =>
    aside('request', `Fetch: wait up to ${f.maxWaitMs} ms for ${bytes(f.minBytes)}.`),
  'broker.replicaManager.fetchMessages': (f) =>
    told(
      'request',
      `Is there anything to read? If not, the Fetch waits here, up to ${f.maxWaitMs} ms.`,
    ),
  'broker.log.read': (f) =>
    f.bytes === 0
      ? aside('partition', `{partition|${on(f)}} has nothing at offset ${f.startOffset} yet.`)
      : told(
          'partition',
          `${bytes(f.bytes)} are read from {partition|${on(f)}}, from offset ${f.startOffset} on.`,
        ),
  'broker.requestChannel.sendResponse': (f) =>
    ofApi(f.api, 'request', `The answer to {request|${f.api} #${f.correlationId}} is ready.`),
}

const CONSUMER: Tellings = {
  'consumer.poll': (f) =>
    told('clock', `Your code calls poll, for up to ${round(f.timeoutMs)} ms.`),
  'consumer.delegate.poll': (f) => aside(null, `${count(f.assigned, 'partition')} assigned.`),
  'consumer.fetcher.sendFetches': (f) =>
    told(
      'request',
      `The fetcher asks {broker|broker ${f.node}} for ${count(f.partitions.length, 'partition')}.`,
    ),
  'consumer.networkClient.poll': (f) =>
    aside('clock', `The consumer's network client polls, up to ${round(f.timeoutMs)} ms.`),
  'consumer.fetchBuffer.add': (f) =>
    f.bytes === 0
      ? aside('partition', `Nothing new from {partition|${on(f)}}.`)
      : told(
          'batch',
          `${bytes(f.bytes)} of {partition|${on(f)}} wait in the fetch buffer, unread.`,
        ),
  'consumer.fetchCollector.collectFetch': (f) =>
    f.records === 0
      ? aside('record', 'No record to hand out.')
      : aside('record', `${count(f.records, 'record')} are collected for this poll.`),
  'consumer.completedFetch.fetchRecords': (f) =>
    f.records === 0
      ? aside('record', `No record of {partition|${on(f)}}.`)
      : told(
          'record',
          `${count(f.records, 'record')} of {partition|${on(f)}} taken out; ` +
            `the position there is now ${f.nextOffset}.`,
        ),
  'consumer.deserialize': (f) =>
    told('record', `The deserializers read ${bytes(f.valueBytes ?? 0)} back into a value.`),
  'consumer.interceptors.onConsume': (f) =>
    aside('record', `${count(f.interceptors, 'interceptor')} see ${count(f.records, 'record')}.`),
}

const TELLINGS: Tellings = { ...PROGRAMS, ...producerTellings, ...WIRE, ...BROKER, ...CONSUMER }

/**
 * The line of one moment; `scene` is as it was left by the moment.
 *
 * @param own what a scenario would rather say
 */
export const tell = (moment: Moment, scene: Scene, own: Told | null = null): StoryLine => {
  const { index, atMs, source, name, fields } = moment
  const telling = TELLINGS[name] as Telling<MomentName> | undefined
  const line = own ?? telling?.(fields, moment, scene) ?? aside(null, name)
  return { index, atMs, source, name, station: TRACE_POINTS[name as TraceName] ?? null, ...line }
}

/** The lines of all moments since the curtain rose; of those from `from` on, once it has grown. */
export const tellAll = (
  recording: Recording,
  scenes: SceneBuilder = new SceneBuilder(recording.moments),
  from = recording.curtain,
  own: (moment: Moment) => Told | null = () => null,
): StoryLine[] => {
  const { moments } = recording
  return moments.slice(from).map((moment) => tell(moment, scenes.peek(moment.index), own(moment)))
}

/** A line's text without marks. */
export const plain = (text: string): string =>
  text.replace(/\{\w+\|([^}]*)\}|\{(\w+)\}/g, (_all, words: string, noun: string) => words ?? noun)
