/**
 * The value that was recorded last.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Value
 */

import type { MetricConfig } from '../MetricConfig.ts'
import type { MeasurableStat } from '../Stat.ts'

export class Value implements MeasurableStat {
  private value = 0

  record(_config: MetricConfig, value: number): void {
    this.value = value
  }

  measure(): number {
    return this.value
  }
}
