/**
 * Runs the workloads of reading: every contender in every round, each in its own process.
 *
 * Each topic is written once, by one writer, before anybody reads; contenders that are about
 * equally fast read the same topic.
 *
 * I1  An outcome counts when every number of the topic was read, each once (`Tally`); of Java's
 *     tool only the count is known.
 */

import { join } from 'node:path'
import type { Broker } from '../brokers.ts'
import type { Outcome } from '../contend.ts'
import type { Filling } from '../fill.ts'
import { type Entry, PARTITIONS, type Workload } from '../plan.ts'
import { runToEnd } from '../processes.ts'
import { inRounds, type Measured } from '../rounds.ts'
import { Schedule } from '../Schedule.ts'
import type { Session } from '../session.ts'
import { createTopics, loadGroups } from '../topics.ts'
import type { ReadJob } from './contendReading.ts'
import { JavaConsumer } from './java.ts'
import { countOf } from './plan.ts'

const UNHURRIED = new Schedule(Number.POSITIVE_INFINITY, 1)
/** What is read before: as much as the topic has, or less. */
const WARM_UP_SHARE = 0.5

export class ReadMeasurement {
  private readonly session: Session
  private readonly broker: Broker
  private readonly java: JavaConsumer | null
  private readonly topics = new Set<string>()

  constructor(session: Session, broker: Broker) {
    this.session = session
    this.broker = broker
    const { kafka, cleanup } = session
    this.java = kafka === null ? null : new JavaConsumer(kafka, cleanup)
  }

  async run(workload: Workload, schedule = UNHURRIED): Promise<Measured[]> {
    await loadGroups(this.broker.bootstrap)
    const entries = workload.contenders.filter((entry) => this.takesPart(entry, workload))
    for (const entry of entries) await this.topicFor(entry, workload)
    return inRounds(this.session, workload, entries, schedule, (entry) =>
      this.contend(entry, workload),
    )
  }

  private takesPart(entry: Entry, { compression }: Workload): boolean {
    const { peers } = this.session
    if (!entry.codecs.includes(compression)) return false
    if (entry.runtime === 'java') return this.java !== null
    if (entry.runtime === 'node') return true
    return entry.client === 'ours' ? peers.node24 !== null : peers.platformatic !== null
  }

  /** Writes the topic, if nobody has read it before. */
  private async topicFor(entry: Entry, workload: Workload): Promise<string> {
    const count = countOf(entry, workload)
    const { valueBytes, compression } = workload
    const topic = `read-${valueBytes}-${compression}-${count}`
    if (this.topics.has(topic)) return topic
    this.topics.add(topic)
    const { bootstrap } = this.broker
    await createTopics(bootstrap, PARTITIONS, topic)
    const filling: Filling = { bootstrap, topic, count, valueBytes, compression }
    const { built, cleanup } = this.session
    const args = [join(built, 'bench/fill.js'), JSON.stringify(filling)]
    await runToEnd(process.execPath, args, cleanup)
    return topic
  }

  private async contend(entry: Entry, workload: Workload): Promise<Outcome> {
    const count = countOf(entry, workload)
    const { built, peers, cleanup } = this.session
    const job: ReadJob = {
      bootstrap: this.broker.bootstrap,
      topic: await this.topicFor(entry, workload),
      partitions: PARTITIONS,
      modulePath: entry.client === '@platformatic/kafka' ? peers.platformatic : null,
      contender: entry.name,
      count,
      warmUp: workload.pace.kind === 'read' ? Math.floor(count * WARM_UP_SHARE) : 0,
    }
    if (entry.runtime === 'java') return this.java!.run(job)
    const node = entry.runtime === 'node24' ? peers.node24! : process.execPath
    const args = [join(built, 'bench/consuming/contendReading.js'), JSON.stringify(job)]
    return JSON.parse((await runToEnd(node, args, cleanup)).out) as Outcome
  }
}
