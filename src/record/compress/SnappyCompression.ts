/**
 * snappy, in the frame that Kafka's Java client puts around it.
 *
 *     │ 82 S N A P P Y 00 │ version 4 │ oldest reader 4 │ size 4 │ block … │ size 4 │ block … │
 *
 * The format itself knows one block and no more. The library of the Java client (xerial's) cuts a
 * stream into blocks of 32 KiB and puts this frame around them; numbers have their highest byte
 * first. librdkafka writes one bare block and no frame. Clients read both, and tell them by the
 * eight bytes: a bare block that began so would copy before there is anything to copy.
 *
 * Frames may stand one behind the other, so a header is also taken between blocks.
 *
 * I1  Blocks are measured before any memory is taken for them, and together are at most `maxSize`.
 *
 * @kafka org.apache.kafka.common.compress.SnappyCompression
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'
import { CompressionType } from '../CompressionType.ts'
import { BlockOutputStream } from './BlockOutputStream.ts'
import { COPY_SLACK } from './blockCopies.ts'
import type { Codec, RecordOutputStream } from './Codec.ts'
import {
  compressSnappyBlock,
  decompressSnappyBlock,
  maxSnappyLength,
  newSnappyTable,
  snappyPlainLength,
} from './SnappyBlock.ts'

const MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00] as const
const VERSION = 1
const OLDEST_READER = 1
const HEADER = Uint8Array.of(...MAGIC, 0, 0, 0, VERSION, 0, 0, 0, OLDEST_READER)
const BLOCK_SIZE = 32 * 1024

export class SnappyCompression implements Codec {
  readonly type = CompressionType.SNAPPY
  private scratch: Scratch | undefined

  wrapForOutput(stream: ByteBufferOutputStream): RecordOutputStream {
    this.scratch ??= new Scratch()
    return new SnappyOutputStream(stream, this.scratch)
  }

  wrapForInput(bytes: Uint8Array, maxSize: number): Uint8Array {
    const blocks = blocksOf(bytes)
    let plain = 0
    for (const block of blocks) {
      block.plain = snappyPlainLength(bytes, block.from, block.to)
      plain += block.plain
      if (plain > maxSize) {
        throw new InvalidRecordException(`snappy: more than ${maxSize} bytes when decompressed`)
      }
    }
    const block = ByteBuffer.wrap(bytes)
    const out = ByteBuffer.allocate(plain + COPY_SLACK)
    let written = 0
    for (const { from, to, plain: length } of blocks) {
      decompressSnappyBlock(block, from, to, out, written, written + length)
      written += length
    }
    return out.bytes.subarray(0, plain)
  }
}

/**
 * What compressing a block needs, made once for all batches of a codec: new tables for each batch
 * would cost as much as the compressing. A block is done in one go, so any number of batches can be
 * open at once.
 */
class Scratch {
  private readonly table = newSnappyTable()
  private readonly out = ByteBuffer.allocate(maxSnappyLength(BLOCK_SIZE))

  /** What `plain.bytes[from, to)` becomes: bytes that stay true until the next call. */
  compress(plain: ByteBuffer, from: number, to: number): Uint8Array {
    const length = compressSnappyBlock(plain, from, to, this.out, 0, this.table)
    return this.out.bytes.subarray(0, length)
  }
}

class SnappyOutputStream extends BlockOutputStream {
  private readonly scratch: Scratch

  constructor(target: ByteBufferOutputStream, scratch: Scratch) {
    super(target, BLOCK_SIZE)
    this.scratch = scratch
    target.writeBytes(HEADER)
  }

  protected override writeBlock(plain: ByteBuffer, from: number, to: number): void {
    const compressed = this.scratch.compress(plain, from, to)
    this.target.ensureRemaining(4 + compressed.length)
    this.target.buffer().putInt(compressed.length)
    this.target.writeBytes(compressed)
  }

  /** The frame just ends. */
  protected override writeEnd(): void {}
}

interface Block {
  readonly from: number
  readonly to: number
  plain: number
}

const isMagic = (bytes: Uint8Array, at: number): boolean =>
  MAGIC.every((byte, i) => bytes[at + i] === byte)

/** Where the blocks are: those of the frame, or all bytes when there is no frame. */
const blocksOf = (bytes: Uint8Array): Block[] => {
  if (!isMagic(bytes, 0)) return [{ from: 0, to: bytes.length, plain: 0 }]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks: Block[] = []
  for (let at = 0; at < bytes.length; ) {
    if (isMagic(bytes, at)) {
      at = behindHeader(view, at)
      continue
    }
    const size = at + 4 > bytes.length ? -1 : view.getInt32(at)
    at += 4
    if (size < 0 || size > bytes.length - at) {
      throw new InvalidRecordException(
        `snappy: a block at byte ${at} says ${size} bytes, ${bytes.length - at} are left`,
      )
    }
    blocks.push({ from: at, to: at + size, plain: 0 })
    at += size
  }
  return blocks
}

const behindHeader = (view: DataView, at: number): number => {
  const end = at + HEADER.length
  if (end > view.byteLength) {
    throw new InvalidRecordException('snappy: the header of the frame is cut off')
  }
  const version = view.getInt32(at + MAGIC.length)
  if (version < VERSION) {
    throw new InvalidRecordException(`snappy: the frame has version ${version}, there is none`)
  }
  return end
}
