/** `partitionsFor`, `flush` and `close` at the edges: nothing to do, too late, twice, no number. */

import { describe, expect, it } from 'vitest'
import { IllegalArgumentException, KafkaException } from '../../src/common/errors.ts'
import { failureOf, producerWorld } from './producerWorld.ts'

describe('flush', () => {
  it('of nothing takes no time', async () => {
    await producerWorld({ 'linger.ms': 60_000 }, async ({ producer, time }) => {
      const startMs = time.milliseconds()
      await producer.flush()
      expect(time.milliseconds()).toBe(startMs)
    })
  })

  it('of two callers at once ends for both, and lingering goes on afterwards', async () => {
    await producerWorld({ 'linger.ms': 50 }, async ({ producer, broker, time }) => {
      const first = producer.send({ topic: 't', value: '1' })
      await first.appended
      const flushed = [producer.flush(), producer.flush()]
      const second = producer.send({ topic: 't', value: '2' })
      await Promise.all([...flushed, producer.flush()])
      expect([first.isDone(), second.isDone()]).toEqual([true, true])
      const startMs = time.milliseconds()
      await producer.send({ topic: 't', value: '3' })
      expect(time.milliseconds() - startMs).toBe(50 + broker.latencyMs)
    })
  })

  it('after close has nothing to wait for', async () => {
    await producerWorld({}, async ({ producer }) => {
      producer.send({ topic: 't', value: 'v' })
      await producer.close()
      await producer.flush()
    })
  })
})

describe('close', () => {
  it('refuses a time that is no number', async () => {
    await producerWorld({}, async ({ producer }) => {
      expect(await failureOf(producer.close(Number.NaN))).toBeInstanceOf(IllegalArgumentException)
      // It was refused, so the producer goes on.
      expect((await producer.send({ topic: 't', value: 'v' })).offset).toBe(0)
    })
  })

  it('waits as long as it takes when the time has no end', async () => {
    for (const timeoutMs of [Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER]) {
      await producerWorld({ 'linger.ms': 60_000 }, async ({ producer, broker }) => {
        broker.latencyMs = 20_000
        const sent = producer.send({ topic: 't', value: 'v' })
        await sent.appended
        await producer.close(timeoutMs)
        expect((await sent).offset).toBe(0)
      })
    }
  })
})

describe('partitionsFor', () => {
  it('of a topic that nobody knows fails after close, without waiting', async () => {
    await producerWorld({}, async ({ producer, time }) => {
      await producer.partitionsFor('t')
      await producer.close()
      const startMs = time.milliseconds()
      const failure = await failureOf(producer.partitionsFor('unknown'))
      expect(failure).toBeInstanceOf(KafkaException)
      expect(failure.message).toContain('closed')
      expect(time.milliseconds()).toBe(startMs)
    })
  })
})
