/** UTF-8 on Node, where `Buffer` is faster than `TextDecoder` for short texts. */

const encoder = new TextEncoder()

/**
 * Decodes `bytes[start, end)`; malformed input gives U+FFFD, as in Java's `new String(bytes,
 * UTF_8)`.
 */
export const decodeUtf8 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')

/**
 * Three to four times as fast as `TextEncoder.encode` for short texts: `Buffer` takes memory from a
 * pool.
 */
export const encodeUtf8 = (text: string): Uint8Array => {
  const bytes = Buffer.from(text, 'utf8')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Encodes into `bytes` from `offset` on; returns the bytes written. The caller made sure that it
 * fits.
 */
export const encodeUtf8Into = (text: string, bytes: Uint8Array, offset: number): number =>
  encoder.encodeInto(text, bytes.subarray(offset)).written
