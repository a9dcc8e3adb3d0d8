/**
 * Logs for the suites of `LogLoader`: small segments, a batch for each record, and the directory as
 * a new process finds it after a kill.
 */

import { INTERNAL_SEGMENT_BYTES } from '../../../src/broker/log/LogConfig.ts'
import { logFile } from '../../../src/broker/log/LogFileUtils.ts'
import { batch, DIR, logDirOn, readAll, type TestLogDir } from './helpers.ts'

export const FIRST_LOG = logFile(DIR, 0)
export const ONE = batch('0').sizeInBytes
/** Segments of five batches of one record. */
export const SMALL = { [INTERNAL_SEGMENT_BYTES]: ONE * 5, 'index.interval.bytes': 1 }

export const values = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => String((from + i) % 10))

export const valuesIn = (log: Parameters<typeof readAll>[0]): string[] =>
  readAll(log).map(({ value }) => value)

/** A log of `count` batches of one record each, timestamps 10, 20, … */
export const filled = (dir: TestLogDir, count: number, settings = {}) => {
  const log = dir.open({ settings })
  for (let i = 0; i < count; i++) {
    log.appendAsLeader(batch(String(i % 10), { timestamp: (i + 1) * 10 }), 0)
  }
  return log
}

/** The directory as a new process finds it. */
export const afterKill = (dir: TestLogDir): TestLogDir =>
  logDirOn(dir.storage.afterKill(), dir.time)
