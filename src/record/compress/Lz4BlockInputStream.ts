/**
 * Reads an lz4 frame (its picture stands in `Lz4BlockOutputStream.ts`), whoever wrote it.
 *
 * The frame is walked over twice. The first time all that can be wrong without looking into copies
 * is checked, and the plain bytes are counted; then they get exactly their room, and the blocks are
 * read into it. So a frame of a few bytes that speaks of gigabytes costs nothing.
 *
 *     may be there     a checksum behind each block; the plain size in the header; a checksum of
 *                      all plain bytes behind the end mark
 *     may not          blocks that refer to earlier ones; a dictionary; another version
 *
 * I1  No block gives more bytes than the header allows, and all together not more than `maxSize`.
 * I2  A frame without end mark is refused. What stands behind the end mark is not looked at.
 *
 * @kafka org.apache.kafka.common.compress.Lz4BlockInputStream
 * @simplified gives all bytes at once, not as a stream. The checksum of all plain bytes is checked;
 *   Java reads over it.
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'
import { COPY_SLACK, copyLiterals } from './blockCopies.ts'
import { decompressLz4Block, lz4PlainLength } from './Lz4Block.ts'
import {
  LZ4_FRAME_INCOMPRESSIBLE_MASK,
  LZ4_FRAME_MAGIC,
  lz4HeaderChecksum,
} from './Lz4BlockOutputStream.ts'
import { xxHash32 } from './XXHash32.ts'

const PREMATURE_EOS = 'Stream ended prematurely'
const NOT_SUPPORTED = 'Stream unsupported (invalid magic bytes)'
const BLOCK_HASH_MISMATCH = 'Block checksum mismatch'
const CONTENT_HASH_MISMATCH = 'Content checksum mismatch'
const DESCRIPTOR_HASH_MISMATCH = 'Stream frame descriptor corrupted'

export class Lz4BlockInputStream {
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly maxSize: number
  private readonly firstBlock: number
  private maxBlockSize = 0
  private hasBlockChecksums = false
  private hasContentChecksum = false

  /**
   * @param bytes the frame
   * @param maxSize plain bytes at most
   * @throws InvalidRecordException when the header is none
   */
  constructor(bytes: Uint8Array, maxSize: number) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.maxSize = maxSize
    this.firstBlock = this.readHeader()
  }

  /**
   * All plain bytes.
   *
   * @throws InvalidRecordException when the frame is broken, or holds more than `maxSize`
   */
  readAll(): Uint8Array {
    const block = ByteBuffer.wrap(this.bytes)
    const length = this.plainLength()
    const out = ByteBuffer.allocate(length + COPY_SLACK)
    const plain = out.bytes.subarray(0, length)
    let written = 0
    const end = this.forEachBlock((from, to, compressed) => {
      if (compressed) {
        written = decompressLz4Block(block, from, to, out, written)
      } else {
        written = copyLiterals(block, from, to - from, out, written)
      }
    })
    if (this.hasContentChecksum && xxHash32(plain) !== this.uint32(end)) {
      throw invalid(CONTENT_HASH_MISMATCH)
    }
    return plain
  }

  /** Counts the plain bytes, and checks all that can be checked on the way (I1). */
  private plainLength(): number {
    let plain = 0
    this.forEachBlock((from, to, compressed) => {
      const length = compressed ? lz4PlainLength(this.bytes, from, to) : to - from
      if (length > this.maxBlockSize) {
        throw invalid(`A block holds ${length} bytes, more than ${this.maxBlockSize}`)
      }
      plain += length
      if (plain > this.maxSize) throw invalid(`More than ${this.maxSize} bytes when decompressed`)
      if (this.hasBlockChecksums && xxHash32(this.bytes, from, to) !== this.uint32(to)) {
        throw invalid(BLOCK_HASH_MISMATCH)
      }
    })
    return plain
  }

  /** Calls `visit` for each block, and returns where the end mark ends (I2). */
  private forEachBlock(visit: (from: number, to: number, compressed: boolean) => void): number {
    let at = this.firstBlock
    for (;;) {
      const word = this.uint32(at)
      at += 4
      if (word === 0) return at
      const compressed = word < LZ4_FRAME_INCOMPRESSIBLE_MASK
      const size = word % LZ4_FRAME_INCOMPRESSIBLE_MASK
      if (size === 0 || size > this.maxBlockSize) {
        throw invalid(`Block size ${size} exceeded max: ${this.maxBlockSize}`)
      }
      if (size > this.bytes.length - at) throw invalid(PREMATURE_EOS)
      visit(at, at + size, compressed)
      at += size + (this.hasBlockChecksums ? 4 : 0)
    }
  }

  /** Returns where the first block begins. */
  private readHeader(): number {
    const { bytes } = this
    if (bytes.length < 7) throw invalid(PREMATURE_EOS)
    if (this.uint32(0) !== LZ4_FRAME_MAGIC) throw invalid(NOT_SUPPORTED)
    const flg = bytes[4]!
    const bd = bytes[5]!
    if ((flg & 0b11) !== 0) throw invalid('Reserved bits must be 0')
    if ((flg & 0b10_0000) === 0) throw invalid('Dependent block stream is unsupported')
    if (flg >>> 6 !== 1) throw invalid(`Version ${flg >>> 6} is unsupported`)
    if ((bd & 0b1000_1111) !== 0) throw invalid('Reserved bits of the block descriptor must be 0')
    const blockSize = bd >>> 4
    if (blockSize < 4) throw invalid('Block size value must be between 4 and 7')
    this.maxBlockSize = 1 << (2 * blockSize + 8)
    this.hasBlockChecksums = (flg & 0b1_0000) !== 0
    this.hasContentChecksum = (flg & 0b100) !== 0
    // The plain size is a claim that nobody needs.
    const end = (flg & 0b1000) === 0 ? 6 : 14
    if (bytes.length <= end) throw invalid(PREMATURE_EOS)
    if (bytes[end] !== lz4HeaderChecksum(bytes, 4, end)) throw invalid(DESCRIPTOR_HASH_MISMATCH)
    return end + 1
  }

  private uint32(at: number): number {
    if (at + 4 > this.bytes.length) throw invalid(PREMATURE_EOS)
    return this.view.getUint32(at, true)
  }
}

const invalid = (what: string): InvalidRecordException => new InvalidRecordException(`lz4: ${what}`)
