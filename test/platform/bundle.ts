/**
 * A module as a page would load it: bundled by Vite for a browser, and run in a context that has
 * what a page has and nothing of Node's.
 */

import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface Bundle {
  readonly code: string
  /** What it still asks for from outside. */
  readonly imports: readonly string[]
}

/** The bundle of `entry`, a script whose exports become those of the global `name`. */
export const bundleForPage = async (entry: string, name: string): Promise<Bundle> => {
  const built = await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name } },
  })
  const [output] = [built].flat()
  if (output === undefined || !('output' in output)) throw new Error('Vite gave no bundle')
  const [chunk] = output.output
  // A script of one file holds what it would import later too, and names itself for it.
  const imports = [...chunk.imports, ...chunk.dynamicImports]
  return { code: chunk.code, imports: imports.filter((name) => name !== chunk.fileName) }
}

/**
 * The encoder comes from outside and would give arrays of the classes outside, which are no
 * `Uint8Array` in the page.
 */
const OWN_ARRAYS = `
TextEncoder = class extends TextEncoder {
  encode(text) {
    return new Uint8Array(super.encode(text))
  }
}`

/** Runs a script in a page of its own and returns the value of `expression` there. */
export const runInPage = (script: string, expression: string): unknown => {
  // Whatever else the script asks for is a `ReferenceError`, as it is in a page.
  const page = createContext({
    AbortController,
    MessageChannel,
    TextDecoder,
    TextEncoder,
    clearTimeout,
    console,
    crypto,
    performance,
    queueMicrotask,
    setTimeout,
  })
  runInContext(OWN_ARRAYS, page)
  runInContext(script, page)
  return runInContext(expression, page)
}
