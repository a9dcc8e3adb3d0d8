/**
 * How much per second (or another unit): what the samples hold, divided by the time they stand for.
 *
 * That time is the difficulty. Shortly after the start there is one sample that is a second old; a
 * burst in it divided by one second would look like a very high rate. So the windows before the
 * first one count as having been there, and empty:
 *
 *     samples = 3      ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼───┼►
 *                      two whole windows│ so far
 *                      counted as empty │
 *
 * I1  The time is at least `samples` - 1 whole windows plus what has gone by since the oldest
 *     sample began, and never 0.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Rate
 */

import type { MetricConfig } from '../MetricConfig.ts'
import type { MeasurableStat } from '../Stat.ts'
import { convert, type TimeUnit } from '../TimeUnit.ts'
import type { SampledStat } from './SampledStat.ts'
import { WindowedSum } from './WindowedSum.ts'

export interface RateOptions {
  /** Default: `SECONDS`. */
  readonly unit?: TimeUnit
  /** What is divided; default the sum of the values. */
  readonly stat?: SampledStat
  /** A window of its own; default that of the configuration. */
  readonly windowMs?: number
}

export class Rate implements MeasurableStat {
  readonly stat: SampledStat
  protected readonly unit: TimeUnit
  private readonly timeWindowMs: number

  constructor({ unit = 'SECONDS', stat = new WindowedSum(), windowMs = -1 }: RateOptions = {}) {
    this.unit = unit
    this.stat = stat
    this.timeWindowMs = windowMs > 0 ? windowMs : -1
    if (windowMs > 0) stat.withTimeWindow(windowMs)
  }

  /** `second` and so on. */
  unitName(): string {
    return this.unit.slice(0, -1).toLowerCase()
  }

  record(config: MetricConfig, value: number, timeMs: number): void {
    this.stat.record(config, value, timeMs)
  }

  measure(config: MetricConfig, nowMs: number): number {
    const value = this.stat.measure(config, nowMs)
    return value / convert(this.windowSize(config, nowMs), this.unit)
  }

  /** The time that the samples stand for, milliseconds. */
  windowSize(config: MetricConfig, nowMs: number): number {
    this.stat.purgeObsoleteSamples(config, nowMs)
    let totalElapsedMs = nowMs - this.stat.oldest(nowMs).startTimeMs
    const windowMs = this.timeWindowMs > 0 ? this.timeWindowMs : config.timeWindowMs
    const fullWindows = Math.trunc(totalElapsedMs / windowMs)
    const leastFullWindows = config.samples - 1
    // Counting the samples instead would miss the time in which nothing was recorded.
    if (fullWindows < leastFullWindows)
      totalElapsedMs += (leastFullWindows - fullWindows) * windowMs
    return Math.max(totalElapsedMs, 1)
  }

  toString(): string {
    return `${this.constructor.name}(unit=${this.unit}, stat=${this.stat})`
  }
}
