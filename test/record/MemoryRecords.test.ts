import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { CorruptRecordException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../src/common/errors.ts'
import { RecordHeaders } from '../../src/common/header/RecordHeaders.ts'
import { AbstractRecords } from '../../src/record/AbstractRecords.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { EndTransactionMarker } from '../../src/record/EndTransactionMarker.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { Records } from '../../src/record/Records.ts'
import { TimestampType } from '../../src/record/TimestampType.ts'
import { withEndTransactionMarker, withRecords } from '../../src/record/withRecords.ts'
import { covers } from '../support/covers.ts'
import { batchesOf, bytes, COMPRESSIONS, NOW, plain, simple } from './helpers.ts'

const PRODUCER = { producerId: 134234n, producerEpoch: 28, baseSequence: 777 }
const ARGS = COMPRESSIONS.flatMap((each) => [0, 57].map((baseOffset) => ({ ...each, baseOffset })))

const baseOffsets = (records: MemoryRecords) =>
  [...records.batches()].map((batch) => batch.baseOffset)

describe.each(ARGS)(
  'MemoryRecords ($name, from offset $baseOffset)',
  ({ compression, baseOffset }) => {
    test('can be iterated any number of times, and give batches and records in order', () => {
      const given = [
        simple(1, 'a', '1'),
        simple(2, 'b', '2'),
        simple(3, 'c', '3'),
        simple(4, null, '4'),
        simple(5, 'd', null),
        simple(6, null, null),
      ]
      const options = { ...PRODUCER, compression, baseOffset, partitionLeaderEpoch: 998 }
      const records = withRecords(options, ...given)
      for (let iteration = 0; iteration < 2; iteration++) {
        const batches = [...records.batches()]
        expect(batches).toHaveLength(1)
        const batch = batches[0]!
        expect(batch.isValid()).toBe(true)
        expect(batch).toMatchObject({
          ...PRODUCER,
          baseOffset,
          lastOffset: baseOffset + 5,
          compressionType: compression.type,
          partitionLeaderEpoch: 998,
          countOrNull: 6,
          timestampType: TimestampType.CREATE_TIME,
          maxTimestamp: 6,
        })
        expect([...batch].map((record) => record.sequence)).toEqual([777, 778, 779, 780, 781, 782])
        expect([...batch].map(plain)).toEqual([
          { offset: baseOffset, timestamp: 1, key: 'a', value: '1', headers: [] },
          { offset: baseOffset + 1, timestamp: 2, key: 'b', value: '2', headers: [] },
          { offset: baseOffset + 2, timestamp: 3, key: 'c', value: '3', headers: [] },
          { offset: baseOffset + 3, timestamp: 4, key: null, value: '4', headers: [] },
          { offset: baseOffset + 4, timestamp: 5, key: 'd', value: null, headers: [] },
          { offset: baseOffset + 5, timestamp: 6, key: null, value: null, headers: [] },
        ])
      }
      covers('MemoryRecordsTest.testIterator')
    })

    test('a builder has room until it is closed', () => {
      const builder = new MemoryRecordsBuilder({ buffer: ByteBuffer.allocate(1024), compression })
      builder.append(0, bytes('a'), bytes('1'))
      expect(builder.hasRoomFor(1, bytes('b'), bytes('2'))).toBe(true)
      builder.close()
      expect(builder.hasRoomFor(1, bytes('b'), bytes('2'))).toBe(false)
      covers('MemoryRecordsTest.testHasRoomForMethod')
    })

    test('headers count when room is reckoned', () => {
      const builder = new MemoryRecordsBuilder({ buffer: ByteBuffer.allocate(120), compression })
      builder.append(NOW, bytes('key'), bytes('value'))
      const headers = new RecordHeaders()
      for (let i = 0; i < 10; i++) headers.add('hello', bytes('world.world'))
      expect(builder.hasRoomFor(NOW, bytes('key'), bytes('value'))).toBe(true)
      expect(builder.hasRoomFor(NOW, bytes('key'), bytes('value'), headers.toArray())).toBe(false)
      covers('MemoryRecordsTest.testHasRoomForMethodWithHeaders')
    })

    test('the size of the first batch is known from its first 17 bytes', () => {
      const records = batchesOf({ compression, ...PRODUCER }, [baseOffset, 1])
      const size = records.sizeInBytes
      const upTo = (limit: number) => records.slice(0, limit).firstBatchSize()
      expect(upTo(size)).toBe(size)
      expect(upTo(1)).toBeNull()
      expect(upTo(Records.LOG_OVERHEAD)).toBeNull()
      expect(upTo(Records.HEADER_SIZE_UP_TO_MAGIC)).toBe(size)
      records.bytes[Records.MAGIC_OFFSET] = 10
      expect(() => records.firstBatchSize()).toThrow(CorruptRecordException)
      records.bytes[Records.MAGIC_OFFSET] = 2
      records.bytes[Records.SIZE_OFFSET + 3] = 0
      expect(() => records.firstBatchSize()).toThrow(CorruptRecordException)
      covers('MemoryRecordsTest.testNextBatchSize')
    })

    test('records can be made in one call', () => {
      const records = withRecords({ compression, baseOffset }, simple(10, 'key1', 'value1'))
      expect([...records.records()].map((record) => plain(record).key)).toEqual(['key1'])
      covers('MemoryRecordsTest.testWithRecords')
    })

    test('a slice is a view on a part, whatever size was asked for', () => {
      const records = batchesOf(
        { compression },
        [baseOffset, 3],
        [baseOffset + 6, 8],
        [baseOffset + 15, 4],
      )
      const whole = records.slice(0, records.sizeInBytes)
      expect(whole.bytes).toEqual(records.bytes)
      expect(whole.validBytes()).toBe(records.validBytes())
      const first = records.firstBatchSize()!
      const rest = records.sizeInBytes - first
      for (const size of [rest, records.sizeInBytes, 2 ** 31 - 1]) {
        const sliced = records.slice(first, size)
        expect(sliced.sizeInBytes).toBe(rest)
        expect(baseOffsets(sliced)).toEqual([baseOffset + 6, baseOffset + 15])
      }
      const cut = records.slice(first, rest - 1)
      expect(baseOffsets(cut)).toEqual([baseOffset + 6])
      expect(cut.validBytes()).toBeLessThan(cut.sizeInBytes)
      expect(records.slice(records.sizeInBytes, 5).sizeInBytes).toBe(0)
      covers('MemoryRecordsTest.testSlice')
    })

    test('a slice from outside, or of a negative size, is refused', () => {
      const records = batchesOf({ compression }, [baseOffset, 1])
      const size = records.sizeInBytes
      expect(() => records.slice(-1, size)).toThrow(IllegalArgumentException)
      expect(() => records.slice(size + 1, size)).toThrow(/Invalid position/)
      expect(() => records.slice(0, -1)).toThrow(/Invalid size: -1/)
      covers('MemoryRecordsTest.testSliceInvalidPosition', 'MemoryRecordsTest.testSliceInvalidSize')
    })

    test('a slice can be sliced again', () => {
      const shapes: [number, number][] = [
        [baseOffset, 5],
        [baseOffset + 5, 10],
        [baseOffset + 15, 12],
        [baseOffset + 27, 4],
      ]
      const records = batchesOf({ compression }, ...shapes)
      const sizes = [...records.batches()].map((batch) => batch.sizeInBytes)
      const fromThird = records.slice(sizes[0]! + sizes[1]!, records.sizeInBytes)
      expect(baseOffsets(fromThird)).toEqual([baseOffset + 15, baseOffset + 27])
      const fromFourth = fromThird.slice(sizes[2]!, fromThird.sizeInBytes - sizes[2]!)
      expect(baseOffsets(fromFourth)).toEqual([baseOffset + 27])
      covers('MemoryRecordsTest.testSliceForAlreadySlicedMemoryRecords')
    })
  },
)

describe('MemoryRecords', () => {
  test('the checksum is the one that Kafka computes', () => {
    const { key1, key2 } = {
      key1: simple(283843, 'key1', 'value1'),
      key2: simple(1234, 'key2', 'value2'),
    }
    expect(withRecords({}, key1, key2).firstBatch()!.checksum).toBe(3851219455)
    covers('MemoryRecordsTest.testChecksum')
  })

  test('the end of a transaction is a control batch of one record, made to measure', () => {
    const marker = new EndTransactionMarker(ControlRecordType.COMMIT, 347)
    const options = {
      baseOffset: 983,
      timestamp: NOW,
      partitionLeaderEpoch: 29,
      producerId: 73n,
      producerEpoch: 13,
    }
    const records = withEndTransactionMarker(options, marker)
    expect(records.bytes.buffer.byteLength).toBe(records.sizeInBytes)
    const batches = [...records.batches()]
    expect(batches).toHaveLength(1)
    const { timestamp, ...header } = options
    expect(batches[0]).toMatchObject({ ...header, isControlBatch: true, maxTimestamp: timestamp })
    expect(batches[0]!.isValid()).toBe(true)
    const found = [...batches[0]!].map((record) => EndTransactionMarker.deserialize(record))
    expect(found).toEqual([marker])
    covers('MemoryRecordsTest.testBuildEndTxnMarker')
  })

  test('no records are EMPTY, and a slice of them too', () => {
    expect(withRecords({})).toBe(MemoryRecords.EMPTY)
    const sliced = MemoryRecords.EMPTY.slice(0, 0)
    expect([sliced.sizeInBytes, [...sliced.batches()]]).toEqual([0, []])
    expect([sliced.firstBatch(), sliced.lastBatch(), sliced.firstBatchSize()]).toEqual([
      null,
      null,
      null,
    ])
    covers('MemoryRecordsTest.testSliceEmptyRecords')
  })

  test('the cursor can look ahead', () => {
    const cursor = batchesOf({}, [0, 2], [2, 1]).batchIterator()
    expect(cursor.peek()).toBe(cursor.peek())
    expect([cursor.next().baseOffset, cursor.peek().baseOffset]).toEqual([0, 2])
    expect(cursor.next().baseOffset).toBe(2)
    expect(cursor.hasNext()).toBe(false)
    expect(() => cursor.next()).toThrow(IllegalStateException)
  })

  test('first and last batch are found', () => {
    const records = batchesOf({}, [0, 2], [2, 1], [3, 4])
    expect(records.firstBatch()?.baseOffset).toBe(0)
    expect(records.lastBatch()?.baseOffset).toBe(3)
    expect([...records.records()].map((record) => record.offset)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('the formats of all batches can be asked for without reading the old ones', () => {
    const records = batchesOf({}, [0, 2], [2, 1])
    expect(records.hasMatchingMagic(2)).toBe(true)
    records.bytes[records.firstBatchSize()! + Records.MAGIC_OFFSET] = 1
    expect(records.hasMatchingMagic(2)).toBe(false)
    expect(records.slice(0, records.firstBatchSize()! + 20).hasMatchingMagic(2)).toBe(true)
  })

  test('what remains in a ByteBuffer can be read, wherever it stands', () => {
    const inner = batchesOf({}, [7, 2])
    const buffer = ByteBuffer.allocate(inner.sizeInBytes + 20)
    buffer.position = 9
    buffer.putBytes(inner.bytes)
    buffer.limit = buffer.position
    buffer.position = 9
    const records = MemoryRecords.readableRecords(buffer)
    expect(records.sizeInBytes).toBe(inner.sizeInBytes)
    expect(baseOffsets(records)).toEqual([7])
    expect(records.buffer().remaining()).toBe(inner.sizeInBytes)
  })

  test('a codec is reckoned to halve the size, within 1 and 64 KiB', () => {
    const { NONE, GZIP } = CompressionType
    const estimate = AbstractRecords.estimateSizeInBytes
    const valued = (size: number) => [{ value: new Uint8Array(size) }]
    expect(estimate(NONE, valued(100))).toBe(170)
    expect(estimate(GZIP, valued(100))).toBe(1024)
    expect(estimate(GZIP, valued(10_000))).toBe(5036)
    expect(estimate(GZIP, valued(1_000_000))).toBe(65_536)
  })
})
