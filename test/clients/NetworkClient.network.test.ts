/**
 * `NetworkClient` on a real `Selector`, over a network in memory and on virtual time, against
 * servers that a test makes of a `Selector` too: what no mock shows.
 */

import { describe, expect, it } from 'vitest'
import { ApiVersions } from '../../src/clients/ApiVersions.ts'
import type { ClientResponse } from '../../src/clients/ClientResponse.ts'
import { createNetworkClient } from '../../src/clients/ClientUtils.ts'
import { COMMON_CLIENT_CONFIGS } from '../../src/clients/CommonClientConfigs.ts'
import { Metadata } from '../../src/clients/Metadata.ts'
import type { NetworkClient } from '../../src/clients/NetworkClient.ts'
import { awaitReady, sendAndReceive } from '../../src/clients/NetworkClientUtils.ts'
import { NodeApiVersions } from '../../src/clients/NodeApiVersions.ts'
import { requestBuilder } from '../../src/clients/RequestBuilder.ts'
import { AbstractConfig } from '../../src/common/config/AbstractConfig.ts'
import { ConfigDef } from '../../src/common/config/ConfigDef.ts'
import { IOException } from '../../src/common/errors.ts'
import { ByteBufferSend } from '../../src/network/ByteBufferSend.ts'
import { NetworkSend } from '../../src/network/NetworkSend.ts'
import { PlaintextChannelBuilder } from '../../src/network/PlaintextChannelBuilder.ts'
import { Selector } from '../../src/network/Selector.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { RequestHeader } from '../../src/protocol/RequestHeader.ts'
import { buildResponseSend } from '../../src/protocol/SendBuilder.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const CONFIG = new ConfigDef(COMMON_CLIENT_CONFIGS)
const PORT = 9092
const METADATA_REQUEST = requestBuilder(ApiKeys.METADATA, { topics: [] })
const VERSIONS = [...NodeApiVersions.create().allSupportedApiVersions().values()]

/** What a server sends back to a request; `null`: nothing. */
type Answer = (header: RequestHeader) => Uint8Array[] | null

const brokerOf = (host: string): Answer => {
  return ({ apiKeyId, apiVersion, correlationId }) => {
    const answer = (apiKey: Parameters<typeof buildResponseSend>[0], data: object) =>
      buildResponseSend(apiKey, apiVersion, correlationId, data)
    if (apiKeyId === ApiKeys.API_VERSIONS.id) {
      return answer(ApiKeys.API_VERSIONS, { apiKeys: VERSIONS })
    }
    return answer(ApiKeys.METADATA, {
      clusterId: 'simulated',
      controllerId: 1,
      brokers: [{ nodeId: 1, host, port: PORT }],
      topics: [{ name: 'topic', partitions: [{ leaderId: 1, leaderEpoch: 3 }] }],
    })
  }
}

class World extends SimulatedWorld {
  readonly log: RecordingLogger

  constructor(seed: number) {
    const logger = new RecordingLogger()
    super({ seed, logger, link: { latencyMs: 1 } })
    this.log = logger
  }

  /** Serves on `host`, for as long as the world turns. */
  async serve(host: string, answer: Answer, greeting?: Uint8Array): Promise<void> {
    const { time, network, logger, traceBus } = this.environment(host)
    const server = network.openServerSocketChannel()
    await server.bind('0.0.0.0', PORT)
    const selector = new Selector({
      time,
      network,
      channelBuilder: new PlaintextChannelBuilder(),
      connectionMaxIdleMs: Selector.NO_IDLE_TIMEOUT_MS,
      logger,
      trace: traceBus.from(host),
    })
    let connections = 0
    server.onReady = () => {
      for (let channel = server.accept(); channel !== null; channel = server.accept()) {
        const id = `${connections++}`
        selector.register(id, channel)
        if (greeting !== undefined) selector.send(sendOf(id, [greeting]))
      }
      selector.wakeup()
    }
    const loop = async () => {
      for (;;) {
        await selector.poll(1_000_000)
        for (const receive of selector.completedReceives()) {
          const slices = answer(RequestHeader.parse(receive.payload()))
          if (slices !== null) selector.send(sendOf(receive.source, slices))
        }
      }
    }
    void loop()
  }

  client(bootstrap: string, settings: object = {}) {
    const environment = this.environment('app')
    const { time, random, logger, traceBus } = environment
    const config = new AbstractConfig(CONFIG, {
      'bootstrap.servers': `${bootstrap}:${PORT}`,
      ...settings,
    })
    const trace = traceBus.from('app')
    const metadata = new Metadata({
      refreshBackoffMs: config.get('retry.backoff.ms'),
      refreshBackoffMaxMs: config.get('retry.backoff.max.ms'),
      metadataExpireMs: config.get('metadata.max.age.ms'),
      random,
      logger,
      trace,
    })
    metadata.bootstrap([{ host: bootstrap, port: PORT }])
    const client = createNetworkClient({
      config,
      clientId: 'app',
      environment,
      logger,
      trace,
      apiVersions: new ApiVersions(),
      maxInFlightRequestsPerConnection: 5,
      metadata,
    })
    return { client, metadata, time }
  }

  /** Polls until `done`, for at most `forMs`. */
  async poll(client: NetworkClient, forMs: number, done: () => boolean): Promise<ClientResponse[]> {
    const responses: ClientResponse[] = []
    const timer = this.simulation.timer(forMs)
    while (!done() && timer.notExpired()) {
      responses.push(...(await client.poll(timer.remainingMs(), this.simulation.milliseconds())))
      timer.update()
    }
    return responses
  }
}

const sendOf = (id: string, slices: Uint8Array[]) => new NetworkSend(id, new ByteBufferSend(slices))

describe('NetworkClient over a network', () => {
  it('finds the cluster from one address, by itself', async () => {
    const world = new World(1)
    await world.run(async () => {
      await world.serve('broker', brokerOf('broker'))
      const { client, metadata } = world.client('broker')
      await world.poll(client, 10_000, () => !metadata.fetch().isBootstrapConfigured)
      expect(metadata.fetch().clusterResource.clusterId).toBe('simulated')
      expect(metadata.fetch().nodes.map(String)).toEqual(['broker:9092 (id: 1)'])
      expect(metadata.connectionProblem()).toBeNull()
      client.close()
    })
  })

  it('answers a request whose response comes in single bytes', async () => {
    const world = new World(2)
    world.network.faults.shape({ segmentBytes: 1 })
    await world.run(async () => {
      await world.serve('broker', brokerOf('broker'))
      const { client, metadata, time } = world.client('broker')
      await world.poll(client, 60_000, () => !metadata.fetch().isBootstrapConfigured)
      const node = metadata.fetch().nodeById(1)!
      expect(await awaitReady(client, node, time, 60_000)).toBe(true)
      const request = client.newClientRequest({
        nodeId: node.idString(),
        request: METADATA_REQUEST,
        createdTimeMs: time.milliseconds(),
      })
      const response = await sendAndReceive(client, request, time)
      expect(response.responseBody?.clusterId).toBe('simulated')
      client.close()
    })
  })

  it('says who cannot be reached, and finds the broker once it is there', async () => {
    const world = new World(3)
    await world.run(async () => {
      const { client, metadata } = world.client('broker')
      await world.poll(client, 5000, () => metadata.connectionProblem() !== null)
      expect(metadata.connectionProblem()).toMatch(
        /broker:9092 .*could not be established.*'bootstrap\.servers' has the right host and port/,
      )
      await world.poll(client, 20_000, () => false)
      const warnings = world.log.messages('warn').filter((text) => text.includes('established'))
      expect(warnings).toHaveLength(1) // not one per attempt

      await world.serve('broker', brokerOf('broker'))
      await world.poll(client, 10_000, () => !metadata.fetch().isBootstrapConfigured)
      expect(metadata.fetch().clusterResource.clusterId).toBe('simulated')
      expect(metadata.connectionProblem()).toBeNull()
      client.close()
    })
  })

  it('does not let a port that speaks HTTP choose how much memory it takes', async () => {
    const world = new World(4)
    await world.run(async () => {
      await world.serve('web', () => null, new TextEncoder().encode('HTTP/1.1 400 Bad Request'))
      const { client, metadata } = world.client('web')
      await world.poll(client, 5000, () => metadata.connectionProblem() !== null)
      expect(metadata.connectionProblem()).toMatch(/web:9092 is a Kafka listener without TLS/)
      client.close()
    })
  })

  it('gives up on a node that takes requests and never answers', async () => {
    const world = new World(5)
    await world.run(async () => {
      await world.serve('mute', () => null)
      const { client, metadata } = world.client('mute', { 'request.timeout.ms': 3000 })
      const startMs = world.simulation.milliseconds()
      await world.poll(client, 60_000, () => metadata.connectionProblem() !== null)
      const waitedMs = world.simulation.milliseconds() - startMs
      expect(waitedMs).toBeGreaterThan(3000)
      expect(waitedMs).toBeLessThan(3500)
      expect(metadata.connectionProblem()).toMatch(/mute:9092.* did not answer within 3000 ms/)
      client.close()
    })
  })

  it('fails what is in flight when the network breaks, and connects again', async () => {
    const world = new World(6)
    await world.run(async () => {
      let answering = true
      const broker = brokerOf('broker')
      await world.serve('broker', (header) => (answering ? broker(header) : null))
      const { client, metadata, time } = world.client('broker')
      await world.poll(client, 10_000, () => !metadata.fetch().isBootstrapConfigured)
      const node = metadata.fetch().nodeById(1)!
      await awaitReady(client, node, time, 10_000)
      const newRequest = () =>
        client.newClientRequest({
          nodeId: node.idString(),
          request: METADATA_REQUEST,
          createdTimeMs: time.milliseconds(),
        })
      answering = false
      time.schedule(5, () => world.network.faults.breakConnections('app'))
      await expect(sendAndReceive(client, newRequest(), time)).rejects.toThrow(IOException)
      answering = true
      await world.poll(client, 10_000, () => client.ready(node, time.milliseconds()))
      expect((await sendAndReceive(client, newRequest(), time)).hasResponse()).toBe(true)
      client.close()
    })
  })

  it('ends a poll that waits when it is woken', async () => {
    const world = new World(7)
    await world.run(async () => {
      world.network.faults.isolate('app')
      const { client, time } = world.client('nobody', { 'reconnect.backoff.ms': 60_000 })
      const startMs = time.milliseconds()
      time.schedule(20, () => client.initiateClose())
      await client.poll(30_000, startMs)
      expect(time.milliseconds() - startMs).toBe(20)
      expect(client.active()).toBe(false)
      client.close()
    })
  })

  it('does the same for the same seed, to the last entry of the trace', async () => {
    const run = async () => {
      const world = new World(99)
      const entries: string[] = []
      world.traceBus.listen((entry) => entries.push(JSON.stringify(entry)))
      await world.run(async () => {
        const { client, metadata, time } = world.client('broker')
        time.schedule(3000, () => void world.serve('broker', brokerOf('broker')))
        await world.poll(client, 60_000, () => !metadata.fetch().isBootstrapConfigured)
        client.close()
      })
      return entries
    }
    const first = await run()
    expect(first.length).toBeGreaterThan(20)
    expect(await run()).toEqual(first)
  })
})
