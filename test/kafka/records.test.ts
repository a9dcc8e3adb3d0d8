/**
 * A loop over records in a group, and its commits, on Apache Kafka's own broker.
 */

import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { KafkaAdminClient } from '../../src/admin/KafkaAdminClient.ts'
import { StringDeserializer } from '../../src/common/serialization/StringDeserializer.ts'
import { StringSerializer } from '../../src/common/serialization/StringSerializer.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import type { ConsumerConfigInput } from '../../src/consumer/ConsumerConfig.ts'
import { KafkaConsumer } from '../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import { RealKafka } from './support/RealKafka.ts'

let kafka: RealKafka
beforeAll(async () => {
  kafka = await RealKafka.start(inject('tools'))
})
afterAll(() => kafka.stop())

const COUNT = 5000

/** A topic of two partitions with numbers from 0 on. */
const write = async (topic: string): Promise<void> => {
  const { bootstrapServers } = kafka
  const admin = new KafkaAdminClient({ 'bootstrap.servers': bootstrapServers })
  await admin.createTopics([{ name: topic, numPartitions: 2, replicationFactor: 1 }]).all()
  await admin.close()
  const producer = new KafkaProducer({
    'bootstrap.servers': bootstrapServers,
    'key.serializer': StringSerializer,
    'value.serializer': StringSerializer,
  })
  for (let i = 0; i < COUNT; i++) producer.send({ topic, partition: i % 2, value: `${i}` })
  await producer.close()
}

const member = (topic: string, settings: Partial<ConsumerConfigInput<string, string>> = {}) => {
  const consumer = new KafkaConsumer<string, string>({
    'bootstrap.servers': kafka.bootstrapServers,
    'group.id': `readers of ${topic}`,
    'key.deserializer': StringDeserializer,
    'value.deserializer': StringDeserializer,
    'auto.offset.reset': 'earliest',
    'auto.commit.interval.ms': 10,
    ...settings,
  })
  consumer.subscribe([topic])
  return consumer
}

const committed = async (consumer: KafkaConsumer<string, string>, topic: string) => {
  const partitions = [0, 1].map((partition) => new TopicPartition(topic, partition))
  const offsets = await consumer.committed(partitions)
  return partitions.map((partition) => offsets.get(partition)?.offset ?? 0)
}

test('a group reads on record by record where the loop before it was left', async () => {
  await write('loops')
  const done: number[] = []
  for (const leaveAt of [700, 1900, 1901, COUNT]) {
    const consumer = member('loops')
    const controller = new AbortController()
    for await (const { value } of consumer.records({ signal: controller.signal })) {
      if (done.length === leaveAt) break
      done.push(Number(value))
      if (done.length === COUNT) controller.abort()
    }
    await consumer.close()
    const reader = member('loops')
    const [first = 0, second = 0] = await committed(reader, 'loops')
    expect(first + second).toBe(done.length)
    await reader.close()
  }
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: COUNT }, (_, i) => i))
})

test('a commit in the body has the record in its hands, and the loop goes on', async () => {
  await write('commits')
  const consumer = member('commits', { 'enable.auto.commit': false })
  const done = new Set<number>()
  for await (const { value } of consumer.records()) {
    done.add(Number(value))
    if (done.size % 500 === 0) {
      await consumer.commitSync()
      const [first = 0, second = 0] = await committed(consumer, 'commits')
      expect(first + second).toBe(done.size)
    }
    if (done.size === COUNT) break
  }
  await consumer.close()
})
