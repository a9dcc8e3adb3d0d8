import { describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { MemoryStorage } from '../../src/broker/log/MemoryStorage.ts'
import { IOException, KafkaException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { TraceEntry } from '../../src/common/Trace.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { covers } from '../support/covers.ts'
import { WireClient } from '../support/WireClient.ts'
import { batchOf, createTopic, fetch, onCluster, produce, valuesIn } from './brokerSupport.ts'

const leaderOf = async (client: WireClient, topic: string, partition: number): Promise<number> => {
  const { topics } = await client.request(ApiKeys.METADATA, 9, { topics: [{ name: topic }] })
  return topics[0]!.partitions.find((each) => each.partitionIndex === partition)!.leaderId
}

describe('several brokers', () => {
  test(
    'share the partitions of a topic, and each has records of its own only',
    onCluster(
      async ({ connect, cluster }) => {
        const client = await connect(2)
        await createTopic(client, 'orders', 6)
        const { topics } = await client.request(ApiKeys.METADATA, 9, {
          topics: [{ name: 'orders' }],
        })
        const leaders = topics[0]!.partitions.map((each) => each.leaderId)
        expect(leaders.filter((id) => id === 1)).toHaveLength(2)
        expect(leaders.filter((id) => id === 3)).toHaveLength(2)
        for (const [partition, leader] of leaders.entries()) {
          const own = await connect(leader)
          expect(
            (await produce(own, 'orders', batchOf([`p${partition}`]), { partition })).errorCode,
          ).toBe(0)
          for (const id of cluster.brokerIds()) {
            const found = cluster
              .broker(id)
              .replicaManager.getPartition(new TopicPartition('orders', partition))
            expect(found?.log.logEndOffset).toBe(id === leader ? 1 : undefined)
          }
        }
      },
      { brokers: 3 },
    ),
  )

  test(
    'send a client that asks the wrong one to the leader, with its address',
    onCluster(
      async ({ connect, cluster }) => {
        covers(
          'KafkaApisTest.testProduceResponseContainsNewLeaderOnNotLeaderOrFollower',
          'KafkaApisTest.testLeaderReplicaIfLocalRaisesNotLeaderOrFollower',
          'KafkaApisTest.testProduceResponseReplicaManagerLookupErrorOnNotLeaderOrFollower',
        )
        const client = await connect(1)
        await createTopic(client, 'orders', 2)
        const partition = (await leaderOf(client, 'orders', 0)) === 2 ? 0 : 1
        const topicId = (
          await client.request(ApiKeys.METADATA, 12, { topics: [{ name: 'orders' }] })
        ).topics[0]!.topicId
        const endpoint = { nodeId: 2, host: 'cluster', port: cluster.broker(2).port, rack: null }
        for (const version of [9, 10, 13]) {
          const response = await client.request(ApiKeys.PRODUCE, version, {
            acks: -1,
            timeoutMs: 1000,
            topicData: [
              {
                name: 'orders',
                topicId,
                partitionData: [{ index: partition, records: batchOf(['v']) }],
              },
            ],
          })
          const answer = response.responses[0]!.partitionResponses[0]!
          expect(answer.errorCode).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code)
          expect(answer.currentLeader).toEqual(
            version >= 10 ? { leaderId: 2, leaderEpoch: 0 } : { leaderId: -1, leaderEpoch: -1 },
          )
          expect(response.nodeEndpoints).toEqual(version >= 10 ? [endpoint] : [])
        }
        for (const version of [12, 16]) {
          const response = await client.request(ApiKeys.FETCH, version, {
            topics: [
              { topic: 'orders', topicId, partitions: [{ partition, partitionMaxBytes: 10 }] },
            ],
          })
          const answer = response.responses[0]!.partitions[0]!
          expect(answer.errorCode).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code)
          expect(answer.currentLeader.leaderId).toBe(version >= 16 ? 2 : -1)
          expect(response.nodeEndpoints).toEqual(version >= 16 ? [endpoint] : [])
        }
        const offsets = await client.request(ApiKeys.LIST_OFFSETS, 5, {
          replicaId: -1,
          topics: [{ name: 'orders', partitions: [{ partitionIndex: partition, timestamp: -1 }] }],
        })
        expect(offsets.topics[0]!.partitions[0]!.errorCode).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code)
      },
      { brokers: 2 },
    ),
  )

  test(
    'leave partitions without a leader while one is down, and with all their records afterwards',
    onCluster(
      async ({ connect, cluster }) => {
        const client = await connect(1)
        await createTopic(client, 'orders', 2)
        const partition = (await leaderOf(client, 'orders', 0)) === 2 ? 0 : 1
        await produce(await connect(2), 'orders', batchOf(['kept']), { partition })
        await cluster.stopBroker(2)
        const { topics, brokers } = await client.request(ApiKeys.METADATA, 9, {
          topics: [{ name: 'orders' }],
        })
        expect(brokers.map((broker) => broker.nodeId)).toEqual([1])
        expect(topics[0]!.partitions[partition]).toMatchObject({
          errorCode: Errors.LEADER_NOT_AVAILABLE.code,
          leaderId: -1,
          leaderEpoch: 1,
          offlineReplicas: [2],
        })
        await cluster.startBroker(2)
        expect(await leaderOf(client, 'orders', partition)).toBe(2)
        const back = await connect(2)
        expect(valuesIn((await fetch(back, 'orders', { partition })).records)).toEqual(['kept'])
        expect((await produce(back, 'orders', batchOf(['more']), { partition })).baseOffset).toBe(1)
      },
      { brokers: 2 },
    ),
  )
})

describe('a cluster that is started again', () => {
  const world = () => new SimulatedWorld({ seed: 5 })

  const start = (simulated: SimulatedWorld, storage: MemoryStorage) =>
    EmbeddedCluster.start({
      host: 'cluster',
      environment: simulated.environment('cluster'),
      storage,
    })

  const connect = (simulated: SimulatedWorld, cluster: EmbeddedCluster) =>
    WireClient.connect(simulated.environment('app'), 'cluster', cluster.broker(1).port)

  test('has topics, settings, records and producers after a clean stop and a crash', async () => {
    for (const how of ['closed', 'killed', 'no power'] as const) {
      const simulated = world()
      await simulated.run(async () => {
        const storage = new MemoryStorage({ time: simulated.simulation })
        const cluster = await start(simulated, storage)
        const client = await connect(simulated, cluster)
        // Flushed record by record: what is acknowledged survives even a lost power supply.
        const topicId = await createTopic(client, 'orders', 2, {
          'flush.messages': '1',
          'retention.ms': '7',
        })
        const pid = (
          await client.request(ApiKeys.INIT_PRODUCER_ID, 4, {
            transactionalId: null,
            transactionTimeoutMs: -1,
          })
        ).producerId
        const idempotent = (seq: number) =>
          batchOf([`v${seq}`], { producerId: pid, producerEpoch: 0, baseSequence: seq })
        for (let seq = 0; seq < 10; seq++) await produce(client, 'orders', idempotent(seq))
        client.close()
        if (how === 'closed') await cluster.close()
        const disk =
          how === 'no power'
            ? storage.powerLoss()
            : how === 'killed'
              ? storage.afterKill()
              : storage

        const again = await start(simulated, disk)
        expect(again.clusterId).toBe(cluster.clusterId)
        const later = await connect(simulated, again)
        const { topics } = await later.request(ApiKeys.METADATA, 12, { topics: null })
        expect(
          topics.map((topic) => [topic.name, topic.topicId.toString(), topic.partitions.length]),
        ).toEqual([['orders', topicId.toString(), 2]])
        const values = valuesIn((await fetch(later, 'orders')).records)
        expect(values).toEqual(Array.from({ length: 10 }, (_, i) => `v${i}`))
        expect(await produce(later, 'orders', idempotent(9))).toMatchObject({
          errorCode: 0,
          baseOffset: 9,
        })
        expect((await produce(later, 'orders', idempotent(10))).baseOffset).toBe(10)
        const next = await later.request(ApiKeys.INIT_PRODUCER_ID, 4, {
          transactionalId: null,
          transactionTimeoutMs: -1,
        })
        expect(next.producerId > pid).toBe(true)
        const { results } = await later.request(ApiKeys.DESCRIBE_CONFIGS, 4, {
          resources: [
            { resourceType: 2, resourceName: 'orders', configurationKeys: ['retention.ms'] },
          ],
        })
        expect(results[0]!.configs[0]!.value).toBe('7')
        later.close()
        await again.close()
        if (how !== 'closed') await cluster.close()
      })
    }
  })

  test('puts a partition aside that no topic claims', async () => {
    const simulated = world()
    await simulated.run(async () => {
      const storage = new MemoryStorage({ time: simulated.simulation })
      const cluster = await start(simulated, storage)
      const client = await connect(simulated, cluster)
      await createTopic(client, 'orders')
      client.close()
      await cluster.close()
      storage.makeDirectory('broker-1/unknown-0')
      const again = await start(simulated, storage)
      expect(storage.list('broker-1').filter((name) => name.endsWith('-stray'))).toHaveLength(1)
      expect(storage.exists('broker-1/orders-0')).toBe(true)
      await again.close()
    })
  })

  test('does not start on the directory of another cluster or broker', async () => {
    const simulated = world()
    await simulated.run(async () => {
      const storage = new MemoryStorage({ time: simulated.simulation })
      await (await start(simulated, storage)).close()
      storage.remove('controller')
      await expect(start(simulated, storage)).rejects.toThrow(/belongs to the cluster/)
      storage.remove('broker-1/meta.properties')
      const cluster = await start(simulated, storage)
      await cluster.stopBroker(1)
      storage.rename('broker-1', 'broker-2')
      await expect(cluster.startBroker(2)).rejects.toThrow(KafkaException)
      await cluster.close()
    })
  })

  test('takes a failed disk out of service and acknowledges nothing from it', async () => {
    const simulated = world()
    await simulated.run(async () => {
      const storage = new MemoryStorage({ time: simulated.simulation })
      const cluster = await start(simulated, storage)
      const client = await connect(simulated, cluster)
      await createTopic(client, 'orders', 1, { 'flush.messages': '1' })
      await produce(client, 'orders', batchOf(['kept']))
      storage.failFlushes((path) => path.endsWith('.log'))
      const failed = await produce(client, 'orders', batchOf(['lost']))
      expect(failed.errorCode).toBe(Errors.KAFKA_STORAGE_ERROR.code)
      storage.failFlushes(undefined)
      expect((await produce(client, 'orders', batchOf(['later']))).errorCode).toBe(
        Errors.KAFKA_STORAGE_ERROR.code,
      )
      expect((await fetch(client, 'orders')).errorCode).toBe(Errors.KAFKA_STORAGE_ERROR.code)
      expect((await fetch(client, 'orders', { version: 5 })).errorCode).toBe(
        Errors.NOT_LEADER_OR_FOLLOWER.code,
      )
      client.close()
      await cluster.close()
      const again = await start(simulated, storage.powerLoss())
      const later = await connect(simulated, again)
      expect(valuesIn((await fetch(later, 'orders')).records)).toEqual(['kept'])
      later.close()
      await again.close()
    })
  })
})

describe('a cluster on virtual time', () => {
  const run = async (seed: number): Promise<string[]> => {
    const simulated = new SimulatedWorld({ seed, link: { latencyMs: [1, 20] } as never })
    const lines: string[] = []
    simulated.traceBus.listen((entry: TraceEntry) => {
      lines.push(
        JSON.stringify(entry, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value)),
      )
    })
    await simulated.run(async () => {
      const cluster = await EmbeddedCluster.start({
        brokers: 3,
        host: 'cluster',
        environment: simulated.environment('cluster'),
      })
      const clients = await Promise.all(
        cluster
          .brokerIds()
          .map((id) =>
            WireClient.connect(
              simulated.environment(`app-${id}`),
              'cluster',
              cluster.broker(id).port,
            ),
          ),
      )
      await createTopic(clients[0]!, 'orders', 6)
      await Promise.all(
        clients.map(async (client, i) => {
          for (let n = 0; n < 5; n++) {
            await produce(client, 'orders', batchOf([`${i}-${n}`]), {
              partition: simulated.simulation.random.nextInt(6),
            })
            await fetch(client, 'orders', { partition: i, maxWaitMs: 50, minBytes: 200 })
          }
        }),
      )
      for (const client of clients) client.close()
      await cluster.close()
    })
    return lines
  }

  test('runs the same way twice, entry for entry, from the same seed', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const first = await run(seed)
      expect(first.length).toBeGreaterThan(500)
      expect(await run(seed)).toEqual(first)
    }
    expect(await run(1)).not.toEqual(await run(2))
  }, 60_000)
})

describe('starting', () => {
  test('says which port cannot be had, and leaves nothing open', async () => {
    const cluster = await EmbeddedCluster.start()
    const { port } = cluster.broker(1)
    await expect(EmbeddedCluster.start({ ports: [port] })).rejects.toThrow(IOException)
    await expect(EmbeddedCluster.start({ ports: [port] })).rejects.toThrow(String(port))
    await cluster.close()
    await cluster.close()
    await using again = await EmbeddedCluster.start({ ports: [port] })
    expect(again.bootstrapServers).toBe(`127.0.0.1:${port}`)
  })

  test('says which setting cannot be, and which nobody knows', async () => {
    await expect(EmbeddedCluster.start({ config: { 'num.partitions': 0 } })).rejects.toThrow(
      /num.partitions.*at least 1/,
    )
    await expect(EmbeddedCluster.start({ brokers: 0 })).rejects.toThrow(/at least one broker/)
    const simulated = new SimulatedWorld({ seed: 1 })
    const warnings: string[] = []
    const logger = {
      isEnabled: () => true,
      debug: () => {},
      info: () => {},
      warn: (message: string) => warnings.push(message),
      error: () => {},
      withPrefix: () => logger,
    }
    await simulated.run(async () => {
      const cluster = await EmbeddedCluster.start({
        host: 'cluster',
        environment: { ...simulated.environment('cluster'), logger: logger as never },
        config: { 'num.partition': 3 },
      })
      await cluster.close()
    })
    expect(warnings.some((line) => line.includes("Did you mean 'num.partitions'"))).toBe(true)
  })
})
