import { describe, expect, test } from 'vitest'
import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { InvalidRecordException } from '../../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { CompressionType } from '../../../src/record/CompressionType.ts'
import { Compression } from '../../../src/record/compress/Compression.ts'
import { xxHash32 } from '../../../src/record/compress/XXHash32.ts'
import { covers } from '../../support/covers.ts'
import { bytes } from '../helpers.ts'
import { compress, PAYLOADS, same, words } from './helpers.ts'

const { LZ4 } = CompressionType
const LIMIT = 1 << 20
const LEVELS = [LZ4.minLevel(), LZ4.defaultLevel(), LZ4.maxLevel()]
const ARGS = PAYLOADS.flatMap((payload) => LEVELS.map((level) => ({ ...payload, level })))
const HEADER = 7

const read = (frame: Uint8Array, limit = LIMIT) => Compression.lz4().wrapForInput(frame, limit)
const failure = (frame: Uint8Array): string => {
  try {
    read(frame)
  } catch (error) {
    if (error instanceof InvalidRecordException) return error.message
    throw error
  }
  return 'nothing'
}

const int32 = (value: number): number[] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  value >>> 24,
]

interface Shape {
  flg?: number
  bd?: number
  contentSize?: number
}

/** A frame put together by hand; each block with its checksum when the header says so. */
const frame = (shape: Shape, blocks: { stored?: boolean; bytes: Uint8Array }[], tail: number[]) => {
  const { flg = 0x60, bd = 0x40, contentSize } = shape
  const fields = [
    flg,
    bd,
    ...(contentSize === undefined ? [] : [...int32(contentSize), 0, 0, 0, 0]),
  ]
  const check = (xxHash32(Uint8Array.from(fields)) >>> 8) & 0xff
  const body = blocks.flatMap((block) => [
    ...int32(block.bytes.length | (block.stored ? 0x80000000 : 0)),
    ...block.bytes,
    ...(flg & 0x10 ? int32(xxHash32(block.bytes)) : []),
  ])
  return Uint8Array.from([0x04, 0x22, 0x4d, 0x18, ...fields, check, ...body, ...tail])
}

describe.each(ARGS)('an lz4 frame of $name at level $level', ({ plain, level }) => {
  const compressed = compress(Compression.lz4(level), plain, 999)

  test('comes back as it was', () => {
    expect(same(read(compressed, plain.length), plain)).toBe(true)
    covers('Lz4CompressionTest.testArrayBackedBuffer')
  })

  test('comes back from anywhere in a larger array', () => {
    const larger = new Uint8Array(compressed.length + 135).fill(0xee)
    larger.set(compressed, 12)
    const slice = larger.subarray(12, 12 + compressed.length)
    expect(same(read(slice, plain.length), plain)).toBe(true)
    covers('Lz4CompressionTest.testArrayBackedBufferSlice')
  })

  test('has the header, the sizes and the end mark that the format asks for', () => {
    expect([...compressed.subarray(0, 4)]).toEqual([0x04, 0x22, 0x4d, 0x18])
    const [flg, bd, check] = compressed.subarray(4, HEADER)
    // Version 1, independent blocks, no checksums, no size, nothing reserved; blocks of 64 KiB.
    expect([flg, bd]).toEqual([0b0110_0000, 0b0100_0000])
    expect(check).toBe((xxHash32(compressed, 4, 6) >>> 8) & 0xff)
    expect([...compressed.subarray(-4)]).toEqual([0, 0, 0, 0])
    covers('Lz4CompressionTest.testCompression')
  })

  test('is refused when its first bytes are not those of a frame', () => {
    compressed[0] = 0
    expect(failure(compressed)).toContain('Stream unsupported (invalid magic bytes)')
    compressed[0] = 0x04
    covers('Lz4CompressionTest.testNotSupported')
  })

  test('is refused when the check byte of its header is wrong', () => {
    const right = compressed[6]!
    compressed[6] = 0xff
    expect(failure(compressed)).toContain('Stream frame descriptor corrupted')
    compressed[6] = right
    covers('Lz4CompressionTest.testBadFrameChecksum')
  })

  test('is refused when a block says more than a block may have', () => {
    const broken = compressed.slice()
    broken.set(int32(1 << 24), HEADER)
    expect(failure(broken)).toContain('exceeded max: 65536')
    covers('Lz4CompressionTest.testBadBlockSize')
  })
})

describe('Lz4Compression', () => {
  test.each(LEVELS)('what was compressed at level %i comes back, and is smaller', (level) => {
    const data = bytes('data'.repeat(256))
    const compressed = compress(Compression.lz4(level), data)
    expect(compressed.length).toBeLessThan(60)
    expect(read(compressed)).toEqual(data)
    covers('Lz4CompressionTest.testCompressionDecompression')
  })

  test('a level outside its range is refused', () => {
    for (const level of [LZ4.minLevel() - 1, LZ4.maxLevel() + 1, 1.5]) {
      expect(() => Compression.lz4(level)).toThrow(IllegalArgumentException)
    }
    for (let level = LZ4.minLevel(); level <= LZ4.maxLevel(); level++) Compression.lz4(level)
    covers('Lz4CompressionTest.testCompressionLevels')
  })

  test('looks longer for less: level 17 is smaller than 4, and 4 than the fast one', () => {
    const plain = words(100_000)
    const [fast, four, best] = [9, 4, 17].map((level) => compress(Compression.lz4(level), plain))
    expect(best!.length).toBeLessThan(four!.length)
    expect(four!.length).toBeLessThan(fast!.length)
    for (const each of [fast, four, best]) expect(same(read(each!), plain)).toBe(true)
  })

  test('writes frames and reads nothing else: a bare block is none (a peer: #122)', () => {
    const frame = compress(Compression.lz4(), words(5000))
    expect([...frame.subarray(0, 4)]).toEqual([0x04, 0x22, 0x4d, 0x18])
    // Java refuses a frame whose blocks refer to each other, so the bit must be set.
    expect(frame[4]! & 0b10_0000).not.toBe(0)
    expect(failure(frame.subarray(HEADER + 4, -4))).toContain('invalid magic bytes')
  })

  test('bytes that become no smaller are stored as they are', () => {
    const { plain } = PAYLOADS.find(({ name }) => name === '1000 random bytes')!
    const compressed = compress(Compression.lz4(), plain)
    expect([...compressed.subarray(HEADER, HEADER + 4)]).toEqual(int32(1000 | 0x80000000))
    expect(compressed.length).toBe(HEADER + 4 + 1000 + 4)
  })

  test('full blocks reach the batch while records are still written', () => {
    const target = new ByteBufferOutputStream(64)
    const out = Compression.lz4().wrapForOutput(target)
    expect(target.position).toBe(HEADER)
    for (let written = 0; written <= 1 << 16; written += 1000) {
      out.ensureRemaining(1000)
      out.buffer().putBytes(new Uint8Array(1000))
    }
    out.ensureRemaining(1000)
    expect(target.position).toBeGreaterThan(HEADER)
    out.close()
    const size = target.position
    out.close()
    expect(target.position).toBe(size)
    expect(() => out.buffer()).toThrow('The stream is already closed')
  })

  test('a record that is larger than a block is written whole', () => {
    const plain = words(300_000)
    const compressed = compress(Compression.lz4(), plain)
    expect(same(read(compressed), plain)).toBe(true)
  })
})

describe('an lz4 frame of someone else', () => {
  const plain = words(5000)
  const block = compress(Compression.lz4(), plain).subarray(HEADER + 4, -4)
  const END = [0, 0, 0, 0]

  test('may have checksums of blocks and of everything, and say its size', () => {
    const checked = frame({ flg: 0x70 }, [{ bytes: block }], END)
    expect(same(read(checked), plain)).toBe(true)
    checked[HEADER + 10]! ^= 1
    expect(failure(checked)).toMatch(/Block checksum mismatch|ends inside a sequence/)
    const stored = frame({ flg: 0x70 }, [{ bytes: plain, stored: true }], END)
    stored[stored.length - 20]! ^= 1
    expect(failure(stored)).toContain('Block checksum mismatch')

    const whole = [...END, ...int32(xxHash32(plain))]
    expect(same(read(frame({ flg: 0x64 }, [{ bytes: block }], whole)), plain)).toBe(true)
    expect(failure(frame({ flg: 0x64 }, [{ bytes: block }], [...END, 1, 2, 3, 4]))).toContain(
      'Content checksum mismatch',
    )
    expect(
      same(read(frame({ flg: 0x68, contentSize: 5000 }, [{ bytes: block }], END)), plain),
    ).toBe(true)
  })

  test('may have larger blocks, stored and compressed ones mixed', () => {
    const large = words(250_000)
    const mixed = [{ bytes: block }, { bytes: large, stored: true }, { bytes: block }]
    const both = read(frame({ bd: 0x50 }, mixed, END))
    expect(both.length).toBe(260_000)
    expect(same(both.subarray(5000, 255_000), large)).toBe(true)
  })

  test('is read to its end mark and not further, as Java does', () => {
    expect(same(read(frame({}, [{ bytes: block }], [...END, 1, 2, 3])), plain)).toBe(true)
  })

  test.each([
    ['blocks that refer to earlier ones', { flg: 0x40 }, 'Dependent block stream'],
    ['another version', { flg: 0xa0 }, 'Version 2 is unsupported'],
    ['a dictionary', { flg: 0x61 }, 'Reserved bits must be 0'],
    ['a reserved bit', { flg: 0x62 }, 'Reserved bits must be 0'],
    ['blocks that are too small', { bd: 0x30 }, 'between 4 and 7'],
    ['a reserved bit of the block descriptor', { bd: 0xc0 }, 'Reserved bits'],
  ])('is refused by name when it has %s', (_what, shape, message) => {
    expect(failure(frame(shape, [{ bytes: block }], END))).toContain(message)
  })

  test('that is cut off anywhere is refused', () => {
    const short = compress(Compression.lz4(), bytes('hello hello hello hello hello hello'))
    expect(failure(short.subarray(0, 2))).toContain('Stream ended prematurely')
    for (let length = 0; length < short.length; length++) {
      expect(failure(short.subarray(0, length)), `${length} bytes`).not.toBe('nothing')
    }
    covers('Lz4CompressionTest.testHeaderPrematureEnd')
  })

  test('that copies from before its block, or from nowhere, is refused', () => {
    // Four literals, a copy of 4 from `distance` back, and five literals.
    const copying = (distance: number) =>
      Uint8Array.of(0x40, 1, 2, 3, 4, distance, 0, 0x50, 5, 6, 7, 8, 9)
    expect([...read(frame({}, [{ bytes: copying(4) }], END))]).toEqual([
      1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
    expect(failure(frame({}, [{ bytes: copying(0) }], END))).toContain('copies from 0 bytes back')
    const second = [{ bytes: block }, { bytes: copying(5) }]
    expect(failure(frame({}, second, END))).toContain('copies from 5 bytes back')
  })

  test('that holds more than it may takes no memory', () => {
    const bomb = compress(Compression.lz4(), new Uint8Array(16 << 20))
    const before = process.memoryUsage().arrayBuffers
    expect(failure(bomb)).toContain('More than 1048576 bytes')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20)
    expect(() => read(compress(Compression.lz4(), plain), 4999)).toThrow('More than 4999 bytes')
  })
})
