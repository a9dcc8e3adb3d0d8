/**
 * gzip (RFC 1952), by the platform's own zlib.
 *
 * The stream holds the plain records and compresses them in one call at close: there is no
 * synchronous streaming gzip on Node 20.
 *
 * @kafka org.apache.kafka.common.compress.GzipCompression
 * @simplified the compressed bytes differ from Java's (the header's operating system, the block
 *   splits); the plain bytes do not.
 */

import { gunzip, gzip } from '#platform'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { InvalidRecordException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { CompressionType } from '../CompressionType.ts'
import type { Codec, RecordOutputStream } from './Codec.ts'
import { HeldOutputStream } from './HeldOutputStream.ts'

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
    return new HeldOutputStream(stream, (plain) => gzip(plain, this.level))
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
