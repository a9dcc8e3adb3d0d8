/** What all batches of one producer share: the seams, and what is learnt from batch to batch. */

import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type { CompressionRatioEstimator } from '../../record/CompressionRatioEstimator.ts'
import type { UnobservedFailures } from './UnobservedFailures.ts'

export interface ProducerBatchContext {
  readonly time: Time
  readonly logger: Logger
  readonly trace: Trace
  readonly estimator: CompressionRatioEstimator
  readonly failures: UnobservedFailures
  /** How many there are so far, parts of split ones included. Each gets its number from here. */
  batchesMade: number
}
