/**
 * The sum of the values of the samples; 0 while there is none.
 *
 * @kafka org.apache.kafka.common.metrics.stats.WindowedSum
 */

import type { MetricConfig } from '../MetricConfig.ts'
import { type Sample, SampledStat } from './SampledStat.ts'

export class WindowedSum extends SampledStat {
  constructor() {
    super(0)
  }

  protected update(sample: Sample, _config: MetricConfig, value: number, _timeMs: number): void {
    sample.value += value
  }

  protected combine(samples: readonly Sample[]): number {
    let total = 0
    for (const sample of samples) total += sample.value
    return total
  }
}
