import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import {
  BufferOverflowException,
  BufferUnderflowException,
  IllegalArgumentException,
  SchemaException,
} from '../../src/common/errors.ts'

const safeInteger = fc.maxSafeInteger()

describe('ByteBuffer', () => {
  test('what was written before a flip is what remains after it', () => {
    const buffer = ByteBuffer.allocate(16)
    buffer.putShort(-2).putInt(70_000).put(9)
    buffer.flip()

    expect(buffer.remaining()).toBe(7)
    expect([buffer.getShort(), buffer.getInt(), buffer.get()]).toEqual([-2, 70_000, 9])
    expect(buffer.hasRemaining()).toBe(false)
  })

  test('numbers are big-endian', () => {
    const buffer = ByteBuffer.allocate(12)
    buffer.putInt(0x01020304).putLong(0x05060708)

    expect([...buffer.bytes]).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 8])
  })

  test('every safe integer survives a 64-bit field, as number and as bigint', () => {
    fc.assert(
      fc.property(safeInteger, (value) => {
        const buffer = ByteBuffer.allocate(8)
        buffer.putLong(value).flip()
        expect(buffer.getBigLong()).toBe(BigInt(value))
        expect(buffer.getLongAt(0)).toBe(value)
      }),
    )
  })

  test('every int64 survives as bigint', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        const buffer = ByteBuffer.allocate(8)
        buffer.putBigLong(value).flip()
        expect(buffer.getBigLong()).toBe(value)
      }),
    )
  })

  test.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])(
    'an int64 of %s is refused as a number, never rounded',
    (value) => {
      const buffer = ByteBuffer.allocate(8)
      buffer.putBigLong(value).flip()

      expect(() => buffer.getLong()).toThrow(SchemaException)
    },
  )

  test('a number that is no safe integer is not written, and the position stays', () => {
    const buffer = ByteBuffer.allocate(8)

    for (const value of [0.5, Number.NaN, 2 ** 53]) {
      expect(() => buffer.putLong(value)).toThrow(IllegalArgumentException)
    }
    expect(buffer.position).toBe(0)
  })

  test('reading past the limit and writing past it are typed errors that move nothing', () => {
    const buffer = ByteBuffer.allocate(4)
    buffer.limit = 3

    expect(() => buffer.getInt()).toThrow(BufferUnderflowException)
    expect(() => buffer.getBytes(-1)).toThrow(BufferUnderflowException)
    expect(() => buffer.skip(Number.NaN)).toThrow(BufferUnderflowException)
    expect(() => buffer.putInt(1)).toThrow(BufferOverflowException)
    expect(() => buffer.putBytes(new Uint8Array(4))).toThrow(BufferOverflowException)
    expect(buffer.position).toBe(0)
  })

  test('an index outside the limit is a typed error, not one of the DataView', () => {
    const buffer = ByteBuffer.allocate(16)
    buffer.limit = 8

    expect(() => buffer.getIntAt(5)).toThrow(IllegalArgumentException)
    expect(() => buffer.getLongAt(-1)).toThrow(IllegalArgumentException)
    expect(() => buffer.putIntAt(Number.NaN, 1)).toThrow(IllegalArgumentException)
    expect(() => buffer.putLongAt(1, 1)).toThrow(IllegalArgumentException)
    expect(buffer.putIntAt(4, 77).getIntAt(4)).toBe(77)
  })

  test('position and limit stay in order: 0 ≤ position ≤ limit ≤ capacity', () => {
    const buffer = ByteBuffer.allocate(8)
    buffer.position = 6
    buffer.limit = 4

    expect(buffer.position).toBe(4)
    for (const wrong of [-1, 5, Number.NaN]) {
      expect(() => {
        buffer.position = wrong
      }).toThrow(IllegalArgumentException)
    }
    expect(() => {
      buffer.limit = 9
    }).toThrow(IllegalArgumentException)
    expect(() => ByteBuffer.allocate(-1)).toThrow(IllegalArgumentException)
  })

  test('a slice shares the bytes that remain, with a place of its own', () => {
    const buffer = ByteBuffer.wrap(Uint8Array.of(1, 2, 3, 4))
    buffer.position = 1
    buffer.limit = 3
    const slice = buffer.slice()
    slice.put(9)

    expect(slice.capacity).toBe(2)
    expect([...buffer.bytes]).toEqual([1, 9, 3, 4])
    expect(buffer.position).toBe(1)
  })

  test('a duplicate has the same place and limit, and moves on its own', () => {
    const buffer = ByteBuffer.allocate(8)
    buffer.putShort(1)
    buffer.limit = 6
    const copy = buffer.duplicate()
    copy.putShort(2)

    expect([copy.position, copy.limit]).toEqual([4, 6])
    expect(buffer.position).toBe(2)
  })

  test('a window that does not start at the beginning of its memory reads its own bytes', () => {
    const memory = Uint8Array.of(9, 9, 0, 0, 0, 5, 9)
    const buffer = ByteBuffer.wrap(memory.subarray(2, 6))

    expect(buffer.getInt()).toBe(5)
  })

  test('unsigned and signed readings of the same bytes differ', () => {
    const buffer = ByteBuffer.wrap(new Uint8Array(14).fill(0xff))

    expect([buffer.get(), buffer.getInt8()]).toEqual([255, -1])
    expect([buffer.getUnsignedShort(), buffer.getShort()]).toEqual([65_535, -1])
    expect([buffer.getUnsignedInt(), buffer.getInt()]).toEqual([2 ** 32 - 1, -1])
  })

  test('getBytes gives a view, clear and rewind only move', () => {
    const buffer = ByteBuffer.wrap(Uint8Array.of(1, 2, 3))
    const view = buffer.getBytes(2)
    buffer.rewind().put(7)

    expect([...view]).toEqual([7, 2])
    expect(buffer.clear().toString()).toBe('ByteBuffer[pos=0 lim=3 cap=3]')
  })

  test('doubles keep every value', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const buffer = ByteBuffer.allocate(8)
        buffer.putDouble(value).flip()
        expect(Object.is(buffer.getDouble(), value)).toBe(true)
      }),
    )
  })
})
