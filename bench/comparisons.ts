/**
 * Ours beside the best peer and beside Java, measure by measure.
 *
 * "The best peer" is another one for each measure: the fastest, the one with the least memory, the
 * one with the shortest pause. So nobody's weak side makes us look better than we are.
 */

import type { Row } from './report.ts'

export interface Comparison {
  readonly measure: string
  /** Ours divided by theirs; `null` where one of the two has no such figure. */
  readonly toBestPeer: number | null
  readonly toJava: number | null
  readonly isMoreBetter: boolean
}

type Figure = (row: Row) => number | null | undefined

interface Measure {
  readonly measure: string
  readonly figure: Figure
  readonly isMoreBetter?: boolean
}

const FLAT_OUT: readonly Measure[] = [
  {
    measure: 'records a second',
    figure: ({ recordsPerSecond }) => recordsPerSecond.median,
    isMoreBetter: true,
  },
  {
    measure: 'processor time for a record',
    figure: ({ cpuSecondsPerMillion }) => cpuSecondsPerMillion?.median,
  },
  { measure: 'memory at the peak', figure: ({ peakMemoryMb }) => peakMemoryMb },
  { measure: 'memory beyond what stood before', figure: ({ memoryGrowthMb }) => memoryGrowthMb },
  { measure: 'longest garbage-collection pause', figure: ({ gcMaxMs }) => gcMaxMs },
  { measure: 'event loop late, p99', figure: ({ loopDelayP99Ms }) => loopDelayP99Ms },
  { measure: 'event loop late, at most', figure: ({ loopDelayMaxMs }) => loopDelayMaxMs },
]

const LATENCY: readonly Measure[] = [
  { measure: 'latency, p50', figure: ({ latencyMs }) => latencyMs?.p50.median },
  { measure: 'latency, p99', figure: ({ latencyMs }) => latencyMs?.p99.median },
  { measure: 'latency, p99.9', figure: ({ latencyMs }) => latencyMs?.p999.median },
]

const best = (rows: readonly Row[], { figure, isMoreBetter }: Measure): number | null => {
  const known = rows.map(figure).filter((each) => typeof each === 'number')
  if (known.length === 0) return null
  return isMoreBetter ? Math.max(...known) : Math.min(...known)
}

const ratio = (ours: number | null | undefined, theirs: number | null): number | null =>
  ours === null || ours === undefined || theirs === null || theirs === 0
    ? null
    : Number((ours / theirs).toPrecision(3))

/** @param rows those of one workload against one broker */
export const comparisonsOf = (rows: readonly Row[]): Comparison[] => {
  const ours = rows.find(({ contender }) => contender === 'ours')
  if (ours === undefined) return []
  const peers = rows.filter(({ isPeer }) => isPeer)
  const java = rows.filter(({ client }) => client === 'java')
  const isLatency = ours.pace.kind === 'single' || ours.pace.kind === 'rate'
  const measures = isLatency ? LATENCY : FLAT_OUT
  return measures
    .map((measure) => ({
      measure: measure.measure,
      toBestPeer: ratio(measure.figure(ours), best(peers, measure)),
      toJava: ratio(measure.figure(ours), best(java, measure)),
      isMoreBetter: measure.isMoreBetter ?? false,
    }))
    .filter(({ toBestPeer, toJava }) => toBestPeer !== null || toJava !== null)
}
