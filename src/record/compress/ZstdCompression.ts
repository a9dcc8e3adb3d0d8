/**
 * zstd: the codec that makes the smallest batches for the time it takes.
 *
 * The coder itself is the platform's: Node's own where it has one, else WebAssembly. The stream
 * holds what is written and compresses at close. Frames are measured here before a decoder sees
 * them (`ZstdFrame.ts`), so no number from the wire decides how much memory is taken.
 *
 * In a page the coder must be loaded first (`loadZstd`): it weighs as much as all the rest, and
 * only those who use zstd should carry it. On Node it is always there.
 *
 * @kafka org.apache.kafka.common.compress.ZstdCompression
 * @simplified holds a whole batch; Java compresses while records arrive.
 */

import * as platform from '#platform'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import {
  InvalidRecordException,
  UnsupportedCompressionTypeException,
} from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { CompressionType } from '../CompressionType.ts'
import type { Codec, RecordOutputStream } from './Codec.ts'
import { HeldOutputStream } from './HeldOutputStream.ts'
import { type ZstdFrame, zstdFrames } from './ZstdFrame.ts'

/**
 * Brings zstd into a page. Await it before the first producer, consumer or broker there that may
 * meet zstd: everything after it is synchronous. On Node zstd is always there, and this does
 * nothing.
 */
export const loadZstd = (): Promise<void> => platform.loadZstd()

export class ZstdCompression implements Codec {
  readonly type = CompressionType.ZSTD
  /** -131072 (fast) to 22 (small); 3 by default. */
  readonly level: number

  /**
   * @throws IllegalArgumentException when zstd has no such level
   * @throws UnsupportedCompressionTypeException in a page that has not loaded it
   */
  constructor(level: number = CompressionType.ZSTD.defaultLevel()) {
    if (!CompressionType.ZSTD.isLevel(level)) {
      throw new IllegalArgumentException(
        `zstd doesn't support given compression level: ${level}, ` +
          `it is ${CompressionType.ZSTD.levelRange()}`,
      )
    }
    if (!platform.zstdIsLoaded()) {
      throw new UnsupportedCompressionTypeException(
        'zstd is not loaded in this page: await loadZstd() before the first batch',
      )
    }
    this.level = level
  }

  wrapForOutput(stream: ByteBufferOutputStream): RecordOutputStream {
    return new HeldOutputStream(stream, (plain) => platform.zstdCompress(plain, this.level))
  }

  wrapForInput(bytes: Uint8Array, maxSize: number): Uint8Array {
    const frames = zstdFrames(bytes)
    if (frames.length === 0) throw new InvalidRecordException('zstd: there is no frame')
    const parts: Uint8Array[] = []
    let length = 0
    for (const frame of frames) {
      const part = this.decompress(bytes, frame, maxSize - length)
      parts.push(part)
      length += part.length
    }
    return parts.length === 1 ? parts[0]! : joined(parts, length)
  }

  private decompress(bytes: Uint8Array, frame: ZstdFrame, maxSize: number): Uint8Array {
    const { from, to, plainSize, plainBound } = frame
    const said = plainSize ?? Math.min(plainBound, maxSize)
    if (said > maxSize) throw tooLarge(to - from, maxSize, `the frame says ${said}`)
    if (said === 0 && plainBound === 0) return new Uint8Array(0)
    try {
      // Node's decoder does not take a limit of 0.
      const plain = platform.zstdDecompress(bytes.subarray(from, to), Math.max(said, 1))
      if (plain.length <= maxSize) return plain
    } catch (cause) {
      throw tooLarge(to - from, maxSize, cause instanceof Error ? cause.message : String(cause))
    }
    throw tooLarge(to - from, maxSize, 'there is more')
  }
}

const tooLarge = (size: number, maxSize: number, why: string): InvalidRecordException =>
  new InvalidRecordException(
    `Failed to decompress ${size} bytes of zstd into at most ${maxSize}: ${why}`,
  )

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const all = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
