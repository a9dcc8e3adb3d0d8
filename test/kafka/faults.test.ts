/**
 * The faults of an embedded cluster, met by a client that we did not write.
 */

import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'

test('kafkajs gets over errors, broken connections, delays, a moved and a killed leader', async () => {
  const cluster = await EmbeddedCluster.start({ brokers: 2 })
  const brokers = cluster.bootstrapServers.split(',')
  const retry = { initialRetryTime: 20, retries: 10 }
  const kafka = new Kafka({ brokers, retry, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  try {
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'orders', numPartitions: 1 }] })
    await producer.connect()
    const send = async (value: string): Promise<number> => {
      const messages = [{ value, partition: 0 }]
      const [metadata] = await producer.send({ topic: 'orders', messages })
      return Number(metadata!.baseOffset)
    }
    expect(await send('0')).toBe(0)
    const { faults } = cluster
    const error = faults.on({ api: 'PRODUCE' }).error('NOT_LEADER_OR_FOLLOWER')
    expect(await send('1')).toBe(1)
    const disconnect = faults.on({ api: 'PRODUCE' }).disconnect()
    expect(await send('2')).toBe(2)
    const delay = faults.on({ api: 'PRODUCE' }).delay(20)
    expect(await send('3')).toBe(3)
    expect([error.hits, disconnect.hits, delay.hits]).toEqual([1, 1, 1])
    const leader = cluster.leaderOf('orders', 0)!
    const other = cluster.brokerIds().find((id) => id !== leader)!
    await cluster.moveLeader('orders', 0, other)
    expect(await send('4')).toBe(4)
    await cluster.killBroker(other)
    await cluster.moveLeader('orders', 0, leader)
    expect(await send('5')).toBe(5)
  } finally {
    await producer.disconnect()
    await admin.disconnect()
    await cluster.close()
  }
})
