/** Properties of the record format: whatever goes in comes out. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { TimestampType } from '../../src/record/TimestampType.ts'
import { COMPRESSIONS } from './helpers.ts'

const MAX_INT = 2 ** 31 - 1
const blob = fc.option(fc.uint8Array({ maxLength: 300 }))
const timestamp = fc.oneof(
  fc.constant(-1),
  fc.integer({ min: 1_750_000_000_000, max: 1_750_000_001_000 }),
  // At this one the difference to a record without timestamp, -1, is still a safe integer.
  fc.maxSafeNat().map((large) => Math.min(large, Number.MAX_SAFE_INTEGER - 1)),
)
const record = fc.record({
  // The gap to the offset before; a gap of more than 1 is what compaction leaves behind.
  gap: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 20_000_000 })),
  timestamp,
  key: blob,
  value: blob,
  headers: fc.array(fc.record({ key: fc.string({ unit: 'binary', maxLength: 40 }), value: blob }), {
    maxLength: 4,
  }),
})
const options = fc.record({
  compression: fc.constantFrom(...COMPRESSIONS.map(({ compression }) => compression)),
  baseOffset: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 52 })),
  timestampType: fc.constantFrom(TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME),
  logAppendTime: fc.maxSafeNat(),
  producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  producerEpoch: fc.integer({ min: 0, max: 32_767 }),
  baseSequence: fc.integer({ min: 0, max: MAX_INT }),
  isTransactional: fc.boolean(),
  partitionLeaderEpoch: fc.integer({ min: -1, max: MAX_INT }),
})

describe('record batches', () => {
  test('come back as they were written, whatever is in them', () => {
    fc.assert(
      fc.property(options, fc.array(record, { minLength: 1, maxLength: 12 }), (batch, records) => {
        const buffer = new ByteBufferOutputStream(64)
        const builder = new MemoryRecordsBuilder({ ...batch, buffer })
        let offset = batch.baseOffset - 1
        const expected = records.map(({ gap, ...each }) => {
          offset += gap
          const { key, value, headers } = each
          const before = builder.uncompressedBytesWritten()
          builder.appendWithOffset(offset, each.timestamp, key, value, headers)
          const sizeInBytes = builder.uncompressedBytesWritten() - before
          const isLogAppend = batch.timestampType === TimestampType.LOG_APPEND_TIME
          const sequence = (batch.baseSequence + (offset - batch.baseOffset)) % 2 ** 31
          return {
            offset,
            sequence,
            sizeInBytes,
            timestamp: isLogAppend ? batch.logAppendTime : each.timestamp,
            key,
            value,
            // Half of a surrogate pair has no UTF-8.
            headers: headers.map(({ key, value }) => ({ key: Buffer.from(key).toString(), value })),
          }
        })
        const read = builder.build().firstBatch()!
        read.ensureValid()
        const { compression, logAppendTime, ...header } = batch
        expect(read).toMatchObject({ ...header, lastOffset: offset, countOrNull: records.length })
        const got = [...read].map((each) => ({
          offset: each.offset,
          sequence: each.sequence,
          sizeInBytes: each.sizeInBytes,
          timestamp: each.timestamp,
          key: each.key,
          value: each.value,
          headers: each.headers.map(({ key, value }) => ({ key, value })),
        }))
        expect(got).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })
})
