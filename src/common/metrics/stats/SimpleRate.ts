/**
 * A rate over the time since the oldest sample began, but at least one window: it rises faster than
 * `Rate` and jumps more.
 *
 * @kafka org.apache.kafka.common.metrics.stats.SimpleRate
 */

import type { MetricConfig } from '../MetricConfig.ts'
import { Rate } from './Rate.ts'

export class SimpleRate extends Rate {
  override windowSize(config: MetricConfig, nowMs: number): number {
    this.stat.purgeObsoleteSamples(config, nowMs)
    const elapsedMs = nowMs - this.stat.oldest(nowMs).startTimeMs
    return Math.max(elapsedMs, config.timeWindowMs)
  }
}
