/** Groups when the disk fails, and when the power does. */

import { expect, test } from 'vitest'
import { EmbeddedCluster } from '../../../src/broker/EmbeddedCluster.ts'
import { MemoryStorage } from '../../../src/broker/log/MemoryStorage.ts'
import { Errors } from '../../../src/protocol/Errors.ts'
import { SimulatedWorld } from '../../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../../support/RecordingLogger.ts'
import { WireClient } from '../../support/WireClient.ts'
import { createTopic } from '../brokerSupport.ts'
import { commit, committed, coordinatorReady, joinAlone } from './groupSupport.ts'

/** A cluster that answers a commit when the disk has it. */
const start = async (world: SimulatedWorld, storage: MemoryStorage) => {
  const cluster = await EmbeddedCluster.start({
    storage,
    host: 'cluster',
    environment: world.environment('cluster'),
    config: {
      'log.flush.interval.messages': 1,
      'offsets.topic.num.partitions': 1,
      'group.initial.rebalance.delay.ms': 0,
    },
  })
  const { host, port } = cluster.broker(1)
  const client = await WireClient.connect(world.environment('app'), host, port)
  await coordinatorReady(world.simulation, client, 'g')
  return { cluster, client }
}

test('a commit that was acknowledged survives the end of the power', async () => {
  const world = new SimulatedWorld({ seed: 1, logger: new RecordingLogger() })
  await world.run(async () => {
    const storage = new MemoryStorage({ time: world.simulation })
    const { cluster, client } = await start(world, storage)
    await createTopic(client, 'orders')
    const member = await joinAlone(client, 'g')
    for (let offset = 1; offset <= 5; offset++) {
      expect(await commit(client, 'g', 'orders', offset, member)).toBe(0)
    }
    // What is on the disk at this moment, and nothing that the machine still had in its memory.
    const left = storage.powerLoss()
    client.close()
    await cluster.close()
    const again = await start(world, left)
    expect(await committed(again.client, 'g')).toEqual({ 'orders-0': 5 })
    expect(await commit(again.client, 'g', 'orders', 6, member)).toBe(0)
    again.client.close()
    await again.cluster.close()
  })
})

test('a disk that fails refuses commits, and those that it took are there afterwards', async () => {
  const world = new SimulatedWorld({ seed: 1, logger: new RecordingLogger() })
  await world.run(async () => {
    const storage = new MemoryStorage({ time: world.simulation })
    const { cluster, client } = await start(world, storage)
    await createTopic(client, 'orders')
    expect(await commit(client, 'g', 'orders', 1)).toBe(0)
    storage.failFlushes((path) => path.endsWith('.log'))
    expect(await commit(client, 'g', 'orders', 2)).toBe(Errors.NOT_COORDINATOR.code)
    storage.failFlushes(undefined)
    expect(await commit(client, 'g', 'orders', 3)).toBe(Errors.NOT_COORDINATOR.code)
    client.close()
    await cluster.close()
    const again = await start(world, storage.powerLoss())
    expect(await committed(again.client, 'g')).toEqual({ 'orders-0': 1 })
    expect(await commit(again.client, 'g', 'orders', 4)).toBe(0)
    again.client.close()
    await again.cluster.close()
  })
})
