/**
 * Java's consumer, driven by Kafka's own `ConsumerPerformance`.
 *
 * The tool has no warm-up. It prints a line four times a second, with what it had read until then,
 * so the rate is taken between two of them: from the first one, or the first one after the warm-up,
 * to the last.
 *
 * CPU time is the whole process', less that of a run that reads a single record; what the JVM
 * spends on compiling while it reads remains, as it does in any program.
 */

import type { KafkaPrerequisites } from '../../test/kafka/support/prerequisites.ts'
import type { Cleanup } from '../Cleanup.ts'
import type { Outcome } from '../contend.ts'
import { JVM_OPTIONS } from '../java.ts'
import { type Ended, runToEnd } from '../processes.ts'
import type { ReadJob } from './contendReading.ts'

const TOOL = 'org.apache.kafka.tools.ConsumerPerformance'
const REPORT_EVERY_MS = 250

/** What the tool had read at some moment. */
export interface Mark {
  readonly atMs: number
  readonly records: number
}

const LINE = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d):(\d{3}), \d+, [\d.]+, [\d.]+, (\d+), /

/** The tool's lines, in their order. */
export const marks = (out: string): Mark[] =>
  out.split('\n').flatMap((line) => {
    const match = LINE.exec(line)
    if (match === null) return []
    const [, day, time, ms, records] = match
    return [{ atMs: Date.parse(`${day}T${time}.${ms}Z`), records: Number(records) }]
  })

/**
 * Records and seconds between the first mark after the warm-up and the last one.
 *
 * @throws Error when there are no two such marks
 */
export const steady = (
  all: readonly Mark[],
  warmUp: number,
): { count: number; seconds: number } => {
  const from = all.find(({ records }) => records >= warmUp)
  const to = all.at(-1)
  if (from === undefined || to === undefined || to.atMs <= from.atMs) {
    throw new Error(`the tool printed ${all.length} lines, too few to take a rate from`)
  }
  return { count: to.records - from.records, seconds: (to.atMs - from.atMs) / 1000 }
}

export class JavaConsumer {
  private readonly tools: KafkaPrerequisites
  private readonly cleanup: Cleanup
  private readonly startUps = new Map<string, Promise<number | null>>()
  private groups = 0

  constructor(tools: KafkaPrerequisites, cleanup: Cleanup) {
    this.tools = tools
    this.cleanup = cleanup
  }

  async run(job: ReadJob): Promise<Outcome> {
    const startUpCpuSeconds = await this.startUp(job)
    const { out, usage } = await this.perform(job, job.count)
    const { count, seconds } = steady(marks(out), job.warmUp)
    const isMeant = usage !== null && startUpCpuSeconds !== null
    return {
      acknowledged: count,
      seconds,
      cpuSeconds: isMeant ? (usage.cpuSeconds - startUpCpuSeconds) * (count / job.count) : null,
      ...(isMeant && { startUpCpuSeconds }),
      memoryBeforeMb: null,
      peakMemoryMb: usage?.peakMemoryMb ?? null,
      loopDelayMs: null,
      gc: null,
      latencyMs: null,
    }
  }

  /** CPU seconds of a run that reads a single record; measured once for each broker. */
  private startUp(job: ReadJob): Promise<number | null> {
    let measured = this.startUps.get(job.bootstrap)
    if (measured === undefined) {
      measured = this.perform(job, 1).then(({ usage }) => usage?.cpuSeconds ?? null)
      this.startUps.set(job.bootstrap, measured)
    }
    return measured
  }

  private perform(job: ReadJob, records: number): Promise<Ended> {
    const { kafkaClasspath, log4jConfig } = this.tools
    const log = `-Dlog4j2.configurationFile=${log4jConfig}`
    const args = [...JVM_OPTIONS, '-cp', kafkaClasspath, log, TOOL]
    args.push('--bootstrap-server', job.bootstrap, '--topic', job.topic)
    args.push('--num-records', String(records), '--group', `${job.topic}-java-${++this.groups}`)
    args.push('--show-detailed-stats', '--reporting-interval', String(REPORT_EVERY_MS))
    args.push('--hide-header')
    return runToEnd('java', args, this.cleanup)
  }
}
