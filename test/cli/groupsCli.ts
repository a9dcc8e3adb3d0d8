/** The `groups` command as `main.ts` runs it, but in this process, its output kept. */

import { Command } from 'commander'
import type { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { act, runGroups } from '../../src/cli/groups/groupsCommand.ts'
import {
  addGroupsOptions,
  checkArgs,
  type GroupsFlags,
} from '../../src/cli/groups/groupsOptions.ts'
import { UsageError } from '../../src/cli/UsageError.ts'
import { type Environment, systemEnvironment } from '../../src/network/Environment.ts'

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface GroupsCliOptions {
  readonly environment?: Partial<Environment>
  /** One that is connected already; default: the command makes its own. */
  readonly admin?: KafkaAdminClient
  /** Files that the command may read, by their paths. */
  readonly files?: Readonly<Record<string, string>>
}

/** The options of a command line, as Commander reads them. */
export const parseGroups = (
  args: readonly string[],
): { readonly word: string | undefined; readonly flags: GroupsFlags } => {
  const command = addGroupsOptions(new Command('groups')).exitOverride()
  command.configureOutput({ writeErr: () => {} }).parse(args, { from: 'user' })
  return { word: command.args[0], flags: command.opts() as GroupsFlags }
}

export const groupsCli = async (
  args: readonly string[],
  { environment = {}, files = {}, admin }: GroupsCliOptions = {},
): Promise<Ended> => {
  let [out, err, code] = ['', '', 0]
  const streams = {
    write: (text: string) => {
      out += text
    },
    writeError: (text: string) => {
      err += text
    },
    readFile: async (path: string): Promise<string> => files[path]!,
  }
  try {
    const { word, flags } = parseGroups(args)
    if (admin === undefined) {
      await runGroups(word, flags, streams, environment)
    } else {
      const { time } = systemEnvironment(environment)
      const action = checkArgs(word, flags, (message) => streams.writeError(`${message}\n`))
      const options = { timeoutMs: flags.timeout }
      await act(action, { ...streams, admin, flags, time, options })
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    err += `${error.message}\n`
    code = 1
  }
  return { code, out, err }
}
