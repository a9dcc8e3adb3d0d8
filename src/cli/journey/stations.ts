/**
 * From everything that the trace bus said to the stations of one record.
 *
 * Two loops run all the time and most of their turns carry nothing. A station is an entry that this
 * record passed: what the producer said about it, what happened on its connection while its request
 * was out, what the broker said while it answered, and the same for the fetch that brought it back.
 *
 *     send ─► append ─► drain ─► [Produce #7 out] ─► broker ─► [#7 back] ─► complete
 *                                [Fetch  #12 out] ─► broker ─► [#12 back] ─► collect ─► deserialize
 *
 * I1  The stations stand in the order in which they happened; a fetch that waited at the broker
 *     before the record was sent has times below zero.
 */

import type { TraceEntry } from '../../common/Trace.ts'
import { TRACE_POINTS, type TraceEvents, type TraceName } from '../../common/TraceEvents.ts'
import { TELL, type Told } from './tell.ts'

export interface Station extends Told {
  /** `Class.method`. */
  readonly station: string
  /** Who was there: `producer`, `consumer`, `broker-1`. */
  readonly source: string
  /** Milliseconds since this record's `send`, with fractions. */
  readonly at: number
}

export interface Travellers {
  readonly producer: string
  readonly consumer: string
  /** `host:port` of a broker whose inside we cannot see; `null` when it is the embedded one. */
  readonly remoteBroker: string | null
}

/** Turns of a loop: told when something of the record follows, and then the last one only. */
const TURNS: ReadonlySet<TraceName> = new Set([
  'producer.sender.runOnce',
  'producer.accumulator.ready',
  'clients.networkClient.ready',
  'network.selector.poll',
  'consumer.poll',
  'consumer.delegate.poll',
  'consumer.networkClient.poll',
])

/** The stations of the one record that went its way in `entries`. */
export const stationsOf = (entries: readonly TraceEntry[], who: Travellers): Station[] => {
  const sent = entries.find((entry) => is(entry, 'producer.send'))
  if (sent === undefined) return []
  const passed = withLastTurns(entries, chosen(entries, who))
  const stations: Station[] = []
  /** The request that is out at a broker whose inside we cannot see. */
  let out: TraceEntry<'clients.networkClient.doSend'> | null = null
  for (const entry of passed) {
    const at = entry.atMs - sent.atMs
    if (is(entry, 'clients.networkClient.doSend')) out = entry
    if (who.remoteBroker !== null && out !== null && is(entry, 'network.transport.read')) {
      stations.push(brokerAsOne(out, entry, at, who.remoteBroker))
      out = null
    }
    const told = tell(entry)
    if (told === null) continue
    stations.push({ station: TRACE_POINTS[entry.name], source: entry.source, at, ...told })
  }
  return stations
}

const is = <N extends TraceName>(entry: TraceEntry, name: N): entry is TraceEntry<N> =>
  entry.name === name

const tell = (entry: TraceEntry): Told | null => {
  const telling = TELL[entry.name] as ((fields: TraceEvents[TraceName]) => Told) | undefined
  return telling === undefined ? null : telling(entry.fields)
}

/** A broker that is not ours is one station: what it was given, and when it gave something back. */
const brokerAsOne = (
  out: TraceEntry<'clients.networkClient.doSend'>,
  back: TraceEntry,
  at: number,
  address: string,
): Station => {
  const { api, apiVersion, correlationId, bytes } = out.fields
  return {
    station: `broker ${address}`,
    source: 'broker',
    at,
    in: `${api} v${apiVersion} #${correlationId}`,
    out: `its answer begins ${(back.atMs - out.atMs).toFixed(2)} ms later`,
    bytes,
  }
}

/** Which entries are the record's, by index. */
const chosen = (entries: readonly TraceEntry[], who: Travellers): Set<number> => {
  const indices = new Set<number>()
  const keep = (from: number, to: number, wanted: (entry: TraceEntry) => boolean): void => {
    for (let i = Math.max(0, from); i <= to; i++) if (wanted(entries[i]!)) indices.add(i)
  }
  const last = entries.length - 1
  keep(0, last, (e) => e.source === who.producer && ofProducer(e))
  keep(0, last, (e) => e.source === who.consumer && ofConsumer(e))
  for (const trip of [
    tripOf(entries, 'Produce', who.producer),
    tripOf(entries, 'Fetch', who.consumer),
  ]) {
    if (trip === null) continue
    indices.add(trip.began)
    keep(trip.from, trip.to, (entry) => onTrip(entry, trip))
  }
  return indices
}

const ofProducer = ({ name, fields }: TraceEntry): boolean => {
  if (name === 'producer.accumulator.drain') return (fields as { batches: number }).batches > 0
  return (
    (name.startsWith('producer.') || name.startsWith('record.')) &&
    name !== 'producer.sender.runOnce' &&
    name !== 'producer.accumulator.ready'
  )
}

const ofConsumer = ({ name, fields }: TraceEntry): boolean => {
  if (name === 'consumer.fetchCollector.collectFetch')
    return (fields as { records: number }).records > 0
  return (
    name === 'consumer.fetchBuffer.add' ||
    name === 'consumer.completedFetch.fetchRecords' ||
    name === 'consumer.deserialize' ||
    name === 'consumer.interceptors.onConsume'
  )
}

/**
 * One request and its answer: where it stands in the entries, and how to know what belongs to it.
 */
interface Trip {
  readonly api: string
  readonly client: string
  readonly correlationId: number
  /** Where the request was decided on: for a fetch, some turns before it was sent. */
  readonly began: number
  readonly from: number
  readonly to: number
  /** The broker's name for the connection; `null` when the broker is not ours. */
  readonly connection: string | null
  readonly node: string
}

/** The trip of the last `api` request of `client` that was answered. */
const tripOf = (entries: readonly TraceEntry[], api: string, client: string): Trip | null => {
  const back = entries.findLastIndex(
    (e) =>
      is(e, 'clients.networkClient.handleCompletedReceives') &&
      e.source === client &&
      e.fields.api === api,
  )
  if (back < 0) return null
  const answer = entries[back] as TraceEntry<'clients.networkClient.handleCompletedReceives'>
  const { correlationId, node } = answer.fields
  const out = entries.findLastIndex(
    (e, i) =>
      i < back &&
      is(e, 'clients.networkClient.doSend') &&
      e.source === client &&
      e.fields.correlationId === correlationId,
  )
  const arrived = entries.find(
    (e): e is TraceEntry<'broker.processor.processCompletedReceives'> =>
      is(e, 'broker.processor.processCompletedReceives') &&
      e.fields.clientId === client &&
      e.fields.correlationId === correlationId &&
      e.fields.api === api,
  )
  const done = entries.findIndex(
    (e, i) => i > back && is(e, 'clients.clientResponse.onComplete') && e.source === client,
  )
  return {
    api,
    client,
    correlationId,
    from: out,
    began: api === 'Fetch' ? fetchBegan(entries, out, client) : out,
    to: done < 0 ? back : done,
    connection: arrived?.fields.connection ?? null,
    node: String(node),
  }
}

/** A fetch is built, then waits for its turn to be sent. */
const fetchBegan = (entries: readonly TraceEntry[], out: number, client: string): number =>
  entries.findLastIndex(
    (e, i) => i < out && is(e, 'consumer.fetcher.sendFetches') && e.source === client,
  )

const BROKER_WORK: Readonly<Record<string, readonly TraceName[]>> = {
  Produce: [
    'broker.apis.handleProduceRequest',
    'broker.replicaManager.handleProduceAppend',
    'broker.partition.appendRecordsToLeader',
    'broker.log.append',
  ],
  Fetch: [
    'broker.apis.handleFetchRequest',
    'broker.replicaManager.fetchMessages',
    'broker.log.read',
  ],
}

const onTrip = (entry: TraceEntry, trip: Trip): boolean => {
  if (TURNS.has(entry.name)) return false
  const fields = entry.fields as { channel?: string; api?: string; correlationId?: number }
  if (entry.name.startsWith('network.')) {
    const mine = entry.source === trip.client && fields.channel === trip.node
    return mine || (trip.connection !== null && fields.channel === trip.connection)
  }
  if (fields.correlationId !== undefined) {
    const here = entry.source === trip.client || entry.source.startsWith('broker-')
    return here && fields.correlationId === trip.correlationId && fields.api === trip.api
  }
  return BROKER_WORK[trip.api]!.includes(entry.name)
}

/** Adds, before an entry that was chosen, the turn of the loop in which it happened. */
const withLastTurns = (entries: readonly TraceEntry[], indices: Set<number>): TraceEntry[] => {
  const passed: TraceEntry[] = []
  const turns = new Map<string, TraceEntry>()
  for (const [i, entry] of entries.entries()) {
    if (TURNS.has(entry.name)) turns.set(`${entry.source} ${entry.name}`, entry)
    else if (indices.has(i)) {
      for (const name of TURN_BEFORE[entry.name] ?? []) {
        const key = `${entry.source} ${name}`
        const turn = turns.get(key)
        if (turn !== undefined) passed.push(turn)
        turns.delete(key)
      }
      passed.push(entry)
    }
  }
  return passed.sort((a, b) => a.sequence - b.sequence)
}

/** Which turns lead to which entry, in the order in which they are told. */
const TURN_BEFORE: { readonly [N in TraceName]?: readonly TraceName[] } = {
  'producer.accumulator.drain': [
    'producer.sender.runOnce',
    'producer.accumulator.ready',
    'clients.networkClient.ready',
  ],
  'network.transport.write': ['network.selector.poll'],
  'network.channel.write': ['network.selector.poll'],
  'network.transport.read': ['network.selector.poll'],
  'consumer.fetcher.sendFetches': ['consumer.poll', 'consumer.delegate.poll'],
  'consumer.fetchBuffer.add': ['consumer.networkClient.poll'],
}
