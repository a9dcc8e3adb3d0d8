/** Which port a local server takes: the one asked for, or the next that is free. */

import { createServer } from 'node:net'
import { parseArgs } from 'node:util'

const LAST = 65_535

/** `--port N` in the arguments of a command, else `fallback`. */
export const portFrom = (args: readonly string[], fallback: number): number => {
  const { values } = parseArgs({ args: [...args], options: { port: { type: 'string' } } })
  if (values.port === undefined) return fallback
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 1 || port > LAST) {
    throw new Error(`--port must be a number from 1 to ${LAST}, not '${values.port}'`)
  }
  return port
}

/** `portFrom` for a command: a wrong argument ends it, with one line that says so. */
export const portOrExit = (fallback: number): number => {
  try {
    return portFrom(process.argv.slice(2), fallback)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(1)
  }
}

export const freePort = async (first: number, host: string): Promise<number> => {
  for (let port = first; port <= LAST; port++) if (await isFree(port, host)) return port
  throw new Error(`no port from ${first} on is free`)
}

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
