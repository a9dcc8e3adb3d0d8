import { describe, expect, test } from 'vitest'
import { Uuid } from '../../../src/common/Uuid.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { covers } from '../../support/covers.ts'
import type { WireClient } from '../../support/WireClient.ts'
import { createTopic } from '../brokerSupport.ts'
import { commit, committed, joinAlone, onGroupCluster, partitionOf } from './groupSupport.ts'

const { code: UNKNOWN_PARTITION } = Errors.UNKNOWN_TOPIC_OR_PARTITION
const { code: UNKNOWN_ID } = Errors.UNKNOWN_TOPIC_ID
const STRANGE_ID = Uuid.fromString('aaaaaaaaaaaaaaaaaaaaaQ')

const partition = (partitionIndex: number, committedOffset = 10 + partitionIndex) => ({
  partitionIndex,
  committedOffset,
  committedMetadata: '',
})

/** Partitions as `[index, error]`. */
const errorsOf = (
  partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[],
): number[][] => partitions.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode])

const deleteTopic = (client: WireClient, name: string) =>
  client.request(ApiKeys.DELETE_TOPICS, 6, { topics: [{ name }] })

describe('committing', () => {
  test(
    'works in every version, by name and by id',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleOffsetCommitRequest')
      const client = await coordinatorOf('g')
      const topicId = await createTopic(client, 'orders', 2)
      for (const version of ApiKeys.OFFSET_COMMIT.allVersions()) {
        const topic = version >= 10 ? { topicId } : { name: 'orders' }
        const { topics } = await client.request(ApiKeys.OFFSET_COMMIT, version, {
          groupId: 'g',
          topics: [{ ...topic, partitions: [partition(0, version), partition(1, version)] }],
        })
        expect(topics).toHaveLength(1)
        expect(topics[0]).toMatchObject(topic)
        expect(errorsOf(topics[0]!.partitions)).toEqual([
          [0, 0],
          [1, 0],
        ])
        expect(await committed(client, 'g')).toEqual({ 'orders-0': version, 'orders-1': version })
      }
    }),
  )

  test(
    'by name stores what is there, and says of each of the rest that it is not',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleOffsetCommitRequestTopicsAndPartitionsValidation')
      const client = await coordinatorOf('g')
      await createTopic(client, 'foo', 2)
      await createTopic(client, 'bar', 2)
      const { topics } = await client.request(ApiKeys.OFFSET_COMMIT, 9, {
        groupId: 'g',
        topics: [
          { name: 'foo', partitions: [partition(0), partition(1), partition(2)] },
          { name: 'bar', partitions: [partition(0), partition(5)] },
          { name: 'zar', partitions: [partition(0)] },
        ],
      })
      const answers = Object.fromEntries(
        topics.map((each) => [each.name, errorsOf(each.partitions)]),
      )
      expect(answers).toEqual({
        foo: [
          [2, UNKNOWN_PARTITION],
          [0, 0],
          [1, 0],
        ],
        bar: [
          [5, UNKNOWN_PARTITION],
          [0, 0],
        ],
        zar: [[0, UNKNOWN_PARTITION]],
      })
      expect(await committed(client, 'g')).toEqual({ 'foo-0': 10, 'foo-1': 11, 'bar-0': 10 })
      const nothing = { groupId: 'h', topics: [{ name: 'zar', partitions: [partition(0)] }] }
      const response = await client.request(ApiKeys.OFFSET_COMMIT, 9, nothing)
      expect(errorsOf(response.topics[0]!.partitions)).toEqual([[0, UNKNOWN_PARTITION]])
    }),
  )

  test(
    'by id stores what is there, and says of each of the rest that it is not',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleOffsetCommitRequestTopicsAndPartitionsValidationWithTopicIds')
      const client = await coordinatorOf('g')
      const topicId = await createTopic(client, 'foo', 2)
      const { topics } = await client.request(ApiKeys.OFFSET_COMMIT, 10, {
        groupId: 'g',
        topics: [
          { topicId, partitions: [partition(0), partition(2)] },
          { topicId: STRANGE_ID, partitions: [partition(0), partition(1)] },
        ],
      })
      const of = (id: Uuid) => topics.find((each) => each.topicId.equals(id))!.partitions
      expect(errorsOf(of(topicId))).toEqual([
        [2, UNKNOWN_PARTITION],
        [0, 0],
      ])
      expect(errorsOf(of(STRANGE_ID))).toEqual([
        [0, UNKNOWN_ID],
        [1, UNKNOWN_ID],
      ])
    }),
  )

  test(
    'for a member of another generation, or of no group, is refused',
    onGroupCluster(async ({ coordinatorOf }) => {
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      const { memberId, generationId } = await joinAlone(client, 'g')
      const commitAs = (fields: { memberId?: string; generationId?: number }, version = 9) =>
        commit(client, 'g', 'orders', 1, { memberId, generationId, ...fields, version })
      expect(await commitAs({})).toBe(0)
      expect(await commitAs({ generationId: 0 })).toBe(Errors.ILLEGAL_GENERATION.code)
      expect(await commitAs({ memberId: 'x' })).toBe(Errors.UNKNOWN_MEMBER_ID.code)
      expect(await commit(client, 'g', 'orders', 1)).toBe(Errors.UNKNOWN_MEMBER_ID.code)
      const stranger = { memberId: 'm', generationId: 1 }
      expect(await commit(client, 'none', 'orders', 1, { ...stranger, version: 9 })).toBe(
        Errors.GROUP_ID_NOT_FOUND.code,
      )
      expect(await commit(client, 'none', 'orders', 1, { ...stranger, version: 8 })).toBe(
        Errors.ILLEGAL_GENERATION.code,
      )
    }),
  )

  test(
    'to a broker that does not coordinate the group says so of every partition',
    onGroupCluster(
      async ({ coordinatorOf, connect, cluster }) => {
        covers('KafkaApisTest.testHandleOffsetCommitRequestFutureFailed')
        const client = await coordinatorOf('g')
        await createTopic(client, 'orders')
        const leader = cluster.leaderOf('__consumer_offsets', partitionOf('g'))
        const wrong = await connect(cluster.brokerIds().find((id) => id !== leader))
        expect(await commit(wrong, 'g', 'orders', 1)).toBe(Errors.NOT_COORDINATOR.code)
      },
      { brokers: 2 },
    ),
  )

  test(
    'takes the empty group, as ever, and notes of up to 4096 characters',
    onGroupCluster(async ({ coordinatorOf }) => {
      const client = await coordinatorOf('')
      await createTopic(client, 'orders')
      expect(await commit(client, '', 'orders', 3, { metadata: 'x'.repeat(4096) })).toBe(0)
      expect(await commit(client, '', 'orders', 4, { metadata: 'x'.repeat(4097) })).toBe(
        Errors.OFFSET_METADATA_TOO_LARGE.code,
      )
      expect(await committed(client, '')).toEqual({ 'orders-0': 3 })
    }),
  )
})

describe('fetching', () => {
  test(
    'one group works in every version: some partitions, or all',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers(
        'KafkaApisTest.testHandleOffsetFetchWithSingleGroup',
        'KafkaApisTest.testHandleOffsetFetchAllOffsetsWithSingleGroup',
      )
      const client = await coordinatorOf('g')
      const topicId = await createTopic(client, 'orders', 2)
      await commit(client, 'g', 'orders', 5, { leaderEpoch: 3, metadata: 'note' })
      for (const version of ApiKeys.OFFSET_FETCH.allVersions()) {
        for (const all of version >= 2 ? [false, true] : [false]) {
          const topic = version >= 10 ? { topicId } : { name: 'orders' }
          const wanted = all ? null : [{ ...topic, partitionIndexes: [0, 1] }]
          const request = { groupId: 'g', topics: wanted }
          const response = await client.request(
            ApiKeys.OFFSET_FETCH,
            version,
            version >= 8 ? { groups: [request] } : request,
          )
          const { topics } = version >= 8 ? response.groups[0]! : response
          expect(topics, `v${version}`).toHaveLength(1)
          expect(topics[0]).toMatchObject(topic)
          const none = { partitionIndex: 1, committedOffset: -1, metadata: '', errorCode: 0 }
          expect(topics[0]!.partitions).toMatchObject([
            {
              partitionIndex: 0,
              committedOffset: 5,
              committedLeaderEpoch: version >= 5 ? 3 : -1,
              metadata: 'note',
              errorCode: 0,
            },
            ...(all ? [] : [none]),
          ])
        }
      }
    }),
  )

  test(
    'several groups gives each an answer, though one of them belongs elsewhere',
    onGroupCluster(
      async ({ coordinatorOf, cluster }) => {
        covers('KafkaApisTest.testHandleOffsetFetchWithMultipleGroups')
        const leader = (groupId: string) =>
          cluster.leaderOf('__consumer_offsets', partitionOf(groupId))
        const client = await coordinatorOf('a')
        const names = Array.from({ length: 20 }, (_, i) => `group-${i}`)
        const here = names.filter((name) => leader(name) === leader('a')).slice(0, 2)
        const elsewhere = names.find((name) => leader(name) !== leader('a'))!
        await createTopic(client, 'orders', 2)
        for (const groupId of here) await commit(client, groupId, 'orders', 7)
        const { groups } = await client.request(ApiKeys.OFFSET_FETCH, 9, {
          groups: [
            { groupId: here[0]!, topics: null },
            { groupId: elsewhere, topics: null },
            { groupId: here[1]!, topics: [{ name: 'orders', partitionIndexes: [0] }] },
            { groupId: 'none', topics: null },
          ],
          requireStable: true,
        })
        const code = leader('none') === leader('a') ? 0 : Errors.NOT_COORDINATOR.code
        const partitions = [{ partitionIndex: 0, committedOffset: 7 }]
        expect(groups).toMatchObject([
          { groupId: here[0], errorCode: 0, topics: [{ name: 'orders', partitions }] },
          { groupId: elsewhere, errorCode: Errors.NOT_COORDINATOR.code, topics: [] },
          { groupId: here[1], errorCode: 0, topics: [{ name: 'orders', partitions }] },
          { groupId: 'none', errorCode: code, topics: [] },
        ])
      },
      { brokers: 2 },
    ),
  )

  test(
    'by an id that nobody has says so, beside the topics that are there',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers('KafkaApisTest.testHandleOffsetFetchWithUnknownTopicIds')
      const client = await coordinatorOf('g')
      const topicId = await createTopic(client, 'orders')
      await commit(client, 'g', 'orders', 5)
      const { groups } = await client.request(ApiKeys.OFFSET_FETCH, 10, {
        groups: [
          {
            groupId: 'g',
            topics: [
              { topicId: STRANGE_ID, partitionIndexes: [0, 1] },
              { topicId, partitionIndexes: [0] },
            ],
          },
        ],
      })
      expect(groups[0]!.errorCode).toBe(0)
      expect(groups[0]!.topics.map((each) => errorsOf(each.partitions))).toEqual([
        [[0, 0]],
        [
          [0, UNKNOWN_ID],
          [1, UNKNOWN_ID],
        ],
      ])
    }),
  )

  test(
    'finds nothing of a topic that was deleted, also when there is a new one of its name',
    onGroupCluster(async ({ coordinatorOf }) => {
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      await createTopic(client, 'kept')
      await commit(client, 'g', 'orders', 5)
      await commit(client, 'g', 'kept', 6)
      await deleteTopic(client, 'orders')
      await createTopic(client, 'orders')
      expect(await committed(client, 'g')).toEqual({ 'kept-0': 6 })
    }),
  )
})

describe('deleting', () => {
  const remove = async (
    client: WireClient,
    groupId: string,
    topics: Readonly<Record<string, readonly number[]>>,
  ) =>
    client.request(ApiKeys.OFFSET_DELETE, 0, {
      groupId,
      topics: Object.entries(topics).map(([name, partitions]) => ({
        name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
      })),
    })

  test(
    'forgets the partitions that are named, and says which there are not',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers(
        'KafkaApisTest.testOffsetDelete',
        'KafkaApisTest.testOffsetDeleteTopicsAndPartitionsValidation',
        'KafkaApisTest.testOffsetDeleteWithInvalidPartition',
      )
      const client = await coordinatorOf('g')
      await createTopic(client, 'foo', 2)
      await createTopic(client, 'bar', 2)
      for (const [topic, index] of [
        ['foo', 0],
        ['foo', 1],
        ['bar', 0],
      ] as const) {
        await commit(client, 'g', topic, 5, { partition: index })
      }
      const response = await remove(client, 'g', { foo: [0, 1, 2], bar: [1, -1], zar: [0] })
      expect(response.errorCode).toBe(0)
      expect(response.topics.map(({ name, partitions }) => [name, errorsOf(partitions)])).toEqual([
        [
          'foo',
          [
            [2, UNKNOWN_PARTITION],
            [0, 0],
            [1, 0],
          ],
        ],
        [
          'bar',
          [
            [-1, UNKNOWN_PARTITION],
            [1, 0],
          ],
        ],
        ['zar', [[0, UNKNOWN_PARTITION]]],
      ])
      expect(await committed(client, 'g')).toEqual({ 'bar-0': 5 })
    }),
  )

  test(
    'is refused while a member reads the topic',
    onGroupCluster(async ({ coordinatorOf }) => {
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      await createTopic(client, 'old')
      const member = await joinAlone(client, 'g')
      await commit(client, 'g', 'orders', 5, member)
      await commit(client, 'g', 'old', 5, member)
      const { topics } = await remove(client, 'g', { orders: [0], old: [0] })
      expect(topics.map(({ name, partitions }) => [name, errorsOf(partitions)])).toEqual([
        ['orders', [[0, Errors.GROUP_SUBSCRIBED_TO_TOPIC.code]]],
        ['old', [[0, 0]]],
      ])
      expect(await committed(client, 'g')).toEqual({ 'orders-0': 5 })
    }),
  )

  test(
    'of a group that is not there is an error of the whole, also when no partition is there',
    onGroupCluster(async ({ coordinatorOf }) => {
      covers(
        'KafkaApisTest.testOffsetDeleteWithInvalidGroup',
        'KafkaApisTest.testOffsetDeleteWithInvalidGroupWithTopLevelError',
      )
      const client = await coordinatorOf('g')
      await createTopic(client, 'orders')
      const { code } = Errors.GROUP_ID_NOT_FOUND
      expect(await remove(client, 'g', { orders: [0] })).toMatchObject({
        errorCode: code,
        topics: [],
      })
      expect(await remove(client, 'g', { zar: [0] })).toMatchObject({ errorCode: code, topics: [] })
      expect((await remove(client, '', {})).errorCode).toBe(Errors.INVALID_GROUP_ID.code)
    }),
  )
})
