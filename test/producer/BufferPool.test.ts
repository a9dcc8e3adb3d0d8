import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ByteBuffer } from '../../src/common/ByteBuffer.ts'
import {
  BufferExhaustedException,
  IllegalArgumentException,
  KafkaException,
} from '../../src/common/errors.ts'
import { MockTime } from '../../src/common/MockTime.ts'
import { Metrics } from '../../src/common/metrics/Metrics.ts'
import { BufferPool } from '../../src/producer/internals/BufferPool.ts'
import { BufferPoolMetrics } from '../../src/producer/internals/BufferPoolMetrics.ts'
import { covers } from '../support/covers.ts'
import { rejectionOf, settle, traceOn } from './producerSupport.ts'

const MAX_BLOCK_MS = 10

let time: MockTime
beforeEach(() => {
  time = new MockTime()
})

const poolOf = (memory: number, poolableSize: number): BufferPool =>
  new BufferPool({ memory, poolableSize, time, trace: traceOn(time) })

/** Takes memory that is at hand. */
const take = (pool: BufferPool, size: number): ByteBuffer => {
  const buffer = pool.allocate(size, MAX_BLOCK_MS)
  if (buffer instanceof Promise) throw new Error(`There is no memory for ${size} bytes`)
  return buffer
}

/** Takes memory that has to be waited for, and remembers what came. */
const wait = (pool: BufferPool, size: number, maxTimeToBlockMs = 1000) => {
  const promise = pool.allocate(size, maxTimeToBlockMs)
  if (!(promise instanceof Promise)) throw new Error(`${size} bytes were at hand`)
  const waiter: { promise: Promise<ByteBuffer>; got: ByteBuffer | null } = { promise, got: null }
  promise.then(
    (buffer) => {
      waiter.got = buffer
    },
    () => {},
  )
  return waiter
}

describe('a pool with memory at hand', () => {
  it('hands buffers out at once, and keeps those of the poolable size for the next one', () => {
    covers('BufferPoolTest.testSimple')
    const total = 64 * 1024
    const size = 1024
    const pool = poolOf(total, size)
    const buffer = take(pool, size)
    expect(buffer.limit).toBe(size)
    expect([pool.unallocatedMemory(), pool.availableMemory()]).toEqual([total - size, total - size])

    buffer.putInt(1).flip()
    pool.deallocate(buffer)
    expect([pool.unallocatedMemory(), pool.availableMemory()]).toEqual([total - size, total])

    const again = take(pool, size)
    expect(again).toBe(buffer)
    expect([again.position, again.limit]).toEqual([0, again.capacity])
    pool.deallocate(again)
    expect([pool.unallocatedMemory(), pool.availableMemory()]).toEqual([total - size, total])

    pool.deallocate(take(pool, 2 * size))
    expect([pool.unallocatedMemory(), pool.availableMemory()]).toEqual([total - size, total])
  })

  it('hands out first what came back first, and dissolves first what came back last', () => {
    const pool = poolOf(4 * 256, 256)
    const [a, b, c] = [take(pool, 256), take(pool, 256), take(pool, 256)]
    for (const buffer of [b, a, c]) pool.deallocate(buffer)
    expect(take(pool, 512).capacity).toBe(512)
    expect([take(pool, 256), take(pool, 256)]).toEqual([b, a])
    expect(pool.availableMemory()).toBe(0)
  })

  it('refuses more than it has in all: that could never be served', () => {
    covers('BufferPoolTest.testCantAllocateMoreMemoryThanWeHave')
    const pool = poolOf(1024, 512)
    pool.deallocate(take(pool, 1024))
    expect(() => pool.allocate(1025, MAX_BLOCK_MS)).toThrow(IllegalArgumentException)
    expect(() => pool.allocate(1025, MAX_BLOCK_MS)).toThrow(/1025 bytes.*1024.*buffer\.memory/)
  })

  it('dissolves pooled buffers when a larger one is asked for', () => {
    const pool = poolOf(4 * 256, 256)
    for (const buffer of [1, 2, 3, 4].map(() => take(pool, 256))) pool.deallocate(buffer)
    expect(pool.unallocatedMemory()).toBe(0)
    expect(take(pool, 600).capacity).toBe(600)
    expect(pool.availableMemory()).toBe(4 * 256 - 600)
  })

  it('counts a buffer that its user replaced by a larger one at what was taken', () => {
    const pool = poolOf(1024, 512)
    take(pool, 512)
    pool.deallocate(ByteBuffer.allocate(2048), 512)
    expect([pool.unallocatedMemory(), pool.availableMemory()]).toEqual([1024, 1024])
  })

  it('reckons with more than 32 bits', () => {
    covers('BufferPoolTest.testLargeAvailableMemory')
    class Pretending extends BufferPool {
      protected override allocateByteBuffer(): ByteBuffer {
        return ByteBuffer.allocate(0)
      }
    }
    const memory = 20_000_000_000
    const poolableSize = 2_000_000_000
    const pool = new Pretending({ memory, poolableSize, time, trace: traceOn(time) })
    const buffer = take(pool, poolableSize)
    expect(pool.availableMemory()).toBe(18_000_000_000)
    take(pool, poolableSize)
    expect(pool.availableMemory()).toBe(16_000_000_000)
    pool.deallocate(buffer, poolableSize)
    expect(pool.availableMemory()).toBe(18_000_000_000)
  })

  it('gives the budget back when the machine itself has no memory', () => {
    covers('BufferPoolTest.outOfMemoryOnAllocation')
    class Exhausted extends BufferPool {
      protected override allocateByteBuffer(): ByteBuffer {
        throw new RangeError('Array buffer allocation failed')
      }
    }
    const pool = new Exhausted({ memory: 1024, poolableSize: 1024, time, trace: traceOn(time) })
    expect(() => pool.allocate(1024, MAX_BLOCK_MS)).toThrow(RangeError)
    expect(pool.availableMemory()).toBe(1024)
  })
})

describe('the metrics of a pool', () => {
  const metered = (memory: number, poolableSize: number) => {
    const metrics = new Metrics({ time })
    const pool = new BufferPool({
      memory,
      poolableSize,
      time,
      trace: traceOn(time),
      metrics: new BufferPoolMetrics(metrics),
    })
    const value = (name: string) =>
      metrics.metric(metrics.metricName(name, 'producer-metrics'))?.metricValue()
    return { pool, value }
  }

  it('tell how much there is, and how many wait for it', async () => {
    const { pool, value } = metered(1000, 100)
    const buffer = take(pool, 100)
    expect([value('buffer-total-bytes'), value('buffer-available-bytes')]).toEqual([1000, 900])
    const waiter = wait(pool, 1000)
    expect(value('waiting-threads')).toBe(1)
    pool.deallocate(buffer)
    await waiter.promise
    expect([value('waiting-threads'), value('buffer-available-bytes')]).toEqual([0, 0])
  })

  it('add up how long sends waited, and count those that got nothing', async () => {
    const { pool, value } = metered(100, 100)
    const buffer = take(pool, 100)
    const waiters = [wait(pool, 100, 400), wait(pool, 100, 1000)]
    time.sleep(400)
    await rejectionOf(waiters[0]!.promise)
    expect(value('bufferpool-wait-time-ns-total')).toBe(400e6)
    expect([value('buffer-exhausted-total'), value('buffer-exhausted-rate')]).toEqual([1, 1 / 30])
    time.sleep(100)
    pool.deallocate(buffer)
    await waiters[1]!.promise
    expect(value('bufferpool-wait-time-ns-total')).toBe(900e6)
    expect(value('bufferpool-wait-ratio')).toBeCloseTo(900 / 30_100, 6)
    // There is no time to wait.
    expect(() => pool.allocate(100, 0)).toThrow(BufferExhaustedException)
    expect(value('buffer-exhausted-total')).toBe(2)
  })

  it('that fail leave the budget whole, and nobody in line', async () => {
    covers('BufferPoolTest.testCleanupMemoryAvailabilityOnMetricsException')
    let recorded = 0
    class Failing extends BufferPool {
      protected override recordWaitTime(): void {
        recorded++
        throw new RangeError('out of memory')
      }
    }
    const pool = new Failing({ memory: 2, poolableSize: 1, time, trace: traceOn(time) })
    take(pool, 1)
    const waiter = wait(pool, 2)
    time.sleep(1000)
    expect(await rejectionOf(waiter.promise)).toBeInstanceOf(RangeError)
    expect([pool.availableMemory(), pool.queued(), pool.unallocatedMemory()]).toEqual([1, 0, 1])
    take(pool, 1)
    expect(recorded).toBe(1)
  })
})

describe('a pool whose memory is used up', () => {
  it('serves a waiter as soon as memory comes back', async () => {
    covers('BufferPoolTest.testDelayedAllocation')
    const pool = poolOf(5 * 1024, 1024)
    const buffer = take(pool, 1024)
    const waiter = wait(pool, 5 * 1024)
    await settle()
    expect(waiter.got).toBeNull()
    pool.deallocate(buffer)
    expect((await waiter.promise).capacity).toBe(5 * 1024)
    expect([pool.queued(), pool.availableMemory()]).toEqual([0, 0])
  })

  it('gives up after the time to block, and not before', async () => {
    covers('BufferPoolTest.testBufferExhaustedExceptionIsThrown', 'BufferPoolTest.testBlockTimeout')
    const pool = poolOf(2, 1)
    take(pool, 1)
    const promise = pool.allocate(2, MAX_BLOCK_MS) as Promise<ByteBuffer>
    const rejection = rejectionOf(promise)
    await time.sleep(MAX_BLOCK_MS - 1)
    expect(pool.queued()).toBe(1)
    await time.sleep(1)
    expect(await rejection).toBeInstanceOf(BufferExhaustedException)
    expect([pool.queued(), pool.availableMemory()]).toEqual([0, 1])
  })

  it('does not wait at all when there is no time to', () => {
    const pool = poolOf(2, 1)
    take(pool, 1)
    expect(() => pool.allocate(2, 0)).toThrow(BufferExhaustedException)
    expect([pool.queued(), pool.availableMemory()]).toEqual([0, 1])
  })

  it('gives what one that gave up had reserved to the next in line', async () => {
    covers('BufferPoolTest.testCleanupMemoryAvailabilityWaiterOnBlockTimeout')
    const pool = poolOf(4, 1)
    const [held, part] = [take(pool, 2), take(pool, 2)]
    const first = wait(pool, 4, 10)
    const second = wait(pool, 2, 1000)
    pool.deallocate(part)
    await settle()
    expect([first.got, second.got, pool.availableMemory()]).toEqual([null, null, 0])
    await time.sleep(10)
    expect((await second.promise).capacity).toBe(2)
    pool.deallocate(held)
    expect(pool.availableMemory()).toBe(2)
  })

  it('serves waiters in their order: a small one does not pass a large one in line', async () => {
    const pool = poolOf(10, 1)
    const [a, b] = [take(pool, 6), take(pool, 4)]
    const large = wait(pool, 8)
    const small = wait(pool, 1)
    pool.deallocate(b)
    await settle()
    expect([large.got, small.got]).toEqual([null, null])
    expect(pool.snapshot().waiters.map(({ accumulated }) => accumulated)).toEqual([4, 0])
    pool.deallocate(a)
    await settle()
    expect(large.got?.capacity).toBe(8)
    expect(small.got?.capacity).toBe(1)
    expect(pool.availableMemory()).toBe(1)
  })

  it('lets a newcomer take what is there, before the first in line was ever woken', async () => {
    const pool = poolOf(10, 1)
    const held = take(pool, 7)
    const large = wait(pool, 5)
    await settle()
    // 3 bytes are there. They are too few for the one that waits, and it has not reserved them.
    expect(pool.snapshot().waiters).toMatchObject([{ bytes: 5, accumulated: 0 }])
    expect(take(pool, 2).capacity).toBe(2)
    await settle()
    // That call left a byte over, and announced it.
    expect([pool.snapshot().waiters[0]?.accumulated, pool.availableMemory()]).toEqual([1, 0])
    pool.deallocate(held)
    expect((await large.promise).capacity).toBe(5)
  })

  it('lets a newcomer pass between the announcement and the waking', async () => {
    const pool = poolOf(4, 4)
    const held = take(pool, 4)
    const waiter = wait(pool, 4)
    pool.deallocate(held)
    const newcomer = take(pool, 4)
    await settle()
    expect([waiter.got, pool.queued()]).toEqual([null, 1])
    pool.deallocate(newcomer)
    expect(await waiter.promise).toBe(newcomer)
  })

  it('lets nobody pass any more once the first in line reserves what comes', async () => {
    const pool = poolOf(6, 1)
    const [a, b, c] = [take(pool, 2), take(pool, 2), take(pool, 2)]
    const large = wait(pool, 6)
    pool.deallocate(a)
    await settle()
    const newcomer = wait(pool, 1)
    pool.deallocate(b)
    await settle()
    expect(pool.snapshot().waiters.map(({ accumulated }) => accumulated)).toEqual([4, 0])
    pool.deallocate(c)
    expect((await large.promise).capacity).toBe(6)
    expect(newcomer.got).toBeNull()
    pool.deallocate(await large.promise)
    expect((await newcomer.promise).capacity).toBe(1)
  })

  it('forgets no announcement: one that comes while the first wakes is seen then', async () => {
    const pool = poolOf(6, 1)
    const [a, b] = [take(pool, 3), take(pool, 3)]
    const first = wait(pool, 2)
    const second = wait(pool, 4)
    pool.deallocate(a)
    pool.deallocate(b)
    await settle()
    expect([first.got?.capacity, second.got?.capacity]).toEqual([2, 4])
  })

  it('gives a waiter the very buffer that came back, when it is of the poolable size', async () => {
    const pool = poolOf(1024, 1024)
    const buffer = take(pool, 1024)
    const waiter = wait(pool, 1024)
    pool.deallocate(buffer)
    expect(await waiter.promise).toBe(buffer)
  })

  it('tells a waiter when the machine has no memory for it, and serves the next', async () => {
    class FailingOnce extends BufferPool {
      failures = 0
      protected override allocateByteBuffer(size: number): ByteBuffer {
        if (size === 3 && this.failures++ === 0) throw new RangeError('Out of memory')
        return super.allocateByteBuffer(size)
      }
    }
    const pool = new FailingOnce({ memory: 4, poolableSize: 1, time, trace: traceOn(time) })
    const held = take(pool, 4)
    const rejection = rejectionOf(wait(pool, 3).promise)
    const next = wait(pool, 2)
    pool.deallocate(held)
    expect(await rejection).toBeInstanceOf(RangeError)
    expect((await next.promise).capacity).toBe(2)
    expect(pool.availableMemory()).toBe(2)
  })
})

describe('a closed pool', () => {
  it('allocates nothing, but takes buffers back', () => {
    covers('BufferPoolTest.testCloseAllocations')
    const pool = poolOf(10, 1)
    const buffer = take(pool, 1)
    pool.close()
    expect(() => pool.allocate(1, 1000)).toThrow(KafkaException)
    pool.deallocate(buffer)
    expect(pool.availableMemory()).toBe(10)
  })

  it('tells everybody who waits', async () => {
    covers('BufferPoolTest.testCloseNotifyWaiters')
    const pool = poolOf(1, 1)
    const buffer = take(pool, 1)
    const waiters = [wait(pool, 1), wait(pool, 1)]
    const rejections = waiters.map(({ promise }) => rejectionOf(promise))
    pool.close()
    for (const rejection of rejections) {
      expect((await rejection).message).toBe('Producer closed while allocating memory')
    }
    pool.deallocate(buffer)
    expect([pool.availableMemory(), pool.queued()]).toEqual([1, 0])
  })
})

it('neither loses nor invents a byte, whatever is taken, given back and waited for', async () => {
  covers('BufferPoolTest.testStressfulSituation')
  const steps = fc.array(
    fc.record({
      what: fc.constantFrom('take', 'give', 'pass' as const),
      size: fc.oneof(fc.constant(16), fc.integer({ min: 1, max: 64 })),
      pick: fc.nat(1000),
    }),
    { maxLength: 120 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      time = new MockTime()
      const pool = poolOf(80, 16)
      const held: ByteBuffer[] = []
      let inUse = 0
      const keep = (buffer: ByteBuffer): void => {
        held.push(buffer)
        inUse += buffer.capacity
      }
      for (const { what, size, pick } of script) {
        if (what === 'take') {
          const got = pool.allocate(size, 50)
          if (got instanceof Promise) got.then(keep, () => {})
          else keep(got)
        } else if (what === 'give' && held.length > 0) {
          const [buffer] = held.splice(pick % held.length, 1)
          inUse -= buffer!.capacity
          pool.deallocate(buffer!)
        } else {
          await time.sleep(pick % 60)
        }
        await settle()
        const { inUseBytes, waiters, freeBuffers, unallocatedBytes } = pool.snapshot()
        expect(inUseBytes).toBe(inUse)
        const reserved = waiters.reduce((sum, { accumulated }) => sum + accumulated, 0)
        expect(inUse + reserved + freeBuffers * 16 + unallocatedBytes).toBe(80)
        // I3: whoever stands behind the first has nothing.
        expect(waiters.slice(1).every(({ accumulated }) => accumulated === 0)).toBe(true)
        // What is there is not enough for the first, or it would have it.
        const first = waiters[0]
        if (first) expect(pool.availableMemory()).toBeLessThan(first.bytes - first.accumulated)
      }
      await time.sleep(100)
      await settle()
      while (held.length > 0) pool.deallocate(held.pop()!)
      await settle()
      while (held.length > 0) pool.deallocate(held.pop()!)
      expect([pool.queued(), pool.availableMemory()]).toEqual([0, 80])
    }),
    { numRuns: 60, seed: 20 },
  )
})
