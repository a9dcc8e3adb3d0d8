/**
 * What a `RecordAccumulator` goes by: settings of the producer, and the seams.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator.PartitionerConfig
 */

import { RETRY_BACKOFF_EXP_BASE, RETRY_BACKOFF_JITTER } from '../../clients/CommonClientConfigs.ts'
import { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Random } from '../../common/Random.ts'
import type { Time } from '../../common/Time.ts'
import type { Trace } from '../../common/Trace.ts'
import type { CompressionRatioEstimator } from '../../record/CompressionRatioEstimator.ts'
import type { Compression } from '../../record/compress/Compression.ts'
import type { BufferPool } from './BufferPool.ts'
import type { TransactionManager } from './TransactionManager.ts'
import type { UnobservedFailures } from './UnobservedFailures.ts'

export interface RecordAccumulatorOptions {
  /** Bytes of a batch; a larger record gets a batch of its own. */
  readonly batchSize: number
  readonly compression: Compression
  readonly lingerMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly deliveryTimeoutMs: number
  /** Whether partitions with shorter queues are chosen more often. Default `false`. */
  readonly enableAdaptivePartitioning?: boolean
  /** Leave out brokers that take nothing for this long, milliseconds. Default 0: never. */
  readonly partitionAvailabilityTimeoutMs?: number
  /** How well topics compress. Default: one that has yet to learn. */
  readonly estimator?: CompressionRatioEstimator
  readonly bufferPool: BufferPool
  /** Numbers the batches; `null`, the default: the producer is not idempotent. */
  readonly transactionManager?: TransactionManager | null
  readonly failures: UnobservedFailures
  readonly time: Time
  readonly random: Random
  readonly logger: Logger
  readonly trace: Trace
}

/** How long a batch that failed stays back, by the number of its attempts. */
export const retryBackoffOf = (options: RecordAccumulatorOptions): ExponentialBackoff =>
  new ExponentialBackoff(
    options.retryBackoffMs,
    RETRY_BACKOFF_EXP_BASE,
    options.retryBackoffMaxMs,
    RETRY_BACKOFF_JITTER,
    options.random,
  )
