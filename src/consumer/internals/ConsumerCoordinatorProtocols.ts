/**
 * The two ways in which a member behaves while its group rebalances.
 *
 *     EAGER         before joining   gives up everything
 *                   after joining    all that it gets is new
 *
 *     COOPERATIVE   before joining   gives up what it no longer subscribes to, and reads on
 *                   after joining    gives up what has been taken from it, and joins again at once,
 *                                    so that somebody can get it
 *
 * Eager needs one round, in which nobody reads. Cooperative needs two when something moves, and
 * only what moves stands still.
 *
 * Which one is used follows from the assignors: all of them must support it, and cooperative is
 * preferred.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 * @kafka org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.RebalanceProtocol
 */

import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Assignment } from '../Assignment.ts'
import type { ConsumerPartitionAssignor, RebalanceProtocol } from '../ConsumerPartitionAssignor.ts'
import { compareTopicPartitions } from './comparators.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

const PREFERRED_FIRST: readonly RebalanceProtocol[] = ['COOPERATIVE', 'EAGER']

/**
 * What all assignors support, the best of it; `null` without assignors.
 *
 * @throws IllegalArgumentException when they have nothing in common
 */
export const selectRebalanceProtocol = (
  assignors: readonly ConsumerPartitionAssignor[],
): RebalanceProtocol | null => {
  if (assignors.length === 0) return null
  const supportedBy = (assignor: ConsumerPartitionAssignor): readonly RebalanceProtocol[] =>
    assignor.supportedProtocols?.() ?? ['EAGER']
  for (const protocol of PREFERRED_FIRST) {
    if (assignors.every((assignor) => supportedBy(assignor).includes(protocol))) return protocol
  }
  const names = assignors.map((assignor) => assignor.name()).join(', ')
  throw new IllegalArgumentException(
    `Specified assignors [${names}] do not have ` +
      'commonly supported rebalance protocol. Configure assignors that support the same one.',
  )
}

/** What is given up before joining, with the partitions that remain after it. */
export interface BeforeJoin {
  readonly revoked: readonly TopicPartition[]
  readonly kept: readonly TopicPartition[]
  /** Whether the listener is told even when nothing is revoked. */
  readonly alwaysTell: boolean
}

export const beforeJoin = (
  protocol: RebalanceProtocol,
  subscriptions: SubscriptionState,
): BeforeJoin => {
  const owned = sortedPartitions(subscriptions.assignedPartitions())
  if (protocol === 'EAGER') return { revoked: owned, kept: [], alwaysTell: true }
  const topics = subscriptions.subscription()
  return {
    revoked: owned.filter(({ topic }) => !topics.has(topic)),
    kept: owned.filter(({ topic }) => topics.has(topic)),
    alwaysTell: false,
  }
}

/** How what we had and what we get differ. */
export interface AssignmentChange {
  readonly owned: readonly TopicPartition[]
  readonly assigned: readonly TopicPartition[]
  readonly added: readonly TopicPartition[]
  readonly revoked: readonly TopicPartition[]
}

export const assignmentChange = (
  ownedPartitions: Iterable<TopicPartition>,
  assignedPartitions: Iterable<TopicPartition>,
): AssignmentChange => {
  const owned = new TopicPartitionSet(ownedPartitions)
  const assigned = new TopicPartitionSet(assignedPartitions)
  return {
    owned: sortedPartitions(owned),
    assigned: sortedPartitions(assigned),
    added: sortedPartitions(assigned).filter((partition) => !owned.has(partition)),
    revoked: sortedPartitions(owned).filter((partition) => !assigned.has(partition)),
  }
}

/**
 * The leader's check of a cooperative assignor: a partition that one member still owns must not go
 * to another in the same round, or two would read it.
 *
 * @param ownedPartitions by member id
 * @returns the partitions for which that is not so
 */
export const reassignedWhileOwned = (
  ownedPartitions: ReadonlyMap<string, readonly TopicPartition[]>,
  assignments: ReadonlyMap<string, Assignment>,
): TopicPartition[] => {
  const added = new TopicPartitionSet()
  const revoked = new TopicPartitionSet()
  for (const [memberId, { partitions }] of assignments) {
    const change = assignmentChange(ownedPartitions.get(memberId) ?? [], partitions)
    for (const partition of change.added) added.add(partition)
    for (const partition of change.revoked) revoked.add(partition)
  }
  return sortedPartitions(added).filter((partition) => revoked.has(partition))
}

/** @throws IllegalStateException when `reassignedWhileOwned` finds some */
export const validateCooperativeAssignment = (
  ownedPartitions: ReadonlyMap<string, readonly TopicPartition[]>,
  assignments: ReadonlyMap<string, Assignment>,
): void => {
  const reassigned = reassignedWhileOwned(ownedPartitions, assignments)
  if (reassigned.length === 0) return
  throw new IllegalStateException(
    'Assignor supporting the COOPERATIVE protocol violates its requirements: it has given ' +
      `[${reassigned.join(', ')}] to a member while another still owns them. They must be taken ` +
      'away in one rebalance and given in the next.',
  )
}

/** A copy, by topic and number: the order in which listeners see them. */
export const sortedPartitions = (partitions: Iterable<TopicPartition>): TopicPartition[] =>
  [...partitions].sort(compareTopicPartitions)
