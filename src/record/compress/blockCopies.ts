/**
 * What the block formats of lz4 and snappy have in common: finding bytes that came before, and
 * copying.
 *
 *     … a b c d e f … a b c d x …       `seen` and `at`: the same up to x, which `commonEnd` finds
 *       └ seen        └ at
 *
 * Most copies are shorter than 20 bytes, and there is one for every dozen plain bytes; how they are
 * made is what decompressing costs. Four bytes at a time through the `DataView` take half the time
 * of one by one. The engine's own `set` and `copyWithin` are faster still, but cost as much to call
 * as 50 bytes cost here.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'

/** Bytes that must be free behind the last plain byte: `copyBack` writes whole words. */
export const COPY_SLACK = 4

/** From this length on, the engine's own copying is faster than a loop. */
const LONG_COPY = 48

/** A multiplicative hash of four bytes, `bits` wide. */
export const hashOf = (word: number, bits: number): number =>
  Math.imul(word, 0x9e3779b1) >>> (32 - bits)

/** The end of what is the same from `seen` and from `at` on; at most `limit`. */
export const commonEnd = (
  { bytes, view }: ByteBuffer,
  seen: number,
  at: number,
  limit: number,
): number => {
  let left = seen
  let right = at
  for (const last = limit - 4; right <= last; left += 4, right += 4) {
    const difference = view.getInt32(left, true) ^ view.getInt32(right, true)
    // The lowest bit that differs tells how many of the four bytes agree.
    if (difference !== 0) return right + ((31 - Math.clz32(difference & -difference)) >>> 3)
  }
  while (right < limit && bytes[left] === bytes[right]) {
    left++
    right++
  }
  return right
}

/**
 * Copies `length` bytes from `source` at `from` to `out` at `at`; returns the place behind them.
 */
export const copyLiterals = (
  source: ByteBuffer,
  from: number,
  length: number,
  out: ByteBuffer,
  at: number,
): number => {
  const end = at + length
  if (length > LONG_COPY) {
    out.bytes.set(source.bytes.subarray(from, from + length), at)
    return end
  }
  let read = from
  let write = at
  for (; write + 4 <= end; write += 4, read += 4) {
    out.view.setInt32(write, source.view.getInt32(read, true), true)
  }
  while (write < end) out.bytes[write++] = source.bytes[read++]!
  return end
}

/**
 * Copies `length` bytes from `distance` bytes back; they may overlap, then what was just copied is
 * copied again. Returns the place behind the last byte.
 *
 * Up to three bytes more are written than were asked for, and written over by whatever comes next:
 * a loop for the last few would cost more.
 */
export const copyBack = (
  { bytes, view }: ByteBuffer,
  at: number,
  distance: number,
  length: number,
): number => {
  const end = at + length
  let read = at - distance
  let write = at
  if (length > LONG_COPY && distance >= length) {
    bytes.copyWithin(at, read, read + length)
    return end
  }
  if (length > LONG_COPY && distance === 1) {
    bytes.fill(bytes[read]!, at, end)
    return end
  }
  if (distance < 4) {
    // A word would be read before it is whole.
    while (write < end) bytes[write++] = bytes[read++]!
    return end
  }
  for (; write < end; write += 4, read += 4) view.setInt32(write, view.getInt32(read, true), true)
  return end
}
