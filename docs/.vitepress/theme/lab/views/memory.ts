/**
 * The producer's memory as a bar: what holds it, what is reserved, what is free.
 *
 *     ▨ 3 ▨│▨ 5 ▨│▨▨ others ▨▨│╌ reserved ╌│□ free buffer □│      unallocated      │
 *
 * I1  The pieces do not overlap, and together they are the whole of `buffer.memory`.
 */

import type { BufferPoolSnapshot } from '../../../../../lab/snapshots.ts'

export interface Holder {
  /** `4` for batch 4. */
  readonly name: string
  readonly bytes: number
}

export interface MemoryPiece {
  readonly key: string
  readonly kind: 'held' | 'reserved' | 'free' | 'unallocated'
  readonly name: string
  readonly bytes: number
  /** Both 0…1 of the whole. */
  readonly from: number
  readonly share: number
}

/** @param holders who holds memory, as far as it is known; the rest is shown without a name */
export const memoryPiecesOf = (
  pool: BufferPoolSnapshot,
  holders: readonly Holder[],
): MemoryPiece[] => {
  const pieces: MemoryPiece[] = []
  let from = 0
  const add = (key: string, kind: MemoryPiece['kind'], name: string, bytes: number): void => {
    if (bytes <= 0) return
    const share = bytes / pool.totalBytes
    pieces.push({ key, kind, name, bytes, from, share })
    from += share
  }
  let known = 0
  for (const { name, bytes } of holders) {
    const held = Math.min(bytes, pool.inUseBytes - known)
    known += held
    add(`held ${name}`, 'held', name, held)
  }
  add('held', 'held', '', pool.inUseBytes - known)
  for (const [i, { accumulated }] of pool.waiters.entries()) {
    add(`reserved ${i}`, 'reserved', '', accumulated)
  }
  for (let i = 0; i < pool.freeBuffers; i++) add(`free ${i}`, 'free', '', pool.poolableBytes)
  add('unallocated', 'unallocated', '', pool.unallocatedBytes)
  return pieces
}
