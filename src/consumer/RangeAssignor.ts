/**
 * Cuts every topic into as many pieces as it has members, and deals the pieces in order.
 *
 *     t0-0  t0-1 │ t0-2         partitions by number, members by name: 3 partitions, 2 members,
 *     t1-0  t1-1 │ t1-2         so the first gets one more, and that of every topic
 *     ──── C0 ───┴─ C1 ─
 *
 * Two topics with as many partitions and the same members are cut at the same places: partition 1
 * of both has the same owner, who can join what they say by key. That is worth the price, which is
 * that the first members get one more of every topic.
 *
 * Where members and replicas say in which rack they stand, a first round gives members what is near
 * them; the second gives away the rest, near or not. The shares stay the same, and topics that go
 * together stay together.
 *
 *     racks of t0:  a    b    c      C0 in c,  C1 in a:     t0-2 ─► C0,  t0-0 ─► C1,  t0-1 ─► C0
 *                  t0-0 t0-1 t0-2                                                    (the rest)
 *
 * I1  Of each topic a member gets ⌊partitions / members⌋ or one more.
 *
 * Members with `group.instance.id` keep their place in the line through a restart
 * (`MemberInfo.compare`).
 *
 * @kafka org.apache.kafka.clients.consumer.RangeAssignor
 */

import { TopicPartition } from '../common/TopicPartition.ts'
import {
  AbstractPartitionAssignor,
  type PartitionsByMember,
  type PartitionsPerTopic,
  type Subscriptions,
} from './internals/AbstractPartitionAssignor.ts'
import { compareTopicPartitions } from './internals/comparators.ts'
import { MemberInfo } from './internals/MemberInfo.ts'
import { TopicAssignmentState } from './internals/TopicAssignmentState.ts'

export const RANGE_ASSIGNOR_NAME = 'range'

export class RangeAssignor extends AbstractPartitionAssignor {
  name(): string {
    return RANGE_ASSIGNOR_NAME
  }

  assignPartitions(
    partitionsPerTopic: PartitionsPerTopic,
    subscriptions: Subscriptions,
  ): PartitionsByMember {
    const consumersPerTopic = membersByTopic(subscriptions)
    const states: TopicAssignmentState[] = []
    for (const [topic, partitionInfos] of partitionsPerTopic) {
      if (partitionInfos.length === 0) continue
      states.push(
        new TopicAssignmentState({
          topic,
          partitionInfos,
          members: consumersPerTopic.get(topic) ?? [],
          useRackAwareAssignment: (...racks) => this.useRackAwareAssignment(...racks),
        }),
      )
    }

    const assignment: PartitionsByMember = new Map()
    for (const memberId of subscriptions.keys()) assignment.set(memberId, [])
    const useRackAware = states.some((state) => state.needsRackAwareAssignment)
    if (useRackAware) assignWithRackMatching(states, assignment)
    for (const state of states) assignRanges(state, anywhere, assignment)
    if (useRackAware) {
      for (const partitions of assignment.values()) partitions.sort(compareTopicPartitions)
    }
    return assignment
  }
}

const membersByTopic = (subscriptions: Subscriptions): Map<string, MemberInfo[]> => {
  const members = new Map<string, MemberInfo[]>()
  for (const [memberId, { topics, groupInstanceId, rackId }] of subscriptions) {
    const member = new MemberInfo(memberId, groupInstanceId, rackId)
    for (const topic of topics) put(members, topic, member)
  }
  return members
}

const anywhere = (): boolean => true

/** Deals what is left of a topic, to each member as much as it may get and `mayAssign` allows. */
const assignRanges = (
  state: TopicAssignmentState,
  mayAssign: (consumer: string, partition: TopicPartition) => boolean,
  assignment: PartitionsByMember,
): void => {
  for (const consumer of state.consumers.keys()) {
    if (state.unassignedPartitions.size === 0) return
    const limit = state.maxAssignable(consumer)
    const assignable: TopicPartition[] = []
    for (const partition of state.unassignedPartitions) {
      if (assignable.length === limit) break
      if (mayAssign(consumer, partition)) assignable.push(partition)
    }
    if (assignable.length > 0) assignTo(consumer, assignable, state, assignment)
  }
}

/** The first round: only what is near, and topics that go together go together. */
const assignWithRackMatching = (
  states: readonly TopicAssignmentState[],
  assignment: PartitionsByMember,
): void => {
  const together = new Map<string, TopicAssignmentState[]>()
  for (const state of states) {
    put(together, JSON.stringify([state.numPartitionsWithRacks, ...state.consumers]), state)
  }
  for (const coPartitioned of together.values()) {
    const state = coPartitioned[0]!
    if (coPartitioned.length > 1) assignCoPartitioned(coPartitioned, assignment)
    else if (state.needsRackAwareAssignment) {
      assignRanges(state, (consumer, p) => state.racksMatch(consumer, p), assignment)
    }
  }
}

/** Partition by partition, of all these topics at once: to the first member near all of them. */
const assignCoPartitioned = (
  states: readonly TopicAssignmentState[],
  assignment: PartitionsByMember,
): void => {
  const { consumers, numPartitionsWithRacks } = states[0]!
  const remaining = new Set(consumers.keys())
  for (let number = 0; number < numPartitionsWithRacks; number++) {
    const partitions = states.map(({ topic }) => new TopicPartition(topic, number))
    const mayTakeAll = (consumer: string): boolean =>
      states.every(
        (state, i) =>
          state.racksMatch(consumer, partitions[i]!) && state.maxAssignable(consumer) > 0,
      )
    const consumer = [...remaining].find(mayTakeAll)
    if (consumer === undefined) continue
    for (const [i, state] of states.entries()) {
      assignTo(consumer, [partitions[i]!], state, assignment)
    }
    if (states.some((state) => state.maxAssignable(consumer) > 0)) continue
    remaining.delete(consumer)
    if (remaining.size === 0) return
  }
}

const assignTo = (
  consumer: string,
  partitions: readonly TopicPartition[],
  state: TopicAssignmentState,
  assignment: PartitionsByMember,
): void => {
  assignment.get(consumer)!.push(...partitions)
  state.onAssigned(consumer, partitions)
}

const put = <V>(map: Map<string, V[]>, key: string, value: V): void => {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}
