/** Node's side of `#platform`; the contract stands in `../primitives.ts`. */

export { gunzip, gzip } from './codecs.ts'
export { diagnosticsChannel, writeLogLine } from './diagnostics.ts'
export { files } from './files.ts'
export { connectTcp, listenTcp } from './sockets.ts'
export { decodeUtf8, encodeUtf8, encodeUtf8Into } from './text.ts'
export {
  clearTimer,
  macrotask,
  monotonicMs,
  randomBytes,
  setMacrotask,
  setTimer,
  wallClockMs,
} from './timers.ts'
export { loadZstd, zstdCompress, zstdDecompress, zstdIsLoaded } from './zstd.ts'
