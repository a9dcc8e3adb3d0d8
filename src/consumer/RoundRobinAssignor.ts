/**
 * Deals all partitions of all topics to the members in turn, like cards.
 *
 *     t0-0  t0-1  t0-2  t1-0  t1-1  t1-2      topics by name, partitions by number
 *      C0    C1    C0    C1    C0    C1       members by name, round and round
 *
 * Whose turn it is and did not subscribe to the topic is passed over, and its turn is lost. So the
 * numbers differ by one at most while all members want the same topics, and by whatever otherwise:
 *
 *     t0-0  t1-0  t1-1  t2-0  t2-1  t2-2
 *      C0    C1    C2    C2    C2    C2       C0 wants t0, C1 t0 and t1, C2 all three
 *
 * Members with `group.instance.id` keep their seat at the table through a restart
 * (`MemberInfo.compare`).
 *
 * @kafka org.apache.kafka.clients.consumer.RoundRobinAssignor
 */

import { TopicPartition } from '../common/TopicPartition.ts'
import {
  AbstractPartitionAssignor,
  type PartitionsByMember,
  type PartitionsPerTopic,
  type Subscriptions,
} from './internals/AbstractPartitionAssignor.ts'
import { MemberInfo } from './internals/MemberInfo.ts'

export const ROUNDROBIN_ASSIGNOR_NAME = 'roundrobin'

export class RoundRobinAssignor extends AbstractPartitionAssignor {
  name(): string {
    return ROUNDROBIN_ASSIGNOR_NAME
  }

  assignPartitions(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
  ): PartitionsByMember {
    const assignment: PartitionsByMember = new Map()
    const members: MemberInfo[] = []
    const topicsOf = new Map<string, ReadonlySet<string>>()
    for (const [memberId, { groupInstanceId, topics }] of subscriptions) {
      assignment.set(memberId, [])
      members.push(new MemberInfo(memberId, groupInstanceId))
      topicsOf.set(memberId, new Set(topics))
    }
    const table = members.sort(MemberInfo.compare).map(({ memberId }) => memberId)

    let turn = 0
    for (const partition of allPartitionsSorted(partitionsPerTopic, topicsOf.values())) {
      // Ends: a partition is only dealt when somebody wants its topic.
      while (!topicsOf.get(table[turn]!)!.has(partition.topic)) turn = (turn + 1) % table.length
      assignment.get(table[turn]!)!.push(partition)
      turn = (turn + 1) % table.length
    }
    return assignment
  }
}

const allPartitionsSorted = (
  partitionsPerTopic: PartitionsPerTopic,
  subscriptions: Iterable<ReadonlySet<string>>,
): TopicPartition[] => {
  const wanted = new Set<string>()
  for (const topics of subscriptions) for (const topic of topics) wanted.add(topic)
  return [...wanted]
    .sort()
    .flatMap((topic) =>
      (partitionsPerTopic.get(topic) ?? []).map((_, number) => new TopicPartition(topic, number)),
    )
}
