/**
 * The largest value over the samples; `NaN` while there is none.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Max
 */

import type { MetricConfig } from '../MetricConfig.ts'
import { type Sample, SampledStat } from './SampledStat.ts'

export class Max extends SampledStat {
  constructor() {
    super(Number.NEGATIVE_INFINITY)
  }

  protected update(sample: Sample, _config: MetricConfig, value: number): void {
    sample.value = Math.max(sample.value, value)
  }

  protected combine(samples: readonly Sample[]): number {
    let max = Number.NEGATIVE_INFINITY
    let count = 0
    for (const sample of samples) {
      max = Math.max(max, sample.value)
      count += sample.eventCount
    }
    return count === 0 ? Number.NaN : max
  }
}
