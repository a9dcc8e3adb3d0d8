import { describe, expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import {
  AuthenticationException,
  SaslAuthenticationException,
  UnsupportedVersionException,
} from '../../src/common/errors/ApiExceptions.ts'
import {
  ConfigException,
  IllegalArgumentException,
  IllegalStateException,
  TimeoutException,
} from '../../src/common/errors.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { covers } from '../support/covers.ts'
import { type AdminEnv, metadataOf, mockCluster, until, withAdmin } from './adminEnv.ts'

const created = (name: string) => ({ topics: [{ name, numPartitions: 1, replicationFactor: 1 }] })
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('It did not fail'),
    (error: Error) => error,
  )

describe('finding the cluster', () => {
  test('asks one of bootstrap.servers who there is, and then the controller', () =>
    withAdmin({ nodes: 0 }, async ({ admin, client, metadataManager }) => {
      const cluster = mockCluster(3, 2)
      const [bootstrap] = metadataManager.bootstrapNodes()
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster), { node: bootstrap! })
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created('a'), { node: cluster.nodes[2]! })
      await admin.createTopics([{ name: 'a' }]).all()
    }))

  test('fails at the deadline when no metadata comes', () =>
    withAdmin({ nodes: 0, config: { 'request.timeout.ms': 10 } }, async ({ admin, time }) => {
      covers('KafkaAdminClientTest.testTimeoutWithoutMetadata')
      const startMs = time.milliseconds()
      const failure = await failureOf(
        admin.createTopics([{ name: 'a' }], { timeoutMs: 1000 }).all(),
      )
      expect(time.milliseconds() - startMs).toBe(1000)
      expect(failure).toBeInstanceOf(TimeoutException)
      expect(failure.message).toContain('Timed out waiting for a node assignment.')
      expect(failure.message).toContain('Call: createTopics.')
      expect(failure.message).toContain('Given up after 1000 ms; 0 requests were sent.')
      expect(failure.message).toContain('bootstrap.servers: localhost:8121.')
    }))

  test('asks again when the connection is lost before the metadata has come', () =>
    withAdmin({ nodes: 0 }, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testConnectionFailureOnMetadataUpdate')
      client.prepareResponse(ApiKeys.METADATA, null, { disconnected: true })
      client.prepareResponse(ApiKeys.METADATA, metadataOf(mockCluster(3)))
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created('a'))
      await admin.createTopics([{ name: 'a' }], { timeoutMs: 10_000 }).all()
    }))

  for (const strategy of ['rebootstrap', 'none'] as const) {
    test(`waits for a bootstrap server that is not there yet (${strategy})`, () =>
      withAdmin(
        {
          nodes: 0,
          config: { 'metadata.recovery.strategy': strategy },
          before: ({ client, cluster }) => client.setUnreachable(cluster.nodes[0]!, 200),
        },
        async ({ admin, client, time }) => {
          covers(
            strategy === 'none'
              ? 'KafkaAdminClientTest.testUnreachableBootstrapServerNoRebootstrap'
              : 'KafkaAdminClientTest.testUnreachableBootstrapServer',
          )
          client.prepareResponse(ApiKeys.METADATA, metadataOf(mockCluster(3)))
          client.prepareResponse(ApiKeys.CREATE_TOPICS, created('a'))
          const startMs = time.milliseconds()
          await admin.createTopics([{ name: 'a' }], { timeoutMs: 10_000 }).all()
          expect(time.milliseconds() - startMs).toBeGreaterThanOrEqual(200)
        },
      ))
  }

  const backOff = ({ client, cluster }: Omit<AdminEnv, 'admin'>): void =>
    client.backoff(cluster.nodes[0]!, 700)

  test('asks for metadata once, however often it starts again from bootstrap.servers', () =>
    withAdmin({ nodes: 0, before: backOff }, async ({ admin, client, time, logger }) => {
      const cluster = mockCluster(3)
      let requests = 0
      const matcher = () => requests++ >= 0
      for (let i = 0; i < 5; i++) {
        client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster), { matcher })
      }
      await admin.listTopics().names()
      await time.sleep(1000)
      const restarts = logger.messages('info').filter((m) => m.includes('Rebootstrapping'))
      expect(restarts.length).toBeGreaterThan(3)
      // One for the cluster, one for the list.
      expect(requests).toBe(2)
    }))

  test('starts again from bootstrap.servers when a broker says so', () =>
    withAdmin({ nodes: 1 }, async ({ client, metadataManager, time }) => {
      const errorCode = Errors.REBOOTSTRAP_REQUIRED.code
      client.prepareResponse(ApiKeys.METADATA, { errorCode })
      metadataManager.requestUpdate()
      client.wakeup()
      await until(time, () => metadataManager.needsRebootstrap(time.milliseconds(), 300_000))
      metadataManager.updater.rebootstrap(time.milliseconds())
      expect(metadataManager.isReady()).toBe(false)
    }))

  test('fails calls with the refused login that kept metadata from coming', () =>
    withAdmin({ nodes: 3 }, async ({ admin, client, cluster, metadataManager }) => {
      covers('KafkaAdminClientTest.testPropagatedMetadataFetchException')
      client.createPendingAuthenticationError(cluster.nodes[0]!, 86_400_000)
      client.prepareResponse(ApiKeys.CREATE_TOPICS, created('a'))
      const refused = admin.createTopics([{ name: 'a' }], { timeoutMs: 1000 }).all()
      await expect(refused).rejects.toThrow(SaslAuthenticationException)
      const problem = null
      const authenticationException = new SaslAuthenticationException('no')
      const lost = { nodeId: '0', problem, authenticationException }
      metadataManager.updater.handleServerDisconnect(0, lost)
      await expect(admin.listTopics().names()).rejects.toThrow(SaslAuthenticationException)
    }))

  test('fails every kind of call when the login is refused', () =>
    withAdmin(
      { nodes: 0, config: { 'metadata.recovery.strategy': 'none' } },
      async ({ admin, client, metadataManager }) => {
        covers('KafkaAdminClientTest.testAdminClientApisAuthenticationFailure')
        client.createPendingAuthenticationError(metadataManager.bootstrapNodes()[0]!, 86_400_000)
        const calls = [
          admin.createTopics([{ name: 'a' }]).all(),
          admin.deleteTopics(['a']).all(),
          admin.listTopics().names(),
          admin.describeTopics(['a']).all(),
          admin.describeCluster().nodes(),
          admin.describeConfigs([{ type: 'BROKER', name: '0' }]).all(),
        ]
        for (const call of calls) await expect(call).rejects.toThrow(AuthenticationException)
      },
    ))

  test('fails calls when the broker speaks no version of Metadata that we do', () =>
    withAdmin({ nodes: 0 }, async ({ admin, client }) => {
      client.prepareUnsupportedVersionResponse(ApiKeys.METADATA)
      await expect(admin.listTopics().names()).rejects.toThrow(UnsupportedVersionException)
    }))
})

describe('time', () => {
  test('a request that timed out is sent again within the time of the call', () =>
    withAdmin({ nodes: 1 }, async ({ admin, client, cluster, time }) => {
      covers('KafkaAdminClientTest.testSuccessfulRetryAfterRequestTimeout')
      const listed = admin.listTopics({ timeoutMs: 3000 }).names()
      await until(time, () => client.hasInFlightRequests())
      const [first] = client.requests()
      await until(time, () => client.hasInFlightRequests() && client.requests()[0] !== first)
      client.respond(ApiKeys.METADATA, metadataOf(cluster, [{ name: 'foo' }]))
      expect(await listed).toEqual(new Set(['foo']))
    }))

  const expectEndAfter = async (
    config: { defaultApiTimeoutMs: number; timeoutMs?: number },
    expectedMs: number,
  ): Promise<void> =>
    withAdmin(
      {
        nodes: 1,
        config: {
          'request.timeout.ms': 1500,
          'default.api.timeout.ms': config.defaultApiTimeoutMs,
        },
      },
      async ({ admin, time }) => {
        const startMs = time.milliseconds()
        const { timeoutMs } = config
        const listed = admin.listTopics(timeoutMs === undefined ? {} : { timeoutMs })
        const failure = await failureOf(listed.names())
        expect(failure).toBeInstanceOf(TimeoutException)
        expect(failure.message).toContain('2 requests were sent')
        expect(time.milliseconds() - startMs).toBe(expectedMs)
      },
    )

  test('a call ends at default.api.timeout.ms, or at its own time', async () => {
    covers('KafkaAdminClientTest.testDefaultApiTimeout')
    covers('KafkaAdminClientTest.testDefaultApiTimeoutOverride')
    await expectEndAfter({ defaultApiTimeoutMs: 3000 }, 3000)
    await expectEndAfter({ defaultApiTimeoutMs: 10_000, timeoutMs: 3000 }, 3000)
  })

  test('a request.timeout.ms above the default time of a call raises that', () =>
    withAdmin({ nodes: 1, config: { 'request.timeout.ms': 120_000 } }, async (env) => {
      covers('KafkaAdminClientTest.testRequestTimeoutExceedingDefaultApiTimeout')
      const { admin, client, time, logger } = env
      expect(logger.messages('warn').join()).toContain('default.api.timeout.ms')
      const listed = admin.listTopics().names()
      await time.sleep(60_001)
      expect(client.inFlightRequestCount()).toBe(1)
      await expect(listed).rejects.toThrow(TimeoutException)
    }))

  test('a default.api.timeout.ms below request.timeout.ms is refused', () => {
    covers('KafkaAdminClientTest.testDefaultApiTimeoutAndRequestTimeoutConflicts')
    const settings = {
      'bootstrap.servers': 'localhost:1',
      'default.api.timeout.ms': 500,
      'request.timeout.ms': 501,
    }
    expect(() => new KafkaAdminClient(settings)).toThrow(ConfigException)
    expect(() => new KafkaAdminClient(settings)).toThrow('default.api.timeout.ms')
  })

  test('a node that does not become ready is left for another', () =>
    withAdmin(
      { config: { 'request.timeout.ms': 20, 'retry.backoff.ms': 1 } },
      async ({ admin, client, cluster, time }) => {
        covers('KafkaAdminClientTest.testClientSideTimeoutAfterFailureToSend')
        for (const node of cluster.nodes) client.delayReady(node, 1000)
        const disconnected: string[] = []
        const disconnect = client.disconnect.bind(client)
        client.disconnect = (nodeId) => {
          disconnected.push(nodeId)
          disconnect(nodeId)
        }
        const listed = admin.listTopics().names()
        await until(time, () => disconnected.length > 0)
        for (const node of cluster.nodes) client.delayReady(node, 0)
        client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
        expect(await listed).toEqual(new Set())
      },
    ))

  test('a request without answer is given up, and sent again', () =>
    withAdmin(
      { config: { 'request.timeout.ms': 10, 'retry.backoff.ms': 1 } },
      async ({ admin, client, cluster, time }) => {
        covers('KafkaAdminClientTest.testClientSideTimeoutAfterFailureToReceiveResponse')
        const listed = admin.listTopics().names()
        await until(time, () => client.hasInFlightRequests())
        await until(time, () => !client.hasInFlightRequests())
        client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
        expect(await listed).toEqual(new Set())
      },
    ))

  test('no request is sent again when retries are used up', () =>
    withAdmin({ nodes: 1, config: { retries: 1 } }, async ({ admin, client }) => {
      client.prepareResponse(ApiKeys.METADATA, null, { disconnected: true })
      client.prepareResponse(ApiKeys.METADATA, null, { disconnected: true })
      const failure = await failureOf(admin.listTopics().names())
      expect(failure).toBeInstanceOf(TimeoutException)
      expect(failure.message).toContain('Call: listTopics has failed.')
      expect(failure.message).toContain('2 requests were sent')
      expect(failure.message).toContain('Cancelled listTopics request')
    }))
})

describe('closing', () => {
  test('ends, once or twice', () =>
    withAdmin({}, async ({ admin, client }) => {
      covers('KafkaAdminClientTest.testCloseAdminClient')
      await Promise.all([admin.close(), admin.close(0)])
      await admin.close()
      expect(client.active()).toBe(false)
      await expect(admin.close(-1)).rejects.toThrow(IllegalArgumentException)
    }))

  test('waits for the calls that were made', () =>
    withAdmin({}, async ({ admin, client, cluster, time }) => {
      const listed = admin.listTopics().names()
      await until(time, () => client.hasInFlightRequests())
      const closed = admin.close()
      client.respond(ApiKeys.METADATA, metadataOf(cluster, [{ name: 'a' }]))
      await closed
      expect(await listed).toEqual(new Set(['a']))
    }))

  test('gives the calls up after its time, and a second close can shorten that', () =>
    withAdmin({}, async ({ admin, time }) => {
      const startMs = time.milliseconds()
      const listed = failureOf(admin.listTopics().names())
      const closed = admin.close(30_000)
      await time.sleep(100)
      await admin.close(200)
      await closed
      expect(time.milliseconds() - startMs).toBe(300)
      expect((await listed).message).toBe(
        'The admin client was closed before the call was done. Call: listTopics.',
      )
    }))

  test('may be called where a result is handled', () =>
    withAdmin({}, async ({ admin, client, cluster }) => {
      covers('KafkaAdminClientTest.testCloseAdminClientInCallback')
      client.prepareResponse(ApiKeys.METADATA, metadataOf(cluster))
      await admin
        .listTopics()
        .names()
        .then(() => admin.close())
      expect(client.active()).toBe(false)
    }))

  test('fails calls that come after it', () =>
    withAdmin({}, async ({ admin }) => {
      covers('KafkaAdminClientTest.testAdminClientFailureWhenClosed')
      await admin.close()
      await expect(admin.listTopics().names()).rejects.toThrow(IllegalStateException)
      await expect(admin.describeTopics(['a']).all()).rejects.toThrow(IllegalStateException)
    }))

  test('leaves no unhandled rejection behind', () =>
    withAdmin({}, async ({ admin, time }) => {
      const unhandled: unknown[] = []
      const note = (error: unknown) => unhandled.push(error)
      process.on('unhandledRejection', note)
      const result = admin.createTopics([{ name: 'a' }, { name: '' }])
      void result.values()
      void result.all()
      void result.numPartitions('a')
      const topics = admin.describeTopics(['a'])
      void topics.values()
      void topics.all()
      void admin.describeCluster().nodes()
      void admin.describeConfigs([{ type: 'TOPIC', name: 'a' }]).all()
      void admin.listTopics().listings()
      await admin.close(0)
      await time.sleep(10)
      process.off('unhandledRejection', note)
      expect(unhandled).toEqual([])
    }))

  test('also happens when the loop itself fails, and no call is left waiting', () =>
    withAdmin({}, async ({ admin, client, logger }) => {
      client.poll = () => Promise.reject(new Error('out of sockets'))
      const failure = await failureOf(admin.listTopics().names())
      expect(failure.message).toContain('out of sockets')
      expect(logger.messages('error')).toHaveLength(1)
      await expect(admin.listTopics().names()).rejects.toThrow(IllegalStateException)
    }))
})

describe('over a network', () => {
  const settings = {
    'bootstrap.servers': 'broker:9092',
    'request.timeout.ms': 1000,
    'default.api.timeout.ms': 3000,
  }

  test('says which address nobody listens at', async () => {
    const world = new SimulatedWorld({ seed: 1 })
    await world.run(async () => {
      const startMs = world.simulation.milliseconds()
      const admin = new KafkaAdminClient(settings, world.environment('admin'))
      const failure = await failureOf(admin.createTopics([{ name: 'a' }]).all())
      expect(world.simulation.milliseconds() - startMs).toBe(3000)
      expect(failure).toBeInstanceOf(TimeoutException)
      expect(failure.message).toContain('bootstrap.servers: broker:9092')
      expect(failure.message).toContain('could not be established')
      expect(failure.message).toMatch(/check that the broker runs there/i)
      await admin.close(0)
      expect(world.simulation.milliseconds() - startMs).toBe(3000)
    })
  })

  test('says that somebody listens and does not answer', async () => {
    const world = new SimulatedWorld({ seed: 1 })
    await world.run(async () => {
      const listener = world.network.host('broker').openServerSocketChannel()
      await listener.bind('broker', 9092)
      const admin = new KafkaAdminClient(settings, world.environment('admin'))
      const failure = await failureOf(admin.createTopics([{ name: 'a' }]).all())
      expect(failure).toBeInstanceOf(TimeoutException)
      expect(failure.message).toContain('Check that broker:9092 is a Kafka listener')
      await admin.close(0)
      listener.close()
    })
  })
})

test('the client has a name of its own, unless it is given one', () =>
  withAdmin({ config: { 'client.id': 'mine' } }, async ({ admin }) => {
    covers('KafkaAdminClientTest.testGenerateClientId')
    expect(admin.clientId).toBe('mine')
    await withAdmin({}, async (env) => {
      expect(env.admin.clientId).toMatch(/^adminclient-\w+$/)
    })
  }))
