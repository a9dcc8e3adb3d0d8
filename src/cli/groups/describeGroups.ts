/**
 * `groups describe`: collects what there is to know of each group, and prints its offsets, its
 * members, or its state.
 *
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

import type { ConsumerGroupDescription } from '../../admin/ConsumerGroupDescription.ts'
import type { GroupState } from '../../admin/GroupState.ts'
import type { CommittedOffsets } from '../../admin/ListConsumerGroupOffsetsResult.ts'
import { KafkaException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { GroupsContext } from './GroupsContext.ts'
import { listConsumerGroups } from './listGroups.ts'
import { OffsetsUtils } from './OffsetsUtils.ts'
import { printError } from './printError.ts'
import { printMembers } from './printMembers.ts'
import { type PartitionAssignmentState, printOffsets } from './printOffsets.ts'
import { printStates } from './printStates.ts'

const MISSING_COLUMN_VALUE = '-'

export const describeGroups = async (context: GroupsContext): Promise<void> => {
  const { flags, admin, options, write } = context
  const groupIds = flags.allGroups ? await listConsumerGroups(context) : flags.group
  const described = await admin.describeConsumerGroups(groupIds, options).all()
  const groups = [...described.values()].sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  const verbose = flags.verbose ?? false
  if (flags.members) {
    for (const group of groups) {
      shouldPrintMemberState(context, group, group.members.length)
      printMembers(write, group, verbose)
    }
  } else if (flags.state !== undefined) {
    for (const group of groups) {
      if (shouldPrintMemberState(context, group, 1)) printStates(write, group, verbose)
    }
  } else {
    // All are collected before the first is printed.
    const rows: PartitionAssignmentState[][] = []
    for (const group of groups) rows.push(await collectGroupOffsets(context, group))
    for (const [i, group] of groups.entries()) {
      const show = shouldPrintMemberState(context, group, rows[i]!.length)
      if (show) printOffsets(write, group.groupId, rows[i]!, verbose)
    }
  }
}

const REBALANCING: readonly GroupState[] = [
  'PreparingRebalance',
  'CompletingRebalance',
  'Assigning',
  'Reconciling',
]

/** Says what is special about the group. `false`: there is nothing to show of it. */
const shouldPrintMemberState = (
  { write, writeError }: GroupsContext,
  { groupId, groupState }: ConsumerGroupDescription,
  rows: number,
): boolean => {
  if (groupState === 'Dead') {
    printError(write, `Consumer group '${groupId}' does not exist.`)
  } else if (groupState === 'Empty') {
    writeError(`\nConsumer group '${groupId}' has no active members.\n`)
  } else if (REBALANCING.includes(groupState)) {
    writeError(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`)
  } else if (groupState !== 'Stable') {
    throw new KafkaException(`Expected a valid consumer group state, but found '${groupState}'.`)
  }
  return groupState !== 'Dead' && rows > 0
}

/** A row per partition that a member has or that was committed; those with most come first. */
const collectGroupOffsets = async (
  context: GroupsContext,
  group: ConsumerGroupDescription,
): Promise<PartitionAssignmentState[]> => {
  const { groupId } = group
  const committed = await getCommittedOffsets(context, groupId)
  const rows: PartitionAssignmentState[] = []
  const assigned = new TopicPartitionSet()
  const busy = group.members.filter(({ assignment }) => assignment.size > 0)
  for (const member of busy.sort((a, b) => b.assignment.size - a.assignment.size)) {
    for (const partition of member.assignment) assigned.add(partition)
    const { consumerId, host, clientId } = member
    const owner = { consumerId, host, clientId }
    const partitions = [...member.assignment]
    rows.push(...(await describePartitions(context, groupId, partitions, committed, owner)))
  }
  const unassigned = [...committed.keys()].filter((partition) => !assigned.has(partition))
  const nobody = {
    consumerId: MISSING_COLUMN_VALUE,
    host: MISSING_COLUMN_VALUE,
    clientId: MISSING_COLUMN_VALUE,
  }
  rows.push(...(await describePartitions(context, groupId, unassigned, committed, nobody)))
  return rows
}

/** All that the group has committed. */
export const getCommittedOffsets = (
  { admin, options }: GroupsContext,
  groupId: string,
): Promise<CommittedOffsets> =>
  admin.listConsumerGroupOffsets(groupId, options).partitionsToOffsetAndMetadata(groupId)

type Owner = Pick<PartitionAssignmentState, 'consumerId' | 'host' | 'clientId'>

const describePartitions = async (
  context: GroupsContext,
  group: string,
  partitions: readonly TopicPartition[],
  committed: CommittedOffsets,
  owner: Owner,
): Promise<PartitionAssignmentState[]> => {
  if (partitions.length === 0) return []
  const utils = new OffsetsUtils(context)
  // Whoever asks a partition without a leader for its end would wait for one.
  const leaderless = await utils.filterNoneLeaderPartitions(partitions)
  const withLeader = partitions.filter((partition) => !leaderless.has(partition))
  const ends = await utils.getLogEndOffsets(withLeader)
  const rows = partitions.map((partition) => {
    const found = committed.get(partition)
    const offset = found?.offset ?? null
    const logEndOffset = ends.get(partition) ?? null
    const lag = offset === null || logEndOffset === null ? null : logEndOffset - offset
    const leaderEpoch = found?.leaderEpoch ?? null
    const { topic, partition: number } = partition
    return { group, topic, partition: number, offset, logEndOffset, lag, leaderEpoch, ...owner }
  })
  return rows.sort((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
}
