import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { writeVarint, writeVarlong } from '../../src/common/ByteUtils.ts'
import { InvalidRecordException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { DefaultRecord, type RecordBase } from '../../src/record/DefaultRecord.ts'
import { EMPTY_HEADERS, type SimpleRecord } from '../../src/record/SimpleRecord.ts'
import { covers } from '../support/covers.ts'
import { bytes, NOW, plain, recordStream, text } from './helpers.ts'

const HEADERS = [
  { key: 'foo', value: bytes('value') },
  { key: 'bar', value: null },
  { key: 'Aêñüć 日本 🚀', value: bytes('value') },
]
const BASE: RecordBase = {
  baseOffset: 37,
  baseTimestamp: NOW,
  baseSequence: 723,
  logAppendTime: null,
}
const OFFSET_DELTA = 10
const TIMESTAMP_DELTA = 323

const write = (record: SimpleRecord): ByteBuffer => {
  const out = recordStream()
  const { key = null, value, headers = EMPTY_HEADERS } = record
  DefaultRecord.writeTo(out, OFFSET_DELTA, TIMESTAMP_DELTA, key, value, headers)
  return out.buffer().flip()
}

/** A record whose body has `size` bytes, made by `fill`; what it leaves out is zero. */
const bodyOf = (size: number, fill: (buffer: ByteBuffer) => void): ByteBuffer => {
  const buffer = ByteBuffer.allocate(size + 5)
  writeVarint(size, buffer)
  const end = buffer.position + size
  buffer.put(0)
  fill(buffer)
  buffer.position = end
  return buffer.flip()
}

const broken = (...varints: number[]) =>
  bodyOf(100, (buffer) => {
    for (const each of varints) writeVarint(each, buffer)
  })

const reading = (buffer: ByteBuffer) => () => DefaultRecord.readFrom(buffer, BASE)

describe('DefaultRecord', () => {
  test('a null value is one byte, the length -1; an empty one is the length 0 (a peer: #217)', () => {
    const lastBytes = (value: Uint8Array | null) =>
      [...write({ key: null, value }).bytes].slice(5, 8)
    // Behind length, attributes, timestamp and offset: key, value, number of headers.
    expect(lastBytes(null)).toEqual([1, 1, 0])
    expect(lastBytes(bytes(''))).toEqual([1, 0, 0])
  })

  test.each<SimpleRecord>([
    { key: bytes('hi'), value: bytes('there') },
    { key: null, value: bytes('there') },
    { key: bytes('hi'), value: null },
    { key: null, value: null },
    { key: bytes(''), value: bytes('') },
    { key: bytes('hi'), value: bytes('there'), headers: HEADERS },
  ])('what was written comes back, and has the size that was reckoned (%#)', (record) => {
    const { key = null, value, headers = EMPTY_HEADERS } = record
    const buffer = write(record)
    const size = DefaultRecord.sizeInBytes(OFFSET_DELTA, TIMESTAMP_DELTA, key, value, headers)
    expect(buffer.remaining()).toBe(size)
    const read = DefaultRecord.readFrom(buffer, BASE)
    expect(buffer.hasRemaining()).toBe(false)
    expect(read.sizeInBytes).toBe(size)
    expect(read.sequence).toBe(723 + OFFSET_DELTA)
    expect(plain(read)).toEqual({
      offset: 37 + OFFSET_DELTA,
      timestamp: NOW + TIMESTAMP_DELTA,
      key: text(key),
      value: text(value),
      headers: headers.map((header) => [header.key, text(header.value)]),
    })
    expect([read.hasKey, read.keySize]).toEqual([key !== null, key?.length ?? -1])
    expect([read.hasValue, read.valueSize]).toEqual([value !== null, value?.length ?? -1])
    covers('DefaultRecordTest.testBasicSerde')
  })

  test('with a log append time, every record has that one', () => {
    const buffer = write({ value: null })
    const record = DefaultRecord.readFrom(buffer, { ...BASE, logAppendTime: 99 })
    expect(record.timestamp).toBe(99)
  })

  test('a batch without sequence numbers gives its records none', () => {
    const record = DefaultRecord.readFrom(write({ key: bytes('hi'), value: bytes('there') }), {
      ...BASE,
      baseSequence: -1,
    })
    expect(record.sequence).toBe(-1)
    covers('DefaultRecordTest.testSerdeNoSequence')
  })

  test('more headers counted than there are is an invalid record', () => {
    const buffer = write({ key: bytes('hi'), value: bytes('there'), headers: HEADERS })
    buffer.bytes[14] = 8
    expect(reading(buffer)).toThrow(InvalidRecordException)
    covers('DefaultRecordTest.testBasicSerdeInvalidHeaderCountTooHigh')
  })

  test('fewer headers counted than there are is an invalid record', () => {
    const buffer = write({ key: bytes('hi'), value: bytes('there'), headers: HEADERS })
    buffer.bytes[14] = 4
    expect(reading(buffer)).toThrow(/Invalid record size: expected to read \d+ bytes/)
    covers('DefaultRecordTest.testBasicSerdeInvalidHeaderCountTooLow')
  })

  // Each body has 100 bytes and begins with timestamp delta 2 and offset delta 1.
  test.each([
    { what: 'a key longer than the record', body: broken(2, 1, 105), java: 'KeySize' },
    { what: 'a value longer than the record', body: broken(2, 1, -1, 105), java: 'ValueSize' },
    { what: 'a negative number of headers', body: broken(2, 1, -1, -1, -1), java: 'NumHeaders' },
    { what: 'more headers than bytes', body: broken(2, 1, -1, -1, 100), java: 'NumHeaders' },
    {
      what: 'a header name longer than the record',
      body: broken(2, 1, -1, -1, 1, 105),
      java: 'HeaderKey',
    },
    {
      what: 'a header value longer than the record',
      body: broken(2, 1, -1, -1, 1, 1, 1, 105),
      java: 'HeaderValue',
    },
  ])('$what is an invalid record', ({ body, java }) => {
    expect(reading(body)).toThrow(InvalidRecordException)
    // One reader serves both of Java's: it never makes anything of key and value by itself.
    covers(`DefaultRecordTest.testInvalid${java}`, `DefaultRecordTest.testInvalid${java}Partial`)
  })

  test('a number of headers that cannot be is refused before any of them is read', () => {
    expect(reading(broken(2, 1, -1, -1, 100))).toThrow('100 is larger than the remaining size')
  })

  test('a length below -1 is null too, as in Kafka', () => {
    const record = DefaultRecord.readFrom(
      bodyOf(6, (buffer) => {
        for (const each of [2, 1, -5, -7, 0]) writeVarint(each, buffer)
      }),
      BASE,
    )
    expect([record.keySize, record.key, record.hasKey]).toEqual([-1, null, false])
    expect([record.valueSize, record.value, record.hasValue]).toEqual([-1, null, false])
  })

  test('a header without a name is an invalid record', () => {
    expect(reading(broken(2, 1, -1, -1, 1, -1))).toThrow(/negative header key size -1/)
    covers('DefaultRecordTest.testNullHeaderKey', 'DefaultRecordTest.testNullHeaderKeyPartial')
  })

  test('a header without a name cannot be written, and leaves nothing behind', () => {
    const out = recordStream()
    const nameless = [{ key: null as unknown as string, value: null }]
    expect(() => DefaultRecord.writeTo(out, 0, 0, null, null, nameless)).toThrow(
      IllegalArgumentException,
    )
    expect(out.buffer().position).toBe(0)
  })

  test('a record that ends before its timestamp is invalid', () => {
    const buffer = bodyOf(1, () => {})
    expect(reading(buffer)).toThrow(InvalidRecordException)
    covers('DefaultRecordTest.testUnderflowReadingTimestamp')
  })

  test('a record that ends inside a number is invalid', () => {
    const buffer = ByteBuffer.allocate(4)
    writeVarint(2, buffer)
    buffer.put(0)
    writeVarlong(156, buffer)
    buffer.position = 3
    expect(reading(buffer.flip())).toThrow(InvalidRecordException)
    covers('DefaultRecordTest.testUnderflowReadingVarlong')
  })

  test('a number that does not end after ten bytes is invalid', () => {
    const buffer = bodyOf(11, (body) => {
      for (let i = 0; i < 10; i++) body.put(0xff)
    })
    expect(reading(buffer)).toThrow(/Found invalid record structure/)
    covers('DefaultRecordTest.testInvalidVarlong')
  })

  test('a record longer than what is left is invalid', () => {
    const buffer = ByteBuffer.allocate(5)
    writeVarint(10, buffer)
    expect(reading(buffer.flip())).toThrow(/expected 10 bytes in record payload/)
    covers('DefaultRecordTest.testInvalidSizeOfBodyInBytes')
  })

  test('a negative length is invalid', () => {
    const buffer = ByteBuffer.allocate(20)
    writeVarint(-7, buffer)
    buffer.position = 20
    expect(reading(buffer.flip())).toThrow(InvalidRecordException)
  })

  test('a timestamp or offset beyond ±2^53 is invalid: as a number it would lose digits', () => {
    const far = { ...BASE, baseTimestamp: Number.MAX_SAFE_INTEGER - TIMESTAMP_DELTA + 1 }
    const high = { ...BASE, baseOffset: Number.MAX_SAFE_INTEGER - OFFSET_DELTA + 1 }
    for (const base of [far, high]) {
      const read = () => DefaultRecord.readFrom(write({ value: null }), base)
      expect(read).toThrow(InvalidRecordException)
      expect(read).toThrow('outside ±2^53')
    }
    const logAppend = { ...far, logAppendTime: NOW }
    expect(DefaultRecord.readFrom(write({ value: null }), logAppend).timestamp).toBe(NOW)
  })

  test('the upper bound holds for the largest deltas', () => {
    const key = bytes('k')
    const bound = DefaultRecord.recordSizeUpperBound(key, null, HEADERS)
    const largest = DefaultRecord.sizeInBytes(2 ** 31 - 1, -(2 ** 53 - 1), key, null, HEADERS)
    expect(largest).toBeLessThanOrEqual(bound)
  })

  test('key and value are views: changing the batch changes them', () => {
    const buffer = write({ key: bytes('hi'), value: bytes('there') })
    const record = DefaultRecord.readFrom(buffer, BASE)
    buffer.bytes.fill(0x41)
    expect([text(record.key), text(record.value)]).toEqual(['AA', 'AAAAA'])
    expect(`${record}`).toBe(
      `DefaultRecord(offset=47, timestamp=${NOW + 323}, key=2 bytes, value=5 bytes)`,
    )
  })
})
