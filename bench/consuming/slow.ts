/**
 * Memory behind a slow reader: a log of some 160 MB, of which one record a second is taken.
 *
 * A consumer may hold what one fetch brings, `fetch.max.bytes`; beyond that, over what stood before
 * it was made, is its own. Whoever asked for the next records however slowly they are taken would
 * hold the whole log before long.
 */

import { join } from 'node:path'
import type { Filling } from '../fill.ts'
import { PARTITIONS } from '../plan.ts'
import { runToEnd } from '../processes.ts'
import { type Session, startBest } from '../session.ts'
import { rounded } from '../statistics.ts'
import { createTopics } from '../topics.ts'
import type { SlowJob, SlowOutcome } from './readSlowly.ts'

const RECORDS = 1_500_000
const VALUE_BYTES = 100
const SECONDS = 60
/** The consumer's default of `fetch.max.bytes`. */
const FETCH_MAX_MB = 50
const ALLOWED_BEYOND_MB = 64
const TOPIC = 'slowly'

export interface SlowReport {
  readonly broker: string
  readonly logMb: number
  readonly seconds: number
  readonly taken: number
  readonly memoryBeforeMb: number
  readonly peakMemoryMb: number
  readonly growthMb: number
  readonly allowedGrowthMb: number
}

export const measureSlowReader = async (session: Session): Promise<SlowReport> => {
  const { built, cleanup } = session
  const broker = await startBest(session)
  try {
    const { bootstrap } = broker
    await createTopics(bootstrap, PARTITIONS, TOPIC)
    const log = { topic: TOPIC, count: RECORDS, valueBytes: VALUE_BYTES }
    const filling: Filling = { bootstrap, ...log, compression: 'none' }
    const run = (script: string, job: Filling | SlowJob) =>
      runToEnd(process.execPath, [join(built, script), JSON.stringify(job)], cleanup)
    await run('bench/fill.js', filling)
    const job: SlowJob = { bootstrap, topic: TOPIC, partitions: PARTITIONS, seconds: SECONDS }
    const { out } = await run('bench/consuming/readSlowly.js', job)
    const { taken, memoryBeforeMb, peakMemoryMb } = JSON.parse(out) as SlowOutcome
    return {
      broker: broker.title,
      logMb: rounded((RECORDS * VALUE_BYTES) / 1e6),
      seconds: SECONDS,
      taken,
      memoryBeforeMb: rounded(memoryBeforeMb, 3),
      peakMemoryMb: rounded(peakMemoryMb, 3),
      growthMb: rounded(peakMemoryMb - memoryBeforeMb, 3),
      allowedGrowthMb: FETCH_MAX_MB + ALLOWED_BEYOND_MB,
    }
  } finally {
    await broker.stop()
  }
}

export const slowText = (report: SlowReport): string =>
  `\n${report.broker}: a reader that took ${report.taken} records in ${report.seconds} s, of ` +
  `${report.logMb} MB\n` +
  `  memory     ${report.memoryBeforeMb} MB before, ${report.peakMemoryMb} MB at the peak: ` +
  `${report.growthMb} MB more, allowed ${report.allowedGrowthMb}`
