import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { CreateTopicsRequestInput } from '../../src/protocol/messages/CreateTopics.ts'
import type { Cursor } from '../../src/protocol/messages/DescribeTopicPartitions.ts'
import { covers } from '../support/covers.ts'
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
        [{ name: 'a/b' }, 'INVALID_TOPIC_EXCEPTION', /ASCII alphanumerics/],
        [
          { name: 'x'.repeat(250) },
          'INVALID_TOPIC_EXCEPTION',
          /longer than the max allowed length 249/,
        ],
        [{ name: 'a', numPartitions: 0 }, 'INVALID_PARTITIONS', /non-positive/],
        [{ name: 'a', numPartitions: -2 }, 'INVALID_PARTITIONS', /non-positive/],
        [{ name: 'a', numPartitions: 10_001 }, 'POLICY_VIOLATION', /Excessively large/],
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
      expect([
        answer.errorCode,
        answer.numPartitions,
        answer.topicId.equals(Uuid.ZERO_UUID),
      ]).toEqual([0, 7, true])
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
          { name: 'a' },
          { name: 'a' },
        ],
      })
      expect(responses.map((each) => Errors.forCode(each.errorCode).name)).toEqual([
        'UNKNOWN_TOPIC_OR_PARTITION',
        'UNKNOWN_TOPIC_ID',
        'INVALID_REQUEST',
        'NONE',
        'INVALID_REQUEST',
      ])
    }),
  )

  test(
    'is refused where it is switched off',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        await createTopic(client, 'a')
        const { responses } = await client.request(ApiKeys.DELETE_TOPICS, 6, {
          topics: [{ name: 'a' }],
          timeoutMs: 1,
        })
        expect(responses[0]!.errorCode).toBe(Errors.TOPIC_DELETION_DISABLED.code)
      },
      { config: { 'delete.topic.enable': false } },
    ),
  )
})

describe('Metadata', () => {
  test(
    'makes a topic that is asked for, and says first that it is not there',
    onCluster(
      async ({ connect, world }) => {
        covers(
          'AutoTopicCreationManagerTest.testCreateNonInternalTopic',
          'KafkaApisTest.testMetadataAutoTopicCreationForNonInternalTopic',
          'KafkaApisTest.testMetadataAutoTopicCreationForOffsetTopic',
        )
        const client = await connect()
        for (const name of ['new', '__consumer_offsets']) {
          const first = await metadata(client, [name], true)
          expect(first.topics[0]).toMatchObject({
            name,
            errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code,
            partitions: [],
          })
          await world.simulation.sleep(10)
          const second = await metadata(client, [name], true)
          expect(second.topics[0]).toMatchObject({ name, errorCode: 0 })
          expect(second.topics[0]!.partitions).toHaveLength(2)
        }
        const invalid = await metadata(client, ['not a name'], true)
        expect(invalid.topics[0]!.errorCode).toBe(Errors.INVALID_TOPIC_EXCEPTION.code)
      },
      { config: { 'num.partitions': 2 } },
    ),
  )

  test(
    'asks for one creation however many ask for the topic',
    onCluster(async ({ connect, world, logger }) => {
      covers('AutoTopicCreationManagerTest.testInflightTopicsAreNotRetriedConcurrently')
      const clients = await Promise.all([connect(), connect(), connect()])
      await Promise.all(clients.map((client) => metadata(client, ['new'], true)))
      await world.simulation.sleep(10)
      expect((await metadata(clients[0]!, null)).topics).toHaveLength(1)
      expect(logger.messages('warn')).toEqual([])
    }),
  )

  test(
    'makes nothing for a client or a broker that does not want it',
    onCluster(
      async ({ connect, world }) => {
        covers(
          'KafkaApisTest.testMetadataAutoTopicCreationDisabledForNonInternalTopic',
          'KafkaApisTest.testMetadataAutoCreationDisabledForNonInternal',
          'KafkaApisTest.testMetadataAutoTopicCreationDisabledForOffsetTopic',
        )
        const client = await connect()
        for (const name of ['new', '__consumer_offsets', 'not a name']) {
          const { topics } = await metadata(client, [name], true)
          const error =
            name === 'not a name'
              ? Errors.INVALID_TOPIC_EXCEPTION
              : Errors.UNKNOWN_TOPIC_OR_PARTITION
          expect(topics[0]!.errorCode).toBe(error.code)
        }
        await world.simulation.sleep(10)
        expect((await metadata(client, null)).topics).toEqual([])
      },
      { config: { 'auto.create.topics.enable': false } },
    ),
  )

  test(
    'makes nothing for a client that says so, nor when all topics are asked for',
    onCluster(async ({ connect, world }) => {
      covers(
        'KafkaApisTest.testGetAllTopicMetadataShouldNotCreateTopicOrReturnUnknownTopicPartition',
      )
      const client = await connect()
      await metadata(client, ['new'], false)
      await metadata(client, null, true)
      await world.simulation.sleep(10)
      expect((await metadata(client, null)).topics).toEqual([])
    }),
  )

  test(
    'describes all topics, some, none, and by id, in every version',
    onCluster(async ({ connect, environment, cluster }) => {
      const client = await connect()
      const id = await createTopic(client, 'orders', 2)
      await createTopic(client, '__consumer_offsets', 1)
      for (let version = 0; version <= 13; version++) {
        const all = await client.request(ApiKeys.METADATA, version, {
          topics: version === 0 ? [] : null,
        })
        expect(all.topics.map((topic) => topic.name)).toEqual(['__consumer_offsets', 'orders'])
        expect(all.brokers).toMatchObject([
          { nodeId: 1, host: 'cluster', port: cluster.broker(1).port },
        ])
        if (version >= 1) {
          expect(all.controllerId).toBe(1)
          expect(all.topics.map((topic) => topic.isInternal)).toEqual([true, false])
          const none = await client.request(ApiKeys.METADATA, version, { topics: [] })
          expect(none.topics).toEqual([])
        }
        if (version >= 2) expect(all.clusterId).toBe(cluster.clusterId)
        const some = await client.request(ApiKeys.METADATA, version, {
          topics: [{ name: 'orders' }],
        })
        expect(some.topics[0]!.partitions).toMatchObject([
          { errorCode: 0, partitionIndex: 0, leaderId: 1, replicaNodes: [1], isrNodes: [1] },
          { errorCode: 0, partitionIndex: 1, leaderId: 1, replicaNodes: [1], isrNodes: [1] },
        ])
        if (version >= 10) expect(some.topics[0]!.topicId.equals(id)).toBe(true)
      }
      const unknown = Uuid.randomUuid(environment.random)
      const byId = await client.request(ApiKeys.METADATA, 12, {
        topics: [
          { name: null, topicId: id },
          { name: null, topicId: unknown },
        ],
      })
      expect(byId.topics.map((topic) => [topic.name, topic.errorCode])).toEqual([
        [null, Errors.UNKNOWN_TOPIC_ID.code],
        ['orders', 0],
      ])
    }),
  )

  test(
    'says that a request cannot be when an old version names an id or no name',
    onCluster(async ({ connect, environment }) => {
      covers('KafkaApisTest.testInvalidMetadataRequestReturnsError')
      const client = await connect()
      const topicId = Uuid.randomUuid(environment.random)
      for (const topic of [{ name: null, topicId }, { name: 'a', topicId }, { name: null }]) {
        const { topics } = await client.request(ApiKeys.METADATA, 10, { topics: [topic] })
        expect(topics.map((each) => each.errorCode)).toEqual([Errors.INVALID_REQUEST.code])
      }
    }),
  )
})

describe('DescribeTopicPartitions', () => {
  test(
    'goes through partitions page by page',
    onCluster(async ({ connect }) => {
      const client = await connect()
      for (const [name, partitions] of [
        ['a', 3],
        ['b', 1],
        ['c', 4],
      ] as const) {
        await createTopic(client, name, partitions)
      }
      const pages = async (topics: string[], limit: number): Promise<string[][]> => {
        const found: string[][] = []
        const page = (cursor: Cursor | null) =>
          client.request(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, 0, {
            topics: topics.map((name) => ({ name })),
            responsePartitionLimit: limit,
            cursor,
          })
        let cursor: Cursor | null = null
        for (;;) {
          const response: Awaited<ReturnType<typeof page>> = await page(cursor)
          found.push(
            response.topics.flatMap((topic) =>
              topic.partitions.map((each) => `${topic.name}-${each.partitionIndex}`),
            ),
          )
          if (response.nextCursor === null) return found
          cursor = response.nextCursor
        }
      }
      expect(await pages([], 100)).toEqual([
        ['a-0', 'a-1', 'a-2', 'b-0', 'c-0', 'c-1', 'c-2', 'c-3'],
      ])
      expect(await pages([], 3)).toEqual([
        ['a-0', 'a-1', 'a-2'],
        ['b-0', 'c-0', 'c-1'],
        ['c-2', 'c-3'],
      ])
      expect(await pages(['c', 'a'], 2)).toEqual([
        ['a-0', 'a-1'],
        ['a-2', 'c-0'],
        ['c-1', 'c-2'],
        ['c-3'],
      ])
      expect((await pages([], 0)).length).toBe(8)
    }),
  )

  test(
    'says what is unknown, and refuses a cursor that does not fit',
    onCluster(async ({ connect }) => {
      const client = await connect()
      await createTopic(client, 'a')
      const ask = (
        topics: string[],
        cursor: { topicName: string; partitionIndex: number } | null,
      ) =>
        client.request(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, 0, {
          topics: topics.map((name) => ({ name })),
          cursor,
        })
      const unknown = await ask(['nothing', 'no name!', 'a'], null)
      expect(unknown.topics.map((topic) => [topic.name, topic.errorCode])).toEqual([
        ['a', 0],
        ['no name!', Errors.INVALID_TOPIC_EXCEPTION.code],
        ['nothing', Errors.UNKNOWN_TOPIC_OR_PARTITION.code],
      ])
      for (const cursor of [
        { topicName: 'b', partitionIndex: 0 },
        { topicName: 'a', partitionIndex: -1 },
      ]) {
        const { topics } = await ask(['a'], cursor)
        expect(topics.map((topic) => topic.errorCode)).toEqual([Errors.INVALID_REQUEST.code])
      }
    }),
  )
})

describe('DescribeCluster', () => {
  test(
    'names brokers, controller and cluster, but is no controller',
    onCluster(
      async ({ connect, cluster }) => {
        covers('KafkaApisTest.testDescribeClusterRequest')
        const client = await connect()
        for (const version of [0, 1, 2]) {
          const response = await client.request(ApiKeys.DESCRIBE_CLUSTER, version, {})
          expect(response).toMatchObject({
            errorCode: 0,
            clusterId: cluster.clusterId,
            controllerId: 1,
          })
          expect(response.brokers.map((broker) => [broker.brokerId, broker.port])).toEqual(
            cluster.brokerIds().map((id) => [id, cluster.broker(id).port]),
          )
        }
        const controller = await client.request(ApiKeys.DESCRIBE_CLUSTER, 1, { endpointType: 2 })
        expect(controller.errorCode).toBe(Errors.MISMATCHED_ENDPOINT_TYPE.code)
        const other = await client.request(ApiKeys.DESCRIBE_CLUSTER, 1, { endpointType: 9 })
        expect(other.errorCode).toBe(Errors.UNSUPPORTED_ENDPOINT_TYPE.code)
      },
      { brokers: 3 },
    ),
  )
})

describe('DescribeConfigs', () => {
  const TOPIC = 2
  const BROKER = 4
  test(
    'shows each setting of a topic, where it comes from and what else would give it',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        await createTopic(client, 'orders', 1, { 'retention.ms': '5' })
        for (let version = 1; version <= 4; version++) {
          const { results } = await client.request(ApiKeys.DESCRIBE_CONFIGS, version, {
            resources: [{ resourceType: TOPIC, resourceName: 'orders', configurationKeys: null }],
            includeSynonyms: true,
            ...(version >= 3 && { includeDocumentation: true }),
          })
          const configs = new Map(results[0]!.configs.map((config) => [config.name, config]))
          expect(configs.get('retention.ms')).toMatchObject({
            value: '5',
            configSource: 1,
            readOnly: false,
            synonyms: [
              { name: 'retention.ms', value: '5', source: 1 },
              { name: 'log.retention.ms', value: '9', source: 4 },
              { name: 'log.retention.hours', value: '168', source: 5 },
            ],
          })
          expect(configs.get('segment.bytes')).toMatchObject({
            value: '1073741824',
            configSource: 5,
          })
          expect(configs.get('flush.messages')?.value).toBe('9223372036854775807')
          expect(configs.get('cleanup.policy')?.value).toBe('delete')
          if (version < 3) continue
          expect(configs.get('retention.ms')?.configType).toBe(5)
          expect(configs.get('cleanup.policy')?.configType).toBe(7)
          expect(configs.get('retention.ms')?.documentation).toMatch(/\w/)
        }
      },
      { config: { 'log.retention.ms': 9 } },
    ),
  )

  test(
    'shows a broker its own settings, some when some are asked for',
    onCluster(
      async ({ connect }) => {
        const client = await connect()
        const ask = async (
          resourceType: number,
          resourceName: string,
          keys: string[] | null = null,
        ) => {
          const { results } = await client.request(ApiKeys.DESCRIBE_CONFIGS, 4, {
            resources: [{ resourceType, resourceName, configurationKeys: keys }],
          })
          return results[0]!
        }
        const some = await ask(BROKER, '1', ['num.partitions', 'node.id', 'message.max.bytes'])
        expect(
          some.configs.map((config) => [
            config.name,
            config.value,
            config.configSource,
            config.readOnly,
          ]),
        ).toEqual([
          ['node.id', '1', 5, true],
          ['num.partitions', '4', 4, true],
          ['message.max.bytes', '1048588', 5, true],
        ])
        expect((await ask(BROKER, '')).configs).toEqual([])
        const refused: [number, string, number][] = [
          [BROKER, '2', Errors.INVALID_REQUEST.code],
          [BROKER, 'one', Errors.INVALID_REQUEST.code],
          [8, '1', Errors.INVALID_REQUEST.code],
          [TOPIC, 'nothing', Errors.UNKNOWN_TOPIC_OR_PARTITION.code],
          [TOPIC, 'no name!', Errors.INVALID_TOPIC_EXCEPTION.code],
        ]
        for (const [type, name, errorCode] of refused)
          expect((await ask(type, name)).errorCode).toBe(errorCode)
      },
      { config: { 'num.partitions': 4 } },
    ),
  )
})
