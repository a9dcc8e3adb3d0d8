/**
 * The built site: made when it is missing or older than what it is made of, and served on loopback
 * the way a plain web server would, with clean addresses and a page for what is not there.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
export const DIST = join(ROOT, 'docs/.vitepress/dist')

const INPUTS = [
  ...['docs', 'chapters', 'src', 'lab', 'scripts/site'],
  ...['package-lock.json', 'package.json', 'tsconfig.json', 'typedoc.json'],
]
/** Made from the inputs. */
const MADE = new Set(['dist', 'cache', '.temp', 'api', 'node_modules'])

/** Builds the site if it must; returns whether it did. */
export const buildSite = (): boolean => {
  const page = join(DIST, '404.html')
  const builtMs = existsSync(page) ? statSync(page).mtimeMs : 0
  if (INPUTS.every((input) => newestMs(join(ROOT, input)) <= builtMs)) return false
  const run = spawnSync('npm', ['run', '-s', 'docs:build'], { cwd: ROOT, encoding: 'utf8' })
  if (run.status === 0) return true
  throw new Error(`npm run docs:build failed:\n${run.stdout}\n${run.stderr}`)
}

const newestMs = (path: string): number => {
  if (!existsSync(path)) return 0
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  const within = readdirSync(path).filter((name) => !MADE.has(name))
  return Math.max(0, ...within.map((name) => newestMs(join(path, name))))
}

/** Where each page of the built site is, from the list of its files. `/404` is one of them. */
export const builtPages = (): string[] =>
  readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => `/${name.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`)
    .sort()

/** The HTML that was built for a page. */
export const pageFile = (path: string): string =>
  readFileSync(join(DIST, path.endsWith('/') ? `${path}index.html` : `${path}.html`), 'utf8')

const source = (path: string): string => `/source/src/${path}`

/**
 * Annotated sources of every kind: a long one that a chapter tells, a table of errors, one with
 * drawings in its comments, a short one, and the index of a folder.
 */
export const SOURCE_SAMPLE: readonly string[] = [
  source('producer/internals/RecordAccumulator'),
  source('protocol/Errors'),
  source('record/MemoryRecordsBuilder'),
  source('common/CopyOnWriteMap'),
  source(''),
]

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

export interface ServedSite {
  /** Without a slash at its end. */
  readonly origin: string
  stop(): Promise<void>
}

/** Serves the built site on a port that is free. */
export const serveSite = async (): Promise<ServedSite> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    answer(decodeURIComponent(pathname), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, stop: () => stop(server) }
}

const answer = (path: string, response: ServerResponse): void => {
  const file = fileOf(path)
  response.statusCode = file === undefined ? 404 : 200
  const shown = file ?? join(DIST, '404.html')
  response.setHeader('content-type', TYPES[extname(shown)] ?? 'application/octet-stream')
  response.setHeader('cache-control', path.startsWith('/assets/') ? 'max-age=3600' : 'no-cache')
  response.end(readFileSync(shown))
}

/** `/use/client` is `use/client.html`, `/api/` is `api/index.html`. */
const fileOf = (path: string): string | undefined => {
  // `normalize` of an absolute path leaves no way above the folder.
  const asked = join(DIST, normalize(`/${path}`))
  const candidates = path.endsWith('/') ? [`${asked}index.html`] : [asked, `${asked}.html`]
  return candidates.find((file) => existsSync(file) && statSync(file).isFile())
}

const stop = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)))
    server.closeAllConnections()
  })
