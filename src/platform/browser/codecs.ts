/**
 * Codecs for a page: fflate, because the browser's own `CompressionStream` cannot be called
 * synchronously.
 *
 * A gzip member ends with the CRC of its plain bytes and their number. fflate looks at neither. The
 * number is checked here, since it shows what was cut off; the CRC is not: a record batch has one
 * of its own around all of it.
 */

import { Gunzip, gzipSync } from 'fflate'

type Level = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** Bytes inflated between two looks at the limit: they become at most 1032 times as many. */
const STEP = 4096
/** Header and trailer of a member, and the two bytes that nothing deflates to. */
const SMALLEST_MEMBER = 20

/**
 * `level` 1 (fastest) to 9 (smallest); -1 is zlib's own default, 6.
 *
 * The same bytes give the same result whenever it is asked for: no time is written.
 */
export const gzip = (bytes: Uint8Array, level: number): Uint8Array =>
  gzipSync(bytes, { level: (level === -1 ? 6 : level) as Level, mtime: 0 })

/** Throws a `RangeError` when the result would be larger than `maxLength` bytes. */
export const gunzip = (bytes: Uint8Array, maxLength: number): Uint8Array => {
  if (bytes.length < SMALLEST_MEMBER) throw new Error('unexpected end of gzip data')
  const chunks: Uint8Array[] = []
  let length = 0
  // Several members one after the other are one gzip file; each tells its own length.
  let memberStart = 0
  const stream = new Gunzip((chunk) => {
    length += chunk.length
    if (length > maxLength) throw new RangeError(`more than ${maxLength} bytes after gunzip`)
    chunks.push(chunk)
  })
  stream.onmember = () => {
    memberStart = length
  }
  for (let at = 0; at < bytes.length; at += STEP) {
    stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
  }
  if ((length - memberStart) >>> 0 !== lastInt(bytes)) throw new Error('incorrect length check')
  return joined(chunks, length)
}

/** The last four bytes, lowest first: a member's length, modulo 2^32. */
const lastInt = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)

const joined = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  const out = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}
