/**
 * A window on bytes with a place to read or write: Java's `ByteBuffer`, on one `Uint8Array` and one
 * `DataView`.
 *
 *     0 ≤ position ≤ limit ≤ capacity
 *     ├── done ───┼── to do ──┼── out of reach ──┤
 *
 * Writing: `put…` moves `position` towards `limit`. `flip` turns what was written into what can be
 * read. Numbers are big-endian, as everything in Kafka's protocol. It cannot grow;
 * `ByteBufferOutputStream` adds that.
 *
 * A 64-bit field is a `number` and must be a safe integer; two 32-bit halves are several times
 * faster than a `bigint`. The `…BigLong` pair is for the few fields that really use all 64 bits.
 *
 * @kafka java.nio.ByteBuffer
 * @simplified no mark, no read-only views, no little-endian order: nothing here needs them.
 */

import {
  BufferOverflowException,
  BufferUnderflowException,
  IllegalArgumentException,
  SchemaException,
} from './errors.ts'

const TWO_32 = 2 ** 32

export class ByteBuffer {
  /** All bytes of this window, from index 0 to `capacity`. */
  readonly bytes: Uint8Array
  /** The same bytes, for numbers. */
  readonly view: DataView
  private at = 0
  private end: number

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.end = bytes.byteLength
  }

  /** A zeroed buffer of its own. */
  static allocate(capacity: number): ByteBuffer {
    if (!(capacity >= 0)) throw new IllegalArgumentException(`A buffer of ${capacity} bytes`)
    return new ByteBuffer(new Uint8Array(capacity))
  }

  /** A window on bytes that stay shared. */
  static wrap(bytes: Uint8Array): ByteBuffer {
    return new ByteBuffer(bytes)
  }

  get capacity(): number {
    return this.bytes.byteLength
  }

  get position(): number {
    return this.at
  }

  set position(value: number) {
    if (!(value >= 0 && value <= this.end)) {
      throw new IllegalArgumentException(`position ${value} is outside [0, limit ${this.end}]`)
    }
    this.at = value
  }

  get limit(): number {
    return this.end
  }

  set limit(value: number) {
    if (!(value >= 0 && value <= this.capacity)) {
      throw new IllegalArgumentException(`limit ${value} is outside [0, capacity ${this.capacity}]`)
    }
    this.end = value
    if (this.at > value) this.at = value
  }

  remaining(): number {
    return this.end - this.at
  }

  hasRemaining(): boolean {
    return this.at < this.end
  }

  /** From writing to reading: what was written becomes what remains. */
  flip(): this {
    this.end = this.at
    this.at = 0
    return this
  }

  /** Everything may be written again; the bytes themselves stay. */
  clear(): this {
    this.at = 0
    this.end = this.capacity
    return this
  }

  rewind(): this {
    this.at = 0
    return this
  }

  /** A buffer of its own place and limit on the bytes that remain here. */
  slice(): ByteBuffer {
    return new ByteBuffer(this.bytes.subarray(this.at, this.end))
  }

  /** The same bytes, place and limit, moving independently from here on. */
  duplicate(): ByteBuffer {
    const copy = new ByteBuffer(this.bytes)
    copy.end = this.end
    copy.at = this.at
    return copy
  }

  // ---- reading at the position

  get(): number {
    return this.bytes[this.forRead(1)]!
  }

  /** A signed byte. */
  getInt8(): number {
    return this.view.getInt8(this.forRead(1))
  }

  getShort(): number {
    return this.view.getInt16(this.forRead(2))
  }

  getUnsignedShort(): number {
    return this.view.getUint16(this.forRead(2))
  }

  getInt(): number {
    return this.view.getInt32(this.forRead(4))
  }

  getUnsignedInt(): number {
    return this.view.getUint32(this.forRead(4))
  }

  /** A signed 64-bit number; a `SchemaException` when it is outside ±2^53. */
  getLong(): number {
    return this.readLong(this.forRead(8))
  }

  getBigLong(): bigint {
    return this.view.getBigInt64(this.forRead(8))
  }

  getDouble(): number {
    return this.view.getFloat64(this.forRead(8))
  }

  /** A view, not a copy, of the next `length` bytes. */
  getBytes(length: number): Uint8Array {
    const from = this.forRead(length)
    return this.bytes.subarray(from, from + length)
  }

  /** Moves past `length` bytes. */
  skip(length: number): void {
    this.forRead(length)
  }

  // ---- writing at the position

  put(byte: number): this {
    this.bytes[this.forWrite(1)] = byte
    return this
  }

  putShort(value: number): this {
    this.view.setInt16(this.forWrite(2), value)
    return this
  }

  putInt(value: number): this {
    this.view.setInt32(this.forWrite(4), value)
    return this
  }

  putLong(value: number): this {
    checkSafe(value)
    return this.writeLong(this.forWrite(8), value)
  }

  putBigLong(value: bigint): this {
    this.view.setBigInt64(this.forWrite(8), value)
    return this
  }

  putDouble(value: number): this {
    this.view.setFloat64(this.forWrite(8), value)
    return this
  }

  putBytes(source: Uint8Array): this {
    this.bytes.set(source, this.forWrite(source.length))
    return this
  }

  // ---- at an index, the position untouched

  getIntAt(index: number): number {
    return this.view.getInt32(this.inside(index, 4))
  }

  getLongAt(index: number): number {
    return this.readLong(this.inside(index, 8))
  }

  putIntAt(index: number, value: number): this {
    this.view.setInt32(this.inside(index, 4), value)
    return this
  }

  putLongAt(index: number, value: number): this {
    checkSafe(value)
    return this.writeLong(this.inside(index, 8), value)
  }

  toString(): string {
    return `ByteBuffer[pos=${this.at} lim=${this.end} cap=${this.capacity}]`
  }

  private readLong(index: number): number {
    const value = this.view.getInt32(index) * TWO_32 + this.view.getUint32(index + 4)
    if (!Number.isSafeInteger(value)) {
      throw new SchemaException(
        `A 64-bit number at byte ${index} is outside ±2^53: ${this.view.getBigInt64(index)}`,
      )
    }
    return value
  }

  private writeLong(index: number, value: number): this {
    this.view.setInt32(index, Math.floor(value / TWO_32))
    this.view.setInt32(index + 4, value | 0)
    return this
  }

  private inside(index: number, length: number): number {
    if (!(index >= 0 && index <= this.end - length)) {
      throw new IllegalArgumentException(
        `No ${length} bytes at index ${index}: the limit is ${this.end}`,
      )
    }
    return index
  }

  private forRead(length: number): number {
    const from = this.at
    if (!(length >= 0 && length <= this.end - from)) {
      throw new BufferUnderflowException(
        `Cannot read ${length} bytes: ${this.end - from} are left of ${this.end}`,
      )
    }
    this.at = from + length
    return from
  }

  private forWrite(length: number): number {
    const from = this.at
    if (!(length <= this.end - from)) {
      throw new BufferOverflowException(
        `Cannot write ${length} bytes: there is room for ${this.end - from} of ${this.end}`,
      )
    }
    this.at = from + length
    return from
  }
}

const checkSafe = (value: number): void => {
  if (!Number.isSafeInteger(value)) {
    throw new IllegalArgumentException(`A 64-bit field needs a safe integer, got ${value}`)
  }
}
