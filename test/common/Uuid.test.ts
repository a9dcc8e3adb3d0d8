import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { covers } from '../support/covers.ts'

/** From two unsigned longs, as Java makes one. */
const uuid = (high: bigint, low: bigint): Uuid => {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigInt64(0, high)
  view.setBigInt64(8, low)
  return Uuid.fromBytes(bytes)
}

const anyUuid = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Uuid.fromBytes(bytes))

describe('Uuid', () => {
  test('two of the same bytes are equal, whatever object they are', () => {
    covers('UuidTest.testUuidEquality')

    expect(uuid(12n, 13n).equals(uuid(12n, 13n))).toBe(true)
    expect(uuid(12n, 13n).equals(uuid(24n, 38n))).toBe(false)
    expect(Uuid.ZERO_UUID.equals(Uuid.ZERO_UUID)).toBe(true)
  })

  test('the text is URL-safe base64 without padding, and reads back', () => {
    covers('UuidTest.testStringConversion')

    expect(Uuid.ZERO_UUID.toString()).toBe('AAAAAAAAAAAAAAAAAAAAAA')
    expect(Uuid.ONE_UUID.toString()).toBe('AAAAAAAAAAAAAAAAAAAAAQ')
    expect(JSON.stringify([Uuid.ONE_UUID])).toBe('["AAAAAAAAAAAAAAAAAAAAAQ"]')
    fc.assert(
      fc.property(anyUuid, (id) => {
        const expected = Buffer.from(id.bytes).toString('base64url')
        expect(id.toString()).toBe(expected)
        expect(Uuid.fromString(id.toString()).equals(id)).toBe(true)
        expect(Uuid.fromString(`${expected}==`).equals(id)).toBe(true)
      }),
    )
  })

  test('a drawn one is no reserved one, does not look like an option, and is of version 4', () => {
    covers('UuidTest.testRandomUuid')
    const random = new SeededRandom(7)
    for (let i = 0; i < 500; i++) {
      const id = Uuid.randomUuid(random)
      expect(id.isReserved()).toBe(false)
      expect(id.toString().startsWith('-')).toBe(false)
      expect(id.bytes[6]! >> 4).toBe(4)
    }
  })

  test('the same seed draws the same ids', () => {
    const draw = (seed: number): string => Uuid.randomUuid(new SeededRandom(seed)).toString()

    expect(draw(1)).toBe(draw(1))
    expect(draw(1)).not.toBe(draw(2))
  })

  test('order is that of two signed longs', () => {
    covers('UuidTest.testCompareUuids')
    const inOrder = [uuid(-1n, 5n), uuid(0n, -1n), uuid(0n, 0n), uuid(0n, 1n), uuid(1n, 0n)]

    for (const [i, a] of inOrder.entries()) {
      for (const [j, b] of inOrder.entries()) expect(a.compareTo(b)).toBe(Math.sign(i - j))
    }
  })

  test('a text that is too long, too short, or no base64 is refused', () => {
    covers('UuidTest.testFromStringWithInvalidInput')
    const base64 = (length: number): string => 'A'.repeat(Math.ceil((length * 4) / 3))

    expect(() => Uuid.fromString(base64(32))).toThrow(IllegalArgumentException)
    expect(() => Uuid.fromString(base64(4))).toThrow(/decodes to 4/)
    expect(() => Uuid.fromString('AAAAAAAAAAA+AAAAAAAAAA')).toThrow(/'\+'/)
  })

  test('bytes are copied, from an offset if need be', () => {
    const bytes = new Uint8Array(20)
    bytes[4] = 9
    const id = Uuid.fromBytes(bytes, 4)
    bytes[4] = 1

    expect(id.bytes[0]).toBe(9)
    expect(() => Uuid.fromBytes(bytes, 5)).toThrow(IllegalArgumentException)
  })
})
