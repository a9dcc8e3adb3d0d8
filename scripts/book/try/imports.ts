/**
 * Which modules of the repository load which, as far as the text says.
 *
 * I1  Only what is loaded counts: `import type` is gone when the program runs.
 * I2  A module that computes what it imports could load anything, so it counts as loading all.
 */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import ts from 'typescript'
import { ROOT } from '../chapters.ts'

const PLATFORM = resolve(ROOT, 'src/platform/node/index.ts')

export class Imports {
  private readonly known = new Map<string, { files: readonly string[]; computes: boolean }>()
  private readonly answers = new Map<string, boolean>()

  /** Whether loading `file` loads one of `targets`; absolute paths. */
  reaches(file: string, targets: readonly string[]): boolean {
    const key = `${file} → ${targets.join(' ')}`
    const answer = this.answers.get(key) ?? this.search(file, new Set(targets))
    this.answers.set(key, answer)
    return answer
  }

  /** What `file` loads itself. */
  direct(file: string): readonly string[] {
    return this.importsOf(file).files
  }

  private search(start: string, targets: ReadonlySet<string>): boolean {
    const seen = new Set([start])
    // Files that are found on the way are looked at after it was begun: the set grows.
    for (const file of seen) {
      if (targets.has(file)) return true
      const { files, computes } = this.importsOf(file)
      if (computes) return true
      for (const each of files) seen.add(each)
    }
    return false
  }

  private importsOf(file: string): { files: readonly string[]; computes: boolean } {
    const known = this.known.get(file)
    if (known !== undefined) return known
    const found = /\.[cm]?[jt]s$/.test(file) && existsSync(file) ? importsIn(file) : NONE
    this.known.set(file, found)
    return found
  }
}

const NONE = { files: [], computes: false }

const importsIn = (file: string): { files: readonly string[]; computes: boolean } => {
  const text = readFileSync(file, 'utf8').replace(
    /^(?:import|export) type [^'"]*? from ['"][^'"]*['"]/gm,
    '',
  )
  const files = ts.preProcessFile(text, true, true).importedFiles.flatMap(({ fileName }) => {
    if (fileName === '#platform') return [PLATFORM]
    return fileName.startsWith('.') ? [resolve(dirname(file), fileName)] : []
  })
  return { files, computes: /\bimport\(\s*(?!['"\s])/.test(text) }
}
