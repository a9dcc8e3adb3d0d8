/**
 * Codecs for a page: fflate, because the browser's own `CompressionStream` cannot be called
 * synchronously.
 */

import { Gunzip, gzipSync } from 'fflate'

type Level = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** `level` 1 (fastest) to 9 (smallest); -1 is zlib's own default, 6. */
export const gzip = (bytes: Uint8Array, level: number): Uint8Array =>
  gzipSync(bytes, { level: (level === -1 ? 6 : level) as Level })

/** Throws a `RangeError` when the result would be larger than `maxLength` bytes. */
export const gunzip = (bytes: Uint8Array, maxLength: number): Uint8Array => {
  const chunks: Uint8Array[] = []
  let length = 0
  let ended = false
  const stream = new Gunzip((chunk, final) => {
    length += chunk.length
    if (length > maxLength) throw new RangeError(`more than ${maxLength} bytes after gunzip`)
    chunks.push(chunk)
    ended = final
  })
  // Small steps bound what one step can inflate to before the limit is looked at.
  for (let at = 0; at < bytes.length; at += STEP) {
    stream.push(bytes.subarray(at, at + STEP), at + STEP >= bytes.length)
  }
  if (!ended) throw new Error('unexpected end of gzip data')
  const out = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}

const STEP = 4096
