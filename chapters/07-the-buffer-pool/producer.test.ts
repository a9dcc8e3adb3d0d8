/** The pool inside a producer, and the notes on it. */

import { describe, expect, test } from 'vitest'
import { BufferExhaustedException } from '../../src/common/errors.ts'
import { ByteArraySerializer } from '../../src/common/serialization/ByteArraySerializer.ts'
import { ProducerConfig } from '../../src/producer/ProducerConfig.ts'
import { failureOf, producerWorld } from '../../test/producer/producerWorld.ts'
import { note } from '../../test/support/notes.ts'

const KIB = 1024
const text = (bytes: number): string => 'x'.repeat(bytes)
const topics = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 1]))

/** Room for two batches, and a broker that takes its time. */
const tight = { 'batch.size': KIB, 'buffer.memory': 2 * KIB, 'linger.ms': 0 }

describe('the notes', () => {
  test('N10: the budget is 32 MiB and a batch 16 KiB, unless a record is larger', async () => {
    note('N10', 'holds with a condition', 'a record that is larger gets a buffer of its own size')
    const config = new ProducerConfig({
      'bootstrap.servers': 'localhost:9092',
      'key.serializer': ByteArraySerializer,
      'value.serializer': ByteArraySerializer,
    })
    expect(config.get('buffer.memory')).toBe(32 * KIB * KIB)
    expect(config.get('batch.size')).toBe(16 * KIB)
    await producerWorld({}, async ({ producer }) => {
      await producer.partitionsFor('t')
      producer.send({ topic: 't', value: 'small' })
      expect(producer.snapshot().bufferPool.inUseBytes).toBe(16 * KIB)
      producer.send({ topic: 't', value: text(100_000) })
      expect(producer.snapshot().bufferPool.inUseBytes).toBeGreaterThan(16 * KIB + 100_000)
    })
  })

  test('N39: a larger budget costs memory once it is used, and what was kept stays', async () => {
    note('N39', 'holds with a condition', 'it is taken when it is needed, and then kept')
    await producerWorld({}, async ({ producer }) => {
      await producer.partitionsFor('t')
      expect(producer.snapshot().bufferPool).toMatchObject({ inUseBytes: 0, freeBuffers: 0 })
      for (let i = 0; i < 32; i++) producer.send({ topic: 't', value: text(8 * KIB) })
      await producer.flush()
      const { inUseBytes, freeBuffers } = producer.snapshot().bufferPool
      expect([inUseBytes, freeBuffers]).toEqual([0, 32])
    })
  })

  test('N40: every open batch takes a whole batch.size, even for one byte', async () => {
    note('N40', 'holds with a condition', 'multiply it by the partitions that are written to')
    await producerWorld(
      { 'batch.size': 64 * KIB },
      async ({ producer }) => {
        await producer.partitionsFor('t')
        for (let partition = 0; partition < 10; partition++) {
          producer.send({ topic: 't', partition, value: 'x' })
        }
        expect(producer.snapshot().bufferPool.inUseBytes).toBe(10 * 64 * KIB)
      },
      (broker) => {
        broker.topics = { t: 10 }
      },
    )
  })

  test('N8: buffers are used again, so a busy producer makes few of them', async () => {
    note('N8', 'holds with a condition', 'only buffers of exactly batch.size are kept')
    await producerWorld({}, async ({ producer, trace }) => {
      await producer.partitionsFor('t')
      for (let i = 0; i < 200; i++) await producer.send({ topic: 't', value: text(8 * KIB) })
      const given = trace.filter(({ name }) => name === 'producer.bufferPool.allocate')
      const made = given.filter(({ fields }) => !(fields as { pooled: boolean }).pooled)
      expect([given.length, made.length]).toEqual([200, 1])
    })
  })
})

describe('a producer whose memory is used up', () => {
  test('sends every batch at once while somebody waits, whatever linger.ms says', async () => {
    const config = { ...tight, 'linger.ms': 60_000 }
    await producerWorld(
      config,
      async ({ producer, time }) => {
        for (const topic of ['a', 'b', 'c']) await producer.partitionsFor(topic)
        const startMs = time.milliseconds()
        for (const topic of ['a', 'b', 'c']) producer.send({ topic, value: 'x' })
        await time.sleep(10)
        const { bufferPool } = producer.snapshot()
        expect([bufferPool.waiters.length, time.milliseconds() - startMs]).toEqual([0, 10])
        await producer.close()
      },
      (broker) => {
        broker.topics = topics('a', 'b', 'c')
      },
    )
  })

  test('makes smaller batches, and more requests, of the same records', async () => {
    const requestsWith = async (bufferMemory: number): Promise<number> => {
      const config = { 'batch.size': KIB, 'buffer.memory': bufferMemory, 'linger.ms': 20 }
      const { broker } = await producerWorld(
        config,
        async ({ producer, time }) => {
          for (const topic of 'abcdefgh') await producer.partitionsFor(topic)
          // One small record each millisecond, to eight topics in turn.
          for (let i = 0; i < 400; i++) {
            producer.send({ topic: 'abcdefgh'.charAt(i % 8), value: text(50) })
            await time.sleep(1)
          }
          await producer.flush()
        },
        (world) => {
          world.latencyMs = 10
          world.topics = topics(...'abcdefgh')
        },
      )
      return broker.requests
    }
    const [roomy, small] = [await requestsWith(64 * KIB), await requestsWith(4 * KIB)]
    expect(small).toBeGreaterThan(2 * roomy)
  })

  test('fails a send after max.block.ms, and says what could be done', async () => {
    await producerWorld({ ...tight, 'max.block.ms': 500 }, async ({ producer, broker, time }) => {
      broker.latencyMs = 2000
      await producer.partitionsFor('t')
      const startMs = time.milliseconds()
      for (const _ of [1, 2]) producer.send({ topic: 't', value: text(900) })
      const failure = await failureOf(producer.send({ topic: 't', value: text(900) }))
      expect(failure).toBeInstanceOf(BufferExhaustedException)
      expect(time.milliseconds() - startMs).toBe(500)
      expect(failure.message).toMatch(/wait for earlier ones, or raise 'buffer\.memory'/)
    })
  })

  test('keeps sends of one topic in their order while they wait', async () => {
    await producerWorld({ ...tight, 'buffer.memory': 4 * KIB }, async ({ producer, broker }) => {
      broker.latencyMs = 20
      await producer.partitionsFor('t')
      const values = Array.from({ length: 8 }, (_, i) => `${i}`.padEnd(i % 2 ? 100 : 900, '.'))
      await Promise.all(values.map((value) => producer.send({ topic: 't', value })))
      expect(broker.values()).toEqual(values)
    })
  })

  test('lets a callback that sends pass one that waits: its memory is back first', async () => {
    const order: string[] = []
    await producerWorld(
      tight,
      async ({ producer, broker }) => {
        broker.latencyMs = 20
        for (const topic of ['a', 'b', 'c', 'd']) await producer.partitionsFor(topic)
        const sent = (topic: string) => producer.send({ topic, value: text(900) })
        const first = sent('a')
        let passing: PromiseLike<unknown> | undefined
        // In one answer a is done first: its buffer is back when this callback runs.
        producer.send({ topic: 'b', value: text(900) }, () => {
          passing = sent('d').then(() => order.push('d'))
        })
        const waiting = sent('c').then(() => order.push('c'))
        await Promise.all([first, waiting])
        await passing
      },
      (broker) => {
        broker.topics = topics('a', 'b', 'c', 'd')
      },
    )
    expect(order).toEqual(['d', 'c'])
  })

  test('bounds what stands in line by another buffer.memory bytes', async () => {
    await producerWorld(tight, async ({ producer, broker }) => {
      broker.latencyMs = 20
      await producer.partitionsFor('t')
      const sent = Array.from({ length: 6 }, () => producer.send({ topic: 't', value: text(900) }))
      expect(producer.snapshot().waitingSends).toMatchObject([{ topic: 't', sends: 1 }])
      const failures = await Promise.allSettled(sent)
      expect(failures.map(({ status }) => status)).toEqual([
        ...['fulfilled', 'fulfilled', 'fulfilled'],
        ...['rejected', 'rejected', 'rejected'],
      ])
    })
  })
})
