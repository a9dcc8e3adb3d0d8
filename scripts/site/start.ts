/**
 * `npm start`: the book on this machine, from a fresh clone with nothing built.
 *
 *     npm start                    http://127.0.0.1:5173, or the next port that is free
 *     npm start -- --port 8080
 *
 * The API reference takes some seconds to write; it is written beside the running server, which
 * starts anew when it is there, so that nobody waits for it. Only this machine can connect.
 */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createServer } from 'vitepress'
import { freePort, portOrExit } from './ports.ts'

const HOST = '127.0.0.1'
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))

const serve = async (port: number) => {
  const server = await createServer(DOCS, { host: HOST, port, strictPort: true }, () =>
    restart(port),
  )
  await server.listen()
  return server
}

/** VitePress asks for this when its configuration has changed. */
const restart = async (port: number): Promise<void> => {
  await server.close()
  server = await serve(port)
}

const writeApiBeside = async (port: number): Promise<void> => {
  const script = fileURLToPath(new URL('api.ts', import.meta.url))
  try {
    await promisify(execFile)(process.execPath, ['--import', 'tsx', script])
    await restart(port)
    console.log('The API reference is there.')
  } catch (error) {
    console.error('The API reference could not be written:', (error as Error).message)
  }
}

const asked = portOrExit(5173)
const port = await freePort(asked, HOST)
let server = await serve(port)
if (port !== asked) console.log(`Port ${asked} is taken.`)
console.log(`The book is open at http://${HOST}:${port}/`)

const { hasApi } = await import('./apiFolder.ts')
if (!hasApi()) {
  console.log('Its API reference is being written and appears in a moment.')
  await writeApiBeside(port)
}
