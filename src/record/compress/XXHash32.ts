/**
 * xxHash, 32 bits: the checksum of the lz4 frame format.
 *
 * Sixteen bytes at a time go into four lanes that know nothing of each other, so a processor can
 * work on all four at once; what is left over and the length are stirred in at the end. It finds
 * accidents, not attackers. Numbers are read lowest byte first.
 *
 * Java's client takes this from a library, lz4-java.
 */

const PRIME_1 = 0x9e3779b1 | 0
const PRIME_2 = 0x85ebca77 | 0
const PRIME_3 = 0xc2b2ae3d | 0
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits))

const round = (lane: number, input: number): number =>
  Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1)

const int32 = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

/** The hash of `bytes[from, to)`, unsigned. */
export const xxHash32 = (
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
  seed = 0,
): number => {
  let at = from
  let hash: number
  if (to - from >= 16) {
    let a = (seed + PRIME_1 + PRIME_2) | 0
    let b = (seed + PRIME_2) | 0
    let c = seed | 0
    let d = (seed - PRIME_1) | 0
    for (const last = to - 16; at <= last; at += 16) {
      a = round(a, int32(bytes, at))
      b = round(b, int32(bytes, at + 4))
      c = round(c, int32(bytes, at + 8))
      d = round(d, int32(bytes, at + 12))
    }
    hash = (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0
  } else {
    hash = (seed + PRIME_5) | 0
  }
  hash = (hash + (to - from)) | 0
  for (; at + 4 <= to; at += 4) {
    const word = Math.imul(int32(bytes, at), PRIME_3)
    hash = Math.imul(rotate((hash + word) | 0, 17), PRIME_4)
  }
  for (; at < to; at++) {
    const byte = Math.imul(bytes[at]!, PRIME_5)
    hash = Math.imul(rotate((hash + byte) | 0, 11), PRIME_1)
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}
