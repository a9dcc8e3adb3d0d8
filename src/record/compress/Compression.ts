/**
 * Which codecs there are to write and read batches with: all that Kafka has.
 *
 *     none    the bytes as they are
 *     gzip    small; slow to write                 the platform's, at close
 *     snappy  fast                                 our own, in blocks of 32 KiB
 *     lz4     fastest                              our own, in blocks of 64 KiB
 *     zstd    small and fast                       the platform's, at close
 *
 * A codec is made with its level, once for a producer: it keeps the tables that it works with.
 *
 * @kafka org.apache.kafka.common.compress.Compression
 * @simplified no builders: a level is the one parameter that any codec has.
 */

import { type CompressionName, CompressionType } from '../CompressionType.ts'
import type { Codec } from './Codec.ts'
import { GzipCompression } from './GzipCompression.ts'
import { Lz4Compression } from './Lz4Compression.ts'
import { NoCompression } from './NoCompression.ts'
import { SnappyCompression } from './SnappyCompression.ts'
import { ZstdCompression } from './ZstdCompression.ts'

/** A codec with its level: what `MemoryRecordsBuilder` compresses with. */
export type Compression = Codec

/** A level for each codec that has them. */
export interface CompressionLevels {
  readonly gzip: number
  readonly lz4: number
  readonly zstd: number
}

const NONE: Codec = new NoCompression()
const GZIP: Codec = new GzipCompression()

export const Compression = {
  NONE,

  /** @param level 1 to 9, or -1 (default) for zlib's own choice */
  gzip(level?: number): Compression {
    return level === undefined ? GZIP : new GzipCompression(level)
  },

  snappy(): Compression {
    return new SnappyCompression()
  },

  /** @param level 1 to 17; 9 (default) is the fast one */
  lz4(level?: number): Compression {
    return new Lz4Compression(level)
  },

  /**
   * @param level -131072 to 22; default 3
   * @throws UnsupportedCompressionTypeException in a page that has not awaited `loadZstd`
   */
  zstd(level?: number): Compression {
    return new ZstdCompression(level)
  },

  /**
   * The codec of a type or a name, at its default level.
   *
   * @throws IllegalArgumentException for a name that Kafka does not know
   */
  of(which: CompressionType | CompressionName): Compression {
    const type = typeof which === 'string' ? CompressionType.forName(which) : which
    switch (type) {
      case CompressionType.GZIP:
        return GZIP
      case CompressionType.SNAPPY:
        return new SnappyCompression()
      case CompressionType.LZ4:
        return new Lz4Compression()
      case CompressionType.ZSTD:
        return new ZstdCompression()
      default:
        return NONE
    }
  },

  /**
   * The codec of a name at a level of one's own: what the settings `compression.type` and
   * `compression.<name>.level` say together. Codecs without levels ignore it.
   */
  ofLevel(name: CompressionName, levels: CompressionLevels): Compression {
    switch (name) {
      case 'gzip':
        return new GzipCompression(levels.gzip)
      case 'lz4':
        return new Lz4Compression(levels.lz4)
      case 'zstd':
        return new ZstdCompression(levels.zstd)
      default:
        return Compression.of(name)
    }
  },
} as const
