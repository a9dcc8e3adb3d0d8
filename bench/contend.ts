/**
 * One contender, alone in its process. Gets a `Job` as JSON, prints one JSON line.
 *
 *     process starts ─ client loaded ─ │memory before│ ─ warm-up ─ ├── measured ──┤ ─ close
 *
 * I1  The warm-up goes through the same producer to another topic: what is measured is neither the
 *     first compilation nor the first connection.
 * I2  The clock runs from the first `send` until the last record is acknowledged.
 * I3  Memory counts from before the very first `send`, the warm-up's.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { OpenContender, Setting } from './contenders/Contender.ts'
import { loadContender } from './contenders/index.ts'
import { percentiles } from './statistics.ts'
import { Values } from './values.ts'
import { megabytes, watchGc, watchLoop } from './watch.ts'

/**
 * How records are sent: as fast as it goes, so many per second, or the next after the last. Or they
 * are read, as fast as it goes, by a client that is warm, or by one that has just been started.
 */
export type Pace =
  | { kind: 'flat-out' }
  | { kind: 'rate'; perSecond: number }
  | { kind: 'single' }
  | { kind: 'read' }
  | { kind: 'first read' }

export interface Job extends Setting {
  readonly contender: string
  readonly topic: string
  readonly warmUpTopic: string
  readonly count: number
  readonly warmUp: number
  readonly valueBytes: number
  readonly pace: Pace
}

/** Milliseconds. */
export interface Latencies {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

export interface Outcome {
  readonly acknowledged: number
  readonly seconds: number
  readonly cpuSeconds: number | null
  /** Of Java alone: what starting and ending cost besides. */
  readonly startUpCpuSeconds?: number
  readonly memoryBeforeMb: number | null
  readonly peakMemoryMb: number | null
  /** How late timers came: what other code of the process waits for. */
  readonly loopDelayMs: { readonly p99: number; readonly max: number } | null
  readonly gc: { readonly maxMs: number; readonly sumMs: number; readonly count: number } | null
  readonly latencyMs: Latencies | null
}

/** Small, whatever is measured then: an engine compiles by calls, not by bytes. */
const WARM_UP_VALUE_BYTES = 100
const RATE_TICK_MS = 1

/** Sends one record after the other, each when the last is acknowledged; latencies in `into`. */
const sendSingly = async (
  contender: OpenContender,
  topic: string,
  values: Values,
  into: Float64Array,
): Promise<number> => {
  for (let i = 0; i < into.length; i++) {
    const startedMs = performance.now()
    await contender.sendOne(topic, values.next())
    into[i] = performance.now() - startedMs
  }
  return into.length
}

/**
 * Sends `perSecond` records, whether or not the earlier ones are acknowledged. A tick that comes
 * late sends what is due: the rate holds. A latency counts from the call of `send`.
 */
const sendAtRate = async (
  contender: OpenContender,
  topic: string,
  values: Values,
  into: Float64Array,
  perSecond: number,
): Promise<number> => {
  let acknowledged = 0
  const underWay: Promise<void>[] = []
  const send = async (index: number): Promise<void> => {
    const startedMs = performance.now()
    await contender.sendOne(topic, values.next())
    into[index] = performance.now() - startedMs
    acknowledged++
  }
  const startedMs = performance.now()
  for (let sent = 0; sent < into.length; ) {
    const due = Math.ceil(((performance.now() - startedMs) * perSecond) / 1000)
    while (sent < Math.min(due, into.length)) underWay.push(send(sent++))
    await sleep(RATE_TICK_MS)
  }
  await Promise.all(underWay)
  return acknowledged
}

const send = async (
  contender: OpenContender,
  { pace, count }: Job,
  topic: string,
  values: Values,
  latencies: Float64Array,
): Promise<number> => {
  if (pace.kind === 'flat-out') return contender.sendAll(topic, values, count)
  if (pace.kind === 'single') return sendSingly(contender, topic, values, latencies)
  if (pace.kind === 'rate') return sendAtRate(contender, topic, values, latencies, pace.perSecond)
  throw new Error('Readers have a process of their own')
}

const latenciesOf = (job: Job): Float64Array =>
  new Float64Array(job.pace.kind === 'flat-out' ? 0 : job.count)

const run = async (job: Job): Promise<Outcome> => {
  const open = await loadContender(job.contender)
  const contender = await open(job)
  const rssBefore = process.memoryUsage().rss
  const warmUp = { ...job, count: job.warmUp }
  await send(
    contender,
    warmUp,
    job.warmUpTopic,
    new Values(WARM_UP_VALUE_BYTES),
    latenciesOf(warmUp),
  )
  const values = new Values(job.valueBytes)

  const latencies = latenciesOf(job)
  const gc = watchGc()
  const loop = watchLoop()
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const acknowledged = await send(contender, job, job.topic, values, latencies)
  const seconds = (performance.now() - startedMs) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  const loopDelayMs = loop.stop()
  const pauses = await gc.stop()
  await contender.close()
  return {
    acknowledged,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    memoryBeforeMb: megabytes(rssBefore),
    peakMemoryMb: process.resourceUsage().maxRSS / 1024,
    loopDelayMs,
    gc: pauses,
    latencyMs: latencies.length > 0 ? percentiles(latencies) : null,
  }
}

if (process.argv[2] !== undefined) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2]) as Job))}\n`)
}
