/**
 * A run of the pool on its axis of time: when each program asked, and how long it stood in line.
 *
 *     C   ▬▬▬▬▬▬▬▬▬        ▬▬▬▬▬▬▬×       a bar is a wait, a cross a time-out
 *     D   '     '    '
 */

import { PoolHistory } from '../../../../../lab/pool/PoolHistory.ts'
import type { Recording } from '../../../../../lab/Recording.ts'
import { PRODUCER } from './picture.ts'
import { PROGRAM_NAMES } from './poolTokens.ts'
import { producerTimeline, type TimelineBar, type TimelineLane } from './timeline.ts'

export const poolTimeline = (recording: Recording): TimelineLane[] => {
  const { deeds } = new PoolHistory(recording, PRODUCER).read()
  const requests = producerTimeline(recording, [{ id: 1 }]).filter(({ key }) => key === 'broker 1')
  const lanes = PROGRAM_NAMES.map((name): TimelineLane => {
    const own = deeds.filter(({ topic, atMs }) => topic === name.toLowerCase() && atMs >= 0)
    const bars = own
      .filter(({ kind }) => kind === 'waits')
      .map(({ atMs, waiter, bytes }): TimelineBar => {
        const end = own.find(
          (deed) => deed.waiter === waiter && ['has', 'gaveUp', 'closed'].includes(deed.kind),
        )
        const title = `${name} waits for ${bytes} bytes`
        return { atMs, toMs: end?.atMs ?? null, failed: end?.kind !== 'has', title }
      })
    const ticks = own
      .filter(({ kind }) => kind === 'served' || kind === 'passes')
      .map(({ atMs, kind }) => ({
        atMs,
        title: `${name} ${kind === 'passes' ? 'passes' : 'is served at once'}`,
      }))
    const crosses = own
      .filter(({ kind }) => kind === 'gaveUp')
      .map(({ atMs }) => ({ atMs, title: `the time of ${name} is over` }))
    return { key: name, label: name, noun: 'buffer', ticks, bars, crosses }
  })
  return [...lanes, ...requests]
}
