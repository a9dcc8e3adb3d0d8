/**
 * Leaders that move and brokers that are killed, under clients that go on: what was acknowledged is
 * there, once, in order, wherever its partition is led now.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { FileStorage } from '../../src/broker/log/FileStorage.ts'
import { UnknownTopicOrPartitionException } from '../../src/common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../src/common/errors.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { batchOf, fetch } from '../broker/brokerSupport.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { WireClient } from '../support/WireClient.ts'
import { type ClusterTest, failureOf, onCluster, range, valuesOf } from './clusterSupport.ts'

const TWO = { brokers: 2 }

/** The broker that leads partition 0 of a new topic, and one that does not. */
const leaderAndOther = ({ cluster }: ClusterTest, topic: string): [number, number] => {
  const leader = cluster.leaderOf(topic, 0)!
  return [leader, cluster.brokerIds().find((id) => id !== leader)!]
}

const connect = (t: ClusterTest, broker: number): Promise<WireClient> => {
  const { host, port } = t.cluster.broker(broker)
  return WireClient.connect(t.environment('wire'), host, port)
}

/** One batch of an idempotent producer, in a version that names the current leader. */
const produce = async (client: WireClient, value: string, baseSequence: number) => {
  const records = batchOf([value], { producerId: 7n, producerEpoch: 0, baseSequence })
  const { responses, nodeEndpoints } = await client.request(ApiKeys.PRODUCE, 12, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: 'orders', partitionData: [{ index: 0, records }] }],
  })
  return { ...responses[0]!.partitionResponses[0]!, nodeEndpoints }
}

describe('a leader that moves', () => {
  test(
    'away from a broker that is just stopping in order does not put its disk out of service',
    onCluster(async (t) => {
      await t.createTopic('orders', 2)
      const producer = t.producer()
      for (const i of range(2))
        await producer.send({ topic: 'orders', partition: i, value: `${i}` })
      const [leader, other] = leaderAndOther(t, 'orders')
      const stopping = t.cluster.stopBroker(leader)
      await t.cluster.moveLeader('orders', 0, other)
      await stopping
      await t.cluster.startBroker(leader)
      for (const i of range(2)) {
        const { offset } = await producer.send({ topic: 'orders', partition: i, value: 'again' })
        expect(offset).toBe(1)
      }
      expect(t.logger.messages('error')).toEqual([])
    }, TWO),
  )

  test(
    'takes the log along: clients go on, nothing is lost, doubled or out of order',
    onCluster(
      async (t) => {
        await t.createTopic('orders', 2)
        const producer = t.producer({ 'batch.size': 100, 'linger.ms': 0, 'retry.backoff.ms': 20 })
        const consumer = t.consumer()
        consumer.assign([0, 1].map((partition) => new TopicPartition('orders', partition)))
        const told: Promise<{ offset: number }>[] = []
        const moving = (async () => {
          for (const i of range(12)) {
            await t.time.sleep(7)
            await t.cluster.moveLeader('orders', i % 2, 1 + (i % 3))
          }
        })()
        for (const i of range(200)) {
          const sent = producer.send({ topic: 'orders', partition: i % 2, value: `${i}` })
          told.push(Promise.resolve(sent))
          await t.time.sleep(0.5)
        }
        await moving
        const offsets = (await Promise.all(told)).map(({ offset }) => offset)
        expect(offsets).toEqual(range(200).map((i) => Math.floor(i / 2)))
        const values: [string[], string[]] = [[], []]
        while (values[0].length + values[1].length < 200) {
          for (const { partition, value } of await consumer.poll(1000)) {
            values[partition as 0 | 1].push(value!)
          }
        }
        for (const p of [0, 1] as const) {
          expect(values[p]).toEqual(range(100).map((i) => `${2 * i + p}`))
        }
      },
      { brokers: 3, link: { latencyMs: [0, 4] } },
    ),
  )

  test(
    'is named by the old one, and knows the batches that the old one acknowledged',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [old, next] = leaderAndOther(t, 'orders')
      const [atOld, atNext] = [await connect(t, old), await connect(t, next)]
      for (const i of range(7)) {
        expect((await produce(atOld, `v${i}`, i)).baseOffset).toBe(i)
      }
      await t.cluster.moveLeader('orders', 0, next)
      expect(t.cluster.leaderOf('orders', 0)).toBe(next)
      const refused = await produce(atOld, 'v7', 7)
      expect(refused.errorCode).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code)
      expect(refused.currentLeader).toMatchObject({ leaderId: next, leaderEpoch: 1 })
      expect(refused.nodeEndpoints).toMatchObject([{ nodeId: next }])
      expect((await fetch(atOld, 'orders')).errorCode).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code)
      // The last five are answered with the offsets they have; older ones are out of order.
      for (const i of range(5, 2)) {
        const again = await produce(atNext, `v${i}`, i)
        expect([again.errorCode, again.baseOffset]).toEqual([0, i])
      }
      expect((await produce(atNext, 'v1', 1)).errorCode).toBe(
        Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code,
      )
      expect((await produce(atNext, 'v7', 7)).baseOffset).toBe(7)
      expect((await fetch(atNext, 'orders', { currentLeaderEpoch: 0 })).errorCode).toBe(
        Errors.FENCED_LEADER_EPOCH.code,
      )
      for (const client of [atOld, atNext]) client.close()
    }, TWO),
  )

  test(
    'answers a fetch that waits at the old one at once',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [old, next] = leaderAndOther(t, 'orders')
      const client = await connect(t, old)
      const startMs = t.time.milliseconds()
      const waiting = fetch(client, 'orders', { maxWaitMs: 10_000 })
      await t.time.sleep(100)
      await t.cluster.moveLeader('orders', 0, next)
      expect((await waiting).errorCode).toBe(Errors.NOT_LEADER_OR_FOLLOWER.code)
      expect(t.time.milliseconds() - startMs).toBeLessThan(1000)
      client.close()
    }, TWO),
  )

  test(
    'has what it acknowledges and nothing else, also while the old one waits for its disk',
    onCluster(async (t) => {
      await t.createTopic('orders', 1, { 'flush.messages': '1' })
      const [old, next] = leaderAndOther(t, 'orders')
      const client = await connect(t, old)
      const answer = produce(client, 'v', 0)
      await t.time.sleep(0)
      await t.cluster.moveLeader('orders', 0, next)
      const { errorCode } = await answer
      const stored = await t.contents('orders')
      const refused = errorCode === Errors.NOT_LEADER_OR_FOLLOWER.code
      expect(valuesOf(stored)).toEqual(refused ? [] : ['v'])
      client.close()
    }, TWO),
  )

  test(
    'has to be a broker that runs, of a partition that there is',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [leader, other] = leaderAndOther(t, 'orders')
      const { cluster } = t
      expect(await failureOf(cluster.moveLeader('orders', 1, other))).toBeInstanceOf(
        UnknownTopicOrPartitionException,
      )
      expect(await failureOf(cluster.moveLeader('orders', 0, 9))).toBeInstanceOf(
        IllegalArgumentException,
      )
      await cluster.moveLeader('orders', 0, leader)
      expect(cluster.leaderOf('orders', 0)).toBe(leader)
      expect(cluster.leaderOf('nothing', 0)).toBeUndefined()
    }, TWO),
  )
})

describe('a broker that is killed', () => {
  test(
    'loses nothing that it acknowledged, and has it again after its start',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [leader] = leaderAndOther(t, 'orders')
      const { port } = t.cluster.broker(leader)
      const producer = t.producer({ 'batch.size': 100, 'linger.ms': 0 })
      const before = range(50).map((i) => producer.send({ topic: 'orders', value: `${i}` }))
      await before[30]
      await t.cluster.killBroker(leader)
      expect(t.cluster.brokerIds()).not.toContain(leader)
      expect(t.cluster.leaderOf('orders', 0)).toBeUndefined()
      await t.time.sleep(2000)
      await t.cluster.startBroker(leader, port)
      const offsets = []
      for (const sent of before) offsets.push((await sent).offset)
      expect(offsets).toEqual(range(50))
      expect(valuesOf(await t.contents('orders'))).toEqual(range(50).map(String))
    }, TWO),
  )

  test(
    'can have its partitions led by another one meanwhile, with all that it knew of producers',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [dead, heir] = leaderAndOther(t, 'orders')
      const first = await connect(t, dead)
      for (const i of range(3)) await produce(first, `v${i}`, i)
      await t.cluster.killBroker(dead)
      await t.cluster.moveLeader('orders', 0, heir)
      const second = await connect(t, heir)
      expect((await produce(second, 'v2', 2)).baseOffset).toBe(2)
      expect((await produce(second, 'v3', 3)).baseOffset).toBe(3)
      await t.cluster.startBroker(dead)
      expect(t.cluster.leaderOf('orders', 0)).toBe(heir)
      expect(valuesOf(await t.contents('orders'))).toEqual(['v0', 'v1', 'v2', 'v3'])
      await t.cluster.moveLeader('orders', 0, dead)
      expect(valuesOf(await t.contents('orders'))).toEqual(['v0', 'v1', 'v2', 'v3'])
      for (const client of [first, second]) client.close()
    }, TWO),
  )

  test(
    'breaks its connections at once, and answers nothing of what it was asked',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [leader] = leaderAndOther(t, 'orders')
      const client = await connect(t, leader)
      t.cluster.faults.on({ api: 'PRODUCE' }).delay(50)
      const asked = failureOf(produce(client, 'v', 0))
      await t.time.sleep(10)
      const startMs = t.time.milliseconds()
      await t.cluster.killBroker(leader)
      expect(String(await asked)).toMatch(/closed/)
      expect(t.time.milliseconds() - startMs).toBeLessThan(20)
      await t.time.sleep(1000)
      await t.cluster.startBroker(leader)
      expect(await t.contents('orders')).toEqual([])
    }, TWO),
  )
})

describe('a log in the wrong place', () => {
  test(
    'because the process died while its leader moved is brought to its leader at the next start',
    onCluster(async (t) => {
      await t.createTopic('orders')
      const [leader, other] = leaderAndOther(t, 'orders')
      await t.producer().send({ topic: 'orders', value: 'v' })
      await t.closeAll()
      t.storage.rename(`broker-${leader}/orders-0`, `broker-${other}/orders-0`)
      const environment = t.environment('cluster')
      const again = await EmbeddedCluster.start({ ...TWO, storage: t.storage, environment })
      const { log } = again
        .broker(leader)
        .replicaManager.getPartition(new TopicPartition('orders', 0))!
      expect(log.logEndOffset).toBe(1)
      await again.close()
    }, TWO),
  )
})

describe('over TCP, on the disk', () => {
  test('faults, moves and a kill are got over by a producer that nobody told', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'annotated-kafka-'))
    const storage = new FileStorage(directory)
    const cluster = await EmbeddedCluster.start({ brokers: 2, storage })
    const settings = {
      'bootstrap.servers': cluster.bootstrapServers,
      'key.serializer': StringSerializer,
      'value.serializer': StringSerializer,
      'retry.backoff.ms': 5,
      'reconnect.backoff.ms': 5,
    }
    const producer = new KafkaProducer(settings, { logger: new RecordingLogger() })
    try {
      const send = (value: string) => producer.send({ topic: 'orders', partition: 0, value })
      expect((await send('0')).offset).toBe(0)
      const lost = cluster.faults
        .on({ api: 'PRODUCE', topic: 'orders' })
        .disconnect({ when: 'afterHandling' })
      expect((await send('1')).offset).toBe(1)
      const cut = cluster.faults
        .on({ api: 'PRODUCE', topic: 'orders' })
        .disconnect({ afterBytes: 9 })
      expect((await send('2')).offset).toBe(2)
      const refused = cluster.faults.on({ api: 'PRODUCE' }).error('NOT_LEADER_OR_FOLLOWER')
      expect((await send('3')).offset).toBe(3)
      expect([lost.hits, cut.hits, refused.hits]).toEqual([1, 1, 1])
      const leader = cluster.leaderOf('orders', 0)!
      const other = cluster.brokerIds().find((id) => id !== leader)!
      await cluster.moveLeader('orders', 0, other)
      expect((await send('4')).offset).toBe(4)
      await cluster.killBroker(other)
      await cluster.moveLeader('orders', 0, leader)
      expect((await send('5')).offset).toBe(5)
    } finally {
      await producer.close(0)
      await cluster.close()
      rmSync(directory, { recursive: true })
    }
  })
})
