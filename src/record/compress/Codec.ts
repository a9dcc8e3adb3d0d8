/**
 * A codec, in the shape of a stream on a stream.
 *
 *     DefaultRecord.writeTo ─► RecordOutputStream ─► ByteBufferOutputStream (the batch)
 *                               none: the same bytes, in place
 *                               snappy, lz4: compresses block by block
 *                               gzip, zstd: holds them, and compresses at close
 *
 * Only the records are compressed; the batch header in front of them is not. The encoder does not
 * know which codec it writes through: it asks the stream for room, takes the stream's buffer, and
 * writes into it. Without a codec that buffer is the batch itself, so nothing is copied.
 *
 * These are the two interfaces; `Compression.ts` hands out what implements them.
 *
 * @kafka org.apache.kafka.common.compress.Compression
 * @simplified `wrapForInput` gives all bytes at once instead of a stream, because neither Node nor
 *   a page has synchronous streaming decoders for every codec. What that could cost is bounded by
 *   `maxSize`.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import type { CompressionType } from '../CompressionType.ts'

/** Where encoded records go. */
export interface RecordOutputStream {
  /**
   * What to write into, from its position on. After `ensureRemaining` it may be another: ask again.
   */
  buffer(): ByteBuffer
  /** After this, `bytes` bytes can be written into `buffer()`. */
  ensureRemaining(bytes: number): void
  /** Brings everything into the batch and lets go of what was held. */
  close(): void
}

export interface Codec {
  readonly type: CompressionType
  /** A stream whose bytes end in `stream`, compressed. */
  wrapForOutput(stream: ByteBufferOutputStream): RecordOutputStream
  /**
   * The plain bytes of `bytes`; without a codec, the same array.
   *
   * @param maxSize plain bytes at most
   * @throws InvalidRecordException when the bytes do not follow the codec or are more than
   *   `maxSize`
   */
  wrapForInput(bytes: Uint8Array, maxSize: number): Uint8Array
}
