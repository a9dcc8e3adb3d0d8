/**
 * What can come between two awaits of a producer, and went wrong once: who is woken, who is told,
 * in which order, and whose bytes are whose.
 */

import { expect, it } from 'vitest'
import type { FutureRecordMetadata } from '../../src/producer/internals/FutureRecordMetadata.ts'
import type { KafkaProducer } from '../../src/producer/KafkaProducer.ts'
import type { ProducerInterceptor } from '../../src/producer/ProducerInterceptor.ts'
import { ApiKeys } from '../../src/protocol/ApiKeys.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { settle } from './producerSupport.ts'
import { failureOf, producerWorld, type WorldConfig } from './producerWorld.ts'

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const offsetOf = async (sent: FutureRecordMetadata): Promise<number> => (await sent).offset

it('a line that waits for the Sender’s turn wakes it, and does not wait for linger.ms', async () => {
  const config = { 'max.request.size': 1000, 'batch.size': 100_000, 'linger.ms': 60_000 }
  await producerWorld(config, async ({ producer, time }) => {
    await producer.partitionsFor('t')
    const start = time.milliseconds()
    const sent = range(100).map(() => producer.send({ topic: 't', value: 'x'.repeat(100) }))
    await sent.at(-1)!.appended
    // All 100 are in one open batch, for ten turns of the Sender.
    expect(time.milliseconds() - start).toBeLessThan(1000)
    await producer.flush()
  })
})

it('lines that wait for the Sender’s turn share it: a short one passes a long one', async () => {
  const order: string[] = []
  const topics = ['long', 'short']
  await producerWorld(
    { 'max.request.size': 2000, 'linger.ms': 0 },
    async ({ producer }) => {
      for (const topic of topics) await producer.partitionsFor(topic)
      const send = (topic: string) =>
        producer.send({ topic, value: 'x'.repeat(100) }, () => order.push(topic))
      for (const _ of range(400)) send('long')
      for (const _ of range(40)) send('short')
      await producer.flush()
    },
    (broker) => {
      broker.topics = { long: 1, short: 1 }
    },
  )
  expect(order).toHaveLength(440)
  expect(order.lastIndexOf('short')).toBeLessThan(220)
})

it('a send that failed behind another tells its own max.block.ms, not 0 ms', async () => {
  await producerWorld({ 'max.block.ms': 1000 }, async ({ producer }) => {
    const sent = range(3).map(() => producer.send({ topic: 'missing', value: 'v' }))
    for (const { message } of await Promise.all(sent.map(failureOf))) {
      expect(message).toContain('Topic missing not present in metadata after 1000 ms.')
    }
  })
})

it('a partitioner that sends records itself does not get its bytes into another record', async () => {
  const config: WorldConfig = {
    'partitioner.class': {
      partition: (topic) => {
        if (topic === 't') own.send({ topic: 'audit', key: 'other key', value: 'other value' })
        return 0
      },
    },
  }
  let own!: KafkaProducer<string, string>
  await producerWorld(
    config,
    async ({ producer, broker }) => {
      own = producer
      await producer.partitionsFor('t')
      await producer.partitionsFor('audit')
      await producer.send({ topic: 't', key: 'k', value: 'v' })
      await producer.flush()
      expect([broker.values('t-0'), broker.values('audit-0')]).toEqual([['v'], ['other value']])
    },
    (broker) => {
      broker.topics = { t: 1, audit: 1 }
    },
  )
})

const listening = () => {
  const heard: string[] = []
  const interceptor: ProducerInterceptor<string, string> = {
    onAcknowledgement: (_, exception) => heard.push(exception?.message ?? 'sent'),
    close: () => heard.push('closed'),
  }
  return { heard, config: { 'interceptor.classes': [interceptor] } }
}

it('a closed producer tells interceptors of a record that it refuses, as Java does', async () => {
  const { heard, config } = listening()
  await producerWorld(config, async ({ producer }) => {
    await producer.close()
    expect(() => producer.send({ topic: 't', value: 'v' })).toThrow('has been closed')
    expect(heard).toEqual(['closed', 'Cannot perform operation after producer has been closed'])
  })
})

it.each([
  ['metadata', { 'max.block.ms': 100_000 }, 'missing'],
  ['memory', { 'buffer.memory': 4096, 'batch.size': 4096 }, 't'],
])('close has failed all that wait for %s before it returns', async (_, limits, topic) => {
  const { heard, config } = listening()
  await producerWorld({ ...config, ...limits }, async ({ producer, broker, time }) => {
    broker.verdict = () => 'silence'
    await producer.partitionsFor('t')
    const sent = range(7).map(() => producer.send({ topic, value: 'x'.repeat(900) }))
    await time.sleep(10)
    expect(sent.at(-1)!.appended).not.toBeNull()
    await producer.close(0)
    expect(sent.every((future) => future.isDone())).toBe(true)
    expect(heard).toHaveLength(8)
    expect(heard.at(-1)).toBe('closed')
  })
})

it('a second, impatient close ends a first one that waits, and sends with it', async () => {
  await producerWorld({ 'max.block.ms': 100_000 }, async ({ producer, time }) => {
    const sent = range(3).map(() => producer.send({ topic: 'missing', value: 'v' }))
    const failures = sent.map(failureOf)
    const patient = producer.close()
    await time.sleep(50)
    const start = time.milliseconds()
    await producer.close(0)
    await patient
    expect(time.milliseconds()).toBe(start)
    for (const failure of failures) {
      expect((await failure).message).toBe('Producer closed while send in progress')
    }
  })
})

it('flush waits for sends behind memory, and their batches do not linger', async () => {
  const config = { 'buffer.memory': 10_000, 'batch.size': 250, 'linger.ms': 60_000 }
  await producerWorld(config, async ({ producer, time }) => {
    await producer.partitionsFor('t')
    const sent = range(60).map(() => producer.send({ topic: 't', value: 'x'.repeat(90) }))
    expect(sent.at(-1)!.appended).not.toBeNull()
    const start = time.milliseconds()
    await producer.flush()
    expect(sent.every((future) => future.isDone())).toBe(true)
    expect(time.milliseconds() - start).toBeLessThan(1000)
    expect(await Promise.all(sent.map(offsetOf))).toEqual(range(60))
  })
})

it('memory of a batch that expired in flight is not lent again before its request ends', async () => {
  const config = {
    'buffer.memory': 500,
    'batch.size': 500,
    'linger.ms': 0,
    'request.timeout.ms': 1000,
    'delivery.timeout.ms': 1000,
  }
  await producerWorld(config, async ({ producer, broker, client, time }) => {
    await producer.partitionsFor('t')
    // The second attempt begins late, so the batch expires before its request does.
    broker.verdict = () => (broker.batches === 0 ? Errors.NOT_ENOUGH_REPLICAS : 'silence')
    const expired = producer.send({ topic: 't', value: 'first' })
    await time.sleep(200)
    const waiting = producer.send({ topic: 't', value: 'x'.repeat(200) })
    expect(waiting.appended).not.toBeNull()
    expect((await failureOf(expired)).message).toContain('Expiring 1 record(s) for t-0')
    await time.sleep(10)
    expect(client.requests()).toHaveLength(1)
    // The socket may still read from the buffer.
    expect(waiting.appended).not.toBeNull()
    broker.verdict = () => Errors.NONE
    client.respondToRequest(client.requests()[0]!, ApiKeys.PRODUCE, null, { disconnected: true })
    expect(await offsetOf(waiting)).toBe(0)
    expect(broker.values()).toEqual(['x'.repeat(200)])
  })
})

it('an interceptor that is async, and rejects, is logged and hurts nobody', async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', note)
  const interceptor = {
    onSend: async (record: unknown) => record,
    onAcknowledgement: async () => {
      throw new Error('rejected')
    },
  } as unknown as ProducerInterceptor<string, string>
  const { logger } = await producerWorld(
    { 'interceptor.classes': [interceptor] },
    async ({ producer }) => {
      expect(await offsetOf(producer.send({ topic: 't', value: 'v' }))).toBe(0)
      await settle()
    },
  )
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
  expect(logger.messages('error').join('\n')).toMatch(/onSend.*\n.*onAcknowledgement/)
})

it('close fails sends that wait for a turn of the Sender: there will be none', async () => {
  await producerWorld({ 'max.request.size': 2000 }, async ({ producer }) => {
    await producer.partitionsFor('t')
    const sent = range(7).map(() => producer.send({ topic: 't', value: 'x'.repeat(900) }))
    expect(sent.at(-1)!.appended).not.toBeNull()
    await producer.close(0)
    expect(sent.every((future) => future.isDone())).toBe(true)
  })
})
