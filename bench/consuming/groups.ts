/**
 * Four members over two hundred partitions: how long until all are shared, and until they are
 * shared anew after one has left. Ours and Java's, on the same broker, whose
 * `group.initial.rebalance.delay.ms` is 0.
 *
 * The first round of each is left out: it compiles, and creates the offsets topic.
 */

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../processes.ts'
import { type Session, startBest } from '../session.ts'
import { type Spread, spread } from '../statistics.ts'
import { textTable } from '../table.ts'
import { createTopics } from '../topics.ts'
import type { GroupJob } from './contendGroup.ts'

const PARTITIONS = 200
const MEMBERS = 4
const TOPIC = 'shared'

export interface GroupRow {
  readonly client: 'ours' | 'java'
  readonly joinMs: Spread
  readonly rebalanceMs: Spread
}

export interface GroupReport {
  readonly broker: string
  readonly partitions: number
  readonly members: number
  readonly rounds: number
  readonly rows: readonly GroupRow[]
}

/** Lines of two numbers, without the first one. */
export const groupRowOf = (client: GroupRow['client'], out: string): GroupRow => {
  const rounds = out
    .split('\n')
    .filter((line) => /^\d+ \d+$/.test(line))
    .map((line) => line.split(' ').map(Number) as [number, number])
    .slice(1)
  if (rounds.length === 0) throw new Error(`no rounds in: ${out}`)
  return {
    client,
    joinMs: spread(rounds.map(([joinMs]) => joinMs)),
    rebalanceMs: spread(rounds.map(([, rebalanceMs]) => rebalanceMs)),
  }
}

export const measureGroups = async (session: Session, rounds: number): Promise<GroupReport> => {
  const { built, kafka, cleanup } = session
  const broker = await startBest(session)
  try {
    const { bootstrap } = broker
    await createTopics(bootstrap, PARTITIONS, TOPIC)
    const shape = { topic: TOPIC, partitions: PARTITIONS, members: MEMBERS }
    const job: GroupJob = { bootstrap, ...shape, rounds: rounds + 1 }
    const script = join(built, 'bench/consuming/contendGroup.js')
    const ours = await runToEnd(process.execPath, [script, JSON.stringify(job)], cleanup)
    const rows = [groupRowOf('ours', ours.out)]
    if (kafka !== null) {
      const source = fileURLToPath(new URL('./GroupTimes.java', import.meta.url))
      const log = `-Dlog4j2.configurationFile=${kafka.log4jConfig}`
      const args = ['-cp', kafka.kafkaClasspath, log, source, bootstrap, TOPIC]
      args.push(...[PARTITIONS, MEMBERS, job.rounds].map(String))
      rows.push(groupRowOf('java', (await runToEnd('java', args, cleanup)).out))
    }
    return { broker: broker.title, partitions: PARTITIONS, members: MEMBERS, rounds, rows }
  } finally {
    await broker.stop()
  }
}

export const groupsText = ({ broker, partitions, members, rounds, rows }: GroupReport): string => {
  const range = ({ median, min, max }: Spread): string => `${median} (${min}–${max})`
  return (
    `\n${broker}: ${members} members over ${partitions} partitions; medians of ${rounds} rounds\n` +
    textTable(
      ['milliseconds until all is shared', 'after joining', 'after one has left'],
      rows.map(({ client, joinMs, rebalanceMs }) => [
        client === 'ours' ? 'annotated-kafka' : 'Java',
        range(joinMs),
        range(rebalanceMs),
      ]),
    )
  )
}
