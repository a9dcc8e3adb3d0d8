/**
 * Cuts what is written into blocks of one size, and hands each over when it is full.
 *
 *     held   │ block, full │ block, full │ rest │ free │
 *            └── compressed into the batch ────┘└ moves to the front, and records go on behind it
 *
 * An encoder wants a whole record's room in one piece, so what is held may be more than one block
 * when a record is large. It starts small and doubles up to a block: most batches never fill one.
 *
 * I1  All blocks but the last have exactly `blockSize` bytes; there is no empty block.
 * I2  After `close` nothing is held, and the stream takes no more.
 *
 * @kafka org.apache.kafka.common.compress.Lz4BlockOutputStream (its `write` and `close`)
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { RecordOutputStream } from './Codec.ts'

/** Bytes held before the first growth: a batch as producers make it by default. */
const FIRST_BUFFER_SIZE = 16 * 1024

export abstract class BlockOutputStream implements RecordOutputStream {
  protected readonly target: ByteBufferOutputStream
  private readonly blockSize: number
  private held: ByteBuffer | null

  /** @param blockSize plain bytes of a block */
  constructor(target: ByteBufferOutputStream, blockSize: number) {
    this.target = target
    this.blockSize = blockSize
    this.held = ByteBuffer.allocate(Math.min(FIRST_BUFFER_SIZE, blockSize))
  }

  buffer(): ByteBuffer {
    return this.open()
  }

  ensureRemaining(bytes: number): void {
    const held = this.open()
    if (held.remaining() >= bytes) return
    this.writeFullBlocks(held)
    if (held.remaining() >= bytes) return
    const doubled = Math.min(held.capacity * 2, this.blockSize)
    const larger = ByteBuffer.allocate(Math.max(doubled, held.position + bytes))
    larger.putBytes(held.bytes.subarray(0, held.position))
    this.held = larger
  }

  close(): void {
    if (this.held === null) return
    const { held } = this
    this.writeFullBlocks(held)
    if (held.position > 0) this.writeBlock(held, 0, held.position)
    this.held = null
    this.writeEnd()
  }

  /** Brings `plain.bytes[from, to)` into the batch as one block. */
  protected abstract writeBlock(plain: ByteBuffer, from: number, to: number): void

  /** What the format wants behind the last block. */
  protected abstract writeEnd(): void

  private writeFullBlocks(held: ByteBuffer): void {
    const { blockSize } = this
    let at = 0
    for (; held.position - at >= blockSize; at += blockSize) {
      this.writeBlock(held, at, at + blockSize)
    }
    if (at === 0) return
    held.bytes.copyWithin(0, at, held.position)
    held.position -= at
  }

  private open(): ByteBuffer {
    if (this.held === null) throw new IllegalStateException('The stream is already closed')
    return this.held
  }
}
