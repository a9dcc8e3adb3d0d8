/**
 * A group's members; with `--verbose`, also what each has and is to have.
 *
 *     GROUP    CONSUMER-ID  HOST        CLIENT-ID  #PARTITIONS
 *     billing  worker-1-…   /127.0.0.1  worker-1   3
 *
 * @kafka org.apache.kafka.tools.consumer.group.MemberAssignmentState
 * @kafka org.apache.kafka.tools.consumer.group.ConsumerGroupCommand.ConsumerGroupService
 */

import type {
  ConsumerGroupDescription,
  MemberDescription,
} from '../../admin/ConsumerGroupDescription.ts'
import type { ReadonlyTopicPartitionSet } from '../../common/TopicPartitionSet.ts'

const MISSING_COLUMN_VALUE = '-'

/** `orders:0,1;payments:2`. */
const getAssignmentString = (assignment: ReadonlyTopicPartitionSet | null): string => {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of assignment ?? []) {
    const numbers = topics.get(topic) ?? []
    topics.set(topic, numbers)
    numbers.push(partition)
  }
  if (topics.size === 0) return MISSING_COLUMN_VALUE
  const shown = Array.from(topics, ([topic, numbers]) => {
    return `${topic}:${numbers.sort((a, b) => a - b).join(',')}`
  })
  return shown.sort().join(';')
}

export const printMembers = (
  write: (text: string) => void,
  group: ConsumerGroupDescription,
  verbose: boolean,
): void => {
  const { groupId, members } = group
  const width = (min: number, of: (member: MemberDescription) => string): number =>
    Math.max(min, ...members.map((member) => of(member).length))
  const widths = {
    group: members.length > 0 ? Math.max(15, groupId.length) : 15,
    consumerId: width(15, ({ consumerId }) => consumerId),
    instanceId: width(17, ({ groupInstanceId }) => groupInstanceId ?? ''),
    host: width(15, ({ host }) => host),
    clientId: width(15, ({ clientId }) => clientId),
    assignment: width(20, ({ assignment }) => getAssignmentString(assignment)),
    target: width(20, ({ targetAssignment }) => getAssignmentString(targetAssignment)),
  }
  const isStatic = members.some(({ groupInstanceId }) => groupInstanceId)
  const migrates = [true, false].every((is) => members.some(({ upgraded }) => upgraded === is))
  const line = (row: Row): string => {
    const columns = [
      row.group.padEnd(widths.group),
      row.consumerId.padEnd(widths.consumerId),
      ...(isStatic ? [row.instanceId.padEnd(widths.instanceId)] : []),
      row.host.padEnd(widths.host),
      row.clientId.padEnd(widths.clientId),
      row.partitions.padEnd(15),
    ]
    const more = [
      row.epoch.padEnd(15),
      row.assignment.padEnd(widths.assignment),
      row.targetEpoch.padEnd(15),
      row.target.padEnd(widths.target),
      ...(migrates ? [row.upgraded] : []),
    ]
    return `${[...columns, ...(verbose ? more : [''])].join(' ')}\n`
  }
  write(`\n${line(HEADER)}`)
  for (const member of members) write(line(rowOf(group, member)))
}

interface Row {
  readonly group: string
  readonly consumerId: string
  readonly instanceId: string
  readonly host: string
  readonly clientId: string
  readonly partitions: string
  readonly epoch: string
  readonly assignment: string
  readonly targetEpoch: string
  readonly target: string
  readonly upgraded: string
}

const HEADER: Row = {
  group: 'GROUP',
  consumerId: 'CONSUMER-ID',
  instanceId: 'GROUP-INSTANCE-ID',
  host: 'HOST',
  clientId: 'CLIENT-ID',
  partitions: '#PARTITIONS',
  epoch: 'CURRENT-EPOCH',
  assignment: 'CURRENT-ASSIGNMENT',
  targetEpoch: 'TARGET-EPOCH',
  target: 'TARGET-ASSIGNMENT',
  upgraded: 'UPGRADED',
}

const orMissing = (value: number | boolean | null): string =>
  value === null ? MISSING_COLUMN_VALUE : String(value)

const rowOf = (group: ConsumerGroupDescription, member: MemberDescription): Row => ({
  group: group.groupId,
  consumerId: member.consumerId,
  instanceId: member.groupInstanceId ?? '',
  host: member.host,
  clientId: member.clientId,
  partitions: String(member.assignment.size),
  epoch: orMissing(member.memberEpoch),
  assignment: getAssignmentString(member.assignment),
  targetEpoch: orMissing(group.targetAssignmentEpoch),
  target: getAssignmentString(member.targetAssignment),
  upgraded: orMissing(member.upgraded),
})
