/**
 * The book: its parts and its chapters, in the order in which they are read.
 *
 * Everything that lists chapters reads this file: the contents beside a page, the links to the page
 * before and after, the map of the way of a record. A chapter is written when its folder has an
 * `index.md`; until then it is named without a link.
 *
 * I1  `CHAPTERS[n].number === n`.
 * I2  Only a written chapter has a page, so only a written one is linked to.
 *
 * Read in Node (the site's configuration, tests) and in the page. A page cannot look into folders,
 * so the build hands it the list as the constant `__WRITTEN_CHAPTERS__`.
 */

import type { Noun } from './theme/vocabulary.ts'

export type Station = 'producer' | 'wire' | 'broker' | 'consumer' | 'house' | 'start'

export interface Chapter {
  readonly number: number
  /** The folder below `chapters/`. */
  readonly slug: string
  readonly title: string
  readonly part: string
  /** Where on the way of a record the chapter stands. */
  readonly station: Station
  /** The sign it is mostly about. */
  readonly noun: Noun | null
  /** What it is about, in one sentence. */
  readonly line: string
  readonly written: boolean
}

declare const __WRITTEN_CHAPTERS__: readonly string[] | undefined

/** The folders of `chapters/` that hold an `index.md`. */
export const writtenChapters = (): readonly string[] => {
  if (typeof __WRITTEN_CHAPTERS__ !== 'undefined') return __WRITTEN_CHAPTERS__
  const { existsSync, readdirSync } = process.getBuiltinModule('node:fs')
  const chapters = `${import.meta.dirname}/../../chapters`
  return readdirSync(chapters).filter((slug) => existsSync(`${chapters}/${slug}/index.md`))
}

export const PARTS = [
  'Start here',
  'Part I · Producer',
  'Part II · Consumer',
  'Part III · The broker’s half',
  'Part IV · The house',
] as const

type Row = readonly [
  number: number,
  name: string,
  Station,
  Noun | null,
  title: string,
  line: string,
]

/** One row per chapter. The name becomes the folder: `06-record-accumulator`. */
const ROWS: Readonly<Record<(typeof PARTS)[number], readonly Row[]>> = {
  'Start here': [
    [
      0,
      'the-journey-of-a-record',
      'start',
      'record',
      'The journey of a record',
      'One record, from your code to a broker’s log and back to your code.',
    ],
  ],
  'Part I · Producer': [
    [
      1,
      'a-producer-is-born',
      'producer',
      null,
      'A producer is born',
      'Settings become parts: what a producer builds before it can send anything.',
    ],
    [
      2,
      'interceptors',
      'producer',
      'record',
      'Interceptors',
      'Code of yours that sees every record first, and may change it.',
    ],
    [
      3,
      'serializers',
      'producer',
      'record',
      'Serializers',
      'Keys and values become bytes, and nothing after that knows what they meant.',
    ],
    [
      4,
      'the-partitioner',
      'producer',
      'partition',
      'The partitioner',
      'Which partition a record goes to, and who decides when you do not.',
    ],
    [
      5,
      'metadata',
      'producer',
      'broker',
      'Metadata',
      'Who leads which partition, and what happens while nobody knows.',
    ],
    [
      6,
      'record-accumulator',
      'producer',
      'batch',
      'The record accumulator',
      'Records wait for company, so that one request can carry many.',
    ],
    [
      7,
      'the-buffer-pool',
      'producer',
      'buffer',
      'The buffer pool',
      'A budget of memory, and a queue for those who ask when it is spent.',
    ],
    [
      8,
      'record-batches',
      'producer',
      'batch',
      'Record batches',
      'What a batch looks like byte by byte, and how it is compressed.',
    ],
    [
      9,
      'the-sender',
      'producer',
      'request',
      'The sender',
      'The loop that turns ready batches into requests, and tries again when one fails.',
    ],
    [
      10,
      'the-network-client',
      'wire',
      'request',
      'The network client',
      'Connections, versions and time-outs: which requests may be under way, and where to.',
    ],
    [
      11,
      'the-selector',
      'wire',
      'request',
      'The selector',
      'One loop that reads and writes many sockets without waiting for any.',
    ],
    [
      12,
      'delivery-guarantees',
      'producer',
      'record',
      'Delivery guarantees',
      'What acks, retries and sequence numbers promise, and what they do not.',
    ],
    [
      13,
      'transactions',
      'producer',
      'batch',
      'Transactions',
      'Several partitions, all or nothing, and a way to shut out a producer thought dead.',
    ],
    [
      14,
      'tuning-the-producer',
      'producer',
      'clock',
      'Tuning the producer',
      'Seven settings, and what each of them costs, measured on your machine.',
    ],
  ],
  'Part II · Consumer': [
    [
      15,
      'a-consumer-is-born',
      'consumer',
      null,
      'A consumer is born',
      'What a consumer builds, and why one thread at a time may hold it.',
    ],
    [
      16,
      'joining-a-group',
      'consumer',
      'broker',
      'Joining a group',
      'How consumers find each other, elect a leader, and show that they are alive.',
    ],
    [
      17,
      'who-gets-what',
      'consumer',
      'partition',
      'Who gets what',
      'Four ways to share partitions among the members of a group.',
    ],
    [
      18,
      'rebalancing',
      'consumer',
      'partition',
      'Rebalancing',
      'Partitions change hands while records keep coming.',
    ],
    [
      19,
      'fetching',
      'consumer',
      'request',
      'Fetching',
      'A consumer asks ahead, so that poll finds records waiting.',
    ],
    [
      20,
      'offsets',
      'consumer',
      'record',
      'Offsets',
      'Where you were, who remembers it, and what is read twice or never.',
    ],
    [
      21,
      'the-next-group-protocol',
      'consumer',
      'broker',
      'The next group protocol',
      'The broker decides who reads what, and the members follow.',
    ],
  ],
  'Part III · The broker’s half': [
    [
      22,
      'the-log',
      'broker',
      'partition',
      'The log',
      'A partition on disk: segments, indexes, recovery, and when records go.',
    ],
    [
      23,
      'compaction',
      'broker',
      'record',
      'Compaction',
      'Keep the last record of every key, with little memory.',
    ],
    [
      24,
      'replication',
      'broker',
      'broker',
      'Replication',
      'Followers copy the leader, and a record counts once enough of them have it.',
    ],
    [
      25,
      'the-controller',
      'broker',
      'broker',
      'The controller',
      'Who leads what, and what happens when a broker dies.',
    ],
    [
      26,
      'the-group-coordinator',
      'broker',
      'partition',
      'The group coordinator and its offsets topic',
      'A group’s memory is a topic like any other.',
    ],
    [
      27,
      'serving-requests',
      'broker',
      'request',
      'Serving requests',
      'From a socket to an answer, and where a request waits that cannot be answered yet.',
    ],
    [
      28,
      'who-may-come-in',
      'broker',
      'broker',
      'Who may come in',
      'Encryption, passwords, and who is allowed to do what.',
    ],
  ],
  'Part IV · The house': [
    [
      29,
      'the-wire-schema',
      'house',
      'request',
      'The wire schema',
      'Messages are data, and a small compiler makes what reads and writes them.',
    ],
    [
      30,
      'time-chance-and-trace',
      'house',
      'clock',
      'Time, chance and trace',
      'How a run can be repeated exactly, and how the labs go back in time.',
    ],
    [
      31,
      'metrics',
      'house',
      'clock',
      'Metrics',
      'Rates and percentiles under Kafka’s own names, and how to read them.',
    ],
    [
      32,
      'admin-and-the-command-line',
      'house',
      'broker',
      'Admin and the command line',
      'Topics, groups and settings, looked at and changed from outside.',
    ],
  ],
}

const chaptersOf = (written: readonly string[]): readonly Chapter[] =>
  PARTS.flatMap((part) =>
    ROWS[part].map(([number, name, station, noun, title, line]) => {
      const slug = `${String(number).padStart(2, '0')}-${name}`
      return { number, slug, title, part, station, noun, line, written: written.includes(slug) }
    }),
  )

/** All chapters, written or not, in reading order. */
export const CHAPTERS = chaptersOf(writtenChapters())

/** The page of a chapter. It exists when the chapter is written. */
export const chapterUrl = (chapter: Pick<Chapter, 'slug'>): string => `/chapters/${chapter.slug}/`
