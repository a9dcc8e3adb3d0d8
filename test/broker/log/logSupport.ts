/**
 * What tests of the log share: a disk in memory, a clock moved by hand, logs and batches in one
 * line.
 */

import { BackgroundTasks } from '../../../src/broker/log/BackgroundTasks.ts'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import type { LogDirContext } from '../../../src/broker/log/LogDirContext.ts'
import { LogDirFailureChannel } from '../../../src/broker/log/LogDirFailureChannel.ts'
import type { UnifiedLogOptions } from '../../../src/broker/log/loadLog.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { Storage } from '../../../src/broker/log/Storage.ts'
import { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import type { SimpleRecord } from '../../../src/record/SimpleRecord.ts'
import { type RecordsOptions, withRecords } from '../../../src/record/withRecords.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

export const TP = new TopicPartition('orders', 0)
export const DIR = 'orders-0'
/** Where the clock of a test stands at first, and the time of its records. */
export const NOW = 1_700_000_000_000

export interface TestContext extends LogDirContext {
  readonly time: MockTime
  readonly logger: RecordingLogger
}

export const testContext = (
  storage: Storage = new MemoryStorage(),
  time = new MockTime(),
): TestContext => {
  const logger = new RecordingLogger()
  return {
    storage,
    time,
    logger,
    random: new SeededRandom(1),
    trace: new TraceBus(time).from('broker-1'),
    failureChannel: new LogDirFailureChannel('', logger),
    deletions: new BackgroundTasks(time, logger),
    producerIdExpirationMs: 86_400_000,
  }
}

export const openLog = (
  context: LogDirContext,
  config: Record<string, unknown> = {},
  options: Partial<UnifiedLogOptions> = {},
): UnifiedLog => UnifiedLog.create({ context, dir: DIR, config: new LogConfig(config), ...options })

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** One batch as a producer sends it: base offset 0. */
export const batch = (values: readonly string[], options: RecordsOptions = {}): MemoryRecords =>
  withRecords(
    options,
    ...values.map((value): SimpleRecord => ({ timestamp: NOW, key: null, value: text(value) })),
  )

/** One batch of an idempotent producer. */
export const idempotent = (
  producerId: bigint,
  producerEpoch: number,
  baseSequence: number,
  values: readonly string[] = ['v'],
  options: RecordsOptions = {},
): MemoryRecords => batch(values, { producerId, producerEpoch, baseSequence, ...options })

/** Several batches in one run of bytes. */
export const joined = (...parts: readonly MemoryRecords[]): MemoryRecords => {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.sizeInBytes, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part.bytes, at)
    at += part.sizeInBytes
  }
  return MemoryRecords.readableRecords(bytes)
}

/** All values that a log holds, by reading it from `from` on as a consumer would. */
export const valuesOf = (log: UnifiedLog, from = log.logStartOffset): string[] =>
  recordsOf(log, from).map((record) => record.value)

export const recordsOf = (
  log: UnifiedLog,
  from = log.logStartOffset,
): { offset: number; value: string }[] => {
  const found: { offset: number; value: string }[] = []
  let offset = from
  while (offset < log.logEndOffset) {
    const read = log.read(offset, 1024 * 1024, 'logEnd', true)
    const records = MemoryRecords.readableRecords(read.records.toBytes())
    for (const each of records.batches()) {
      for (const record of each) {
        if (record.offset < offset) continue
        found.push({
          offset: record.offset,
          value: new TextDecoder().decode(record.value ?? undefined),
        })
      }
      offset = each.nextOffset
    }
    if (records.sizeInBytes === 0) break
  }
  return found
}
