/**
 * The memory budget of a producer: `buffer.memory` bytes, handed out as buffers, with a line of
 * those who wait.
 *
 *     │ in use by batches │ reserved by waiters │ free: batch.size each │ unallocated │
 *     └────────────────────────── totalMemory: buffer.memory ────────────────────────┘
 *
 * Buffers of one size (`batch.size`) are kept and used again, which spares the collector 16 KiB at
 * a time. A record too large for that gets a buffer of its own size, and that memory is only
 * counted, not kept.
 *
 * When memory has run out, `allocate` gives a promise instead of a buffer. Who waits stands in a
 * line. What comes back is announced to the first: it wakes, takes what is there then, and keeps it
 * even when that is not enough yet, until it has all of it or its time is over. So a large request
 * is not passed for ever by small ones that stand behind it.
 *
 * Others may pass it: `allocate` looks at the memory first, and at the line only when there is not
 * enough. Two moments are open to that, here as in Java. A waiter that has joined the line takes
 * nothing before it is woken for the first time. And between the announcement and its waking, other
 * code runs.
 *
 *     deallocate ─► signal ─ ─ ─ ─ ─ ─ ─► the first in line wakes, and takes what is there
 *                             ▲
 *                             a newcomer's allocate finds the memory, and takes it
 *
 * I1  unallocated + free · poolableSize + reserved by waiters + in use = totalMemory.
 * I2  Whoever changes what is there wakes the first in line, when something is left for it.
 * I3  Among those who wait, only the first takes memory.
 * I4  A waiter that leaves empty-handed leaves its reserved bytes behind.
 *
 * @kafka org.apache.kafka.clients.producer.internals.BufferPool
 * @simplified Java waits also when there is no time to (`max.block.ms` used up) and finds that out
 *   when it wakes.
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { Condition } from '../../common/Condition.ts'
import {
  BufferExhaustedException,
  IllegalArgumentException,
  KafkaException,
} from '../../common/errors.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import { ArrayDeque } from './ArrayDeque.ts'
import type { BufferPoolMetrics } from './BufferPoolMetrics.ts'
import type { BufferPoolSnapshot } from './ProducerSnapshot.ts'

export interface BufferPoolOptions {
  /** All bytes this pool may hand out: `buffer.memory`. */
  readonly memory: number
  /** Bytes of the buffers that are kept for use again: `batch.size`. */
  readonly poolableSize: number
  readonly time: Time
  readonly trace: Trace
  /** Default: nothing is recorded. */
  readonly metrics?: BufferPoolMetrics
}

/** A buffer, and how it was come by. */
export interface Grant {
  readonly buffer: ByteBuffer
  /** From the free list. */
  readonly pooled: boolean
  readonly waitedMs: number
}

/** One request that could not be served at once. */
export interface Waiter {
  /** Counts all who ever waited, from 0. */
  readonly number: number
  readonly size: number
  readonly sinceMs: number
  readonly maxTimeToBlockMs: number
  readonly moreMemory: Condition
  /** Bytes that are reserved for it already. */
  accumulated: number
}

export class BufferPool {
  readonly totalMemory: number
  readonly poolableSize: number
  private readonly time: Time
  private readonly trace: Trace
  private readonly metrics: BufferPoolMetrics | undefined
  private readonly free = new ArrayDeque<ByteBuffer>()
  private readonly waiters = new ArrayDeque<Waiter>()
  private nonPooledAvailableMemory: number
  private waited = 0
  private closed = false

  constructor(options: BufferPoolOptions) {
    this.totalMemory = this.nonPooledAvailableMemory = options.memory
    this.poolableSize = options.poolableSize
    this.time = options.time
    this.trace = options.trace
    this.metrics = options.metrics
    this.metrics?.registerGauges(this)
  }

  /**
   * A buffer of `size` bytes: at once when memory is at hand, else a promise that stands in line.
   *
   * @param maxTimeToBlockMs how long the promise may wait
   * @throws IllegalArgumentException when `size` is more than the whole pool: it could never be
   *   served
   * @throws KafkaException when the pool is closed, now or while waiting
   * @throws BufferExhaustedException when the time is over
   */
  allocate(size: number, maxTimeToBlockMs: number): ByteBuffer | Promise<ByteBuffer> {
    if (size > this.totalMemory) {
      throw new IllegalArgumentException(
        `Cannot allocate ${size} bytes: the pool has ${this.totalMemory} bytes in all. ` +
          `Raise 'buffer.memory', or send smaller records.`,
      )
    }
    if (this.closed) throw producerClosed()

    const given = ({ buffer, pooled, waitedMs }: Grant): ByteBuffer => {
      if (this.trace.enabled) {
        const availableBytes = this.availableMemory()
        const fields = { bytes: size, pooled, waitedMs, availableBytes }
        this.trace.emit('producer.bufferPool.allocate', fields)
      }
      return buffer
    }
    // The memory comes first, whoever stands in line.
    const grant = this.takeAtOnce(size)
    return grant === null ? this.waitForMemory(size, maxTimeToBlockMs).then(given) : given(grant)
  }

  /**
   * Gives a buffer back, and announces it to the first in line.
   *
   * @param size the bytes that were allocated: less than the buffer's capacity when its user
   *   replaced it by a larger one
   */
  deallocate(buffer: ByteBuffer, size: number = buffer.capacity): void {
    if (size === this.poolableSize && size === buffer.capacity) {
      this.free.addLast(buffer.clear())
    } else {
      this.nonPooledAvailableMemory += size
    }
    this.signalFirst()
    if (this.trace.enabled) {
      this.trace.emit('producer.bufferPool.deallocate', {
        bytes: size,
        availableBytes: this.availableMemory(),
      })
    }
  }

  /**
   * Bytes that are neither in a batch nor reserved by a waiter: unallocated, or in the free list.
   */
  availableMemory(): number {
    return this.nonPooledAvailableMemory + this.free.size * this.poolableSize
  }

  /** Bytes that were never made into a pooled buffer, or are so no longer. */
  unallocatedMemory(): number {
    return this.nonPooledAvailableMemory
  }

  /** How many stand in line. The accumulator sends every batch at once while this is above 0. */
  queued(): number {
    return this.waiters.size
  }

  /** From now on nothing is allocated; who waits is told so. Buffers may still come back. */
  close(): void {
    this.closed = true
    for (const { moreMemory } of this.waiters) moreMemory.signal()
  }

  /** What is where, at this moment. */
  snapshot(): BufferPoolSnapshot {
    const waiters = Array.from(this.waiters, (waiter) => ({
      number: waiter.number,
      bytes: waiter.size,
      accumulated: waiter.accumulated,
      sinceMs: waiter.sinceMs,
      maxBlockMs: waiter.maxTimeToBlockMs,
    }))
    const reservedBytes = waiters.reduce((sum, { accumulated }) => sum + accumulated, 0)
    return {
      totalBytes: this.totalMemory,
      poolableBytes: this.poolableSize,
      freeBuffers: this.free.size,
      unallocatedBytes: this.nonPooledAvailableMemory,
      inUseBytes: this.totalMemory - this.availableMemory() - reservedBytes,
      waiters,
    }
  }

  toString(): string {
    return (
      `BufferPool(${this.availableMemory()} of ${this.totalMemory} bytes available, ` +
      `${this.waiters.size} waiting)`
    )
  }

  /** Makes the bytes; a seam for a test whose machine has no memory left. */
  protected allocateByteBuffer(size: number): ByteBuffer {
    return ByteBuffer.allocate(size)
  }

  /** A seam for a test whose metrics fail. */
  protected recordWaitTime(waitedMs: number): void {
    this.metrics?.recordWaitTime(waitedMs)
  }

  /**
   * Dissolves pooled buffers, the last to have come back first, until `size` bytes are unallocated
   * or none is left.
   */
  private freeUp(size: number): void {
    while (this.nonPooledAvailableMemory < size) {
      const pooled = this.free.pollLast()
      if (pooled === undefined) return
      this.nonPooledAvailableMemory += pooled.capacity
    }
  }

  /** `null`: there is not enough. */
  private takeAtOnce(size: number): Grant | null {
    const pooled = size === this.poolableSize ? this.free.pollFirst() : undefined
    if (pooled === undefined) {
      if (this.availableMemory() < size) return null
      this.freeUp(size)
      this.nonPooledAvailableMemory -= size
    }
    this.signalFirst()
    return this.grant(size, pooled, 0)
  }

  private waitForMemory(size: number, maxTimeToBlockMs: number): Promise<Grant> {
    if (maxTimeToBlockMs <= 0) throw this.exhausted(size, maxTimeToBlockMs, 0)
    const waiter: Waiter = {
      number: this.waited++,
      size,
      sinceMs: this.time.milliseconds(),
      maxTimeToBlockMs,
      moreMemory: new Condition(this.time),
      accumulated: 0,
    }
    this.waiters.addLast(waiter)
    if (this.trace.enabled) {
      const availableBytes = this.availableMemory()
      const queued = this.waiters.size
      this.trace.emit('producer.bufferPool.wait', { bytes: size, queued, availableBytes })
    }
    return this.standInLine(waiter)
  }

  private async standInLine(waiter: Waiter): Promise<Grant> {
    const { size, sinceMs, maxTimeToBlockMs } = waiter
    let pooled: ByteBuffer | undefined
    try {
      while (waiter.accumulated < size && pooled === undefined) {
        const leftMs = maxTimeToBlockMs - (this.time.milliseconds() - sinceMs)
        const startMs = this.time.hiResClockMs()
        const signalled = await waiter.moreMemory.await(Math.max(0, leftMs))
        this.recordWaitTime(this.time.hiResClockMs() - startMs)
        if (this.closed) throw producerClosed()
        if (!signalled) throw this.exhausted(size, maxTimeToBlockMs, waiter.accumulated)
        if (waiter.accumulated === 0 && size === this.poolableSize) pooled = this.free.pollFirst()
        if (pooled === undefined) this.accumulate(waiter)
      }
      // From here on the bytes are the buffer's: leaving the line must not count them as free.
      waiter.accumulated = 0
    } finally {
      this.nonPooledAvailableMemory += waiter.accumulated
      waiter.accumulated = 0
      this.waiters.remove(waiter)
      this.signalFirst()
    }
    return this.grant(size, pooled, this.time.milliseconds() - sinceMs)
  }

  /** Reserves what is there, as far as the waiter still needs it. */
  private accumulate(waiter: Waiter): void {
    const missing = waiter.size - waiter.accumulated
    this.freeUp(missing)
    const got = Math.min(missing, this.nonPooledAvailableMemory)
    this.nonPooledAvailableMemory -= got
    waiter.accumulated += got
    if (this.trace.enabled && got > 0) {
      const { size, accumulated } = waiter
      this.trace.emit('producer.bufferPool.accumulate', { bytes: size, got, accumulated })
    }
  }

  /** I2. */
  private signalFirst(): void {
    if (this.waiters.isEmpty()) return
    if (this.nonPooledAvailableMemory > 0 || !this.free.isEmpty()) {
      this.waiters.peekFirst()?.moreMemory.signal()
    }
  }

  /** @param pooled from the free list; else the bytes are made now, and are paid for already */
  private grant(size: number, pooled: ByteBuffer | undefined, waitedMs: number): Grant {
    const buffer = pooled ?? this.safeAllocateByteBuffer(size)
    return { buffer, pooled: pooled !== undefined, waitedMs }
  }

  /** When the machine itself refuses, the budget gets back what was taken from it. */
  private safeAllocateByteBuffer(size: number): ByteBuffer {
    try {
      return this.allocateByteBuffer(size)
    } catch (error) {
      this.nonPooledAvailableMemory += size
      this.signalFirst()
      throw error
    }
  }

  private exhausted(size: number, timeMs: number, reserved: number): BufferExhaustedException {
    this.metrics?.recordExhausted()
    if (this.trace.enabled) {
      this.trace.emit('producer.bufferPool.exhausted', { bytes: size, reserved, waitedMs: timeMs })
    }
    return new BufferExhaustedException(
      `Failed to allocate ${size} bytes within the ${timeMs} ms that were left of ` +
        `'max.block.ms': of ${this.totalMemory} bytes ${this.availableMemory()} are available. ` +
        'Records are sent faster than they can be delivered: wait for earlier ones, or raise ' +
        "'buffer.memory' or 'max.block.ms'.",
    )
  }
}

const producerClosed = (): KafkaException =>
  new KafkaException('Producer closed while allocating memory')
