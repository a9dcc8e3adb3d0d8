/**
 * A run on its own axis of time: what happened when, and how long a request took.
 *
 *     sends      ' ' ' ' ' ' ' '''''' ' ' '
 *     broker 1          ▬▬▬   ▬▬▬      ▬▬▬
 *     broker 2            ▬▬▬▬▬▬▬▬▬▬▬▬        ×        expired, or failed
 *               0        50       100       150 ms
 *
 * The scrubber is spaced by events, this line by virtual time: a wait is as long as it was.
 *
 * I1  It shows the whole recording, also what the play head has not reached.
 */

import { is } from '../../../../../lab/moments.ts'
import type { Recording } from '../../../../../lab/Recording.ts'
import type { Noun } from '../../vocabulary.ts'

export interface TimelineTick {
  readonly atMs: number
  readonly title: string
}

export interface TimelineBar extends TimelineTick {
  /** `null`: it has no end in the recording. */
  readonly toMs: number | null
  readonly failed: boolean
}

export interface TimelineLane {
  readonly key: string
  readonly label: string
  readonly noun: Noun
  readonly ticks: readonly TimelineTick[]
  readonly bars: readonly TimelineBar[]
  /** Where something came to a bad end. */
  readonly crosses: readonly TimelineTick[]
}

interface OpenBar {
  atMs: number
  title: string
  toMs: number | null
  failed: boolean
}

/** Sends, the requests to each broker from sent to answered, and batches that failed. */
export const producerTimeline = (
  recording: Recording,
  brokers: readonly { readonly id: number }[],
): TimelineLane[] => {
  const sends: TimelineTick[] = []
  const crosses: TimelineTick[] = []
  const drains: TimelineTick[] = []
  const bars = new Map<number, OpenBar[]>(brokers.map(({ id }) => [id, []]))
  const open = new Map<number, OpenBar>()
  for (const moment of recording.moments) {
    const { atMs } = moment
    if (atMs < 0) continue
    if (is(moment, 'producer.send'))
      sends.push({ atMs, title: `a record for ${moment.fields.topic}` })
    else if (is(moment, 'producer.accumulator.drain') && moment.fields.batches > 0) {
      drains.push({ atMs, title: `drain took ${moment.fields.batches}` })
    } else if (is(moment, 'clients.networkClient.doSend') && moment.fields.api === 'Produce') {
      const { correlationId, node, bytes } = moment.fields
      const bar = {
        atMs,
        title: `Produce ${correlationId}, ${bytes} bytes`,
        toMs: null,
        failed: false,
      }
      open.set(correlationId, bar)
      bars.get(node)?.push(bar)
    } else if (is(moment, 'clients.clientResponse.onComplete')) {
      const bar = open.get(moment.fields.correlationId)
      if (bar === undefined) continue
      bar.toMs = atMs
      bar.failed = moment.fields.failure !== ''
    } else if (is(moment, 'producer.batch.complete') && moment.fields.error !== '') {
      const { topic, partition, error } = moment.fields
      crosses.push({ atMs, title: `a batch of ${topic}-${partition} failed: ${error}` })
    }
  }
  return [
    { key: 'sends', label: 'send', noun: 'record', ticks: sends, bars: [], crosses },
    { key: 'drains', label: 'drain', noun: 'batch', ticks: drains, bars: [], crosses: [] },
    ...brokers.map(({ id }): TimelineLane => {
      const lane = { key: `broker ${id}`, label: `broker ${id}`, noun: 'request' } as const
      return { ...lane, ticks: [], bars: bars.get(id) ?? [], crosses: [] }
    }),
  ]
}

/** The time of the last thing that is shown, and a little more. */
export const timelineEndMs = (lanes: readonly TimelineLane[], clockMs: number): number => {
  const times = lanes.flatMap(({ ticks, bars, crosses }) => [
    ...ticks.map(({ atMs }) => atMs),
    ...crosses.map(({ atMs }) => atMs),
    ...bars.map(({ atMs, toMs }) => toMs ?? atMs),
  ])
  return Math.max(100, clockMs, ...times) * 1.02
}

/** Times for the axis: at most `most`, at round numbers. */
export const timelineSteps = (endMs: number, most: number): number[] => {
  const step =
    [10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((s) => endMs / s <= most) ?? 10_000
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, i) => i * step)
}
