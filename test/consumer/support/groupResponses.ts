/**
 * What a coordinator answers to a member of a group, as a test says it.
 */

import type { ResponseInputOf } from '../../../src/clients/RequestBuilder.ts'
import type { Node } from '../../../src/common/Node.ts'
import type { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { Assignment } from '../../../src/consumer/Assignment.ts'
import {
  serializeAssignment,
  serializeSubscription,
} from '../../../src/consumer/internals/ConsumerProtocol.ts'
import { Subscription, type SubscriptionOptions } from '../../../src/consumer/Subscription.ts'
import type { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors, type WireError } from '../../../src/protocol/Errors.ts'
import type {
  JoinGroupResponseInput,
  JoinGroupResponseMember,
} from '../../../src/protocol/messages/JoinGroup.ts'

export const groupId = 'test-group'
export const mockAssignorName = 'consumer-mock-assignor'

export const coordinatorIs = (
  node: Node,
  error: WireError = Errors.NONE,
): ResponseInputOf<typeof ApiKeys.FIND_COORDINATOR> => ({
  coordinators: [
    { key: groupId, nodeId: node.id, host: node.host, port: node.port, errorCode: error.code },
  ],
})

export interface JoinedOptions {
  readonly generationId?: number
  readonly memberId?: string
  readonly error?: WireError
  readonly protocolName?: string
}

export const joinedAsFollower = (options: JoinedOptions = {}): JoinGroupResponseInput => ({
  errorCode: options.error?.code ?? 0,
  generationId: options.generationId ?? 1,
  protocolName: options.protocolName ?? mockAssignorName,
  leader: 'leader',
  memberId: options.memberId ?? 'consumer',
  members: [],
})

export interface JoinedAsLeaderOptions extends JoinedOptions {
  /** The topics of each member, by its id. */
  readonly subscriptions?: Readonly<Record<string, readonly string[]>>
  readonly skipAssignment?: boolean
  readonly rackId?: string | null
}

export const joinedAsLeader = (options: JoinedAsLeaderOptions = {}): JoinGroupResponseInput => {
  const memberId = options.memberId ?? 'consumer'
  return {
    errorCode: options.error?.code ?? 0,
    generationId: options.generationId ?? 1,
    protocolName: options.protocolName ?? mockAssignorName,
    leader: memberId,
    memberId,
    skipAssignment: options.skipAssignment ?? false,
    members: Object.entries(options.subscriptions ?? {}).map(([id, topics]) =>
      member(id, topics, { rackId: options.rackId ?? null }),
    ),
  }
}

export const member = (
  memberId: string,
  topics: readonly string[],
  options: SubscriptionOptions = {},
): JoinGroupResponseMember => ({
  memberId,
  groupInstanceId: null,
  metadata: serializeSubscription(new Subscription(topics, options)),
  unknownTaggedFields: [],
})

export const assignmentOf = (
  partitions: readonly TopicPartition[],
  userData: Uint8Array | null = null,
): Uint8Array => serializeAssignment(new Assignment(partitions, userData))

export const synced = (
  partitions: readonly TopicPartition[],
  error: WireError = Errors.NONE,
): ResponseInputOf<typeof ApiKeys.SYNC_GROUP> => ({
  errorCode: error.code,
  assignment: assignmentOf(partitions),
})

export const committed = (
  partitions: Iterable<TopicPartition>,
  error: WireError = Errors.NONE,
): ResponseInputOf<typeof ApiKeys.OFFSET_COMMIT> => ({
  topics: [...partitions].map(({ topic, partition }) => ({
    name: topic,
    partitions: [{ partitionIndex: partition, errorCode: error.code }],
  })),
})

export interface StoredOffset {
  readonly offset?: number
  readonly leaderEpoch?: number
  readonly metadata?: string
  readonly error?: WireError
}

export const storedOffsets = (
  offsets: Iterable<readonly [TopicPartition, StoredOffset]>,
  error: WireError = Errors.NONE,
): ResponseInputOf<typeof ApiKeys.OFFSET_FETCH> => {
  const topics = [...offsets].map(([{ topic, partition }, stored]) => ({
    name: topic,
    partitions: [
      {
        partitionIndex: partition,
        committedOffset: stored.offset ?? -1,
        committedLeaderEpoch: stored.leaderEpoch ?? -1,
        metadata: stored.metadata ?? '',
        errorCode: stored.error?.code ?? 0,
      },
    ],
  }))
  return { groups: [{ groupId, errorCode: error.code, topics }] }
}
