/**
 * Where an encoder writes: a row of byte blocks that grows, into which large runs of bytes are put
 * by reference.
 *
 *     writeInt … writeRecords(a) … writeString … writeRecords(b) … writeInt
 *     └──── block 1 ────┘└─── a ──┘└─── block 1 ───┘└─── b ───┘└─ block 1 ─┘
 *                         (theirs)                    (theirs)
 *
 * A produce request is some hundred bytes of names and numbers around megabytes of record batches.
 * The batches are the producer's pooled buffers: copying them into one frame would double the
 * memory and touch every byte once more, so `slices()` hands out the pieces in order and the socket
 * gathers them (writev). Who gave the bytes leaves them alone until they are sent.
 *
 * I1  The slices, put end to end, are the message; nothing that was handed out is written again,
 *     except the four bytes that `reserveInt` kept free.
 * I2  A number never crosses the border of two blocks.
 *
 * @kafka org.apache.kafka.common.protocol.Writable
 * @simplified one pass: Java measures the message first and then writes into a buffer of that size;
 *   here blocks grow, and the length in front of the frame is filled in at the end.
 */

import { utf8Write } from '../../common/utf8.ts'

const TWO_32 = 2 ** 32
const FIRST_BLOCK = 512
const LARGEST_BLOCK = 64 * 1024
/** Below this a copy is cheaper than one more piece for the kernel to gather. */
const COPY_BELOW = 1024

export class MessageWriter {
  private block: Uint8Array
  private view: DataView
  /** Where the next byte goes, and where the part begins that no slice has yet. */
  private at = 0
  private sliced = 0
  private readonly done: Uint8Array[] = []
  private doneBytes = 0

  /**
   * @param expectedBytes size of the first block: what the message will take without its records
   */
  constructor(expectedBytes = FIRST_BLOCK) {
    this.block = new Uint8Array(expectedBytes)
    this.view = new DataView(this.block.buffer)
  }

  /** Bytes written so far, those by reference included. */
  get size(): number {
    return this.doneBytes + this.at - this.sliced
  }

  writeByte(value: number): void {
    const at = this.take(1)
    this.view.setInt8(at, value)
  }

  writeShort(value: number): void {
    const at = this.take(2)
    this.view.setInt16(at, value)
  }

  writeInt(value: number): void {
    const at = this.take(4)
    this.view.setInt32(at, value)
  }

  /** @param value a safe integer; whoever calls has checked it */
  writeLong(value: number): void {
    const at = this.take(8)
    this.view.setInt32(at, Math.floor(value / TWO_32))
    this.view.setInt32(at + 4, value | 0)
  }

  writeBigLong(value: bigint): void {
    const at = this.take(8)
    this.view.setBigInt64(at, value)
  }

  writeDouble(value: number): void {
    const at = this.take(8)
    this.view.setFloat64(at, value)
  }

  writeUnsignedVarint(value: number): void {
    let rest = value
    let at = this.room(5)
    while (rest > 0x7f) {
      this.block[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.block[at++] = rest
    this.at = at
  }

  /** UTF-8 bytes alone; `length` is `utf8Length(text)`, which the caller has just written. */
  writeUtf8(text: string, length: number): void {
    const at = this.take(length)
    utf8Write(text, this.block, at)
  }

  /** A run of bytes without its length, copied. */
  writeBytes(bytes: Uint8Array): void {
    const at = this.take(bytes.length)
    this.block.set(bytes, at)
  }

  /** A run of bytes without its length, by reference when it is large. */
  writeRecords(bytes: Uint8Array): void {
    if (bytes.length < COPY_BELOW) {
      this.writeBytes(bytes)
      return
    }
    this.cut()
    this.done.push(bytes)
    this.doneBytes += bytes.length
  }

  /** Keeps four bytes free and returns the function that fills them in. */
  reserveInt(): (value: number) => void {
    const at = this.take(4)
    const view = this.view
    return (value) => view.setInt32(at, value)
  }

  /** Everything another writer holds, after what stands here. */
  append(other: MessageWriter): void {
    for (const slice of other.slices()) this.writeRecords(slice)
  }

  /** The message in pieces. The writer may go on afterwards: ask again then. */
  slices(): Uint8Array[] {
    this.cut()
    return this.done.slice()
  }

  /** The message in one piece, copied. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.size)
    let at = 0
    for (const slice of this.slices()) {
      bytes.set(slice, at)
      at += slice.length
    }
    return bytes
  }

  /**
   * Moves on by `length` bytes that are sure to be in one block; returns where they start. It may
   * change `block` and `view`, so callers ask first and look at those afterwards.
   */
  private take(length: number): number {
    const at = this.room(length)
    this.at = at + length
    return at
  }

  private room(length: number): number {
    if (length > this.block.length - this.at) this.grow(length)
    return this.at
  }

  private grow(length: number): void {
    this.cut()
    const next = Math.min(LARGEST_BLOCK, this.block.length * 2)
    this.block = new Uint8Array(Math.max(next, length))
    this.view = new DataView(this.block.buffer)
    this.at = 0
    this.sliced = 0
  }

  /** What was written since the last slice becomes one. */
  private cut(): void {
    if (this.at === this.sliced) return
    this.done.push(this.block.subarray(this.sliced, this.at))
    this.doneBytes += this.at - this.sliced
    this.sliced = this.at
  }
}
