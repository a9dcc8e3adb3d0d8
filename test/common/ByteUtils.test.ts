import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import * as ByteUtils from '../../src/common/ByteUtils.ts'
import {
  BufferUnderflowException,
  IllegalArgumentException,
  SchemaException,
} from '../../src/common/errors.ts'
import { covers } from '../support/covers.ts'

/** What `write` writes, as hex. */
const hex = (write: (buffer: ByteBuffer) => void): string => {
  const buffer = ByteBuffer.allocate(16)
  write(buffer)
  return [...buffer.bytes.subarray(0, buffer.position)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(' ')
}

const bufferOf = (text: string): ByteBuffer =>
  ByteBuffer.wrap(Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16)))

/** The textbook's loop over 64 bits, to compare with. */
const plainVarint = (value: bigint): number[] => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

const written = (write: (buffer: ByteBuffer) => void): number[] => {
  const buffer = ByteBuffer.allocate(10)
  write(buffer)
  return [...buffer.bytes.subarray(0, buffer.position)]
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)

/** All powers of two and their neighbours: where the number of bytes changes. */
const corners = Array.from({ length: 53 }, (_, bit) => 2 ** bit).flatMap((power) => [
  power - 1,
  power,
  -power,
  -power + 1,
  -power - 1,
])
const safeCorners = corners.filter(Number.isSafeInteger)

describe('unsigned varint', () => {
  test.each([
    [0, '00'],
    [-1, 'ff ff ff ff 0f'],
    [1, '01'],
    [63, '3f'],
    [-64, 'c0 ff ff ff 0f'],
    [64, '40'],
    [8191, 'ff 3f'],
    [-8192, '80 c0 ff ff 0f'],
    [8192, '80 40'],
    [-8193, 'ff bf ff ff 0f'],
    [1048575, 'ff ff 3f'],
    [1048576, '80 80 40'],
    [2 ** 31 - 1, 'ff ff ff ff 07'],
    [-(2 ** 31), '80 80 80 80 08'],
  ])('%i is written as %s and read back as its 32 bits', (value, bytes) => {
    covers('ByteUtilsTest.testUnsignedVarintSerde')

    expect(hex((buffer) => ByteUtils.writeUnsignedVarint(value, buffer))).toBe(bytes)
    expect(ByteUtils.readUnsignedVarint(bufferOf(bytes))).toBe(value >>> 0)
    expect(ByteUtils.sizeOfUnsignedVarint(value)).toBe(bytes.split(' ').length)
  })

  test('every int is written as the plain loop writes it, read back, and sized', () => {
    covers(
      'ByteUtilsTest.testCorrectnessWriteUnsignedVarint',
      'ByteUtilsTest.testCorrectnessReadUnsignedVarint',
      'ByteUtilsTest.testSizeOfUnsignedVarint',
    )
    const check = (value: number): void => {
      const bytes = written((buffer) => ByteUtils.writeUnsignedVarint(value, buffer))
      expect(bytes).toEqual(plainVarint(BigInt(value >>> 0)))
      const buffer = ByteBuffer.wrap(Uint8Array.from(bytes))
      expect(ByteUtils.readUnsignedVarint(buffer)).toBe(value >>> 0)
      expect(buffer.hasRemaining()).toBe(false)
      expect(ByteUtils.sizeOfUnsignedVarint(value)).toBe(bytes.length)
    }
    for (let bit = 0; bit < 32; bit++) {
      for (const off of [-1, 0, 1]) check((2 ** bit + off) | 0)
    }
    fc.assert(fc.property(int32, check))
  })
})

describe('varint', () => {
  test.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '80 01'],
    [-65, '81 01'],
    [8191, 'fe 7f'],
    [-8192, 'ff 7f'],
    [8192, '80 80 01'],
    [1048575, 'fe ff 7f'],
    [-1048576, 'ff ff 7f'],
    [134217727, 'fe ff ff 7f'],
    [-134217729, '81 80 80 80 01'],
    [2 ** 31 - 1, 'fe ff ff ff 0f'],
    [-(2 ** 31), 'ff ff ff ff 0f'],
  ])('%i is folded to %s', (value, bytes) => {
    covers('ByteUtilsTest.testVarintSerde')

    expect(hex((buffer) => ByteUtils.writeVarint(value, buffer))).toBe(bytes)
    expect(ByteUtils.readVarint(bufferOf(bytes))).toBe(value)
    expect(ByteUtils.sizeOfVarint(value)).toBe(bytes.split(' ').length)
  })

  test('every int survives', () => {
    fc.assert(
      fc.property(int32, (value) => {
        const bytes = written((buffer) => ByteUtils.writeVarint(value, buffer))
        expect(ByteUtils.readVarint(ByteBuffer.wrap(Uint8Array.from(bytes)))).toBe(value)
        expect(ByteUtils.sizeOfVarint(value)).toBe(bytes.length)
      }),
    )
  })

  test('a sixth byte is refused', () => {
    covers('ByteUtilsTest.testInvalidVarint')
    const buffer = bufferOf('ff ff ff ff ff 01')

    expect(() => ByteUtils.readVarint(buffer)).toThrow(IllegalArgumentException)
  })

  test('one that is cut off is a typed error', () => {
    expect(() => ByteUtils.readVarint(bufferOf('80 80'))).toThrow(BufferUnderflowException)
  })
})

describe('varlong', () => {
  test.each([
    [0n, '00'],
    [-1n, '01'],
    [-8193n, '81 80 01'],
    [134217728n, '80 80 80 80 01'],
    [2147483647n, 'fe ff ff ff 0f'],
    [-2147483648n, 'ff ff ff ff 0f'],
    [17179869183n, 'fe ff ff ff 7f'],
    [-17179869184n, 'ff ff ff ff 7f'],
    [17179869184n, '80 80 80 80 80 01'],
    [2199023255551n, 'fe ff ff ff ff 7f'],
    [-2199023255553n, '81 80 80 80 80 80 01'],
    [281474976710655n, 'fe ff ff ff ff ff 7f'],
    [281474976710656n, '80 80 80 80 80 80 80 01'],
    [36028797018963967n, 'fe ff ff ff ff ff ff 7f'],
    [-36028797018963969n, '81 80 80 80 80 80 80 80 01'],
    [4611686018427387903n, 'fe ff ff ff ff ff ff ff 7f'],
    [-4611686018427387905n, '81 80 80 80 80 80 80 80 80 01'],
    [2n ** 63n - 1n, 'fe ff ff ff ff ff ff ff ff 01'],
    [-(2n ** 63n), 'ff ff ff ff ff ff ff ff ff 01'],
  ])('%s is folded to %s; as a number it is right or refused', (value, bytes) => {
    covers('ByteUtilsTest.testVarlongSerde')

    expect(hex((buffer) => ByteUtils.writeBigVarlong(value, buffer))).toBe(bytes)
    expect(ByteUtils.readBigVarlong(bufferOf(bytes))).toBe(value)
    expect(ByteUtils.sizeOfBigVarlong(value)).toBe(bytes.split(' ').length)
    const number = Number(value)
    if (Number.isSafeInteger(number)) {
      expect(hex((buffer) => ByteUtils.writeVarlong(number, buffer))).toBe(bytes)
      expect(ByteUtils.readVarlong(bufferOf(bytes))).toBe(number)
    } else {
      expect(() => ByteUtils.readVarlong(bufferOf(bytes))).toThrow(SchemaException)
    }
  })

  test('every safe integer gives the bytes of its bigint, and is sized as such', () => {
    covers('ByteUtilsTest.testSizeOfVarlong')
    const check = (value: number): void => {
      const bytes = written((buffer) => ByteUtils.writeVarlong(value, buffer))
      expect(bytes).toEqual(written((buffer) => ByteUtils.writeBigVarlong(BigInt(value), buffer)))
      const buffer = ByteBuffer.wrap(Uint8Array.from(bytes))
      expect(ByteUtils.readVarlong(buffer)).toBe(value)
      expect(buffer.hasRemaining()).toBe(false)
      expect(ByteUtils.sizeOfVarlong(value)).toBe(bytes.length)
    }
    for (const value of safeCorners) check(value + 0)
    fc.assert(fc.property(fc.maxSafeInteger(), (value) => check(value + 0)))
  })

  test('every int64 survives as bigint', () => {
    fc.assert(
      fc.property(int64, (value) => {
        const bytes = written((buffer) => ByteUtils.writeBigVarlong(value, buffer))
        expect(ByteUtils.readBigVarlong(ByteBuffer.wrap(Uint8Array.from(bytes)))).toBe(value)
        expect(ByteUtils.sizeOfBigVarlong(value)).toBe(bytes.length)
      }),
    )
  })

  test('an eleventh byte is refused', () => {
    covers('ByteUtilsTest.testInvalidVarlong')
    const long = 'ff ff ff ff ff ff ff ff ff ff 01'

    expect(() => ByteUtils.readVarlong(bufferOf(long))).toThrow(IllegalArgumentException)
    expect(() => ByteUtils.readBigVarlong(bufferOf(long))).toThrow(IllegalArgumentException)
    expect(() => ByteUtils.readUnsignedVarlong(bufferOf(long))).toThrow(IllegalArgumentException)
  })

  test('one that is cut off is a typed error at every length', () => {
    for (let length = 0; length < 10; length++) {
      const cut = ByteBuffer.wrap(new Uint8Array(length).fill(0x80))
      expect(() => ByteUtils.readVarlong(cut)).toThrow(BufferUnderflowException)
    }
  })

  test('what is no whole 64-bit number is not written', () => {
    const buffer = ByteBuffer.allocate(16)

    expect(() => ByteUtils.writeVarlong(0.5, buffer)).toThrow(IllegalArgumentException)
    expect(() => ByteUtils.writeVarlong(2 ** 53, buffer)).toThrow(IllegalArgumentException)
    expect(() => ByteUtils.sizeOfVarlong(Number.NaN)).toThrow(IllegalArgumentException)
    expect(() => ByteUtils.writeBigVarlong(2n ** 63n, buffer)).toThrow(IllegalArgumentException)
    expect(buffer.position).toBe(0)
  })
})

describe('unsigned varlong', () => {
  test('every whole number up to 2^53 - 1 is written as the plain loop writes it', () => {
    covers(
      'ByteUtilsTest.testCorrectnessWriteUnsignedVarlong',
      'ByteUtilsTest.testCorrectnessReadUnsignedVarlong',
    )
    const check = (value: number): void => {
      const bytes = written((buffer) => ByteUtils.writeUnsignedVarlong(value, buffer))
      expect(bytes).toEqual(plainVarint(BigInt(value)))
      const buffer = ByteBuffer.wrap(Uint8Array.from(bytes))
      expect(ByteUtils.readUnsignedVarlong(buffer)).toBe(value)
      expect(ByteUtils.sizeOfUnsignedVarlong(value)).toBe(bytes.length)
    }
    for (const value of safeCorners.filter((corner) => corner >= 0)) check(value)
    fc.assert(fc.property(fc.maxSafeNat(), check))
  })

  test('all 64 bits survive as bigint', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => {
        const bytes = written((buffer) => ByteUtils.writeUnsignedBigVarlong(value, buffer))
        expect(bytes).toEqual(plainVarint(value))
        const buffer = ByteBuffer.wrap(Uint8Array.from(bytes))
        expect(ByteUtils.readUnsignedBigVarlong(buffer)).toBe(value)
        expect(ByteUtils.sizeOfUnsignedBigVarlong(value)).toBe(bytes.length)
      }),
    )
  })

  test('a number above 2^53 - 1 is refused when read, a negative one when written', () => {
    const large = bufferOf('80 80 80 80 80 80 80 10')

    expect(() => ByteUtils.readUnsignedVarlong(large)).toThrow(SchemaException)
    expect(() => ByteUtils.writeUnsignedVarlong(-1, large)).toThrow(IllegalArgumentException)
    expect(() => ByteUtils.sizeOfUnsignedVarlong(0.5)).toThrow(IllegalArgumentException)
  })
})

test('random bytes give a number or a typed error, in every reading', () => {
  const readings = [
    ByteUtils.readUnsignedVarint,
    ByteUtils.readVarint,
    ByteUtils.readVarlong,
    ByteUtils.readBigVarlong,
    ByteUtils.readUnsignedVarlong,
  ]
  const typed = [BufferUnderflowException, IllegalArgumentException, SchemaException]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      for (const read of readings) {
        try {
          read(ByteBuffer.wrap(bytes))
        } catch (error) {
          expect(typed.some((type) => error instanceof type)).toBe(true)
        }
      }
    }),
  )
})

describe('fixed width', () => {
  test('doubles are IEEE 754, as in Java', () => {
    covers('ByteUtilsTest.testDouble')
    const bits = (value: number): bigint =>
      ByteBuffer.allocate(8).putDouble(value).view.getBigInt64(0)

    expect(BigInt.asUintN(64, bits(-1))).toBe(0xbff0000000000000n)
    expect(BigInt.asUintN(64, bits(123e45))).toBe(0x49b58b82c0e0bb00n)
    expect(bits(Number.MIN_VALUE)).toBe(1n)
    expect(bits(Number.NaN)).toBe(0x7ff8000000000000n)
    expect(bits(Number.POSITIVE_INFINITY)).toBe(0x7ff0000000000000n)
  })

  test('an unsigned int and an int come back as they went', () => {
    covers('ByteUtilsTest.testReadUnsignedInt', 'ByteUtilsTest.testReadInt')
    const buffer = ByteBuffer.allocate(8)
    buffer.putInt(133_444).putInt(-1_133_444)
    buffer.flip()

    expect(buffer.getUnsignedInt()).toBe(133_444)
    expect(buffer.getInt()).toBe(-1_133_444)
  })
})
