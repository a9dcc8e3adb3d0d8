/**
 * What the types of a file can depend on: the file itself, all that it imports, and so on.
 *
 * I1  Two states of the repository with the same `keyOf(file)` give the file the same types and the
 *     same lines of what it names. (The package lock stands for TypeScript and the libraries.)
 */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { OfText } from '../../../../scripts/book/files.ts'

interface Known {
  readonly hash: string
  /** From the root. */
  readonly imports: readonly string[]
}

const sha = (text: string): string => createHash('sha256').update(text).digest('base64url')

export class Imports {
  private readonly root: string
  private readonly files: OfText<Known>
  private readonly hashes: OfText<string>
  private readonly subpaths: Readonly<Record<string, string>>

  constructor(root: string, changedMs: (file: string) => number) {
    this.root = root
    this.files = new OfText((text, file) => this.known(text, relative(root, file)), changedMs)
    this.hashes = new OfText(sha, changedMs)
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
    return existsSync(file) ? this.hashes.of(file) : ''
  }

  private read(path: string): Known {
    return this.files.of(join(this.root, path))
  }

  private known(text: string, path: string): Known {
    const imports = ts
      .preProcessFile(text, true, true)
      .importedFiles.map(({ fileName }) => this.resolve(path, fileName))
      .filter((one) => one !== null)
    return { hash: sha(text), imports }
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
