/**
 * Exercise 3, one answer: standing in line.
 *
 * `finally` does not ask how it ended. What was reserved goes back unless it was used, and that is
 * said by one line: `accumulated = 0` once the waiter is served.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import { KafkaException } from '../../../../src/common/errors.ts'
import type { BufferPool, Grant, Waiter } from '../../../../src/producer/internals/BufferPool.ts'

export const exercise = defineExercise({
  title: 'Standing in line',
  replaces: 'src/producer/internals/BufferPool.ts#BufferPool.standInLine',
  tests: [/who waits/, /who passes/, /how waiting ends/],
})

export async function standInLine(this: BufferPool, waiter: Waiter): Promise<Grant> {
  const { size, sinceMs, maxTimeToBlockMs, moreMemory } = waiter
  const time = this['time']
  let pooled: ReturnType<BufferPool['free']['pollFirst']>
  try {
    while (pooled === undefined && waiter.accumulated < size) {
      const waitedMs = time.milliseconds() - sinceMs
      const inTime = await moreMemory.await(Math.max(0, maxTimeToBlockMs - waitedMs))
      if (this['closed']) throw new KafkaException('Producer closed while allocating memory')
      if (!inTime) throw this['exhausted'](size, maxTimeToBlockMs, waiter.accumulated)
      const fits = waiter.accumulated === 0 && size === this.poolableSize
      pooled = fits ? this['free'].pollFirst() : undefined
      if (pooled === undefined) this['accumulate'](waiter)
    }
    waiter.accumulated = 0
  } finally {
    this['nonPooledAvailableMemory'] += waiter.accumulated
    waiter.accumulated = 0
    this['waiters'].remove(waiter)
    this['signalFirst']()
  }
  return this['grant'](size, pooled, time.milliseconds() - sinceMs)
}
