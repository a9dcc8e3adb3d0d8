/**
 * Runs workloads: every contender in every round, each in its own process, then reads back.
 *
 * I1  An outcome counts when all records were acknowledged and all were read back: the bytes right,
 *     each number once.
 */

import { join } from 'node:path'
import type { Broker } from './brokers.ts'
import type { Job, Outcome } from './contend.ts'
import {
  BATCH_SIZE_BYTES,
  BROKER_WARM_UP,
  countsOf,
  type Entry,
  PARTITIONS,
  type Workload,
} from './plan.ts'
import { runToEnd } from './processes.ts'
import { Reader } from './Reader.ts'
import { inRounds, type Measured } from './rounds.ts'
import { Schedule } from './Schedule.ts'
import type { Session } from './session.ts'
import { createTopics } from './topics.ts'
import { RING } from './values.ts'

const UNHURRIED = new Schedule(Number.POSITIVE_INFINITY, 1)

export class Measurement {
  /** For the Node of every contender: a profiler, for one. */
  readonly nodeArgs: string[] = []
  private readonly session: Session
  private readonly broker: Broker
  private readonly reader: Reader
  private readonly partitions: number
  private readonly keepsTopics: boolean
  private topics = 0

  /** @param keepsTopics the broker goes with them: nothing is gained by deleting them before */
  constructor(session: Session, broker: Broker, partitions = PARTITIONS, keepsTopics = false) {
    this.session = session
    this.broker = broker
    this.partitions = partitions
    this.keepsTopics = keepsTopics
    this.reader = new Reader(session.built, session.cleanup)
  }

  async run(workload: Workload, schedule = UNHURRIED): Promise<Measured[]> {
    const entries = workload.contenders.filter((entry) => this.takesPart(entry, workload))
    return inRounds(this.session, workload, entries, schedule, (entry) =>
      this.contend(entry, workload),
    )
  }

  /**
   * Sends what nobody counts. A broker that was just started is compiled while it works, and
   * whoever came first would pay for that.
   */
  async warmBroker(): Promise<void> {
    await this.contend(BROKER_WARM_UP.contenders[0]!, BROKER_WARM_UP)
  }

  /** Ends what reads back; the broker is another's. */
  close(): void {
    this.reader.close()
  }

  private takesPart(entry: Entry, { compression, pace }: Workload): boolean {
    const { peers, java } = this.session
    if (!entry.codecs.includes(compression)) {
      this.session.say(`${entry.name} is left out: it has no ${compression} of its own`)
      return false
    }
    if (entry.runtime === 'java') return java !== null && pace.kind !== 'single'
    if (entry.runtime === 'node') return true
    return entry.client === 'ours' ? peers.node24 !== null : peers.platformatic !== null
  }

  private async contend(entry: Entry, workload: Workload): Promise<Outcome> {
    const topic = `bench-${++this.topics}-${entry.name}`
    const { valueBytes, compression, lingerMs, pace } = workload
    const job: Job = {
      valueBytes,
      compression,
      lingerMs,
      pace,
      ...(workload.counts ?? countsOf(entry, workload)),
      bootstrap: this.broker.bootstrap,
      batchSizeBytes: BATCH_SIZE_BYTES,
      modulePath: entry.client === '@platformatic/kafka' ? this.session.peers.platformatic : null,
      partitions: this.partitions,
      contender: entry.name,
      topic,
      warmUpTopic: `${topic}-warm-up`,
    }
    await createTopics(this.broker.bootstrap, this.partitions, topic, job.warmUpTopic)
    const outcome = await this.outcome(entry, job)
    await this.verify(entry, job, outcome)
    return outcome
  }

  private async outcome(entry: Entry, job: Job): Promise<Outcome> {
    const { built, peers, java, cleanup } = this.session
    if (entry.runtime === 'java') return java!.run(job)
    const node = entry.runtime === 'node24' ? peers.node24! : process.execPath
    const args = [...this.nodeArgs, join(built, 'bench/contend.js'), JSON.stringify(job)]
    return JSON.parse((await runToEnd(node, args, cleanup)).out) as Outcome
  }

  private async verify(entry: Entry, job: Job, { acknowledged }: Outcome): Promise<void> {
    if (acknowledged !== job.count) {
      throw new Error(`${job.count} sent, ${acknowledged} acknowledged`)
    }
    const isJava = entry.runtime === 'java'
    const sent = isJava ? job.count + job.warmUp : job.count
    const { bootstrap, topic, partitions, valueBytes } = job
    const topicsToDelete = this.keepsTopics ? [] : [job.topic, job.warmUpTopic]
    const numbers = isJava ? RING : sent
    const wanted = { bootstrap, topic, partitions, valueBytes, numbers, topicsToDelete }
    await this.reader.verify(wanted, sent, isJava)
  }
}
