/**
 * Settings of a producer at work, before a broker that the test commands: what they change can be
 * seen in the requests, and in when they come. What goes down to the network is shown by
 * `test/cluster/producerSettings.test.ts`.
 */

import { describe, expect, it } from 'vitest'
import { UnknownTopicOrPartitionException } from '../../src/common/errors/ApiExceptions.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { failureOf, producerWorld, type WorldConfig } from './producerWorld.ts'

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

describe('acks', () => {
  it.each([
    ['all', -1, 0],
    ['-1', -1, 0],
    ['1', 1, 0],
    ['0', 0, -1],
  ] as const)('%s is %i in the request, and the offset is %i', async (acks, onWire, offset) => {
    const { trace } = await producerWorld({ acks }, async ({ producer }) => {
      expect((await producer.send({ topic: 't', value: 'v' })).offset).toBe(offset)
    })
    const sent = trace.filter(({ name }) => name === 'producer.sender.sendProduceRequest')
    expect(sent.map(({ fields }) => (fields as { acks: number }).acks)).toEqual([onWire])
  })
})

describe('batch.size', () => {
  it('0 makes a batch of every record, but for very small ones', async () => {
    await producerWorld({ 'batch.size': 0 }, async ({ producer, broker }) => {
      const value = 'x'.repeat(100)
      await Promise.all(range(10).map(() => producer.send({ topic: 't', value })))
      expect(broker.batches).toBe(10)
    })
  })

  it('holds as many records as fit', async () => {
    const batchesOf = async (batchSize: number): Promise<number> => {
      const { broker } = await producerWorld({ 'batch.size': batchSize }, async ({ producer }) => {
        const value = 'x'.repeat(90)
        await Promise.all(range(60).map(() => producer.send({ topic: 't', value })))
      })
      return broker.batches
    }
    // About 100 bytes a record, and 61 of a batch.
    expect(await batchesOf(1000)).toBeGreaterThanOrEqual(6)
    expect(await batchesOf(16_384)).toBe(1)
  })
})

describe('retries', () => {
  it('is how often a record is tried again before it fails', async () => {
    for (const retries of [0, 3]) {
      const config: WorldConfig = { retries, 'linger.ms': 0 }
      await producerWorld(config, async ({ producer, broker }) => {
        await producer.partitionsFor('t')
        broker.verdict = () => Errors.UNKNOWN_TOPIC_OR_PARTITION
        const error = await failureOf(producer.send({ topic: 't', value: 'v' }))
        expect(error).toBeInstanceOf(UnknownTopicOrPartitionException)
        expect(broker.batches).toBe(1 + retries)
      })
    }
  })
})

describe('retry.backoff.ms and retry.backoff.max.ms', () => {
  /** Milliseconds from one attempt to the next. */
  const waits = async (config: WorldConfig): Promise<number[]> => {
    const attemptsMs: number[] = []
    await producerWorld({ 'linger.ms': 0, ...config }, async ({ producer, broker, time }) => {
      broker.latencyMs = 0
      broker.verdict = () => {
        attemptsMs.push(time.milliseconds())
        return attemptsMs.length < 7 ? Errors.NOT_ENOUGH_REPLICAS : Errors.NONE
      }
      await producer.send({ topic: 't', value: 'v' })
    })
    return attemptsMs.slice(1).map((ms, i) => ms - attemptsMs[i]!)
  }

  it('double the wait from the first to the second, 20 % off by chance', async () => {
    const actual = await waits({ 'retry.backoff.ms': 200, 'retry.backoff.max.ms': 1000 })
    for (const [i, ms] of [200, 400, 800, 1000, 1000, 1000].entries()) {
      expect(actual[i]).toBeGreaterThanOrEqual(ms * 0.8)
      expect(actual[i]).toBeLessThanOrEqual(Math.min(ms * 1.2, 1000))
    }
  })

  it('are one and the same wait when the second is below the first, with a warning', async () => {
    const config = { 'retry.backoff.ms': 500, 'retry.backoff.max.ms': 100 }
    expect(new Set(await waits(config))).toEqual(new Set([100]))
    const { logger } = await producerWorld(config, async () => {})
    expect(logger.messages('warn').join()).toMatch(/'retry\.backoff\.ms' is 500.*does not grow/)
  })
})

describe('a setting that nobody knows', () => {
  it('is warned of with the nearest name, and the producer works', async () => {
    const config = { 'linger.msec': 7, 'my.own': 1 } as object
    const { logger } = await producerWorld(config, async ({ producer }) => {
      await producer.send({ topic: 't', value: 'v' })
    })
    const warnings = logger.messages('warn')
    expect(warnings.filter((line) => line.includes("'linger.msec'"))).toHaveLength(1)
    expect(warnings.join()).toContain("Did you mean 'linger.ms'?")
    expect(warnings.join()).toContain("'my.own' was supplied but is not known.")
  })
})

describe('compression.type', () => {
  /** What the records of one batch became: the codec and the bytes of the batch. */
  const batchOf = async (config: WorldConfig) => {
    const { trace } = await producerWorld(config, async ({ producer, broker }) => {
      const text = range(400)
        .map((i) => `word ${(i * i) % 97} `)
        .join('')
      const sent = range(20).map((i) => producer.send({ topic: 't', value: `${text}${i}` }))
      await Promise.all(sent)
      expect(broker.values()).toHaveLength(20)
    })
    const { fields } = trace.find(({ name }) => name === 'record.builder.close')!
    return fields as { compression: string; bytes: number }
  }

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    '%s compresses whole batches, which the broker can read',
    async (type) => {
      const plain = await batchOf({ 'batch.size': 100_000 })
      const { compression, bytes } = await batchOf({
        'batch.size': 100_000,
        'compression.type': type,
      })
      expect(compression).toBe(type)
      if (type === 'none') expect(bytes).toBe(plain.bytes)
      else expect(bytes).toBeLessThan(plain.bytes / 2)
    },
  )

  it.each([
    ['gzip', 1, 9],
    ['lz4', 1, 17],
    ['zstd', 1, 19],
  ] as const)('%s works harder at a higher level: fewer bytes', async (type, low, high) => {
    const bytesAt = async (level: number): Promise<number> =>
      (
        await batchOf({
          'batch.size': 100_000,
          'compression.type': type,
          [`compression.${type}.level`]: level,
        })
      ).bytes
    expect(await bytesAt(high)).toBeLessThan(await bytesAt(low))
  })
})
