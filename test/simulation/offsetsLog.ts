/**
 * What the coordinators have written down, read from `__consumer_offsets` itself: per group the
 * generations and the commits, in the order in which they came.
 */

import type { CoordinatorRecord } from '../../src/broker/group/GroupCoordinatorRecord.ts'
import { GroupCoordinatorRecordSerde } from '../../src/broker/group/GroupCoordinatorRecordSerde.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { deserializeConsumerProtocolAssignment } from '../../src/protocol/ConsumerProtocol.ts'
import type { DefaultRecordBatch } from '../../src/record/DefaultRecordBatch.ts'

export type HistoryEntry =
  | {
      readonly kind: 'generation'
      readonly generation: number
      /** By member, or by the name that all processes of a static member share. */
      readonly assignments: ReadonlyMap<string, readonly string[]>
    }
  | { readonly kind: 'commit'; readonly partition: string; readonly offset: number }
  /** A tombstone: the group, or an offset of it, is forgotten. */
  | { readonly kind: 'forgotten'; readonly what: string }

export type GroupHistory = readonly HistoryEntry[]

export const groupHistories = (
  batches: Iterable<DefaultRecordBatch>,
): ReadonlyMap<string, GroupHistory> => {
  const serde = new GroupCoordinatorRecordSerde()
  const histories = new Map<string, HistoryEntry[]>()
  for (const batch of batches) {
    for (const { key, value } of batch) {
      const record = serde.deserialize(key, value)
      const { group } = record.key
      const history = histories.get(group) ?? []
      histories.set(group, history)
      history.push(entryOf(record))
    }
  }
  return histories
}

const entryOf = (record: CoordinatorRecord): HistoryEntry => {
  if (record.type === 'GROUP_METADATA') {
    if (record.value === null) return { kind: 'forgotten', what: 'the group' }
    const { generation, members } = record.value.message
    const assignments = new Map<string, readonly string[]>()
    for (const { memberId, groupInstanceId, assignment } of members) {
      assignments.set(groupInstanceId ?? memberId, partitionsIn(assignment))
    }
    return { kind: 'generation', generation, assignments }
  }
  const partition = new TopicPartition(record.key.topic, record.key.partition).key
  if (record.value === null) return { kind: 'forgotten', what: partition }
  return { kind: 'commit', partition, offset: record.value.message.offset }
}

const partitionsIn = (assignment: Uint8Array): string[] => {
  if (assignment.length === 0) return []
  return deserializeConsumerProtocolAssignment(assignment)
    .assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => new TopicPartition(topic, partition).key),
    )
    .sort()
}
