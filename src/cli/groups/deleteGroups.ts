/**
 * `groups delete` and `groups delete-offsets`.
 *
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

import { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { Errors } from '../../protocol/Errors.ts'
import type { GroupsContext } from './GroupsContext.ts'
import { listConsumerGroups } from './listGroups.ts'
import { parseTopicsWithPartitions } from './OffsetsUtils.ts'
import { printError } from './printError.ts'

const failureOf = (promise: Promise<unknown>): Promise<Error | null> =>
  promise.then(
    () => null,
    (error: Error) => error,
  )

const nameAndMessage = ({ name, message }: Error): string => `${name}: ${message}`

export const deleteGroups = async (context: GroupsContext): Promise<void> => {
  const { admin, flags, options, write } = context
  const groupIds = flags.allGroups ? await listConsumerGroups(context) : flags.group
  const deleted: string[] = []
  const failed: [string, Error][] = []
  for (const [groupId, outcome] of admin.deleteConsumerGroups(groupIds, options).deletedGroups()) {
    const error = await failureOf(outcome)
    if (error === null) deleted.push(`'${groupId}'`)
    else failed.push([groupId, error])
  }
  if (failed.length === 0) {
    write(`Deletion of requested consumer groups (${deleted.join(', ')}) was successful.\n`)
    return
  }
  printError(write, 'Deletion of some consumer groups failed:')
  for (const [groupId, error] of failed) {
    write(`* Group '${groupId}' could not be deleted due to: ${nameAndMessage(error)}\n`)
  }
  if (deleted.length > 0) {
    write(`\nThese consumer groups were deleted successfully: ${deleted.join(', ')}\n`)
  }
}

export const deleteOffsets = async (context: GroupsContext): Promise<void> => {
  const { admin, flags, options, write } = context
  const groupId = flags.group[0]!
  const results = new TopicPartitionMap<Error | null>()
  const partitions = await partitionsToDelete(context, results)
  const deleted = admin.deleteConsumerGroupOffsets(groupId, partitions, options)
  const failure = await failureOf(deleted.all())
  for (const partition of partitions) {
    results.set(partition, await failureOf(deleted.partitionResult(partition)))
  }
  if (failure === null) write(`Request succeeded for deleting offsets from group ${groupId}.\n`)
  else printError(write, explain(Errors.forException(failure)))
  printDeletedOffsets(write, results)
}

/** Those named, and all of a topic that is named without; a topic that cannot be is a result. */
const partitionsToDelete = async (
  { admin, flags, options }: GroupsContext,
  results: TopicPartitionMap<Error | null>,
): Promise<readonly TopicPartition[]> => {
  const partitions = new TopicPartitionMap<true>()
  const add = (partition: TopicPartition) => partitions.set(partition, true)
  const topics: string[] = []
  for (const topic of flags.topic) {
    if (topic.includes(':')) parseTopicsWithPartitions(topic).forEach(add)
    else topics.push(topic)
  }
  for (const [topic, described] of admin.describeTopics(topics, options).values()) {
    const error = await failureOf(described)
    if (error !== null) results.set(new TopicPartition(topic, -1), error)
    else
      for (const info of (await described).partitions)
        add(new TopicPartition(topic, info.partition))
  }
  return [...partitions.keys()]
}

const explain = (error: Errors): string => {
  switch (error) {
    case Errors.INVALID_GROUP_ID:
    case Errors.GROUP_ID_NOT_FOUND:
    case Errors.GROUP_AUTHORIZATION_FAILED:
    case Errors.NON_EMPTY_GROUP:
      return error.message
    case Errors.GROUP_SUBSCRIBED_TO_TOPIC:
    case Errors.TOPIC_AUTHORIZATION_FAILED:
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
      return 'Encountered some partition-level error, see the follow-up details.'
    default:
      return `Encountered some unknown error: ${error}`
  }
}

const printDeletedOffsets = (
  write: (text: string) => void,
  results: TopicPartitionMap<Error | null>,
): void => {
  const rows = [...results].sort(([a], [b]) =>
    `${a.topic}${a.partition}` < `${b.topic}${b.partition}` ? -1 : 1,
  )
  const width = Math.max(15, ...rows.map(([{ topic }]) => topic.length))
  const line = (topic: string, partition: string, status: string): void =>
    write(`\n${topic.padEnd(width)} ${partition.padEnd(10)} ${status.padEnd(15)}`)
  line('TOPIC', 'PARTITION', 'STATUS')
  for (const [{ topic, partition }, error] of rows) {
    const status = error === null ? 'Successful' : `Error: ${nameAndMessage(error)}`
    line(topic, partition < 0 ? '-' : String(partition), status)
  }
  write('\n')
}
