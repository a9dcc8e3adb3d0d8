/**
 * Places everything of a scene on the road of the home page.
 *
 *     scene + clock + layout ─► slips, batches, envelopes, each with an x and a y
 *
 * Each record has one slip, which goes from the program through its batch and its request into the
 * log; what the consumer fetches is a second slip, the copy, which leaves from the same cell.
 *
 * I1  A slip stands where the scene says that the record is, and nowhere else. Between two scenes
 *     the slip moves there by itself.
 * I2  What is on a wire stands at the clock's part of its way.
 */

import { isAnswer, type Scene, type SceneRequest } from '../../../../lab/scene/Scene.ts'
import { logCells } from '../signs/logCells.ts'
import type { Leg, Point, Rect, RoadLayout } from './roadLayout.ts'

export const TOPIC = 'greetings'
export const CELL = 34
const SLIP = { w: 18, h: 22 }
/** Copies further back in a log than this have long been read. */
const COPIES = 6

export interface Slip extends Point {
  readonly id: string
  readonly text: string
  /** The newest record: the one that the reader follows. */
  readonly mine: boolean
  readonly failed: boolean
  /** On a wire: it follows the clock and does not glide. */
  readonly riding: boolean
}

export interface Envelope extends Rect {
  readonly id: string
  readonly label: string
  readonly isAnswer: boolean
  readonly riding: boolean
  readonly lost: boolean
  /** The batches that it holds, relative to it. */
  readonly batches: readonly { readonly id: string; readonly x: number; readonly w: number }[]
  readonly carriesRecords: boolean
}

export interface WaitingBatch extends Rect {
  readonly id: string
}

export interface Road {
  readonly slips: readonly Slip[]
  readonly envelopes: readonly Envelope[]
  readonly waiting: readonly WaitingBatch[]
  /** The newest record's value and where it was stored, as `send` told the program. */
  readonly sent: { readonly value: string; readonly stored: string } | null
  /** The newest value that `poll` has given. */
  readonly received: string | null
}

export const roadOf = (scene: Scene, clockMs: number, layout: RoadLayout): Road => {
  const waiting = waitingBatches(scene, layout)
  const envelopes = requestsInFlight(scene).map((r) => envelopeOf(scene, r, clockMs, layout))
  const placed = { scene, layout, waiting, envelopes, mine: newest(scene) }
  return {
    slips: [...copies(placed), ...originals(placed)],
    envelopes,
    waiting,
    sent: sentOf(scene),
    received: Object.values(scene.consumers)[0]?.received.at(-1)?.value ?? null,
  }
}

interface Placed {
  readonly scene: Scene
  readonly layout: RoadLayout
  readonly waiting: readonly WaitingBatch[]
  readonly envelopes: readonly Envelope[]
  readonly mine: string | null
}

/** Entries and next offset of the log of a partition. */
export const logOf = (scene: Scene, partition: number) =>
  Object.values(scene.brokers)[0]?.logs[`${TOPIC}-${partition}`] ?? []

const newest = (scene: Scene): string | null => Object.keys(scene.records).at(-1) ?? null

const sentOf = (scene: Scene): Road['sent'] => {
  const record = scene.records[newest(scene) ?? '']
  if (record === undefined) return null
  const { value, offset, partition, place } = record
  const isStored = place === 'acknowledged' && offset !== null && offset >= 0
  return { value: value ?? 'null', stored: isStored ? `${TOPIC}-${partition}@${offset}` : '' }
}

// ---- batches

const batchWidth = (records: number, room: number): number => Math.min(room, 12 + records * 20)

const waitingBatches = (scene: Scene, { lanes }: RoadLayout): WaitingBatch[] => {
  const producer = Object.values(scene.producers)[0]
  if (producer === undefined) return []
  return lanes.flatMap((lane, partition) => {
    let x = lane.x + 20
    return (producer.deques[`${TOPIC}-${partition}`] ?? []).map((id) => {
      const w = batchWidth(scene.batches[id]?.records.length ?? 0, lane.w - 70)
      const place = { id, x, y: lane.y + 3, w, h: lane.h - 6 }
      x += w + 6
      return place
    })
  })
}

/** The place of record `index` of `count` in a batch at `box`. */
const inBatch = (box: Rect, index: number, count: number): Point => {
  const step = Math.min(20, (box.w - 12) / count)
  return { x: box.x + 7 + index * step, y: box.y + (box.h - SLIP.h) / 2 }
}

// ---- requests

const requestsInFlight = (scene: Scene): SceneRequest[] =>
  [...Object.values(scene.producers), ...Object.values(scene.consumers)]
    .flatMap(({ inFlight }) => inFlight)
    .flatMap((id) => scene.requests[id] ?? [])

const envelopeOf = (
  scene: Scene,
  request: SceneRequest,
  clockMs: number,
  layout: RoadLayout,
): Envelope => {
  const { id, api, place, batches, carries } = request
  const back = isAnswer(request)
  const packet = Object.values(scene.packets).find((p) => p.request === id)
  const widths = back ? [] : batches.map((b) => batchWidth(recordsIn(scene, b), 92))
  const carriesRecords = back && carries.length > 0
  const w = Math.max(
    api === 'Fetch' ? 50 : 64,
    ...widths.map((width) => width + 40),
    carriesRecords ? 66 : 0,
  )
  const h = widths.length > 0 ? 72 : carriesRecords ? 62 : 34
  let t = place === 'client' || (place === 'back' && !packet) ? 0 : 1
  if (packet) t = share(clockMs, packet.sentMs, packet.arrivesMs)
  const middle = placeOfRequest(scene, request, packet !== undefined, t, { w, h }, layout)
  return {
    id,
    x: middle.x - w / 2,
    y: middle.y - h / 2,
    w,
    h,
    label: api,
    isAnswer: back,
    riding: packet !== undefined,
    lost: packet?.lost ?? false,
    batches: widths.map((width, i) => ({ id: batches[i]!, x: (w - width) / 2, w: width })),
    carriesRecords,
  }
}

const recordsIn = (scene: Scene, batch: string): number => scene.batches[batch]?.records.length ?? 0

const share = (nowMs: number, fromMs: number, toMs: number): number =>
  toMs <= fromMs ? 1 : Math.max(0, Math.min(1, (nowMs - fromMs) / (toMs - fromMs)))

const placeOfRequest = (
  scene: Scene,
  request: SceneRequest,
  onWire: boolean,
  t: number,
  size: { readonly w: number; readonly h: number },
  layout: RoadLayout,
): Point => {
  const { client, place } = request
  const isProducer = client in scene.producers
  if (!onWire && place === 'purgatory') return layout.purgatory
  if (!onWire && (place === 'queue' || place === 'handling')) {
    return isProducer ? layout.handled : layout.purgatory
  }
  // Both wires are drawn in the direction of the record: the producer's question and the
  // consumer's answer go with it, the other two against it.
  const withRecord = isProducer === !isAnswer(request)
  return along(isProducer ? layout.out : layout.home, withRecord ? t : 1 - t, size, layout)
}

const along = (
  { from, to }: Leg,
  t: number,
  { w, h }: { readonly w: number; readonly h: number },
  { tall }: RoadLayout,
): Point => {
  const inset = (tall ? h : w) / 2 + 3
  const [a, b] = tall ? [from.y, to.y] : [from.x, to.x]
  const at = a + inset + t * (b - a - 2 * inset)
  return tall ? { x: from.x, y: at } : { x: at, y: from.y }
}

// ---- records

const originals = ({ scene, layout, waiting, envelopes, mine }: Placed): Slip[] => {
  const cells = cellsOf(scene, layout)
  let entering = 0
  return Object.values(scene.records).flatMap((record) => {
    const slip = (at: Point, riding = false): Slip => ({
      id: record.id,
      text: record.value ?? '',
      mine: record.id === mine,
      failed: record.place === 'failed',
      riding,
      ...at,
    })
    const cell = cells.get(record.id)
    if (cell !== undefined) return cell === null ? [] : [slip(cell)]
    const batch = scene.batches[record.batch ?? '']
    const of = batch?.records.length ?? 1
    const index = batch?.records.indexOf(record.id) ?? 0
    const box = waiting.find(({ id }) => id === batch?.id)
    if (box) return [slip(inBatch(box, index, of))]
    for (const envelope of envelopes) {
      const held = envelope.batches.find(({ id }) => id === batch?.id)
      if (!held) continue
      const inside = { x: envelope.x + held.x, y: envelope.y + 22, w: held.w, h: 30 }
      return [slip(inBatch(inside, index, of), envelope.riding)]
    }
    if (record.place === 'acknowledged') return []
    return [slip(inProgram(layout.program, entering++))]
  })
}

const inProgram = ({ x, y, h }: Rect, index: number): Point => ({
  x: x + 16 + index * 20,
  y: y + h - 32,
})

/** The middle of each stored record's cell, by record; `null` when its cell is not shown. */
const cellsOf = (scene: Scene, { logs }: RoadLayout): Map<string, Point | null> => {
  const cells = new Map<string, Point | null>()
  for (const [partition, strip] of logs.entries()) {
    const entries = logOf(scene, partition)
    const { places } = logCells({ w: strip.w, h: strip.h, cell: CELL, entries })
    for (const { offset, record } of entries) {
      if (record === null) continue
      const place = places.find((shown) => shown.offset === offset)
      const y = strip.y + strip.h / 2 - SLIP.h / 2
      cells.set(record, place ? { x: strip.x + place.x + (CELL - SLIP.w) / 2, y } : null)
    }
  }
  return cells
}

/** What the consumer fetched, fetches, or has not fetched yet: then it lies upon the original. */
const copies = ({ scene, layout, envelopes, mine }: Placed): Slip[] => {
  const cells = cellsOf(scene, layout)
  const consumer = Object.values(scene.consumers)[0]
  const received = consumer?.received ?? []
  return layout.logs.flatMap((_, partition) => {
    const name = `${TOPIC}-${partition}`
    return logOf(scene, partition)
      .slice(-COPIES)
      .flatMap(({ offset, record }) => {
        if (record === null) return []
        const isHere = { partition: name, offset }
        const given = received.findIndex((r) => r.partition === name && r.offset === offset)
        const carrier = carrierOf(scene, envelopes, isHere)
        const fetched = consumer?.fetched.some((f) => f.partition === name && f.from <= offset)
        const back = given < 0 ? 0 : received.length - 1 - given
        const at =
          given >= 0 || fetched
            ? inReader(layout.reader, back)
            : carrier
              ? middleOf(carrier)
              : cells.get(record)
        if (!at) return []
        const text = scene.records[record]?.value ?? ''
        const riding = given < 0 && (carrier?.riding ?? false)
        return [{ id: `${record} read`, text, mine: record === mine, failed: false, riding, ...at }]
      })
  })
}

const carrierOf = (
  scene: Scene,
  envelopes: readonly Envelope[],
  { partition, offset }: { readonly partition: string; readonly offset: number },
): Envelope | undefined =>
  envelopes.find(({ id, carriesRecords }) => {
    if (!carriesRecords) return false
    const carries = scene.requests[id]?.carries ?? []
    return carries.some((c) => c.partition === partition && c.from <= offset && offset < c.to)
  })

const middleOf = ({ x, y, w, h }: Rect): Point => ({
  x: x + w / 2 - SLIP.w / 2,
  y: y + (h - 14) / 2 - SLIP.h / 2 + 4,
})

/** The newest below the line that polls; older ones above it, the newer the further left. */
const inReader = ({ x, y, w, h }: Rect, back: number): Point => {
  if (back === 0) return { x: x + 16, y: y + h - 32 }
  const shown = Math.min(back - 1, Math.floor((w - 40) / 20) - 1)
  return { x: x + 16 + shown * 20, y: y + 14 }
}
