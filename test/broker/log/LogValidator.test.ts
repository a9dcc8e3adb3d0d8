import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gzip } from '#platform'
import { LogConfig } from '../../../src/broker/log/LogConfig.ts'
import { LogValidator, type ValidationResult } from '../../../src/broker/log/LogValidator.ts'
import type { AppendOrigin } from '../../../src/broker/log/ProducerAppendInfo.ts'
import { RecordScanner } from '../../../src/broker/log/RecordScanner.ts'
import { RecordValidationException } from '../../../src/broker/log/RecordValidationException.ts'
import {
  InvalidRecordException,
  InvalidTimestampException,
  UnsupportedCompressionTypeException,
} from '../../../src/common/errors/ApiExceptions.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { utf8Bytes } from '../../../src/common/utf8.ts'
import { CompressionType } from '../../../src/record/CompressionType.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import type { DefaultRecordBatch } from '../../../src/record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import type { SimpleRecord } from '../../../src/record/SimpleRecord.ts'
import { TimestampType } from '../../../src/record/TimestampType.ts'
import { type RecordsOptions, withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'
import { concat, PARTITION } from './helpers.ts'

const NOW = 1_700_000_000_000
const time = new MockTime(0, NOW)

const record = (timestamp = NOW, key: string | null = 'k', value = 'v'): SimpleRecord => ({
  timestamp,
  key: key === null ? null : utf8Bytes(key),
  value: utf8Bytes(value),
})

const make = (options: RecordsOptions, ...records: SimpleRecord[]): MemoryRecords =>
  withRecords(options, ...(records.length > 0 ? records : [record(), record(), record()]))

const validate = (
  records: MemoryRecords,
  config: Record<string, unknown> = {},
  offset = 0,
  origin: AppendOrigin = 'client',
): ValidationResult =>
  new LogValidator({
    topicPartition: PARTITION,
    time,
    config: new LogConfig(config),
    partitionLeaderEpoch: 7,
    origin,
  }).validateMessagesAndAssignOffsets(records, offset)

const only = (result: ValidationResult): DefaultRecordBatch =>
  result.validatedRecords.batchIterator().next()

/** Changes a field of the one batch and makes its CRC right again. */
const edited = (
  records: MemoryRecords,
  edit: (view: DataView, batch: DefaultRecordBatch) => void,
) => {
  const { bytes } = records
  const batch = records.batchIterator().next()
  edit(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), batch)
  // Setting another max timestamp and back writes a new CRC.
  const { maxTimestamp, timestampType } = batch
  batch.setMaxTimestamp(timestampType, maxTimestamp + 1)
  batch.setMaxTimestamp(timestampType, maxTimestamp)
  return records
}

const GZIP = { compression: Compression.gzip() }
const failure = (action: () => unknown): RecordValidationException => {
  try {
    action()
  } catch (error) {
    if (error instanceof RecordValidationException) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('LogValidator, what it does to a good batch', () => {
  test('gives uncompressed records their offsets without copying a byte', () => {
    covers(
      'LogValidatorTest.testAbsoluteOffsetAssignmentNonCompressed',
      'LogValidatorTest.testRelativeOffsetAssignmentNonCompressedV2',
      'LogValidatorTest.checkNonCompressed',
    )
    const records = make({ producerId: 9n, producerEpoch: 3, baseSequence: 40 })
    const body = records.bytes.slice(21)
    const result = validate(records, {}, 1234567)
    expect(result.validatedRecords).toBe(records)
    expect(result.messageSizeMaybeChanged).toBe(false)
    expect(result.nextOffset).toBe(1234570)
    expect(result.maxTimestampMs).toBe(NOW)
    const batch = only(result)
    expect([...batch].map((each) => each.offset)).toEqual([1234567, 1234568, 1234569])
    expect(batch.isValid()).toBe(true)
    expect(batch.partitionLeaderEpoch).toBe(7)
    expect([batch.producerId, batch.producerEpoch, batch.baseSequence]).toEqual([9n, 3, 40])
    expect(records.bytes.slice(21)).toEqual(body)
  })

  test('gives compressed records their offsets in place', () => {
    covers(
      'LogValidatorTest.testAbsoluteOffsetAssignmentCompressed',
      'LogValidatorTest.testRelativeOffsetAssignmentCompressedV2',
      'LogValidatorTest.checkCompressed',
    )
    const records = make(GZIP, record(NOW), record(NOW + 5), record(NOW + 3))
    const result = validate(records, {}, 100)
    expect(result.validatedRecords).toBe(records)
    expect(result.maxTimestampMs).toBe(NOW + 5)
    expect([...only(result)].map((each) => each.offset)).toEqual([100, 101, 102])
    expect(only(result).isValid()).toBe(true)
  })

  test("stamps uncompressed and compressed batches with the broker's clock", () => {
    covers(
      'LogValidatorTest.checkLogAppendTimeNonCompressed',
      'LogValidatorTest.checkLogAppendTimeWithoutRecompression',
    )
    for (const options of [{}, GZIP]) {
      const result = validate(make(options, record(1), record(2)), {
        'message.timestamp.type': 'LogAppendTime',
      })
      expect(result.maxTimestampMs).toBe(NOW)
      expect(result.logAppendTimeMs).toBe(NOW)
      const batch = only(result)
      expect(batch.timestampType).toBe(TimestampType.LOG_APPEND_TIME)
      expect(batch.isValid()).toBe(true)
      expect([...batch].map((each) => each.timestamp)).toEqual([NOW, NOW])
      expect(result.messageSizeMaybeChanged).toBe(false)
    }
  })

  test('writes a batch anew when the topic wants another codec', () => {
    covers(
      'LogValidatorTest.checkRecompression',
      'LogValidatorTest.testDifferentCodecCausesRecompression',
      'LogValidatorTest.checkLogAppendTimeWithRecompression',
    )
    const plain = make(
      { producerId: 1n, producerEpoch: 2, baseSequence: 3 },
      record(5, 'a', 'x'),
      record(6, null, 'y'),
    )
    const zipped = validate(plain, { 'compression.type': 'gzip' }, 50)
    expect(zipped.messageSizeMaybeChanged).toBe(true)
    const batch = only(zipped)
    expect(batch.compressionType).toBe(CompressionType.GZIP)
    expect(batch.isValid()).toBe(true)
    expect([batch.producerId, batch.producerEpoch, batch.baseSequence]).toEqual([1n, 2, 3])
    expect(batch.partitionLeaderEpoch).toBe(7)
    expect([...batch].map((each) => [each.offset, each.timestamp, each.hasKey])).toEqual([
      [50, 5, true],
      [51, 6, false],
    ])
    const unzipped = validate(
      zipped.validatedRecords,
      { 'compression.type': 'uncompressed' },
      60,
      'coordinator',
    )
    expect(only(unzipped).compressionType).toBe(CompressionType.NONE)
    const stamped = validate(make(GZIP, record(1)), {
      'compression.type': 'uncompressed',
      'message.timestamp.type': 'LogAppendTime',
    })
    expect([...only(stamped)].map((each) => each.timestamp)).toEqual([NOW])
  })

  test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'writes a batch anew in the codec that the topic wants (%s), whatever it came in',
    (wanted) => {
      for (const from of CompressionType.values()) {
        if (from.name === wanted) continue
        const levels = { 'compression.gzip.level': 9, 'compression.lz4.level': 17 }
        const result = validate(
          make({ compression: Compression.of(from) }, record(5, 'a', 'x'), record(6, null, 'y')),
          { 'compression.type': wanted, ...levels, 'compression.zstd.level': -5 },
          50,
        )
        const batch = only(result)
        expect(batch.compressionType.name).toBe(wanted)
        batch.ensureValid()
        expect([...batch].map((each) => [each.offset, each.timestamp, each.hasKey])).toEqual([
          [50, 5, true],
          [51, 6, false],
        ])
      }
    },
  )

  test('does not write a batch anew for another level of the same codec', () => {
    covers('LogValidatorTest.testDifferentLevelDoesNotCauseRecompression')
    const records = make({ compression: Compression.gzip(1) })
    const result = validate(records, { 'compression.type': 'gzip', 'compression.gzip.level': 9 })
    expect(result.validatedRecords).toBe(records)
  })

  test('writes a compressed batch anew when the offsets inside are not in order', () => {
    covers('LogValidatorTest.testValidationOfBatchesWithNonSequentialInnerOffsets')
    const gap = withRecords({}, record(), record(), record())
    // The second record says offset delta 2 as well: its bytes stand behind the first of three
    // equal records.
    const size = (gap.sizeInBytes - 61) / 3
    gap.bytes[61 + size + 3] = 4
    const plain = gap.bytes.subarray(61)
    const zipped = withRecords(GZIP, record(), record(), record())
    const body = Compression.gzip().wrapForInput(zipped.bytes.subarray(61), 1000)
    expect(body.length).toBe(plain.length)
    const bytes = withBody(zipped, plain)
    const result = validate(MemoryRecords.readableRecords(bytes), {}, 10)
    expect(result.messageSizeMaybeChanged).toBe(true)
    expect([...only(result)].map((each) => each.offset)).toEqual([10, 11, 12])
  })

  test('lets control records of a coordinator through uncompressed', () => {
    covers('LogValidatorTest.testControlRecordsNotCompressed')
    const control = edited(make({}, record()), (view) => view.setInt16(21, 0x20))
    const result = validate(control, { 'compression.type': 'gzip' }, 3, 'coordinator')
    expect(only(result).compressionType).toBe(CompressionType.NONE)
    expect(only(result).baseOffset).toBe(3)
  })
})

/** The batch `records` with other plain records inside, compressed again and made right. */
const withBody = (records: MemoryRecords, plain: Uint8Array): Uint8Array => {
  const compressed = gzip(plain, 6)
  const bytes = new Uint8Array(61 + compressed.length)
  bytes.set(records.bytes.subarray(0, 61))
  bytes.set(compressed, 61)
  new DataView(bytes.buffer).setInt32(8, bytes.length - 12)
  return edited(MemoryRecords.readableRecords(bytes), () => {}).bytes
}

describe('LogValidator, what it refuses', () => {
  test('more than one batch, and none', () => {
    covers('LogValidatorTest.checkOnlyOneBatch')
    expect(() => validate(concat(make({}), make({})))).toThrow(InvalidRecordException)
    expect(() => validate(concat(make(GZIP), make(GZIP)))).toThrow(/more than one batch/)
    expect(() => validate(MemoryRecords.EMPTY)).toThrow(/no batches/)
  })

  test('a batch without records', () => {
    covers('LogValidatorTest.testBatchWithoutRecordsNotAllowed')
    const empty = edited(make({}, record()), (view) => view.setInt32(57, 0))
    expect(() => validate(empty)).toThrow(/Invalid reported count for record batch: 0/)
  })

  test('a count that does not fit the offsets, or the records', () => {
    covers(
      'LogValidatorTest.testRecordBatchWithCountOverrides',
      'LogValidatorTest.testInconsistentCountAndOffset',
      'LogValidatorTest.testUnmatchedNumberOfRecords',
      'LogValidatorTest.testNonIncreasingOffsetRecordBatchHasMetricsLogged',
    )
    const withCounts = (lastOffsetDelta: number, count: number): MemoryRecords =>
      edited(make({}), (view) => {
        view.setInt32(23, lastOffsetDelta)
        view.setInt32(57, count)
      })
    validate(withCounts(2, 3))
    expect(() => validate(withCounts(0, 3))).toThrow(/Inconsistent batch offset range/)
    expect(() => validate(withCounts(15, 3))).toThrow(/Inconsistent batch offset range/)
    expect(() => validate(withCounts(-3, 3))).toThrow(/invalid offset range/)
    expect(() => validate(withCounts(2, -3))).toThrow(/Invalid reported count/)
    expect(() => validate(withCounts(2, 6))).toThrow(InvalidRecordException)
    expect(() => validate(withCounts(5, 6))).toThrow(InvalidRecordException)
    expect(() => validate(withCounts(0, 1))).toThrow(/Incorrect declared batch size/)
  })

  test('control records of a client, and a sequence below 0', () => {
    covers(
      'LogValidatorTest.testControlRecordsNotAllowedFromClients',
      'LogValidatorTest.checkInvalidSequence',
    )
    const control = edited(make({}, record()), (view) => view.setInt16(21, 0x20))
    expect(() => validate(control)).toThrow(/not allowed to write control records/)
    const sequence = edited(
      make({ producerId: 2n, producerEpoch: 0, baseSequence: 0 }, record()),
      (view) => view.setInt32(53, -1),
    )
    expect(() => validate(sequence)).toThrow(/Invalid sequence number -1/)
  })

  test('records without a key on a compacted topic, naming each', () => {
    covers(
      'LogValidatorTest.checkNoKeyCompactedTopic',
      'LogValidatorTest.testInvalidRecordExceptionHasBatchIndex',
    )
    for (const options of [{}, GZIP]) {
      const error = failure(() =>
        validate(make(options, record(NOW, null), record(NOW, 'k'), record(NOW, null)), {
          'cleanup.policy': 'compact',
        }),
      )
      expect(error.invalidException).toBeInstanceOf(InvalidRecordException)
      expect(error.recordErrors.map((each) => each.batchIndex)).toEqual([0, 2])
    }
  })

  test('records that are too old or too far ahead, naming each', () => {
    covers(
      'LogValidatorTest.testInvalidCreateTimeNonCompressedV2',
      'LogValidatorTest.testInvalidCreateTimeCompressedV2',
      'LogValidatorTest.testInvalidTimestampExceptionHasBatchIndex',
      'LogValidatorTest.testRecordWithPastTimestampIsRejected',
      'LogValidatorTest.testRecordWithFutureTimestampIsRejected',
    )
    const limits = {
      'message.timestamp.before.max.ms': 1000,
      'message.timestamp.after.max.ms': 500,
    }
    for (const options of [{}, GZIP]) {
      const records = make(
        options,
        record(NOW - 1001),
        record(NOW - 1000),
        record(NOW + 500),
        record(NOW + 501),
      )
      const error = failure(() => validate(records, limits))
      expect(error.invalidException).toBeInstanceOf(InvalidTimestampException)
      expect(error.recordErrors.map((each) => each.batchIndex)).toEqual([0, 3])
      expect(error.recordErrors[0]?.message).toMatch(/out of range/)
    }
    validate(make({}, record(-1)), limits)
  })

  test('says "timestamp" when there are records with either fault', () => {
    covers('LogValidatorTest.testBatchWithInvalidRecordsAndInvalidTimestamp')
    const error = failure(() =>
      validate(make({}, record(NOW + 1e9, 'k'), record(NOW, null)), {
        'cleanup.policy': 'compact',
      }),
    )
    expect(error.invalidException).toBeInstanceOf(InvalidTimestampException)
    expect(error.recordErrors).toHaveLength(2)
  })

  test("a client that says its records have the broker's time", () => {
    const records = make(
      { timestampType: TimestampType.LOG_APPEND_TIME, logAppendTime: NOW },
      record(),
    )
    const error = failure(() => validate(records, { 'message.timestamp.type': 'LogAppendTime' }))
    expect(error.recordErrors[0]?.message).toMatch(/should not set timestamp type to LogAppendTime/)
  })

  test('a codec that Kafka does not have, and records that are not what their codec says', () => {
    const unknown = make({}, record())
    unknown.bytes[22] = 5
    expect(() => validate(unknown)).toThrow(UnsupportedCompressionTypeException)
    for (const codec of [1, 2, 3, 4]) {
      const lie = edited(make({}, record()), (view) => view.setInt16(21, codec))
      expect(() => validate(lie), `codec ${codec}`).toThrow(InvalidRecordException)
    }
  })
})

describe('RecordScanner', () => {
  test('sees what the records say, whatever they are', () => {
    const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })
    const header = fc.record({ key: fc.string({ maxLength: 10 }), value: bytesOrNull })
    const simple = fc.record({
      timestamp: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      key: bytesOrNull,
      value: bytesOrNull,
      headers: fc.array(header, { maxLength: 3 }),
    })
    fc.assert(
      fc.property(fc.array(simple, { minLength: 1, maxLength: 20 }), (records) => {
        const batch = withRecords({}, ...records)
          .batchIterator()
          .next()
        const scanner = new RecordScanner(batch.bytes, 61, batch.countOrNull)
        for (const each of batch) {
          expect(scanner.next()).toBe(true)
          expect(batch.baseTimestamp + scanner.timestampDelta).toBe(each.timestamp)
          expect(scanner.offsetDelta).toBe(each.offset)
          expect(scanner.keySize).toBe(each.keySize)
          expect(scanner.sizeInBytes).toBe(each.sizeInBytes)
        }
        expect(scanner.next()).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('throws nothing but InvalidRecordException on bytes that were changed', () => {
    const original = withRecords({}, record(), record(), {
      ...record(),
      headers: [{ key: 'h', value: utf8Bytes('w') }],
    })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.sizeInBytes - 62), fc.nat(255)), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.nat(5),
        (changes, count) => {
          const bytes = original.bytes.slice(61)
          for (const [at, value] of changes) bytes[at] = value
          const scanner = new RecordScanner(bytes, 0, count)
          try {
            while (scanner.next());
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidRecordException)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})
