/** kafkajs: batch by batch, and message by message. It does not check CRCs. */

import { Kafka, logLevel } from 'kafkajs'
import type { Tally } from '../Tally.ts'
import type { ReadAll } from './OpenReader.ts'

type Run = Parameters<ReturnType<Kafka['consumer']>['run']>[0]

const reader =
  (run: (tally: Tally, done: () => void) => Run): ReadAll =>
  async ({ bootstrap, topic, group }, tally) => {
    const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING })
    const consumer = kafka.consumer({ groupId: group })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
      consumer.run(run(tally, resolve)).catch(reject)
    })
    await consumer.disconnect()
  }

export const kafkajsBatch = reader((tally, done) => ({
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) if (tally.take(value!)) done()
  },
}))

export const kafkajsMessage = reader((tally, done) => ({
  eachMessage: async ({ message: { value } }) => {
    if (tally.take(value!)) done()
  },
}))
