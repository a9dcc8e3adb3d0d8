/**
 * A bound on the memory that receives may hold: asked before a frame's bytes are read, and never
 * waited for.
 *
 * A broker that takes in what all its clients send at once could run out of memory. With a pool,
 * a channel whose frame finds no memory mutes itself, and its peer is held back by the socket.
 *
 * @kafka org.apache.kafka.common.memory.MemoryPool
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'

export interface MemoryPool {
  /**
   * A buffer of exactly `sizeBytes`, or `null` when there is no memory now. What was allocated must
   * be released.
   */
  tryAllocate(sizeBytes: number): ByteBuffer | null
  /** Gives back what `tryAllocate` returned; after that its bytes belong to somebody else. */
  release(previouslyAllocated: ByteBuffer): void
  /** Bytes in all; `Infinity` without bound. */
  size(): number
  /** May be negative: a pool may give more than it has, so that one large frame does not starve. */
  availableMemory(): number
  /** Nothing can be allocated before something is released. */
  isOutOfMemory(): boolean
}

/** Without bound: the clients' choice, whose requests bound their responses. */
const NONE: MemoryPool = {
  tryAllocate: (sizeBytes) => ByteBuffer.allocate(sizeBytes),
  release: () => {},
  size: () => Number.POSITIVE_INFINITY,
  availableMemory: () => Number.POSITIVE_INFINITY,
  isOutOfMemory: () => false,
}

export const MemoryPool = { NONE } as const
