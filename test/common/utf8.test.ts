import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8Bytes, utf8Length, utf8Read, utf8Write } from '../../src/common/utf8.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'binary-ascii', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
)

describe('utf8', () => {
  test('length and bytes are those of the platform, for every text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const expected = encoder.encode(text)
        expect(utf8Length(text)).toBe(expected.length)
        expect([...utf8Bytes(text)]).toEqual([...expected])
        const bytes = new Uint8Array(expected.length + 7)
        expect(utf8Write(text, bytes, 3)).toBe(expected.length)
        expect([...bytes.subarray(3, 3 + expected.length)]).toEqual([...expected])
      }),
    )
  })

  test('what was written reads back, from anywhere in a larger array', () => {
    fc.assert(
      fc.property(anyText, fc.nat(9), (text, before) => {
        const bytes = new Uint8Array([
          ...new Uint8Array(before).fill(0xc3),
          ...utf8Bytes(text),
          0x41,
        ])
        expect(utf8Read(bytes, before, bytes.length - 1)).toBe(decoder.decode(encoder.encode(text)))
        const view = bytes.subarray(before)
        expect(utf8Read(view, 0, view.length - 1)).toBe(decoder.decode(encoder.encode(text)))
      }),
    )
  })

  test('half of a surrogate pair counts and is written as U+FFFD', () => {
    const long = `${'x'.repeat(50)}\ud800`
    for (const text of ['\ud800', 'a\udc00b', '\ud800\ud800\udc00', '\ud800日', long]) {
      const expected = encoder.encode(text)
      expect(utf8Length(text)).toBe(expected.length)
      expect([...utf8Bytes(text)]).toEqual([...expected])
      const bytes = new Uint8Array(expected.length)
      expect(utf8Write(text, bytes, 0)).toBe(expected.length)
      expect([...bytes]).toEqual([...expected])
    }
  })

  test('malformed bytes read as U+FFFD, and a byte order mark stays', () => {
    expect(utf8Read(Uint8Array.of(0x61, 0xff, 0x62), 0, 3)).toBe('a\ufffdb')
    expect(utf8Read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 0, 4)).toBe('\ufeffa')
  })

  test('random bytes read as the platform reads them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(utf8Read(bytes, 0, bytes.length)).toBe(decoder.decode(bytes))
      }),
    )
  })
})
