/**
 * The memory budget of a producer: `buffer.memory` bytes, handed out as buffers, with a line of
 * those who wait.
 *
 *     ├──────────────────────── totalMemory ────────────────────────┤
 *     │ in batches │ free: buffers of batch.size │ nonPooledAvailable │
 *                    ▲ the last to come back is taken first: it is still in the cache
 *
 * Buffers of one size (`batch.size`) are kept and used again, which spares the collector 16 KiB at
 * a time. A record too large for that gets a buffer of its own size, and that memory is only
 * counted, not kept.
 *
 * When memory has run out, `allocate` gives a promise instead of a buffer. Who waits stands in a
 * line: what comes back goes to the first, even when it is not enough for it yet, so that one large
 * request is not passed for ever by small ones. It keeps its share until it has all of it or its
 * time is over.
 *
 * Java's waiters are threads that `deallocate` wakes; here `deallocate` itself hands the memory
 * over, so no other caller can take it between the signal and the waking.
 *
 * I1  nonPooledAvailable + free · poolableSize + granted to waiters + in use = totalMemory.
 * I2  While somebody waits, nothing is left over: `availableMemory()` is 0.
 * I3  Waiters are served in the order in which they came.
 *
 * @kafka org.apache.kafka.clients.producer.internals.BufferPool
 * @simplified the wait-time and exhausted-records metrics come with the metrics.
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import {
  BufferExhaustedException,
  IllegalArgumentException,
  KafkaException,
} from '../../common/errors.ts'
import type { Scheduled, Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import { ArrayDeque } from './ArrayDeque.ts'

export interface BufferPoolOptions {
  /** All bytes this pool may hand out: `buffer.memory`. */
  readonly memory: number
  /** Bytes of the buffers that are kept for use again: `batch.size`. */
  readonly poolableSize: number
  readonly time: Time
  readonly trace: Trace
}

/** A buffer, and how it was come by. */
interface Grant {
  readonly buffer: ByteBuffer
  /** From the free list. */
  readonly pooled: boolean
  readonly waitedMs: number
}

/** One request that could not be served at once. */
interface Waiter {
  readonly size: number
  readonly startMs: number
  readonly maxTimeToBlockMs: number
  /** Bytes that are reserved for it already. */
  accumulated: number
  readonly timeout: Scheduled
  readonly resolve: (grant: Grant) => void
  readonly reject: (error: unknown) => void
}

export class BufferPool {
  readonly totalMemory: number
  readonly poolableSize: number
  private readonly time: Time
  private readonly trace: Trace
  private readonly free = new ArrayDeque<ByteBuffer>()
  private readonly waiters = new ArrayDeque<Waiter>()
  private nonPooledAvailableMemory: number
  private closed = false

  constructor(options: BufferPoolOptions) {
    this.totalMemory = this.nonPooledAvailableMemory = options.memory
    this.poolableSize = options.poolableSize
    this.time = options.time
    this.trace = options.trace
  }

  /**
   * A buffer of `size` bytes: at once when memory is at hand, else a promise that waits its turn.
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
    const pooled = size === this.poolableSize ? this.free.pollLast() : undefined
    if (pooled !== undefined) return given({ buffer: pooled, pooled: true, waitedMs: 0 })
    if (this.availableMemory() < size) return this.waitInLine(size, maxTimeToBlockMs).then(given)
    return given({ buffer: this.takeNonPooled(size), pooled: false, waitedMs: 0 })
  }

  /**
   * Gives a buffer back, and what it frees to whoever waits.
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
    this.serveWaiters()
    if (this.trace.enabled) {
      this.trace.emit('producer.bufferPool.deallocate', {
        bytes: size,
        availableBytes: this.availableMemory(),
      })
    }
  }

  /**
   * Bytes that are neither in a batch nor granted to a waiter: unallocated, or in the free list.
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
    for (let waiter = this.waiters.peekFirst(); waiter; waiter = this.waiters.peekFirst()) {
      this.leaveLine(waiter)
      waiter.reject(producerClosed())
    }
  }

  /** Makes the bytes; a seam for a test whose machine has no memory left. */
  protected allocateByteBuffer(size: number): ByteBuffer {
    return ByteBuffer.allocate(size)
  }

  /**
   * Dissolves pooled buffers, the ones unused for longest first, until `size` bytes are unallocated
   * or none is left.
   */
  private freeUp(size: number): void {
    while (this.nonPooledAvailableMemory < size) {
      const pooled = this.free.pollFirst()
      if (pooled === undefined) return
      this.nonPooledAvailableMemory += pooled.capacity
    }
  }

  private takeNonPooled(size: number): ByteBuffer {
    this.freeUp(size)
    this.nonPooledAvailableMemory -= size
    return this.safeAllocateByteBuffer(size)
  }

  /** When the machine itself refuses, the budget gets back what was taken from it. */
  private safeAllocateByteBuffer(size: number): ByteBuffer {
    try {
      return this.allocateByteBuffer(size)
    } catch (error) {
      this.nonPooledAvailableMemory += size
      this.serveWaiters()
      throw error
    }
  }

  private waitInLine(size: number, maxTimeToBlockMs: number): Promise<Grant> {
    if (maxTimeToBlockMs <= 0) throw this.exhausted(size, maxTimeToBlockMs)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        size,
        startMs: this.time.milliseconds(),
        maxTimeToBlockMs,
        accumulated: 0,
        timeout: this.time.schedule(maxTimeToBlockMs, () => this.giveUp(waiter)),
        resolve,
        reject,
      }
      this.waiters.addLast(waiter)
      // What is there is not enough for it, but it is the first in line to have it.
      this.serveWaiters()
    })
  }

  /**
   * I2, I3: hands what is there to the first in line, then to the next, until there is nothing
   * left.
   */
  private serveWaiters(): void {
    while (this.availableMemory() > 0) {
      const waiter = this.waiters.peekFirst()
      if (waiter === undefined) return
      if (waiter.accumulated === 0 && waiter.size === this.poolableSize && !this.free.isEmpty()) {
        this.grant(waiter, this.free.pollLast())
        continue
      }
      this.freeUp(waiter.size - waiter.accumulated)
      const got = Math.min(waiter.size - waiter.accumulated, this.nonPooledAvailableMemory)
      this.nonPooledAvailableMemory -= got
      waiter.accumulated += got
      if (waiter.accumulated === waiter.size) this.grant(waiter, undefined)
    }
  }

  private grant(waiter: Waiter, pooled: ByteBuffer | undefined): void {
    // From here on the bytes belong to the buffer: leaving the line must not count them as free
    // again.
    waiter.accumulated = 0
    this.leaveLine(waiter)
    try {
      const buffer = pooled ?? this.safeAllocateByteBuffer(waiter.size)
      const waitedMs = this.time.milliseconds() - waiter.startMs
      waiter.resolve({ buffer, pooled: pooled !== undefined, waitedMs })
    } catch (error) {
      waiter.reject(error)
    }
  }

  private giveUp(waiter: Waiter): void {
    this.leaveLine(waiter)
    waiter.reject(this.exhausted(waiter.size, waiter.maxTimeToBlockMs))
    this.serveWaiters()
  }

  /** Out of the line, with its share given back. */
  private leaveLine(waiter: Waiter): void {
    waiter.timeout.cancel()
    this.waiters.remove(waiter)
    this.nonPooledAvailableMemory += waiter.accumulated
    waiter.accumulated = 0
  }

  private exhausted(size: number, maxTimeToBlockMs: number): BufferExhaustedException {
    return new BufferExhaustedException(
      `Failed to allocate ${size} bytes within the ${maxTimeToBlockMs} ms that were left of ` +
        `'max.block.ms': of ${this.totalMemory} bytes ${this.availableMemory()} are available. ` +
        'Records are sent faster than they can be delivered: wait for earlier ones, or raise ' +
        "'buffer.memory' or 'max.block.ms'.",
    )
  }
}

const producerClosed = (): KafkaException =>
  new KafkaException('Producer closed while allocating memory')
