/** The command in this process, its output kept. */

import { createProgram } from '../../src/cli/program.ts'
// What commands load when they are called is loaded already: virtual time would not wait for it.
import '../../src/cli/console/consumeCommand.ts'
import '../../src/cli/console/produceCommand.ts'
import '../../src/cli/groups/groupsCommand.ts'
import '../../src/cli/journey/journey.ts'
import '../../src/cli/topics/topicsCommand.ts'
import type { Environment } from '../../src/network/Environment.ts'
import type { Ended } from './groupsCli.ts'

export interface CliOptions {
  readonly environment: Environment
  /** The lines on standard input. */
  readonly input?: readonly string[]
  readonly files?: Readonly<Record<string, string>>
}

export interface CliRun {
  /** `all` has output and errors in the order in which they came. */
  readonly ended: Promise<Ended & { readonly all: string }>
  /** Ctrl-C. */
  readonly interrupt: () => void
  /** Whoever read standard output goes, as `head` does. */
  readonly closeOutput: () => void
}

export const startCli = (
  args: readonly string[],
  { environment, input = [], files = {} }: CliOptions,
): CliRun => {
  let [out, err, all, code] = ['', '', '', 0]
  let interrupt = (): void => {}
  let closeOutput = (): void => {}
  const outputClosed = new Promise<void>((resolve) => {
    closeOutput = resolve
  })
  const write = (text: string): void => {
    out += text
    all += text
  }
  const terminal = {
    write,
    writeBytes: (bytes: Uint8Array) => write(new TextDecoder().decode(bytes)),
    writeError: (text: string) => {
      err += text
      all += text
    },
    readLines: async function* () {
      yield* input
    },
    readFile: async (path: string): Promise<string> => files[path]!,
    inputIsTerminal: () => false,
    outputColumns: () => 100,
    interrupted: () =>
      new Promise<void>((resolve) => {
        interrupt = resolve
      }),
    outputClosed: () => outputClosed,
    setExitCode: (to: number) => {
      code = to
    },
  }
  const program = createProgram(terminal, environment).exitOverride()
  const ended = program
    .parseAsync([...args], { from: 'user' })
    .then(() => ({ code, out, err, all }))
  return { ended, interrupt: () => interrupt(), closeOutput }
}
