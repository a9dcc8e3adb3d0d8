/**
 * What a record costs as work grows: with partitions, brokers, open connections, and its size.
 *
 *     partitions     6 … 1,000    records wherever the producer likes, or one to each in turn
 *     brokers        1 … 100      each with a connection of its own
 *     connections    0 … 1,000    others that are open at the broker, and silent
 *     record size   10 B … 1 MB
 *
 * Only our producer, against our embedded cluster in another process. CPU time is the producer's
 * alone, so it does not matter whether the brokers keep up.
 *
 * I1  Each series varies one thing; the others stay at their usual values.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from '../brokers.ts'
import { Measurement } from '../measure.ts'
import { ENTRIES, type Entry, flatOut, PARTITIONS } from '../plan.ts'
import type { Session } from '../session.ts'
import { rounded, type Spread, spread } from '../statistics.ts'
import { textTable } from '../table.ts'

export type SeriesName =
  | 'partitions'
  | 'partitions-spread'
  | 'brokers'
  | 'connections'
  | 'record-size'

export interface Point {
  readonly x: number
  readonly recordsPerSecond: Spread
  readonly megabytesPerSecond: number
  readonly cpuSecondsPerMillion: Spread
  readonly cpuSecondsPerGigabyte: number
}

export interface Series {
  readonly name: SeriesName
  readonly points: readonly Point[]
}

/** What is the same in all runs but those of its own series. */
interface Setup {
  readonly partitions: number
  readonly brokers: number
  readonly connections: number
  readonly valueBytes: number
  readonly spread: boolean
}

const USUAL: Setup = {
  partitions: PARTITIONS,
  brokers: 1,
  connections: 0,
  valueBytes: 100,
  spread: false,
}

const PARTITION_COUNTS = [6, 100, 300, 1000]

const SERIES: Readonly<Record<SeriesName, readonly [x: number, Partial<Setup>][]>> = {
  partitions: PARTITION_COUNTS.map((partitions) => [partitions, { partitions }]),
  'partitions-spread': PARTITION_COUNTS.map((partitions) => [
    partitions,
    { partitions, spread: true },
  ]),
  // Every broker leads partitions, whatever their number.
  brokers: [1, 10, 30, 100].map((brokers) => [brokers, { brokers, partitions: 100 }]),
  connections: [0, 100, 1000].map((connections) => [connections, { connections }]),
  'record-size': [10, 100, 1000, 10_000, 100_000, 1_000_000].map((valueBytes) => [
    valueBytes,
    { valueBytes },
  ]),
}

const RECORDS = 300_000
const BYTES = 150_000_000

const OURS = ENTRIES.find(({ name }) => name === 'ours')!
const OURS_SPREAD: Entry = { ...OURS, name: 'ours-spread', way: 'to each partition in turn' }

const startCluster = async ({ built, cleanup }: Session, brokers: number): Promise<Broker> => {
  const script = join(built, 'bench/scale/cluster.js')
  const folder = cleanup.folder(mkdtempSync(join(tmpdir(), 'annotated-kafka-scale-')))
  const args = [String(brokers), folder]
  const child: ChildProcess = cleanup.child(fork(script, args, { execArgv: [] }))
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the cluster of ${brokers} brokers ended before it listened`)
  })
  const [bootstrap] = await Promise.race([once(child, 'message'), ended])
  // The first address is enough: clients learn the others.
  const [first] = String(bootstrap).split(',')
  return {
    name: 'embedded',
    title: `${brokers} embedded brokers`,
    bootstrap: first!,
    async stop() {
      const exit = once(child, 'exit')
      ended.catch(() => {})
      child.disconnect()
      await exit
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Connections that are open and say nothing. */
const openConnections = async (bootstrap: string, count: number): Promise<Socket[]> => {
  const [host, port] = bootstrap.split(':')
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) {
    const socket = connect(Number(port), host)
    await once(socket, 'connect')
    sockets.push(socket)
  }
  return sockets
}

const countsFor = (valueBytes: number): { count: number; warmUp: number } => {
  const count = Math.ceil(Math.min(RECORDS, BYTES / valueBytes))
  return { count, warmUp: Math.ceil(count / 4) }
}

/** `null`: it failed in every round, which the session knows. */
const measurePoint = async (
  session: Session,
  x: number,
  setup: Setup,
  rounds: number,
): Promise<Point | null> => {
  const broker = await startCluster(session, setup.brokers)
  const sockets = await openConnections(broker.bootstrap, setup.connections)
  const measurement = new Measurement(session, broker, setup.partitions, true)
  try {
    const workload = {
      ...flatOut(setup.valueBytes, 'none', rounds, [setup.spread ? OURS_SPREAD : OURS]),
      counts: countsFor(setup.valueBytes),
    }
    const outcomes = (await measurement.run(workload))[0]?.outcomes ?? []
    if (outcomes.length === 0) return null
    const rate = spread(outcomes.map((each) => each.acknowledged / each.seconds))
    const cpu = spread(outcomes.map((each) => (each.cpuSeconds! / each.acknowledged) * 1e6))
    const tidy = ({ median, min, max }: Spread): Spread => ({
      median: rounded(median, 3),
      min: rounded(min, 3),
      max: rounded(max, 3),
    })
    return {
      x,
      recordsPerSecond: tidy(rate),
      megabytesPerSecond: rounded((rate.median * setup.valueBytes) / 1e6, 3),
      cpuSecondsPerMillion: tidy(cpu),
      cpuSecondsPerGigabyte: rounded((cpu.median * 1000) / setup.valueBytes, 3),
    }
  } finally {
    measurement.close()
    for (const socket of sockets) socket.destroy()
    await broker.stop()
  }
}

export const measureScale = async (session: Session, rounds: number): Promise<Series[]> => {
  const all: Series[] = []
  for (const [name, settings] of Object.entries(SERIES)) {
    const points: Point[] = []
    for (const [x, changed] of settings) {
      const point = await measurePoint(session, x, { ...USUAL, ...changed }, rounds)
      if (point !== null) points.push(point)
    }
    const series = { name: name as SeriesName, points }
    session.say(scaleText(series))
    all.push(series)
  }
  return all
}

const scaleText = ({ name, points }: Series): string =>
  `\n${name}\n${textTable(
    ['', 'CPU s per million', '(least–most)', 'CPU s per GB', 'records/s', 'MB/s'],
    points.map(({ x, cpuSecondsPerMillion: cpu, ...point }) => [
      x.toLocaleString('en'),
      ...[cpu.median, `${cpu.min}–${cpu.max}`, point.cpuSecondsPerGigabyte],
      ...[Math.round(point.recordsPerSecond.median), point.megabytesPerSecond],
    ]),
  )}`
