/**
 * Exercise 1: when a failed batch waits.
 *
 * A batch that was tried and given back must not go again at once. Return whether it has to wait
 * on. One that was never tried does not wait. One that will go to a new leader does not either: the
 * trouble was with the old one. All others wait for a time that grows with the number of tries.
 *
 * Given: `batch.attempts()`, 0 before the first try was given back;
 * `batch.hasLeaderChangedForTheOngoingRetry()`; `waitedMs`, the time since it was given back; and
 * `retryBackoff.backoff(n)`, the wait before try n + 1 after the first one, counted from 0.
 *
 *     npm run exercise 6/1
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import type { ExponentialBackoff } from '../../../src/common/ExponentialBackoff.ts'
import type { ProducerBatch } from '../../../src/producer/internals/ProducerBatch.ts'

export const exercise = defineExercise({
  title: 'When a failed batch waits',
  replaces: 'src/producer/internals/ReadyCheck.ts#shouldBackoff',
  tests: [/backs off after a failed try/, /without a back-off when another broker leads/],
})

export const shouldBackoff = (
  batch: ProducerBatch,
  waitedMs: number,
  retryBackoff: ExponentialBackoff,
): boolean => notWrittenYet(batch, waitedMs, retryBackoff)
