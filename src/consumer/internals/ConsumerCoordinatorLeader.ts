/**
 * What the leader of a group does: it reads what every member wants, lets the assignor share the
 * partitions out, and hands each member's share back as bytes.
 *
 *     members' subscriptions ─► watch all their topics ─► fresh metadata ─► assignor ─► bytes
 *
 * Between the election and the assignment the metadata of topics that only others read may have to
 * be fetched. This is no wait of its own, for the answer to JoinGroup is being handled: the result
 * is a future, and whoever waits for the join brings the metadata along.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerCoordinator
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Assignment } from '../Assignment.ts'
import type { ConsumerPartitionAssignor, RebalanceProtocol } from '../ConsumerPartitionAssignor.ts'
import { GroupSubscription } from '../GroupSubscription.ts'
import type { Subscription } from '../Subscription.ts'
import { validateCooperativeAssignment } from './ConsumerCoordinatorProtocols.ts'
import type { ConsumerMetadata } from './ConsumerMetadata.ts'
import { deserializeSubscription, serializeAssignment } from './ConsumerProtocol.ts'
import { asError } from './CoordinatorResponseHandler.ts'
import type { GroupMember } from './GroupContext.ts'
import { RequestFuture } from './RequestFuture.ts'
import type { SubscribedTopicsWatch } from './SubscribedTopicsWatch.ts'

/** It may know better who owns what than the members' own word, by their generations. */
const COOPERATIVE_STICKY_ASSIGNOR_NAME = 'cooperative-sticky'

/** Those never assign a topic that nobody has subscribed to. */
const ASSIGN_FROM_SUBSCRIBED_ASSIGNORS: ReadonlySet<string> = new Set([
  'range',
  'roundrobin',
  'sticky',
  COOPERATIVE_STICKY_ASSIGNOR_NAME,
])

/** By member id. */
export type SerializedAssignments = ReadonlyMap<string, Uint8Array>

export interface ConsumerCoordinatorLeaderOptions {
  readonly logger: Logger
  readonly metadata: ConsumerMetadata
  readonly watch: SubscribedTopicsWatch
  readonly protocol: RebalanceProtocol | null
}

export interface Election {
  readonly assignor: ConsumerPartitionAssignor
  readonly members: readonly GroupMember[]
  /** The coordinator keeps the last assignment (KIP-814). */
  readonly skipAssignment: boolean
  readonly generationId: number
}

export class ConsumerCoordinatorLeader {
  private readonly logger: Logger
  private readonly metadata: ConsumerMetadata
  private readonly watch: SubscribedTopicsWatch
  private readonly protocol: RebalanceProtocol | null

  constructor(options: ConsumerCoordinatorLeaderOptions) {
    this.logger = options.logger
    this.metadata = options.metadata
    this.watch = options.watch
    this.protocol = options.protocol
  }

  /** Called when this member was elected. Fails with what the assignor throws. */
  lead(election: Election): RequestFuture<SerializedAssignments> {
    const subscriptions = new Map<string, Subscription>()
    const topics = new Set<string>()
    for (const { memberId, groupInstanceId, metadata } of election.members) {
      const subscription = deserializeSubscription(metadata)
      subscription.setGroupInstanceId(groupInstanceId)
      subscriptions.set(memberId, subscription)
      for (const topic of subscription.topics) topics.add(topic)
    }
    const watched = this.watch.updateGroupSubscription(topics)
    if (election.skipAssignment) return andThen(watched, () => this.skipAssignment(election))
    return andThen(watched, () => this.assign(election, subscriptions, topics))
  }

  private skipAssignment({ generationId }: Election): RequestFuture<SerializedAssignments> {
    this.logger.info(
      `Skipped assignment for returning static leader at generation ${generationId}. The static ` +
        'leader will continue with its existing assignment.',
    )
    this.watch.rememberAssignment()
    return completed(new Map<string, Uint8Array>())
  }

  private assign(
    { assignor, generationId }: Election,
    subscriptions: ReadonlyMap<string, Subscription>,
    topics: ReadonlySet<string>,
  ): RequestFuture<SerializedAssignments> {
    const name = assignor.name()
    const group = new GroupSubscription(subscriptions)
    this.logger.debug(`Performing assignment using strategy ${name} with subscriptions ${group}`)
    const assignments = assignor.assign(this.metadata.fetch(), group).groupAssignment()
    if (this.protocol === 'COOPERATIVE' && name !== COOPERATIVE_STICKY_ASSIGNOR_NAME) {
      const owned = new Map<string, readonly TopicPartition[]>()
      for (const [id, { ownedPartitions }] of subscriptions) owned.set(id, ownedPartitions)
      this.validate(owned, assignments)
    }
    return andThen(this.maybeUpdateGroupSubscription(name, assignments, topics), () => {
      this.watch.rememberAssignment()
      const shares = [...assignments].map(([id, assignment]) => `${id}=${assignment}`)
      this.logger.info(
        `Finished assignment for group at generation ${generationId}: {${shares.join(', ')}}`,
      )
      return completed(
        new Map([...assignments].map(([id, assignment]) => [id, serializeAssignment(assignment)])),
      )
    })
  }

  private validate(
    owned: ReadonlyMap<string, readonly TopicPartition[]>,
    assignments: ReadonlyMap<string, Assignment>,
  ): void {
    try {
      validateCooperativeAssignment(owned, assignments)
    } catch (error) {
      this.logger.error('The assignment cannot be used', error)
      throw error
    }
  }

  /**
   * An assignor of the program's own may give out partitions of topics that nobody has subscribed
   * to. They are watched from now on, or their appearance in the metadata would look like a change.
   */
  private maybeUpdateGroupSubscription(
    assignorName: string,
    assignments: ReadonlyMap<string, Assignment>,
    subscribed: ReadonlySet<string>,
  ): RequestFuture<void> {
    if (ASSIGN_FROM_SUBSCRIBED_ASSIGNORS.has(assignorName)) return RequestFuture.voidSuccess()
    const assigned = new Set<string>()
    for (const { partitions } of assignments.values()) {
      for (const { topic } of partitions) assigned.add(topic)
    }
    const notAssigned = [...subscribed].filter((topic) => !assigned.has(topic)).sort()
    if (notAssigned.length > 0) {
      this.logger.warn(
        `The following subscribed topics are not assigned to any members: [${notAssigned}]`,
      )
    }
    const added = [...assigned].filter((topic) => !subscribed.has(topic)).sort()
    if (added.length === 0) return RequestFuture.voidSuccess()
    this.logger.info(
      `The following not-subscribed topics are assigned, and their metadata will be fetched from ` +
        `the brokers: [${added}]`,
    )
    return this.watch.updateGroupSubscription(new Set([...subscribed, ...added]))
  }
}

/** The assignor that the coordinator has chosen among those that we have named. */
export const lookupAssignor = (
  assignors: readonly ConsumerPartitionAssignor[],
  name: string,
): ConsumerPartitionAssignor => {
  const assignor = assignors.find((candidate) => candidate.name() === name)
  if (assignor === undefined) {
    throw new IllegalStateException(`Coordinator selected invalid assignment protocol: ${name}`)
  }
  return assignor
}

const completed = <T>(value: T): RequestFuture<T> => {
  const future = new RequestFuture<T>()
  future.complete(value)
  return future
}

/** Goes on after `first`. What `next` throws is the failure of the whole. */
const andThen = <T>(first: RequestFuture<void>, next: () => RequestFuture<T>): RequestFuture<T> =>
  first.compose<T>({
    onSuccess: (_, future) => {
      try {
        next().chain(future)
      } catch (error) {
        future.raise(asError(error))
      }
    },
  })
