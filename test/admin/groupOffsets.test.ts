/** Where groups stopped reading: asking for it, setting it, forgetting it; and deleting groups. */

import { describe, expect, test } from 'vitest'
import type { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import type { ListConsumerGroupOffsetsSpec } from '../../src/admin/ListConsumerGroupOffsetsSpec.ts'
import type { MockClient } from '../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import { UnknownTopicOrPartitionException } from '../../src/common/errors/ApiExceptions.ts'
import {
  GroupNotEmptyException,
  GroupSubscribedToTopicException,
  InvalidGroupIdException,
} from '../../src/common/errors/CoordinatorExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { OffsetAndMetadata } from '../../src/consumer/OffsetAndMetadata.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { withAdmin } from './adminEnv.ts'
import {
  BAR_0,
  FIND_COORDINATOR_V3,
  FOO_0,
  FOO_1,
  failureOf,
  GROUP,
  OFFSET_FETCH_V7,
  oldCoordinator,
  prepareCoordinator,
} from './groupEnv.ts'

const { FIND_COORDINATOR, OFFSET_COMMIT, OFFSET_DELETE, OFFSET_FETCH, DELETE_GROUPS } = ApiKeys

const committed = (partitionIndex: number, committedOffset: number, errorCode = 0) => ({
  partitionIndex,
  committedOffset,
  metadata: committedOffset < 0 ? null : `at ${committedOffset}`,
  errorCode,
})

describe('listConsumerGroupOffsets', () => {
  test('tells what was committed, and null for what was not', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testListConsumerGroupOffsets')
      prepareCoordinator(client, cluster.nodes[0]!)
      const unstable = Errors.UNSTABLE_OFFSET_COMMIT.code
      const partitions = [
        { ...committed(0, 10), committedLeaderEpoch: 3 },
        committed(1, 0),
        committed(2, -1),
        committed(3, 5, unstable),
      ]
      const groups = [{ groupId: GROUP, topics: [{ name: 'foo', partitions }], errorCode: 0 }]
      client.prepareResponse(OFFSET_FETCH, { groups })
      const offsets = await admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata()
      expect([...offsets]).toEqual([
        [FOO_0, new OffsetAndMetadata(10, 3, 'at 10')],
        [FOO_1, new OffsetAndMetadata(0, null, 'at 0')],
        [new TopicPartition('foo', 2), null],
      ])
    }))

  test('asks for the partitions that it is given, and for stable offsets', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testListConsumerGroupOffsetsOptionsWithBatchedApi')
      prepareCoordinator(client, cluster.nodes[0]!)
      const specs = new Map([[GROUP, { topicPartitions: [FOO_0, FOO_1, BAR_0] }]])
      const result = admin.listConsumerGroupOffsets(specs, { requireStable: true, timeoutMs: 300 })
      const asked: unknown[] = []
      client.prepareResponse(
        OFFSET_FETCH,
        { groups: [{ groupId: GROUP, topics: [], errorCode: 0 }] },
        { matcher: (request) => asked.push(request) > 0 },
      )
      await result.all()
      const [foo, bar] = [
        { name: 'foo', partitionIndexes: [0, 1] },
        { name: 'bar', partitionIndexes: [0] },
      ]
      expect(asked).toMatchObject([
        { requireStable: true, groups: [{ groupId: GROUP, topics: [foo, bar] }] },
      ])
    }))

  test('is refused for a group that was not asked for, and for "the only one" of several', () =>
    withAdmin({ nodes: 1 }, async ({ admin }) => {
      const result = admin.listConsumerGroupOffsets(twoGroups)
      expect(() => result.partitionsToOffsetAndMetadata()).toThrow(IllegalStateException)
      expect(() => result.partitionsToOffsetAndMetadata('other')).toThrow(IllegalArgumentException)
    }))

  const twoGroups: ReadonlyMap<string, ListConsumerGroupOffsetsSpec> = new Map([
    ['one', { topicPartitions: [FOO_0] }],
    ['two', { topicPartitions: [FOO_1] }],
  ])
  const topics = (partition: number) => [
    { name: 'foo', partitions: [committed(partition, 10 + partition)] },
  ]
  const expectBoth = async (result: ReturnType<KafkaAdminClient['listConsumerGroupOffsets']>) => {
    const all = await result.all()
    expect([...all.keys()]).toEqual(['one', 'two'])
    expect(all.get('one')!.get(FOO_0)!.offset).toBe(10)
    expect((await result.partitionsToOffsetAndMetadata('two')).get(FOO_1)!.offset).toBe(11)
  }

  test('asks for many groups at once', () =>
    withAdmin({ nodes: 1, config: { retries: 0 } }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testBatchedListConsumerGroupOffsets')
      prepareCoordinator(client, cluster.nodes[0]!, 'one', 'two')
      client.prepareResponse(OFFSET_FETCH, {
        groups: [
          { groupId: 'one', topics: topics(0), errorCode: 0 },
          { groupId: 'two', topics: topics(1), errorCode: 0 },
        ],
      })
      await expectBoth(admin.listConsumerGroupOffsets(twoGroups))
    }))

  /** One answer of an old broker, for a request about this group. */
  const prepareOld = (client: MockClient, name: 'one' | 'two', error = Errors.NONE) =>
    client.prepareResponse(
      OFFSET_FETCH,
      {
        topics: error === Errors.NONE ? topics(name === 'one' ? 0 : 1) : [],
        errorCode: error.code,
      },
      { matcher: ({ groupId }) => groupId === name },
    )

  test('asks for one group after the other where many coordinators cannot be found at once', () =>
    withAdmin(
      { nodes: 1, config: { 'retry.backoff.ms': 0 } },
      async ({ admin, client, cluster }) => {
        covers(
          'KafkaAdminClientTest.' +
            'testBatchedListConsumerGroupOffsetsWithNoFindCoordinatorBatching',
        )
        client.setNodeApiVersions(NodeApiVersions.create([FIND_COORDINATOR_V3, OFFSET_FETCH_V7]))
        // The first is never sent: no version that the broker serves can say it.
        for (const node of [null, cluster.nodes[0]!, cluster.nodes[0]!]) {
          client.prepareResponse(FIND_COORDINATOR, oldCoordinator(node))
        }
        prepareOld(client, 'one', Errors.COORDINATOR_LOAD_IN_PROGRESS)
        prepareOld(client, 'one')
        prepareOld(client, 'two')
        await expectBoth(admin.listConsumerGroupOffsets(twoGroups))
      },
    ))

  test('asks for one group after the other where only offsets cannot be had at once', () =>
    withAdmin(
      { nodes: 1, config: { 'retry.backoff.ms': 0 } },
      async ({ admin, client, cluster }) => {
        covers('KafkaAdminClientTest.testBatchedListConsumerGroupOffsetsWithNoOffsetFetchBatching')
        client.setNodeApiVersions(NodeApiVersions.create([OFFSET_FETCH_V7]))
        prepareCoordinator(client, cluster.nodes[0]!, 'one', 'two')
        // Never sent, as above; then each group's coordinator is looked up by itself.
        client.prepareResponse(OFFSET_FETCH, { errorCode: 0 })
        prepareCoordinator(client, cluster.nodes[0]!, 'one')
        prepareCoordinator(client, cluster.nodes[0]!, 'two')
        prepareOld(client, 'one')
        prepareOld(client, 'two')
        await expectBoth(admin.listConsumerGroupOffsets(twoGroups))
      },
    ))
})

describe('alterConsumerGroupOffsets', () => {
  const alter = (admin: KafkaAdminClient, ...partitions: TopicPartition[]) =>
    admin.alterConsumerGroupOffsets(
      GROUP,
      partitions.map((partition, i) => [partition, new OffsetAndMetadata(i, i, `note ${i}`)]),
    )

  test('commits each offset with its epoch and note', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testAlterConsumerGroupOffsets')
      prepareCoordinator(client, cluster.nodes[0]!)
      const sent: unknown[] = []
      const partitions = [{ partitionIndex: 0 }, { partitionIndex: 1 }]
      client.prepareResponse(
        OFFSET_COMMIT,
        { topics: [{ name: 'foo', partitions: partitions.map((p) => ({ ...p, errorCode: 0 })) }] },
        { matcher: (request) => sent.push(request) > 0 },
      )
      const result = alter(admin, FOO_0, FOO_1)
      await result.all()
      await result.partitionResult(FOO_0)
      await expect(result.partitionResult(BAR_0)).rejects.toThrow(IllegalArgumentException)
      const offset = (i: number) => ({
        partitionIndex: i,
        committedOffset: i,
        committedLeaderEpoch: i,
        committedMetadata: `note ${i}`,
      })
      expect(sent).toMatchObject([
        {
          groupId: GROUP,
          memberId: '',
          generationIdOrMemberEpoch: -1,
          topics: [{ name: 'foo', partitions: [offset(0), offset(1)] }],
        },
      ])
    }))

  test('fails one partition and not the other', () =>
    withAdmin({ nodes: 1, config: { retries: 0 } }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testOffsetCommitWithMultipleErrors')
      prepareCoordinator(client, cluster.nodes[0]!)
      const unknown = Errors.UNKNOWN_TOPIC_OR_PARTITION.code
      const partitions = [
        { partitionIndex: 0, errorCode: 0 },
        { partitionIndex: 1, errorCode: unknown },
      ]
      client.prepareResponse(OFFSET_COMMIT, { topics: [{ name: 'foo', partitions }] })
      const result = alter(admin, FOO_0, FOO_1)
      await result.partitionResult(FOO_0)
      await expect(result.partitionResult(FOO_1)).rejects.toThrow(UnknownTopicOrPartitionException)
      const failure = await failureOf(result.all())
      expect(failure).toBeInstanceOf(UnknownTopicOrPartitionException)
      expect((failure as Error).message).toContain('following partitions: foo-1.')
    }))
})

describe('deleteConsumerGroupOffsets', () => {
  test('fails one partition and not the other', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDeleteConsumerGroupOffsets')
      prepareCoordinator(client, cluster.nodes[0]!)
      const errorCode = Errors.GROUP_SUBSCRIBED_TO_TOPIC.code
      client.prepareResponse(OFFSET_DELETE, {
        topics: [
          { name: 'foo', partitions: [{ partitionIndex: 0, errorCode: 0 }] },
          { name: 'bar', partitions: [{ partitionIndex: 0, errorCode }] },
        ],
      })
      const result = admin.deleteConsumerGroupOffsets(GROUP, [FOO_0, BAR_0, FOO_1])
      await result.partitionResult(FOO_0)
      await expect(result.partitionResult(BAR_0)).rejects.toThrow(GroupSubscribedToTopicException)
      await expect(result.all()).rejects.toThrow(GroupSubscribedToTopicException)
      // The broker has not answered for this one.
      await expect(result.partitionResult(FOO_1)).rejects.toThrow(IllegalArgumentException)
      const other = new TopicPartition('foobar', 0)
      expect(() => result.partitionResult(other)).toThrow(IllegalArgumentException)
    }))
})

describe('deleteConsumerGroups', () => {
  test('deletes one group and not the other', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      prepareCoordinator(client, cluster.nodes[0]!, 'empty', 'busy')
      const errorCode = Errors.NON_EMPTY_GROUP.code
      client.prepareResponse(DELETE_GROUPS, {
        results: [
          { groupId: 'empty', errorCode: 0 },
          { groupId: 'busy', errorCode },
        ],
      })
      const result = admin.deleteConsumerGroups(['empty', 'busy'])
      await result.deletedGroups().get('empty')
      await expect(result.all()).rejects.toThrow(GroupNotEmptyException)
    }))

  test('fails a group id that no request can hold, and deletes the others', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      prepareCoordinator(client, cluster.nodes[0]!)
      client.prepareResponse(DELETE_GROUPS, { results: [{ groupId: GROUP, errorCode: 0 }] })
      const none = null as unknown as string
      const deleted = admin.deleteConsumerGroups([GROUP, none]).deletedGroups()
      await deleted.get(GROUP)
      await expect(deleted.get(none)).rejects.toThrow(InvalidGroupIdException)
    }))

  const OLD = NodeApiVersions.create([FIND_COORDINATOR_V3])
  const gone = (...groups: string[]) => ({
    results: groups.map((groupId) => ({ groupId, errorCode: 0 })),
  })

  test('finds the coordinator at an old broker', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDeleteConsumerGroupsWithOlderBroker')
      client.setNodeApiVersions(OLD)
      const { COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS } = Errors
      const found = () =>
        client.prepareResponse(FIND_COORDINATOR, oldCoordinator(cluster.nodes[0]!))
      for (const error of [COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS]) {
        client.prepareResponse(FIND_COORDINATOR, oldCoordinator(null, error))
      }
      found()
      client.prepareResponse(DELETE_GROUPS, gone(GROUP))
      await admin.deleteConsumerGroups([GROUP]).all()
      const refused = oldCoordinator(null, Errors.GROUP_AUTHORIZATION_FAILED)
      client.prepareResponse(FIND_COORDINATOR, refused)
      await expect(admin.deleteConsumerGroups([GROUP]).all()).rejects.toThrow('Not authorized')
      found()
      for (const error of [Errors.NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE]) {
        const results = [{ groupId: GROUP, errorCode: error.code }]
        client.prepareResponse(DELETE_GROUPS, { results })
        found()
      }
      client.prepareResponse(DELETE_GROUPS, gone(GROUP))
      await admin.deleteConsumerGroups([GROUP]).all()
    }))

  test('finds one coordinator after the other at an old broker', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDeleteMultipleConsumerGroupsWithOlderBroker')
      client.setNodeApiVersions(OLD)
      // For the request about both, which no version can say.
      client.prepareResponse(FIND_COORDINATOR, null)
      for (const _ of ['one', 'two']) {
        const notYet = oldCoordinator(null, Errors.COORDINATOR_NOT_AVAILABLE)
        client.prepareResponse(FIND_COORDINATOR, notYet)
      }
      for (const _ of ['one', 'two']) {
        client.prepareResponse(FIND_COORDINATOR, oldCoordinator(cluster.nodes[0]!))
      }
      client.prepareResponse(DELETE_GROUPS, gone('one'))
      client.prepareResponse(DELETE_GROUPS, gone('two'))
      await admin.deleteConsumerGroups(['one', 'two']).all()
    }))
})
