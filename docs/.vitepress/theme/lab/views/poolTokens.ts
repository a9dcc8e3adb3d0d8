/**
 * What the pool's stage draws at one moment, besides the cells: the requests on their way with the
 * programs whose batches they carry, who waits, and what each program has going.
 *
 * I1  A picture depends on the recording, the moment's index and the clock alone.
 */

import type { PoolDeed } from '../../../../../lab/pool/PoolHistory.ts'
import {
  isAnswer,
  type Scene,
  type ScenePacket,
  type SceneRequest,
} from '../../../../../lab/scene/Scene.ts'
import type { ProducerSnapshot } from '../../../../../lab/snapshots.ts'
import { type Box, box } from '../stage/geometry.ts'
import { ANSWER } from './accumulatorFrame.ts'
import type { PoolFrame } from './poolFrame.ts'

export const PROGRAM_NAMES = ['A', 'B', 'C', 'D'] as const

export const programOf = (topic: string): string => topic.toUpperCase()

export interface PoolEnvelope extends Box {
  readonly key: string
  readonly label: string
  readonly title: string
  readonly back: boolean
  readonly lost: boolean
  readonly quick: boolean
  /** Whose batches it carries, or brings the outcome of. */
  readonly programs: readonly string[]
}

const packetOf = (scene: Scene, request: SceneRequest): ScenePacket | undefined =>
  Object.values(scene.packets)
    .filter((p) => p.request === request.id && p.isResponse === isAnswer(request))
    .sort((a, b) => Number(a.lost) - Number(b.lost) || a.sentMs - b.sentMs)
    .at(-1)

const shareOf = ({ sentMs, arrivesMs, lost }: ScenePacket, clockMs: number): number => {
  const share = (clockMs - sentMs) / Math.max(0.001, arrivesMs - sentMs)
  return Math.max(0, Math.min(lost ? 0.5 : 1, share))
}

const PILE = 7
/** How far something comes that does not arrive. */
const HELD = 0.5

const placeOf = (frame: PoolFrame, request: SceneRequest, share: number | null): Box => {
  const { slot, desk, back } = frame.group
  if (isAnswer(request)) {
    const at = share ?? (request.place === 'arrived' ? 1 : 0)
    const x = back[0].x + (back[1].x - back[0].x) * at
    const y = back[0].y + (back[1].y - back[0].y) * at
    return box(x - ANSWER.w / 2, y - ANSWER.h / 2, ANSWER.w, ANSWER.h)
  }
  const at = request.place === 'out' ? (share ?? 1) : request.place === 'client' ? 0 : 1
  const x = slot.x + (desk.x - slot.x) * at
  const y = slot.y + (desk.y - slot.y) * at
  return box(x, y, slot.w, slot.h)
}

/** @param away nothing arrives: what is on its way stays there */
export const poolEnvelopes = (
  scene: Scene,
  clockMs: number,
  frame: PoolFrame,
  away = false,
): PoolEnvelope[] => {
  const seen = new Map<string, number>()
  return Object.values(scene.requests)
    .filter(({ api, abandoned }) => api === 'Produce' && !abandoned)
    .map((request) => {
      const packet = packetOf(scene, request)
      const share =
        packet === undefined ? null : Math.min(away ? HELD : 1, shareOf(packet, clockMs))
      const at = placeOf(frame, request, share)
      const pile = `${Math.round(at.x)} ${Math.round(at.y)}`
      const rank = Math.min(3, seen.get(pile) ?? 0)
      seen.set(pile, rank + 1)
      const [dx, dy] = frame.shape === 'wide' ? [-PILE, PILE] : [PILE, -PILE]
      const lost = packet?.lost === true && share === 0.5
      const programs = request.batches.map((id) => programOf(scene.batches[id]?.topic ?? ''))
      const what = isAnswer(request) ? 'The answer to Produce' : 'Produce'
      return {
        ...box(at.x + dx * rank, at.y + dy * rank, at.w, at.h),
        key: `request ${request.id}`,
        label: isAnswer(request) ? '' : `#${request.correlationId}`,
        title: `${what} ${request.correlationId}: ${programs.join(', ')}`,
        back: isAnswer(request),
        lost,
        quick: packet !== undefined && !lost,
        programs,
      }
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

export interface ProgramPicture {
  readonly name: string
  readonly topic: string
  readonly sent: number
  readonly stored: number
  readonly failed: number
  /** Names of the records that stand in the waiting room, the first first. */
  readonly waiting: readonly string[]
  /** The first of them stands in the pool's line. */
  readonly inLine: boolean
}

const ENTERING = new Set(['send', 'interceptors', 'metadata', 'serializer', 'partitioner'])

export const programPictures = (
  scene: Scene,
  waitingSends: ProducerSnapshot['waitingSends'],
  inLine: ReadonlySet<string>,
): ProgramPicture[] =>
  PROGRAM_NAMES.map((name) => {
    const topic = name.toLowerCase()
    const records = Object.values(scene.records).filter((record) => record.topic === topic)
    const sends = waitingSends.find((w) => w.topic === topic)?.sends ?? 0
    const entering = records.filter(({ place }) => ENTERING.has(place))
    return {
      name,
      topic,
      sent: records.length,
      stored: records.filter(({ place }) => place === 'acknowledged').length,
      failed: records.filter(({ place }) => place === 'failed').length,
      waiting: entering.slice(0, sends).map(({ value }) => value ?? ''),
      inLine: inLine.has(topic),
    }
  })

/** Who passes at this moment, and whom. */
export interface Pass {
  readonly name: string
  readonly over: readonly string[]
  readonly why: string
}

export const passOf = (deed: PoolDeed | undefined): Pass | null =>
  deed?.kind !== 'passes' || deed.topic === null
    ? null
    : {
        name: programOf(deed.topic),
        over: deed.line.map(programOf),
        why: deed.rung ? 'the bell has rung, nobody is awake yet' : 'the bell has not rung yet',
      }

export interface PassPath {
  readonly way: string
  readonly head: string
  readonly badge: { readonly x: number; readonly y: number }
}

/** From a program beside the line, not through it, to the cell that it got. */
export const passPath = (frame: PoolFrame, program: number, cell: number): PassPath => {
  const from = frame.programs[program]!
  const to = frame.cells[cell]!
  const { line, memory } = frame
  const isWide = frame.shape === 'wide'
  const [x, endY] = [to.x + (isWide ? to.w / 2 : 8), to.y + to.h + 2]
  const gapX = isWide ? from.x + from.w + 5 : line.x + line.w + 5
  const turnY = isWide ? memory.y + memory.h + 24 : memory.y + memory.h + 28
  const start = `M${from.x + from.w} ${from.y + 14}`
  return {
    way: `${start}H${gapX}V${turnY}H${x}V${endY + 6}`,
    head: `M${x} ${endY}l-4.500 8h9z`,
    badge: { x: gapX, y: line.y + (isWide ? line.h / 2 : line.h * 0.5) },
  }
}

/** From the first in line to the cells that are reserved for it. */
export const tiePath = (
  { cells, places, memory }: PoolFrame,
  reserved: readonly number[],
): string => {
  const first = places[0]!
  const below = memory.y + memory.h
  const middles = reserved.map((i) => cells[i]!.x + cells[i]!.w / 2)
  const x = first.x + 5
  const [from, to] = [Math.min(x, ...middles), Math.max(x, ...middles)]
  const ticks = middles.map((middle) => `M${middle} ${below + 2}V${below + 12}`).join('')
  return `${ticks}M${from} ${below + 12}H${to}M${x} ${below + 12}V${first.y}`
}
