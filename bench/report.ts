/** From outcomes to rows, from rows to tables and ratios. */

import type { Broker, BrokerName } from './brokers.ts'
import type { Outcome, Pace } from './contend.ts'
import type { CompressionName } from './contenders/Contender.ts'
import { type Client, type Entry, isPeer, type Workload } from './plan.ts'
import type { Measured } from './rounds.ts'
import { rounded, type Spread, spread, spreadOfKnown } from './statistics.ts'

/** One contender in one workload against one broker: what the rounds gave. */
export interface Row {
  readonly broker: BrokerName
  readonly contender: string
  readonly client: Client
  readonly way: string
  readonly runtime: Entry['runtime']
  readonly isPeer: boolean
  readonly valueBytes: number
  readonly compression: CompressionName
  readonly pace: Pace
  readonly rounds: number
  /** Records in each round. */
  readonly records: number
  readonly recordsPerSecond: Spread
  /** Of values; a megabyte is a million bytes. */
  readonly megabytesPerSecond: number
  readonly cpuSecondsPerMillion: Spread | null
  /** With what starting the process costs: of Java alone. */
  readonly cpuSecondsPerMillionWithStart: number | null
  readonly peakMemoryMb: number | null
  /** The peak, less what stood before the first `send`. */
  readonly memoryGrowthMb: number | null
  readonly loopDelayP99Ms: number | null
  readonly loopDelayMaxMs: number | null
  readonly gcMaxMs: number | null
  readonly gcMsPerSecond: number | null
  readonly latencyMs: { readonly p50: Spread; readonly p99: Spread; readonly p999: Spread } | null
}

export interface Ratios {
  readonly produceToBestPeer: number | null
  readonly produceToJava: number | null
  readonly cpuSecondsPerMillion: number | null
  readonly consumeToBestPeer: number | null
  readonly consumeToJava: number | null
  readonly consumeCpuSecondsPerMillion: number | null
}

const perMillion = (seconds: number | null, records: number): number | null =>
  seconds === null ? null : (seconds / records) * 1e6

const tidy = (given: Spread): Spread => ({
  median: rounded(given.median),
  min: rounded(given.min),
  max: rounded(given.max),
})

const tidyMedian = (given: Spread | null, digits?: number): number | null =>
  given === null ? null : rounded(given.median, digits)

const latencyOf = (outcomes: readonly Outcome[]): Row['latencyMs'] => {
  const all = outcomes.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]))
  if (all.length === 0) return null
  return {
    p50: tidy(spread(all.map(({ p50 }) => p50))),
    p99: tidy(spread(all.map(({ p99 }) => p99))),
    p999: tidy(spread(all.map(({ p999 }) => p999))),
  }
}

export const rowOf = (broker: Broker, workload: Workload, { entry, outcomes }: Measured): Row => {
  const over = (pick: (outcome: Outcome) => number | null | undefined): Spread | null =>
    spreadOfKnown(outcomes.map(pick))
  const rate = spread(outcomes.map((each) => each.acknowledged / each.seconds))
  const cpu = over((each) => perMillion(each.cpuSeconds, each.acknowledged))
  return {
    broker: broker.name,
    contender: entry.name,
    client: entry.client,
    way: entry.way,
    runtime: entry.runtime,
    isPeer: isPeer(entry),
    valueBytes: workload.valueBytes,
    compression: workload.compression,
    pace: workload.pace,
    rounds: outcomes.length,
    records: outcomes[0]!.acknowledged,
    recordsPerSecond: tidy(rate),
    megabytesPerSecond: rounded((rate.median * workload.valueBytes) / 1e6),
    cpuSecondsPerMillion: cpu && tidy(cpu),
    cpuSecondsPerMillionWithStart: tidyMedian(
      over((each) =>
        each.startUpCpuSeconds === undefined || each.cpuSeconds === null
          ? null
          : perMillion(each.cpuSeconds + each.startUpCpuSeconds, each.acknowledged),
      ),
    ),
    peakMemoryMb: tidyMedian(
      over((each) => each.peakMemoryMb),
      3,
    ),
    memoryGrowthMb: tidyMedian(
      over(({ peakMemoryMb: peak, memoryBeforeMb: before }) =>
        peak === null || before === null ? null : peak - before,
      ),
      3,
    ),
    loopDelayP99Ms: tidyMedian(
      over((each) => each.loopDelayMs?.p99),
      3,
    ),
    loopDelayMaxMs: tidyMedian(
      over((each) => each.loopDelayMs?.max),
      3,
    ),
    gcMaxMs: tidyMedian(
      over((each) => each.gc?.maxMs),
      3,
    ),
    gcMsPerSecond: tidyMedian(
      over((each) => each.gc && each.gc.sumMs / each.seconds),
      3,
    ),
    latencyMs: latencyOf(outcomes),
  }
}

/** The rows that were measured beside `row`. */
export const beside = (rows: readonly Row[], row: Row): Row[] =>
  rows.filter(
    (each) =>
      each.broker === row.broker &&
      each.valueBytes === row.valueBytes &&
      each.compression === row.compression &&
      each.pace.kind === row.pace.kind,
  )

const fastest = (rows: readonly Row[]): Row | undefined =>
  [...rows].sort((a, b) => b.recordsPerSecond.median - a.recordsPerSecond.median)[0]

/** The fastest of the JavaScript peers beside `row`, whichever way it sends. */
export const bestPeer = (rows: readonly Row[], row: Row): Row | undefined =>
  fastest(beside(rows, row).filter((each) => each.isPeer))

const ratio = (a: Row, b: Row | undefined): number | null =>
  b === undefined ? null : rounded(a.recordsPerSecond.median / b.recordsPerSecond.median, 3)

/** Ours of 100 bytes without compression, against the real broker if there is one. */
const oursOf = (rows: readonly Row[], kind: Pace['kind']): Row | undefined => {
  const candidates = rows.filter(
    ({ contender, valueBytes, compression, pace }) =>
      contender === 'ours' && valueBytes === 100 && compression === 'none' && pace.kind === kind,
  )
  return candidates.find(({ broker }) => broker === 'real') ?? candidates[0]
}

/** Ours divided by the best peer and by Java, where both are there. */
const toOthers = (rows: readonly Row[], ours: Row | undefined) => {
  if (ours === undefined) return { toBestPeer: null, toJava: null }
  const java = beside(rows, ours).find(({ client }) => client === 'java')
  return { toBestPeer: ratio(ours, bestPeer(rows, ours)), toJava: ratio(ours, java) }
}

/** For machines. */
export const ratiosOf = (rows: readonly Row[]): Ratios => {
  const sending = oursOf(rows, 'flat-out')
  // As Java's own tool counts, where that was measured.
  const reading = oursOf(rows, 'first read') ?? oursOf(rows, 'read')
  const produced = toOthers(rows, sending)
  const consumed = toOthers(rows, reading)
  return {
    produceToBestPeer: produced.toBestPeer,
    produceToJava: produced.toJava,
    cpuSecondsPerMillion: sending?.cpuSecondsPerMillion?.median ?? null,
    consumeToBestPeer: consumed.toBestPeer,
    consumeToJava: consumed.toJava,
    consumeCpuSecondsPerMillion: reading?.cpuSecondsPerMillion?.median ?? null,
  }
}
