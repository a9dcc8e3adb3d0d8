/**
 * `groups reset-offsets`: shows where groups would go on reading, and with `--execute` sets it.
 *
 *     GROUP    TOPIC   PARTITION  NEW-OFFSET
 *     billing  orders  0          0
 *
 * A group with members is left alone: they would commit over it.
 *
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

import { GroupIdNotFoundException } from '../../common/errors/CoordinatorExceptions.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { parseIsoDuration } from '../../consumer/internals/AutoOffsetResetStrategy.ts'
import { OffsetAndMetadata } from '../../consumer/OffsetAndMetadata.ts'
import { UsageError } from '../UsageError.ts'
import { CommandFailure } from './CommandFailure.ts'
import { exportOffsetsToCsv, parseResetPlan } from './csv.ts'
import { getCommittedOffsets } from './describeGroups.ts'
import type { GroupsContext } from './GroupsContext.ts'
import { getDateTime } from './getDateTime.ts'
import { listConsumerGroups } from './listGroups.ts'
import { type Offsets, OffsetsUtils } from './OffsetsUtils.ts'
import { printError } from './printError.ts'

export const resetOffsets = async (context: GroupsContext): Promise<void> => {
  const { admin, flags, options, write } = context
  const groupIds = flags.allGroups ? await listConsumerGroups(context) : flags.group
  const described = admin.describeConsumerGroups(groupIds, options).describedGroups()
  const result = new Map<string, Offsets>()
  for (const [groupId, description] of described) {
    const state = await stateOf(description)
    if (state === 'Empty' || state === 'Dead') {
      result.set(groupId, await resetOffsetsForInactiveGroup(context, groupId))
    } else {
      printError(
        write,
        `Assignments can only be reset if the group '${groupId}' is inactive, but the current ` +
          `state is ${state}.`,
      )
      result.set(groupId, new TopicPartitionMap())
    }
  }
  if (flags.export) write(`${exportOffsetsToCsv(result, flags.group.length === 1)}\n`)
  else printOffsetsToReset(write, result)
}

/** A group that does not exist yet can be given offsets, too. */
const stateOf = async (description: Promise<{ readonly groupState: string }>): Promise<string> => {
  try {
    return (await description).groupState
  } catch (error) {
    if (error instanceof GroupIdNotFoundException) return 'Dead'
    throw error
  }
}

const resetOffsetsForInactiveGroup = async (
  context: GroupsContext,
  groupId: string,
): Promise<Offsets> => {
  const { admin, flags, options } = context
  const partitions = await getPartitionsToReset(context, groupId)
  const prepared = await prepareOffsetsToReset(context, groupId, partitions)
  if (flags.execute && !flags.dryRun) {
    const offsets = [...prepared].map(([p, offset]) => [p, new OffsetAndMetadata(offset)] as const)
    await admin.alterConsumerGroupOffsets(groupId, offsets, options).all()
  }
  return prepared
}

const getPartitionsToReset = async (
  context: GroupsContext,
  groupId: string,
): Promise<readonly TopicPartition[]> => {
  const { allTopics, topic, fromFile } = context.flags
  if (allTopics) return [...(await getCommittedOffsets(context, groupId)).keys()]
  if (topic.length > 0) return new OffsetsUtils(context).parseTopicPartitionsToReset(topic)
  if (fromFile !== undefined) return []
  throw new UsageError('One of the reset scopes should be defined: --all-topics, --topic.')
}

const SCENARIOS =
  '[to-offset], [shift-by], [to-datetime], [by-duration], [to-earliest], [to-latest], ' +
  '[to-current], [from-file]'

const prepareOffsetsToReset = async (
  context: GroupsContext,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<Offsets> => {
  const utils = new OffsetsUtils(context)
  const { flags, time } = context
  const committed = () => getCommittedOffsets(context, groupId)
  await utils.checkAllTopicPartitionsValid(partitions)
  if (flags.toOffset !== undefined) return utils.resetToOffset(partitions, flags.toOffset)
  if (flags.toEarliest) return utils.resetToEarliest(partitions)
  if (flags.toLatest) return utils.resetToLatest(partitions)
  if (flags.shiftBy !== undefined) {
    return utils.resetByShiftBy(partitions, await committed(), flags.shiftBy)
  }
  if (flags.toDatetime !== undefined) {
    return utils.resetToTimestamp(partitions, getDateTime(flags.toDatetime))
  }
  if (flags.byDuration !== undefined) {
    const backMs = durationMs(flags.byDuration)
    return utils.resetToTimestamp(partitions, Math.floor(time.milliseconds() - backMs))
  }
  if (flags.fromFile !== undefined) return resetFromFile(context, groupId, flags.fromFile)
  if (flags.toCurrent) return utils.resetToCurrent(partitions, await committed())
  throw new UsageError(
    `Option '[reset-offsets]' requires one of the following scenarios: [${SCENARIOS}]`,
  )
}

const durationMs = (text: string): number => {
  const ms = parseIsoDuration(text)
  if (ms !== null) return ms
  throw new CommandFailure(
    `Text cannot be parsed to a Duration: '${text}'. Write one such as P1DT12H`,
  )
}

const resetFromFile = async (
  context: GroupsContext,
  groupId: string,
  path: string,
): Promise<Offsets> => {
  const plan = parseResetPlan(await context.readFile(path), context.flags.group)
  const ofGroup = plan.get(groupId)
  if (ofGroup !== undefined) return new OffsetsUtils(context).checkOffsetsRange(ofGroup)
  printError(context.write, `No reset plan for group ${groupId} found`)
  return new TopicPartitionMap()
}

const printOffsetsToReset = (
  write: (text: string) => void,
  groups: ReadonlyMap<string, Offsets>,
): void => {
  const topics = [...groups.values()].flatMap((offsets) => [...offsets.keys()])
  const groupWidth = Math.max(15, ...Array.from(groups.keys(), (groupId) => groupId.length))
  const topicWidth = Math.max(15, ...topics.map(({ topic }) => topic.length))
  const line = (group: string, topic: string, partition: string, offset: string): void =>
    write(
      `\n${group.padEnd(groupWidth)} ${topic.padEnd(topicWidth)} ${partition.padEnd(10)} ${offset}`,
    )
  if (groups.size > 0) line('GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET')
  for (const [groupId, offsets] of groups) {
    for (const [{ topic, partition }, offset] of offsets) {
      line(groupId, topic, String(partition), String(offset))
    }
  }
  write('\n')
}
