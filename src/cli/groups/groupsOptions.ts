/**
 * The options of `groups`, and which of them go together: those of Kafka's own
 * `kafka-consumer-groups.sh`. What to do may be said as a word (`groups describe`) or in the tool's
 * own way (`groups --describe`).
 *
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommandOptions
 * @simplified without `--validate-regex`, which belongs to the new protocol's subscriptions by
 *   pattern; options cannot be abbreviated.
 */

import type { Command } from 'commander'
import { several, whole } from '../arguments.ts'
import { UsageError } from '../UsageError.ts'

export interface GroupsFlags {
  readonly bootstrapServer?: string
  readonly group: readonly string[]
  readonly topic: readonly string[]
  readonly allTopics?: true
  readonly list?: true
  readonly describe?: true
  readonly allGroups?: true
  readonly delete?: true
  readonly resetOffsets?: true
  readonly deleteOffsets?: true
  /** Milliseconds. */
  readonly timeout: number
  readonly commandConfig?: string
  readonly dryRun?: true
  readonly execute?: true
  readonly export?: true
  readonly toOffset?: number
  readonly fromFile?: string
  readonly toDatetime?: string
  readonly byDuration?: string
  readonly toEarliest?: true
  readonly toLatest?: true
  readonly toCurrent?: true
  readonly shiftBy?: number
  readonly members?: true
  readonly verbose?: true
  readonly offsets?: true
  /** `true`: without a value. */
  readonly state?: string | true
  readonly type?: string | true
}

export const ACTIONS = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets'] as const
export type GroupsAction = (typeof ACTIONS)[number]

type Flag = Exclude<keyof GroupsFlags, 'timeout'>

const DEFAULT_TIMEOUT_MS = 30_000

const RESET_SCENARIOS = [
  'toOffset',
  'shiftBy',
  'toDatetime',
  'byDuration',
  'toEarliest',
  'toLatest',
  'toCurrent',
  'fromFile',
] as const satisfies readonly Flag[]

/** Declares the options at the command. */
export const addGroupsOptions = (command: Command): Command =>
  command
    .argument('[action]', `what to do: ${ACTIONS.join(', ')}; or one of the options of that name`)
    .option('--bootstrap-server <host:port>', 'required: the Kafka to connect to')
    .option('--list', 'list all consumer groups')
    .option('--describe', 'describe groups, with their lag: the records not yet read')
    .option('--delete', 'delete groups with their offsets')
    .option('--reset-offsets', 'plan (--dry-run, the default) or set (--execute) other offsets')
    .option('--delete-offsets', 'forget the offsets of a group in some topics')
    .addOption(several('--group <id>', 'the group'))
    .option('--all-groups', 'all groups')
    .addOption(several('--topic <name>', 'a topic, or name:0,1,2 for some partitions'))
    .option('--all-topics', 'all topics in which the group has committed')
    .option('--timeout <ms>', 'how long an answer may take', whole, DEFAULT_TIMEOUT_MS)
    .option('--command-config <file>', 'a file of settings for the admin client')
    .option('--members', 'of describe: the members')
    .option('--verbose', 'of describe: more columns')
    .option('--offsets', 'of describe: the offsets and the lag; the default')
    .option('--state [states]', "of describe: the group's state; of list: only groups in these")
    .option('--type [types]', 'of list: show the type; only groups of these')
    .option('--dry-run', 'of reset-offsets: only show what would be set')
    .option('--execute', 'of reset-offsets: do it')
    .option('--export', 'of reset-offsets: print lines for --from-file')
    .option('--to-offset <offset>', 'to this offset', whole)
    .option('--from-file <path>', 'to those of a file: topic,partition,offset in each line')
    .option('--to-datetime <datetime>', 'to the first record since: YYYY-MM-DDThh:mm:ss.sss')
    .option('--by-duration <duration>', 'to the first record of the last: PnDTnHnMnS')
    .option('--to-earliest', 'to the first record')
    .option('--to-latest', 'to the end')
    .option('--to-current', 'to where the group is now')
    .option('--shift-by <n>', 'on by so many records; negative: back', whole)

/** As messages name it. */
const shown = (flag: string): string =>
  `[${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`

const shownList = (flags: readonly string[]): string => flags.map(shown).join(', ')

/**
 * What is to be done.
 *
 * @param word the argument, if there is one
 * @throws UsageError for options that cannot go together
 */
export const checkArgs = (
  word: string | undefined,
  flags: GroupsFlags,
  warn: (message: string) => void,
): GroupsAction => {
  const has = (flag: Flag): boolean => {
    const value = flags[flag]
    return Array.isArray(value) ? value.length > 0 : value !== undefined
  }
  const given = ACTIONS.filter((action) => action === word || has(camel(action)))
  if (!has('bootstrapServer'))
    throw new UsageError('Missing required argument "[bootstrap-server]"')
  const check = { flags, has, does: (action: GroupsAction) => given.includes(action) }
  checkDescribe(check)
  checkDelete(check)
  checkReset(check, warn)
  checkScope(check)
  const known = word === undefined || (ACTIONS as readonly string[]).includes(word)
  if (given.length === 1 && known) return given[0]!
  const all = ACTIONS.map((action) => `--${action}`).join(', ')
  throw new UsageError(`Command must include exactly one action: ${all}`)
}

const camel = (action: GroupsAction): Flag =>
  action.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as Flag

interface Check {
  readonly flags: GroupsFlags
  readonly has: (flag: Flag) => boolean
  readonly does: (action: GroupsAction) => boolean
}

const needsGroup = ({ has }: Check, option: string): void => {
  if (has('group') || has('allGroups')) return
  const scopes = shownList(['group', 'allGroups'])
  throw new UsageError(`Option ${shown(option)} takes one of these options: ${scopes}`)
}

const checkDescribe = (check: Check): void => {
  const { flags, has, does } = check
  const ofDescribe = (['members', 'verbose', 'offsets'] as const).filter(has)
  const unavailable: Flag[] = does('describe') ? [] : [...ofDescribe]
  if (has('state') && !does('describe') && !does('list')) unavailable.push('state')
  if (has('type') && !does('list')) unavailable.push('type')
  if (unavailable.length > 0) {
    const options = unavailable.join(', ')
    throw new UsageError(
      `Option(s) [${options}] are unavailable given other options on the command line`,
    )
  }
  if (!does('describe')) return
  needsGroup(check, 'describe')
  const exclusive = ['members', 'offsets', 'state'] as const
  if (exclusive.filter(has).length > 1) {
    throw new UsageError(
      `Option [describe] takes at most one of these options: ${shownList(exclusive)}`,
    )
  }
  if (typeof flags.state === 'string') {
    throw new UsageError('Option [describe] does not take a value for [state]')
  }
}

const checkDelete = (check: Check): void => {
  const { has, does } = check
  if (does('delete')) {
    needsGroup(check, 'delete')
    if (has('topic')) {
      throw new UsageError(
        'The consumer does not support topic-specific offset deletion from a consumer group.',
      )
    }
  }
  if (does('delete-offsets') && (!has('group') || !has('topic'))) {
    const options = shownList(['group', 'topic'])
    throw new UsageError(`Option [delete-offsets] takes the following options: ${options}`)
  }
}

const checkReset = (check: Check, warn: (message: string) => void): void => {
  const { has, does } = check
  if (!does('reset-offsets')) return
  if (has('dryRun') && has('execute')) {
    throw new UsageError('Option [reset-offsets] only accepts one of [execute] and [dry-run]')
  }
  if (!has('dryRun') && !has('execute')) {
    warn(
      'WARN: No action will be performed as the --execute option is missing. In version 5.0, ' +
        'this command will require either --dry-run or --execute to be specified. You should add ' +
        'the --dry-run option explicitly if you are scripting this command and want to keep the ' +
        'current default behavior without prompting.',
    )
  }
  needsGroup(check, 'resetOffsets')
  const [first, second] = RESET_SCENARIOS.filter(has)
  if (first !== undefined && second !== undefined) refuseBoth(first, second)
}

const checkScope = ({ has, does }: Check): void => {
  if (has('group') && has('allGroups')) refuseBoth('group', 'allGroups')
  if (has('group') && does('list')) refuseBoth('group', 'list')
  for (const action of ['list', 'describe'] as const) {
    if (has('topic') && does(action)) refuseBoth('topic', action)
  }
}

const refuseBoth = (one: string, other: string): never => {
  throw new UsageError(`Option "${shown(one)}" can't be used with option "${shown(other)}"`)
}
