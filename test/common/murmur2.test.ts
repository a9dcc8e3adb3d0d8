import { describe, expect, test } from 'vitest'
import { murmur2, toPositive } from '../../src/common/murmur2.ts'
import { utf8Bytes } from '../../src/common/utf8.ts'

describe('murmur2', () => {
  test.each([
    ['', 275646681],
    ['21', -973932308],
    ['abc', 479470107],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ])('%j hashes as in Java', (text, hash) => {
    expect(murmur2(utf8Bytes(text))).toBe(hash)
  })

  test('bytes above 127 count as unsigned', () => {
    expect(murmur2(Uint8Array.of(0xff, 0xfe, 0x80))).toBe(
      murmur2(Uint8Array.of(0x1ff, 0x1fe, 0x180)),
    )
  })

  test('a hash is made positive as in Java: the sign bit is cleared, not negated', () => {
    expect(toPositive(-973932308)).toBe(1173551340)
    expect(toPositive(-1)).toBe(2147483647)
    expect(toPositive(-(2 ** 31))).toBe(0)
    expect(toPositive(7)).toBe(7)
  })
})
