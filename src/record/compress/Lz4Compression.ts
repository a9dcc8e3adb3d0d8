/**
 * lz4: the codec that costs the least time per byte.
 *
 * Level 9 is the default and the fast way, whatever its number says; every other level looks for
 * longer copies (`Lz4HighCompressor`).
 *
 * The tables of a compressor, and the room that it writes into, are made at the first batch and
 * used for all that follow: new ones for each would cost as much as the compressing. A block is
 * done in one go, so any number of batches can be open at once.
 *
 * @kafka org.apache.kafka.common.compress.Lz4Compression
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { CompressionType } from '../CompressionType.ts'
import type { Codec, RecordOutputStream } from './Codec.ts'
import { compressLz4Block, maxLz4Length, newLz4Table } from './Lz4Block.ts'
import { Lz4BlockInputStream } from './Lz4BlockInputStream.ts'
import { type Lz4BlockCompressor, Lz4BlockOutputStream } from './Lz4BlockOutputStream.ts'
import { Lz4HighCompressor } from './Lz4HighCompressor.ts'

export class Lz4Compression implements Codec {
  readonly type = CompressionType.LZ4
  /** 1 to 17; 9 is the fast one. */
  readonly level: number
  private compressor: Lz4BlockCompressor | undefined

  /** @throws IllegalArgumentException when lz4 has no such level */
  constructor(level: number = CompressionType.LZ4.defaultLevel()) {
    if (!CompressionType.LZ4.isLevel(level)) {
      throw new IllegalArgumentException(
        `lz4 doesn't support given compression level: ${level}, ` +
          `it is ${CompressionType.LZ4.levelRange()}`,
      )
    }
    this.level = level
  }

  wrapForOutput(stream: ByteBufferOutputStream): RecordOutputStream {
    this.compressor ??= blockCompressor(this.level)
    return new Lz4BlockOutputStream(stream, this.compressor)
  }

  wrapForInput(bytes: Uint8Array, maxSize: number): Uint8Array {
    return new Lz4BlockInputStream(bytes, maxSize).readAll()
  }
}

const blockCompressor = (level: number): Lz4BlockCompressor => {
  const compress = level === CompressionType.LZ4.defaultLevel() ? fast() : high(level)
  let out = ByteBuffer.allocate(0)
  return (plain, from, to) => {
    const most = maxLz4Length(to - from)
    if (out.capacity < most) out = ByteBuffer.allocate(most)
    return out.bytes.subarray(0, compress(plain, from, to, out))
  }
}

/** Returns how many bytes of `out` were written. */
type Compress = (plain: ByteBuffer, from: number, to: number, out: ByteBuffer) => number

const fast = (): Compress => {
  const table = newLz4Table()
  return (plain, from, to, out) => compressLz4Block(plain, from, to, out, table)
}

const high = (level: number): Compress => {
  const compressor = new Lz4HighCompressor(level)
  return (plain, from, to, out) => compressor.compress(plain, from, to, out)
}
