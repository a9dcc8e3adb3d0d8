import { describe, expect, test } from 'vitest'
import {
  TopicAuthorizationException,
  UnknownTopicIdException,
  UnknownTopicOrPartitionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { ApiException, TimeoutException } from '../../src/common/errors.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { type AdminEnv, describeClusterOf, metadataOf, withAdmin } from './adminEnv.ts'

const random = new SeededRandom(7)
const id = Uuid.randomUuid(random)
const READ_AND_WRITE = (1 << 3) | (1 << 4)

const partition = (partitionIndex: number) => ({
  partitionIndex,
  leaderId: 0,
  replicaNodes: [0, 1, 9],
  isrNodes: [0],
  eligibleLeaderReplicas: [1],
  lastKnownElr: [2],
})

const topic = (name: string, ...partitions: number[]) => ({
  name,
  topicId: id,
  partitions: partitions.map(partition),
})

const cursor = (topicName: string, partitionIndex: number) => ({ topicName, partitionIndex })

type Page = {
  readonly asked: string[]
  readonly from?: string
  readonly topics: (ReturnType<typeof topic> & { errorCode?: number })[]
  readonly next?: ReturnType<typeof cursor>
}

const preparePages = ({ client, cluster }: AdminEnv, ...pages: Page[]): void => {
  client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, describeClusterOf(cluster))
  for (const { asked, from = '', topics, next = null } of pages) {
    client.prepareResponse(
      ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
      { topics, nextCursor: next },
      {
        matcher: (request) => {
          const at = request.cursor
          const cursorText = at === null ? '' : `${at.topicName}/${at.partitionIndex}`
          return request.topics.map((t) => t.name).join() === asked.join() && cursorText === from
        },
      },
    )
  }
}

const numbers = (partitions: readonly { partition: number }[] | undefined) =>
  partitions?.map((p) => p.partition)

describe('describing topics by their names', () => {
  test('puts the pages of a topic together', () =>
    withAdmin({}, async (env) => {
      covers('KafkaAdminClientTest.testDescribeTopicsWithDescribeTopicPartitionsApiBasic')
      preparePages(
        env,
        {
          asked: ['a', 'b'],
          topics: [topic('a', 0), topic('b', 0)],
          next: cursor('b', 1),
        },
        { asked: ['b'], from: 'b/1', topics: [topic('b', 1, 2)] },
      )
      const described = await env.admin.describeTopics(['b', 'a']).all()
      expect([...described.keys()]).toEqual(['b', 'a'])
      const a = described.get('a')!
      expect(a).toMatchObject({ name: 'a', isInternal: false, authorizedOperations: null })
      expect(a.topicId.equals(id)).toBe(true)
      const [node0, node1, node2] = env.cluster.nodes
      expect(a.partitions[0]).toMatchObject({
        leader: node0,
        isr: [node0],
        elr: [node1],
        lastKnownElr: [node2],
      })
      // Broker 9 is down: the cluster does not name it.
      expect(a.partitions[0]?.replicas.map((n) => [n.id, n.isEmpty()])).toEqual([
        [0, false],
        [1, false],
        [9, true],
      ])
      expect(numbers(described.get('b')?.partitions)).toEqual([0, 1, 2])
    }))

  test('keeps two topics apart, when one page ends the one and begins the other', () =>
    withAdmin({}, async (env) => {
      covers('KafkaAdminClientTest.testDescribeTopicsWithDescribeTopicPartitionsApiEdgeCase')
      preparePages(
        env,
        { asked: ['a', 'b', 'c'], topics: [topic('a', 0), topic('b', 0)], next: cursor('b', 1) },
        {
          asked: ['b', 'c'],
          from: 'b/1',
          topics: [topic('b', 1), topic('c', 0)],
          next: cursor('c', 1),
        },
        { asked: ['c'], from: 'c/1', topics: [topic('c', 1)] },
      )
      const described = await env.admin.describeTopics(['b', 'a', 'c']).all()
      expect(numbers(described.get('a')?.partitions)).toEqual([0])
      expect(numbers(described.get('b')?.partitions)).toEqual([0, 1])
      expect(numbers(described.get('c')?.partitions)).toEqual([0, 1])
    }))

  test('ends a topic when the cursor is at the next one, of which the page holds nothing', () =>
    withAdmin({}, async (env) => {
      preparePages(
        env,
        { asked: ['a', 'b'], topics: [topic('a', 0)], next: cursor('a', 1) },
        { asked: ['a', 'b'], from: 'a/1', topics: [topic('a', 1)], next: cursor('b', 0) },
        { asked: ['b'], topics: [topic('b', 0)] },
      )
      const described = await env.admin.describeTopics(['a', 'b']).all()
      expect(numbers(described.get('a')?.partitions)).toEqual([0, 1])
      expect(numbers(described.get('b')?.partitions)).toEqual([0])
    }))

  test('fails the one that may not be seen, and not the other', () =>
    withAdmin({}, async (env) => {
      covers('KafkaAdminClientTest.testDescribeTopicsWithDescribeTopicPartitionsApiErrorHandling')
      const errorCode = Errors.TOPIC_AUTHORIZATION_FAILED.code
      preparePages(env, {
        asked: ['a', 'b'],
        topics: [topic('a', 0), { ...topic('b'), errorCode }],
      })
      const result = env.admin.describeTopics(['b', 'a'])
      await result.values().get('a')
      await expect(result.all()).rejects.toThrow(TopicAuthorizationException)
      await expect(result.all()).rejects.toThrow("Topic 'b'")
    }))

  test('fails a topic that the last page leaves out', () =>
    withAdmin({}, async (env) => {
      preparePages(env, { asked: ['a', 'b'], topics: [topic('a', 0), topic('unasked', 0)] })
      const values = env.admin.describeTopics(['a', 'b']).values()
      await values.get('a')
      await expect(values.get('b')).rejects.toThrow(ApiException)
    }))

  test('tells what is allowed, if asked', () =>
    withAdmin({}, async (env) => {
      covers(
        'KafkaAdminClientTest.testDescribeTopicPartitionsApiWithAuthorizedOps',
        'KafkaAdminClientTest.testDescribeTopicPartitionsApiWithoutAuthorizedOps',
      )
      const allowed = { ...topic('a', 0), topicAuthorizedOperations: READ_AND_WRITE }
      const describeA = async (includeAuthorizedOperations: boolean) => {
        preparePages(env, { asked: ['a'], topics: [allowed] })
        const described = env.admin.describeTopics(['a'], { includeAuthorizedOperations })
        return (await described.all()).get('a')?.authorizedOperations
      }
      expect(await describeA(true)).toEqual(new Set(['READ', 'WRITE']))
      expect(await describeA(false)).toBeNull()
    }))

  test('asks an older broker for its metadata', () =>
    withAdmin({}, async ({ admin, client, cluster }) => {
      client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, describeClusterOf(cluster))
      client.prepareUnsupportedVersionResponse(ApiKeys.DESCRIBE_TOPIC_PARTITIONS)
      const { name, topicId, partitions } = topic('a', 1, 0)
      const plain = partitions.map(({ partitionIndex, replicaNodes, isrNodes }) => ({
        partitionIndex,
        leaderId: 0,
        replicaNodes,
        isrNodes,
      }))
      const errorCode = Errors.UNKNOWN_TOPIC_OR_PARTITION.code
      client.prepareResponse(
        ApiKeys.METADATA,
        metadataOf(cluster, [
          { name, topicId, partitions: plain },
          { name: 'b', errorCode },
        ]),
        { matcher: ({ allowAutoTopicCreation }) => !allowAutoTopicCreation },
      )
      const values = admin.describeTopics(['a', 'b', 'c']).values()
      const a = await values.get('a')!
      expect(numbers(a.partitions)).toEqual([0, 1])
      expect(a.partitions[0]).toMatchObject({ leader: cluster.nodes[0], elr: null })
      await expect(values.get('b')).rejects.toThrow(UnknownTopicOrPartitionException)
      await expect(values.get('c')).rejects.toThrow('Topic c not found.')
    }))

  test('has one deadline for all of its requests', () =>
    withAdmin({ config: { retries: 0, 'request.timeout.ms': 30_000 } }, async (env) => {
      covers('KafkaAdminClientTest.testDescribeTopicsTimeoutWhenNoBrokerResponds')
      const startMs = env.time.milliseconds()
      const silence = env.admin.describeTopics(['a'], { timeoutMs: 200 }).all()
      await expect(silence).rejects.toThrow(TimeoutException)
      expect(env.time.milliseconds() - startMs).toBe(200)
      env.client.reset()
      env.client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, describeClusterOf(env.cluster))
      const halfWay = env.admin.describeTopics(['a'], { timeoutMs: 200 }).all()
      await expect(halfWay).rejects.toThrow('describeTopicPartitions')
      expect(env.time.milliseconds() - startMs).toBe(400)
    }))
})

test('describing topics by their ids', () =>
  withAdmin({}, async ({ admin, client, cluster }) => {
    covers('KafkaAdminClientTest.testDescribeTopicsByIds')
    const missing = Uuid.randomUuid(random)
    const unknown = Uuid.randomUuid(random)
    const partitions = [{ partitionIndex: 0, leaderId: 0, replicaNodes: [0], isrNodes: [0] }]
    client.prepareResponse(
      ApiKeys.METADATA,
      metadataOf(cluster, [
        { name: 'a', topicId: id, partitions },
        { name: null, topicId: unknown, errorCode: Errors.UNKNOWN_TOPIC_ID.code },
      ]),
      { matcher: ({ topics }) => topics?.every(({ name }) => name === null) === true },
    )
    const values = admin.describeTopics([id, unknown, missing]).values()
    const a = await values.get(id.toString())!
    expect(a).toMatchObject({ name: 'a', partitions: [{ partition: 0, isr: [cluster.nodes[0]] }] })
    for (const nobody of [unknown, missing]) {
      const failure = values.get(nobody.toString())
      await expect(failure).rejects.toThrow(UnknownTopicIdException)
      await expect(failure).rejects.toThrow(`TopicId ${nobody} not found.`)
    }
  }))

test('listing topics leaves internal ones out, unless asked for', () =>
  withAdmin({}, async ({ admin, client, cluster }) => {
    const topics = [
      { name: 'orders', topicId: id },
      { name: '__consumer_offsets', topicId: id, isInternal: true },
    ]
    client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster, topics), {
      matcher: (request) => request.topics === null,
    })
    const result = admin.listTopics()
    expect(await result.names()).toEqual(new Set(['orders']))
    expect(await result.listings()).toMatchObject([{ name: 'orders', isInternal: false }])
    client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster, topics))
    const all = await admin.listTopics({ listInternal: true }).namesToListings()
    expect(all.get('__consumer_offsets')?.isInternal).toBe(true)
    expect(all.get('orders')?.topicId.equals(id)).toBe(true)
  }))
