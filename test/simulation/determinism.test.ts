import { describe, expect, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { EmbeddedCluster } from '../../src/broker/EmbeddedCluster.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { SimulatedWorld } from '../../src/testing/SimulatedWorld.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const PARTITIONS = 3
const RECORDS = 40

interface Run {
  /** Every entry of the trace bus, as text. */
  trace: string
  /** `partition offset value` of each record consumed, in the order in which it came. */
  consumed: string[]
  acknowledged: string[]
}

/**
 * A cluster of two brokers, a producer and a consumer, over connections that are slow and sometimes
 * break.
 */
const wholeCluster = async (seed: number): Promise<Run> => {
  const world = new SimulatedWorld({
    seed,
    link: { latencyMs: [1, 5], segmentBytes: [50, 2000], breakChance: 0.001 },
    logger: new RecordingLogger(),
    maxDurationMs: 600_000,
  })
  const run: Run = { trace: '', consumed: [], acknowledged: [] }
  const lines: string[] = []
  world.traceBus.listen((entry) => lines.push(JSON.stringify(entry)))
  await world.run(() => journeys(world, run))
  run.trace = lines.join('\n')
  return run
}

const journeys = async (world: SimulatedWorld, run: Run): Promise<void> => {
  const environment = world.environment('cluster')
  const cluster = await EmbeddedCluster.start({ brokers: 2, environment })
  const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
  const admin = new KafkaAdminClient(bootstrap, world.environment('admin'))
  await admin.createTopics([{ name: 'way', numPartitions: PARTITIONS, replicationFactor: 1 }]).all()
  await admin.close()
  await Promise.all([produce(world, bootstrap, run), consume(world, bootstrap, run)])
  await cluster.close()
}

const produce = async (world: SimulatedWorld, bootstrap: Bootstrap, run: Run): Promise<void> => {
  const producer = new KafkaProducer(
    { ...bootstrap, 'key.serializer': StringSerializer, 'value.serializer': StringSerializer },
    world.environment('producer'),
  )
  const { random } = world.simulation
  for (let i = 0; i < RECORDS; i++) {
    const key = random.nextBoolean() ? `key-${random.nextInt(8)}` : null
    producer.send({ topic: 'way', key, value: `value-${i}` }, ({ partition, offset }) => {
      run.acknowledged.push(`${partition} ${offset} value-${i}`)
    })
    if (random.nextInt(4) === 0) await world.simulation.sleep(random.nextInt(10))
  }
  await producer.close()
}

const consume = async (world: SimulatedWorld, bootstrap: Bootstrap, run: Run): Promise<void> => {
  const consumer = new KafkaConsumer(
    {
      ...bootstrap,
      'key.deserializer': StringDeserializer,
      'value.deserializer': StringDeserializer,
      'auto.offset.reset': 'earliest',
    },
    world.environment('consumer'),
  )
  consumer.assign(Array.from({ length: PARTITIONS }, (_, i) => new TopicPartition('way', i)))
  while (run.consumed.length < RECORDS) {
    for (const { partition, offset, value } of await consumer.poll(100)) {
      run.consumed.push(`${partition} ${offset} ${value}`)
    }
  }
  await consumer.close()
}

interface Bootstrap {
  readonly 'bootstrap.servers': string
}

describe('a whole simulated cluster', () => {
  test('gives the same trace, byte for byte, for the same seed: 50 seeds', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const first = await wholeCluster(seed)
      const second = await wholeCluster(seed)
      expect(second.trace === first.trace, `seed ${seed} gave two different traces`).toBe(true)
      expect([...first.consumed].sort()).toEqual([...first.acknowledged].sort())
      expect(first.consumed.length).toBe(RECORDS)
    }
  })

  test('gives different traces for different seeds', async () => {
    const [one, two] = [await wholeCluster(1), await wholeCluster(2)]
    expect(one.trace).not.toBe(two.trace)
  })
})
