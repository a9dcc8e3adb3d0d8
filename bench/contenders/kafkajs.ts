/** kafkajs: as people use it, and with batches made by hand. */

import { Kafka, logLevel } from 'kafkajs'
import { type Contender, inParallel, type OpenContender } from './Contender.ts'

/** Takes the partitions in turn: the cheapest choice there is. */
const spread = () => {
  let next = 0
  return ({ partitionMetadata }: { partitionMetadata: { partitionId: number }[] }): number =>
    next++ % partitionMetadata.length
}

/** @param outstanding `send`s at a time: more made it slower when this was chosen */
const contender =
  (batch: number, outstanding: number): Contender =>
  async ({ bootstrap, compression }): Promise<OpenContender> => {
    if (compression !== 'none') throw new Error(`kafkajs has no ${compression} of its own`)
    const producer = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).producer({
      allowAutoTopicCreation: false,
      createPartitioner: spread,
    })
    await producer.connect()
    return {
      async sendAll(topic, values, count) {
        let acknowledged = 0
        await inParallel(outstanding, Math.ceil(count / batch), async () => {
          const messages = Array.from({ length: batch }, () => ({
            key: null,
            value: values.next(),
          }))
          await producer.send({ topic, messages, acks: -1 })
          acknowledged += batch
        })
        return acknowledged
      },
      sendOne: (topic, value) =>
        producer.send({ topic, messages: [{ key: null, value }], acks: -1 }),
      close: () => producer.disconnect(),
    }
  }

export const kafkajsSingle = contender(1, 1000)
export const kafkajs100 = contender(100, 50)
export const kafkajs1000 = contender(1000, 5)
