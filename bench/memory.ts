/**
 * Ten million records through one producer: does memory stay where it should?
 *
 * A producer may keep `buffer.memory` of records. What it uses beyond that, over what stood before
 * the first `send`, is its own: objects, buffers of sockets, what the collector has not taken yet.
 */

import { Measurement } from './measure.ts'
import { flatOut, named } from './plan.ts'
import { type Session, startBest } from './session.ts'
import { rounded } from './statistics.ts'

const RECORDS = 10_000_000
const WARM_UP = 100_000
/** The producer's default of `buffer.memory`. */
const BUFFER_MEMORY_MB = 32
const ALLOWED_BEYOND_MB = 64
const ALLOWED_PAUSE_MS = 20

export interface MemoryReport {
  readonly broker: string
  readonly records: number
  readonly valueBytes: number
  readonly recordsPerSecond: number
  readonly memoryBeforeMb: number
  readonly peakMemoryMb: number
  readonly growthMb: number
  readonly allowedGrowthMb: number
  readonly gcMaxMs: number
  readonly gcSumMs: number
  readonly gcCount: number
  readonly allowedPauseMs: number
  readonly loopDelayMaxMs: number
}

export const measureMemory = async (session: Session): Promise<MemoryReport> => {
  const valueBytes = 100
  const broker = await startBest(session)
  const measurement = new Measurement(session, broker)
  try {
    const workload = {
      ...flatOut(valueBytes, 'none', 1, named('ours')),
      counts: { count: RECORDS, warmUp: WARM_UP },
    }
    const outcome = (await measurement.run(workload))[0]?.outcomes[0]
    if (outcome === undefined) throw new Error('The ten million records were not sent')
    const { memoryBeforeMb, peakMemoryMb, gc, seconds, loopDelayMs } = outcome
    return {
      broker: broker.title,
      records: RECORDS,
      valueBytes,
      recordsPerSecond: rounded(RECORDS / seconds),
      memoryBeforeMb: rounded(memoryBeforeMb!, 3),
      peakMemoryMb: rounded(peakMemoryMb!, 3),
      growthMb: rounded(peakMemoryMb! - memoryBeforeMb!, 3),
      allowedGrowthMb: BUFFER_MEMORY_MB + ALLOWED_BEYOND_MB,
      gcMaxMs: rounded(gc!.maxMs, 3),
      gcSumMs: rounded(gc!.sumMs, 3),
      gcCount: gc!.count,
      allowedPauseMs: ALLOWED_PAUSE_MS,
      loopDelayMaxMs: rounded(loopDelayMs!.max, 3),
    }
  } finally {
    measurement.close()
    await broker.stop()
  }
}

export const memoryText = (report: MemoryReport): string =>
  [
    `\n${report.broker}: ${report.records / 1e6} million records of ${report.valueBytes} B`,
    `  memory     ${report.memoryBeforeMb} MB before the first send, ${report.peakMemoryMb} MB ` +
      `at the peak: ${report.growthMb} MB more, allowed ${report.allowedGrowthMb}`,
    `  collector  longest pause ${report.gcMaxMs} ms, allowed ${report.allowedPauseMs}; ` +
      `${report.gcCount} pauses, ${report.gcSumMs} ms in all`,
    `  loop       at most ${report.loopDelayMaxMs} ms late`,
    `  rate       ${report.recordsPerSecond.toLocaleString('en')} records/s`,
  ].join('\n')
