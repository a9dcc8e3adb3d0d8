import { describe, expect, test } from 'vitest'
import {
  CorruptRecordException,
  UnsupportedForMessageFormatException,
} from '../../src/common/errors/ApiExceptions.ts'
import { ByteBufferLogInputStream } from '../../src/record/ByteBufferLogInputStream.ts'
import { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'
import { Records } from '../../src/record/Records.ts'
import { covers } from '../support/covers.ts'
import { batchesOf } from './helpers.ts'

/** Two batches of two records, and where the second one begins. */
const twoBatches = () => {
  const records = batchesOf({}, [0, 2], [2, 2])
  return { buffer: records.buffer(), second: records.firstBatchSize()! }
}

describe('ByteBufferLogInputStream', () => {
  test('a batch that is cut off at the end is ignored', () => {
    const { buffer } = twoBatches()
    buffer.limit -= 5
    const stream = new ByteBufferLogInputStream(buffer)
    expect(stream.nextBatch()?.lastOffset).toBe(1)
    expect(stream.nextBatch()).toBeNull()
    covers('ByteBufferLogInputStreamTest.iteratorIgnoresIncompleteEntries')
  })

  test('wherever the bytes are cut, there are whole batches or none', () => {
    const { buffer, second } = twoBatches()
    for (let cut = 0; cut < buffer.capacity; cut++) {
      const part = buffer.duplicate()
      part.limit = cut
      const stream = new ByteBufferLogInputStream(part)
      expect(stream.nextBatch()?.lastOffset ?? null).toBe(cut < second ? null : 1)
      expect(stream.nextBatch()).toBeNull()
    }
  })

  test.each([9, 13, 14, 48, -1, -2_147_483_648])('a size of %i cannot be', (size) => {
    const { buffer, second } = twoBatches()
    buffer.putIntAt(second + DefaultRecordBatch.LENGTH_OFFSET, size)
    const stream = new ByteBufferLogInputStream(buffer)
    expect(stream.nextBatch()).not.toBeNull()
    expect(() => stream.nextBatch()).toThrow(CorruptRecordException)
    covers('ByteBufferLogInputStreamTest.iteratorRaisesOnTooSmallRecords')
  })

  test.each([37, 3, -1])('a magic of %i cannot be', (magic) => {
    const { buffer, second } = twoBatches()
    buffer.view.setInt8(second + Records.MAGIC_OFFSET, magic)
    const stream = new ByteBufferLogInputStream(buffer)
    expect(stream.nextBatch()).not.toBeNull()
    expect(() => stream.nextBatch()).toThrow(`Invalid magic found in record: ${magic}`)
    covers('ByteBufferLogInputStreamTest.iteratorRaisesOnInvalidMagic')
  })

  test.each([0, 1])('the old format %i is refused by name', (magic) => {
    const { buffer, second } = twoBatches()
    buffer.view.setInt8(second + Records.MAGIC_OFFSET, magic)
    const stream = new ByteBufferLogInputStream(buffer)
    expect(stream.nextBatch()).not.toBeNull()
    expect(() => stream.nextBatch()).toThrow(UnsupportedForMessageFormatException)
    expect(() => stream.nextBatch()).toThrow(`offset 2 has message format ${magic}`)
  })

  test('a batch above the largest allowed size is refused', () => {
    const records = batchesOf({}, [0, 1], [1, 3])
    // The size field leaves out itself and the offset before it; it may reach the limit.
    const limit = records.firstBatchSize()! - Records.LOG_OVERHEAD
    const stream = new ByteBufferLogInputStream(records.buffer(), limit)
    expect(stream.nextBatch()).not.toBeNull()
    expect(() => stream.nextBatch()).toThrow(CorruptRecordException)
    covers('ByteBufferLogInputStreamTest.iteratorRaisesOnTooLargeRecords')
  })
})
