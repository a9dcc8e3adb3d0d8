/**
 * A `ByteBuffer` that grows when it is full.
 *
 *     ┌ pooled buffer, batch.size ┐             ┌ a larger one of our own ──────────┐
 *     │ header │ records …        │ ─ is full ─►│ header │ records …  │ free        │
 *     └───────────────────────────┘             └───────────────────────────────────┘
 *        goes back to the pool later, its position as it was found
 *
 * A batch is written into a pooled buffer of `batch.size`. A record that is larger than the rest of
 * it still has to go somewhere: the stream takes a new buffer, at least a tenth larger, and copies.
 * So nobody may keep what `buffer()` gave across a write; ask again.
 *
 * For speed an encoder calls `ensureRemaining(n)` once, takes `buffer()` and writes n bytes into it
 * directly.
 *
 * I1  `initialCapacity` is that of the first buffer, whatever has happened since: the pool is owed
 *     that one.
 * I2  A buffer that was left behind has its first position again: what is in it cannot be taken for
 *     a result.
 *
 * @kafka org.apache.kafka.common.utils.ByteBufferOutputStream
 */

import { ByteBuffer } from './ByteBuffer.ts'

const REALLOCATION_FACTOR = 1.1

export class ByteBufferOutputStream {
  private readonly firstCapacity: number
  private readonly firstPosition: number
  private current: ByteBuffer

  /**
   * @param initial the buffer to write into, from its position to its limit; or the capacity of a
   *   new one
   */
  constructor(initial: ByteBuffer | number) {
    this.current = typeof initial === 'number' ? ByteBuffer.allocate(initial) : initial
    this.firstCapacity = this.current.capacity
    this.firstPosition = this.current.position
  }

  write(byte: number): void {
    this.ensureRemaining(1)
    this.current.put(byte)
  }

  /** Writes `bytes[offset, offset + length)`; default: all of them. */
  writeBytes(bytes: Uint8Array, offset = 0, length = bytes.length - offset): void {
    this.ensureRemaining(length)
    const whole = offset === 0 && length === bytes.length
    this.current.putBytes(whole ? bytes : bytes.subarray(offset, offset + length))
  }

  /** Writes what remains in `source`, and moves it to its limit. */
  writeBuffer(source: ByteBuffer): void {
    this.writeBytes(source.getBytes(source.remaining()))
  }

  /** What is written to now: the next write may put another one in its place. */
  buffer(): ByteBuffer {
    return this.current
  }

  get position(): number {
    return this.current.position
  }

  /** Forwards leaves room that is filled in later, for example a header; it may grow for that. */
  set position(value: number) {
    this.ensureRemaining(value - this.current.position)
    this.current.position = value
  }

  remaining(): number {
    return this.current.remaining()
  }

  limit(): number {
    return this.current.limit
  }

  /** The capacity of the first buffer (I1). */
  initialCapacity(): number {
    return this.firstCapacity
  }

  /** After this, `bytes` bytes can be written into `buffer()`. */
  ensureRemaining(bytes: number): void {
    if (bytes > this.current.remaining()) this.expand(bytes)
  }

  private expand(bytes: number): void {
    const old = this.current
    const needed = old.position + bytes
    const wanted = Math.max(Math.floor(old.limit * REALLOCATION_FACTOR), needed)
    const larger = ByteBuffer.allocate(wanted)
    larger.putBytes(old.bytes.subarray(0, old.position))
    old.position = this.firstPosition
    this.current = larger
  }
}
