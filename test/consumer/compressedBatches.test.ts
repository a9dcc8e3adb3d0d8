/**
 * Compressed batches through a whole cluster, as a consumer meets them: bugs that other clients
 * had, each by the number of its report at platformatic/kafka.
 */

import { expect, test } from 'vitest'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import {
  KafkaConsumer,
  KafkaProducer,
  StringDeserializer,
  StringSerializer,
} from '../../src/index.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { EmbeddedCluster, SimulatedWorld } from '../../src/testing/index.ts'

const CODECS = CompressionType.values().map(({ name }) => name)

type Row = [key: string | null, value: string | null]

/** Each codec writes its rows as one batch; returns what one fetch and one poll bring. */
const throughCluster = async (rowsOf: (codec: string) => Row[]) => {
  const world = new SimulatedWorld({ seed: 11, link: { latencyMs: [1, 3] } })
  let polled: { key: string | null; value: string | null }[] = []
  await world.run(async () => {
    const cluster = await EmbeddedCluster.start({ environment: world.environment('cluster') })
    const bootstrap = { 'bootstrap.servers': cluster.bootstrapServers }
    for (const codec of CODECS) {
      const producer = new KafkaProducer(
        {
          ...bootstrap,
          'compression.type': codec,
          'key.serializer': StringSerializer,
          'value.serializer': StringSerializer,
        },
        world.environment(`producer-${codec}`),
      )
      await Promise.all(
        rowsOf(codec).map(([key, value]) => producer.send({ topic: 'codecs', key, value })),
      )
      await producer.close()
    }
    const consumer = new KafkaConsumer(
      {
        ...bootstrap,
        'key.deserializer': StringDeserializer,
        'value.deserializer': StringDeserializer,
        'auto.offset.reset': 'earliest',
      },
      world.environment('consumer'),
    )
    consumer.assign([new TopicPartition('codecs', 0)])
    while (polled.length === 0) {
      polled = [...(await consumer.poll(1000))].map(({ key, value }) => ({ key, value }))
    }
    await consumer.close()
    await cluster.close()
  })
  return polled
}

test('several compressed batches in one response all come (a peer: #116, #123)', async () => {
  const rows = (codec: string): Row[] => [1, 2, 3].map((i) => [`${codec}-${i}`, codec.repeat(100)])
  const polled = await throughCluster(rows)
  expect(polled).toEqual(CODECS.flatMap(rows).map(([key, value]) => ({ key, value })))
})

test('a null value stays null, with every codec (a peer: #217)', async () => {
  const rows = (codec: string): Row[] => [
    [`${codec}-first`, null],
    [`${codec}-empty`, ''],
    [`${codec}-last`, null],
    [null, null],
  ]
  const polled = await throughCluster(rows)
  expect(polled).toEqual(CODECS.flatMap(rows).map(([key, value]) => ({ key, value })))
})
