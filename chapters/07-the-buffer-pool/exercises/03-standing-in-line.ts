/**
 * Exercise 3: standing in line.
 *
 * `waiter` stands at the end of `this['waiters']`. Wait for its bell, `waiter.moreMemory`, until it
 * has what it wants, and return the `Grant`.
 *
 * Each time it is woken: throw the pool's error when the pool was closed, throw `exhausted` when
 * the time was over, else take a kept buffer if it is of just the size and nothing is reserved yet,
 * else reserve what is there. However it ends, the waiter leaves the line, what is reserved for it
 * and was not used goes back, and the next in line is woken.
 *
 * Given: `waiter.moreMemory.await(ms)`, which resolves to `false` when the time was over;
 * `this['closed']`, `this['free']`, `this['accumulate'](waiter)`, `this['signalFirst']()`,
 * `this['exhausted'](size, maxTimeToBlockMs, reserved)`, which makes the error; and
 * `this['grant'](size, pooled, waitedMs)`, which makes what you return.
 *
 *     npm run exercise 7/3
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import type { BufferPool, Grant, Waiter } from '../../../src/producer/internals/BufferPool.ts'

export const exercise = defineExercise({
  title: 'Standing in line',
  replaces: 'src/producer/internals/BufferPool.ts#BufferPool.standInLine',
  tests: [/who waits/, /who passes/, /how waiting ends/],
})

export async function standInLine(this: BufferPool, waiter: Waiter): Promise<Grant> {
  return notWrittenYet(this, waiter)
}
