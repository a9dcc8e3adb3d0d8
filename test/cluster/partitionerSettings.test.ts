/**
 * The settings that choose partitions for records without a key, with two brokers of which one is
 * slow or takes nothing: who gets how many records.
 */

import { expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'
import { type ProducerSettings, range } from './clusterSupport.ts'

const RECORDS = 1000

/** What part of the records was put into the batches of the second broker's partition. */
const shareOfSecond = (
  settings: ProducerSettings,
  disturb: (world: SimulatedWorld) => void,
): Promise<number> => {
  const world = new SimulatedWorld({
    seed: 4,
    logger: new RecordingLogger(),
    link: { latencyMs: 1 },
  })
  return world.run(async () => {
    const cluster = await EmbeddedCluster.start({
      brokers: 2,
      environment: world.environment('controller'),
      environmentOf: (id) => world.environment(`broker-${id}`),
    })
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
    const admin = new KafkaAdminClient(bootstrap, world.environment('admin'))
    await admin.createTopics([{ name: 't', numPartitions: 2, replicationFactor: 1 }]).all()
    const { partitions } = (await admin.describeTopics(['t']).all()).get('t')!
    const second = partitions.findIndex(({ leader }) => leader?.id === 2)
    await admin.close()
    const producer = new KafkaProducer<string, string>(
      {
        ...bootstrap,
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
        'batch.size': 200,
        'linger.ms': 0,
        'max.in.flight.requests.per.connection': 1,
        ...settings,
      },
      world.environment('app'),
    )
    await Promise.all(
      range(2).map((partition) => producer.send({ topic: 't', partition, value: '' })),
    )
    disturb(world)
    let toSecond = 0
    world.traceBus.listen(({ name, fields }) => {
      if (name !== 'producer.accumulator.append') return
      if ((fields as { partition: number }).partition === second) toSecond++
    })
    for (const i of range(RECORDS)) {
      producer.send({ topic: 't', value: `record ${i}` }, () => {})
      await world.simulation.sleep(1)
    }
    world.network.faults.healAll()
    await producer.close()
    await cluster.close()
    return toSecond / RECORDS
  })
}

const slow = (world: SimulatedWorld): void =>
  world.network.faults.shape({ latencyMs: 100 }, ['app', 'broker-2'])

const silent = (world: SimulatedWorld): void => world.network.faults.isolate('broker-2')

test('partitioner.adaptive.partitioning.enable: a slow broker gets less', async () => {
  expect(await shareOfSecond({}, slow)).toBeLessThan(0.3)
  const off = await shareOfSecond({ 'partitioner.adaptive.partitioning.enable': false }, slow)
  expect(off).toBeGreaterThan(0.4)
})

test('partitioner.availability.timeout.ms: a broker that takes nothing gets nothing', async () => {
  // With one request in flight the partition would be muted, which says nothing of its broker.
  const settings = { 'max.in.flight.requests.per.connection': 2, 'request.timeout.ms': 60_000 }
  const always = await shareOfSecond(settings, silent)
  const timeout = { 'partitioner.availability.timeout.ms': 100, ...settings }
  const withTimeout = await shareOfSecond(timeout, silent)
  expect(withTimeout).toBeLessThan(0.1)
  expect(always).toBeGreaterThan(0.15)
})
