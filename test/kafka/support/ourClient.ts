/** Our own clients, through their public interface, in the same shape as the foreign ones. */

import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import { ByteArraySerializer } from '../../../src/common/serialization/ByteArraySerializer.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { KafkaConsumer } from '../../../src/consumer/KafkaConsumer.ts'
import { KafkaProducer } from '../../../src/producer/KafkaProducer.ts'
import type { CompressionName } from '../../../src/record/CompressionType.ts'
import { type ConsumedRecord, type ForeignClient, pack } from './ForeignClient.ts'

const DEADLINE_MS = 30_000

const bytes = (packed: string | null): Uint8Array | null =>
  packed === null ? null : new Uint8Array(Buffer.from(packed, 'base64'))

export const ourClient = (
  compression: CompressionName = 'none',
  level?: number,
): ForeignClient => ({
  name: ['ours', compression === 'none' ? '' : `with ${compression}`, level ?? '']
    .filter((part) => part !== '')
    .join(' '),
  cannot: new Set(),
  async produce(bootstrap, topic, records) {
    const producer = new KafkaProducer({
      'bootstrap.servers': bootstrap,
      'key.serializer': ByteArraySerializer,
      'value.serializer': ByteArraySerializer,
      'compression.type': compression,
      ...(level !== undefined && { [`compression.${compression}.level`]: level }),
    })
    try {
      const sent = records.map((record) =>
        producer.send({
          topic,
          partition: 0,
          timestamp: record.timestamp,
          key: bytes(record.key),
          value: bytes(record.value),
          headers: record.headers.map(([key, value]) => ({ key, value: bytes(value) })),
        }),
      )
      await Promise.all(sent)
    } finally {
      await producer.close()
    }
  },
  async consume(bootstrap, topic, count) {
    const consumer = new KafkaConsumer({
      'bootstrap.servers': bootstrap,
      'key.deserializer': ByteArrayDeserializer,
      'value.deserializer': ByteArrayDeserializer,
      'auto.offset.reset': 'earliest',
    })
    const at = new TopicPartition(topic, 0)
    const records: ConsumedRecord[] = []
    try {
      consumer.assign([at])
      consumer.seekToBeginning([at])
      const deadline = Date.now() + DEADLINE_MS
      while (records.length < count && Date.now() < deadline) {
        for (const record of await consumer.poll(200)) {
          records.push({
            offset: record.offset,
            timestamp: record.timestamp,
            key: pack(record.key),
            value: pack(record.value),
            headers: [...record.headers].map((h) => [h.key, pack(h.value)]),
          })
        }
      }
    } finally {
      await consumer.close()
    }
    return records
  },
})
