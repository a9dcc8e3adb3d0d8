/** This project's consumer: record by record through `poll`, and with `for await`. */

import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../../src/consumer/KafkaConsumer.ts'
import type { ReadAll, ReadSetting } from './OpenReader.ts'

const POLL_MS = 1000

const open = ({ bootstrap, topic, partitions }: ReadSetting) => {
  const consumer = new KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
    'auto.offset.reset': 'earliest',
  })
  consumer.assign(
    Array.from({ length: partitions }, (_, partition) => new TopicPartition(topic, partition)),
  )
  return consumer
}

export const oursPoll: ReadAll = async (setting, tally) => {
  const consumer = open(setting)
  try {
    while (!tally.isDone) {
      for (const record of await consumer.poll(POLL_MS)) tally.take(record.value!)
    }
  } finally {
    await consumer.close()
  }
}

export const oursForAwait: ReadAll = async (setting, tally) => {
  const consumer = open(setting)
  try {
    for await (const record of consumer.records()) {
      if (tally.take(record.value!)) break
    }
  } finally {
    await consumer.close()
  }
}
