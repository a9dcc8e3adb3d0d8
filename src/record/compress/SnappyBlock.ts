/**
 * The snappy block format: literals and copies, like lz4, each with a tag of its own.
 *
 *     plain length   a varint in front of everything
 *     tag 00         literal: 6 bits of length − 1; 60 … 63: that many − 59 bytes of it follow
 *     tag 01         copy of 4 … 11 bytes: 3 bits of length, 11 bits of distance
 *     tag 10         copy of 1 … 64 bytes: 6 bits of length, 2 bytes of distance
 *     tag 11         the same, 4 bytes of distance (nobody writes it)
 *
 * The plain length stands at the front, so there is nothing to measure; but it is only a claim. No
 * tag gives more than 64 bytes for 3, so a claim above 22 times the block is a lie that is told
 * before any memory is taken.
 *
 * I1  Nothing is read behind the block. Nothing is written behind the claimed length, but for the
 *     three bytes that `copyBack` may write too far; and the claim is met exactly.
 *
 * Java's client takes this from a library, snappy-java.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'
import { commonEnd, copyBack, copyLiterals, hashOf } from './blockCopies.ts'

/** Plain bytes of a block at most that can be compressed here: a table entry has two bytes. */
export const SNAPPY_MAX_BLOCK = 1 << 16

const HASH_BITS = 13
/** Looks in vain before the step grows by one: 2 to this. */
const SKIP_BITS = 5
const MIN_MATCH = 4
/** Blocks shorter than this are literals: there is hardly anything to find. */
const MIN_BLOCK = 16
/** A 3-byte tag gives 64 bytes, so a block becomes at most so many times as large. */
const MOST_EXPANSION = 22

/** Where four bytes were seen last, counted from the block's start. */
export const newSnappyTable = (): Uint16Array => new Uint16Array(1 << HASH_BITS)

/** What `length` plain bytes become at most. */
export const maxSnappyLength = (length: number): number => 32 + length + Math.ceil(length / 6)

/**
 * Compresses `plain.bytes[from, to)` into `out`, from index `start` on; there is room for
 * `maxSnappyLength`.
 *
 * @param to at most `SNAPPY_MAX_BLOCK` bytes behind `from`
 * @param table scratch, from `newSnappyTable`
 * @returns the place behind the last byte
 */
export const compressSnappyBlock = (
  plain: ByteBuffer,
  from: number,
  to: number,
  out: ByteBuffer,
  start: number,
  table: Uint16Array,
): number => {
  const { view } = plain
  let written = writeVarint(to - from, out.bytes, start)
  let anchor = from
  const lastStart = to - from < MIN_BLOCK ? -1 : to - MIN_MATCH
  let misses = 1 << SKIP_BITS
  table.fill(0)
  for (let at = from + 1; at <= lastStart; ) {
    const word = view.getInt32(at, true)
    const slot = hashOf(word, HASH_BITS)
    const seen = from + table[slot]!
    table[slot] = at - from
    if (view.getInt32(seen, true) !== word) {
      at += misses++ >>> SKIP_BITS
      continue
    }
    const end = commonEnd(plain, seen + MIN_MATCH, at + MIN_MATCH, to)
    if (at > anchor) written = writeLiteral(plain, anchor, at, out, written)
    written = writeCopy(at - seen, end - at, out.bytes, written)
    at = end
    anchor = end
    misses = 1 << SKIP_BITS
    if (end <= lastStart) {
      table[hashOf(view.getInt32(end - 2, true), HASH_BITS)] = end - 2 - from
    }
  }
  return anchor < to ? writeLiteral(plain, anchor, to, out, written) : written
}

const writeVarint = (value: number, out: Uint8Array, at: number): number => {
  let w = at
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) out[w++] = (rest & 0x7f) | 0x80
  out[w++] = rest
  return w
}

const writeLiteral = (
  plain: ByteBuffer,
  from: number,
  to: number,
  out: ByteBuffer,
  at: number,
): number => {
  const { bytes } = out
  const stored = to - from - 1
  let w = at
  if (stored < 60) {
    bytes[w++] = stored << 2
  } else if (stored < 0x100) {
    bytes[w++] = 60 << 2
    bytes[w++] = stored
  } else {
    bytes[w++] = 61 << 2
    bytes[w++] = stored
    bytes[w++] = stored >>> 8
  }
  return copyLiterals(plain, from, to - from, out, w)
}

/** A copy longer than 64 takes several tags; none of them may be shorter than 4. */
const writeCopy = (distance: number, length: number, out: Uint8Array, at: number): number => {
  let w = at
  let rest = length
  while (rest >= 68) {
    w = writeCopy2(distance, 64, out, w)
    rest -= 64
  }
  if (rest > 64) {
    w = writeCopy2(distance, 60, out, w)
    rest -= 60
  }
  if (rest >= 12 || distance >= 2048) return writeCopy2(distance, rest, out, w)
  out[w++] = 0b01 | ((rest - 4) << 2) | ((distance >>> 8) << 5)
  out[w++] = distance
  return w
}

const writeCopy2 = (distance: number, length: number, out: Uint8Array, at: number): number => {
  out[at] = 0b10 | ((length - 1) << 2)
  out[at + 1] = distance
  out[at + 2] = distance >>> 8
  return at + 3
}

/**
 * The plain length that the block `bytes[from, to)` claims.
 *
 * @throws InvalidRecordException for a claim that so few bytes cannot meet
 */
export const snappyPlainLength = (bytes: Uint8Array, from: number, to: number): number => {
  let length = 0
  let at = from
  for (let scale = 1; ; scale *= 128) {
    if (at >= to || at - from >= 5) throw invalid('has no length in front')
    const byte = bytes[at++]!
    length += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  if (length > (to - at) * MOST_EXPANSION) {
    throw invalid(`of ${to - from} bytes says that it holds ${length}`)
  }
  return length
}

/**
 * Brings the plain bytes of the block `block.bytes[from, to)` to `out.bytes[start, end)`; the room
 * is what `snappyPlainLength` said, and there is `COPY_SLACK` more.
 *
 * @throws InvalidRecordException when the tags do not give exactly that
 */
export const decompressSnappyBlock = (
  block: ByteBuffer,
  from: number,
  to: number,
  out: ByteBuffer,
  start: number,
  end: number,
): void => {
  const { bytes } = block
  let at = from
  while (bytes[at++]! >= 0x80);
  let w = start
  while (at < to) {
    const tag = bytes[at++]!
    let length = (tag >>> 2) + 1
    let distance: number
    switch (tag & 3) {
      case 0: {
        if (length > 60) {
          const wide = length - 60
          if (wide > to - at) throw invalid('ends inside a tag')
          length = littleEndian(bytes, at, wide) + 1
          at += wide
        }
        if (length > to - at || length > end - w) throw invalid('has a literal that is too long')
        w = copyLiterals(block, at, length, out, w)
        at += length
        continue
      }
      case 1:
        length = ((tag >>> 2) & 7) + 4
        distance = ((tag & 0xe0) << 3) | bytes[at]!
        at += 1
        break
      case 2:
        distance = bytes[at]! | (bytes[at + 1]! << 8)
        at += 2
        break
      default:
        distance = at + 4 > to ? 0 : littleEndian(bytes, at, 4)
        at += 4
    }
    if (at > to) throw invalid('ends inside a tag')
    if (distance === 0 || distance > w - start) {
      throw invalid(`copies from ${distance} bytes back, ${w - start} bytes behind its start`)
    }
    if (length > end - w) throw invalid(`holds more than the ${end - start} bytes that it says`)
    w = copyBack(out, w, distance, length)
  }
  if (w !== end) throw invalid(`holds ${w - start} bytes instead of ${end - start}`)
}

const littleEndian = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!
  return value
}

const invalid = (what: string): InvalidRecordException =>
  new InvalidRecordException(`A snappy block ${what}`)
