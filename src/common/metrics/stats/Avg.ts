/**
 * The average over the samples; `NaN` while there is none.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Avg
 */

import type { MetricConfig } from '../MetricConfig.ts'
import { type Sample, SampledStat } from './SampledStat.ts'

export class Avg extends SampledStat {
  constructor() {
    super(0)
  }

  protected update(sample: Sample, _config: MetricConfig, value: number): void {
    sample.value += value
  }

  protected combine(samples: readonly Sample[]): number {
    let total = 0
    let count = 0
    for (const sample of samples) {
      total += sample.value
      count += sample.eventCount
    }
    return count === 0 ? Number.NaN : total / count
  }
}
