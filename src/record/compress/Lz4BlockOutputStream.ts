/**
 * Writes an lz4 frame: a header, blocks of 64 KiB that know nothing of each other, an end mark.
 *
 *     │ 04 22 4d 18 │ FLG │ BD │ HC │ size 4 │ block … │ size 4 │ block … │ 00 00 00 00 │
 *       magic                        └ top bit set: stored as it is
 *
 *     FLG 0x60   version 1, blocks independent; no checksum of blocks, none of the whole, no size
 *     BD  0x40   blocks of at most 64 KiB
 *     HC  the second byte of xxHash32 over FLG and BD
 *
 * All numbers have their lowest byte first. The format of the day was young when Kafka took it up:
 * batches of format 0 have an HC over the magic too. That is wrong, and kept for them by Kafka; the
 * formats 1 and 2 do it right, and only 2 is written here. Independent blocks are a must: the Java
 * client refuses a frame without that bit.
 *
 * @kafka org.apache.kafka.common.compress.Lz4BlockOutputStream
 * @simplified blocks of 64 KiB and no block checksums, which is all that Kafka ever asks for; no
 *   `flush`, since nobody reads before `close`.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { BlockOutputStream } from './BlockOutputStream.ts'
import { xxHash32 } from './XXHash32.ts'

/** The first four bytes of a frame, lowest first. */
export const LZ4_FRAME_MAGIC = 0x184d2204
/** In a block's size: the block is stored as it is. */
export const LZ4_FRAME_INCOMPRESSIBLE_MASK = 0x80000000
const BLOCK_SIZE = 1 << 16
const FLG = 0b0110_0000
const BD = 0b0100_0000

/** What `plain.bytes[from, to)` becomes: bytes that stay true until the next call. */
export type Lz4BlockCompressor = (plain: ByteBuffer, from: number, to: number) => Uint8Array

/** The check byte of a frame's header, whose fields are `bytes[from, to)`. */
export const lz4HeaderChecksum = (bytes: Uint8Array, from: number, to: number): number =>
  (xxHash32(bytes, from, to) >>> 8) & 0xff

const header = (): Uint8Array => {
  const bytes = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, FLG, BD, 0)
  bytes[6] = lz4HeaderChecksum(bytes, 4, 6)
  return bytes
}

export class Lz4BlockOutputStream extends BlockOutputStream {
  private readonly compressor: Lz4BlockCompressor

  constructor(target: ByteBufferOutputStream, compressor: Lz4BlockCompressor) {
    super(target, BLOCK_SIZE)
    this.compressor = compressor
    target.writeBytes(header())
  }

  protected override writeBlock(plain: ByteBuffer, from: number, to: number): void {
    const compressed = this.compressor(plain, from, to)
    // What became no smaller is stored as it is: it costs the reader nothing.
    if (compressed.length < to - from) {
      this.writeInt(compressed.length)
      this.target.writeBytes(compressed)
    } else {
      this.writeInt((to - from) | LZ4_FRAME_INCOMPRESSIBLE_MASK)
      this.target.writeBytes(plain.bytes, from, to - from)
    }
  }

  protected override writeEnd(): void {
    this.writeInt(0)
  }

  private writeInt(value: number): void {
    this.target.ensureRemaining(4)
    const buffer = this.target.buffer()
    buffer.view.setInt32(buffer.position, value, true)
    buffer.position += 4
  }
}
