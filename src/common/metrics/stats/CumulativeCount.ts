/**
 * How many values there were since the beginning, whatever they were.
 *
 * @kafka org.apache.kafka.common.metrics.stats.CumulativeCount
 */

import type { MetricConfig } from '../MetricConfig.ts'
import { CumulativeSum } from './CumulativeSum.ts'

export class CumulativeCount extends CumulativeSum {
  override record(config: MetricConfig, _value: number, timeMs: number): void {
    super.record(config, 1, timeMs)
  }
}
