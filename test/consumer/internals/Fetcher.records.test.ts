import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../../src/common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { KafkaException, SerializationException } from '../../../src/common/errors.ts'
import { StringDeserializer } from '../../../src/common/serialization/StringDeserializer.ts'
import { AutoOffsetResetStrategy } from '../../../src/consumer/internals/AutoOffsetResetStrategy.ts'
import { OffsetOutOfRangeException } from '../../../src/consumer/OffsetOutOfRangeException.ts'
import { RecordDeserializationException } from '../../../src/consumer/RecordDeserializationException.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { writeEmptyHeader } from '../../../src/record/BatchHeader.ts'
import { ControlRecordType } from '../../../src/record/ControlRecordType.ts'
import { DefaultRecordBatch } from '../../../src/record/DefaultRecordBatch.ts'
import { MemoryRecordsBuilder } from '../../../src/record/MemoryRecordsBuilder.ts'
import { TimestampType } from '../../../src/record/TimestampType.ts'
import { covers } from '../../support/covers.ts'
import {
  batch,
  ConsumerHarness,
  concat,
  type FetchedOptions,
  nodes,
  text,
  tp0,
  tp1,
  tp2,
  tp3,
  transaction,
  transactional,
  utf8,
} from '../support/ConsumerHarness.ts'

const { ABORT, COMMIT } = ControlRecordType
type Harness = ConsumerHarness<never, never>

const reading = async (options: FetchedOptions, harness = new ConsumerHarness(), from = 0) => {
  harness.assignAndSeek(from, tp0)
  await harness.fetchAndAnswer([[tp0, options]])
  return harness
}
const committedReader = (): ConsumerHarness =>
  new ConsumerHarness({ fetchConfig: { isolationLevel: 'read_committed' } })

/** One batch whose records have these offsets. */
const sparse = (...offsets: number[]): Uint8Array => {
  const builder = new MemoryRecordsBuilder({
    buffer: new ByteBufferOutputStream(512),
    baseOffset: offsets[0]!,
  })
  for (const offset of offsets)
    builder.appendWithOffset(offset, 0, utf8('key'), utf8(`value-${offset}`))
  return builder.build().bytes
}

describe('records', () => {
  test('carry their headers', async () => {
    covers('FetcherTest.testHeaders')
    const headers = [
      { key: 'headerKey', value: utf8('headerValue') },
      { key: 'headerKey', value: utf8('headerValue2') },
    ]
    const harness = await reading({ records: batch({ count: 1, headers }) })
    const [record] = harness.fetcher.collectFetch().records().get(tp0)!
    expect(record!.headers.toArray().map(({ value }) => text(value))).toEqual([
      'headerValue',
      'headerValue2',
    ])
    expect(text(record!.headers.lastHeader('headerKey')!.value)).toBe('headerValue2')
  })

  test('carry the epoch of the leader that wrote them, if it is known', async () => {
    covers(
      'FetcherTest.testLeaderEpochInConsumerRecord',
      'FetcherTest.testMissingLeaderEpochInRecords',
    )
    const records = concat(
      batch({ count: 2, leaderEpoch: 1 }),
      batch({ baseOffset: 2, count: 2, leaderEpoch: 5 }),
      batch({ baseOffset: 4, count: 1 }),
    )
    const harness = await reading({ records })
    const read = harness.fetcher.collectFetch().records().get(tp0)!
    expect(read.map((record) => record.leaderEpoch)).toEqual([1, 1, 5, 5, null])
  })

  test('leave their epoch with the position', async () => {
    covers('FetcherTest.testSubscriptionPositionUpdatedWithEpoch')
    const harness = await reading({ records: batch({ leaderEpoch: 1 }) })
    harness.collect()
    expect(harness.subscriptions.position(tp0)).toMatchObject({ offset: 3, offsetEpoch: 1 })
  })

  test('may have gaps between their offsets', async () => {
    covers('FetcherTest.testFetchNonContinuousRecords')
    const harness = await reading({ records: sparse(15, 20, 30) })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [15, 20, 30] })
    expect(harness.position(tp0)).toBe(31)
  })

  test('come at most max.poll.records at a time', async () => {
    covers('FetcherTest.testFetchMaxPollRecords', 'FetcherTest.testFetchMaxPollRecordsUnaligned')
    const harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 2 } })
    await reading({ records: batch({ baseOffset: 1 }) }, harness, 1)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [1, 2] })
    expect(harness.position(tp0)).toBe(3)
    expect(harness.sendFetches()).toBe(0)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [3] })
    expect(harness.position(tp0)).toBe(4)
    expect(
      await harness.fetchAndAnswer([[tp0, { records: batch({ baseOffset: 4, count: 2 }) }]]),
    ).toBe(1)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [4, 5] })
  })

  test('of two fetches may come in one poll', async () => {
    const harness = new ConsumerHarness({ fetchConfig: { maxPollRecords: 2 }, nodes: nodes(2) })
    harness.assignAndSeek(0, tp0, tp1)
    harness.sendFetches()
    await harness.poll()
    await harness.answer([[tp0, { records: batch() }]], { node: harness.nodes[0]! })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1] })
    await harness.answer([[tp1, { records: batch() }]], { node: harness.nodes[1]! })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [2], 'test-1': [0] })
    expect(harness.collectOffsets()).toEqual({ 'test-1': [1, 2] })
  })

  test('before the position are skipped: a batch comes whole', async () => {
    const harness = await reading({ records: batch({ count: 10 }) }, new ConsumerHarness(), 7)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [7, 8, 9] })
  })

  test('that were asked for from elsewhere are dropped', async () => {
    covers('FetcherTest.testFetchedRecordsAfterSeek')
    const harness = new ConsumerHarness({
      reset: AutoOffsetResetStrategy.NONE,
      fetchConfig: { maxPollRecords: 2 },
    })
    harness.assignAndSeek(1, tp0)
    harness.sendFetches()
    harness.subscriptions.seek(tp0, 2)
    await harness.poll()
    await harness.answer([[tp0, { records: batch({ baseOffset: 1 }) }]])
    expect(harness.collectOffsets()).toEqual({})
    expect(harness.position(tp0)).toBe(2)
  })
})

describe('gaps at the end of a batch', () => {
  test('are passed by the batch, when its last record was compacted away', async () => {
    covers('FetcherTest.testUpdatePositionWithLastRecordMissingFromBatch')
    const records = batch({ count: 3 })
    // As after compaction: the header still counts four offsets.
    ByteBuffer.wrap(records).putIntAt(DefaultRecordBatch.LAST_OFFSET_DELTA_OFFSET, 3)
    const harness = new ConsumerHarness({ fetchConfig: { checkCrcs: false } })
    await reading({ records }, harness)
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1, 2] })
    expect(harness.position(tp0)).toBe(4)
  })

  test('are passed also when no record is left', async () => {
    covers('FetcherTest.testUpdatePositionOnEmptyBatch')
    const empty = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD)
    writeEmptyHeader(empty, {
      baseOffset: 37,
      lastOffset: 54,
      producerId: 1n,
      producerEpoch: 0,
      baseSequence: 1,
      partitionLeaderEpoch: 7,
      timestampType: TimestampType.CREATE_TIME,
      timestamp: 0,
      isTransactional: false,
      isControlBatch: false,
    })
    const harness = await reading({ records: empty.bytes })
    const fetch = harness.fetcher.collectFetch()
    expect(fetch.numRecords()).toBe(0)
    expect(fetch.positionAdvanced()).toBe(true)
    expect(harness.position(tp0)).toBe(55)
  })

  test('are passed when the batch holds nothing but markers', async () => {
    covers('FetcherTest.testEmptyControlBatch', 'FetcherTest.testFetcherIgnoresControlRecords')
    const harness = await reading({
      records: concat(batch({ count: 2 }), transaction(COMMIT, { baseOffset: 2, count: 0 })),
    })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1] })
    expect(harness.position(tp0)).toBe(3)
  })
})

describe('records that cannot be read', () => {
  test('because of their deserializer stop the position before them, until the caller seeks on', async () => {
    covers('FetcherTest.testFetchedRecordsRaisesOnSerializationErrors')
    let calls = 0
    const flaky = {
      deserialize: (): Uint8Array => {
        if (calls++ % 2 === 1) throw new SerializationException('odd')
        return new Uint8Array(0)
      },
    }
    const harness = new ConsumerHarness({ keyDeserializer: flaky, valueDeserializer: flaky })
    await reading({ records: batch({ baseOffset: 1 }) }, harness as unknown as ConsumerHarness, 1)
    for (let i = 0; i < 2; i++) {
      expect(() => harness.fetcher.collectFetch()).toThrow(RecordDeserializationException)
      expect(harness.position(tp0)).toBe(1)
    }
  })

  test('because of their bytes stop there, each time, until the caller seeks past them', async () => {
    covers('FetcherTest.testParseCorruptedRecord', 'FetcherTest.testInvalidDefaultRecordBatch')
    const records = concat(
      batch({ count: 2 }),
      batch({ baseOffset: 2, count: 1 }),
      batch({ baseOffset: 3, count: 1 }),
    )
    records[batch({ count: 2 }).length + 70]! ^= 1
    const harness = await reading({ records })
    expect(harness.collectOffsets()).toEqual({ 'test-0': [0, 1] })
    for (let i = 0; i < 3; i++) {
      expect(() => harness.fetcher.collectFetch()).toThrow(KafkaException)
      expect(() => harness.fetcher.collectFetch()).toThrow(/topic 'test', partition 0, at offset 2/)
      expect(harness.position(tp0)).toBe(2)
    }
    harness.seek(tp0, 3)
    expect(harness.collectOffsets()).toEqual({})
    await harness.fetchAndAnswer([[tp0, { records: batch({ baseOffset: 3, count: 1 }) }]])
    expect(harness.collectOffsets()).toEqual({ 'test-0': [3] })
  })

  test('because the batch is no batch say so too', async () => {
    covers('FetcherTest.testParseInvalidRecordBatch')
    const records = batch()
    ByteBuffer.wrap(records).putIntAt(32, 0)
    records[40]! ^= 0x55
    const harness = await reading({ records })
    expect(() => harness.fetcher.collectFetch()).toThrow(KafkaException)
    expect(harness.position(tp0)).toBe(0)
  })

  test('because not even one batch is complete make no progress, and say so', async () => {
    covers('FetcherTest.testFetchRequestInternalError')
    const harness = await reading({ records: new Uint8Array(8) })
    expect(() => harness.fetcher.collectFetch()).toThrow(/Failed to make progress reading messages/)
    expect(harness.position(tp0)).toBe(0)
  })

  test('do not lose the records before them, nor those of other partitions', async () => {
    covers('FetcherTest.testCompletedFetchRemoval')
    const harness = new ConsumerHarness({ reset: AutoOffsetResetStrategy.NONE })
    harness.assignAndSeek(1, tp0, tp1, tp2, tp3)
    await harness.fetchAndAnswer([
      [tp1, { records: batch({ baseOffset: 1 }) }],
      [tp0, { error: Errors.OFFSET_OUT_OF_RANGE }],
      [tp2, { records: batch({ baseOffset: 1, count: 2 }) }],
      [tp3, { records: new Uint8Array(5) }],
    ])
    expect(harness.collectOffsets()).toEqual({ 'test-1': [1, 2, 3] })
    expect(() => harness.fetcher.collectFetch()).toThrow(OffsetOutOfRangeException)
    expect(harness.collectOffsets()).toEqual({ 'test-2': [1, 2] })
    for (let i = 0; i < 3; i++) expect(() => harness.fetcher.collectFetch()).toThrow(KafkaException)
  })
})

describe('transactions', () => {
  const text0 = async (harness: ConsumerHarness, options: FetchedOptions) => {
    await reading({ highWatermark: 100, lastStableOffset: 100, ...options }, harness)
    return harness.collect()['test-0'] ?? []
  }

  test('that were aborted are skipped, and the position moves past them', async () => {
    covers(
      'FetcherTest.testSkippingAbortedTransactions',
      'FetcherTest.testConsumerPositionUpdatedWhenSkippingAbortedTransactions',
    )
    const harness = committedReader()
    const read = await text0(harness, {
      records: transaction(ABORT, { count: 2 }),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
    })
    expect(read).toEqual([])
    expect(harness.position(tp0)).toBe(3)
  })

  test('that were committed are returned', async () => {
    covers('FetcherTest.testReturnCommittedTransactions')
    const harness = committedReader()
    expect(await text0(harness, { records: transaction(COMMIT, { count: 2 }) })).toEqual([
      'tx-1-0',
      'tx-1-1',
    ])
    expect(harness.position(tp0)).toBe(3)
  })

  test('that were aborted are returned to readers of everything', async () => {
    covers('FetcherTest.testReturnAbortedTransactionsInUncommittedMode')
    const read = await text0(new ConsumerHarness(), {
      records: transaction(ABORT, { count: 2 }),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
    })
    expect(read).toEqual(['tx-1-0', 'tx-1-1'])
  })

  test('of several producers lie between each other', async () => {
    covers('FetcherTest.testReadCommittedWithCommittedAndAbortedTransactions')
    const read = await text0(committedReader(), {
      records: concat(
        transactional({ producerId: 1n, baseOffset: 0, count: 2 }),
        transactional({ producerId: 2n, baseOffset: 2, count: 2 }),
        transaction(COMMIT, { producerId: 2n, baseOffset: 4, count: 0 }),
        transaction(ABORT, { producerId: 1n, baseOffset: 5, count: 1 }),
        transaction(COMMIT, { producerId: 1n, baseOffset: 7, count: 1 }),
        transaction(ABORT, { producerId: 2n, baseOffset: 9, count: 1 }),
      ),
      abortedTransactions: [
        { producerId: 2n, firstOffset: 9 },
        { producerId: 1n, firstOffset: 0 },
      ],
    })
    expect(read).toEqual(['tx-2-2', 'tx-2-3', 'tx-1-7'])
  })

  test('may be marked as aborted twice', async () => {
    covers('FetcherTest.testMultipleAbortMarkers')
    const read = await text0(committedReader(), {
      records: concat(
        transaction(ABORT, { count: 2 }),
        transaction(ABORT, { baseOffset: 3, count: 0 }),
        transaction(COMMIT, { baseOffset: 4, count: 2 }),
      ),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
    })
    expect(read).toEqual(['tx-1-4', 'tx-1-5'])
  })

  test('may have lost their records, but not their marker', async () => {
    covers('FetcherTest.testReadCommittedAbortMarkerWithNoData')
    const read = await text0(committedReader(), {
      records: concat(
        transaction(ABORT, { producerId: 1n, baseOffset: 5, count: 0 }),
        transaction(COMMIT, { producerId: 1n, baseOffset: 6, count: 3 }),
      ),
      abortedTransactions: [{ producerId: 1n, firstOffset: 0 }],
    })
    expect(read).toEqual(['tx-1-6', 'tx-1-7', 'tx-1-8'])
  })

  test('are told apart in a compacted log, whose first offsets may be gone', async () => {
    covers('FetcherTest.testReadCommittedWithCompactedTopic')
    const harness = committedReader()
    await reading(
      {
        records: concat(
          transactional({ producerId: 3n, baseOffset: 3, count: 2 }),
          transactional({ producerId: 2n, baseOffset: 15, count: 3 }),
          transactional({ producerId: 1n, baseOffset: 22, count: 2 }),
          transaction(ABORT, { producerId: 2n, baseOffset: 28, count: 0 }),
          transactional({ producerId: 3n, baseOffset: 30, count: 3 }),
          transaction(COMMIT, { producerId: 3n, baseOffset: 35, count: 0 }),
          transactional({ producerId: 1n, baseOffset: 39, count: 2 }),
        ),
        abortedTransactions: [
          { producerId: 2n, firstOffset: 6 },
          { producerId: 1n, firstOffset: 0 },
        ],
      },
      harness,
    )
    expect(harness.collectOffsets()).toEqual({ 'test-0': [3, 4, 30, 31, 32] })
  })
})

test('several compressed batches in one answer are all read', async () => {
  // platformatic/kafka 116 and 123.
  const { Compression } = await import('../../../src/record/compress/Compression.ts')
  const { withRecords } = await import('../../../src/record/withRecords.ts')
  const compressed = (baseOffset: number): Uint8Array =>
    withRecords(
      { baseOffset, compression: Compression.gzip() },
      ...[0, 1, 2].map((i) => ({ value: utf8(`value-${baseOffset + i}`) })),
    ).bytes
  const harness = new ConsumerHarness({
    keyDeserializer: new StringDeserializer(),
    valueDeserializer: new StringDeserializer(),
  })
  await reading(
    { records: concat(compressed(0), compressed(3), compressed(6)) },
    harness as unknown as Harness,
  )
  const read = harness.fetcher.collectFetch().records().get(tp0)!
  expect(read.map((record) => record.value)).toEqual(
    Array.from({ length: 9 }, (_, i) => `value-${i}`),
  )
})
