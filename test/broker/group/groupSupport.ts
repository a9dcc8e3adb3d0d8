/**
 * What tests of groups over the wire share: a cluster on which a group can be had at once, and its
 * requests in one line.
 */

import type { EmbeddedClusterOptions } from '../../../src/broker/EmbeddedCluster.ts'
import { hashOfString } from '../../../src/common/HashMap.ts'
import type { Time } from '../../../src/common/Time.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { serializeConsumerProtocolSubscription } from '../../../src/protocol/ConsumerProtocol.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import type { WireClient } from '../../support/WireClient.ts'
import { onCluster, type TestCluster, text } from '../brokerSupport.ts'

export const OFFSETS_TOPIC = '__consumer_offsets'
const PARTITIONS = 4

/**
 * The partition of `__consumer_offsets` that a group belongs to, in the clusters of these tests.
 */
export const partitionOf = (groupId: string): number => Math.abs(hashOfString(groupId)) % PARTITIONS

export interface GroupCluster extends TestCluster {
  /** A connection to whoever coordinates the group. */
  coordinatorOf(groupId: string): Promise<WireClient>
}

/** As `onCluster`, without the wait for first members, and with few partitions of groups. */
export const onGroupCluster = (
  main: (test: GroupCluster) => Promise<void>,
  options: EmbeddedClusterOptions = {},
  seed = 1,
) =>
  onCluster(
    async (test) => {
      const coordinatorOf = async (groupId: string) => {
        const asker = await test.connect(test.cluster.brokerIds()[0])
        return test.connect(await findCoordinator(test, asker, groupId))
      }
      await main({ ...test, coordinatorOf })
    },
    {
      ...options,
      config: {
        'group.initial.rebalance.delay.ms': 0,
        'offsets.topic.num.partitions': PARTITIONS,
        ...options.config,
      },
    },
    seed,
  )

/** Asks until there is one, for ten seconds at most; returns the broker's id. */
export const findCoordinator = (
  { environment }: TestCluster,
  client: WireClient,
  groupId: string,
): Promise<number> => coordinatorReady(environment.time, client, groupId)

/** As `findCoordinator`, on any clock. */
export const coordinatorReady = async (
  time: Time,
  client: WireClient,
  groupId: string,
): Promise<number> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { coordinators } = await client.request(ApiKeys.FIND_COORDINATOR, 6, {
      keyType: 0,
      coordinatorKeys: [groupId],
    })
    const { errorCode, nodeId } = coordinators[0]!
    if (errorCode === 0) return nodeId
    if (errorCode !== Errors.COORDINATOR_NOT_AVAILABLE.code) throw new Error(`error ${errorCode}`)
    await time.sleep(100)
  }
  throw new Error(`no coordinator for ${groupId}`)
}

/** What each member wants to read. */
export const SUBSCRIPTION = serializeConsumerProtocolSubscription({ topics: ['orders'] })

interface Member {
  readonly memberId: string
  readonly generationId: number
  readonly leader: string
}

/** The two JoinGroups of a new member: the first one brings its id. */
export const join = async (
  client: WireClient,
  groupId: string,
  { sessionTimeoutMs = 10_000, groupInstanceId = null as string | null } = {},
): Promise<Member> => {
  const request = {
    groupId,
    sessionTimeoutMs,
    rebalanceTimeoutMs: 60_000,
    groupInstanceId,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: SUBSCRIPTION }],
  }
  const first = await client.request(ApiKeys.JOIN_GROUP, 9, { ...request, memberId: '' })
  const { memberId } = first
  const response =
    first.errorCode === Errors.MEMBER_ID_REQUIRED.code
      ? await client.request(ApiKeys.JOIN_GROUP, 9, { ...request, memberId })
      : first
  if (response.errorCode !== 0) throw new Error(`JoinGroup: error ${response.errorCode}`)
  return response
}

/** The leader's SyncGroup: everybody gets what its id says. */
export const sync = async (
  client: WireClient,
  groupId: string,
  { memberId, generationId }: Member,
  shares: readonly string[] = [memberId],
) =>
  client.request(ApiKeys.SYNC_GROUP, 5, {
    groupId,
    generationId,
    memberId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: shares.map((id) => ({ memberId: id, assignment: text(`of ${id}`) })),
  })

/** A group of one, ready to read. */
export const joinAlone = async (client: WireClient, groupId: string): Promise<Member> => {
  const member = await join(client, groupId)
  await sync(client, groupId, member)
  return member
}

export interface CommitOptions {
  readonly partition?: number
  readonly metadata?: string | null
  readonly memberId?: string
  readonly generationId?: number
  readonly leaderEpoch?: number
  readonly retentionTimeMs?: number
  readonly version?: number
}

/** Commits one offset by the topic's name; returns the partition's error. */
export const commit = async (
  client: WireClient,
  groupId: string,
  topic: string,
  offset: number,
  options: CommitOptions = {},
): Promise<number> => {
  const { partition = 0, metadata = '', memberId = '', generationId = -1, version = 9 } = options
  const { topics } = await client.request(ApiKeys.OFFSET_COMMIT, version, {
    groupId,
    generationIdOrMemberEpoch: generationId,
    memberId,
    retentionTimeMs: options.retentionTimeMs,
    topics: [
      {
        name: topic,
        partitions: [
          {
            partitionIndex: partition,
            committedOffset: offset,
            committedLeaderEpoch: options.leaderEpoch,
            committedMetadata: metadata,
          },
        ],
      },
    ],
  })
  return topics[0]!.partitions[0]!.errorCode
}

/** All offsets of a group, as `topic-partition: offset`. */
export const committed = async (
  client: WireClient,
  groupId: string,
): Promise<Record<string, number>> => {
  const { groups } = await client.request(ApiKeys.OFFSET_FETCH, 9, {
    groups: [{ groupId, topics: null }],
  })
  const { errorCode, topics } = groups[0]!
  if (errorCode !== 0) throw new Error(`OffsetFetch: error ${errorCode}`)
  return Object.fromEntries(
    topics.flatMap(({ name, partitions }) =>
      partitions.map((each) => [`${name}-${each.partitionIndex}`, each.committedOffset]),
    ),
  )
}
