import { describe, expect, test } from 'vitest'
import { InvalidRecordException } from '../../../src/common/errors/ApiExceptions.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { covers } from '../../support/covers.ts'
import { bytes } from '../helpers.ts'
import { compress, PAYLOADS, same, words } from './helpers.ts'

const LIMIT = 1 << 20
const HEADER = 16
const MAGIC = [0x82, ...bytes('SNAPPY'), 0]

const read = (frame: Uint8Array, limit = LIMIT) => Compression.snappy().wrapForInput(frame, limit)

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

describe('SnappyCompression', () => {
  test('what was compressed comes back, and is smaller', () => {
    const data = bytes('data'.repeat(256))
    const compressed = compress(Compression.snappy(), data)
    expect(compressed.length).toBeLessThan(100)
    expect(read(compressed)).toEqual(data)
    covers('SnappyCompressionTest.testCompressionDecompression')
  })

  test.each(PAYLOADS)('$name come back as they were', ({ plain }) => {
    const compressed = compress(Compression.snappy(), plain, 999)
    expect(same(read(compressed, plain.length), plain)).toBe(true)
  })

  test('blocks stand in the frame of the Java client, 32 KiB each', () => {
    const compressed = compress(Compression.snappy(), words(70_000))
    expect([...compressed.subarray(0, HEADER)]).toEqual([...MAGIC, 0, 0, 0, 1, 0, 0, 0, 1])
    const view = new DataView(compressed.buffer, compressed.byteOffset)
    const plainSizes: number[] = []
    for (let at = HEADER; at < compressed.length; at += 4 + view.getUint32(at)) {
      const [a, b, c] = compressed.subarray(at + 4)
      plainSizes.push((a! & 0x7f) | ((b! & 0x7f) << 7) | ((b! & 0x80) === 0 ? 0 : c! << 14))
    }
    expect(plainSizes).toEqual([32_768, 32_768, 4464])
  })

  test('a bare block without frame is read too: librdkafka writes it (a peer: #283)', () => {
    const plain = words(20_000)
    const framed = compress(Compression.snappy(), plain)
    expect(same(read(framed), plain)).toBe(true)
    expect(same(read(framed.subarray(HEADER + 4)), plain)).toBe(true)
  })

  test('frames one behind the other are one', () => {
    const frames = ['one ', 'two ', 'three'].map((part) =>
      compress(Compression.snappy(), bytes(part)),
    )
    expect(Buffer.from(read(concat(...frames))).toString()).toBe('one two three')
  })

  test('copies of every length at every distance come back', () => {
    for (const distance of [1, 2, 7, 60, 2047, 2048, 30_000]) {
      const head = words(distance)
      for (const length of [4, 11, 12, 63, 64, 65, 67, 68, 69, 128, 200]) {
        const copy = Uint8Array.from({ length }, (_, i) => head[i % distance]!)
        const plain = concat(head, copy, bytes('#'))
        expect(same(read(compress(Compression.snappy(), plain)), plain)).toBe(true)
      }
    }
  })

  test.each([
    ['copy of 11 bytes from 3 back', [14, 0x08, 1, 2, 3, 0x1d, 3], 14],
    ['copy with a distance of 4 bytes', [8, 0x0c, 1, 2, 3, 4, 0x0f, 4, 0, 0, 0], 8],
    ['literal with a length of 1 byte', [61, 0xf0, 60, ...new Uint8Array(61)], 61],
    ['literal with a length of 3 bytes', [2, 0xf8, 1, 0, 0, 5, 6], 2],
    ['literal with a length of 4 bytes', [2, 0xfc, 1, 0, 0, 0, 5, 6], 2],
  ])('a tag that we never write is read: %s', (_what, block, length) => {
    expect(read(Uint8Array.from(block))).toHaveLength(length)
  })
})

describe('snappy bytes that are broken are refused', () => {
  test.each([
    ['nothing at all', []],
    ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a length that so few bytes cannot meet', [0xff, 0xff, 0x03, 0x00, 1]],
    ['a literal behind the end', [4, 0x0c, 1, 2]],
    ['a literal longer than the length', [2, 0x0c, 1, 2, 3, 4]],
    ['a copy from before the start', [8, 0x0c, 1, 2, 3, 4, 0x01, 5]],
    ['a copy from nowhere', [8, 0x0c, 1, 2, 3, 4, 0x01, 0]],
    ['a copy that is cut off', [8, 0x0c, 1, 2, 3, 4, 0x0e, 4]],
    ['a copy longer than the length', [6, 0x0c, 1, 2, 3, 4, 0x01, 4]],
    ['less than the length', [9, 0x0c, 1, 2, 3, 4, 0x01, 4]],
    ['a frame without a version', [...MAGIC, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['a header that is cut off', [...MAGIC, 0, 0, 0, 1]],
    ['a block behind the end of the frame', [...MAGIC, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 1]],
    ['a block size below 0', [...MAGIC, 0, 0, 0, 1, 0, 0, 0, 1, 255, 0, 0, 0, 1]],
    ['half a block size', [...MAGIC, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]],
  ])('%s', (_what, broken) => {
    expect(() => read(Uint8Array.from(broken))).toThrow(InvalidRecordException)
  })

  test('more than the limit, before any memory is taken', () => {
    const bomb = compress(Compression.snappy(), new Uint8Array(16 << 20))
    const before = process.memoryUsage().arrayBuffers
    expect(() => read(bomb)).toThrow('more than 1048576 bytes')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
  })
})
