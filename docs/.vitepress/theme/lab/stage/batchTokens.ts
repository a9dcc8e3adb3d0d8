/**
 * Where the batches are: in the lane of their partition, at the Sender, in the envelope of their
 * request. A batch that is done or failed has no place.
 */

import type { SceneBatch } from '../../../../../lab/scene/Scene.ts'
import { type Box, box, inset, row } from './geometry.ts'
import { fold } from './requestTokens.ts'
import type { BatchToken, RequestToken, StageSet } from './staged.ts'

/** Kafka's default `batch.size`. */
export const BATCH_SIZE = 16_384

const token = (batch: SceneBatch, at: Box, more: Partial<BatchToken> = {}): BatchToken => ({
  key: `batch ${batch.id}`,
  id: batch.id,
  title:
    `batch of ${batch.topic}-${batch.partition}: ${batch.records.length} record` +
    `${batch.records.length === 1 ? '' : 's'}, ${batch.bytes} of ${BATCH_SIZE} bytes`,
  open: false,
  fill: batch.bytes / BATCH_SIZE,
  bytes: batch.bytes,
  inLane: false,
  quick: false,
  ...at,
  ...more,
})

/** The part of an envelope in which its content stands: above the label. */
export const contentOf = (envelope: Box): Box => {
  const pad = 4
  return box(envelope.x + pad, envelope.y + 4, envelope.w - 2 * pad, envelope.h - 22)
}

/** What a lane has left of its length for brackets: the nose before them, the numbers behind. */
export const roomIn = (lane: Box): Box =>
  box(lane.x + lane.h / 2 + 2, lane.y + 4, lane.w - lane.h / 2 - 112, lane.h - 8)

const inLane = (set: StageSet, partition: string, lane: Box): BatchToken[] => {
  const ids = set.scene.producers[set.cast.producer]?.deques[partition] ?? []
  const batches = ids.map((id) => set.scene.batches[id]).filter((b) => b !== undefined)
  // Wide enough to read what is in it, as long as there is room.
  const most = Math.max(1, ...batches.map(({ records }) => records.length))
  const max = Math.min(250, Math.max(124, most * 84 + 14))
  const places = row(batches.length, roomIn(lane), { min: 44, max, gap: 8 })
  const hidden = batches.length - places.length
  fold(set, hidden, `lane ${partition}`, { x: lane.x + lane.w - 26, y: lane.y + 10 })
  return places.map((at, i) => {
    // The newest is always shown: it is the one that still takes records.
    const batch = i === places.length - 1 ? batches.at(-1)! : batches[i]!
    const newest = batch === batches.at(-1)
    return token(batch, at, { open: newest && batch.tries === 0, inLane: true })
  })
}

const inEnvelope = (set: StageSet, request: RequestToken): BatchToken[] => {
  const { scene } = set
  const batches = (scene.requests[request.id]?.batches ?? [])
    .map((id) => scene.batches[id])
    .filter((b) => b !== undefined && b.place === 'inFlight')
    .filter((b) => !request.back && !isStored(set, b!)) as SceneBatch[]
  const content = contentOf(request)
  const places = row(batches.length, content, { min: 12, max: content.w, gap: 3 })
  return places.map((at, i) => token(batches[i]!, at, { quick: request.quick }))
}

/** Whether the log has this batch, as many times as it was sent. */
export const isStored = ({ scene, cast }: StageSet, batch: SceneBatch): boolean => {
  const log = scene.brokers[cast.broker]?.logs[`${batch.topic}-${batch.partition}`] ?? []
  const copies = log.filter(({ record }) => record === batch.records[0]).length
  return copies >= Math.max(1, batch.tries)
}

export const batchTokens = (set: StageSet, requests: readonly RequestToken[]): BatchToken[] => {
  const { frame, cast, scene } = set
  const lanes = cast.lanes.flatMap((name, i) => inLane(set, name, frame.producer.lanes[i]!))
  const sent = requests.flatMap((request) => inEnvelope(set, request))
  const carried = new Set(Object.values(scene.requests).flatMap(({ batches }) => batches))
  const between = Object.values(scene.batches).filter(
    (b) => b.place === 'inFlight' && !carried.has(b.id) && !isStored(set, b),
  )
  const spots = row(between.length, inset(frame.producer.loop, 0, 2), { min: 14, max: 60, gap: 2 })
  return [...lanes, ...sent, ...spots.map((at, i) => token(between[i]!, at))]
}
