import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { CreateTopicsRequestInput } from '../../src/protocol/messages/CreateTopics.ts'
import type { WireClient } from '../support/WireClient.ts'
import { batchOf, createTopic, onCluster, produce } from './brokerSupport.ts'

type NewTopic = NonNullable<CreateTopicsRequestInput['topics']>[number]

const create = async (client: WireClient, topic: NewTopic, validateOnly = false) => {
  const { topics } = await client.request(ApiKeys.CREATE_TOPICS, 7, {
    topics: [{ numPartitions: 1, replicationFactor: 1, ...topic }],
    validateOnly,
  })
  return topics[0]!
}

const metadata = async (
  client: WireClient,
  names: string[] | null,
  allowAutoTopicCreation = false,
) => {
  const topics = names?.map((name) => ({ name })) ?? null
  return client.request(ApiKeys.METADATA, 9, { topics, allowAutoTopicCreation })
}

describe('CreateTopics', () => {
  test(
    "makes topics with numbers and settings of their own or the broker's, in every version",
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        for (let version = 2; version <= 7; version++) {
          const { topics } = await client.request(ApiKeys.CREATE_TOPICS, version, {
            topics: [
              {
                name: `own-${version}`,
                numPartitions: 3,
                replicationFactor: 1,
                configs: [{ name: 'retention.ms', value: '5' }],
              },
              ...(version >= 4
                ? [{ name: `default-${version}`, numPartitions: -1, replicationFactor: -1 }]
                : []),
            ],
          })
          expect(topics.map((topic) => topic.errorCode)).toEqual(topics.map(() => 0))
          if (version < 5) continue
          expect(topics.map((topic) => [topic.numPartitions, topic.replicationFactor])).toEqual([
            [3, 1],
            [4, 1],
          ])
          const retention = topics[0]!.configs!.find((config) => config.name === 'retention.ms')
          expect(retention).toMatchObject({ value: '5', configSource: 1 })
        }
        const { topics } = await metadata(client, ['own-2', 'default-7'])
        expect(topics.map((topic) => topic.partitions.length)).toEqual([3, 4])
      },
      { config: { 'num.partitions': 4 } },
    ),
  )

  test(
    'refuses what cannot be, and says why',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await create(client, { name: 'there.is' })
      const cases: [NewTopic, keyof typeof Errors, RegExp][] = [
        [{ name: 'there.is' }, 'TOPIC_ALREADY_EXISTS', /already exists/],
        [{ name: 'there_is' }, 'INVALID_TOPIC_EXCEPTION', /collides with existing topic: there.is/],
        [{ name: '' }, 'INVALID_TOPIC_EXCEPTION', /empty string/],
        [{ name: '..' }, 'INVALID_TOPIC_EXCEPTION', /not allowed/],
        [{ name: 'a/b' }, 'INVALID_TOPIC_EXCEPTION', /characters other than ASCII/],
        [
          { name: 'x'.repeat(250) },
          'INVALID_TOPIC_EXCEPTION',
          /longer than the max allowed length 249/,
        ],
        [{ name: 'a', numPartitions: 0 }, 'INVALID_PARTITIONS', /non-positive/],
        [{ name: 'a', numPartitions: -2 }, 'INVALID_PARTITIONS', /non-positive/],
        [{ name: '__cluster_metadata' }, 'INVALID_REQUEST', /internal topic .* is prohibited/],
        [{ name: 'a', replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR', /non-positive/],
        [
          { name: 'a', replicationFactor: 2 },
          'INVALID_REPLICATION_FACTOR',
          /only 1 broker\(s\) are registered/,
        ],
        [
          { name: 'a', configs: [{ name: 'retention.msec', value: '1' }] },
          'INVALID_CONFIG',
          /Did you mean 'retention.ms'/,
        ],
        [
          { name: 'a', configs: [{ name: 'retention.ms', value: 'soon' }] },
          'INVALID_CONFIG',
          /retention.ms/,
        ],
        [
          { name: 'a', configs: [{ name: 'cleanup.policy', value: 'keep' }] },
          'INVALID_CONFIG',
          /compact, delete/,
        ],
        [
          {
            name: 'a',
            configs: [
              { name: 'min.compaction.lag.ms', value: '2' },
              { name: 'max.compaction.lag.ms', value: '1' },
            ],
          },
          'INVALID_CONFIG',
          /conflict topic config/,
        ],
      ]
      for (const [topic, error, message] of cases) {
        const answer = await create(client, topic)
        expect([Errors.forCode(answer.errorCode).name, topic.name]).toEqual([error, topic.name])
        expect(answer.errorMessage).toMatch(message)
      }
      expect((await metadata(client, null)).topics.map((topic) => topic.name)).toEqual(['there.is'])
    }),
  )

  test(
    'does not pretend to replicate',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        const answer = await create(client, { name: 'a', replicationFactor: 2 })
        expect(answer.errorCode).toBe(Errors.INVALID_REPLICATION_FACTOR.code)
        expect(answer.errorMessage).toMatch(/one replica per partition.*use replication factor 1/)
        const assigned = await create(client, {
          name: 'a',
          numPartitions: -1,
          replicationFactor: -1,
          assignments: [{ partitionIndex: 0, brokerIds: [1, 2] }],
        })
        expect(assigned.errorCode).toBe(Errors.INVALID_REPLICATION_FACTOR.code)
      },
      { brokers: 2 },
    ),
  )

  test(
    'puts partitions where it is told to',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        const assign = (assignments: [number, number[]][], rest: object = {}) =>
          create(client, {
            name: 'placed',
            numPartitions: -1,
            replicationFactor: -1,
            assignments: assignments.map(([partitionIndex, brokerIds]) => ({
              partitionIndex,
              brokerIds,
            })),
            ...rest,
          })
        expect((await assign([[0, [1]]], { numPartitions: 1 })).errorCode).toBe(
          Errors.INVALID_REQUEST.code,
        )
        expect((await assign([[0, [1]]], { replicationFactor: 1 })).errorCode).toBe(
          Errors.INVALID_REQUEST.code,
        )
        for (const bad of [
          [[0, [9]]],
          [[0, []]],
          [[0, [1, 1]]],
          [
            [0, [1]],
            [0, [2]],
          ],
          [
            [0, [1]],
            [2, [2]],
          ],
        ] as [number, number[]][][]) {
          expect((await assign(bad)).errorCode).toBe(Errors.INVALID_REPLICA_ASSIGNMENT.code)
        }
        expect(
          (
            await assign([
              [1, [1]],
              [0, [2]],
            ])
          ).errorCode,
        ).toBe(0)
        const { topics } = await metadata(client, ['placed'])
        expect(topics[0]!.partitions.map((each) => each.leaderId)).toEqual([2, 1])
      },
      { brokers: 2 },
    ),
  )

  test(
    'with validateOnly makes nothing, and a name twice in one request is refused',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const answer = await create(client, { name: 'a', numPartitions: 7 }, true)
      expect(answer).toMatchObject({ errorCode: 0, numPartitions: 7 })
      // The id that the topic would get if it were made now.
      expect(answer.topicId.equals(Uuid.ZERO_UUID)).toBe(false)
      expect((await metadata(client, null)).topics).toEqual([])
      const { topics } = await client.request(ApiKeys.CREATE_TOPICS, 7, {
        topics: [
          { name: 'a', numPartitions: 1, replicationFactor: 1 },
          { name: 'a', numPartitions: 1, replicationFactor: 1 },
          { name: 'b', numPartitions: 1, replicationFactor: 1 },
        ],
      })
      expect(topics.map((topic) => [topic.name, topic.errorCode])).toEqual([
        ['a', Errors.INVALID_REQUEST.code],
        ['b', 0],
      ])
    }),
  )
})

describe('CreateTopics, many at once', () => {
  test(
    'above 10,000 partitions in all is refused as a whole, not topic by topic',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const topics = [
        { name: 'small', numPartitions: 1, replicationFactor: 1 },
        { name: 'half', numPartitions: 5_000, replicationFactor: 1 },
        { name: 'other-half', numPartitions: 5_000, replicationFactor: 1 },
      ]
      const answer = await client.request(ApiKeys.CREATE_TOPICS, 7, { topics })
      expect(answer.topics.map((topic) => [topic.errorCode, topic.errorMessage])).toEqual(
        topics.map(() => [
          Errors.POLICY_VIOLATION.code,
          'Excessively large number of partitions per request.',
        ]),
      )
      expect((await metadata(client, null)).topics).toEqual([])
    }),
  )

  test(
    'sees the topics of the same request when names collide',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const { topics } = await client.request(ApiKeys.CREATE_TOPICS, 7, {
        topics: ['a.b', 'a_b', 'ab'].map((name) => ({
          name,
          numPartitions: 1,
          replicationFactor: 1,
        })),
      })
      expect(topics.map((topic) => Errors.forCode(topic.errorCode).name)).toEqual([
        'NONE',
        'INVALID_TOPIC_EXCEPTION',
        'NONE',
      ])
    }),
  )
})

describe('DeleteTopics', () => {
  const storage = new MemoryStorage()
  test(
    'removes topics by name and by id, with their records',
    onCluster(
      async ({ connect, world }) => {
        const client = await connect()
        for (let version = 1; version <= 5; version++) {
          await createTopic(client, 'a')
          const { responses } = await client.request(ApiKeys.DELETE_TOPICS, version, {
            topicNames: ['a'],
            timeoutMs: 1,
          })
          expect(responses.map((each) => [each.name, each.errorCode])).toEqual([['a', 0]])
        }
        const topicId = await createTopic(client, 'orders')
        await produce(client, 'orders', batchOf(['v']))
        expect(storage.list('broker-1')).toContain('orders-0')
        const { responses } = await client.request(ApiKeys.DELETE_TOPICS, 6, {
          topics: [{ name: null, topicId }],
          timeoutMs: 1,
        })
        expect(responses[0]).toMatchObject({ name: 'orders', errorCode: 0 })
        expect((await produce(client, 'orders', batchOf(['v']))).errorCode).toBe(
          Errors.UNKNOWN_TOPIC_OR_PARTITION.code,
        )
        // The same name is free at once, and is another topic.
        const again = await createTopic(client, 'orders')
        expect(again.equals(topicId)).toBe(false)
        expect((await produce(client, 'orders', batchOf(['v']))).baseOffset).toBe(0)
        expect(storage.list('broker-1').some((name) => name.endsWith('-delete'))).toBe(true)
        await world.simulation.sleep(61_000)
        expect(storage.list('broker-1').some((name) => name.endsWith('-delete'))).toBe(false)
      },
      { storage },
    ),
  )

  test(
    'says what cannot be deleted',
    onCluster(async ({ connect, environment }) => {
      const client = await connect()
      await createTopic(client, 'a')
      const { responses } = await client.request(ApiKeys.DELETE_TOPICS, 6, {
        timeoutMs: 1,
        topics: [
          { name: 'nothing' },
          { name: null, topicId: Uuid.randomUuid(environment.random) },
          { name: 'a', topicId: Uuid.randomUuid(environment.random) },
          { name: null },
        ],
      })
      expect(responses.map((each) => Errors.forCode(each.errorCode).name)).toEqual([
        'UNKNOWN_TOPIC_OR_PARTITION',
        'UNKNOWN_TOPIC_ID',
        'INVALID_REQUEST',
        'INVALID_REQUEST',
      ])
      expect(responses.map((each) => each.errorMessage)).toEqual([
        null,
        null,
        'You may not specify both topic name and topic id.',
        'Neither topic name nor id were specified.',
      ])
    }),
  )

  test(
    'does not delete a topic that one request names twice, by name or by id',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const topicId = await createTopic(client, 'a')
      await createTopic(client, 'b')
      const { responses } = await client.request(ApiKeys.DELETE_TOPICS, 6, {
        timeoutMs: 1,
        topics: [{ name: 'a' }, { name: 'b' }, { name: null, topicId }],
      })
      expect(responses.map((each) => each.errorCode)).toEqual([
        Errors.INVALID_REQUEST.code,
        0,
        Errors.INVALID_REQUEST.code,
      ])
      expect((await metadata(client, null)).topics.map((topic) => topic.name)).toEqual(['a'])
    }),
  )

  test(
    'is refused where it is switched off',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        await createTopic(client, 'a')
        const deleting = async (version: number) => {
          const { responses } = await client.request(ApiKeys.DELETE_TOPICS, version, {
            ...(version < 6 ? { topicNames: ['a'] } : { topics: [{ name: 'a' }] }),
            timeoutMs: 1,
          })
          return Errors.forCode(responses[0]!.errorCode).name
        }
        // Clients before version 3 have no word for it.
        expect([await deleting(2), await deleting(3), await deleting(6)]).toEqual([
          'INVALID_REQUEST',
          'TOPIC_DELETION_DISABLED',
          'TOPIC_DELETION_DISABLED',
        ])
      },
      { config: { 'delete.topic.enable': false } },
    ),
  )
})
