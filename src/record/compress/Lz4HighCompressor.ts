/**
 * Compresses an lz4 block with more patience: the levels 1 to 17 but for 9.
 *
 * The fast way remembers one place per hash. Here each place also remembers the one before it with
 * the same hash, so all of them can be tried, newest first:
 *
 *     heads   hash ─► 812 ─► 640 ─► 77 ─► none        previous[812] = 640, …
 *
 * A level n tries 2^(n−1) of them and keeps the longest copy. Before it is written, the next place
 * is asked too: if a longer copy starts there, one literal more is the better bargain. The result
 * is smaller and the same decoder reads it, as fast.
 *
 * I1  A chain goes back only, so it ends.
 *
 * Java's client takes this from a library, lz4-java, whose levels these are.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { commonEnd, hashOf } from './blockCopies.ts'
import {
  LZ4_LAST_LITERALS,
  LZ4_MATCH_LIMIT,
  LZ4_MAX_BLOCK,
  LZ4_MIN_MATCH,
  writeLz4Literals,
  writeLz4Sequence,
} from './Lz4Block.ts'

const HASH_BITS = 15
const NONE = -1

export class Lz4HighCompressor {
  private readonly maxAttempts: number
  private readonly heads = new Int32Array(1 << HASH_BITS)
  private readonly previous = new Int32Array(LZ4_MAX_BLOCK)
  /** Up to here all places of the block are in the chains. */
  private inserted = 0
  /** What `findLongest` found: where the copy comes from, and how long it is. */
  private source = 0
  private length = 0

  /** @param level 1 to 17 */
  constructor(level: number) {
    this.maxAttempts = 2 ** (level - 1)
  }

  /**
   * Compresses `plain.bytes[from, to)`, at most `LZ4_MAX_BLOCK` bytes, into `out`, which has
   * `maxLz4Length` bytes of room; returns how many were written.
   */
  compress(plain: ByteBuffer, from: number, to: number, out: ByteBuffer): number {
    const lastStart = to - LZ4_MATCH_LIMIT
    const matchEnd = to - LZ4_LAST_LITERALS
    this.heads.fill(NONE)
    this.inserted = from
    let anchor = from
    let written = 0
    for (let at = from; at <= lastStart; at++) {
      if (!this.findLongest(plain, from, at, matchEnd)) continue
      let { source, length } = this
      while (at < lastStart && this.findLongest(plain, from, at + 1, matchEnd)) {
        if (this.length <= length) break
        at++
        source = this.source
        length = this.length
      }
      written = writeLz4Sequence(plain, anchor, at, at - source, length, out, written)
      anchor = at + length
      at = anchor - 1
    }
    return writeLz4Literals(plain, anchor, to, out, written)
  }

  /** Looks for the longest copy of what stands at `at`; whether there is one. */
  private findLongest(plain: ByteBuffer, from: number, at: number, matchEnd: number): boolean {
    const { bytes, view } = plain
    const { previous } = this
    this.insertUpTo(plain, from, at)
    const word = view.getInt32(at, true)
    this.length = LZ4_MIN_MATCH - 1
    let candidate = this.heads[hashOf(word, HASH_BITS)]!
    for (let left = this.maxAttempts; candidate !== NONE && left > 0; left--) {
      const seen = from + candidate
      candidate = previous[candidate]!
      // A copy that is longer than the best one must agree at the best one's end.
      if (bytes[seen + this.length] !== bytes[at + this.length]) continue
      if (view.getInt32(seen, true) !== word) continue
      const length = commonEnd(plain, seen + LZ4_MIN_MATCH, at + LZ4_MIN_MATCH, matchEnd) - at
      if (length <= this.length) continue
      this.length = length
      this.source = seen
      if (at + length >= matchEnd) break
    }
    return this.length >= LZ4_MIN_MATCH
  }

  /** Brings all places before `at` into the chains. */
  private insertUpTo({ view }: ByteBuffer, from: number, at: number): void {
    const { heads, previous } = this
    for (; this.inserted < at; this.inserted++) {
      const place = this.inserted - from
      const hash = hashOf(view.getInt32(this.inserted, true), HASH_BITS)
      previous[place] = heads[hash]!
      heads[hash] = place
    }
  }
}
