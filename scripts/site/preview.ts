/**
 * `npm run docs:preview`: serves the built site on this machine, with clean addresses.
 *
 * VitePress's own preview listens on every interface; this one is for the reader alone.
 */

import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from './apiFolder.ts'
import { freePort, portOrExit } from './ports.ts'

const HOST = '127.0.0.1'
const DIST = join(ROOT, 'docs/.vitepress/dist')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** The files that may answer a clean address, most likely first. */
export const candidates = (pathname: string): string[] => {
  const path = normalize(`/${decodeURIComponent(pathname)}`)
  if (path.endsWith('/')) return [`${path}index.html`]
  return extname(path) in TYPES ? [path] : [`${path}.html`, `${path}/index.html`, path]
}

const answer = async (pathname: string, response: ServerResponse, folder: string) => {
  for (const path of candidates(pathname)) {
    const content = await readFile(join(folder, path)).catch(() => null)
    if (content === null) continue
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type }).end(content)
    return
  }
  const notFound = await readFile(join(folder, '404.html')).catch(() => 'not found')
  response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end(notFound)
}

/** Serves the site in `folder`; resolves when it listens. */
export const preview = async (folder: string, asked: number) => {
  const port = await freePort(asked, HOST)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', `http://${HOST}`)
    answer(pathname, response, folder).catch(() => response.writeHead(400).end())
  })
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve))
  return { server, url: `http://${HOST}:${port}/` }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const built = await readFile(join(DIST, 'index.html')).catch(() => null)
  if (built === null) {
    console.error('There is no built site yet: npm run docs:build')
    process.exit(1)
  }
  const { url } = await preview(DIST, portOrExit(4173))
  console.log(`The built book is open at ${url}`)
}
