/**
 * A limit on the bytes that are outstanding; the buffers themselves are new ones.
 *
 *     strict      a request is served when it fits entirely
 *     not strict  a request is served while anything is left: the pool may go below zero by one
 *                 request, and a frame as large as the pool can always be read in the end
 *
 * I1  available = size − Σ outstanding.
 * I2  A buffer comes back once, and only to the pool that gave it.
 *
 * @kafka org.apache.kafka.common.memory.SimpleMemoryPool
 * @simplified keeps track of its buffers, so that a buffer given back twice is told at once; in
 *   Java that is `GarbageCollectedMemoryPool`'s part. No sensor for the time without memory.
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { IllegalArgumentException } from '../common/errors.ts'
import type { MemoryPool } from './MemoryPool.ts'

export interface SimpleMemoryPoolOptions {
  sizeBytes: number
  /** The largest single request; at most `sizeBytes`. */
  maxSingleAllocationBytes: number
  /** Whether a request must fit entirely. */
  strict: boolean
}

export class SimpleMemoryPool implements MemoryPool {
  private readonly sizeBytes: number
  private readonly maxSingleAllocationBytes: number
  private readonly strict: boolean
  private readonly outstanding = new Set<ByteBuffer>()
  private available: number

  constructor(options: SimpleMemoryPoolOptions) {
    const { sizeBytes, maxSingleAllocationBytes, strict } = options
    if (!(sizeBytes > 0 && maxSingleAllocationBytes > 0 && maxSingleAllocationBytes <= sizeBytes)) {
      throw new IllegalArgumentException(
        'A memory pool needs a positive size and a largest request of at most that size, got ' +
          `${sizeBytes} and ${maxSingleAllocationBytes}`,
      )
    }
    this.sizeBytes = this.available = sizeBytes
    this.maxSingleAllocationBytes = maxSingleAllocationBytes
    this.strict = strict
  }

  tryAllocate(sizeBytes: number): ByteBuffer | null {
    if (!(sizeBytes >= 1)) {
      throw new IllegalArgumentException(`Cannot allocate ${sizeBytes} bytes: ask for 1 or more`)
    }
    if (sizeBytes > this.maxSingleAllocationBytes) {
      const largest = this.maxSingleAllocationBytes
      throw new IllegalArgumentException(
        `Cannot allocate ${sizeBytes} bytes: the largest request is ${largest}`,
      )
    }
    if (this.available < (this.strict ? sizeBytes : 1)) return null
    const buffer = ByteBuffer.allocate(sizeBytes)
    this.available -= sizeBytes
    this.outstanding.add(buffer)
    return buffer
  }

  release(previouslyAllocated: ByteBuffer): void {
    if (!this.outstanding.delete(previouslyAllocated)) {
      throw new IllegalArgumentException(
        `${previouslyAllocated} is not outstanding: it was released before, or is of another pool`,
      )
    }
    this.available += previouslyAllocated.capacity
  }

  size(): number {
    return this.sizeBytes
  }

  availableMemory(): number {
    return this.available
  }

  isOutOfMemory(): boolean {
    return this.available <= 0
  }

  toString(): string {
    return `SimpleMemoryPool{${this.sizeBytes - this.available}/${this.sizeBytes} bytes used}`
  }
}
