import { describe, expect, test } from 'vitest'
import {
  type FileChannelRecordBatch,
  FileLogInputStream,
} from '../../../src/broker/log/FileLogInputStream.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import type { StorageFile } from '../../../src/broker/log/Storage.ts'
import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { CorruptRecordException } from '../../../src/common/errors/ApiExceptions.ts'
import { MemoryRecords } from '../../../src/record/MemoryRecords.ts'
import { RecordBatch } from '../../../src/record/RecordBatch.ts'
import type { SimpleRecord } from '../../../src/record/SimpleRecord.ts'
import { TimestampType } from '../../../src/record/TimestampType.ts'
import { withRecords } from '../../../src/record/withRecords.ts'
import { COMPRESSIONS, plain, simple } from '../../record/helpers.ts'
import { covers } from '../../support/covers.ts'

const fileOf = (...batches: MemoryRecords[]): StorageFile => {
  const file = new MemoryStorage().open('a.log')
  for (const { bytes } of batches) file.write(file.size(), bytes)
  return file
}

const streamOf = (file: StorageFile, start = 0, end = file.size()): FileLogInputStream =>
  new FileLogInputStream(file, 'a.log', start, end)

const FIRST = [simple(3_241_324, 'a', '1'), simple(234_280, 'b', '2')]
const SECOND = [
  simple(238_423_489, 'c', '3'),
  simple(897_839, null, '4'),
  simple(8_234_020, 'e', null),
]
const NOBODY = {
  producerId: RecordBatch.NO_PRODUCER_ID,
  producerEpoch: RecordBatch.NO_PRODUCER_EPOCH,
  baseSequence: RecordBatch.NO_SEQUENCE,
  lastSequence: RecordBatch.NO_SEQUENCE,
  isTransactional: false,
}

const content = ({ timestamp, key, value }: SimpleRecord, offset: number) => ({
  offset,
  timestamp,
  key: key && Buffer.from(key).toString(),
  value: value && Buffer.from(value).toString(),
  headers: [],
})

describe.each(COMPRESSIONS)('FileLogInputStream ($name)', ({ compression }) => {
  const expectBatch = (
    batch: FileChannelRecordBatch | null,
    baseOffset: number,
    records: readonly SimpleRecord[],
    rest: object,
  ): void => {
    const header = {
      ...rest,
      magic: 2,
      compressionType: compression.type,
      timestampType: TimestampType.CREATE_TIME,
      maxTimestamp: Math.max(...records.map(({ timestamp }) => timestamp!)),
      baseOffset,
      lastOffset: baseOffset + records.length - 1,
      countOrNull: records.length,
    }
    expect(batch?.header).toMatchObject(header)
    expect([batch?.baseOffset, batch?.lastOffset]).toEqual([header.baseOffset, header.lastOffset])
    const full = batch!.loadFullBatch()
    expect(full).toMatchObject(header)
    expect(full.isValid()).toBe(true)
    const expected = records.map((record, i) => content(record, baseOffset + i))
    expect([...batch!.iterator()].map(plain)).toEqual(expected)
  }

  test('a batch can be written elsewhere', () => {
    const batch = streamOf(fileOf(withRecords({ compression }, simple(7, null, 'foo')))).nextBatch()
    const elsewhere = new ByteBufferOutputStream(128)
    batch!.writeTo(elsewhere)
    const records = [...MemoryRecords.readableRecords(elsewhere.buffer().flip()).records()]
    expect(records.map(plain)).toEqual([content(simple(7, null, 'foo'), 0)])
    covers('FileLogInputStreamTest.testWriteTo')
  })

  test('gives batches of one record, one after the other, and then none', () => {
    const [a, b] = [simple(3_241_324, 'a', 'foo'), simple(234_280, 'b', 'bar')]
    const stream = streamOf(
      fileOf(withRecords({ compression }, a), withRecords({ compression, baseOffset: 1 }, b)),
    )
    expectBatch(stream.nextBatch(), 0, [a], NOBODY)
    expectBatch(stream.nextBatch(), 1, [b], NOBODY)
    expect(stream.nextBatch()).toBeNull()
    covers('FileLogInputStreamTest.testSimpleBatchIteration')
  })

  test('gives batches of several records', () => {
    const stream = streamOf(
      fileOf(
        withRecords({ compression }, ...FIRST),
        withRecords({ compression, baseOffset: 2 }, ...SECOND),
      ),
    )
    expectBatch(stream.nextBatch(), 0, FIRST, NOBODY)
    expectBatch(stream.nextBatch(), 2, SECOND, NOBODY)
    expect(stream.nextBatch()).toBeNull()
    covers('FileLogInputStreamTest.testBatchIterationWithMultipleRecordsPerBatch')
  })

  test('gives what a batch says about its producer and its leader', () => {
    const options = { producerId: 83_843n, producerEpoch: 15, partitionLeaderEpoch: 9832 }
    const first = { ...options, baseSequence: 234, isTransactional: false }
    const second = { ...options, baseSequence: 236, isTransactional: true }
    const stream = streamOf(
      fileOf(
        withRecords({ ...first, compression, baseOffset: 15 }, ...FIRST),
        withRecords({ ...second, compression, baseOffset: 27 }, ...SECOND),
      ),
    )
    expectBatch(stream.nextBatch(), 15, FIRST, { ...first, lastSequence: 235 })
    expectBatch(stream.nextBatch(), 27, SECOND, { ...second, lastSequence: 238 })
    expect(stream.nextBatch()).toBeNull()
    covers('FileLogInputStreamTest.testBatchIterationV2')
  })

  test('ends before a batch that is cut off', () => {
    const [a, b] = [simple(100, null, 'foo'), simple(200, null, 'bar')]
    const file = fileOf(withRecords({ compression }, a), withRecords({ compression }, b))
    file.truncate(file.size() - 13)
    const stream = streamOf(file)
    expectBatch(stream.nextBatch(), 0, [a], NOBODY)
    expect(stream.nextBatch()).toBeNull()
    covers('FileLogInputStreamTest.testBatchIterationIncompleteBatch')
  })
})

describe('FileLogInputStream', () => {
  test('gives nothing of an empty stretch, of nothing, and of what is not there', () => {
    const maxInt = 2 ** 31 - 1
    expect(streamOf(fileOf(), maxInt, maxInt).nextBatch()).toBeNull()
    expect(streamOf(fileOf(), 0, 0).nextBatch()).toBeNull()
    expect(streamOf(fileOf(), 0, 1000).nextBatch()).toBeNull()
    covers(
      'FileLogInputStreamTest.testNextBatchSelectionWithMaxedParams',
      'FileLogInputStreamTest.testNextBatchSelectionWithZeroedParams',
    )
  })

  test('refuses a batch whose size cannot be', () => {
    const file = fileOf(withRecords({}, simple(1, null, 'foo')))
    file.write(8, Uint8Array.of(0, 0, 0, 5))
    expect(() => streamOf(file).nextBatch()).toThrow(CorruptRecordException)
  })
})
