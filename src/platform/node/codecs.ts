/** Native codecs, synchronous: a simulated run must not wait for a thread pool. */

import { gunzipSync, gzipSync } from 'node:zlib'

const plain = (b: Uint8Array): Uint8Array => new Uint8Array(b.buffer, b.byteOffset, b.byteLength)

/** `level` 1 (fastest) to 9 (smallest); -1 is zlib's own default. */
export const gzip = (bytes: Uint8Array, level: number): Uint8Array =>
  plain(gzipSync(bytes, { level }))

/** Throws a `RangeError` when the result would be larger than `maxLength` bytes. */
export const gunzip = (bytes: Uint8Array, maxLength: number): Uint8Array =>
  plain(gunzipSync(bytes, { maxOutputLength: maxLength }))
