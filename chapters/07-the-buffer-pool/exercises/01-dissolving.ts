/**
 * Exercise 1: dissolving.
 *
 * A buffer of another size than the usual one is asked for, and there are not enough unallocated
 * bytes. Dissolve kept buffers, the last to have come back first, until `sizeBytes` bytes are
 * unallocated or none is left.
 *
 * Given: `this['free']`, the kept buffers, an `ArrayDeque`; and `this['nonPooledAvailableMemory']`,
 * the number of unallocated bytes. Return nothing.
 *
 *     npm run exercise 7/1
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import type { BufferPool } from '../../../src/producer/internals/BufferPool.ts'

export const exercise = defineExercise({
  title: 'Dissolving',
  replaces: 'src/producer/internals/BufferPool.ts#BufferPool.freeUp',
  tests: [/kept buffers dissolve/, /any other size is counted/],
})

export function freeUp(this: BufferPool, sizeBytes: number): void {
  notWrittenYet(this, sizeBytes)
}
