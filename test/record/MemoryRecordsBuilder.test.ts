import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../src/common/ByteBufferOutputStream.ts'
import { IllegalArgumentException, IllegalStateException } from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { TraceBus, type TraceEntry } from '../../src/common/Trace.ts'
import type { MemoryRecordsBuilderOptions } from '../../src/record/BatchDescription.ts'
import { ControlRecordType } from '../../src/record/ControlRecordType.ts'
import { Compression } from '../../src/record/compress/Compression.ts'
import { EndTransactionMarker } from '../../src/record/EndTransactionMarker.ts'
import { MemoryRecords } from '../../src/record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../src/record/MemoryRecordsBuilder.ts'
import { RecordBatch } from '../../src/record/RecordBatch.ts'
import { TimestampType } from '../../src/record/TimestampType.ts'
import { withRecords } from '../../src/record/withRecords.ts'
import { covers } from '../support/covers.ts'
import { bytes, COMPRESSIONS, NOW, plain, simple, text } from './helpers.ts'

type Options = Partial<MemoryRecordsBuilderOptions>

/** Each codec, at the beginning of a buffer and behind fifteen bytes that are somebody else's. */
const ARGS = COMPRESSIONS.flatMap((each) => [0, 15].map((offset) => ({ ...each, offset })))

const bufferAt = (offset: number, size = 1024): ByteBuffer => {
  const buffer = ByteBuffer.allocate(size)
  buffer.position = offset
  return buffer
}

const build = (each: (typeof ARGS)[number], options: Options = {}) =>
  new MemoryRecordsBuilder({
    buffer: bufferAt(each.offset),
    compression: each.compression,
    ...options,
  })

const fill = (builder: MemoryRecordsBuilder, ...timestamps: number[]): MemoryRecords => {
  const keys = 'abcdefgh'
  timestamps.forEach((timestamp, i) => {
    builder.append(timestamp, bytes(keys[i]!), bytes(`${i + 1}`))
  })
  return builder.build()
}

const PRODUCER = { producerId: 9809n, producerEpoch: 15, baseSequence: 2342 }

describe.each(ARGS)('MemoryRecordsBuilder ($name, behind $offset bytes)', (each) => {
  test('without records it builds nothing, and leaves the buffer as it was', () => {
    const builder = build(each)
    expect(builder.build()).toBe(MemoryRecords.EMPTY)
    expect(builder.buffer().position).toBe(each.offset)
    covers('MemoryRecordsBuilderTest.testWriteEmptyRecordSet')
  })

  test('it writes a transactional batch', () => {
    const builder = build(each, { ...PRODUCER, isTransactional: true })
    const batches = [...fill(builder, NOW).batches()]
    expect(batches.map((batch) => batch.isTransactional)).toEqual([true])
    expect(builder).toMatchObject({ ...PRODUCER, isTransactional: true })
    covers('MemoryRecordsBuilderTest.testWriteTransactionalRecordSet')
  })

  test('it refuses to close when producer id, epoch and sequence do not go together', () => {
    const invalid = (options: Options) => () =>
      build(each, { ...PRODUCER, isTransactional: true, ...options }).close()
    expect(invalid({ producerId: -1n })).toThrow(/without a valid producer ID/)
    expect(invalid({ producerEpoch: -1 })).toThrow(/Invalid negative producer epoch/)
    expect(invalid({ baseSequence: -1 })).toThrow(/Invalid negative sequence number/)
    expect(invalid({ producerId: -1n })).toThrow(IllegalArgumentException)
    covers(
      'MemoryRecordsBuilderTest.testWriteTransactionalWithInvalidPID',
      'MemoryRecordsBuilderTest.testWriteIdempotentWithInvalidEpoch',
      'MemoryRecordsBuilderTest.testWriteIdempotentWithInvalidBaseSequence',
    )
  })

  test('the end of a transaction goes only into a transactional control batch', () => {
    const marker = new EndTransactionMarker(ControlRecordType.ABORT, 0)
    const append = (options: Options) => () =>
      build(each, options).appendEndTxnMarker(RecordBatch.NO_TIMESTAMP, marker)
    expect(append({ ...PRODUCER, isControlBatch: true })).toThrow(/transactional batch/)
    expect(append({ ...PRODUCER, isTransactional: true })).toThrow(/Control records can only/)
    expect(append({ isTransactional: true, isControlBatch: true })).toThrow(/valid producerId/)
    const control = build(each, { ...PRODUCER, isTransactional: true, isControlBatch: true })
    expect(() => control.append(0, null, null)).toThrow(IllegalArgumentException)
    covers(
      'MemoryRecordsBuilderTest.testWriteEndTxnMarkerNonTransactionalBatch',
      'MemoryRecordsBuilderTest.testWriteEndTxnMarkerNonControlBatch',
    )
  })

  test('its estimated size grows with each record and is exact in the end', () => {
    const builder = build(each)
    let previous = 0
    for (let i = 0; i < 10; i++) {
      builder.append(i, null, bytes(`${i}`))
      const estimate = builder.estimatedSizeInBytes()
      expect(estimate).toBeGreaterThan(previous)
      previous = estimate
    }
    const records = builder.build()
    expect(builder.estimatedSizeInBytes()).toBe(records.sizeInBytes)
    if (each.name === 'none') expect(previous).toBe(records.sizeInBytes)
    covers('MemoryRecordsBuilderTest.testEstimatedSizeInBytes')
  })

  test('with log append time, every record has that one', () => {
    const builder = build(each, {
      timestampType: TimestampType.LOG_APPEND_TIME,
      logAppendTime: NOW,
    })
    const records = fill(builder, 0, 0, 0)
    expect(builder.info()).toEqual({ maxTimestamp: NOW, shallowOffsetOfMaxTimestamp: 2 })
    const batch = records.firstBatch()!
    expect(batch.timestampType).toBe(TimestampType.LOG_APPEND_TIME)
    expect([...batch].map((record) => record.timestamp)).toEqual([NOW, NOW, NOW])
    covers('MemoryRecordsBuilderTest.buildUsingLogAppendTime')
  })

  test('with create time, every record keeps its own, in whatever order', () => {
    const builder = build(each, { logAppendTime: NOW })
    const records = fill(builder, 0, 2, 1)
    expect(builder.info()).toEqual({ maxTimestamp: 2, shallowOffsetOfMaxTimestamp: 2 })
    const batch = records.firstBatch()!
    expect(batch.timestampType).toBe(TimestampType.CREATE_TIME)
    expect(batch.maxTimestamp).toBe(2)
    expect([...batch].map((record) => record.timestamp)).toEqual([0, 2, 1])
    covers('MemoryRecordsBuilderTest.buildUsingCreateTime')
  })

  test('what it wrote has the right checksum', () => {
    const records = fill(build(each), 1)
    expect(records.firstBatch()!.isValid()).toBe(true)
    expect([...records.records()]).toHaveLength(1)
    covers('MemoryRecordsBuilderTest.testAppendedChecksumConsistency')
  })

  test('the first record fits under any limit, and fills it', () => {
    const builder = build(each, { writeLimit: 0 })
    const [key, value] = [bytes('foo'), bytes('bar')]
    expect(builder.isFull()).toBe(false)
    expect(builder.hasRoomFor(0, key, value)).toBe(true)
    builder.append(0, key, value)
    expect(builder.isFull()).toBe(true)
    expect(builder.hasRoomFor(0, key, value)).toBe(false)
    const records = [...builder.build().records()]
    expect(records.map((record) => [text(record.key), text(record.value)])).toEqual([
      ['foo', 'bar'],
    ])
    covers('MemoryRecordsBuilderTest.testSmallWriteLimit')
  })

  test('a record may be written past the limit: the buffer gives way to a larger one', () => {
    const buffer = bufferAt(each.offset, 78)
    const builder = build(each, { buffer, writeLimit: 64 })
    builder.setEstimatedCompressionRatio(0.5)
    builder.append(0, bytes('a'), bytes('1'))
    builder.append(1, bytes('b'), bytes('2'))
    expect(builder.hasRoomFor(2, bytes('c'), bytes('3'))).toBe(false)
    builder.append(2, bytes('c'), bytes('3'))
    const records = builder.build()
    expect(builder.info()).toEqual({ maxTimestamp: 2, shallowOffsetOfMaxTimestamp: 2 })
    expect([...records.records()].map((record) => record.timestamp)).toEqual([0, 1, 2])
    expect(builder.buffer()).not.toBe(buffer)
    expect(builder.initialCapacity()).toBe(78)
    covers('MemoryRecordsBuilderTest.writePastLimit')
  })

  test('offsets increase, and stay within 2^31 - 1 of the first', () => {
    const builder = build(each, { baseOffset: 3 })
    builder.appendWithOffset(3, NOW, bytes('a'), null)
    expect(() => builder.appendWithOffset(3, NOW, bytes('b'), null)).toThrow(/must increase/)
    expect(() => builder.appendWithOffset(3 + 2 ** 31, NOW, null, null)).toThrow(/offset delta/)
    builder.appendWithOffset(3 + 2 ** 31 - 1, NOW, null, null)
    const offsets = [...builder.build().records()].map((record) => record.offset)
    expect(offsets).toEqual([3, 3 + 2 ** 31 - 1])
    covers('MemoryRecordsBuilderTest.testAppendAtInvalidOffset')
  })

  test.each([-2, 1.5, Number.NaN, 2 ** 53])('a timestamp of %d is refused', (timestamp) => {
    expect(() => build(each).append(timestamp, null, null)).toThrow(IllegalArgumentException)
  })

  test('after an abort it can do nothing more, and the buffer is as it was', () => {
    const builder = build(each)
    builder.append(0, bytes('a'), bytes('1'))
    builder.abort()
    expect(builder.buffer().position).toBe(each.offset)
    expect(() => builder.build()).toThrow(IllegalStateException)
    expect(() => builder.close()).toThrow(IllegalStateException)
    expect(() => builder.append(0, bytes('a'), bytes('1'))).toThrow(IllegalStateException)
    expect(() => builder.reopenAndRewriteProducerState(1n, 1, 1, false)).toThrow(/aborted/)
    covers(
      'MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnBuildWhenAborted',
      'MemoryRecordsBuilderTest.shouldResetBufferToInitialPositionOnAbort',
      'MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnCloseWhenAborted',
      'MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnAppendWhenAborted',
    )
  })

  test('once closed it takes no record', () => {
    const builder = build(each)
    fill(builder, 0)
    expect(builder.isClosed()).toBe(true)
    expect(() => builder.append(0, bytes('a'), bytes('1'))).toThrow(
      'Tried to append a record, but MemoryRecordsBuilder is closed for record appends',
    )
    expect(() => builder.setProducerState(1n, 1, 1, false)).toThrow(IllegalStateException)
    expect(() => builder.overrideLastOffset(9)).toThrow(IllegalStateException)
    covers('MemoryRecordsBuilderTest.shouldThrowIllegalStateExceptionOnAppendWhenClosed')
  })

  test('a delete horizon stands in for the base timestamp; records keep their own', () => {
    const builder = build(each, { deleteHorizonMs: 100, writeLimit: 0 })
    const batch = fill(builder, 50, 100, 150).firstBatch()!
    expect(batch.deleteHorizonMs).toBe(100)
    expect([...batch].map((record) => record.timestamp)).toEqual([50, 100, 150])
    covers('MemoryRecordsBuilderTest.testRecordTimestampsWithDeleteHorizon')
  })

  test('closed for appends it is full, and its producer can still be set', () => {
    const builder = build(each)
    builder.append(NOW, null, bytes('v'))
    builder.closeForRecordAppends()
    expect(builder.isFull()).toBe(true)
    expect(builder.hasRoomFor(NOW, null, bytes('v'))).toBe(false)
    builder.setProducerState(7n, 2, 40, false)
    expect(builder.build().firstBatch()).toMatchObject({
      producerId: 7n,
      producerEpoch: 2,
      baseSequence: 40,
    })
  })

  test('reopened, it writes another header around the same records', () => {
    const builder = build(each, PRODUCER)
    const first = fill(builder, 1, 2).bytes.slice()
    builder.reopenAndRewriteProducerState(77n, 0, 0, true)
    expect(builder.isClosed()).toBe(false)
    const again = builder.build().firstBatch()!
    again.ensureValid()
    expect(again).toMatchObject({ producerId: 77n, producerEpoch: 0, baseSequence: 0 })
    expect(again.isTransactional).toBe(true)
    expect(again.bytes.subarray(61)).toEqual(first.subarray(61))
  })

  test('what stands before it in the buffer is left alone', () => {
    const buffer = ByteBuffer.allocate(1024)
    for (let i = 0; i < each.offset; i++) buffer.put(0xab)
    const records = fill(build(each, { buffer }), 1, 2)
    expect(buffer.bytes.subarray(0, each.offset).every((byte) => byte === 0xab)).toBe(true)
    expect([...records.records()].map((record) => plain(record).key)).toEqual(['a', 'b'])
  })
})

describe('MemoryRecordsBuilder', () => {
  test('cannot write a batch without timestamp type', () => {
    const { NO_TIMESTAMP_TYPE } = TimestampType
    const make = () =>
      new MemoryRecordsBuilder({ buffer: bufferAt(0), timestampType: NO_TIMESTAMP_TYPE })
    expect(make).toThrow(IllegalArgumentException)
  })

  test('a record that reaches the limit to the byte has room, and fills the batch', () => {
    const record = [NOW, bytes('k'), bytes('v')] as const
    const limit = withRecords({}, simple(NOW, 'k', 'v'), simple(NOW, 'k', 'v')).sizeInBytes
    for (const writeLimit of [limit, limit - 1]) {
      const builder = new MemoryRecordsBuilder({ buffer: bufferAt(0), writeLimit })
      builder.append(...record)
      expect(builder.isFull()).toBe(false)
      expect(builder.hasRoomFor(...record)).toBe(writeLimit === limit)
      builder.append(...record)
      expect(builder.isFull()).toBe(true)
    }
  })

  test('a record that cannot be written leaves the batch as it was', () => {
    const builder = new MemoryRecordsBuilder({ buffer: bufferAt(0) })
    const nameless = [{ key: null as unknown as string, value: null }]
    expect(() => builder.append(NOW, null, null, nameless)).toThrow(IllegalArgumentException)
    expect(builder.numRecords).toBe(0)
    builder.append(NOW + 5, null, bytes('v'))
    const batch = builder.build().firstBatch()!
    expect([batch.baseTimestamp, batch.countOrNull, batch.sizeInBytes]).toEqual([NOW + 5, 1, 69])
  })

  test('a timestamp whose difference to the first one is no safe integer is refused', () => {
    const builder = new MemoryRecordsBuilder({ buffer: bufferAt(0) })
    builder.append(-1, null, null)
    const append = () => builder.append(Number.MAX_SAFE_INTEGER, null, null)
    expect(append).toThrow(IllegalArgumentException)
    builder.append(Number.MAX_SAFE_INTEGER - 1, null, null)
    const timestamps = [...builder.build().records()].map((record) => record.timestamp)
    expect(timestamps).toEqual([-1, Number.MAX_SAFE_INTEGER - 1])
  })

  test('its compression ratio is that of the records, without the header', () => {
    const builder = new MemoryRecordsBuilder({
      buffer: new ByteBufferOutputStream(64),
      compression: Compression.gzip(),
    })
    expect(builder.compressionRatio).toBe(1)
    for (let i = 0; i < 50; i++) builder.append(NOW, null, new Uint8Array(1000))
    const plainBytes = builder.uncompressedBytesWritten() - 61
    const records = builder.build()
    expect(builder.compressionRatio).toBe((records.sizeInBytes - 61) / plainBytes)
    expect(builder.compressionRatio).toBeLessThan(0.05)
  })

  test('a codec lets more records under the limit when batches have compressed well', () => {
    const countTo = (ratio: number): number => {
      const builder = new MemoryRecordsBuilder({
        buffer: bufferAt(0, 4096),
        compression: Compression.gzip(),
      })
      builder.setEstimatedCompressionRatio(ratio)
      const value = new Uint8Array(100)
      while (builder.hasRoomFor(NOW, null, value)) builder.append(NOW, null, value)
      return builder.numRecords
    }
    expect(countTo(1)).toBe(35)
    expect(countTo(0.25)).toBeGreaterThan(135)
  })

  test('a cleaned batch keeps the last offset that it had', () => {
    const builder = new MemoryRecordsBuilder({ buffer: bufferAt(0), baseOffset: 10 })
    builder.append(NOW, null, bytes('v'))
    builder.overrideLastOffset(19)
    expect(builder.build().firstBatch()).toMatchObject({ baseOffset: 10, lastOffset: 19 })
  })

  test('it says on the trace bus what it writes', () => {
    const bus = new TraceBus(new MockTime())
    const entries: TraceEntry[] = []
    bus.listen((entry) => entries.push(entry))
    const trace = bus.from('p-1')
    const builder = new MemoryRecordsBuilder({ buffer: bufferAt(0), baseOffset: 4, trace })
    const batch = fill(builder, NOW, NOW).firstBatch()!
    expect(entries.map((entry) => [entry.name, entry.fields])).toEqual([
      ['record.builder.append', { offset: 4, recordBytes: 9, batchBytes: 70 }],
      ['record.builder.append', { offset: 5, recordBytes: 9, batchBytes: 79 }],
      ['record.builder.close', { records: 2, bytes: 79, crc: batch.checksum, compression: 'none' }],
    ])
  })
})
