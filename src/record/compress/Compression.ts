/**
 * Which codecs there are to write and read batches with: `none` and `gzip`.
 *
 * Kafka's other three are known by number and name (`CompressionType`), so a batch that uses one is
 * refused by name instead of being taken for rubbish.
 *
 * @kafka org.apache.kafka.common.compress.Compression
 * @simplified no builders: a level is the one parameter that any codec has. snappy, lz4 and zstd
 *   are refused with `UnsupportedCompressionTypeException`.
 */

import { UnsupportedCompressionTypeException } from '../../common/errors/ApiExceptions.ts'
import { type CompressionName, CompressionType } from '../CompressionType.ts'
import type { Codec } from './Codec.ts'
import { GzipCompression } from './GzipCompression.ts'
import { NoCompression } from './NoCompression.ts'

/** A codec with its level: what `MemoryRecordsBuilder` compresses with. */
export type Compression = Codec

const NONE: Codec = new NoCompression()
const GZIP: Codec = new GzipCompression()

export const Compression = {
  /** It has no state: all batches share it. */
  NONE,

  /** @param level 1 to 9, or -1 (default) for zlib's own choice */
  gzip(level?: number): Compression {
    return level === undefined ? GZIP : new GzipCompression(level)
  },

  /**
   * The codec of a type or a name, at its default level.
   *
   * @throws UnsupportedCompressionTypeException for a codec of Kafka's that is not built in
   * @throws IllegalArgumentException for a name that Kafka does not know
   */
  of(which: CompressionType | CompressionName): Compression {
    const type = typeof which === 'string' ? CompressionType.forName(which) : which
    if (type === CompressionType.NONE) return NONE
    if (type === CompressionType.GZIP) return GZIP
    throw new UnsupportedCompressionTypeException(
      `The codec ${type.name} (id ${type.id}) is not built in: write with 'none' or 'gzip'`,
    )
  },
} as const
