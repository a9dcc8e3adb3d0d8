/**
 * The sum of all values since the beginning. It only grows, so whoever reads it twice can make a
 * rate of any span by themselves.
 *
 * @kafka org.apache.kafka.common.metrics.stats.CumulativeSum
 */

import type { MetricConfig } from '../MetricConfig.ts'
import type { MeasurableStat } from '../Stat.ts'

export class CumulativeSum implements MeasurableStat {
  private total: number

  /** @param total where it begins; default 0 */
  constructor(total = 0) {
    this.total = total
  }

  record(_config: MetricConfig, value: number, _timeMs: number): void {
    this.total += value
  }

  measure(): number {
    return this.total
  }

  toString(): string {
    return `${this.constructor.name}(total=${this.total})`
  }
}
