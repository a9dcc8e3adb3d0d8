import { describe, expect, test } from 'vitest'
import type { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import type { MockClient } from '../../src/clients/MockClient.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import {
  InvalidTopicException,
  ThrottlingQuotaExceededException,
  TopicDeletionDisabledException,
  TopicExistsException,
  UnknownTopicOrPartitionException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import { ApiException, IllegalArgumentException, KafkaException } from '../../src/common/errors.ts'
import type { Node } from '../../src/common/Node.ts'
import { SeededRandom } from '../../src/common/Random.ts'
import { Uuid } from '../../src/common/Uuid.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { metadataOf, mockCluster, until, withAdmin } from './adminEnv.ts'

const { NONE, THROTTLING_QUOTA_EXCEEDED, TOPIC_ALREADY_EXISTS } = Errors

type Results = Readonly<Record<string, Errors>>

const created = (results: Results, throttleTimeMs = 0) => ({
  throttleTimeMs,
  topics: Object.entries(results).map(([name, { code }]) => ({
    name,
    errorCode: code,
    numPartitions: 1,
    replicationFactor: 1,
    configs: [],
  })),
})

const deleted = (results: Results, throttleTimeMs = 0) => ({
  throttleTimeMs,
  responses: Object.entries(results).map(([name, { code }]) => ({ name, errorCode: code })),
})

/** The next request names exactly these topics. */
const namesTopics =
  (...names: string[]) =>
  ({ topics }: { topics: readonly { name: string | null }[] }): boolean =>
    topics.map(({ name }) => name).join() === names.join()

describe('creating topics', () => {
  const create = (admin: KafkaAdminClient, ...names: string[]) =>
    admin.createTopics(names.map((name) => ({ name, numPartitions: 1, replicationFactor: 1 })))

  test('asks the controller, and tells what the topics have become', () =>
    withAdmin({ controller: 1 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testCreateTopics')
      const topicId = Uuid.randomUuid(new SeededRandom(1))
      const answer = {
        topics: [
          {
            name: 'orders',
            topicId,
            numPartitions: 3,
            replicationFactor: 2,
            configs: [{ name: 'retention.ms', value: '1', configSource: 1 }],
          },
        ],
      }
      client.prepareResponse(ApiKeys.CREATE_TOPICS, answer, { node: cluster.nodes[1]! })
      const result = admin.createTopics([{ name: 'orders', numPartitions: 3 }])
      await result.all()
      expect(await result.values().get('orders')).toBeUndefined()
      expect((await result.topicId('orders')).equals(topicId)).toBe(true)
      expect(await result.numPartitions('orders')).toBe(3)
      expect(await result.replicationFactor('orders')).toBe(2)
      expect((await result.config('orders')).get('retention.ms')).toMatchObject({
        value: '1',
        source: 'DYNAMIC_TOPIC_CONFIG',
      })
      expect(() => result.topicId('other')).toThrow(IllegalArgumentException)
    }))

  test('says why a topic that was created is not described', () =>
    withAdmin({}, async ({ admin, client }) => {
      const answer = (name: string, more: object) => ({ name, ...more })
      client.prepareResponse(ApiKeys.CREATE_TOPICS, {
        topics: [
          answer('secret', { topicConfigErrorCode: Errors.TOPIC_AUTHORIZATION_FAILED.code }),
          answer('old', {}),
        ],
      })
      const result = create(admin, 'secret', 'old')
      await result.all()
      await expect(result.config('secret')).rejects.toThrow('Not authorized to access this topic.')
      await expect(result.config('old')).rejects.toThrow(UnsupportedVersionException)
    }))

  test('fails a topic that the response leaves out', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testCreateTopicsPartialResponse')
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE, unasked: NONE }))
      const values = create(admin, 'one', 'two').values()
      await values.get('one')
      await expect(values.get('two')).rejects.toThrow(ApiException)
      await expect(values.get('two')).rejects.toThrow('did not contain a result for topic two')
    }))

  test('fails one topic and not the other', () =>
    withAdmin({}, async ({ admin, client }) => {
      const answer = created({ one: NONE, two: TOPIC_ALREADY_EXISTS })
      client.prepareResponse(ApiKeys.CREATE_TOPICS, answer)
      const result = create(admin, 'one', 'two', 'one')
      await result.values().get('one')
      await expect(result.values().get('two')).rejects.toThrow(TopicExistsException)
      await expect(result.all()).rejects.toThrow(TopicExistsException)
    }))

  test('waits for the back-off before it tries again', () =>
    withAdmin(
      { config: { 'retry.backoff.ms': 100, 'retry.backoff.max.ms': 100 } },
      async ({ admin, client, time, cluster }) => {
        covers('KafkaAdminClientTest.testCreateTopicsRetryBackoff')
        const sentMs: number[] = []
        const note = { matcher: () => sentMs.push(time.milliseconds()) > 0 }
        client.prepareResponse(ApiKeys.CREATE_TOPICS, null, { ...note, disconnected: true })
        const result = create(admin, 'one')
        await until(time, () => sentMs.length === 1)
        client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }), note)
        await result.all()
        expect(sentMs[1]! - sentMs[0]!).toBeGreaterThanOrEqual(100)
        expect(cluster.nodes).toHaveLength(3)
      },
    ))

  test('goes to the new controller when the old one says that it is none', () =>
    withAdmin({ controller: 0 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testCreateTopicsHandleNotControllerException')
      const [first, second] = cluster.nodes
      const moved = created({ one: Errors.NOT_CONTROLLER })
      client.prepareResponse(ApiKeys.CREATE_TOPICS, moved, { node: first! })
      client.prepareResponse(ApiKeys.METADATA, metadataOf(mockCluster(3, 1)))
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }), { node: second! })
      await create(admin, 'one').all()
      expect(client.numAwaitingResponses()).toBe(0)
    }))

  test('waits and asks again for the topics that were over the quota', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testCreateTopicsRetryThrottlingExceptionWhenEnabled')
      throttleTwice(client)
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ two: NONE }), {
        matcher: namesTopics('two'),
      })
      const values = create(admin, 'one', 'two', 'three').values()
      await values.get('one')
      await values.get('two')
      await expect(values.get('three')).rejects.toThrow(TopicExistsException)
    }))

  /** `one` is made, `two` is over the quota twice, `three` is there already. */
  const throttleTwice = (client: MockClient): void => {
    const over = THROTTLING_QUOTA_EXCEEDED
    const first = created({ one: NONE, two: over, three: TOPIC_ALREADY_EXISTS }, 1000)
    client.prepareResponse(ApiKeys.CREATE_TOPICS, first, {
      matcher: namesTopics('one', 'two', 'three'),
    })
    client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ two: over }, 1000), {
      matcher: namesTopics('two'),
    })
  }

  test('names the quota, not the time-out, when the deadline comes first', () =>
    withAdmin({ config: { 'request.timeout.ms': 30_000 } }, async ({ admin, client }) => {
      covers(
        'KafkaAdminClientTest.testCreateTopicsRetryThrottlingException' +
          'WhenEnabledUntilRequestTimeOut',
      )
      throttleTwice(client)
      const values = create(admin, 'one', 'two', 'three').values()
      await values.get('one')
      const failure = await values.get('two')!.catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(ThrottlingQuotaExceededException)
      expect((failure as ThrottlingQuotaExceededException).throttleTimeMs).toBe(0)
      await expect(values.get('three')).rejects.toThrow(TopicExistsException)
    }))

  test('fails at once when over the quota, if told not to try again', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testCreateTopicsDontRetryThrottlingExceptionWhenDisabled')
      const answer = created({ one: NONE, two: THROTTLING_QUOTA_EXCEEDED }, 1000)
      client.prepareResponse(ApiKeys.CREATE_TOPICS, answer)
      const topics = [{ name: 'one' }, { name: 'two' }]
      const values = admin.createTopics(topics, { retryOnQuotaViolation: false }).values()
      await values.get('one')
      const failure = await values.get('two')!.catch((error: unknown) => error)
      expect((failure as ThrottlingQuotaExceededException).throttleTimeMs).toBe(1000)
    }))

  test('fails a name that no request can hold, and asks for the others', () =>
    withAdmin({}, async ({ admin, client }) => {
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }), {
        matcher: namesTopics('one'),
      })
      const values = create(admin, '', 'one').values()
      await values.get('one')
      await expect(values.get('')).rejects.toThrow(InvalidTopicException)
    }))

  test('only has it checked, with validateOnly', () =>
    withAdmin({}, async ({ admin, client }) => {
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }), {
        matcher: ({ validateOnly }) => validateOnly,
      })
      await admin.createTopics([{ name: 'one' }], { validateOnly: true }).all()
    }))

  test('fails with a number that the wire cannot hold, and goes on', () =>
    withAdmin({}, async ({ admin, client }) => {
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }))
      const tooMany = admin.createTopics([{ name: 'one', numPartitions: 2 ** 40 }]).all()
      await expect(tooMany).rejects.toThrow(KafkaException)
      await expect(tooMany).rejects.toThrow('numPartitions: 1099511627776')
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }))
      await create(admin, 'one').all()
    }))

  test('cannot leave the numbers to a broker that does not know that yet', () =>
    withAdmin({}, async ({ admin, client }) => {
      client.setNodeApiVersions(
        NodeApiVersions.create([
          { apiKey: ApiKeys.CREATE_TOPICS.id, minVersion: 2, maxVersion: 3 },
        ]),
      )
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created({ one: NONE }))
      const failure = admin.createTopics([{ name: 'one' }]).all()
      await expect(failure).rejects.toThrow(UnsupportedVersionException)
      await expect(failure).rejects.toThrow('Give numbers for these topics: one')
    }))
})

describe('deleting topics', () => {
  const id = Uuid.randomUuid(new SeededRandom(2))

  test('asks the controller, by names or by ids', () =>
    withAdmin({ controller: 2 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDeleteTopics')
      const node: Node = cluster.nodes[2]!
      client.prepareResponse(ApiKeys.DELETE_TOPICS, deleted({ one: NONE }), {
        matcher: namesTopics('one'),
        node,
      })
      await admin.deleteTopics(['one']).all()
      const disabled = deleted({ one: Errors.TOPIC_DELETION_DISABLED })
      client.prepareResponse(ApiKeys.DELETE_TOPICS, disabled)
      await expect(admin.deleteTopics(['one']).all()).rejects.toThrow(
        TopicDeletionDisabledException,
      )
      const unknown = deleted({ one: Errors.UNKNOWN_TOPIC_OR_PARTITION })
      client.prepareResponse(ApiKeys.DELETE_TOPICS, unknown)
      const failure = admin.deleteTopics(['one']).all()
      await expect(failure).rejects.toThrow(UnknownTopicOrPartitionException)
      client.prepareResponse(
        ApiKeys.DELETE_TOPICS,
        { responses: [{ name: null, topicId: id }] },
        { matcher: ({ topics }) => topics[0]!.topicId.equals(id) && topics[0]!.name === null },
      )
      const byId = admin.deleteTopics([id])
      await byId.values().get(id.toString())
      await byId.all()
    }))

  test('writes names where old brokers look for them', () =>
    withAdmin({}, async ({ admin, client }) => {
      const served = { apiKey: ApiKeys.DELETE_TOPICS.id, minVersion: 1, maxVersion: 5 }
      client.setNodeApiVersions(NodeApiVersions.create([served]))
      client.prepareResponse(ApiKeys.DELETE_TOPICS, deleted({ one: NONE }), {
        matcher: ({ topicNames }) => topicNames.join() === 'one',
      })
      await admin.deleteTopics(['one']).all()
      client.prepareResponse(ApiKeys.DELETE_TOPICS, deleted({}))
      await expect(admin.deleteTopics([id]).all()).rejects.toThrow(UnsupportedVersionException)
    }))

  test('fails a topic that the response leaves out', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testDeleteTopicsPartialResponse')
      client.prepareResponse(ApiKeys.DELETE_TOPICS, deleted({ one: NONE }))
      const values = admin.deleteTopics(['one', 'two']).values()
      await values.get('one')
      await expect(values.get('two')).rejects.toThrow(ApiException)
      const other = Uuid.randomUuid(new SeededRandom(3))
      const answer = { responses: [{ name: 'one', topicId: id }] }
      client.prepareResponse(ApiKeys.DELETE_TOPICS, answer)
      const byId = admin.deleteTopics([id, other]).values()
      await byId.get(id.toString())
      await expect(byId.get(other.toString())).rejects.toThrow(ApiException)
    }))

  test('waits and asks again for the topics that were over the quota', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testDeleteTopicsRetryThrottlingExceptionWhenEnabled')
      const over = THROTTLING_QUOTA_EXCEEDED
      const first = deleted({ one: NONE, two: over, three: Errors.TOPIC_DELETION_DISABLED }, 1000)
      client.prepareResponse(ApiKeys.DELETE_TOPICS, first)
      client.prepareResponse(ApiKeys.DELETE_TOPICS, deleted({ two: over }, 1000), {
        matcher: namesTopics('two'),
      })
      client.prepareResponse(ApiKeys.DELETE_TOPICS, deleted({ two: NONE }), {
        matcher: namesTopics('two'),
      })
      const values = admin.deleteTopics(['one', 'two', 'three']).values()
      await values.get('one')
      await values.get('two')
      await expect(values.get('three')).rejects.toThrow(TopicDeletionDisabledException)
    }))

  test('names the quota, not the time-out, when the deadline comes first', () =>
    withAdmin({ config: { 'request.timeout.ms': 30_000 } }, async ({ admin, client, time }) => {
      covers(
        'KafkaAdminClientTest.testDeleteTopicsRetryThrottlingException' +
          'WhenEnabledUntilRequestTimeOut',
      )
      const answer = deleted({ one: NONE, two: THROTTLING_QUOTA_EXCEEDED }, 90_000)
      client.prepareResponse(ApiKeys.DELETE_TOPICS, answer)
      const startMs = time.milliseconds()
      const values = admin.deleteTopics(['one', 'two']).values()
      await values.get('one')
      const failure = await values.get('two')!.catch((error: unknown) => error)
      expect(time.milliseconds() - startMs).toBe(60_000)
      // What is left of the broker's 90 s.
      expect(failure).toBeInstanceOf(ThrottlingQuotaExceededException)
      expect((failure as ThrottlingQuotaExceededException).throttleTimeMs).toBe(30_000)
    }))

  test('fails at once when over the quota, if told not to try again', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testDeleteTopicsDontRetryThrottlingExceptionWhenDisabled')
      const answer = deleted({ one: THROTTLING_QUOTA_EXCEEDED }, 1000)
      client.prepareResponse(ApiKeys.DELETE_TOPICS, answer)
      const result = admin.deleteTopics(['one'], { retryOnQuotaViolation: false })
      await expect(result.all()).rejects.toThrow(ThrottlingQuotaExceededException)
    }))
})

test('names and ids that no request can hold fail without a request', () =>
  withAdmin({}, async ({ admin, client }) => {
    covers('KafkaAdminClientTest.testInvalidTopicNames')
    const failed = async (promise: Promise<unknown> | undefined) =>
      expect(promise).rejects.toThrow(InvalidTopicException)
    await failed(admin.createTopics([{ name: '' }]).all())
    await failed(admin.deleteTopics(['']).all())
    await failed(admin.deleteTopics([Uuid.ZERO_UUID]).all())
    await failed(admin.describeTopics(['']).all())
    await failed(admin.describeTopics([Uuid.ZERO_UUID]).all())
    expect(client.inFlightRequestCount()).toBe(0)
  }))
