/**
 * zstd in a page, as WebAssembly: 80 kB that only those pages load which ask for it.
 *
 * It has to come over the network, which cannot be done in the middle of a send. So a page that
 * wants zstd awaits `loadZstd` before it starts, and everything after that is synchronous.
 */

type ZstdModule = typeof import('@bokuweb/zstd-wasm')

/** What was loaded, as the page's own cache of modules has it: code, not state. */
const loaded: { module?: ZstdModule } = {}

/** Brings the codec into this page; a second call brings nothing new. */
export const loadZstd = async (): Promise<void> => {
  const module = await import('@bokuweb/zstd-wasm')
  if (loaded.module === undefined) await module.init()
  loaded.module = module
}

/** Whether `zstdCompress` and `zstdDecompress` can be called. */
export const zstdIsLoaded = (): boolean => loaded.module !== undefined

const codec = (): ZstdModule => {
  if (loaded.module === undefined) throw new Error('zstd is not loaded: await loadZstd() first')
  return loaded.module
}

/** `level` -131072 (fastest) to 22 (smallest). */
export const zstdCompress = (bytes: Uint8Array, level: number): Uint8Array =>
  codec().compress(bytes, level)

/**
 * The plain bytes of one frame; an error when it is broken, or holds more than `maxLength` bytes.
 *
 * A frame that says how much it holds must say no more than `maxLength`: that was checked before.
 */
export const zstdDecompress = (frame: Uint8Array, maxLength: number): Uint8Array =>
  codec().decompress(frame, { defaultHeapSize: maxLength })
