/**
 * Text to UTF-8 and back, fast for what most texts in Kafka are: short and plain ASCII.
 *
 * Topic names, client ids, keys: some twenty characters below 128, where a loop over the characters
 * beats the call into the platform's codec. A text that turns out to be longer, or to be anything
 * else, is the platform's.
 *
 * Half of a surrogate pair has no UTF-8: it becomes U+FFFD (Java writes `?`).
 */

import { decodeUtf8, encodeUtf8, encodeUtf8Into } from '#platform'

/**
 * Longer texts are cheaper to hand over to the platform than to loop over (measured on Node 20).
 */
const SHORT_WRITE = 40
const SHORT_READ = 20

/** Bytes that `text` takes. */
export const utf8Length = (text: string): number => {
  const { length } = text
  let bytes = length
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) {
      bytes += 1
    } else {
      bytes += 2
      // A pair is four bytes from two units: the second one adds nothing.
      if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++
    }
  }
  return bytes
}

/**
 * Writes `text` into `bytes` from `offset` on, and returns the bytes written.
 *
 * The caller made sure that `utf8Length(text)` bytes fit.
 */
export const utf8Write = (text: string, bytes: Uint8Array, offset: number): number => {
  const { length } = text
  if (length > SHORT_WRITE) return encodeUtf8Into(text, bytes, offset)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return encodeUtf8Into(text, bytes, offset)
    bytes[offset + i] = unit
  }
  return length
}

/** The bytes of `text`, in an array of their own. */
export const utf8Bytes = (text: string): Uint8Array => {
  const { length } = text
  if (length > SHORT_WRITE) return encodeUtf8(text)
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) return encodeUtf8(text)
    bytes[i] = unit
  }
  return bytes
}

/** The text in `bytes[start, end)`; malformed input gives U+FFFD, as in Java. */
export const utf8Read = (bytes: Uint8Array, start: number, end: number): string => {
  if (end - start > SHORT_READ) return decodeUtf8(bytes, start, end)
  let text = ''
  let i = start
  // Four at a time: each `+=` makes a string.
  for (; i + 4 <= end; i += 4) {
    const a = bytes[i]!
    const b = bytes[i + 1]!
    const c = bytes[i + 2]!
    const d = bytes[i + 3]!
    if ((a | b | c | d) >= 0x80) return decodeUtf8(bytes, start, end)
    text += String.fromCharCode(a, b, c, d)
  }
  for (; i < end; i++) {
    if (bytes[i]! >= 0x80) return decodeUtf8(bytes, start, end)
    text += String.fromCharCode(bytes[i]!)
  }
  return text
}
