/**
 * Where the requests are: with their client, on the wire, with the broker, on the way back.
 */

import { isAnswer, type ScenePacket, type SceneRequest } from '../../../../../lab/scene/Scene.ts'
import { along, type Box, box, capacity, type Track } from './geometry.ts'
import type { RequestToken, StageSet, Token } from './staged.ts'

/** How far a packet that will not arrive gets, as a share of its way. */
const TORN_AT = 0.5

const shareOf = (packet: ScenePacket, clockMs: number): number => {
  const share = (clockMs - packet.sentMs) / Math.max(0.001, packet.arrivesMs - packet.sentMs)
  return Math.max(0, Math.min(packet.lost ? TORN_AT : 1, share))
}

const isTorn = (packet: ScenePacket | undefined, clockMs: number): boolean =>
  packet?.lost === true && shareOf(packet, clockMs) >= TORN_AT

const label = (request: SceneRequest): string => `${request.api} ${request.correlationId}`

const token = (request: SceneRequest, at: Box, more: Partial<RequestToken> = {}): RequestToken => ({
  key: `request ${request.id}`,
  id: request.id,
  label: label(request),
  title:
    `${request.api} request ${request.correlationId} of ${request.client}, ` +
    `${request.bytes} bytes`,
  lost: false,
  back: isAnswer(request),
  quick: false,
  ...at,
  ...more,
})

/** The packet of a request that left last: it brings the rest of it. */
const packetOf = (set: StageSet, request: SceneRequest): ScenePacket | undefined =>
  Object.values(set.scene.packets)
    .filter((p) => p.request === request.id && p.isResponse === isAnswer(request))
    .sort((a, b) => Number(a.lost) - Number(b.lost) || a.sentMs - b.sentMs)
    .at(-1)

interface OnWire {
  readonly request: SceneRequest
  readonly share: number
  readonly torn: boolean
  readonly rides: boolean
}

const onWire = (set: StageSet, request: SceneRequest): OnWire | null => {
  const { place } = request
  if (place === 'client' && request.client === set.cast.producer) return null
  if (place !== 'out' && place !== 'client' && !isAnswer(request)) return null
  const packet = packetOf(set, request)
  if (packet !== undefined) {
    const torn = isTorn(packet, set.clockMs)
    return { request, share: shareOf(packet, set.clockMs), torn, rides: !torn }
  }
  const share = place === 'out' || place === 'arrived' ? 1 : 0
  return { request, share, torn: false, rides: false }
}

/** More than fit behind one another travel side by side, in narrower envelopes. */
const MOST_COLUMNS = 3

const ride = (set: StageSet, travellers: OnWire[], track: Track): RequestToken[] => {
  travellers.sort((a, b) => b.share - a.share || a.request.correlationId - b.request.correlationId)
  const most = capacity(track)
  const columns = Math.min(MOST_COLUMNS, Math.max(1, Math.ceil(travellers.length / most)))
  const shown = travellers.slice(0, most * columns)
  fold(set, travellers.length - shown.length, `wire ${track.x} ${track.fromY}`, {
    x: track.x + track.w / 2 + 4,
    y: track.fromY,
  })
  const gap = 4
  const w = (track.w - gap * (columns - 1)) / columns
  return Array.from({ length: columns }, (_, column) => {
    const mine = shown.filter((_, i) => i % columns === column)
    const x = track.x - track.w / 2 + column * (w + gap)
    const shares = mine.map(({ share }) => share)
    const centres = along(shares, track)
    return mine.map(({ request, torn, rides }, i) => {
      const at = box(x, centres[i]! - track.h / 2, w, track.h)
      return token(request, at, { lost: torn, quick: rides })
    })
  }).flat()
}

export const fold = (
  set: StageSet,
  count: number,
  key: string,
  { x, y }: { x: number; y: number },
): void => {
  if (count > 0) set.more.push({ key, x, y, count })
}

const inSlots = (
  set: StageSet,
  requests: readonly SceneRequest[],
  slots: readonly Box[],
  name: string,
): RequestToken[] => {
  const last = slots.at(-1)!
  fold(set, requests.length - slots.length, name, { x: last.x + last.w + 4, y: last.y + 12 })
  return requests.slice(0, slots.length).map((request, i) => token(request, slots[i]!))
}

export const requestTokens = (set: StageSet): RequestToken[] => {
  const { scene, frame, cast } = set
  const requests = Object.values(scene.requests)
  const travellers = requests.map((r) => onWire(set, r)).filter((t) => t !== null)
  const on = (back: boolean, client: string) =>
    travellers.filter((t) => isAnswer(t.request) === back && t.request.client === client)
  const broker = scene.brokers[cast.broker]
  const named = (ids: readonly string[]) =>
    ids.map((id) => scene.requests[id]).filter((r) => r !== undefined)
  const inFlight = scene.producers[cast.producer]?.inFlight ?? []
  const handling = scene.requests[broker?.handling ?? '']
  const slotted = named(inFlight).flatMap((request, i) => {
    const slot = frame.producer.slots[Math.min(i, frame.producer.slots.length - 1)]!
    return request.place === 'client' ? [token(request, slot)] : []
  })
  return [
    ...slotted,
    ...ride(set, on(false, cast.producer), frame.produce),
    ...ride(set, on(true, cast.producer), frame.acknowledge),
    ...ride(set, on(false, cast.consumer), frame.fetch),
    ...ride(set, on(true, cast.consumer), frame.answer),
    ...inSlots(set, named(broker?.queue ?? []), frame.broker.queue, 'queue'),
    ...(handling === undefined ? [] : [token(handling, frame.broker.handler)]),
    ...inSlots(set, named(broker?.purgatory ?? []), frame.broker.held, 'held'),
  ]
}

const trackOf = (set: StageSet, { from, to }: ScenePacket): Track | null => {
  const { frame, cast } = set
  if (from === cast.producer) return frame.produce
  if (to === cast.producer) return frame.acknowledge
  if (from === cast.consumer) return frame.fetch
  return to === cast.consumer ? frame.answer : null
}

/** Packets that carry no request: they open and close connections. */
export const dotTokens = (set: StageSet): Token[] =>
  Object.values(set.scene.packets).flatMap((packet) => {
    const track = trackOf(set, packet)
    const known = packet.request !== null && set.scene.requests[packet.request] !== undefined
    if (track === null || known) return []
    const y = track.fromY + (track.toY - track.fromY) * shareOf(packet, set.clockMs)
    const at = box(track.x + track.w / 2 - 4, y - 4, 8, 8)
    return [{ key: `dot ${packet.id}`, title: `packet: ${packet.kind}`, quick: true, ...at }]
  })
