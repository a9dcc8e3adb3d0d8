/**
 * What `npm run bench -- --publish` wrote, and the words and numbers that the page makes of it.
 *
 * I1  No figure stands in the page's own text: all come from here, so none can be out of date.
 */

import type { Occasion, Published } from '../../../../bench/publish.ts'
import type { Row } from '../../../../bench/report.ts'
import published from '../../../benchmarks.json'

export type { Occasion, Published, Row }

export const RESULTS = published as unknown as Published
const ROWS: readonly Row[] = [...RESULTS.sending.rows, ...RESULTS.reading.rows]

/** A figure of a chart. */
export interface Bar {
  readonly name: string
  readonly detail: string
  readonly value: number
  /** The least and the most of the rounds, where there were several. */
  readonly range: readonly [least: number, most: number] | null
  /** The figure in words. */
  readonly text: string
  readonly ours: boolean
}

const NAMES: Readonly<Record<Row['client'], string>> = {
  ours: 'Annotated Kafka',
  java: 'Java',
  kafkajs: 'kafkajs',
  '@platformatic/kafka': '@platformatic/kafka',
}

export const nameOf = ({ client }: Pick<Row, 'client'>): string => NAMES[client]

const major = (version: string): string => version.split('.')[0] ?? version

/** How it was given its records, and what it ran on. */
export const detailOf = ({ way, runtime }: Pick<Row, 'way' | 'runtime'>): string => {
  if (runtime === 'java') return way
  const { node, node24 } = RESULTS.sending.versions
  return `${way}, Node ${major(runtime === 'node24' ? (node24 ?? '24') : node)}`
}

/** A number as people read it: three digits that count, thousands apart. */
export const plain = (value: number): string =>
  value >= 1000
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(value < 1 ? 2 : 3)))

export interface Wanted {
  readonly broker: Row['broker']
  readonly valueBytes: number
  readonly compression: Row['compression']
  readonly pace: Row['pace']['kind']
}

export const rowsOf = (wanted: Wanted, rows: readonly Row[] = ROWS): Row[] =>
  rows.filter(
    (row) =>
      row.broker === wanted.broker &&
      row.valueBytes === wanted.valueBytes &&
      row.compression === wanted.compression &&
      row.pace.kind === wanted.pace,
  )

/** Whose figures the page leads with: those against the real broker, where there were any. */
export const mainBroker = (rows: readonly Row[] = ROWS): Row['broker'] =>
  rows.some(({ broker }) => broker === 'real') ? 'real' : 'embedded'

export const brokerName = (broker: Row['broker']): string =>
  broker === 'real' ? `Apache Kafka ${RESULTS.sending.versions.kafka}` : 'the embedded broker'

/** Kafka's sizes are multiples of 1,024, the others of 1,000. */
export const bytesText = (bytes: number): string => {
  if (bytes === 1024) return '1 KiB'
  if (bytes >= 1e6) return `${bytes / 1e6} MB`
  return bytes >= 1e3 ? `${bytes / 1e3} kB` : `${bytes} B`
}
