/**
 * Exercise 2: a guess that learns.
 *
 * A batch of `topic` was closed, and its records came out at `observedRatio` of their size. Change
 * the estimate for that topic and codec, and return the new one. When it came out worse than
 * estimated, the estimate rises by 0.05, or to what was observed if that is more. When it came out
 * better, the estimate falls by 0.005, but not below what was observed.
 *
 * Given: `this.estimation(topic, type)` and `this.setEstimation(topic, type, ratio)`, and the two
 * steps as constants.
 *
 *     npm run exercise 6/2
 */

import { defineExercise, notWrittenYet } from '../../../scripts/book/try/Exercise.ts'
import {
  COMPRESSION_RATIO_DETERIORATE_STEP,
  COMPRESSION_RATIO_IMPROVING_STEP,
  CompressionRatioEstimator,
} from '../../../src/record/CompressionRatioEstimator.ts'
import type { CompressionType } from '../../../src/record/CompressionType.ts'

export const exercise = defineExercise({
  title: 'A guess that learns',
  replaces: 'src/record/CompressionRatioEstimator.ts#CompressionRatioEstimator.updateEstimation',
  tests: [/learnt from closed batches/],
})

export class MyEstimator extends CompressionRatioEstimator {
  override updateEstimation(topic: string, type: CompressionType, observedRatio: number): number {
    const steps = [COMPRESSION_RATIO_DETERIORATE_STEP, COMPRESSION_RATIO_IMPROVING_STEP]
    return notWrittenYet(this.estimation(topic, type), observedRatio, steps)
  }
}
