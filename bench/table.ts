/** Rows as text for a terminal. */

import type { Broker } from './brokers.ts'
import { comparisonsOf } from './comparisons.ts'
import { type Entry, LINGER_MS, PARTITIONS, type Workload } from './plan.ts'
import { beside, bestPeer, type Row } from './report.ts'

type Cell = string | number | null

const DASH = '–'

const text = (cell: Cell): string =>
  cell === null ? DASH : typeof cell === 'number' ? cell.toLocaleString('en') : cell

/** Columns as wide as they must be; all but the first to the right. */
export const textTable = (heads: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const lines = [heads, ...rows.map((row) => row.map(text))]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const CLIENT_NAMES = { ours: 'annotated-kafka', java: 'Java' } as const
const RUNTIMES = { node: process.version.replace(/\..*/, ''), node24: 'v24', java: 'JVM' } as const

export const titleOf = ({ client, way, runtime }: Pick<Entry, 'client' | 'way' | 'runtime'>) =>
  `${client in CLIENT_NAMES ? CLIENT_NAMES[client as 'ours' | 'java'] : client}, ${way}` +
  (runtime === 'java' ? '' : ` (Node ${RUNTIMES[runtime].slice(1)})`)

const times = (a: number, b: number | undefined): string =>
  b === undefined ? DASH : `${(a / b).toFixed(2)} ×`

const flatOutTable = (rows: readonly Row[]): string =>
  textTable(
    [
      ...['', 'records/s', '(least–most)', 'MB/s', '÷ best peer', '÷ Java', 'CPU s/M'],
      ...['peak MB', 'grown MB', 'GC max ms', 'loop p99 ms', 'max ms'],
    ],
    rows.map((row) => {
      const { median, min, max } = row.recordsPerSecond
      const java = beside(rows, row).find(({ client }) => client === 'java')
      const thousands = (number: number): string => `${Math.round(number / 1000)}`
      return [
        ...[titleOf(row), Math.round(median), `${thousands(min)}–${thousands(max)} k`],
        row.megabytesPerSecond,
        times(median, bestPeer(rows, row)?.recordsPerSecond.median),
        times(median, java?.recordsPerSecond.median),
        row.cpuSecondsPerMillion?.median.toFixed(2) ?? null,
        ...[row.peakMemoryMb, row.memoryGrowthMb, row.gcMaxMs],
        ...[row.loopDelayP99Ms, row.loopDelayMaxMs],
      ]
    }),
  )

const latencyTable = (rows: readonly Row[]): string =>
  textTable(
    ['milliseconds', 'p50', '(least–most)', 'p99', '(least–most)', 'p99.9', 'CPU s/M'],
    rows.map((row) => {
      const { p50, p99, p999 } = row.latencyMs!
      const range = (min: number, max: number): string => `${min.toFixed(2)}–${max.toFixed(2)}`
      return [
        ...[titleOf(row), p50.median.toFixed(2), range(p50.min, p50.max)],
        ...[p99.median.toFixed(2), range(p99.min, p99.max), p999.median.toFixed(2)],
        row.cpuSecondsPerMillion?.median.toFixed(2) ?? null,
      ]
    }),
  )

const paceText = ({ pace }: Workload): string => {
  if (pace.kind === 'read') return 'read from the beginning, by a client that is warm'
  if (pace.kind === 'first read') return 'read by a client that has just been started'
  if (pace.kind === 'single') return 'acks=all, one record at a time'
  return pace.kind === 'rate'
    ? `acks=all, ${pace.perSecond} records a second`
    : `acks=all, linger.ms=${LINGER_MS}`
}

/** The table of a workload, with its heading. */
export const workloadTable = (broker: Broker, workload: Workload, rows: readonly Row[]): string => {
  const rounds = workload.rounds === 1 ? 'one round' : `medians of ${workload.rounds} rounds`
  const heading =
    `${broker.title}: ${workload.valueBytes} B, compression ${workload.compression}, ` +
    `${PARTITIONS} partitions, ${paceText(workload)}; ${rounds}`
  const table = rows[0]?.latencyMs ? latencyTable(rows) : flatOutTable(rows)
  return `\n${heading}\n${table}\n${comparisonTable(rows)}`
}

const comparisonTable = (rows: readonly Row[]): string => {
  const comparisons = comparisonsOf(rows)
  if (comparisons.length === 0) return ''
  const factor = (ratio: number | null): string => (ratio === null ? DASH : `${ratio} ×`)
  return `\n${textTable(
    ['ours, measure by measure', 'to the best peer', 'to Java', 'better is'],
    comparisons.map(({ measure, toBestPeer, toJava, isMoreBetter }) => [
      measure,
      factor(toBestPeer),
      factor(toJava),
      isMoreBetter ? 'more' : 'less',
    ]),
  )}`
}
