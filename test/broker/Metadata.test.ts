import { describe, expect, test } from 'vitest'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import type { Cursor } from '../../src/protocol/messages/DescribeTopicPartitions.ts'
import { covers } from '../support/covers.ts'
import type { WireClient } from '../support/WireClient.ts'
import { createTopic, onCluster } from './brokerSupport.ts'

const metadata = async (
  client: WireClient,
  names: string[] | null,
  allowAutoTopicCreation = false,
) => {
  const topics = names?.map((name) => ({ name })) ?? null
  return client.request(ApiKeys.METADATA, 9, { topics, allowAutoTopicCreation })
}

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
        // Kafka's own topics have a number of partitions of their own.
        for (const [name, partitions] of [
          ['new', 2],
          ['__consumer_offsets', 5],
        ] as const) {
          const first = await metadata(client, [name], true)
          expect(first.topics[0]).toMatchObject({
            name,
            errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code,
            partitions: [],
          })
          await world.simulation.sleep(10)
          const second = await metadata(client, [name], true)
          expect(second.topics[0]).toMatchObject({ name, errorCode: 0 })
          expect(second.topics[0]!.partitions).toHaveLength(partitions)
        }
        const invalid = await metadata(client, ['not a name'], true)
        expect(invalid.topics[0]!.errorCode).toBe(Errors.INVALID_TOPIC_EXCEPTION.code)
      },
      { config: { 'num.partitions': 2, 'offsets.topic.num.partitions': 5 } },
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
