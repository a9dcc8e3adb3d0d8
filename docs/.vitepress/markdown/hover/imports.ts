/**
 * What the types of a file can depend on: the file itself, all that it imports, and so on.
 *
 * I1  Two states of the repository with the same `keyOf(file)` give the file the same types and the
 *     same lines of what it names. (The package lock stands for TypeScript and the libraries.)
 */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'

interface Known {
  readonly changedMs: number
  readonly hash: string
  /** From the root. */
  readonly imports: readonly string[]
}

const sha = (text: string): string => createHash('sha256').update(text).digest('base64url')

export class Imports {
  private readonly root: string
  private readonly files = new Map<string, Known>()
  private readonly subpaths: Readonly<Record<string, string>>

  constructor(root: string) {
    this.root = root
    this.subpaths = subpathsOf(join(root, 'package.json'))
  }

  /** @param path from the root */
  keyOf(path: string): string {
    const parts = [...this.closure(path)].sort().map((one) => `${one} ${this.read(one).hash}`)
    for (const file of ['tsconfig.json', 'package-lock.json']) parts.push(this.hashOf(file))
    return sha(parts.join('\n'))
  }

  private closure(path: string): Set<string> {
    const found = new Set([path])
    // A set gives what is added while it is walked over.
    for (const one of found) for (const imported of this.read(one).imports) found.add(imported)
    return found
  }

  private hashOf(path: string): string {
    const file = join(this.root, path)
    return existsSync(file) ? sha(readFileSync(file, 'utf8')) : ''
  }

  private read(path: string): Known {
    const file = join(this.root, path)
    const changedMs = statSync(file).mtimeMs
    const known = this.files.get(path)
    if (known?.changedMs === changedMs) return known
    const text = readFileSync(file, 'utf8')
    const imports = ts
      .preProcessFile(text, true, true)
      .importedFiles.map(({ fileName }) => this.resolve(path, fileName))
      .filter((one) => one !== null)
    const read = { changedMs, hash: sha(text), imports }
    this.files.set(path, read)
    return read
  }

  /** `null`: a library, which the package lock names. */
  private resolve(from: string, name: string): string | null {
    const file = name.startsWith('.') ? join(this.root, from, '..', name) : this.subpaths[name]
    return file !== undefined && existsSync(file) ? relative(this.root, file) : null
  }
}

/** `#platform`: TypeScript takes what stands for `default`. */
const subpathsOf = (manifest: string): Record<string, string> => {
  if (!existsSync(manifest)) return {}
  const { imports = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    imports?: Record<string, string | Record<string, string>>
  }
  const fallback = (to: string | Record<string, string>): string | undefined =>
    typeof to === 'string' ? to : to['default']
  return Object.fromEntries(
    Object.entries(imports).flatMap(([name, to]) => {
      const path = fallback(to)
      return path === undefined ? [] : [[name, join(manifest, '..', path)]]
    }),
  )
}
