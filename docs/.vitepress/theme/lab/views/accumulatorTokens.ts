/**
 * What moves on the accumulator's stage, and where each of it is at one moment.
 *
 *     record   a slip: at the entry, then as wide as its bytes inside its batch
 *     batch    a bracket as wide as `batch.size`: in its deque, in the envelope, in the log
 *     request  an envelope with one row for each partition of its broker
 *
 * A lane's nose is on the right here: towards the Sender. Records come in from the left.
 *
 * I1  A thing keeps its key from its first place to its last, so a change of place is a move.
 * I2  A batch in an envelope stands in the row of its partition: a request takes one of each.
 * I3  What has no room is folded, and `more` says how much.
 */

import {
  isAnswer,
  type Scene,
  type ScenePacket,
  type SceneRecord,
  type SceneRequest,
} from '../../../../../lab/scene/Scene.ts'
import type { BatchSnapshot } from '../../../../../lab/snapshots.ts'
import { type Box, box } from '../stage/geometry.ts'
import type { More } from '../stage/staged.ts'
import {
  type AccumulatorFrame,
  ANSWER,
  type GroupFrame,
  type Point,
  ROW,
} from './accumulatorFrame.ts'
import { type BrokerPicture, batchId, laneName, type Picture } from './picture.ts'

export interface BatchPlace extends Box {
  readonly key: string
  readonly number: number
  readonly title: string
  readonly open: boolean
  readonly full: boolean
  /** 0…1 of `batch.size`. */
  readonly fill: number
  readonly header: number
  readonly attempts: number
  /** It follows the clock. */
  readonly quick: boolean
  /** The rows of an envelope and of a log are low: no number. */
  readonly small: boolean
}

export interface RecordPlace extends Box {
  readonly key: string
  readonly text: string
  readonly failed: boolean
  readonly quick: boolean
}

export interface EnvelopePlace extends Box {
  readonly key: string
  readonly label: string
  readonly title: string
  readonly back: boolean
  readonly lost: boolean
  readonly quick: boolean
}

export interface AccumulatorTokens {
  readonly batches: readonly BatchPlace[]
  readonly records: readonly RecordPlace[]
  readonly envelopes: readonly EnvelopePlace[]
  readonly more: readonly More[]
}

const HEADER_BYTES = 61
const MOST_WIDE = 98
const LEAST = 40

/**
 * Places of the batches of one deque, the first at the nose on the right.
 *
 * @param mostWide of a bracket, when there is room
 */
export const dequePlaces = (
  batches: readonly BatchSnapshot[],
  lane: Box,
  mostWide = MOST_WIDE,
): { batch: BatchSnapshot; at: Box }[] => {
  const room = lane.w - lane.h / 2 - 8
  const gap = 6
  const fits = Math.max(2, Math.floor((room + gap) / (LEAST + gap)))
  // The newest is always shown: it is the one that takes records.
  const shown = batches.length <= fits ? batches : [...batches.slice(0, fits - 1), batches.at(-1)!]
  const w = Math.min(mostWide, (room - gap * (shown.length - 1)) / Math.max(1, shown.length))
  const right = lane.x + lane.w - lane.h / 2 - 2
  return shown.map((batch, i) => {
    const x = right - (i + 1) * w - i * gap
    return { batch, at: box(x, lane.y + 4, w, lane.h - 8) }
  })
}

/** A batch at its place. */
export const batchPlace = (
  batch: BatchSnapshot,
  at: Box,
  more: Partial<BatchPlace> = {},
): BatchPlace => ({
  key: batchId(batch.number),
  number: batch.number,
  title:
    `batch ${batch.number} of ${laneName(batch)}: ${batch.records} record` +
    `${batch.records === 1 ? '' : 's'}, ${batch.bytes} of ${batch.limitBytes} bytes` +
    (batch.attempts === 0 ? '' : `, tried ${batch.attempts} times`),
  open: false,
  full: batch.full,
  fill: Math.min(1, batch.bytes / batch.limitBytes),
  header: Math.min(1, HEADER_BYTES / batch.limitBytes),
  attempts: batch.attempts,
  quick: false,
  small: false,
  ...at,
  ...more,
})

const shareOf = (packet: ScenePacket, clockMs: number): number => {
  const share = (clockMs - packet.sentMs) / Math.max(0.001, packet.arrivesMs - packet.sentMs)
  return Math.max(0, Math.min(packet.lost ? 0.5 : 1, share))
}

const between = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
})

interface Set extends Picture {
  readonly frame: AccumulatorFrame
  readonly more: More[]
}

const packetOf = (set: Set, request: SceneRequest): ScenePacket | undefined =>
  Object.values(set.scene.packets)
    .filter((p) => p.request === request.id && p.isResponse === isAnswer(request))
    .sort((a, b) => Number(a.lost) - Number(b.lost) || a.sentMs - b.sentMs)
    .at(-1)

/** Which broker a Produce request goes to: the leader of what it carries. */
const groupOf = (set: Set, request: SceneRequest): number => {
  const first = set.scene.batches[request.batches[0] ?? '']
  if (first === undefined) return -1
  return set.brokers.findIndex(({ lanes }) => lanes.some(({ name }) => name === laneName(first)))
}

const PILE = 9

const envelopePlace = (
  set: Set,
  request: SceneRequest,
  group: GroupFrame,
  rank: number,
): EnvelopePlace => {
  const packet = packetOf(set, request)
  const share = packet === undefined ? null : shareOf(packet, set.clockMs)
  const back = isAnswer(request)
  const label = `#${request.correlationId}`
  const title = `Produce request ${request.correlationId}, ${request.bytes} bytes`
  const lost = packet?.lost === true && share === 0.5
  const common = {
    key: `request ${request.id}`,
    label,
    title,
    back,
    lost,
    quick: packet !== undefined && !lost,
  }
  if (back) {
    const at = between(group.back[0], group.back[1], share ?? (request.place === 'arrived' ? 1 : 0))
    return { ...common, ...box(at.x - ANSWER.w / 2, at.y - ANSWER.h / 2, ANSWER.w, ANSWER.h) }
  }
  const there = request.place === 'out' ? (share ?? 1) : request.place === 'client' ? 0 : 1
  const at = between(group.slot, group.desk, there)
  const { w, h } = group.slot
  const [dx, dy] = set.frame.shape === 'wide' ? [-PILE, PILE] : [PILE, -PILE]
  const most = Math.min(rank, 3)
  return { ...common, ...box(at.x + dx * most, at.y + dy * most, w, h) }
}

/** The row of a partition in an envelope. */
const rowIn = (envelope: Box, row: number): Box =>
  box(envelope.x + 5, envelope.y + 5 + row * ROW, envelope.w - 10, ROW - 3)

const envelopes = (set: Set): { place: EnvelopePlace; group: number; request: SceneRequest }[] => {
  const ranks = new Map<string, number>()
  return Object.values(set.scene.requests)
    .filter(({ api, abandoned }) => api === 'Produce' && !abandoned)
    .flatMap((request) => {
      const group = groupOf(set, request)
      if (group < 0) return []
      const pile = `${group} ${isAnswer(request)}`
      const rank = ranks.get(pile) ?? 0
      ranks.set(pile, rank + 1)
      return [
        { place: envelopePlace(set, request, set.frame.groups[group]!, rank), group, request },
      ]
    })
}

/** Whether the log has this batch, as many times as it was sent. */
const isStored = (set: Set, broker: BrokerPicture, id: string): boolean => {
  const batch = set.scene.batches[id]
  if (batch === undefined) return false
  const log = set.scene.brokers[broker.host]?.logs[laneName(batch)] ?? []
  const copies = log.filter(({ record }) => record === batch.records[0]).length
  return copies > (set.batches.get(id)?.attempts ?? 0)
}

/** Batches that are in no deque: at the Sender, in an envelope, in the log and not answered yet. */
const outside = (set: Set, sent: ReturnType<typeof envelopes>): BatchPlace[] => {
  const inDeques = new Set(
    set.snapshot.accumulator.deques.flatMap((d) => d.batches.map((b) => batchId(b.number))),
  )
  return [...set.batches].flatMap(([id, batch]) => {
    if (inDeques.has(id)) return []
    const name = laneName(batch)
    const g = set.brokers.findIndex(({ lanes }) => lanes.some((lane) => lane.name === name))
    const [broker, group] = [set.brokers[g], set.frame.groups[g]]
    if (broker === undefined || group === undefined) return []
    const row = broker.lanes.findIndex((lane) => lane.name === name)
    const carrier = sent.find(({ request }) => request.batches.includes(id))
    // An answer comes back without it: whatever it says, the batch was with the broker.
    if (isStored(set, broker, id) || carrier?.place.back) {
      const log = group.logs[row]!
      return [batchPlace(batch, box(log.x + log.w - 82, log.y + 2, 78, log.h - 4), { small: true })]
    }
    const at = rowIn(carrier?.place ?? group.slot, row)
    return [batchPlace(batch, at, { small: true, quick: carrier?.place.quick ?? false })]
  })
}

/** Slips inside a bracket: behind the header, each as wide as its bytes, from the right. */
export const slipsIn = (scene: Scene, place: BatchPlace, limitBytes: number): RecordPlace[] => {
  const batch = scene.batches[place.key]
  if (batch === undefined || limitBytes === 0) return []
  const scale = (place.w - 4) / Math.max(limitBytes, batch.bytes)
  let right = place.x + place.w - 2 - HEADER_BYTES * scale
  const pad = place.small ? 3 : 4
  return batch.records.flatMap((id) => {
    const record = scene.records[id]
    if (record?.bytes == null) return []
    const w = record.bytes * scale
    right -= w
    const at = box(right + 0.5, place.y + pad, Math.max(1.5, w - 1), place.h - 2 * pad)
    return [slip(record, at, place.quick)]
  })
}

const slip = (record: SceneRecord, at: Box, quick = false): RecordPlace => ({
  key: `record ${record.id}`,
  text: record.value ?? '',
  failed: record.place === 'failed',
  quick,
  ...at,
})

const ENTERING = new Set(['send', 'interceptors', 'metadata', 'serializer', 'partitioner'])

/** Records that are in no batch: they are on their way, or they wait for memory. */
const atEntry = (set: Set): RecordPlace[] => {
  const { entry, shape } = set.frame
  const waiting = Object.values(set.scene.records).filter(({ place }) => ENTERING.has(place))
  const [w, h, pitchX, pitchY] = [34, 22, 40, 28]
  const columns = Math.max(1, Math.floor((entry.w - 8) / pitchX))
  const top = shape === 'wide' ? 62 : 24
  const rows = Math.max(1, Math.floor((entry.h - top - 4) / pitchY))
  const fits = columns * rows
  if (waiting.length > fits) {
    set.more.push({
      key: 'entry',
      x: entry.x + entry.w - 8,
      y: entry.y + entry.h - 6,
      count: waiting.length - fits,
    })
  }
  return waiting.slice(0, fits).map((record, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)]
    return slip(record, box(entry.x + 8 + column * pitchX, entry.y + top + row * pitchY, w, h))
  })
}

const inOrder = <T extends { readonly key: string }>(tokens: readonly T[]): T[] =>
  [...tokens].sort((a, b) => (a.key < b.key ? -1 : 1))

export const accumulatorTokensOf = (
  picture: Picture,
  frame: AccumulatorFrame,
): AccumulatorTokens => {
  const set: Set = { ...picture, frame, more: [] }
  const sent = envelopes(set)
  const queued = picture.brokers.flatMap((broker, g) =>
    broker.lanes.flatMap((lane, i) => {
      const at = frame.groups[g]!.lanes[i]!
      const places = dequePlaces(lane.batches, at)
      const count = lane.batches.length - places.length
      if (count > 0) set.more.push({ key: lane.name, x: at.x + 20, y: at.y + 12, count })
      return places.map(({ batch, at: b }) =>
        batchPlace(batch, b, { open: batch.open && batch === lane.batches.at(-1) }),
      )
    }),
  )
  const batches = [...queued, ...outside(set, sent)]
  const records = [
    ...atEntry(set),
    ...batches.flatMap((place) =>
      slipsIn(set.scene, place, set.batches.get(place.key)?.limitBytes ?? 0),
    ),
  ]
  return {
    batches: inOrder(batches),
    records: inOrder(records),
    envelopes: inOrder(sent.map(({ place }) => place)),
    more: set.more,
  }
}
