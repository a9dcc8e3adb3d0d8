/**
 * `annotated-kafka groups`: lists, describes and deletes groups of consumers, and sets their
 * offsets, as Kafka's own `kafka-consumer-groups.sh` does it: same options, same columns, same
 * messages on the same streams.
 *
 * Its exit codes are that tool's too: 1 for arguments that cannot be, 0 for all else. A failure is
 * a line on standard output that begins with `Error:`.
 *
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand
 * @simplified no stack trace after a failure.
 */

import type { AdminConfigInput } from '../../admin/AdminClientConfig.ts'
import { KafkaAdminClient } from '../../admin/KafkaAdminClient.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import { type Environment, systemEnvironment } from '../../network/Environment.ts'
import { parseProperties } from '../properties.ts'
import { UsageError } from '../UsageError.ts'
import { CommandFailure } from './CommandFailure.ts'
import { deleteGroups, deleteOffsets } from './deleteGroups.ts'
import { describeGroups } from './describeGroups.ts'
import type { GroupsContext, GroupsStreams } from './GroupsContext.ts'
import { checkArgs, type GroupsAction, type GroupsFlags } from './groupsOptions.ts'
import { listGroups } from './listGroups.ts'
import { printError } from './printError.ts'
import { resetOffsets } from './resetOffsets.ts'

/**
 * @param word the action, when it is said as a word
 * @throws UsageError for arguments that cannot be
 */
export const runGroups = async (
  word: string | undefined,
  flags: GroupsFlags,
  streams: GroupsStreams,
  overrides: Partial<Environment> = {},
): Promise<void> => {
  const environment = systemEnvironment(overrides)
  const action = checkArgs(word, flags, (message) => streams.writeError(`${message}\n`))
  const settings =
    flags.commandConfig === undefined
      ? {}
      : parseProperties(await streams.readFile(flags.commandConfig))
  const config = { ...settings, 'bootstrap.servers': flags.bootstrapServer! } as AdminConfigInput
  const admin = new KafkaAdminClient(config, environment)
  try {
    await act(action, {
      ...streams,
      admin,
      flags,
      time: environment.time,
      options: timeoutOf(flags),
    })
  } finally {
    await admin.close()
  }
}

const timeoutOf = ({ timeout }: GroupsFlags) => ({ timeoutMs: timeout })

/** Does it, and says what went wrong. @throws UsageError for arguments that cannot be */
export const act = async (action: GroupsAction, context: GroupsContext): Promise<void> => {
  try {
    await ACTS[action](context)
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (error instanceof IllegalArgumentException) throw new UsageError(error.message)
    printError(context.write, `Executing consumer group command failed due to ${whyOf(error)}`)
  }
}

const whyOf = (error: unknown): string => {
  if (error instanceof CommandFailure) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

const ACTS: Readonly<Record<GroupsAction, (context: GroupsContext) => Promise<void>>> = {
  list: listGroups,
  describe: describeGroups,
  delete: deleteGroups,
  'reset-offsets': resetOffsets,
  'delete-offsets': deleteOffsets,
}
