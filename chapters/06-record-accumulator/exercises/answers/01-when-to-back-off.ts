/**
 * Exercise 1, one answer: when a failed batch waits.
 *
 * The order of the questions matters little, but the cheap one first: nearly every batch was never
 * tried, and `backoff` draws a random number each time it is asked.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import type { ExponentialBackoff } from '../../../../src/common/ExponentialBackoff.ts'
import type { ProducerBatch } from '../../../../src/producer/internals/ProducerBatch.ts'

export const exercise = defineExercise({
  title: 'When a failed batch waits',
  replaces: 'src/producer/internals/ReadyCheck.ts#shouldBackoff',
  tests: [/backs off after a failed try/, /without a back-off when another broker leads/],
})

export const shouldBackoff = (
  batch: ProducerBatch,
  waitedMs: number,
  retryBackoff: ExponentialBackoff,
): boolean => {
  const attempts = batch.attempts()
  if (attempts === 0) return false
  if (batch.hasLeaderChangedForTheOngoingRetry()) return false
  return waitedMs < retryBackoff.backoff(attempts - 1)
}
