/** What the command line asks for. */

import { parseArgs } from 'node:util'

export type Part =
  | 'quick'
  | 'full'
  | 'memory'
  | 'groups'
  | 'micro'
  | 'scale'
  | 'profile'
  | 'publish'

export interface Options {
  readonly part: Part
  readonly json: boolean
  readonly rounds: number
  /** Where there is a JVM, `both` is both. */
  readonly broker: 'embedded' | 'real' | 'both'
  /** Of what compares or publishes. */
  readonly only: 'sending' | 'reading' | 'both'
}

const PARTS = ['quick', 'memory', 'groups', 'micro', 'scale', 'profile', 'publish'] as const
const BROKERS = ['embedded', 'real', 'both'] as const
const ONLY = ['sending', 'reading', 'both'] as const
export const DEFAULT_ROUNDS = 5

export const USAGE = `npm run bench -- [what] [options]

  (nothing)      all contenders, all workloads, ${DEFAULT_ROUNDS} rounds: about ten minutes
  --quick        one round: 100 bytes, no compression, one broker; under 60 seconds
  --memory       ten million records, and a reader that is slow: the peak of memory
  --groups       how long a group takes to share a topic
  --micro        the steps of the hot path, one by one
  --scale        what it costs as work grows
  --profile      where the time of our producer goes, by file
  --publish      all of these; writes what the page of the site shows

  --json         one object for machines on standard output, the rest on standard error
  --rounds N     default ${DEFAULT_ROUNDS}
  --only WHAT    sending or reading, of what compares both
  --broker NAME  real, embedded or both; default: both, with --quick real if there is a JVM`

/** @throws Error that says what is wrong with the arguments */
export const parseOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(PARTS.map((part) => [part, { type: 'boolean' as const }])),
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
      broker: { type: 'string', default: 'both' },
      only: { type: 'string', default: 'both' },
    },
  }) as { values: Record<string, string | boolean | undefined> }
  const asked = PARTS.filter((part) => values[part] === true)
  if (asked.length > 1) throw new Error(`Ask for one of --${asked.join(' and --')}, not for both`)
  const rounds = Number(values['rounds'])
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds takes a whole number from 1 on, not '${values['rounds']}'`)
  }
  const broker = BROKERS.find((name) => name === values['broker'])
  if (broker === undefined) {
    throw new Error(`--broker takes ${BROKERS.join(', ')}, not '${values['broker']}'`)
  }
  const only = ONLY.find((name) => name === values['only'])
  if (only === undefined) {
    throw new Error(`--only takes ${ONLY.join(', ')}, not '${values['only']}'`)
  }
  return { part: asked[0] ?? 'full', json: values['json'] === true, rounds, broker, only }
}
