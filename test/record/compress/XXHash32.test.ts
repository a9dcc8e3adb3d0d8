import { expect, test } from 'vitest'
import { xxHash32 } from '../../../src/record/compress/XXHash32.ts'
import { bytes } from '../helpers.ts'

/** As the reference implementation gives them. */
test.each([
  ['', 0, 0x02cc5d05],
  ['', 1, 0x0b2cb792],
  ['a', 0, 0x550d7456],
  ['abc', 0, 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
])('xxHash32 of %j with seed %i', (text, seed, hash) => {
  expect(xxHash32(bytes(text), 0, undefined, seed)).toBe(hash)
})

test('a part of an array hashes as if it stood alone', () => {
  const text = bytes('....Nobody inspects the spammish repetition....')
  expect(xxHash32(text, 4, text.length - 4)).toBe(0xe2293b2f)
})
