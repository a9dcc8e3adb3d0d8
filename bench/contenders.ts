/**
 * Who takes part: our producer with one `send` per record, and kafkajs as people use it and at its best.
 *
 * Each sends `count` records of `VALUE_BYTES` bytes without key to a topic of six partitions with acks=all, and returns
 * how many were acknowledged.
 */

import { Kafka, logLevel } from 'kafkajs'
import { ByteArraySerializer } from '../src/common/serialization/ByteArraySerializer.ts'
import { KafkaProducer } from '../src/producer/KafkaProducer.ts'

export const VALUE_BYTES = 100
const OUTSTANDING = 10_000

export type Contender = (bootstrap: string, topic: string, count: number) => Promise<number>

/** One `send` per record, one shared callback, at most 10,000 records outstanding. */
const ours: Contender = async (bootstrap, topic, count) => {
  const producer = new KafkaProducer({
    'bootstrap.servers': bootstrap,
    'key.serializer': ByteArraySerializer,
    'value.serializer': ByteArraySerializer,
    acks: 'all',
  })
  const value = new Uint8Array(VALUE_BYTES).fill(0x61)
  let acknowledged = 0
  let failure: unknown = null
  let outstanding = 0
  let resume: (() => void) | null = null
  const onCompletion = (_metadata: unknown, error: unknown): void => {
    outstanding--
    if (error === null) acknowledged++
    else failure ??= error
    if (resume !== null && outstanding <= OUTSTANDING / 2) {
      resume()
      resume = null
    }
  }
  for (let sent = 0; sent < count; sent++) {
    if (outstanding >= OUTSTANDING) {
      await new Promise<void>((resolve) => {
        resume = resolve
      })
    }
    outstanding++
    const future = producer.send({ topic, value }, onCompletion)
    if (future.appended !== null) await future.appended
  }
  await producer.flush()
  await producer.close()
  if (failure !== null) throw failure
  return acknowledged
}

const kafkaJsProducer = (bootstrap: string) =>
  new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).producer({
    allowAutoTopicCreation: false,
    createPartitioner: spread,
  })

/** Takes the partitions in turn: the cheapest choice there is. */
const spread = () => {
  let next = 0
  return ({ partitionMetadata }: { partitionMetadata: { partitionId: number }[] }): number =>
    next++ % partitionMetadata.length
}

/** One `send` per record, 1,000 outstanding: more make it slower. */
const kafkaJsSingle: Contender = async (bootstrap, topic, count) => {
  const producer = kafkaJsProducer(bootstrap)
  await producer.connect()
  const messages = [{ key: null, value: Buffer.alloc(VALUE_BYTES, 0x61) }]
  let acknowledged = 0
  const worker = async (mine: number): Promise<void> => {
    for (let i = 0; i < mine; i++) {
      await producer.send({ topic, messages, acks: -1 })
      acknowledged++
    }
  }
  await Promise.all(Array.from({ length: 1000 }, () => worker(Math.floor(count / 1000))))
  await producer.disconnect()
  return acknowledged
}

/** Batches of 1,000 made by the caller, five of them outstanding. */
const kafkaJsBatches: Contender = async (bootstrap, topic, count) => {
  const producer = kafkaJsProducer(bootstrap)
  await producer.connect()
  const value = Buffer.alloc(VALUE_BYTES, 0x61)
  const messages = Array.from({ length: 1000 }, () => ({ key: null, value }))
  let acknowledged = 0
  const worker = async (batches: number): Promise<void> => {
    for (let i = 0; i < batches; i++) {
      await producer.send({ topic, messages, acks: -1 })
      acknowledged += messages.length
    }
  }
  await Promise.all(Array.from({ length: 5 }, () => worker(Math.floor(count / 5000))))
  await producer.disconnect()
  return acknowledged
}

interface Entry {
  readonly run: Contender
  readonly describe: string
  /** Records in one round; whole thousands, and whole five thousands for the batches. */
  readonly count: number
  readonly quickCount: number
}

export const CONTENDERS: Readonly<Record<string, Entry>> = {
  ours: {
    run: ours,
    describe: 'annotated-kafka, one send per record',
    count: 2_000_000,
    quickCount: 1_000_000,
  },
  'kafkajs-batches': {
    run: kafkaJsBatches,
    describe: 'kafkajs, batches of 1,000 by hand',
    count: 500_000,
    quickCount: 250_000,
  },
  'kafkajs-single': {
    run: kafkaJsSingle,
    describe: 'kafkajs, one send per record',
    count: 40_000,
    quickCount: 20_000,
  },
}
