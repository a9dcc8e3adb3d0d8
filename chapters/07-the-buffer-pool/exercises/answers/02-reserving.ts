/**
 * Exercise 2, one answer: reserving.
 *
 * What leaves the one number enters the other: the budget stays whole.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import type { BufferPool, Waiter } from '../../../../src/producer/internals/BufferPool.ts'

export const exercise = defineExercise({
  title: 'Reserving',
  replaces: 'src/producer/internals/BufferPool.ts#BufferPool.accumulate',
  tests: [/takes what comes back in parts/, /who is reserving/, /leaves something over/],
})

export function accumulate(this: BufferPool, waiter: Waiter): void {
  const missing = waiter.size - waiter.accumulated
  this['freeUp'](missing)
  const got = Math.min(missing, this['nonPooledAvailableMemory'])
  this['nonPooledAvailableMemory'] -= got
  waiter.accumulated += got
}
