/**
 * What the accumulator's views draw at one moment, taken from the scene, the snapshots and the
 * clock, before anybody thinks of places.
 *
 *     scene      which record is in which batch, which request is where on its way
 *     snapshot   what the deques, the memory and the line of waiters are
 *     cast       the brokers, and who leads what
 *
 * Batches are the same thing in the scene and in a snapshot: number 4 is `producer/batch-4`.
 *
 * I1  A picture depends on the recording, the moment's index and the clock alone.
 */

import { is, type Moment } from '../../../../../lab/moments.ts'
import type { Recording } from '../../../../../lab/Recording.ts'
import type { Scene } from '../../../../../lab/scene/Scene.ts'
import {
  type BatchSnapshot,
  castAt,
  type DequeSnapshot,
  type LabCast,
  type ProducerSnapshot,
  snapshotAt,
} from '../../../../../lab/snapshots.ts'

/** What views go by besides the run: the producer's settings. */
export interface PictureSettings {
  readonly lingerMs: number
  readonly retryBackoffMs: number
  readonly batchSize: number
  /** `buffer.memory`. */
  readonly memory: number
}

export interface LanePicture {
  /** `orders-0` */
  readonly name: string
  readonly batches: readonly BatchSnapshot[]
  readonly muted: boolean
  /** The next drain of its broker begins here. */
  readonly next: boolean
  readonly state: LaneState
}

/** Why the first batch of a lane may go, or why not. */
export interface LaneState {
  readonly kind: 'empty' | 'lingers' | 'ready' | 'backsOff' | 'muted'
  readonly text: string
  /** How far a wait has come, 0…1; `null` when nothing is waited for. */
  readonly share: number | null
}

export interface BrokerPicture {
  readonly id: number
  readonly host: string
  readonly latencyMs: number
  readonly away: boolean
  readonly lanes: readonly LanePicture[]
}

export interface Picture {
  readonly producer: string
  readonly scene: Scene
  readonly clockMs: number
  /** What the producer's own clock shows. */
  readonly nowMs: number
  readonly snapshot: ProducerSnapshot
  readonly brokers: readonly BrokerPicture[]
  /** All batches without outcome, by the scene's name. */
  readonly batches: ReadonlyMap<string, BatchSnapshot>
}

export const PRODUCER = 'producer'

export const batchId = (number: number): string => `${PRODUCER}/batch-${number}`

export const laneName = (p: { topic: string; partition: number }): string =>
  `${p.topic}-${p.partition}`

/** The partitions that a moment is about: its own, or those that made a broker ready. */
export const lanesOf = (moment: Moment): string[] => {
  if (is(moment, 'producer.accumulator.ready')) {
    return moment.fields.reasons.map((reason) => reason.replace(/^-?\d+:|:\w+$/g, ''))
  }
  if (is(moment, 'producer.sender.sendProduceRequest')) return moment.fields.partitions
  if (
    is(moment, 'producer.accumulator.append') ||
    is(moment, 'producer.sender.reenqueueBatch') ||
    is(moment, 'producer.batch.complete')
  ) {
    return [laneName(moment.fields)]
  }
  return []
}

const EMPTY: LaneState = { kind: 'empty', text: '', share: null }

const readyBecause = (deque: DequeSnapshot, snapshot: ProducerSnapshot): string | null => {
  const first = deque.batches[0]!
  if (deque.batches.length > 1) return 'another behind it'
  if (first.full) return 'full'
  if (snapshot.bufferPool.waiters.length > 0) return 'memory is short'
  if (snapshot.accumulator.closed) return 'closing'
  return snapshot.accumulator.flushesInProgress > 0 ? 'flush' : null
}

/** As `ReadyCheck` goes about it: what vetoes comes first, then what is enough. */
export const laneStateOf = (
  deque: DequeSnapshot | undefined,
  snapshot: ProducerSnapshot,
  nowMs: number,
  { lingerMs, retryBackoffMs }: Omit<PictureSettings, 'memory'>,
): LaneState => {
  const first = deque?.batches[0]
  if (deque?.muted) return { kind: 'muted', text: 'muted: one is out', share: null }
  if (deque === undefined || first === undefined) return EMPTY
  if (first.attempts > 0) {
    const backoffMs = retryBackoffMs * 2 ** (first.attempts - 1)
    const passedMs = Math.max(0, Math.floor(nowMs - first.lastAttemptMs))
    if (passedMs < backoffMs * 0.8) {
      const text = `backs off: ${passedMs} of about ${backoffMs} ms`
      return { kind: 'backsOff', text, share: passedMs / backoffMs }
    }
  }
  const why = readyBecause(deque, snapshot)
  if (why !== null) return { kind: 'ready', text: why, share: null }
  const waitedMs = Math.max(0, Math.floor(nowMs - first.createdMs))
  if (waitedMs >= lingerMs) return { kind: 'ready', text: `${lingerMs} ms are over`, share: 1 }
  return {
    kind: 'lingers',
    text: `${waitedMs} of ${lingerMs} ms`,
    share: lingerMs === 0 ? 1 : waitedMs / lingerMs,
  }
}

/** A producer that nobody has used yet. */
const untouched = ({ batchSize, memory }: PictureSettings): ProducerSnapshot => ({
  producerIdAndEpoch: null,
  accumulator: { deques: [], incomplete: [], flushesInProgress: 0, closed: false, drainIndex: [] },
  bufferPool: {
    totalBytes: memory,
    poolableBytes: batchSize,
    freeBuffers: 0,
    unallocatedBytes: memory,
    inUseBytes: 0,
    waiters: [],
  },
  inFlight: [],
  waitingSends: [],
})

/** What stands there before a run is loaded: the same houses and lanes, empty. */
export const castOutline = (partitions: number, slowMs: number): LabCast => ({
  zeroMs: 0,
  brokers: [1, 2].map((id) => ({
    id,
    host: `broker-${id}`,
    latencyMs: id === 1 ? 5 : slowMs,
    away: false,
    leads: ['orders', 'clicks'].flatMap((topic) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })).filter(
        ({ partition }) => partition % 2 === id - 1,
      ),
    ),
  })),
})

export const pictureOf = (
  recording: Recording | null,
  scene: Scene,
  clockMs: number,
  settings: PictureSettings,
  outline: LabCast,
): Picture => {
  const cast = (recording && castAt(recording, scene.index)) ?? outline
  const snapshot =
    (recording && snapshotAt(recording, PRODUCER, scene.index)) ?? untouched(settings)
  const nowMs = cast.zeroMs + clockMs
  const deques = new Map(snapshot.accumulator.deques.map((d) => [laneName(d), d]))
  const brokers = cast.brokers.map((broker): BrokerPicture => {
    const index = snapshot.accumulator.drainIndex.find(({ node }) => node === broker.id)?.index
    const lanes = broker.leads.map((led, i): LanePicture => {
      const deque = deques.get(laneName(led))
      return {
        name: laneName(led),
        batches: deque?.batches ?? [],
        muted: deque?.muted ?? false,
        next: i === (index ?? 0) % broker.leads.length,
        state: laneStateOf(deque, snapshot, nowMs, settings),
      }
    })
    return { ...broker, lanes }
  })
  const all = [...snapshot.accumulator.incomplete, ...snapshot.inFlight]
  const batches = new Map(all.map((batch) => [batchId(batch.number), batch]))
  return { producer: PRODUCER, scene, clockMs, nowMs, snapshot, brokers, batches }
}
