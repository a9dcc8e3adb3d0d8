import { describe, expect, it } from 'vitest'
import { RING, ValueCheck, Values, valuesFile } from '../../bench/values.ts'

/** The values numbered from 0 on, kept apart from the ring that they are handed out of. */
const sent = (valueBytes: number, count: number): Uint8Array[] => {
  const values = new Values(valueBytes)
  return Array.from({ length: count }, () => Uint8Array.from(values.next()))
}

const checked = (valueBytes: number, numbers: number, values: readonly (Uint8Array | null)[]) => {
  const check = new ValueCheck(valueBytes, numbers)
  for (const value of values) check.add(value)
  return check.found
}

describe('values that come back', () => {
  it.each([10, 16, 41, 100, 10_000])('are recognized at %i bytes, in any order', (bytes) => {
    const values = sent(bytes, 50)
    expect(checked(bytes, 50, values.toReversed())).toEqual({ count: 50, wrong: 0, repeated: 0 })
  })

  it('are recognized when the ring has gone round', () => {
    const values = sent(32, RING + 3)
    expect(checked(32, RING + 3, values)).toEqual({ count: RING + 3, wrong: 0, repeated: 0 })
    expect(values[0]).not.toEqual(values[RING])
  })

  it('are found out when one comes twice', () => {
    const [first, second] = sent(100, 2) as [Uint8Array, Uint8Array]
    expect(checked(100, 2, [first, second, first])).toEqual({ count: 3, wrong: 0, repeated: 1 })
  })

  it('are found out when a single byte differs, wherever it is', () => {
    for (const bytes of [10, 41, 100]) {
      const [value] = sent(bytes, 1) as [Uint8Array]
      const check = new ValueCheck(bytes, 1)
      for (let at = 0; at < bytes; at++) {
        const damaged = value.slice()
        damaged[at]! ^= 0x80
        check.add(damaged)
      }
      expect(check.found).toEqual({ count: bytes, wrong: bytes, repeated: 0 })
    }
  })

  it('are found out when text and number belong to different values', () => {
    const [first, second] = sent(100, 2) as [Uint8Array, Uint8Array]
    first.set(second.subarray(8, 16), 8)
    expect(checked(100, 2, [first]).wrong).toBe(1)
  })

  it('are found out when they are none of ours: null, cut off, a number never sent', () => {
    const values = sent(100, 200)
    const foreign = [null, values[0]!.subarray(1), values[199]!, new Uint8Array(100)]
    expect(checked(100, 100, foreign)).toEqual({ count: 4, wrong: 4, repeated: 0 })
  })
})

it('a value too small for its number is refused', () => {
  expect(() => new Values(7)).toThrow('needs 8 bytes')
})

it('the file for Java has one value to a line, each of the right length', () => {
  const lines = valuesFile(100).split('\n')
  expect([lines.length, new Set(lines).size]).toEqual([RING, RING])
  expect(lines.every((line) => line.length === 100)).toBe(true)
})
