import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import {
  CorruptRecordException,
  InvalidRecordException,
  UnsupportedCompressionTypeException,
} from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../src/common/errors.ts'
import { writeEmptyHeader, writeHeader } from '../../src/record/BatchHeader.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { EndTransactionMarker } from '../../src/record/EndTransactionMarker.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { RecordBatch } from '../../src/record/RecordBatch.ts'
import { TimestampType } from '../../src/record/TimestampType.ts'
import { withRecords } from '../../src/record/withRecords.ts'
import { covers } from '../support/covers.ts'
import { bytes, COMPRESSIONS, NOW, plain, simple, THREE_RECORDS } from './helpers.ts'

const MAX_INT = 2 ** 31 - 1
const threeRecords = () => withRecords({}, ...THREE_RECORDS)
const batchOf = (records: ReturnType<typeof threeRecords>) => new DefaultRecordBatch(records.bytes)

/** A batch of three records whose header counts another number of them. */
const countingWrong = (compression: Compression, count: number): DefaultRecordBatch => {
  const batch = batchOf(withRecords({ compression }, ...THREE_RECORDS))
  ByteBuffer.wrap(batch.bytes).putIntAt(DefaultRecordBatch.RECORDS_COUNT_OFFSET, count)
  return batch
}

describe('the header of a DefaultRecordBatch', () => {
  const flags = [true, false]
  const types = [TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME]
  test.each(
    types.flatMap((timestampType) =>
      flags.flatMap((isTransactional) =>
        flags.map((isControlBatch) => ({ timestampType, isTransactional, isControlBatch })),
      ),
    ),
  )('keeps every field when the batch is empty: %o', (flagged) => {
    const header = {
      ...flagged,
      producerId: 23423n,
      producerEpoch: 145,
      baseSequence: 983,
      baseOffset: 15,
      lastOffset: 37,
      partitionLeaderEpoch: 15,
      timestamp: NOW,
    }
    const buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD)
    writeEmptyHeader(buffer, header)
    expect(buffer.hasRemaining()).toBe(false)
    const batch = new DefaultRecordBatch(buffer.bytes)
    const { timestamp, ...fields } = header
    expect(batch).toMatchObject({
      ...fields,
      maxTimestamp: timestamp,
      baseTimestamp: RecordBatch.NO_TIMESTAMP,
      lastSequence: 983 + 22,
      countOrNull: 0,
      hasProducerId: true,
    })
    expect(batch.isValid()).toBe(true)
    expect([...batch]).toEqual([])
    covers('DefaultRecordBatchTest.testWriteEmptyHeader')
  })

  test('is that of a producer without id, unless one is given', () => {
    const builder = new MemoryRecordsBuilder({ buffer: ByteBuffer.allocate(2048), baseOffset: 7 })
    builder.appendWithOffset(7, 1, bytes('a'), bytes('v'))
    builder.appendWithOffset(8, 2, bytes('b'), bytes('v'))
    const batches = [...builder.build().batches()]
    expect(batches).toHaveLength(1)
    expect(batches[0]!.isValid()).toBe(true)
    expect(batches[0]).toMatchObject({
      magic: 2,
      baseOffset: 7,
      lastOffset: 8,
      nextOffset: 9,
      maxTimestamp: 2,
      producerId: RecordBatch.NO_PRODUCER_ID,
      hasProducerId: false,
      producerEpoch: RecordBatch.NO_PRODUCER_EPOCH,
      baseSequence: RecordBatch.NO_SEQUENCE,
      lastSequence: RecordBatch.NO_SEQUENCE,
      compressionType: CompressionType.NONE,
      deleteHorizonMs: null,
    })
    covers('DefaultRecordBatchTest.buildDefaultRecordBatch')
  })

  test('names the producer and counts its sequence numbers', () => {
    const producer = { producerId: 23423n, producerEpoch: 145, baseSequence: 983 }
    const batch = batchOf(withRecords({ ...producer, baseOffset: 1234567 }, ...THREE_RECORDS))
    expect(batch.isValid()).toBe(true)
    expect(batch).toMatchObject({ ...producer, baseOffset: 1234567, lastSequence: 985 })
    expect([...batch].map((record) => record.sequence)).toEqual([983, 984, 985])
    covers('DefaultRecordBatchTest.buildDefaultRecordBatchWithProducerId')
  })

  test('lets sequence numbers begin again at 0 after 2^31 - 1', () => {
    const producer = { producerId: 23423n, producerEpoch: 145, baseSequence: MAX_INT - 1 }
    const batch = batchOf(withRecords(producer, ...THREE_RECORDS))
    expect(batch.lastSequence).toBe(0)
    expect([...batch].map((record) => record.sequence)).toEqual([MAX_INT - 1, MAX_INT, 0])
    covers('DefaultRecordBatchTest.buildDefaultRecordBatchWithSequenceWrapAround')
  })

  test('cannot be written without a timestamp type, or with a negative base timestamp', () => {
    const header = {
      ...threeRecords().firstBatch()!,
      lastOffsetDelta: 0,
      sizeInBytes: 61,
      baseOffset: 0,
      compressionType: CompressionType.NONE,
      timestampType: TimestampType.NO_TIMESTAMP_TYPE,
      baseTimestamp: -2,
      maxTimestamp: 0,
      producer: { producerId: -1n, producerEpoch: -1, baseSequence: -1, isTransactional: false },
      isControlBatch: false,
      isDeleteHorizonSet: false,
      partitionLeaderEpoch: -1,
      numRecords: 0,
    }
    const write = (fields: object) => () =>
      writeHeader(ByteBuffer.allocate(61), { ...header, ...fields })
    expect(write({})).toThrow(/Invalid message timestamp -2/)
    expect(write({ baseTimestamp: 0 })).toThrow(IllegalArgumentException)
  })
})

describe('a DefaultRecordBatch that is broken', () => {
  test('has fewer bytes than a header', () => {
    expect(() => new DefaultRecordBatch(new Uint8Array(60))).toThrow(CorruptRecordException)
  })

  test('says a size that cannot be', () => {
    const batch = batchOf(threeRecords())
    ByteBuffer.wrap(batch.bytes).putIntAt(DefaultRecordBatch.LENGTH_OFFSET, 10)
    expect(batch.isValid()).toBe(false)
    expect(() => batch.ensureValid()).toThrow(/the size 22 is smaller than the minimum/)
    expect(() => batch.ensureValid()).toThrow(CorruptRecordException)
    covers('DefaultRecordBatchTest.testInvalidRecordSize')
  })

  test('has another CRC than its bytes', () => {
    const batch = batchOf(threeRecords())
    batch.ensureValid()
    ByteBuffer.wrap(batch.bytes).putIntAt(DefaultRecordBatch.LAST_OFFSET_DELTA_OFFSET, 23)
    expect(batch.isValid()).toBe(false)
    expect(() => batch.ensureValid()).toThrow(/Record is corrupt \(stored crc = \d+, computed/)
    covers('DefaultRecordBatchTest.testInvalidCrc')
  })

  test.each(COMPRESSIONS)('counts more records than there are ($name)', ({ compression, name }) => {
    expect(() => [...countingWrong(compression, 5)]).toThrow(InvalidRecordException)
    const how = name === 'none' ? 'NonCompressed' : 'Compressed'
    covers(`DefaultRecordBatchTest.testInvalidRecordCountTooMany${how}V2`)
  })

  test.each(COMPRESSIONS)('counts fewer records than there are ($name)', (each) => {
    expect(() => [...countingWrong(each.compression, 2)]).toThrow(/bytes are left after 2 records/)
    const how = each.name === 'none' ? 'NonCompressed' : 'Compressed'
    covers(`DefaultRecordBatchTest.testInvalidRecordCountTooLittle${how}V2`)
  })

  test.each(COMPRESSIONS)(
    'counts no records, whatever stands behind the header ($name)',
    (each) => {
      expect([...countingWrong(each.compression, 0)]).toEqual([])
      const headerOnly = countingWrong(each.compression, 0).bytes.slice(0, 61)
      expect([...new DefaultRecordBatch(headerOnly)]).toEqual([])
    },
  )

  test('counts a negative number of records', () => {
    expect(() => countingWrong(Compression.NONE, -1).iterator()).toThrow(InvalidRecordException)
  })

  test('names a codec that does not exist', () => {
    const batch = batchOf(threeRecords())
    for (const [id, message] of [
      [5, /Unknown compression type id: 5/],
      [7, /Unknown compression type id: 7/],
    ] as const) {
      batch.bytes[DefaultRecordBatch.ATTRIBUTES_OFFSET + 1] = id
      expect(() => batch.iterator()).toThrow(UnsupportedCompressionTypeException)
      expect(() => batch.iterator()).toThrow(message)
    }
  })

  test('inflates to more than it may', () => {
    const compression = Compression.gzip()
    const batch = batchOf(withRecords({ compression }, { value: new Uint8Array(100_000) }))
    expect([...batch]).toHaveLength(1)
    expect(() => batch.iterator(50_000)).toThrow(InvalidRecordException)
  })
})

describe('changing a DefaultRecordBatch in place', () => {
  test('the last offset moves the records, and the CRC stays right', () => {
    const records = threeRecords()
    const batch = batchOf(records)
    batch.setLastOffset(500)
    expect([batch.baseOffset, batch.lastOffset]).toEqual([498, 500])
    expect(batch.isValid()).toBe(true)
    expect([...records.records()].map((record) => record.offset)).toEqual([498, 499, 500])
    covers('DefaultRecordBatchTest.testSetLastOffset')
  })

  test('the leader epoch is outside the CRC', () => {
    const records = threeRecords()
    batchOf(records).setPartitionLeaderEpoch(500)
    const again = records.firstBatch()!
    expect(again.partitionLeaderEpoch).toBe(500)
    expect(again.isValid()).toBe(true)
    covers('DefaultRecordBatchTest.testSetPartitionLeaderEpoch')
  })

  test('the log append time becomes the timestamp of all records, under a new CRC', () => {
    const records = threeRecords()
    const batch = batchOf(records)
    const before = batch.checksum
    batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, 15)
    expect(batch.timestampType).toBe(TimestampType.LOG_APPEND_TIME)
    expect(batch.maxTimestamp).toBe(15)
    expect(batch.isValid()).toBe(true)
    expect(batch.checksum).not.toBe(before)
    expect([...records.records()].map((record) => record.timestamp)).toEqual([15, 15, 15])
    covers('DefaultRecordBatchTest.testSetLogAppendTime')
  })

  test('setting the timestamp that it has already leaves the CRC alone, even a wrong one', () => {
    const batch = batchOf(threeRecords())
    ByteBuffer.wrap(batch.bytes).putIntAt(DefaultRecordBatch.CRC_OFFSET, 4711)
    batch.setMaxTimestamp(TimestampType.CREATE_TIME, 3)
    expect(batch.checksum).toBe(4711)
    expect(batch.isValid()).toBe(false)
  })

  test('a batch cannot be without timestamp type', () => {
    const batch = batchOf(threeRecords())
    expect(() => batch.setMaxTimestamp(TimestampType.NO_TIMESTAMP_TYPE, -1)).toThrow(
      IllegalArgumentException,
    )
    covers('DefaultRecordBatchTest.testSetNoTimestampTypeNotAllowed')
  })

  test('it keeps codec, flags and delete horizon when the timestamp changes', () => {
    const batch = batchOf(
      withRecords(
        {
          compression: Compression.gzip(),
          producerId: 1n,
          producerEpoch: 0,
          baseSequence: 0,
          isTransactional: true,
          deleteHorizonMs: 77,
        },
        ...THREE_RECORDS,
      ),
    )
    batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, 99)
    expect(batch.compressionType).toBe(CompressionType.GZIP)
    expect(batch.isTransactional).toBe(true)
    expect(batch.deleteHorizonMs).toBe(77)
    expect(batch.isValid()).toBe(true)
  })
})

describe('the records of a DefaultRecordBatch', () => {
  test('a batch has the size that was reckoned', () => {
    const headers = [
      { key: 'foo', value: bytes('value') },
      { key: 'bar', value: null },
    ]
    const records = [
      simple(NOW, 'key', 'value'),
      simple(NOW + 30_000, null, 'value'),
      simple(NOW + 60_000, 'key', null),
      { ...simple(NOW + 60_000, 'key', 'value'), headers },
    ]
    const actual = withRecords({}, ...records).sizeInBytes
    expect(DefaultRecordBatch.sizeInBytes(records)).toBe(actual)
    expect(DefaultRecordBatch.sizeInBytes([])).toBe(0)
    covers('DefaultRecordBatchTest.testSizeInBytes')
  })

  test('one that can only hold one record is not larger than the upper bound', () => {
    const { sizeInBytes } = withRecords({}, { key: bytes('k'), value: bytes('v'), timestamp: NOW })
    const bound = DefaultRecordBatch.estimateBatchSizeUpperBound(bytes('k'), bytes('v'), [])
    expect(sizeInBytes).toBeLessThanOrEqual(bound)
    expect(bound).toBe(61 + 21 + 2 + 2 + 1)
  })

  test('a control batch carries the end of a transaction', () => {
    const builder = new MemoryRecordsBuilder({
      buffer: ByteBuffer.allocate(128),
      producerId: 1n,
      producerEpoch: 0,
      isTransactional: true,
      isControlBatch: true,
    })
    const marker = new EndTransactionMarker(ControlRecordType.COMMIT, 15)
    builder.appendEndTxnMarker(NOW, marker)
    const batches = [...builder.build().batches()]
    expect(batches.map((batch) => batch.isControlBatch)).toEqual([true])
    const records = [...batches[0]!]
    expect(records.map((record) => EndTransactionMarker.deserialize(record))).toEqual([marker])
    covers('DefaultRecordBatchTest.testReadAndWriteControlBatch')
  })

  test.each(COMPRESSIONS)('the cursor and for-of give the same ($name)', ({ compression }) => {
    const batch = batchOf(withRecords({ compression }, ...THREE_RECORDS))
    const cursor = batch.iterator()
    const stepped = []
    while (cursor.hasNext()) stepped.push(plain(cursor.next()))
    expect(stepped).toEqual([...batch].map(plain))
    expect(stepped).toHaveLength(3)
    expect(() => cursor.next()).toThrow(IllegalStateException)
    covers('DefaultRecordBatchTest.testStreamingIteratorConsistency')
  })

  test.each(COMPRESSIONS)('sizes are known without key and value ($name)', ({ compression }) => {
    const headers = [
      { key: 'k1', value: bytes('v1') },
      { key: 'k2', value: null },
    ]
    const large = new Uint8Array(200 * 1024).map((_, i) => (i * 7919) >>> 3)
    const batch = batchOf(
      withRecords(
        { compression },
        simple(1, 'a', '1'),
        simple(2, 'b', null),
        simple(3, null, '3'),
        simple(4, null, null),
        { timestamp: 1000, key: bytes('abc'), value: large },
        { timestamp: 9999, key: bytes('abc'), value: bytes('0'), headers },
      ),
    )
    const sizes = [...batch].map((record) => [
      record.sizeInBytes,
      record.offset,
      record.timestamp,
      record.keySize,
      record.valueSize,
    ])
    expect(sizes).toEqual([
      [9, 0, 1, 1, 1],
      [8, 1, 2, 1, -1],
      [8, 2, 3, -1, 1],
      [7, 3, 4, -1, -1],
      [15 + large.length, 4, 1000, 3, large.length],
      [23, 5, 9999, 3, 1],
    ])
    covers('DefaultRecordBatchTest.testSkipKeyValueIteratorCorrectness')
  })

  test('the offset of the largest timestamp is that of its first record', () => {
    const records = [simple(5, null, 'a'), simple(9, null, 'b'), simple(9, null, 'c')]
    expect(batchOf(withRecords({ baseOffset: 40 }, ...records)).offsetOfMaxTimestamp()).toBe(41)
  })
})

describe('sequence numbers', () => {
  test('go from 2^31 - 1 to 0', () => {
    expect(DefaultRecordBatch.incrementSequence(5, 5)).toBe(10)
    expect(DefaultRecordBatch.incrementSequence(MAX_INT, 1)).toBe(0)
    expect(DefaultRecordBatch.incrementSequence(MAX_INT - 5, 10)).toBe(4)
    covers('DefaultRecordBatchTest.testIncrementSequence')
  })

  test('go back from 0 to 2^31 - 1', () => {
    expect(DefaultRecordBatch.decrementSequence(5, 5)).toBe(0)
    expect(DefaultRecordBatch.decrementSequence(0, 1)).toBe(MAX_INT)
    covers('DefaultRecordBatchTest.testDecrementSequence')
  })
})
