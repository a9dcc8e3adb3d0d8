/**
 * The options of `topics`, and which of them go together: those of Kafka's own `kafka-topics.sh`.
 *
 * @kafka org.apache.kafka.tools.TopicCommand.TopicCommandOptions
 */

import type { Command } from 'commander'
import { atLeast, settings } from '../arguments.ts'
import { UsageError } from '../UsageError.ts'

export interface TopicsFlags {
  readonly bootstrapServer?: string
  readonly commandConfig?: string
  readonly list?: true
  readonly describe?: true
  readonly create?: true
  readonly delete?: true
  readonly topic?: string
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly replicaAssignment?: string
  readonly config: Readonly<Record<string, string>>
  readonly ifExists?: true
  readonly ifNotExists?: true
  readonly excludeInternal?: true
  readonly topicsWithOverrides?: true
  readonly underReplicatedPartitions?: true
  readonly unavailablePartitions?: true
  readonly underMinIsrPartitions?: true
  readonly atMinIsrPartitions?: true
}

const ACTIONS = ['list', 'describe', 'create', 'delete'] as const
export type TopicsAction = (typeof ACTIONS)[number]

/** Declares the options at the command. */
export const addTopicsOptions = (command: Command): Command =>
  command
    .argument('[action]', `what to do: ${ACTIONS.join(', ')}; or one of the options of that name`)
    .option('--bootstrap-server <host:port>', 'required: the Kafka to connect to')
    .option('--list', 'list the topics')
    .option('--describe', 'show partitions, leaders, replicas and settings')
    .option('--create', 'create a topic')
    .option('--delete', 'delete topics')
    .option('--topic <name>', 'the topic; but for create, a regular expression')
    .option('--partitions <n>', 'of create; default: what the broker has', atLeast(1))
    .option('--replication-factor <n>', 'of create; default: what the broker has', atLeast(1))
    .option('--replica-assignment <ids>', 'of create: 1:2,2:3 puts partition 0 on 1 and 2, …')
    .addOption(settings('--config <name=value>', 'of create: a setting of the topic'))
    .option('--if-not-exists', 'of create: no error when it is there')
    .option('--if-exists', 'of describe and delete: no error when it is not there')
    .option('--exclude-internal', "of list and describe: without Kafka's own topics")
    .option('--topics-with-overrides', 'of describe: only topics with settings of their own')
    .option('--under-replicated-partitions', 'of describe: only these partitions')
    .option('--unavailable-partitions', 'of describe: only those without a live leader')
    .option('--under-min-isr-partitions', 'of describe: only those with too few in sync')
    .option('--at-min-isr-partitions', 'of describe: only those with just enough in sync')
    .option('--command-config <file>', 'a file of settings for the admin client')

type Flag = keyof TopicsFlags

/** With which actions an option goes. */
const GOES_WITH: readonly (readonly [flag: Flag, actions: readonly TopicsAction[]])[] = [
  ['config', ['create']],
  ['partitions', ['create']],
  ['replicationFactor', ['create']],
  ['replicaAssignment', ['create']],
  ['underReplicatedPartitions', ['describe']],
  ['underMinIsrPartitions', ['describe']],
  ['atMinIsrPartitions', ['describe']],
  ['unavailablePartitions', ['describe']],
  ['topicsWithOverrides', ['describe']],
  ['ifExists', ['delete', 'describe']],
  ['ifNotExists', ['create']],
  ['excludeInternal', ['list', 'describe']],
]

const EXCLUSIVE: readonly (readonly [Flag, Flag])[] = [
  ['replicaAssignment', 'partitions'],
  ['replicaAssignment', 'replicationFactor'],
  ['underReplicatedPartitions', 'topicsWithOverrides'],
  ['underMinIsrPartitions', 'topicsWithOverrides'],
  ['atMinIsrPartitions', 'topicsWithOverrides'],
  ['unavailablePartitions', 'topicsWithOverrides'],
]

const shown = (flag: string): string =>
  `[${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`

/**
 * What is to be done.
 *
 * @param word the argument, if there is one
 * @throws UsageError for options that cannot go together
 */
export const checkTopicsArgs = (word: string | undefined, flags: TopicsFlags): TopicsAction => {
  const has = (flag: Flag): boolean =>
    flag === 'config' ? Object.keys(flags.config).length > 0 : flags[flag] !== undefined
  const given = ACTIONS.filter((action) => action === word || has(action))
  const [action] = given
  const known = word === undefined || (ACTIONS as readonly string[]).includes(word)
  if (action === undefined || given.length > 1 || !known) {
    throw new UsageError(
      'Command must include exactly one action: --list, --describe, --create or --delete',
    )
  }
  if (!has('bootstrapServer')) throw new UsageError('--bootstrap-server must be specified')
  if (has('ifExists') && action === 'describe' && !has('topic')) {
    throw new UsageError('--topic is required to describe a topic')
  }
  if (!has('topic') && (action === 'create' || action === 'delete')) {
    throw new UsageError('Missing required argument "[topic]"')
  }
  for (const [flag, actions] of GOES_WITH) {
    if (has(flag) && !actions.includes(action)) refuseBoth(flag, action)
  }
  for (const [one, other] of EXCLUSIVE) if (has(one) && has(other)) refuseBoth(one, other)
  return action
}

const refuseBoth = (one: string, other: string): never => {
  throw new UsageError(`Option "${shown(one)}" can't be used with option "${shown(other)}"`)
}
