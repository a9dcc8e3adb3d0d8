/**
 * How many values there are in the samples, whatever they are.
 *
 * @kafka org.apache.kafka.common.metrics.stats.WindowedCount
 */

import type { MetricConfig } from '../MetricConfig.ts'
import type { Sample } from './SampledStat.ts'
import { WindowedSum } from './WindowedSum.ts'

export class WindowedCount extends WindowedSum {
  protected override update(
    sample: Sample,
    config: MetricConfig,
    _value: number,
    timeMs: number,
  ): void {
    super.update(sample, config, 1, timeMs)
  }
}
