/**
 * Exercise 1, one answer: dissolving.
 *
 * Nothing is done to the buffer itself. Forgetting it is all.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import type { BufferPool } from '../../../../src/producer/internals/BufferPool.ts'

export const exercise = defineExercise({
  title: 'Dissolving',
  replaces: 'src/producer/internals/BufferPool.ts#BufferPool.freeUp',
  tests: [/kept buffers dissolve/, /any other size is counted/],
})

export function freeUp(this: BufferPool, sizeBytes: number): void {
  let buffer = this['nonPooledAvailableMemory'] < sizeBytes ? this['free'].pollLast() : undefined
  while (buffer !== undefined) {
    this['nonPooledAvailableMemory'] += buffer.capacity
    const enough = this['nonPooledAvailableMemory'] >= sizeBytes
    buffer = enough ? undefined : this['free'].pollLast()
  }
}
