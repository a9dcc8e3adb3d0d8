/**
 * Exercise 3: who has run out of time.
 *
 * Go through all queues, and take out every batch that has reached `delivery.timeout.ms`. Return
 * them in the order in which they would have been sent. A queue is in order of age, so in each you
 * are done at the first batch that has time left; that one may be the next to expire, so report it
 * with `this.maybeUpdateNextBatchExpiryTime(batch)`. Call `batch.abortRecordAppends()` on each that
 * you take out: nobody will read its records any more.
 *
 * Given: `this.topicInfos()`, each with its queues in `batches.values()`; of a queue `peekFirst()`
 * and `pollFirst()`; `batch.hasReachedDeliveryTimeout(deliveryTimeoutMs, nowMs)`.
 *
 *     npm run exercise 6/3
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import type { BatchQueues } from '../../../src/producer/internals/BatchQueues.ts'
import type { ProducerBatch } from '../../../src/producer/internals/ProducerBatch.ts'

export const exercise = defineExercise({
  title: 'Who has run out of time',
  replaces: 'src/producer/internals/BatchQueues.ts#BatchQueues.expiredBatches',
  tests: [/^expiry > /],
})

export function expiredBatches(this: BatchQueues, nowMs: number): ProducerBatch[] {
  const { deliveryTimeoutMs } = this['options']
  return notWrittenYet(this, deliveryTimeoutMs, nowMs)
}
