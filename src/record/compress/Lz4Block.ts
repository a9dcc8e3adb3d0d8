/**
 * The lz4 block format: literals, and copies of what was there before.
 *
 *     ┌ token ┐
 *     │ L │ M │ more of L │ L literals │ distance 2 │ more of M │     copy M + 4 bytes
 *     └4──┴──4┘  255…255 x               lowest first   255…255 x    from `distance` bytes back
 *
 * A length that does not fit into its 4 bits (15) goes on in bytes until one is not 255. The last
 * sequence is literals only: a block ends inside it. The format asks that the last 5 bytes are
 * literals, and that no copy starts in the last 12: fast decoders copy more than they must.
 *
 * Compressing is looking for four bytes that came before. A table maps a hash of four bytes to the
 * place where they were seen last; one look tells whether they are really the same. Where nothing
 * is found for long, the steps grow: what cannot be compressed is passed quickly. Nothing of one
 * block is known in the next, so each can be read alone.
 *
 * Reading is done twice: `lz4PlainLength` adds up the lengths, so that exactly the room is made
 * that is needed; then `decompressLz4Block` copies. The first checks all that is read, the second
 * all distances.
 *
 * I1  Nothing is read outside `[from, to)`. Nothing is written that was not counted before, but for
 *     the three bytes that `copyBack` may write too far.
 * I2  A copy reaches back into its own block only.
 *
 * Java's client takes this from a library, lz4-java.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'
import { commonEnd, copyBack, copyLiterals, hashOf } from './blockCopies.ts'

/** Plain bytes of a block at most: a distance has two bytes, and so has an entry of the table. */
export const LZ4_MAX_BLOCK = 1 << 16
/** Shorter copies do not pay. */
export const LZ4_MIN_MATCH = 4
/** No copy ends closer to the end of a block than this. */
export const LZ4_LAST_LITERALS = 5
/** No copy starts closer to the end of a block than this. */
export const LZ4_MATCH_LIMIT = 12

const HASH_BITS = 13
/** Looks in vain before the step grows by one: 2 to this. */
const SKIP_BITS = 6

/** Where four bytes were seen last, counted from the block's start. */
export const newLz4Table = (): Uint16Array => new Uint16Array(1 << HASH_BITS)

/** What `length` plain bytes become at most. */
export const maxLz4Length = (length: number): number => length + Math.ceil(length / 255) + 16

/**
 * Compresses `plain.bytes[from, to)` into `out`, which has `maxLz4Length` bytes of room.
 *
 * @param to at most `LZ4_MAX_BLOCK` bytes behind `from`
 * @param table scratch, from `newLz4Table`
 * @returns how many bytes of `out` were written
 */
export const compressLz4Block = (
  plain: ByteBuffer,
  from: number,
  to: number,
  out: ByteBuffer,
  table: Uint16Array,
): number => {
  const { bytes, view } = plain
  const lastStart = to - LZ4_MATCH_LIMIT
  const matchEnd = to - LZ4_LAST_LITERALS
  let anchor = from
  let written = 0
  let misses = 1 << SKIP_BITS
  table.fill(0)
  for (let at = from + 1; at <= lastStart; ) {
    const word = view.getInt32(at, true)
    const slot = hashOf(word, HASH_BITS)
    let seen = from + table[slot]!
    table[slot] = at - from
    if (view.getInt32(seen, true) !== word) {
      at += misses++ >>> SKIP_BITS
      continue
    }
    const end = commonEnd(plain, seen + LZ4_MIN_MATCH, at + LZ4_MIN_MATCH, matchEnd)
    while (at > anchor && seen > from && bytes[at - 1] === bytes[seen - 1]) {
      at--
      seen--
    }
    written = writeLz4Sequence(plain, anchor, at, at - seen, end - at, out, written)
    at = end
    anchor = end
    misses = 1 << SKIP_BITS
    // One place inside the copy is worth remembering; more would cost more than they find.
    if (end <= lastStart) {
      table[hashOf(view.getInt32(end - 2, true), HASH_BITS)] = end - 2 - from
    }
  }
  return writeLz4Literals(plain, anchor, to, out, written)
}

/** Writes the literals `[anchor, at)` and a copy; returns where `out` ends now. */
export const writeLz4Sequence = (
  plain: ByteBuffer,
  anchor: number,
  at: number,
  distance: number,
  length: number,
  out: ByteBuffer,
  written: number,
): number => {
  const { bytes } = out
  const literals = at - anchor
  const more = length - LZ4_MIN_MATCH
  let w = written
  bytes[w++] = (literals < 15 ? literals << 4 : 0xf0) | (more < 15 ? more : 15)
  if (literals >= 15) w = writeLength(literals - 15, bytes, w)
  w = copyLiterals(plain, anchor, literals, out, w)
  bytes[w++] = distance
  bytes[w++] = distance >>> 8
  return more >= 15 ? writeLength(more - 15, bytes, w) : w
}

/** Writes the last sequence, literals only; returns where `out` ends now. */
export const writeLz4Literals = (
  plain: ByteBuffer,
  anchor: number,
  to: number,
  out: ByteBuffer,
  written: number,
): number => {
  const literals = to - anchor
  let w = written
  out.bytes[w++] = literals < 15 ? literals << 4 : 0xf0
  if (literals >= 15) w = writeLength(literals - 15, out.bytes, w)
  return copyLiterals(plain, anchor, literals, out, w)
}

const writeLength = (length: number, out: Uint8Array, written: number): number => {
  let w = written
  let rest = length
  for (; rest >= 255; rest -= 255) out[w++] = 255
  out[w++] = rest
  return w
}

/**
 * How many plain bytes the block `bytes[from, to)` holds.
 *
 * @throws InvalidRecordException when a sequence goes on behind the end, or the last one is none
 */
export const lz4PlainLength = (bytes: Uint8Array, from: number, to: number): number => {
  let at = from
  let plain = 0
  while (at < to) {
    const token = bytes[at++]!
    let literals = token >>> 4
    if (literals === 15) {
      let byte: number
      do {
        if (at >= to) throw cutOff(from, to)
        byte = bytes[at++]!
        literals += byte
      } while (byte === 255)
    }
    at += literals
    plain += literals
    if (at === to) return plain
    at += 2
    let more = token & 15
    if (more === 15) {
      let byte: number
      do {
        if (at >= to) throw cutOff(from, to)
        byte = bytes[at++]!
        more += byte
      } while (byte === 255)
    }
    plain += more + LZ4_MIN_MATCH
  }
  throw cutOff(from, to)
}

/**
 * Brings the plain bytes of the block `block.bytes[from, to)` to `out`, from `start` on. The block
 * was measured before with `lz4PlainLength`; `out` has that room, and `COPY_SLACK` more.
 *
 * @returns the place behind the last byte
 * @throws InvalidRecordException when a copy reaches back over the start of the block
 */
export const decompressLz4Block = (
  block: ByteBuffer,
  from: number,
  to: number,
  out: ByteBuffer,
  start: number,
): number => {
  const { bytes } = block
  let at = from
  let w = start
  for (;;) {
    const token = bytes[at++]!
    let literals = token >>> 4
    if (literals === 15) {
      let byte: number
      do literals += byte = bytes[at++]!
      while (byte === 255)
    }
    w = copyLiterals(block, at, literals, out, w)
    at += literals
    if (at === to) return w
    const distance = bytes[at]! | (bytes[at + 1]! << 8)
    at += 2
    let length = token & 15
    if (length === 15) {
      let byte: number
      do length += byte = bytes[at++]!
      while (byte === 255)
    }
    if (distance === 0 || distance > w - start) {
      throw new InvalidRecordException(
        `An lz4 block copies from ${distance} bytes back, ${w - start} bytes behind its start`,
      )
    }
    w = copyBack(out, w, distance, length + LZ4_MIN_MATCH)
  }
}

const cutOff = (from: number, to: number): InvalidRecordException =>
  new InvalidRecordException(`An lz4 block of ${to - from} bytes ends inside a sequence`)
