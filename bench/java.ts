/**
 * Java's producer, driven by Kafka's own `ProducerPerformance`.
 *
 * It sends one record after the other with a callback each, and prints what it counted. It chooses
 * its values at random from a file that holds ours, so what is read back can be checked; numbers
 * repeat, so only count and bytes can.
 *
 * The clock is the tool's own: from the first record after the warm-up until `close` has returned.
 * CPU time is the whole process', less that of a run with a single record; what the JVM spends on
 * compiling while it sends remains, as it does in any program.
 *
 * @simplified the tool counts latency in whole milliseconds, and cannot send one record at a time.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KafkaPrerequisites } from '../test/kafka/support/prerequisites.ts'
import type { Cleanup } from './Cleanup.ts'
import type { Job, Latencies, Outcome } from './contend.ts'
import { type Ended, runToEnd } from './processes.ts'
import { valuesFile } from './values.ts'

const TOOL = 'org.apache.kafka.tools.ProducerPerformance'

/** Those of Kafka's `kafka-producer-perf-test.sh`. */
export const JVM_OPTIONS = [
  ...['-Xmx512M', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'],
]

/** One of the tool's summary lines. */
export interface Summary {
  readonly records: number
  readonly recordsPerSecond: number
  readonly latencyMs: Latencies
}

const SUMMARY = new RegExp(
  '(\\d+) (?:steady state )?records sent, ([\\d.]+) (?:steady state )?records/sec .*' +
    ' (\\d+) ms 50th, \\d+ ms 95th, (\\d+) ms 99th, (\\d+) ms 99.9th',
)

/** The tool's summary lines, in their order; with a warm-up the last leaves it out. */
export const summaries = (out: string): Summary[] =>
  out.split('\n').flatMap((line) => {
    const match = SUMMARY.exec(line)
    if (match === null) return []
    const [records, recordsPerSecond, p50, p99, p999] = match.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ]
    return [{ records, recordsPerSecond, latencyMs: { p50, p99, p999 } }]
  })

export class JavaProducer {
  private readonly tools: KafkaPrerequisites
  private readonly cleanup: Cleanup
  private readonly startUps = new Map<string, Promise<number | null>>()

  constructor(tools: KafkaPrerequisites, cleanup: Cleanup) {
    this.tools = tools
    this.cleanup = cleanup
  }

  /** @param job its topic gets the warm-up too; its pace is flat out, or a rate */
  async run(job: Job): Promise<Outcome> {
    const startUpCpuSeconds = await this.startUp(job)
    const { out, usage } = await this.perform(job, job.topic, job.count + job.warmUp, job.warmUp)
    const lines = summaries(out)
    const total = lines.at(-2) ?? lines.at(-1)
    const steady = lines.at(-1)
    if (total === undefined || steady === undefined) throw new Error(`no summary in: ${out}`)
    // Of the few records of a rate, start-up would be nearly all.
    const isMeant = job.pace.kind === 'flat-out' && usage !== null && startUpCpuSeconds !== null
    const share = job.count / (job.count + job.warmUp)
    return {
      acknowledged: total.records - job.warmUp,
      seconds: steady.records / steady.recordsPerSecond,
      cpuSeconds: isMeant ? (usage.cpuSeconds - startUpCpuSeconds) * share : null,
      ...(isMeant && { startUpCpuSeconds }),
      memoryBeforeMb: null,
      peakMemoryMb: usage?.peakMemoryMb ?? null,
      loopDelayMs: null,
      gc: null,
      latencyMs: job.pace.kind === 'rate' ? steady.latencyMs : null,
    }
  }

  /** CPU seconds of a run that sends a single record; measured once for each broker. */
  private startUp(job: Job): Promise<number | null> {
    let measured = this.startUps.get(job.bootstrap)
    if (measured === undefined) {
      measured = this.perform(job, job.warmUpTopic, 1, 0).then(
        ({ usage }) => usage?.cpuSeconds ?? null,
      )
      this.startUps.set(job.bootstrap, measured)
    }
    return measured
  }

  private perform(job: Job, topic: string, records: number, warmUp: number): Promise<Ended> {
    const file = join(this.tools.workDir, `values-${job.valueBytes}`)
    writeFileSync(file, valuesFile(job.valueBytes))
    const properties = {
      'bootstrap.servers': job.bootstrap,
      acks: 'all',
      'linger.ms': job.lingerMs,
      'batch.size': job.batchSizeBytes,
      'compression.type': job.compression,
    }
    const { kafkaClasspath, log4jConfig } = this.tools
    const log = `-Dlog4j2.configurationFile=${log4jConfig}`
    const args = [...JVM_OPTIONS, '-cp', kafkaClasspath, log]
    args.push(TOOL, '--topic', topic, '--num-records', String(records), '--payload-file', file)
    args.push('--throughput', job.pace.kind === 'rate' ? String(job.pace.perSecond) : '-1')
    if (warmUp > 0) args.push('--warmup-records', String(warmUp))
    args.push('--command-property')
    args.push(...Object.entries(properties).map(([name, value]) => `${name}=${value}`))
    return runToEnd('java', args, this.cleanup)
  }
}
