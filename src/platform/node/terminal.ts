/**
 * The process as the command sees it: arguments, standard streams, signals, exit code.
 *
 * Only `src/cli/` imports this; a page has no terminal.
 */

import { open, readFile as readBytes } from 'node:fs/promises'
import { createInterface } from 'node:readline'

export const programArguments = (): readonly string[] => process.argv

/** Whether somebody types at standard input, so that reading it would wait for them. */
export const inputIsTerminal = (): boolean => process.stdin.isTTY === true

/** How wide standard output is; infinite when it is no terminal. */
export const outputColumns = (): number =>
  process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY

export const write = (text: string): void => {
  process.stdout.write(text)
}

export const writeBytes = (bytes: Uint8Array): void => {
  process.stdout.write(bytes)
}

export const writeError = (text: string): void => {
  process.stderr.write(text)
}

/**
 * The lines of a file, or of standard input when there is no `file`. Opened when the first line is
 * asked for: a line that comes before anybody listens would be lost.
 */
export async function* readLines(file?: string): AsyncGenerator<string> {
  const input = file === undefined ? process.stdin : (await open(file)).createReadStream()
  yield* createInterface({ input, crlfDelay: CR_LF })
}

/** A whole file, as text. */
export const readFile = (path: string): Promise<string> => readBytes(path, 'utf8')

/** However late the LF comes after the CR, both are one end of a line. */
const CR_LF = Number.POSITIVE_INFINITY

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once, as ever. */
export const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const
    const once = (): void => {
      for (const signal of signals) process.off(signal, once)
      resolve()
    }
    for (const signal of signals) process.on(signal, once)
  })

/**
 * A pipe that nobody reads any more is no failure of the program: what is still written is lost, as
 * in a `PrintStream` of Java's, and who writes on and on asks `outputClosed`. Without a listener
 * the first such write would end the process where it stands.
 */
const outputEnds = new Promise<void>((resolve) => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A full disk is another matter: some of what somebody wanted to keep is missing.
    if (error.code !== 'EPIPE') {
      writeError(`${error.message}\n`)
      setExitCode(1)
    }
    resolve()
  })
})
process.stderr.on('error', () => {
  // Where errors are told, nobody listens any more.
})

/** Resolves when a write to standard output has failed. */
export const outputClosed = (): Promise<void> => outputEnds

/** What the process will end with, once nothing is left to do. */
export const setExitCode = (code: number): void => {
  process.exitCode = code
}
