/**
 * @platformatic/kafka: one `send` per record, batches made by hand, and its stream.
 *
 * It needs Node 22.19 and is no dependency of this project, so it comes from a folder of its own
 * (`peers.ts`); what is used of it is typed here.
 */

import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import type { Values } from '../values.ts'
import { type Contender, inParallel, type OpenContender } from './Contender.ts'

interface Message {
  readonly topic: string
  readonly value: Buffer
}

interface Stream extends NodeJS.EventEmitter {
  write(message: Message): boolean
  close(): Promise<void>
}

interface Producer {
  send(options: { messages: Message[]; acks: number }): Promise<unknown>
  asStream(options: Record<string, unknown>): Stream
  close(): Promise<void>
}

interface Module {
  readonly Producer: new (options: Record<string, unknown>) => Producer
}

const ACKS_ALL = -1
/** Twice as many, and a batch, are kept: in the stream's buffer and in that of `Writable`. */
const STREAM_HIGH_WATER_MARK = 5000
const STREAM_BATCH = 1000

type SendAll = (
  producer: Producer,
  topic: string,
  values: Values,
  count: number,
  lingerMs: number,
) => Promise<number>

const batches =
  (batch: number, outstanding: number): SendAll =>
  async (producer, topic, values, count) => {
    let acknowledged = 0
    await inParallel(outstanding, Math.ceil(count / batch), async () => {
      const messages = Array.from({ length: batch }, () => ({ topic, value: values.next() }))
      await producer.send({ messages, acks: ACKS_ALL })
      acknowledged += batch
    })
    return acknowledged
  }

const stream: SendAll = async (producer, topic, values, count, lingerMs) => {
  let acknowledged = 0
  const out = producer.asStream({
    acks: ACKS_ALL,
    batchSize: STREAM_BATCH,
    batchTime: lingerMs,
    highWaterMark: STREAM_HIGH_WATER_MARK,
  })
  out.on('flush', (flushed: { count: number }) => {
    acknowledged += flushed.count
  })
  for (let sent = 0; sent < count; sent++) {
    if (!out.write({ topic, value: values.next() })) await once(out, 'drain')
  }
  await out.close()
  return acknowledged
}

const contender =
  (sendAll: SendAll): Contender =>
  async ({ bootstrap, compression, modulePath, lingerMs }): Promise<OpenContender> => {
    if (modulePath === null) throw new Error('@platformatic/kafka: nobody said where it is')
    const { Producer } = (await import(pathToFileURL(modulePath).href)) as Module
    const producer = new Producer({
      clientId: 'bench',
      bootstrapBrokers: [bootstrap],
      autocreateTopics: false,
      ...(compression !== 'none' && { compression }),
    })
    return {
      sendAll: (topic, values, count) => sendAll(producer, topic, values, count, lingerMs),
      sendOne: (topic, value) => producer.send({ messages: [{ topic, value }], acks: ACKS_ALL }),
      close: () => producer.close(),
    }
  }

export const platformaticSingle = contender(batches(1, 1000))
export const platformatic100 = contender(batches(100, 50))
export const platformatic1000 = contender(batches(1000, 5))
export const platformaticStream = contender(stream)
