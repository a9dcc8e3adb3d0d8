/** UTF-8 in a page. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Decodes `bytes[start, end)`; malformed input gives U+FFFD. */
export const decodeUtf8 = (bytes: Uint8Array, start: number, end: number): string =>
  decoder.decode(bytes.subarray(start, end))

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text)

/**
 * Encodes into `bytes` from `offset` on; returns the bytes written. The caller made sure that it
 * fits.
 */
export const encodeUtf8Into = (text: string, bytes: Uint8Array, offset: number): number =>
  encoder.encodeInto(text, bytes.subarray(offset)).written
