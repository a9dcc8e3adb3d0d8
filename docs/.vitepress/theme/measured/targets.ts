/** What was aimed at, and what came out. */

import type { Published } from '../../../../bench/publish.ts'
import type { Row } from '../../../../bench/report.ts'

type Sending = Pick<Published['sending'], 'rows' | 'memory'>
type Reading = Pick<Published['reading'], 'rows' | 'slow'>

export interface Target {
  readonly what: string
  readonly aim: string
  readonly measured: string
  readonly met: boolean
  /** By how much it was missed; empty when it was met. */
  readonly missedBy: string
}

/** What producer and consumer should reach, in one run with the others. */
const AIM = {
  sending: { toHandMadeBatches: 2, toJava: 1.2, cpuSecondsPerMillion: 1.5 },
  reading: { toBestPeer: 3, toJava: 0.8, cpuSecondsPerMillion: 0.8 },
}

/** Between a figure and its unit, so that they stay on one line. */
const TIED = '\u00a0'

const percent = (part: number): string => `${Math.max(1, Math.round(part * 100))}${TIED}%`

const atLeast = (what: string, aim: number, measured: number): Target => ({
  what,
  aim: `at least ${aim}${TIED}×`,
  measured: `${measured.toFixed(2)}${TIED}×`,
  met: measured >= aim,
  missedBy: measured >= aim ? '' : percent(1 - measured / aim),
})

const atMost = (what: string, aim: number, measured: number, unit: string): Target => ({
  what,
  aim: `at most ${aim}${TIED}${unit}`,
  measured: `${measured}${TIED}${unit}`,
  met: measured <= aim,
  missedBy: measured <= aim ? '' : percent(measured / aim - 1),
})

const best = (rows: readonly Row[], figure: (row: Row) => number): number | null =>
  rows.length === 0 ? null : Math.min(...rows.map(figure))

/** Against the real broker, of 100 bytes without compression. */
const realOf = (rows: readonly Row[]): Row[] =>
  rows.filter(
    ({ broker, valueBytes, compression }) =>
      broker === 'real' && valueBytes === 100 && compression === 'none',
  )

/** As far as there are rows for them. */
export const targetsOf = (sending: Sending, reading: Reading): Target[] => [
  ...sendingTargets(sending),
  ...readingTargets(reading),
]

const sendingTargets = ({ rows, memory }: Sending): Target[] => {
  const real = realOf(rows)
  const fast = real.filter(({ pace }) => pace.kind === 'flat-out')
  const ours = fast.find(({ contender }) => contender === 'ours')
  const targets: Target[] = []
  if (ours !== undefined) {
    const rate = (row: Row): number => row.recordsPerSecond.median
    const byHand = fast.filter(({ isPeer, contender }) => isPeer && contender.endsWith('-1000'))
    const peer = best(byHand, (row) => -rate(row))
    const what = 'Records a second, to the best JavaScript peer with batches of 1,000 made by hand'
    if (peer !== null)
      targets.push(atLeast(what, AIM.sending.toHandMadeBatches, rate(ours) / -peer))
    const java = fast.find(({ client }) => client === 'java')
    if (java !== undefined) {
      const toJava = rate(ours) / rate(java)
      targets.push(atLeast('Records a second, to the Java producer', AIM.sending.toJava, toJava))
    }
    const cpu = ours.cpuSecondsPerMillion?.median
    if (cpu !== undefined) {
      const per = 'Processor time for a million records'
      targets.push(atMost(per, AIM.sending.cpuSecondsPerMillion, cpu, 's'))
    }
  }
  targets.push(...latencyTargets(real.filter(({ pace }) => pace.kind === 'single')))
  const { growthMb, allowedGrowthMb, gcMaxMs, allowedPauseMs } = memory
  const millions = `over ${memory.records / 1e6} million records`
  targets.push(
    atMost(`Memory beyond what stood before, ${millions}`, allowedGrowthMb, growthMb, 'MB'),
  )
  targets.push(
    atMost(`Longest garbage-collection pause, ${millions}`, allowedPauseMs, gcMaxMs, 'ms'),
  )
  return targets
}

const latencyTargets = (rows: readonly Row[]): Target[] => {
  const ours = rows.find(({ contender }) => contender === 'ours')?.latencyMs
  const peers = rows.filter((row) => row.isPeer && row.latencyMs !== null)
  if (!ours) return []
  return (['p50', 'p99'] as const).flatMap((name) => {
    const peer = best(peers, (row) => row.latencyMs![name].median)
    const what = `One record at a time, ${name}, to the best JavaScript peer`
    return peer === null
      ? []
      : [atMost(what, Number(peer.toPrecision(3)), Number(ours[name].median.toPrecision(3)), 'ms')]
  })
}

const readingTargets = ({ rows, slow }: Reading): Target[] => {
  const real = realOf(rows)
  const { toBestPeer, toJava, cpuSecondsPerMillion } = AIM.reading
  const targets: Target[] = []
  for (const kind of ['read', 'first read'] as const) {
    const reading = real.filter(({ pace }) => pace.kind === kind)
    const peers = reading.filter(({ isPeer }) => isPeer)
    const peer = best(peers, (row) => -row.recordsPerSecond.median)
    const java = reading.find(({ client }) => client === 'java')?.recordsPerSecond.median
    for (const row of reading) {
      if (row.contender !== 'ours' && row.contender !== 'ours-for-await') continue
      const rate = row.recordsPerSecond.median
      const cpu = row.cpuSecondsPerMillion?.median
      const what = `Reading, ${row.way}${kind === 'read' ? '' : ', from the start of the process'}`
      const add = (to: string, target: (what: string) => Target): void => {
        targets.push(target(`${what}, ${to}`))
      }
      if (peer !== null) {
        add('to the best JavaScript peer', (name) => atLeast(name, toBestPeer, rate / -peer))
      }
      if (java !== undefined) {
        add('to the Java consumer', (name) => atLeast(name, toJava, rate / java))
      }
      if (cpu !== undefined) {
        add('processor time for a million', (name) => atMost(name, cpuSecondsPerMillion, cpu, 's'))
      }
    }
  }
  const what = 'Memory behind a reader that takes one record a second'
  return [...targets, atMost(what, slow.allowedGrowthMb, slow.growthMb, 'MB')]
}
