/**
 * Exercise 2, one answer: a guess that learns.
 *
 * `Math.max` does two different things here. In the first case it takes the larger of two rises, in
 * the second it stops a fall. Together they keep the estimate from ever being below what was just
 * observed.
 */

import { defineExercise } from '../../../../scripts/book/try/Exercise.ts'
import {
  COMPRESSION_RATIO_DETERIORATE_STEP,
  COMPRESSION_RATIO_IMPROVING_STEP,
  CompressionRatioEstimator,
} from '../../../../src/record/CompressionRatioEstimator.ts'
import type { CompressionType } from '../../../../src/record/CompressionType.ts'

export const exercise = defineExercise({
  title: 'A guess that learns',
  replaces: 'src/record/CompressionRatioEstimator.ts#CompressionRatioEstimator.updateEstimation',
  tests: [/learnt from closed batches/],
})

export class MyEstimator extends CompressionRatioEstimator {
  override updateEstimation(topic: string, type: CompressionType, observedRatio: number): number {
    const current = this.estimation(topic, type)
    if (observedRatio === current) return current
    const step =
      observedRatio > current
        ? COMPRESSION_RATIO_DETERIORATE_STEP
        : -COMPRESSION_RATIO_IMPROVING_STEP
    const updated = Math.max(current + step, observedRatio)
    this.setEstimation(topic, type, updated)
    return updated
  }
}
