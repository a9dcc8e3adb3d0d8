/**
 * Credits that come back steadily: the quota says how many per second, and as many as fit into all
 * windows can be saved up for a burst. A record takes credits, and may take more than there are.
 *
 *     quota 5/s, 100 windows of 1 s: the bucket holds 500
 *     a burst of 560   ─►  -60   ─►  after 12 s again at 0
 *
 * A `Rate` with the same quota would stay above it until the burst drops out of its windows, 100
 * seconds later, although 12 are enough.
 *
 * @kafka org.apache.kafka.common.metrics.stats.TokenBucket
 */

import type { MetricConfig } from '../MetricConfig.ts'
import type { Quota } from '../Quota.ts'
import type { MeasurableStat } from '../Stat.ts'
import { convert, type TimeUnit } from '../TimeUnit.ts'

export class TokenBucket implements MeasurableStat {
  private readonly unit: TimeUnit
  private tokens = 0
  private lastUpdateMs = 0

  /** @param unit what the quota counts credits per; default `SECONDS` */
  constructor(unit: TimeUnit = 'SECONDS') {
    this.unit = unit
  }

  /** The credits left, negative when more were taken; without quota as many as one likes. */
  measure(config: MetricConfig, nowMs: number): number {
    const { quota } = config
    if (quota === null) return Number.MAX_SAFE_INTEGER
    this.refill(quota, this.burst(config, quota), nowMs)
    return this.tokens
  }

  record(config: MetricConfig, value: number, timeMs: number): void {
    const { quota } = config
    if (quota === null) return
    const burst = this.burst(config, quota)
    this.refill(quota, burst, timeMs)
    this.tokens = Math.min(burst, this.tokens - value)
  }

  toString(): string {
    return `TokenBucket(unit=${this.unit}, tokens=${this.tokens})`
  }

  private refill(quota: Quota, burst: number, timeMs: number): void {
    const since = convert(timeMs - this.lastUpdateMs, this.unit)
    this.tokens = Math.min(burst, this.tokens + quota.bound * since)
    this.lastUpdateMs = timeMs
  }

  private burst({ samples, timeWindowMs }: MetricConfig, quota: Quota): number {
    return samples * convert(timeWindowMs, this.unit) * quota.bound
  }
}
