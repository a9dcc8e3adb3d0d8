/** Who reads what: the contenders, and how much each reads. */

import { type Entry, flatOut, type Workload } from '../plan.ts'

const READERS_OF_ANY_CODEC = ['none', 'lz4'] as const
const NO_CODEC = ['none'] as const
const PLATFORMATIC = '@platformatic/kafka'

const reader = (
  name: string,
  client: Entry['client'],
  way: string,
  runtime: Entry['runtime'],
  roughRate: number,
  codecs: Entry['codecs'] = READERS_OF_ANY_CODEC,
): Entry => ({ name, client, way, runtime, roughRate, codecs, latency: false })

/**
 * The rough rates of the fast ones are set too high on purpose: their logs must be long. At the end
 * of a log a reader drains what it has fetched and waits for nothing; in a short one that is most
 * of what is measured.
 *
 * CRCs are checked by ours, by Java's, and by nobody else: kafkajs and @platformatic/kafka have no
 * such thing.
 */
export const READERS: readonly Entry[] = [
  reader('ours', 'ours', 'record by record from poll', 'node', 3_200_000),
  reader('ours-node24', 'ours', 'record by record from poll', 'node24', 3_200_000),
  reader('ours-for-await', 'ours', 'for await over records', 'node', 3_200_000),
  reader('kafkajs-batch', 'kafkajs', 'eachBatch', 'node', 600_000, NO_CODEC),
  reader('kafkajs-message', 'kafkajs', 'eachMessage', 'node', 300_000, NO_CODEC),
  reader('platformatic-stream', PLATFORMATIC, 'its stream', 'node24', 600_000),
  reader('java', 'java', 'record by record from poll', 'java', 3_200_000),
]

export const reading = (
  valueBytes: number,
  compression: Workload['compression'],
  rounds: number,
  contenders: readonly Entry[],
  seconds: number,
  kind: 'read' | 'first read' = 'read',
): Workload => ({
  ...flatOut(valueBytes, compression, rounds, contenders, seconds),
  pace: { kind },
})

const readers = (...names: string[]): Entry[] => READERS.filter(({ name }) => names.includes(name))

const EVERY_CLIENT = ['ours', 'kafkajs-batch', 'platformatic-stream', 'java'] as const

/** One round, every client in its fastest way, from the start of its process: as Java's tool. */
export const QUICK_READING: readonly Workload[] = [
  reading(100, 'none', 1, readers(...EVERY_CLIENT), 1.5, 'first read'),
]

export const fullReading = (rounds: number): readonly Workload[] => [
  reading(100, 'none', rounds, READERS, 2),
  reading(100, 'none', rounds, readers(...EVERY_CLIENT), 2, 'first read'),
  reading(1024, 'none', rounds, readers(...EVERY_CLIENT), 2),
  reading(100, 'lz4', rounds, readers('ours', 'platformatic-stream', 'java'), 2),
]

/** Values of 1 KiB of which a reader gets as many bytes in a second as of the small ones. */
const LARGE_VALUE_FACTOR = 6
const WHOLE = 10_000

/**
 * How many records a reader's topic has. The fast ones share a topic; a slow one would read it for
 * a minute.
 */
export const countOf = ({ roughRate }: Entry, { valueBytes, seconds }: Workload): number => {
  const perSecond = roughRate / (valueBytes > 100 ? LARGE_VALUE_FACTOR : 1)
  return Math.max(1, Math.round((perSecond * seconds) / WHOLE)) * WHOLE
}
