/**
 * Where the records are: at a station of the producer, in their batch, at their offset in the log,
 * and, as what the consumer reads, on to its program.
 */

import type { SceneRecord } from '../../../../../lab/scene/Scene.ts'
import { logCells } from '../../signs/logCells.ts'
import { contentOf } from './batchTokens.ts'
import { type Box, box, inset, row } from './geometry.ts'
import { fold } from './requestTokens.ts'
import {
  type BatchToken,
  ownRecord,
  type RecordToken,
  type RequestToken,
  type StageSet,
} from './staged.ts'

const SLIPS = { min: 12, max: 108, gap: 3 }

const textOf = ({ key, value }: { key: string | null; value: string | null }): string =>
  key === null ? (value ?? 'null') : `${key}: ${value ?? 'null'}`

const slip = (key: string, text: string, at: Box, more: Partial<RecordToken> = {}) => ({
  key,
  text,
  title: text,
  solid: false,
  failed: false,
  folded: false,
  resting: false,
  quick: false,
  ...at,
  ...more,
})

interface Standing {
  readonly key: string
  readonly text: string
  readonly solid: boolean
  readonly failed?: boolean
}

/** Slips side by side; the last places go to the newest, what has no room is folded. */
const inRow = (
  set: StageSet,
  standing: readonly Standing[],
  room: Box,
  name: string,
  quick = false,
): RecordToken[] => {
  const places = row(standing.length, room, SLIPS)
  const hidden = standing.length - places.length
  fold(set, hidden, name, { x: room.x + room.w - 16, y: room.y - 4 })
  return standing.map((s, i) => {
    const at = places[Math.max(0, i - hidden)]!
    const { key, text, solid, failed = false } = s
    return slip(key, text, at, { solid, failed, folded: i < hidden, quick })
  })
}

export const logCellWidth = (log: Box, count: number): number =>
  Math.max(32, Math.min(108, (log.w - log.h / 2 - 8) / (count + 1)))

/** The cells of a partition's log, and the room of each for a slip. */
export const cellsOf = (set: StageSet, partition: string) => {
  const log = set.frame.broker.logs[set.cast.lanes.indexOf(partition)]
  const entries = set.scene.brokers[set.cast.broker]?.logs[partition] ?? []
  if (log === undefined) return null
  const cells = logCells({ w: log.w, h: log.h, cell: logCellWidth(log, entries.length), entries })
  const first = box(log.x + log.h / 2 + 9, log.y + 4, 0, log.h - 8)
  const at = (offset: number): { at: Box; folded: boolean } => {
    const place = cells.places.find((p) => p.offset === offset)
    if (place === undefined) return { at: { ...first, w: cells.width - 8 }, folded: true }
    const x = log.x + place.x + 4
    return { at: box(x, log.y + 4, cells.width - 8, log.h - 8), folded: false }
  }
  return { cells, entries, at }
}

const storedTokens = (set: StageSet, seen: Set<string>, own: string | null): RecordToken[] =>
  set.cast.lanes.flatMap((partition) => {
    const log = cellsOf(set, partition)
    return (log?.entries ?? []).map(({ offset, record }) => {
      const known = record === null ? undefined : set.scene.records[record]
      const again = record === null || seen.has(record)
      if (record !== null) seen.add(record)
      const key = again ? `stored ${partition} ${offset}` : `record ${record}`
      const { at, folded } = log!.at(offset)
      const text = known === undefined ? '?' : textOf(known)
      return slip(key, text, at, { folded, solid: record !== null && record === own })
    })
  })

const STATIONS = ['send', 'interceptors', 'metadata', 'serializer', 'partitioner'] as const

const stationRoom = ({ frame: { producer, shape } }: StageSet, place: string): Box => {
  if (place === 'send') {
    const { code } = producer
    return box(code.x + 44, code.y + 1, shape === 'wide' ? 116 : 108, 24)
  }
  return inset(producer[place as 'interceptors' | 'metadata' | 'serializer' | 'partitioner'], 5, 8)
}

export const recordTokens = (
  set: StageSet,
  requests: readonly RequestToken[],
  batches: readonly BatchToken[],
): RecordToken[] => {
  const own = ownRecord(set.scene)
  const all = Object.values(set.scene.records)
  const standing = (r: SceneRecord, key = `record ${r.id}`): Standing => ({
    key,
    text: textOf(r),
    solid: r.id === own,
    failed: r.place === 'failed',
  })
  const seen = new Set<string>()
  const stored = storedTokens(set, seen, own)
  const atStations = STATIONS.flatMap((place) => {
    const here = all.filter((r) => r.place === place)
    return inRow(
      set,
      here.map((r) => standing(r)),
      stationRoom(set, place),
      `at ${place}`,
    )
  })
  const inBatches = batches.flatMap((batch) => {
    const records = (set.scene.batches[batch.id]?.records ?? [])
      .map((id) => set.scene.records[id])
      .filter((r) => r !== undefined)
    // One that the log has and that is under way again is a second copy.
    const here = records.map((r) => standing(r, seen.has(r.id) ? `again ${r.id}` : undefined))
    const room = slipRoom(batch)
    return inRow(set, here, room, `in ${batch.id}`, batch.quick)
  })
  const loose = unasked(set, requests, seen)
  const failed = all.filter((r) => r.place === 'failed' && !seen.has(r.id))
  const given = inRow(
    set,
    failed.map((r) => standing(r)),
    stationRoom(set, 'send'),
    'failed',
  )
  const carried = loose.map(({ record, at, quick }) => {
    const { key, text, solid } = standing(record)
    return slip(key, text, at, { solid, quick })
  })
  return [...atStations, ...inBatches, ...carried, ...given, ...stored]
}

const slipRoom = (batch: BatchToken): Box => {
  const pad = batch.w > 60 ? 5 : 3
  const foot = batch.inLane ? 7 : 0
  const h = Math.min(24, batch.h - foot - 6)
  const y = batch.y + (batch.h - foot - h) / 2
  return box(batch.x + pad, y, batch.w - 2 * pad, h)
}

/** acks=0: the producer is done with a record while its request is still on the way. */
const unasked = (set: StageSet, requests: readonly RequestToken[], seen: ReadonlySet<string>) =>
  requests.flatMap((token) => {
    const request = set.scene.requests[token.id]
    const records = (request?.batches ?? [])
      .filter((id) => set.scene.batches[id]?.place === 'done')
      .flatMap((id) => set.scene.batches[id]?.records ?? [])
      .filter((id) => !seen.has(id))
      .map((id) => set.scene.records[id])
      .filter((r) => r !== undefined)
    const content = contentOf(token)
    const room = box(content.x + 4, content.y + 6, content.w - 8, Math.min(24, content.h - 8))
    const places = row(records.length, room, SLIPS)
    return places.map((at, i) => ({ record: records[i]!, at, quick: token.quick }))
  })

/** Where the copy of a stored record is that the consumer reads; `null`: it rests in the log. */
const readPlace = (set: StageSet, partition: string, offset: number): string | null => {
  const consumer = set.scene.consumers[set.cast.consumer]
  const is = (other: string) => other === partition
  if (consumer?.received.some((r) => is(r.partition) && r.offset === offset)) return 'given'
  const position = consumer?.positions[partition] ?? 0
  if (offset < position) return 'deserializer'
  if (consumer?.fetched.some((f) => is(f.partition) && offset >= f.from)) return 'buffer'
  const answer = Object.values(set.scene.requests).find((request) =>
    request.carries.some((c) => is(c.partition) && offset >= c.from && offset < c.to),
  )
  if (answer !== undefined) return answer.id
  const isRead = consumer?.reading.some((r) => is(r.partition) && offset >= r.from && offset < r.to)
  return isRead ? 'door' : null
}

const readKey = (partition: string, offset: number): string => `read ${partition} ${offset}`

const readRoom = (set: StageSet, place: string, requests: readonly RequestToken[]) => {
  const { consumer, answer } = set.frame
  if (place === 'buffer') return { room: inset(consumer.buffer, 10, 13), quick: false }
  if (place === 'deserializer') return { room: inset(consumer.deserializer, 6, 13), quick: false }
  const request = requests.find(({ id }) => id === place)
  const envelope =
    request ?? box(answer.x - answer.w / 2, answer.toY - answer.h / 2, answer.w, answer.h)
  const content = contentOf(envelope)
  const room = box(content.x, content.y + 6, content.w, Math.min(24, content.h - 8))
  return { room, quick: request?.quick ?? false }
}

export const readTokens = (set: StageSet, requests: readonly RequestToken[]): RecordToken[] => {
  const own = ownRecord(set.scene)
  const groups = new Map<string, Standing[]>()
  const resting: RecordToken[] = []
  for (const partition of set.cast.lanes) {
    const log = cellsOf(set, partition)
    for (const { offset, record } of log?.entries ?? []) {
      const known = record === null ? undefined : set.scene.records[record]
      const text = known === undefined ? '?' : textOf(known)
      const one = {
        key: readKey(partition, offset),
        text,
        solid: record !== null && record === own,
      }
      const place = readPlace(set, partition, offset)
      if (place === null) resting.push(slip(one.key, text, log!.at(offset).at, { resting: true }))
      else groups.set(place, [...(groups.get(place) ?? []), one])
    }
  }
  const moving = [...groups].flatMap(([place, standing]) => {
    if (place === 'given') return givenTokens(set, standing)
    const { room, quick } = readRoom(set, place, requests)
    return inRow(set, standing, room, `read ${place}`, quick)
  })
  return [...resting, ...moving]
}

/** The last values that the program got, one below the other, in the order in which it got them. */
const givenTokens = (set: StageSet, standing: readonly Standing[]): RecordToken[] => {
  const { given } = set.frame.consumer
  const received = set.scene.consumers[set.cast.consumer]?.received ?? []
  const order = received.map((r) => readKey(r.partition, r.offset))
  const sorted = [...standing].sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key))
  const hidden = Math.max(0, sorted.length - given.length)
  const last = given.at(-1)!
  // The older ones are above: so is their number.
  fold(set, hidden, 'given', { x: last.x + last.w - 20, y: given[0]!.y - 12 })
  return sorted.map(({ key, text, solid }, i) => {
    const at = inset(given[Math.max(0, i - hidden)]!, 3, 0)
    return slip(key, text, { ...at, w: Math.min(at.w, 112) }, { solid, folded: i < hidden })
  })
}
