/**
 * Writes one topic with this project's producer: the log that all readers read.
 *
 * A process of its own, so that nothing of it is warm, or in memory, where readers are measured.
 */

import { ByteArraySerializer } from '../src/common/serialization/ByteArraySerializer.ts'
import { KafkaProducer } from '../src/producer/KafkaProducer.ts'
import { Values } from './values.ts'

export interface Filling {
  readonly bootstrap: string
  readonly topic: string
  readonly count: number
  readonly valueBytes: number
  readonly compression: 'none' | 'lz4'
}

const fill = async ({ bootstrap, topic, count, valueBytes, compression }: Filling) => {
  const producer = new KafkaProducer({
    'bootstrap.servers': bootstrap,
    'key.serializer': ByteArraySerializer,
    'value.serializer': ByteArraySerializer,
    'compression.type': compression,
  })
  const values = new Values(valueBytes)
  let failure: unknown = null
  for (let sent = 0; sent < count; sent++) {
    const future = producer.send({ topic, value: values.next() }, (_metadata, error) => {
      failure ??= error
    })
    // The ring of values holds more than the producer's memory: what waits is kept unchanged.
    if (future.appended !== null) await future.appended
  }
  await producer.close()
  if (failure !== null) throw failure
}

if (process.argv[2] !== undefined) await fill(JSON.parse(process.argv[2]) as Filling)
