/**
 * This project's producer: with one shared callback; with an awaited promise per record; and with
 * records for all partitions in turn.
 */

import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { ProducerRecordInput } from '../../src/producer/ProducerRecord.ts'
import type { Values } from '../values.ts'
import { type Contender, inParallel, type OpenContender, type Setting } from './Contender.ts'

const OUTSTANDING = 10_000

type Producer = KafkaProducer<Uint8Array, Uint8Array>

const open = ({ bootstrap, compression, lingerMs, batchSizeBytes }: Setting): Producer =>
  new KafkaProducer({
    'bootstrap.servers': bootstrap,
    'key.serializer': ByteArraySerializer,
    'value.serializer': ByteArraySerializer,
    acks: 'all',
    'linger.ms': lingerMs,
    'batch.size': batchSizeBytes,
    // A build without the codec refuses its name; the tables then say why a row is missing.
    'compression.type': compression as 'none',
  })

type RecordOf = (topic: string, value: Buffer, number: number) => ProducerRecordInput<never, Buffer>

const anywhere: RecordOf = (topic, value) => ({ topic, value })

/** One `send` per record, one shared callback, at most 10,000 records outstanding. */
const sendWithCallback = async (
  producer: Producer,
  topic: string,
  values: Values,
  count: number,
  recordOf = anywhere,
): Promise<number> => {
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
    const future = producer.send(recordOf(topic, values.next(), sent), onCompletion)
    if (future.appended !== null) await future.appended
  }
  await producer.flush()
  if (failure !== null) throw failure
  return acknowledged
}

/** As many loops as records may be outstanding, each awaiting its record before the next. */
const sendAwaited = async (
  producer: Producer,
  topic: string,
  values: Values,
  count: number,
): Promise<number> => {
  let acknowledged = 0
  await inParallel(OUTSTANDING, count, async () => {
    await producer.send({ topic, value: values.next() })
    acknowledged++
  })
  return acknowledged
}

type SendAll = (
  producer: Producer,
  topic: string,
  values: Values,
  count: number,
  recordOf: RecordOf,
) => Promise<number>

const contender =
  (sendAll: SendAll, recordOf: (partitions: number) => RecordOf = () => anywhere): Contender =>
  async (setting): Promise<OpenContender> => {
    const producer = open(setting)
    const record = recordOf(setting.partitions)
    return {
      sendAll: (topic, values, count) => sendAll(producer, topic, values, count, record),
      sendOne: (topic, value) => producer.send({ topic, value }),
      close: () => producer.close(),
    }
  }

export const ours = contender(sendWithCallback)
export const oursAwaited = contender(sendAwaited)

/** The next record to the next partition. */
export const oursSpread = contender(sendWithCallback, (partitions) => (topic, value, number) => ({
  topic,
  partition: number % partitions,
  value,
}))
