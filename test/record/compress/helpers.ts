/** What the tests of codecs share: writing through a stream, and things to write. */

import { ByteBufferOutputStream } from '../../../src/common/ByteBufferOutputStream.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import type { Compression } from '../../../src/record/compress/Compression.ts'

/** The bytes that `plain` becomes, written in pieces of `step` bytes. */
export const compress = (
  compression: Compression,
  plain: Uint8Array,
  step: number = Math.max(plain.length, 1),
): Uint8Array => {
  const target = new ByteBufferOutputStream(4)
  const out = compression.wrapForOutput(target)
  for (let at = 0; at < plain.length; at += step) {
    const piece = plain.subarray(at, at + step)
    out.ensureRemaining(piece.length)
    out.buffer().putBytes(piece)
  }
  out.close()
  return target.buffer().flip().slice().bytes
}

/** Whether two arrays hold the same bytes; `toEqual` takes a second for what this does at once. */
export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const ones = (length: number): Uint8Array => new Uint8Array(length).fill(1)

const random = (length: number): Uint8Array => new SeededRandom(length).nextBytes(length)

/** Words in an order that has no end: compressible, with copies of every length and distance. */
export const words = (length: number): Uint8Array => {
  const chance = new SeededRandom(4711)
  const vocabulary = Array.from({ length: 300 }, (_, i) => `word${i * i}${'-'.repeat(i % 7)}`)
  let text = ''
  while (text.length < length) text += `${vocabulary[chance.nextInt(300)]} `
  return new Uint8Array(Buffer.from(text.slice(0, length), 'latin1'))
}

/** Empty, small, one block, several blocks; all the same, and nothing to compress. */
export const PAYLOADS: readonly { readonly name: string; readonly plain: Uint8Array }[] = [
  { name: 'nothing', plain: new Uint8Array(0) },
  { name: 'one byte', plain: Uint8Array.of(1) },
  ...[1000, 1 << 16, 96 << 10].flatMap((size) => [
    { name: `${size} random bytes`, plain: random(size) },
    { name: `${size} ones`, plain: ones(size) },
    { name: `${size} bytes of words`, plain: words(size) },
  ]),
]
