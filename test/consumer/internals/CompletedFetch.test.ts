import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { FetchedPartitionData } from '../../../src/clients/FetchResponse.ts'
import { CorruptRecordException } from '../../../src/common/errors/ApiExceptions.ts'
import {
  KafkaException,
  RetriableException,
  SerializationException,
} from '../../../src/common/errors.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import type { Deserializer } from '../../../src/common/serialization/Deserializer.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import type { ConsumerRecord } from '../../../src/consumer/ConsumerRecord.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { CompletedFetch } from '../../../src/consumer/internals/CompletedFetch.ts'
import { Deserializers } from '../../../src/consumer/internals/Deserializers.ts'
import type { FetchConfig } from '../../../src/consumer/internals/FetchConfig.ts'
import { SubscriptionState } from '../../../src/consumer/internals/SubscriptionState.ts'
import { RecordDeserializationException } from '../../../src/consumer/RecordDeserializationException.ts'
import { ControlRecordType } from '../../../src/record/ControlRecordType.ts'
import { withRecords } from '../../../src/record/withRecords.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import {
  batch,
  concat,
  type FetchedOptions,
  fetchConfig,
  fetchedPartition,
  metricAggregator,
  text,
  tp0,
  tp1,
  transaction,
  utf8,
} from '../support/ConsumerHarness.ts'

const trace = new TraceBus(new MockTime()).from('test')
const bytes = new Deserializers(new ByteArrayDeserializer(), new ByteArrayDeserializer())
const strings = new Deserializers(new StringDeserializer(), new StringDeserializer())
const readCommitted: FetchConfig = { ...fetchConfig, isolationLevel: 'read_committed' }

let subscriptions: SubscriptionState

beforeEach(() => {
  subscriptions = new SubscriptionState(new RecordingLogger(), AutoOffsetResetStrategy.LATEST)
  subscriptions.assignFromUser(new TopicPartitionSet([tp0, tp1]))
  for (const partition of [tp0, tp1]) subscriptions.seek(partition, 0)
})

const completedFetch = (options: FetchedOptions, fetchOffset = 0): CompletedFetch =>
  new CompletedFetch({
    partition: tp0,
    partitionData: fetchedPartition(tp0, options) as FetchedPartitionData,
    fetchOffset,
    metricAggregator: metricAggregator(tp0),
    subscriptions,
    logger: new RecordingLogger(),
    trace,
  })

const offsets = (records: readonly ConsumerRecord<unknown, unknown>[]): number[] =>
  records.map((record) => record.offset)

describe('handing records out', () => {
  test('goes on where the last call stopped, until nothing is left', () => {
    covers('CompletedFetchTest.testSimple')
    const fetch = completedFetch({ records: batch({ count: 10 }) }, 5)
    expect(fetch.nextFetchOffset()).toBe(5)
    const first = fetch.fetchRecords(fetchConfig, strings, 3)
    expect(offsets(first)).toEqual([5, 6, 7])
    expect(first[0]).toMatchObject({
      topic: 'test',
      partition: 0,
      key: 'key',
      value: 'value-5',
      timestamp: 1005,
      timestampType: 'CreateTime',
      serializedKeySize: 3,
      serializedValueSize: 7,
    })
    expect(fetch.nextFetchOffset()).toBe(8)
    expect(offsets(fetch.fetchRecords(fetchConfig, strings, 100))).toEqual([8, 9])
    expect(fetch.nextFetchOffset()).toBe(10)
    expect(fetch.isConsumed()).toBe(true)
    expect(fetch.fetchRecords(fetchConfig, strings, 100)).toEqual([])
  })

  test('gives nothing for a count of nothing, or less', () => {
    covers('CompletedFetchTest.testNegativeFetchCount')
    const fetch = completedFetch({ records: batch() })
    expect(fetch.fetchRecords(fetchConfig, bytes, -10)).toEqual([])
    expect(fetch.fetchRecords(fetchConfig, bytes, 0)).toEqual([])
    expect(offsets(fetch.fetchRecords(fetchConfig, bytes, 1))).toEqual([0])
  })

  test('gives nothing where nothing came', () => {
    covers('CompletedFetchTest.testNoRecordsInFetch')
    for (const records of [null, new Uint8Array(0)]) {
      const fetch = completedFetch({ records }, 1)
      expect(fetch.fetchRecords(fetchConfig, bytes, 10)).toEqual([])
      expect(fetch.isConsumed()).toBe(true)
      expect(fetch.nextFetchOffset()).toBe(1)
    }
  })

  test('knows the leader epoch of each batch', () => {
    const records = concat(
      batch({ count: 2, leaderEpoch: 1 }),
      batch({ baseOffset: 2, count: 2, leaderEpoch: 2 }),
    )
    const fetch = completedFetch({ records })
    expect(fetch.lastEpoch()).toBe(null)
    const read = fetch.fetchRecords(fetchConfig, bytes, 10)
    expect(read.map((record) => record.leaderEpoch)).toEqual([1, 1, 2, 2])
    expect(fetch.lastEpoch()).toBe(2)
  })

  test('moves past a batch whose records are gone, but not its offsets', () => {
    // Compaction leaves the header, so that the last offset is still known.
    const fetch = completedFetch({ records: batch({ count: 5 }) }, 5)
    expect(fetch.fetchRecords(fetchConfig, bytes, 10)).toEqual([])
    expect(fetch.nextFetchOffset()).toBe(5)
    expect(fetch.isConsumed()).toBe(true)
  })

  test('keeps null keys, null values and headers', () => {
    const headers = [{ key: 'h', value: utf8('1') }]
    const { bytes: records } = withRecords({}, { key: null, value: null, headers })
    const [record] = completedFetch({ records }).fetchRecords(fetchConfig, strings, 1)
    expect(record).toMatchObject({
      key: null,
      value: null,
      serializedKeySize: -1,
      serializedValueSize: -1,
    })
    expect(text(record!.headers.lastHeader('h')!.value)).toBe('1')
  })

  test('moves the partition to the end of the line once it is done', () => {
    const fetch = completedFetch({ records: batch() })
    fetch.fetchRecords(fetchConfig, bytes, 100)
    expect(subscriptions.fetchablePartitions(() => true)).toEqual([tp1, tp0])
  })
})

describe('transactions', () => {
  test('an aborted one is skipped by those who read committed records', () => {
    covers('CompletedFetchTest.testAbortedTransactionRecordsRemoved')
    const aborted = {
      records: transaction(ControlRecordType.ABORT),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
    }
    const committed = completedFetch(aborted)
    expect(committed.fetchRecords(readCommitted, bytes, 10)).toEqual([])
    expect(committed.nextFetchOffset()).toBe(4)
    const all = completedFetch(aborted)
    expect(offsets(all.fetchRecords(fetchConfig, bytes, 10))).toEqual([0, 1, 2])
    expect(all.nextFetchOffset()).toBe(4)
  })

  test('a committed one is read by everybody, its marker by nobody', () => {
    covers('CompletedFetchTest.testCommittedTransactionRecordsIncluded')
    const records = transaction(ControlRecordType.COMMIT)
    for (const config of [readCommitted, fetchConfig]) {
      const fetch = completedFetch({ records })
      expect(offsets(fetch.fetchRecords(config, bytes, 10))).toEqual([0, 1, 2])
      expect(fetch.nextFetchOffset()).toBe(4)
    }
  })
})

describe('records that cannot be read', () => {
  const corrupted = (): Uint8Array => {
    const records = concat(batch({ count: 2 }), batch({ baseOffset: 2, count: 2 }))
    records[records.length - 3]! ^= 0xff
    return records
  }

  test('are found by their checksum; the error names partition, offset and the way on', () => {
    covers('CompletedFetchTest.testCorruptedMessage')
    const fetch = completedFetch({ records: corrupted() })
    // What came before is returned first.
    expect(offsets(fetch.fetchRecords(fetchConfig, bytes, 10))).toEqual([0, 1])
    const again = () => fetch.fetchRecords(fetchConfig, bytes, 10)
    // What says "try again" would have a program try for ever.
    expect(again).not.toThrow(RetriableException)
    expect(again).toThrow(expect.objectContaining({ cause: expect.any(CorruptRecordException) }))
    expect(again).toThrow(
      /topic 'test', partition 0, at offset 2 .*stored crc.*ends before offset 4/,
    )
  })

  test('are handed out as they are when checksums are not wanted', () => {
    const fetch = completedFetch({ records: corrupted() })
    const unchecked = { ...fetchConfig, checkCrcs: false }
    expect(offsets(fetch.fetchRecords(unchecked, bytes, 10))).toEqual([0, 1, 2, 3])
  })

  test('stay unreadable: a batch does not get better', () => {
    const fetch = completedFetch({ records: corrupted() }, 2)
    for (let i = 0; i < 3; i++) {
      expect(() => fetch.fetchRecords(fetchConfig, bytes, 10)).toThrow(/please seek past/)
    }
    expect(fetch.nextFetchOffset()).toBe(2)
  })

  test('give typed errors whatever was damaged, and never a record that was not there', () => {
    const whole = concat(batch({ count: 4 }), batch({ baseOffset: 4, count: 4 }))
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const records = whole.slice()
        records[at]! ^= flip
        const fetch = completedFetch({ records })
        try {
          const read = offsets(fetch.fetchRecords(fetchConfig, bytes, 100))
          // The base offset stands outside of the checksum: it may lie, but it may not lead back.
          expect(read).toEqual([...read].sort((a, b) => a - b))
        } catch (error) {
          expect(error).toBeInstanceOf(KafkaException)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('a deserializer that fails', () => {
  const failingAt = (offset: number): Deserializer<string> & { mended: boolean } => ({
    mended: false,
    deserialize(_topic, data) {
      const value = text(data)
      if (value === `value-${offset}` && !this.mended) throw new SerializationException('no schema')
      return value
    },
  })

  test('is told apart by key and value, with the record it failed on', () => {
    const value = failingAt(1)
    const fetch = completedFetch({ records: batch() })
    const deserializers = new Deserializers(new StringDeserializer(), value)
    expect(offsets(fetch.fetchRecords(fetchConfig, deserializers, 10))).toEqual([0])
    try {
      fetch.fetchRecords(fetchConfig, deserializers, 10)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(RecordDeserializationException)
      const exception = error as RecordDeserializationException
      expect(exception).toMatchObject({ origin: 'VALUE', offset: 1, topicPartition: tp0 })
      expect(text(exception.keyBuffer)).toBe('key')
      expect(text(exception.valueBuffer)).toBe('value-1')
      expect(exception.message).toMatch(/test-0 at offset 1/)
      expect((exception.cause as Error).message).toBe('no schema')
    }
  })

  test('is asked again for the same record, and may have learned to read it', () => {
    const value = failingAt(1)
    const fetch = completedFetch({ records: batch() })
    const deserializers = new Deserializers(new StringDeserializer(), value)
    fetch.fetchRecords(fetchConfig, deserializers, 10)
    expect(() => fetch.fetchRecords(fetchConfig, deserializers, 10)).toThrow(SerializationException)
    value.mended = true
    expect(offsets(fetch.fetchRecords(fetchConfig, deserializers, 10))).toEqual([1, 2])
  })

  test('with any error, not only with a SerializationException', () => {
    const key: Deserializer<never> = {
      deserialize: () => {
        throw new TypeError('a bug')
      },
    }
    const fetch = completedFetch({ records: batch() })
    const deserializers = new Deserializers(key, new StringDeserializer())
    expect(() => fetch.fetchRecords(fetchConfig, deserializers, 10)).toThrow(
      /Error deserializing KEY for partition test-0 at offset 0/,
    )
  })
})
