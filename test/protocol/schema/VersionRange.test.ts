import { describe, expect, it } from 'vitest'
import { IllegalArgumentException } from '../../../src/common/errors.ts'
import { VersionRange } from '../../../src/protocol/schema/VersionRange.ts'

describe('VersionRange', () => {
  it('reads and prints ranges as Kafka writes them', () => {
    for (const text of ['0+', '3+', '0-12', '5', 'none'] as const) {
      expect(VersionRange.parse(text).toString()).toBe(text)
    }
    expect(VersionRange.parse('4-4').toString()).toBe('4')
  })

  it('contains both of its ends', () => {
    const range = VersionRange.parse('3-5')
    expect([2, 3, 4, 5, 6].filter((version) => range.contains(version))).toEqual([3, 4, 5])
    expect(VersionRange.parse('3+').contains(32_767)).toBe(true)
    expect(VersionRange.NONE.contains(0)).toBe(false)
    expect(VersionRange.NONE.isEmpty()).toBe(true)
  })

  it('refuses what is no range', () => {
    for (const text of ['5-3', 'x', '1.5', '1-y']) {
      expect(() => VersionRange.parse(text as never)).toThrow(IllegalArgumentException)
    }
  })
})
