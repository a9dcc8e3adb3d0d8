import { describe, expect, test } from 'vitest'
import type { ConfigResource, ConfigResourceType } from '../../src/admin/ConfigResource.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import {
  InvalidRequestException,
  TopicAuthorizationException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  ApiException,
  IllegalArgumentException,
  TimeoutException,
} from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { covers } from '../support/covers.ts'
import { CLUSTER_ID, describeClusterOf, metadataOf, mockCluster, withAdmin } from './adminEnv.ts'

const DESCRIBE_AND_ALTER = (1 << 8) | (1 << 7)

describe('describing the cluster', () => {
  test('tells its brokers, controller, id, and what is allowed', () =>
    withAdmin({ controller: 2 }, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testDescribeCluster')
      const clusterAuthorizedOperations = DESCRIBE_AND_ALTER
      const answer = { ...describeClusterOf(cluster), clusterAuthorizedOperations }
      client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, answer, {
        matcher: ({ includeClusterAuthorizedOperations }) => includeClusterAuthorizedOperations,
      })
      const result = admin.describeCluster({ includeAuthorizedOperations: true })
      expect(await result.clusterId()).toBe(CLUSTER_ID)
      expect(await result.controller()).toEqual(cluster.nodes[2])
      expect(await result.nodes()).toEqual(cluster.nodes)
      expect(await result.authorizedOperations()).toEqual(new Set(['ALTER', 'DESCRIBE']))
      client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, describeClusterOf(mockCluster(3, 9)))
      const without = await admin.describeCluster().description()
      expect(without).toMatchObject({ authorizedOperations: null, controller: null })
    }))

  test('fails with what the broker says', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testDescribeClusterHandleError')
      client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, {
        errorCode: Errors.INVALID_REQUEST.code,
        errorMessage: 'this makes no sense',
      })
      const result = admin.describeCluster()
      await expect(result.clusterId()).rejects.toThrow(InvalidRequestException)
      await expect(result.nodes()).rejects.toThrow('this makes no sense')
    }))

  test('asks an older broker for its metadata, and not one request more', () =>
    withAdmin({}, async ({ admin, client, cluster }) => {
      covers(
        'KafkaAdminClientTest.testDescribeClusterFailBack',
        'KafkaAdminClientTest.testCallFailWithUnsupportedVersionException' +
          'DoesNotHaveConcurrentModificationException',
      )
      client.prepareUnsupportedVersionResponse(ApiKeys.DESCRIBE_CLUSTER)
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster), {
        matcher: ({ topics }) => topics?.length === 0,
      })
      const result = admin.describeCluster()
      expect(await result.clusterId()).toBe(CLUSTER_ID)
      expect(await result.nodes()).toEqual(cluster.nodes)
      expect(await result.controller()).toEqual(cluster.nodes[0])
      expect(client.inFlightRequestCount()).toBe(0)
    }))

  test('names fenced brokers, where the broker can', () =>
    withAdmin({}, async ({ admin, client, cluster }) => {
      covers(
        'KafkaAdminClientTest.testDescribeClusterHandleUnsupportedVersionForIncludingFencedBrokers',
      )
      const { brokers, ...answer } = describeClusterOf(cluster)
      const told = brokers!.map((broker, i) => ({ ...broker, isFenced: i === 1 }))
      client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, { ...answer, brokers: told })
      const withFenced = admin.describeCluster({ includeFencedBrokers: true })
      expect(await withFenced.fencedBrokerIds()).toEqual(new Set([1]))

      const served = { apiKey: ApiKeys.DESCRIBE_CLUSTER.id, minVersion: 0, maxVersion: 1 }
      client.setNodeApiVersions(NodeApiVersions.create([served]))
      client.prepareResponse(ApiKeys.DESCRIBE_CLUSTER, answer)
      const cannot = admin.describeCluster({ includeFencedBrokers: true })
      await expect(cannot.nodes()).rejects.toThrow(UnsupportedVersionException)
    }))
})

describe('describing settings', () => {
  const TYPE_IDS = { TOPIC: 2, BROKER: 4, BROKER_LOGGER: 8, CLIENT_METRICS: 16, GROUP: 32 }
  const setting = { name: 'a.setting', value: '1', configSource: 5 }
  const answerFor = (...resources: ConfigResource[]) => ({
    results: resources.map(({ type, name }) => ({
      resourceType: TYPE_IDS[type],
      resourceName: name,
      configs: [setting],
    })),
  })
  const resource = (type: ConfigResourceType, name: string): ConfigResource => ({ type, name })

  test('asks each broker for its own, and any broker for the rest', () =>
    withAdmin({}, async ({ admin, client, cluster }) => {
      covers(
        'KafkaAdminClientTest.testDescribeBrokerConfigs',
        'KafkaAdminClientTest.testDescribeBrokerAndLogConfigs',
      )
      const [of0, of1] = [resource('BROKER', '0'), resource('BROKER', '1')]
      const loggerOf0 = resource('BROKER_LOGGER', '0')
      const [topic, defaults] = [resource('TOPIC', 'orders'), resource('BROKER', '')]
      const [node0, node1] = cluster.nodes
      const api = ApiKeys.DESCRIBE_CONFIGS
      client.prepareResponse(api, answerFor(of0, loggerOf0), { node: node0! })
      client.prepareResponse(api, answerFor(of1), { node: node1! })
      const result = admin.describeConfigs([of0, of1, loggerOf0])
      expect((await result.all()).size).toBe(3)
      client.prepareResponse(api, answerFor(topic, defaults))
      const others = await admin.describeConfigs([topic, defaults, { ...topic }]).all()
      expect(others.get(topic)?.get('a.setting')?.source).toBe('DEFAULT_CONFIG')
      expect(others.get(topic)?.get('another')).toBeNull()
      expect([...others.keys()]).toEqual([topic, defaults, topic])
    }))

  test('knows the settings of client metrics and of groups too', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers(
        'KafkaAdminClientTest.testDescribeClientMetricsConfigs',
        'KafkaAdminClientTest.testDescribeConsumerGroupConfigs',
      )
      const resources = [resource('CLIENT_METRICS', 'sub1'), resource('GROUP', 'group1')]
      client.prepareResponse(ApiKeys.DESCRIBE_CONFIGS, answerFor(...resources))
      expect((await admin.describeConfigs(resources).all()).size).toBe(2)
    }))

  test('fails what the response leaves out or refuses', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testDescribeConfigsPartialResponse')
      const [one, two, three] = ['one', 'two', 'three'].map((name) => resource('TOPIC', name))
      const errorCode = Errors.TOPIC_AUTHORIZATION_FAILED.code
      const refused = { resourceType: 2, resourceName: 'three', errorCode, errorMessage: '' }
      const { results } = answerFor(one!)
      client.prepareResponse(ApiKeys.DESCRIBE_CONFIGS, { results: [...results, refused] })
      const values = admin.describeConfigs([one!, two!, three!]).values()
      await values.get(one!)
      await expect(values.get(two!)).rejects.toThrow(ApiException)
      await expect(values.get(three!)).rejects.toThrow(TopicAuthorizationException)
      await expect(values.get(three!)).rejects.toThrow('Not authorized to access this topic.')
    }))

  test('ignores what it did not ask for', () =>
    withAdmin({}, async ({ admin, client, logger }) => {
      covers('KafkaAdminClientTest.testDescribeConfigsUnrequested')
      const [one, unasked] = [resource('TOPIC', 'one'), resource('TOPIC', 'unasked')]
      client.prepareResponse(ApiKeys.DESCRIBE_CONFIGS, answerFor(one, unasked))
      expect((await admin.describeConfigs([one]).all()).size).toBe(1)
      expect(logger.messages('warn').join()).toContain("'unasked'")
    }))

  test('brings where a value comes from and what it means, if asked', () =>
    withAdmin({}, async ({ admin, client }) => {
      const one = resource('TOPIC', 'one')
      const synonyms = [{ name: 'log.a.setting', value: '2', source: 4 }]
      const told = { ...setting, synonyms, configType: 5, documentation: 'A setting.' }
      const results = [{ resourceType: 2, resourceName: 'one', configs: [told] }]
      client.prepareResponse(
        ApiKeys.DESCRIBE_CONFIGS,
        { results },
        {
          matcher: (request) => request.includeSynonyms && request.includeDocumentation,
        },
      )
      const options = { includeSynonyms: true, includeDocumentation: true }
      const config = (await admin.describeConfigs([one], options).all()).get(one)
      expect(config?.entries()).toMatchObject([
        {
          type: 'LONG',
          documentation: 'A setting.',
          synonyms: [{ name: 'log.a.setting', value: '2', source: 'STATIC_BROKER_CONFIG' }],
        },
      ])
    }))

  test('of a broker that is not there times out, and says whom it looked for', () =>
    withAdmin({}, async ({ admin, client, cluster }) => {
      const times = 20
      for (let i = 0; i < times; i++) client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
      const of77 = resource('BROKER', '77')
      const failure = admin.describeConfigs([of77], { timeoutMs: 1000 }).all()
      await expect(failure).rejects.toThrow(TimeoutException)
      await expect(failure).rejects.toThrow('broker 77 was not to be found')
      expect(() => admin.describeConfigs([resource('BROKER', 'x')])).toThrow(
        IllegalArgumentException,
      )
    }))
})
