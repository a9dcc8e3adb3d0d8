/**
 * What `browser.test.ts` bundles for a page: everything that the package offers to one, and a
 * simulated cluster, a producer and a consumer as a page would run them.
 */

import {
  KafkaConsumer,
  KafkaProducer,
  StringDeserializer,
  StringSerializer,
  TopicPartition,
} from '../../src/index.ts'
import { EmbeddedCluster, SimulatedWorld } from '../../src/testing/index.ts'

export * as broker from '../../src/broker/index.ts'
export * as clients from '../../src/index.ts'
export * as testing from '../../src/testing/index.ts'

/** Sends `values` to a topic, gzipped, and returns what comes back, each with its key. */
export const roundTrip = async (key: string, values: readonly string[]): Promise<string[]> => {
  const world = new SimulatedWorld({ seed: 7, link: { latencyMs: [1, 5] } })
  const consumed: string[] = []
  await world.run(async () => {
    const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
    const producer = new KafkaProducer(
      {
        ...bootstrap,
        'compression.type': 'gzip',
        'key.serializer': StringSerializer,
        'value.serializer': StringSerializer,
      },
      world.environment('producer'),
    )
    await Promise.all(values.map((value) => producer.send({ topic: 'page', key, value })))
    await producer.close()
    const consumer = new KafkaConsumer(
      {
        ...bootstrap,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        'auto.offset.reset': 'earliest',
      },
      world.environment('consumer'),
    )
    consumer.assign([new TopicPartition('page', 0)])
    while (consumed.length < values.length) {
      for (const record of await consumer.poll(100)) consumed.push(`${record.key}=${record.value}`)
    }
    await consumer.close()
    await cluster.close()
  })
  return consumed
}
