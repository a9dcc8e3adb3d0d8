/**
 * The smallest value over the samples; `NaN` while there is none.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Min
 */

import type { MetricConfig } from '../MetricConfig.ts'
import { type Sample, SampledStat } from './SampledStat.ts'

export class Min extends SampledStat {
  constructor() {
    super(Number.POSITIVE_INFINITY)
  }

  protected update(sample: Sample, _config: MetricConfig, value: number): void {
    sample.value = Math.min(sample.value, value)
  }

  protected combine(samples: readonly Sample[]): number {
    let min = Number.POSITIVE_INFINITY
    let count = 0
    for (const sample of samples) {
      min = Math.min(min, sample.value)
      count += sample.eventCount
    }
    return count === 0 ? Number.NaN : min
  }
}
