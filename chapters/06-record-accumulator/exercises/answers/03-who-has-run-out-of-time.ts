/**
 * Exercise 3, one answer: who has run out of time.
 *
 * Look first, take afterwards: what is taken out of the front cannot be left there any more. The
 * early end of the inner loop is what makes this cheap: of a queue of a thousand batches one is
 * looked at, as long as nothing has expired.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import type { BatchQueues } from '../../../../src/producer/internals/BatchQueues.ts'
import type { ProducerBatch } from '../../../../src/producer/internals/ProducerBatch.ts'
import type { BatchDeque } from '../../../../src/producer/internals/TopicInfo.ts'

export const exercise = defineExercise({
  title: 'Who has run out of time',
  replaces: 'src/producer/internals/BatchQueues.ts#BatchQueues.expiredBatches',
  tests: [/^expiry > /],
})

export function expiredBatches(this: BatchQueues, nowMs: number): ProducerBatch[] {
  const { deliveryTimeoutMs } = this['options']
  const expired: ProducerBatch[] = []
  const late = (batch: ProducerBatch): boolean =>
    batch.hasReachedDeliveryTimeout(deliveryTimeoutMs, nowMs)
  for (const { batches } of this.topicInfos()) {
    for (const deque of batches.values()) {
      expired.push(...takeWhile(deque, late))
      const next = deque.peekFirst()
      if (next !== undefined) this.maybeUpdateNextBatchExpiryTime(next)
    }
  }
  return expired
}

const takeWhile = (deque: BatchDeque, late: (batch: ProducerBatch) => boolean): ProducerBatch[] => {
  const taken: ProducerBatch[] = []
  for (let first = deque.peekFirst(); first !== undefined && late(first); ) {
    deque.pollFirst()
    first.abortRecordAppends()
    taken.push(first)
    first = deque.peekFirst()
  }
  return taken
}
