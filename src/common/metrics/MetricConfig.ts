/**
 * How metrics are measured: over which windows, how many of them, in which detail, within which
 * bound.
 *
 *     samples = 3      │◄ timeWindowMs ►│◄ timeWindowMs ►│◄ … so far
 *                      └────────── what is measured is all of this ──────►│ now
 *
 * @kafka org.apache.kafka.common.metrics.MetricConfig
 * @simplified never changes once made: in Java each setter changes it for all who hold it.
 */

import { IllegalArgumentException } from '../errors.ts'
import type { MetricTags } from '../MetricName.ts'
import type { Quota } from './Quota.ts'
import type { RecordingLevel } from './RecordingLevel.ts'

export interface MetricConfigOptions {
  /** Default: no bound. */
  readonly quota?: Quota
  /** How many windows are kept; default 2 (`metrics.num.samples`). */
  readonly samples?: number
  /** After how many events a window is full; default never. */
  readonly eventWindow?: number
  /** After how long a window is full, milliseconds; default 30,000 (`metrics.sample.window.ms`). */
  readonly timeWindowMs?: number
  /** Tags of every metric; default none. */
  readonly tags?: MetricTags
  /** `metrics.recording.level`; default `INFO`. */
  readonly recordLevel?: RecordingLevel
}

export class MetricConfig {
  static readonly DEFAULT_NUM_SAMPLES = 2

  readonly quota: Quota | null
  readonly samples: number
  readonly eventWindow: number
  readonly timeWindowMs: number
  readonly tags: MetricTags
  readonly recordLevel: RecordingLevel

  /** @throws IllegalArgumentException for less than one sample */
  constructor(options: MetricConfigOptions = {}) {
    this.quota = options.quota ?? null
    this.samples = options.samples ?? MetricConfig.DEFAULT_NUM_SAMPLES
    this.eventWindow = options.eventWindow ?? Number.MAX_SAFE_INTEGER
    this.timeWindowMs = options.timeWindowMs ?? 30_000
    this.tags = options.tags ?? {}
    this.recordLevel = options.recordLevel ?? 'INFO'
    if (this.samples < 1) {
      throw new IllegalArgumentException(
        `The number of samples must be at least 1, and is ${this.samples}`,
      )
    }
  }
}
