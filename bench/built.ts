/**
 * The code that is measured, as JavaScript in a folder of its own.
 *
 * Types are blanked out and nothing else is changed, so it is the code that is packed. Done once,
 * before anything runs: no contender carries a compiler in its memory, all start fast, and a file
 * that is edited meanwhile changes no round.
 *
 * The folder is below `node_modules`, where the packages that the code imports are found.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import tsBlankSpace from 'ts-blank-space'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const asJavaScript = (typescript: string): string =>
  tsBlankSpace(typescript)
    .replace(/(from |import |import\()'(\.[^']*)\.ts'/g, "$1'$2.js'")
    .replace(/(new URL\('[^']*)\.ts'/g, "$1.js'")

/** Writes `src/` and `bench/` as JavaScript; returns the folder, which the caller deletes. */
export const buildForBench = (): string => {
  const parent = join(ROOT, 'node_modules/.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(join(parent, 'bench-'))
  const imports = { '#platform': './src/platform/node/index.js' }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', imports }))
  for (const top of ['src', 'bench']) {
    for (const entry of readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
      const source = join(entry.parentPath, entry.name)
      const target = join(folder, source.slice(ROOT.length).replace(/\.ts$/, '.js'))
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, asJavaScript(readFileSync(source, 'utf8')))
    }
  }
  return folder
}
