/**
 * What is measured: contenders, workloads, how many records.
 *
 * A contender sends as many records as it manages in about a second; a fixed number for
 * all would be an instant for one and minutes for another. The figures per contender were taken
 * once, roughly: they decide how long a run takes, and nothing else.
 */

import type { Pace } from './contend.ts'
import type { CompressionName } from './contenders/Contender.ts'

export type Client = 'ours' | 'kafkajs' | '@platformatic/kafka' | 'java'

export interface Entry {
  readonly name: string
  readonly client: Client
  /** How records are given to it. */
  readonly way: string
  readonly runtime: 'node' | 'node24' | 'java'
  /** Records of 100 bytes in a second, roughly. */
  readonly roughRate: number
  readonly codecs: readonly CompressionName[]
  /** Whether it is measured one at a time and at a fixed rate: once for each client is enough. */
  readonly latency: boolean
}

const ALL_CODECS: readonly CompressionName[] = ['none', 'lz4']
const NO_CODEC: readonly CompressionName[] = ['none']

const entry = (
  name: string,
  client: Client,
  way: string,
  runtime: Entry['runtime'],
  roughRate: number,
  codecs = ALL_CODECS,
  latency = false,
): Entry => ({ name, client, way, runtime, roughRate, codecs, latency })

const SINGLE = 'one send per record'
const PLATFORMATIC = '@platformatic/kafka'

export const ENTRIES: readonly Entry[] = [
  entry('ours', 'ours', SINGLE, 'node', 700_000, ALL_CODECS, true),
  entry('ours-node24', 'ours', SINGLE, 'node24', 700_000, ALL_CODECS, true),
  entry('ours-awaited', 'ours', 'a promise awaited per record', 'node', 300_000),
  entry('kafkajs-single', 'kafkajs', SINGLE, 'node', 8_000, NO_CODEC, true),
  entry('kafkajs-100', 'kafkajs', 'batches of 100 by hand', 'node', 100_000, NO_CODEC),
  entry('kafkajs-1000', 'kafkajs', 'batches of 1,000 by hand', 'node', 140_000, NO_CODEC),
  entry('platformatic-single', PLATFORMATIC, SINGLE, 'node24', 7_000, ALL_CODECS, true),
  entry('platformatic-100', PLATFORMATIC, 'batches of 100 by hand', 'node24', 180_000),
  entry('platformatic-1000', PLATFORMATIC, 'batches of 1,000 by hand', 'node24', 280_000),
  entry('platformatic-stream', PLATFORMATIC, 'its stream', 'node24', 260_000),
  entry('java', 'java', SINGLE, 'java', 450_000, ALL_CODECS, true),
]

/** The contenders that are compared with ours as JavaScript clients. */
export const isPeer = ({ client }: Entry): boolean => client !== 'ours' && client !== 'java'

export const PARTITIONS = 6
/** Kafka's defaults, which are ours, for all that have such a setting. */
export const LINGER_MS = 5
export const BATCH_SIZE_BYTES = 16_384

export interface Workload {
  readonly valueBytes: number
  readonly compression: CompressionName
  readonly pace: Pace
  readonly lingerMs: number
  readonly contenders: readonly Entry[]
  readonly rounds: number
  /** How long a contender sends, roughly. */
  readonly seconds: number
  /** Instead of what a contender manages in that time. */
  readonly counts?: { readonly count: number; readonly warmUp: number }
}

const SECONDS = 1
/**
 * After these a JavaScript engine, as a JVM, has compiled what is hot; before, a record costs
 * twice.
 */
const WARM_UP_SECONDS = 2
/** One round has to be longer than one of five. */
const QUICK_SECONDS = 1.5
/** Counts are whole batches, whatever the batch. */
const WHOLE = 1000
/** So many times fewer values of 1 KiB than of 100 bytes go through in a second, roughly. */
const LARGE_VALUE_FACTOR = 4

/** How many records a contender sends, and how many before them. */
export const countsOf = (
  { roughRate, runtime }: Entry,
  { pace, valueBytes, seconds }: Workload,
): { count: number; warmUp: number } => {
  // Fewer records before them, and it is the compiler at work that is measured.
  if (pace.kind === 'single') return { count: 5000, warmUp: 5000 }
  if (pace.kind === 'rate') return { count: pace.perSecond * 1.5, warmUp: pace.perSecond }
  const perSecond = roughRate / (valueBytes > 100 ? LARGE_VALUE_FACTOR : 1)
  const whole = (records: number): number => Math.max(1, Math.ceil(records / WHOLE)) * WHOLE
  // Java's own tool warms up with the values that it measures.
  const warmUpRate = runtime === 'java' ? perSecond : roughRate
  return { count: whole(perSecond * seconds), warmUp: whole(warmUpRate * WARM_UP_SECONDS) }
}

export const named = (...names: string[]): Entry[] =>
  ENTRIES.filter(({ name }) => names.includes(name))

export const flatOut = (
  valueBytes: number,
  compression: CompressionName,
  rounds: number,
  contenders: readonly Entry[] = ENTRIES,
  seconds = SECONDS,
): Workload => ({
  valueBytes,
  compression,
  rounds,
  seconds,
  pace: { kind: 'flat-out' },
  lingerMs: LINGER_MS,
  contenders,
})

/** Of Kafka's own broker: after so many records its rate goes up no more. */
export const BROKER_WARM_UP: Workload = flatOut(100, 'none', 1, named('ours'), 4)

/** What every client can hold, so that nobody's queue grows. */
const STEADY_RATE = 2000

const latency = (pace: Pace, rounds: number): Workload => ({
  valueBytes: 100,
  compression: 'none',
  rounds,
  seconds: SECONDS,
  pace,
  lingerMs: 0,
  contenders: ENTRIES.filter((each) => each.latency),
})

/** One round against one broker, every client in its fastest ways. */
export const QUICK: readonly Workload[] = [
  flatOut(
    100,
    'none',
    1,
    named('ours', 'kafkajs-1000', 'platformatic-1000', 'java'),
    QUICK_SECONDS,
  ),
]

const BY_HAND = ['kafkajs-1000', 'platformatic-1000'] as const

/** Everything against a real broker. */
export const fullAgainstReal = (rounds: number): readonly Workload[] => [
  flatOut(100, 'none', rounds),
  flatOut(1024, 'none', rounds, named('ours', ...BY_HAND, 'platformatic-stream', 'java')),
  flatOut(100, 'lz4', rounds, named('ours', ...BY_HAND, 'platformatic-stream', 'java')),
  flatOut(1024, 'lz4', rounds, named('ours', ...BY_HAND, 'java')),
  latency({ kind: 'single' }, rounds),
  latency({ kind: 'rate', perSecond: STEADY_RATE }, rounds),
]

/** The embedded broker: where it is the limit, contenders differ less. */
export const fullAgainstEmbedded = (rounds: number): readonly Workload[] => [
  flatOut(
    100,
    'none',
    rounds,
    named('ours', ...BY_HAND, 'kafkajs-single', 'platformatic-single', 'java'),
  ),
  latency({ kind: 'single' }, rounds),
]
