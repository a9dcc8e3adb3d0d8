/**
 * Exercise 2: reserving.
 *
 * The first in line was woken, and no buffer of just its size is there. Reserve for it what is
 * there, but not more than it still needs. What is kept in the free list counts as well.
 *
 * Given: `waiter.size`, what it wants; `waiter.accumulated`, what is reserved for it already;
 * `this['nonPooledAvailableMemory']`, the unallocated bytes; and `this['freeUp'](bytes)`, which
 * dissolves kept buffers until so many bytes are unallocated or none is left. Return nothing.
 *
 *     npm run exercise 7/2
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import type { BufferPool, Waiter } from '../../../src/producer/internals/BufferPool.ts'

export const exercise = defineExercise({
  title: 'Reserving',
  replaces: 'src/producer/internals/BufferPool.ts#BufferPool.accumulate',
  tests: [/takes what comes back in parts/, /who is reserving/, /leaves something over/],
})

export function accumulate(this: BufferPool, waiter: Waiter): void {
  notWrittenYet(this, waiter)
}
