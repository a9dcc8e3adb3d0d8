import { connect as openSocket, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { KafkaConfig } from '../../../src/broker/KafkaConfig.ts'
import {
  ConnectionQuotas,
  TooManyConnectionsException,
} from '../../../src/broker/network/ConnectionQuotas.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { systemEnvironment } from '../../../src/network/Environment.ts'
import { ApiKeys } from '../../../src/protocol/ApiKeys.ts'
import { buildRequestSend, parseResponse } from '../../../src/protocol/SendBuilder.ts'
import { covers } from '../../support/covers.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { WireClient } from '../../support/WireClient.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from '../brokerSupport.ts'

const int32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setInt32(0, value)
  return bytes
}

/** A bare connection that says this and no more; the broker may end it before that. */
const strangerSaying = (host: string, port: number, bytes: Uint8Array): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = openSocket(port, host, () => socket.write(bytes, () => resolve(socket)))
    socket.on('error', () => resolve(socket)).resume()
  })

const versions = (client: WireClient) => client.request(ApiKeys.API_VERSIONS, 0, {})

describe('a connection', () => {
  test(
    'has its requests answered in their order, however many are sent at once',
    onCluster(async ({ connect }) => {
      covers('SocketServerTest.testUnmuteChannelWithBufferedReceives')
      const client = await connect()
      await createTopic(client, 'orders')
      const frames: Uint8Array[] = []
      for (let i = 0; i < 100; i++) {
        // A fetch that waits between requests that do not: those behind it wait too.
        frames.push(
          ...(i % 10 === 0
            ? buildRequestSend(ApiKeys.FETCH, 12, i, 'x', {
                maxWaitMs: 5,
                minBytes: 1,
                topics: [
                  { topic: 'orders', partitions: [{ partition: 0, partitionMaxBytes: 10 }] },
                ],
              })
            : buildRequestSend(ApiKeys.METADATA, 9, i, 'x', { topics: [] })),
        )
      }
      await client.sendRaw(frames)
      const order: number[] = []
      for (let i = 0; i < 100; i++) order.push((await client.receive()).getInt())
      expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i))
    }),
  )

  test(
    'may send a request byte by byte',
    onCluster(async ({ connect }) => {
      const client = await connect()
      const frame = Buffer.concat(buildRequestSend(ApiKeys.METADATA, 9, 77, 'x', { topics: [] }))
      for (const byte of frame) await client.sendRaw([Uint8Array.of(byte)])
      expect(parseResponse(ApiKeys.METADATA, 9, await client.receive()).correlationId).toBe(77)
    }),
  )

  test(
    'is closed by a frame that is too large or cannot be, before memory is taken for it',
    onCluster(
      async ({ connect, logger }) => {
        covers('SocketServerTest.tooBigRequestIsRejected')
        const other = await connect()
        for (const size of [1001, 2 ** 31 - 1, -1, -(2 ** 31)]) {
          const client = await connect()
          await client.sendRaw([int32(size)])
          await client.closedByBroker()
        }
        expect((await versions(other)).errorCode).toBe(0)
        expect(logger.messages('error')).toEqual([])
      },
      { config: { 'socket.request.max.bytes': 1000 } },
    ),
  )

  test(
    'is closed when it was idle for too long, also in the middle of a frame',
    onCluster(
      async ({ connect, world, cluster }) => {
        covers('SocketServerTest.testIdleConnection')
        const idle = await connect()
        const half = await connect()
        const busy = await connect()
        await half.sendRaw([int32(100), Uint8Array.of(1, 2, 3)])
        for (let i = 0; i < 8; i++) {
          await world.simulation.sleep(900)
          await versions(busy)
        }
        await idle.closedByBroker()
        await half.closedByBroker()
        expect(cluster.broker(1).socketServer.connectionCount()).toBe(1)
      },
      { config: { 'connections.max.idle.ms': 5000 } },
    ),
  )

  test(
    'that ends in the middle of things costs nobody else anything',
    onCluster(async ({ connect, world, cluster, logger }) => {
      covers(
        'SocketServerTest.testClientDisconnectionUpdatesRequestMetrics',
        'SocketServerTest.remoteCloseWithIncompleteBufferedReceive',
      )
      const producer = await connect()
      await createTopic(producer, 'orders')
      const waiting = await connect()
      await waiting.send(ApiKeys.FETCH, 12, {
        maxWaitMs: 60_000,
        minBytes: 1,
        topics: [{ topic: 'orders', partitions: [{ partition: 0, partitionMaxBytes: 10 }] }],
      })
      const half = await connect()
      await half.sendRaw([int32(100), Uint8Array.of(1, 2, 3)])
      waiting.close()
      half.close()
      await world.simulation.sleep(1000)
      expect((await produce(producer, 'orders', batchOf(['v']))).errorCode).toBe(0)
      await world.simulation.sleep(1000)
      expect(cluster.broker(1).socketServer.connectionCount()).toBe(1)
      expect(cluster.broker(1).replicaManager.delayedFetchPurgatory.numDelayed()).toBe(0)
      expect(logger.messages('error')).toEqual([])
    }),
  )

  test(
    'that sent with acks=0 and left at once has had its records written',
    onCluster(async ({ connect, world }) => {
      covers(
        'SocketServerTest.remoteCloseWithBufferedReceives',
        'SocketServerTest.testGracefulClose',
      )
      const reader = await connect()
      await createTopic(reader, 'orders')
      const leaving = await connect()
      for (let i = 0; i < 20; i++) {
        await leaving.send(ApiKeys.PRODUCE, 9, {
          acks: 0,
          timeoutMs: 1000,
          topicData: [
            { name: 'orders', partitionData: [{ index: 0, records: batchOf([`v${i}`]) }] },
          ],
        })
      }
      leaving.close()
      await world.simulation.sleep(1000)
      expect(valuesIn((await fetch(reader, 'orders')).records)).toHaveLength(20)
    }),
  )
})

describe('too many', () => {
  test(
    'connections of one address: the one too many is closed, and others are not',
    onCluster(
      async ({ connect, cluster }) => {
        covers('SocketServerTest.testMaxConnectionsPerIp')
        const clients = [await connect(), await connect()]
        for (const client of clients) await versions(client)
        const extra = await connect()
        await extra.closedByBroker()
        expect(cluster.broker(1).socketServer.connectionCount()).toBe(2)
        clients[0]!.close()
        await cluster.broker(1).socketServer.processors[0]!.selector.wakeup()
        await versions(clients[1]!)
        const again = await connect()
        expect((await versions(again)).errorCode).toBe(0)
      },
      { config: { 'max.connections.per.ip': 2 } },
    ),
  )

  test(
    'connections in all: the next one waits until one is closed',
    onCluster(
      async ({ connect, world, cluster }) => {
        const first = await connect()
        await versions(first)
        const second = await connect()
        const answer = versions(second)
        await world.simulation.sleep(2000)
        expect(cluster.broker(1).socketServer.connectionCount()).toBe(1)
        first.close()
        expect((await answer).errorCode).toBe(0)
      },
      { config: { 'max.connections': 1 } },
    ),
  )

  test('of one address is counted apart from other addresses, with exceptions', () => {
    covers(
      'SocketServerTest.testMaxConnectionsPerIpOverrides',
      'SocketServerTest.testZeroMaxConnectionsPerIp',
    )
    const quotas = new ConnectionQuotas(
      new KafkaConfig({
        'max.connections.per.ip': 1,
        'max.connections.per.ip.overrides': '10.0.0.1:2,10.0.0.9:0',
      }),
    )
    quotas.inc('10.0.0.1')
    quotas.inc('10.0.0.1')
    expect(() => quotas.inc('10.0.0.1')).toThrow(TooManyConnectionsException)
    quotas.inc('10.0.0.2')
    expect(() => quotas.inc('10.0.0.2')).toThrow(/maximum = 1/)
    expect(() => quotas.inc('10.0.0.9')).toThrow(TooManyConnectionsException)
    expect(quotas.count()).toBe(6)
    quotas.dec('10.0.0.1')
    expect(quotas.count('10.0.0.1')).toBe(2)
    expect(() => quotas.dec('10.0.0.7')).toThrow(/never counted/)
  })

  test(
    'requests: processors wait for room, and everybody is answered',
    onCluster(
      async ({ connect }) => {
        const clients = await Promise.all(Array.from({ length: 40 }, () => connect()))
        const answers = await Promise.all(clients.map(versions))
        expect(answers.every((answer) => answer.errorCode === 0)).toBe(true)
      },
      { config: { 'queued.max.requests': 1, 'num.io.threads': 1 } },
    ),
  )
})

describe('slow readers', () => {
  test(
    'hold nothing but their own response',
    onCluster(
      async ({ connect, cluster }) => {
        const producer = await connect()
        await createTopic(producer, 'orders')
        const value = 'x'.repeat(100_000)
        for (let i = 0; i < 20; i++) await produce(producer, 'orders', batchOf([value]))
        const slow = await connect()
        const request = () =>
          buildRequestSend(ApiKeys.FETCH, 12, 1, 'slow', {
            maxBytes: 50_000_000,
            topics: [
              { topic: 'orders', partitions: [{ partition: 0, partitionMaxBytes: 50_000_000 }] },
            ],
          })
        // Ten answers of 2 MB are asked for and not one is read.
        await slow.sendRaw(Array.from({ length: 10 }, request).flat())
        for (let i = 0; i < 50; i++) await versions(producer)
        // The connection is muted behind its first answer: the other requests are still in the
        // network.
        expect(cluster.broker(1).socketServer.requestChannel.queueSize()).toBe(0)
        expect((await produce(producer, 'orders', batchOf(['v']))).errorCode).toBe(0)
        for (let i = 0; i < 10; i++)
          expect((await slow.receive()).remaining()).toBeGreaterThan(2_000_000)
      },
      { config: { 'socket.request.max.bytes': 10_000_000 } },
    ),
  )
})

describe('on TCP', () => {
  test('thousands of connections with random bytes leave it serving and small', async () => {
    covers('SocketServerTest.testConnectionId')
    const logger = new RecordingLogger()
    const environment = systemEnvironment({ logger })
    const cluster = await EmbeddedCluster.start({ environment })
    const { host, port } = cluster.broker(1)
    const random = new SeededRandom(99)
    const good = await WireClient.connect(environment, host, port)
    await createTopic(good, 'orders')
    const before = process.memoryUsage().rss
    const strangers: Socket[] = []
    for (let wave = 0; wave < 40; wave++) {
      const bytes = Array.from({ length: 50 }, () => random.nextBytes(4 + random.nextInt(200)))
      const bad = await Promise.all(bytes.map((each) => strangerSaying(host, port, each)))
      expect((await produce(good, 'orders', batchOf([`v${wave}`]))).errorCode).toBe(0)
      // Half of them stay, with whatever frame they have begun.
      for (const [i, stranger] of bad.entries()) {
        if (i % 2 === 0) stranger.destroy()
        else strangers.push(stranger)
      }
      if (wave % 10 === 9) for (const stranger of strangers.splice(0)) stranger.destroy()
    }
    for (const stranger of strangers) stranger.destroy()
    expect(valuesIn((await fetch(good, 'orders')).records)).toHaveLength(40)
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
    expect(logger.messages('error')).toEqual([])
    good.close()
    await cluster.close()
  }, 60_000)

  test('random and mutated frames get an answer or a closed connection, no silence', async () => {
    const logger = new RecordingLogger()
    const environment = systemEnvironment({ logger })
    const cluster = await EmbeddedCluster.start({
      environment,
      config: { 'auto.create.topics.enable': false },
    })
    const { host, port } = cluster.broker(1)
    const random = new SeededRandom(7)
    const seed = await WireClient.connect(environment, host, port)
    const topicId = await createTopic(seed, 'orders')
    const valid = [
      buildRequestSend(ApiKeys.METADATA, 12, 1, 'x', { topics: [{ name: 'orders' }] }),
      buildRequestSend(ApiKeys.PRODUCE, 13, 1, 'x', {
        acks: 1,
        timeoutMs: 1,
        topicData: [{ topicId, partitionData: [{ index: 0, records: batchOf(['v']) }] }],
      }),
      buildRequestSend(ApiKeys.FETCH, 13, 1, 'x', {
        topics: [{ topicId, partitions: [{ partition: 0, partitionMaxBytes: 100 }] }],
      }),
      buildRequestSend(ApiKeys.LIST_OFFSETS, 8, 1, 'x', {
        replicaId: -1,
        topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
      }),
      buildRequestSend(ApiKeys.DESCRIBE_CONFIGS, 4, 1, 'x', {
        resources: [{ resourceType: 2, resourceName: 'orders', configurationKeys: null }],
      }),
    ].map((slices) => Uint8Array.from(Buffer.concat(slices)))
    for (let i = 0; i < 300; i++) {
      const frame = valid[random.nextInt(valid.length)]!.slice()
      for (let n = 0; n <= random.nextInt(4); n++)
        frame[4 + random.nextInt(frame.length - 4)] = random.nextInt(256)
      const client = await WireClient.connect(environment, host, port)
      // acks may have become 0, or a wait long: a second request says that the connection lives on.
      await client
        .sendRaw([frame, ...buildRequestSend(ApiKeys.API_VERSIONS, 0, 2, 'x', {})])
        .catch(() => {})
      const waits = new DataView(frame.buffer).getInt16(4) === 1
      if (!waits)
        await client
          .receive(5000)
          .catch((error: Error) => expect(error.name + error.message).toMatch(/closed/))
      client.close()
    }
    expect((await versions(seed)).errorCode).toBe(0)
    expect(logger.messages('error')).toEqual([])
    seed.close()
    await cluster.close()
  }, 60_000)
})
