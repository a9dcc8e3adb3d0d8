/**
 * A broker or a consumer that cannot keep up. Memory stays bounded on every side, sends wait or
 * fail in their time with what to do about it, and no record is lost.
 */

import { describe, expect, test } from 'vitest'
import { BufferExhaustedException, TimeoutException } from '../../src/common/errors.ts'
import { TopicPartition } from '../../src/common/TopicPartition.ts'
import { failureOf, onCluster, range, valuesOf } from './clusterSupport.ts'

const ORDERS = new TopicPartition('orders', 0)

describe('a slow broker', () => {
  test(
    'leaves memory bounded: sends wait, then fail with what to do; nothing else does',
    onCluster(async (t) => {
      const settings = {
        'buffer.memory': 50_000,
        'batch.size': 1000,
        'max.block.ms': 1000,
        'delivery.timeout.ms': 4000,
        'request.timeout.ms': 2000,
      } as const
      const producer = t.producer(settings)
      await producer.send({ topic: 'orders', value: 'before' })
      const memory = t.events('producer.bufferPool.allocate')
      const released = t.events('producer.bufferPool.deallocate')
      t.world.network.faults.isolate('cluster')
      const outcomes = new Map<string, number>()
      const sent = range(2000).map((i) =>
        producer.send({ topic: 'orders', value: String(i).padStart(100) }),
      )
      await Promise.all(
        sent.map(async (future) => {
          const error = await failureOf(future)
          outcomes.set(error.name, (outcomes.get(error.name) ?? 0) + 1)
          if (error instanceof BufferExhaustedException) {
            expect(error.message).toMatch(/'buffer\.memory'/)
          } else {
            expect(error).toBeInstanceOf(TimeoutException)
            expect(error.message).toMatch(/Expiring \d+ record\(s\) for orders-0/)
          }
        }),
      )
      expect([...outcomes.keys()].sort()).toEqual(['BufferExhaustedException', 'TimeoutException'])
      expect(outcomes.get('BufferExhaustedException')).toBeGreaterThan(1000)
      expect(memory.length).toBeLessThanOrEqual(50)

      t.world.network.faults.healAll()
      expect((await producer.send({ topic: 'orders', value: 'after' })).offset).toBeGreaterThan(0)
      await producer.close()
      expect(released.at(-1)!.fields.availableBytes).toBe(50_000)
    }),
  )

  test(
    'and a program that awaits `appended` go at one pace: nothing fails, and little is held',
    onCluster(
      async (t) => {
        const settings = { 'buffer.memory': 20_000, 'batch.size': 1000, 'linger.ms': 0 } as const
        const producer = t.producer(settings)
        let waited = 0
        for (const i of range(1500)) {
          const { appended } = producer.send({ topic: 'orders', value: String(i).padStart(80) })
          if (appended !== null) waited++
          await appended
        }
        await producer.flush()
        const values = valuesOf(await t.contents('orders')).map(Number)
        expect(values).toEqual(range(1500))
        expect(waited).toBeGreaterThan(10)
      },
      { link: { latencyMs: 5, bytesPerMs: 100 } },
    ),
  )

  test(
    'and a slow consumer: what was fetched is bounded, and no record is lost (kafkajs #526)',
    onCluster(async (t) => {
      const producer = t.producer()
      for (const i of range(5000)) {
        const { appended } = producer.send({ topic: 'orders', value: String(i).padStart(100) })
        await appended
      }
      await producer.flush()
      const consumer = t.consumer({ 'max.partition.fetch.bytes': 20_000, 'max.poll.records': 50 })
      consumer.assign([ORDERS])
      const fetched = t.events('consumer.fetchBuffer.add')
      const values: number[] = []
      while (values.length < 5000) {
        values.push(...valuesOf(await consumer.poll(1000)).map(Number))
        await t.time.sleep(100)
        // A fetch of 20,000 bytes has less than 200 records; the next is made when they are used.
        expect(fetched.at(-1)!.fields.fetchOffset - values.length).toBeLessThan(200)
      }
      expect(values).toEqual(range(5000))
    }),
  )
})
