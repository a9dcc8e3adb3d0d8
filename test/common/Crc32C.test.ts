import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import { crc32c } from '../../src/common/Crc32C.ts'
import { covers } from '../support/covers.ts'

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

/** Bit by bit, as the polynomial's division is defined. */
const slowCrc = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc >>> 0
}

describe('crc32c', () => {
  test.each([
    ['', 0],
    ['Some String', 608512271],
    ['123456789', 0xe3069283],
    ['a', 0xc1d04330],
  ])('the checksum of %j is the known one', (text, crc) => {
    covers('Crc32CTest.testValue')
    expect(crc32c(ascii(text))).toBe(crc)
  })

  test('bytes of any length, from anywhere, give what the bit by bit division gives', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24)
    for (let length = 0; length <= 150; length++) {
      for (const start of [0, 1, 7, 50]) {
        const part = bytes.slice(start, start + length)
        expect(crc32c(bytes, start, length)).toBe(slowCrc(part))
        expect(crc32c(bytes.subarray(start), 0, length)).toBe(slowCrc(part))
      }
    }
  })

  test('only the bytes between offset and length count', () => {
    covers(
      'ChecksumsTest.testUpdateByteBuffer',
      'ChecksumsTest.testUpdateByteBufferWithOffsetPosition',
    )
    const bytes = Uint8Array.of(254, 255, 0, 1, 2, 3, 4, 5)

    expect(crc32c(bytes, 2)).toBe(slowCrc(bytes.subarray(2)))
    expect(crc32c(bytes, 1, 4)).toBe(slowCrc(bytes.subarray(1, 5)))
    expect(crc32c(bytes.subarray(3), 1)).toBe(slowCrc(bytes.subarray(4)))
  })

  test('numbers count by their big-endian bytes', () => {
    covers('ChecksumsTest.testUpdateInt', 'ChecksumsTest.testUpdateLong')
    const int = ByteBuffer.allocate(4).putInt(1000).bytes
    const long = ByteBuffer.allocate(8).putLong(2 ** 31).bytes

    expect(crc32c(int)).toBe(slowCrc(Uint8Array.of(0, 0, 3, 0xe8)))
    expect(crc32c(long)).toBe(slowCrc(Uint8Array.of(0, 0, 0, 0, 0x80, 0, 0, 0)))
  })

  test('one flipped bit always shows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 128 }), fc.nat(), (bytes, n) => {
        const bit = n % (bytes.length * 8)
        const broken = bytes.slice()
        broken[bit >> 3]! ^= 1 << (bit & 7)
        expect(crc32c(broken)).not.toBe(crc32c(bytes))
      }),
    )
  })
})
