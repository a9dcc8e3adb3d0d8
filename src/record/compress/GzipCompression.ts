/**
 * gzip (RFC 1952), by the platform's own zlib.
 *
 * The stream holds the plain records and compresses them in one call at close: there is no
 * synchronous streaming gzip on Node 20, and a simulated run must not wait for a thread pool. The
 * held buffer doubles when it is full, so a batch of n bytes costs less than 2n bytes of copying.
 *
 * I1  Nothing reaches the batch before `close`; after `close` nothing is held.
 *
 * @kafka org.apache.kafka.common.compress.GzipCompression
 * @simplified Java deflates while records arrive and holds 16 KiB at most. The compressed bytes
 *   differ from Java's (the header's operating system, the block splits); the plain bytes do not.
 */

import { gunzip, gzip } from '#platform'
import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import { CompressionType } from '../CompressionType.ts'
import type { Codec, RecordOutputStream } from './Codec.ts'

/** Bytes held before the first growth: what Java buffers in front of its deflater. */
const FIRST_BUFFER_SIZE = 16 * 1024

export class GzipCompression implements Codec {
  readonly type = CompressionType.GZIP
  /** 1 (fast) to 9 (small), or -1: zlib's own choice, which is 6. */
  readonly level: number

  /** @throws IllegalArgumentException when gzip has no such level */
  constructor(level: number = CompressionType.GZIP.defaultLevel()) {
    if (!CompressionType.GZIP.isLevel(level)) {
      throw new IllegalArgumentException(
        `gzip doesn't support given compression level: ${level}, ` +
          `it is ${CompressionType.GZIP.levelRange()}`,
      )
    }
    this.level = level
  }

  wrapForOutput(stream: ByteBufferOutputStream): RecordOutputStream {
    return new GzipOutputStream(stream, this.level)
  }

  wrapForInput(bytes: Uint8Array, maxSize: number): Uint8Array {
    try {
      return gunzip(bytes, maxSize)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new InvalidRecordException(
        `Failed to decompress ${bytes.length} bytes of gzip into at most ${maxSize}: ${why}`,
        { cause },
      )
    }
  }
}

/**
 * Holds plain records until `close`.
 *
 * @kafka org.apache.kafka.common.compress.GzipOutputStream
 */
class GzipOutputStream implements RecordOutputStream {
  private readonly target: ByteBufferOutputStream
  private readonly level: number
  private held: ByteBufferOutputStream | null = new ByteBufferOutputStream(FIRST_BUFFER_SIZE)

  constructor(target: ByteBufferOutputStream, level: number) {
    this.target = target
    this.level = level
  }

  buffer(): ByteBuffer {
    return this.open().buffer()
  }

  ensureRemaining(bytes: number): void {
    const held = this.open()
    if (held.remaining() < bytes) held.ensureRemaining(Math.max(bytes, held.limit()))
  }

  close(): void {
    if (this.held === null) return
    const plain = this.held.buffer()
    this.held = null
    this.target.writeBytes(gzip(plain.bytes.subarray(0, plain.position), this.level))
  }

  private open(): ByteBufferOutputStream {
    if (this.held === null) throw new IllegalStateException('This gzip stream was closed')
    return this.held
  }
}
