/**
 * All files of `src/` as the annotated pages need them: taken apart, named, and who uses whom.
 *
 * Read once per process; `Library.refresh` looks which files have changed, for the dev server.
 *
 * I1  A name in a comment becomes a link only when one file alone exports it.
 */

import { readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { changeMs, lastChangeMs, OfText } from '../../../scripts/book/files.ts'
import { hasSourcePage, sourceUrl } from '../markdown/sourceUrl.ts'
import { blocksOf, firstSentence, type LinkName } from './comment.ts'
import { type Sheet, type SymbolName, sheetOf } from './sheet.ts'

const ROOT = new URL('../../..', import.meta.url).pathname
/** Where files of `src/` are used. */
const USERS = ['src', 'lab', 'chapters', 'test'] as const

const IMPORT = /(?:from|import)\s*\(?\s*'(\.[^']+\.ts)'/g

export class Library {
  readonly root: string
  private readonly texts: OfText<string>
  private readonly sheets: OfText<Sheet>
  private names: ReadonlyMap<string, { path: string; symbol: SymbolName } | null> | null = null
  private users: ReadonlyMap<string, readonly string[]> | null = null

  /** @param changedMs when a file was changed */
  constructor(root: string, changedMs = changeMs) {
    this.root = root
    this.texts = new OfText((text) => text, changedMs)
    this.sheets = new OfText((text, file) => sheetOf(relative(root, file), text), changedMs)
  }

  /** The files that have a page, sorted. */
  readonly paths = (): string[] => pathsIn(this.root, 'src').filter(isSource)

  text(path: string): string {
    return this.texts.of(join(this.root, path))
  }

  sheet(path: string): Sheet {
    return this.sheets.of(join(this.root, path))
  }

  /** What the file is for, in one sentence; may be empty. */
  purpose(path: string): string {
    return firstSentence(blocksOf(this.sheet(path).head))
  }

  /** The files that import it, sorted: of the tests, of the rest. */
  usersOf(path: string): { tests: readonly string[]; others: readonly string[] } {
    this.users ??= this.readUsers()
    const all = this.users.get(path) ?? []
    const isTest = (user: string): boolean => user.endsWith('.test.ts')
    return {
      tests: all.filter(isTest),
      others: all.filter((user) => !isTest(user) && hasSourcePage(user)),
    }
  }

  /** Where a name leads from the page of `path`: not to that page's own class. */
  linksFrom(path: string): LinkName {
    return (words) => {
      const name = /^([A-Za-z]\w*(?:\.\w+)?)(?:\(.*\))?$/.exec(words)?.[1]
      if (name === undefined) return null
      const found = this.named(name) ?? this.named(name.replace(/\..*$/, ''))
      if (found === null) return null
      if (found.path === path) {
        return found.symbol.name === name && name.includes('.') ? `#L${found.symbol.line}` : null
      }
      return sourceUrl(found.path, found.symbol.line)
    }
  }

  /** After changes: names and users are read again when they are next asked for. */
  refresh(): void {
    this.names = null
    this.users = null
  }

  private named(name: string): { path: string; symbol: SymbolName } | null {
    this.names ??= this.readNames()
    return this.names.get(name) ?? null
  }

  private readNames(): Map<string, { path: string; symbol: SymbolName } | null> {
    const names = new Map<string, { path: string; symbol: SymbolName } | null>()
    for (const path of this.paths()) {
      for (const symbol of this.sheet(path).symbols) {
        if (!symbol.exported && !symbol.name.includes('.')) continue
        // I1: a second file makes the name nobody's. (A type and a constant may share one.)
        const known = names.get(symbol.name)
        const taken = known !== undefined && known?.path !== path
        if (known === undefined || taken) names.set(symbol.name, taken ? null : { path, symbol })
      }
    }
    return names
  }

  private readUsers(): Map<string, string[]> {
    const users = new Map<string, string[]>()
    for (const user of USERS.flatMap((folder) => pathsIn(this.root, folder))) {
      const imports = this.text(user).matchAll(IMPORT)
      for (const target of new Set([...imports].map(([, to = '']) => join(dirname(user), to)))) {
        const known = users.get(target)
        if (known === undefined) users.set(target, [user])
        else known.push(user)
      }
    }
    return users
  }
}

/** The TypeScript files of a folder, sorted, from the root. */
const pathsIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .sort()

const isSource = (path: string): boolean => hasSourcePage(path) && !path.endsWith('.test.ts')

let shared: Library | null = null

export const library = (): Library => (shared ??= new Library(ROOT, lastChangeMs))
