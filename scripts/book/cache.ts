/**
 * Results of slow runs of the book, kept by what could change them.
 *
 *     const key = hashOf({ folders: ['src', 'lab'], files: ['package-lock.json'], texts: [name] })
 *     const seen = await cached('tours', key, () => record(name))
 *
 * The key names the outcome, so nothing is ever out of date: other files, another key. Results are
 * JSON in `node_modules/.cache/annotated-kafka/`, which a clean clone does not have.
 * `NO_CACHE=1 npm run test:book` computes everything anew, each thing once.
 *
 * I1  A result is kept only when it was computed to its end; an error is not a result.
 * I2  Each area keeps about its newest two thousand results: the folder does not grow for ever.
 */

import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { ROOT } from './chapters.ts'

const FOLDER = `${ROOT}node_modules/.cache/annotated-kafka`
const KEPT = 2000
/** So often a process that keeps many results looks for what is too old. */
const LOOKS_EACH = 100

/** What could change an outcome. Paths are from the root. */
export interface Inputs {
  /** All files below, at any depth, except what `leaveOut` matches. */
  readonly folders?: readonly string[]
  readonly leaveOut?: RegExp
  readonly files?: readonly string[]
  /** Anything else: a setting, a name, a version. */
  readonly texts?: readonly string[]
}

/** The same for the same content, whatever the time and the machine. */
export const hashOf = ({ folders = [], leaveOut, files = [], texts = [] }: Inputs): string => {
  const hash = createHash('sha256').update(process.version)
  const found = folders.flatMap(filesBelow).filter((path) => leaveOut?.test(path) !== true)
  for (const path of [...found, ...files].sort()) {
    hash.update(`\n${path}\n`)
    if (existsSync(ROOT + path)) hash.update(readFileSync(ROOT + path))
  }
  for (const text of texts) hash.update(`\n${text.length}\n${text}`)
  return hash.digest('hex').slice(0, 32)
}

const filesBelow = (folder: string): string[] =>
  existsSync(ROOT + folder)
    ? readdirSync(ROOT + folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath}/${entry.name}`.slice(ROOT.length))
    : []

/** The kept result, or the computed one, which is kept. `area`: a plain word, such as `tours`. */
export const cached = async <T>(
  area: string,
  key: string,
  compute: () => Promise<T>,
): Promise<T> => {
  const kept = keptResult<T>(area, key)
  if (kept !== null) return kept.result
  const result = await compute()
  keepResult(area, key, result)
  return result
}

/** For those who compute several at once: what is there, or `null`. */
export const keptResult = <T>(area: string, key: string): { readonly result: T } | null => {
  const path = pathOf(area, key)
  if (process.env['NO_CACHE'] && !own.has(path)) return null
  if (!existsSync(path)) return null
  try {
    const result = JSON.parse(readFileSync(path, 'utf8')) as T
    const now = new Date()
    utimesSync(path, now, now)
    return { result }
  } catch {
    // Half a file, left by a process that was killed: as good as none.
    return null
  }
}

/** @param result plain data: it comes back from JSON */
export const keepResult = (area: string, key: string, result: unknown): void => {
  folderFor(area)
  const path = pathOf(area, key)
  // Written aside and moved: another process never reads half of it.
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(result))
  renameSync(`${path}.${process.pid}`, path)
  own.add(path)
  forgetOldest(area)
}

/** For those who keep something else than results there. It exists, and is absolute. */
export const folderFor = (area: string): string => {
  mkdirSync(`${FOLDER}/${area}`, { recursive: true })
  return `${FOLDER}/${area}`
}

/** What this process has computed. */
const own = new Set<string>()

const pathOf = (area: string, key: string): string => `${FOLDER}/${area}/${key}.json`

/** By area, how many results this process has kept. */
const kept = new Map<string, number>()

const forgetOldest = (area: string): void => {
  const keeps = kept.get(area) ?? 0
  kept.set(area, keeps + 1)
  if (keeps % LOOKS_EACH !== 0) return
  const folder = `${FOLDER}/${area}`
  const names = readdirSync(folder)
  if (names.length <= KEPT) return
  const aged = names
    .map((name) => ({ name, usedMs: statSync(`${folder}/${name}`).mtimeMs }))
    .sort((one, other) => one.usedMs - other.usedMs)
  for (const { name } of aged.slice(0, names.length - KEPT)) rmSync(`${folder}/${name}`)
}
