/**
 * What the tests of the log share: a log directory on a memory disk, records, and ways to read
 * back.
 */

import { BackgroundTasks } from '../../../src/broker/log/BackgroundTasks.ts'
import type { FileRecordsSlice } from '../../../src/broker/log/FileRecords.ts'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import type { LogDirContext } from '../../../src/broker/log/LogDirContext.ts'
import { LogDirFailureChannel } from '../../../src/broker/log/LogDirFailureChannel.ts'
import type { UnifiedLogOptions } from '../../../src/broker/log/loadLog.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { Storage } from '../../../src/broker/log/Storage.ts'
import { UnifiedLog } from '../../../src/broker/log/UnifiedLog.ts'
import type { Properties } from '../../../src/common/config/ConfigDef.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { utf8Bytes, utf8Read } from '../../../src/common/utf8.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import type { SimpleRecord } from '../../../src/record/SimpleRecord.ts'
import { type RecordsOptions, withRecords } from '../../../src/record/withRecords.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'

export const PARTITION = new TopicPartition('orders', 0)
export const DIR = 'orders-0'
/** Where the clock of a test stands at first, and the time of its records. */
export const NOW = 1_700_000_000_000

/** What all logs of a directory share, with a clock moved by hand. */
export interface TestContext extends LogDirContext {
  readonly time: MockTime
  readonly logger: RecordingLogger
}

/** A log directory as a broker has one, everything in it under the test's hand. */
export interface TestLogDir<S extends Storage = MemoryStorage> {
  readonly storage: S
  readonly time: MockTime
  readonly logger: RecordingLogger
  readonly bus: TraceBus
  readonly context: TestContext
  /** Opens `orders-0`. */
  open(options?: Partial<UnifiedLogOptions> & { settings?: Properties }): UnifiedLog
}

export const logDirOn = <S extends Storage>(storage: S, time = new MockTime()): TestLogDir<S> => {
  const logger = new RecordingLogger()
  const bus = new TraceBus(time, logger)
  const context: TestContext = {
    storage,
    time,
    random: new SeededRandom(1),
    logger,
    trace: bus.from('broker-1'),
    failureChannel: new LogDirFailureChannel('logs', logger),
    deletions: new BackgroundTasks(time, logger),
    producerIdExpirationMs: 86_400_000,
  }
  return {
    storage,
    time,
    logger,
    bus,
    context,
    open: ({ settings = {}, ...options } = {}) => openLog(context, settings, options),
  }
}

export const testContext = (
  storage: Storage = new MemoryStorage(),
  time = new MockTime(),
): TestContext => logDirOn(storage, time).context

/** Opens `orders-0`. */
export const openLog = (
  context: LogDirContext,
  settings: Properties = {},
  options: Partial<UnifiedLogOptions> = {},
): UnifiedLog =>
  UnifiedLog.create({ context, dir: DIR, config: new LogConfig(settings), ...options })

export const testLogDir = (): TestLogDir => logDirOn(new MemoryStorage())

export const record = (value: string, timestamp = -1, key: string | null = null): SimpleRecord => ({
  timestamp,
  key: key === null ? null : utf8Bytes(key),
  value: utf8Bytes(value),
})

/** One batch of these values, as a producer sends it: its base offset is 0 unless told. */
export const batch = (
  values: string | readonly string[],
  options: BatchOptions = {},
): MemoryRecords => {
  const { timestamp = NOW, key = null, ...rest } = options
  const list = typeof values === 'string' ? [values] : values
  return withRecords(rest, ...list.map((value) => record(value, timestamp, key)))
}

export interface BatchOptions extends RecordsOptions {
  timestamp?: number
  key?: string | null
}

/** A batch of an idempotent producer. */
export const batchOf = (
  producerId: bigint,
  producerEpoch: number,
  baseSequence: number,
  values: string | readonly string[] = 'x',
  options: BatchOptions = {},
): MemoryRecords => batch(values, { producerId, producerEpoch, baseSequence, ...options })

/** Several batches, one behind the other. */
export const concat = (...parts: readonly MemoryRecords[]): MemoryRecords => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.sizeInBytes, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part.bytes, at)
    at += part.sizeInBytes
  }
  return MemoryRecords.readableRecords(joined)
}

/** The same bytes once more: an append changes those it is given. */
export const copyOf = (records: MemoryRecords): MemoryRecords =>
  MemoryRecords.readableRecords(records.bytes.slice())

export interface PlainRecord {
  offset: number
  value: string
}

/** The whole records in a slice. */
export const recordsIn = (slice: FileRecordsSlice): PlainRecord[] => {
  const records = MemoryRecords.readableRecords(slice.toBytes())
  return [...records.batches()].flatMap((each) =>
    [...each].map(({ offset, value }) => ({
      offset,
      value: value === null ? '' : utf8Read(value, 0, value.length),
    })),
  )
}

export const offsetsIn = (slice: FileRecordsSlice): number[] =>
  recordsIn(slice).map(({ offset }) => offset)

/** Everything that a log has from an offset on, over the borders of segments. */
export const readAll = (log: UnifiedLog, from = log.logStartOffset): PlainRecord[] => {
  const all: PlainRecord[] = []
  for (let at = from; at < log.logEndOffset; ) {
    const found = recordsIn(log.read(at, 1024 * 1024, 'logEnd', true).records)
    const last = found.at(-1)
    if (last === undefined) break
    all.push(...found.filter(({ offset }) => offset >= at))
    at = last.offset + 1
  }
  return all
}

/** The values of `readAll`. */
export const valuesOf = (log: UnifiedLog, from = log.logStartOffset): string[] =>
  readAll(log, from).map(({ value }) => value)

/** Writes over bytes of a file. */
export const overwrite = (
  storage: Storage,
  path: string,
  position: number,
  bytes: Uint8Array,
): void => {
  const file = storage.open(path)
  file.write(position, bytes)
  file.close()
}

export const sizeOf = (storage: Storage, path: string): number => {
  const file = storage.open(path)
  try {
    return file.size()
  } finally {
    file.close()
  }
}

export const cutFile = (storage: Storage, path: string, size: number): void => {
  const file = storage.open(path)
  file.truncate(size)
  file.close()
}

/** The offsets of the producers' snapshots in `orders-0`. */
export const listSnapshots = (storage: Storage): number[] =>
  storage
    .list(DIR)
    .filter((name) => name.endsWith('.snapshot'))
    .map((name) => Number(name.slice(0, 20)))
