/**
 * Chunks of a stream in the order in which they came, read off in pieces of any length: what a
 * kernel's receive buffer is.
 *
 *     push ─► [ chunk ][ chunk ][ chunk ] ─► read
 *                               ▲ offset: this much of the first chunk is gone
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'

/** Up to here a loop is faster than a view and a copy; a frame's size is 4 bytes. */
const SMALL = 16

/** What a chunk costs besides its bytes: a thousand of one byte are not a thousand bytes. */
const CHUNK_OVERHEAD = 256

export class ByteQueue {
  private chunks: Uint8Array[] = []
  private first = 0
  private offset = 0
  private bytes = 0

  /** Bytes that can be read. */
  get length(): number {
    return this.bytes
  }

  /** About how much memory is held. */
  get footprint(): number {
    return this.bytes + (this.chunks.length - this.first) * CHUNK_OVERHEAD
  }

  /** Takes `chunk` by reference. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.chunks.push(chunk)
    this.bytes += chunk.length
  }

  /** Copies as much as there is, and as fits, to `into`; returns the bytes. */
  read(into: ByteBuffer): number {
    const wanted = Math.min(into.remaining(), this.bytes)
    let left = wanted
    while (left > 0) {
      const chunk = this.chunks[this.first]!
      const count = Math.min(left, chunk.length - this.offset)
      this.copy(chunk, count, into)
      left -= count
      this.offset += count
      if (this.offset === chunk.length) this.dropFirst()
    }
    this.bytes -= wanted
    return wanted
  }

  clear(): void {
    this.chunks = []
    this.first = this.offset = this.bytes = 0
  }

  private copy(chunk: Uint8Array, count: number, into: ByteBuffer): void {
    const { offset } = this
    if (count === chunk.length) into.putBytes(chunk)
    else if (count > SMALL) into.putBytes(chunk.subarray(offset, offset + count))
    else for (let i = 0; i < count; i++) into.put(chunk[offset + i]!)
  }

  private dropFirst(): void {
    this.offset = 0
    this.first++
    if (this.first === this.chunks.length) {
      this.chunks.length = this.first = 0
    } else if (this.first >= 64 && this.first * 2 >= this.chunks.length) {
      // The front is let go of in steps, so that dropping costs the same however long the queue is.
      this.chunks = this.chunks.slice(this.first)
      this.first = 0
    }
  }
}
