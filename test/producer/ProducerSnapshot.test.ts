/** What a producer shows of itself: plain data that belongs together. */

import { expect, it } from 'vitest'
import type { TraceEvents } from '../../src/common/TraceEvents.ts'
import type { ProducerSnapshot } from '../../src/producer/internals/ProducerSnapshot.ts'
import { Errors } from '../../src/protocol/Errors.ts'
import { producerWorld } from './producerWorld.ts'

/** All bytes of the budget, wherever they are. */
const bytesOf = ({ bufferPool }: ProducerSnapshot): number =>
  bufferPool.inUseBytes +
  bufferPool.waiters.reduce((sum, { accumulated }) => sum + accumulated, 0) +
  bufferPool.freeBuffers * bufferPool.poolableBytes +
  bufferPool.unallocatedBytes

it('shows the batches of each partition, the next to be sent first', async () => {
  await producerWorld({ 'batch.size': 300, 'linger.ms': 100 }, async ({ producer, time }) => {
    await producer.partitionsFor('t')
    for (const _ of [1, 2, 3]) producer.send({ topic: 't', value: 'x'.repeat(150) })
    const { accumulator, bufferPool, inFlight } = producer.snapshot()
    const nowMs = time.milliseconds()
    expect(accumulator.deques).toMatchObject([
      {
        topic: 't',
        partition: 0,
        muted: false,
        batches: [
          { number: 0, records: 1, open: false, full: false, createdMs: nowMs, attempts: 0 },
          { number: 1, records: 1, open: false, full: false, limitBytes: 300 },
          { number: 2, records: 1, open: true, full: false },
        ],
      },
    ])
    expect(accumulator.incomplete.map(({ number }) => number)).toEqual([0, 1, 2])
    expect([bufferPool.inUseBytes, inFlight]).toEqual([900, []])
    await producer.flush()
    const after = producer.snapshot()
    expect(after.accumulator.incomplete).toEqual([])
    expect(after.bufferPool).toMatchObject({ inUseBytes: 0, freeBuffers: 3 })
  })
})

it('says what is in flight, who waits for memory, and where no byte is lost', async () => {
  const config = { 'buffer.memory': 900, 'batch.size': 300, 'linger.ms': 0, 'max.block.ms': 1000 }
  await producerWorld(config, async ({ producer, broker, time }) => {
    // The first batch of a partition goes alone; behind it several may be in flight.
    await producer.send({ topic: 't', value: 'first' })
    broker.latencyMs = 50
    for (const _ of [1, 2, 3, 4, 5]) producer.send({ topic: 't', value: 'x'.repeat(150) })
    await time.sleep(10)
    const snapshot = producer.snapshot()
    expect(snapshot.inFlight.map(({ number }) => number)).toEqual([1, 2, 3])
    expect(snapshot.bufferPool.waiters).toMatchObject([{ bytes: 300, accumulated: 0 }])
    expect(snapshot.waitingSends).toMatchObject([{ topic: 't', sends: 2 }])
    expect(bytesOf(snapshot)).toBe(900)
    await producer.flush()
    expect(producer.snapshot().waitingSends).toEqual([])
    expect(bytesOf(producer.snapshot())).toBe(900)
  })
})

it('shows a batch that failed back in its queue, with its attempts', async () => {
  const config = { 'linger.ms': 0, 'retry.backoff.ms': 100 }
  await producerWorld(config, async ({ producer, broker, time }) => {
    let first = true
    broker.verdict = () => {
      const verdict = first ? Errors.NOT_ENOUGH_REPLICAS : Errors.NONE
      first = false
      return verdict
    }
    await producer.partitionsFor('t')
    const sent = producer.send({ topic: 't', value: 'v' })
    await time.sleep(20)
    const [deque] = producer.snapshot().accumulator.deques
    expect(deque?.batches).toMatchObject([{ number: 0, attempts: 1, open: false, full: false }])
    expect(deque?.batches[0]?.lastAttemptMs).toBeGreaterThan(deque?.batches[0]?.createdMs ?? 0)
    await sent
  })
})

it('says why a partition was ready: lingered, full, flush, exhausted, closed', async () => {
  const seen: string[] = []
  const config = { 'buffer.memory': 900, 'batch.size': 300, 'linger.ms': 20 }
  const { trace } = await producerWorld(
    config,
    async ({ producer, time }) => {
      const send = (topic: string, length: number) =>
        producer.send({ topic, value: 'x'.repeat(length) })
      for (const topic of ['t', 'u']) await producer.partitionsFor(topic)
      await send('t', 10)
      for (const _ of [1, 2]) send('t', 150)
      await time.sleep(100)
      send('t', 10)
      await producer.flush()
      // An open batch with room, and elsewhere a record that needs more than what is left.
      send('t', 10)
      await send('u', 700)
      send('t', 10)
      await producer.close()
    },
    (broker) => {
      broker.topics = { t: 1, u: 1 }
    },
  )
  for (const { name, fields } of trace) {
    if (name !== 'producer.accumulator.ready') continue
    seen.push(...(fields as TraceEvents['producer.accumulator.ready']).reasons)
  }
  expect(seen.filter((reason) => reason.startsWith('0:t-0:'))).toEqual([
    '0:t-0:lingered',
    '0:t-0:full',
    '0:t-0:lingered',
    '0:t-0:flush',
    '0:t-0:exhausted',
    '0:t-0:closed',
  ])
})
