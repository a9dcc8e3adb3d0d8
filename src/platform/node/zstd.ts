/**
 * zstd on Node, synchronous: `node:zlib` has it from 22.15 and 23.8 on; before that it runs as
 * WebAssembly.
 *
 * The package with the WebAssembly can only be awaited. A codec cannot: a simulated run must not
 * wait for anything real, and a batch is closed in the middle of a send. So the module is made here
 * in one call, through the hook that Emscripten has for this, when zstd is first used. It costs a
 * few milliseconds and is done once in a process; a program that uses no zstd never reads the file.
 *
 * The memory of WebAssembly grows with the largest batch, and stays.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as zlib from 'node:zlib'

/** What newer versions of `node:zlib` have; the types are those of Node 20. */
interface NodeZstd {
  zstdCompressSync(bytes: Uint8Array, options: { params: Record<number, number> }): Uint8Array
  zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array
  readonly constants: { readonly ZSTD_c_compressionLevel: number }
}

interface WasmZstd {
  compress(bytes: Uint8Array, level: number): Uint8Array
  /** `defaultHeapSize` is the room for a frame that does not say how much it holds. */
  decompress(frame: Uint8Array, options: { defaultHeapSize: number }): Uint8Array
}

/** Emscripten's module, before and after it was started. */
interface EmscriptenModule {
  calledRun?: boolean
  instantiateWasm?: (imports: object, receive: (instance: object) => void) => object
  init(): void
}

/** The little of WebAssembly that is used; the types of Node 20 do not speak of it. */
interface Engine {
  Module: new (code: Uint8Array) => object
  Instance: new (module: object, imports: object) => object
}

const require = createRequire(import.meta.url)
const { WebAssembly: engine } = globalThis as unknown as { WebAssembly: Engine }

const hasNative = 'zstdCompressSync' in zlib
const native = zlib as unknown as NodeZstd

const wasm = (): WasmZstd => {
  const entry = require.resolve('@bokuweb/zstd-wasm')
  const { Module } = require(join(dirname(entry), 'module.js')) as { Module: EmscriptenModule }
  if (Module.calledRun !== true) {
    Module.instantiateWasm = (imports, receive) => {
      const code = new engine.Module(readFileSync(join(dirname(entry), 'zstd.wasm')))
      receive(new engine.Instance(code, imports))
      return {}
    }
    Module.init()
  }
  return require(entry) as WasmZstd
}

const plain = (b: Uint8Array): Uint8Array => new Uint8Array(b.buffer, b.byteOffset, b.byteLength)

/** On Node zstd is always there. */
export const loadZstd = (): Promise<void> => Promise.resolve()

/** Whether `zstdCompress` and `zstdDecompress` can be called: always, on Node. */
export const zstdIsLoaded = (): boolean => true

/** `level` -131072 (fastest) to 22 (smallest). */
export const zstdCompress = (bytes: Uint8Array, level: number): Uint8Array => {
  if (!hasNative) return wasm().compress(bytes, level)
  const params = { [native.constants.ZSTD_c_compressionLevel]: level }
  return plain(native.zstdCompressSync(bytes, { params }))
}

/**
 * The plain bytes of one frame; an error when it is broken, or holds more than `maxLength` bytes.
 *
 * A frame that says how much it holds must say no more than `maxLength`: that was checked before.
 */
export const zstdDecompress = (frame: Uint8Array, maxLength: number): Uint8Array =>
  hasNative
    ? plain(native.zstdDecompressSync(frame, { maxOutputLength: maxLength }))
    : wasm().decompress(frame, { defaultHeapSize: maxLength })
