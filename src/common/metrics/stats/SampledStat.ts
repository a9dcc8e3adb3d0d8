/**
 * A number over the last while: values go into samples, each for one window, and old ones drop out.
 *
 *     samples = 2, each 30 s           now
 *     ──┼───────────┼───────────┼──────┼──►
 *       │ overlaps  │  sample   │ current     what is measured: all three
 *       │                │◄─── 2 · 30 s ──►│
 *
 * A sample is begun by the record that finds the current one full, not by a clock: while nothing is
 * recorded nothing happens. One sample more than asked for is kept, for the one that reaches into
 * the time that counts from before it.
 *
 * I1  A sample counts while its last event lies within `samples` · window; then it is emptied.
 * I2  At most `samples` + 1 samples exist, and the oldest is used again for the newest.
 *
 * @kafka org.apache.kafka.common.metrics.stats.SampledStat
 */

import type { MetricConfig } from '../MetricConfig.ts'
import type { MeasurableStat } from '../Stat.ts'

/** What was recorded within one window. */
export class Sample {
  private readonly initialValue: number
  private readonly timeWindowMs: number
  eventCount = 0
  startTimeMs: number
  lastEventMs: number
  value: number

  /** @param timeWindowMs a window of its own; -1: that of the configuration */
  constructor(initialValue: number, nowMs: number, timeWindowMs = -1) {
    this.initialValue = initialValue
    this.timeWindowMs = timeWindowMs
    this.startTimeMs = nowMs
    this.lastEventMs = nowMs
    this.value = initialValue
  }

  reset(nowMs: number): void {
    this.eventCount = 0
    this.startTimeMs = nowMs
    this.lastEventMs = nowMs
    this.value = this.initialValue
  }

  /** Full, by time or by the number of events. */
  isComplete(timeMs: number, config: MetricConfig): boolean {
    const windowMs = this.timeWindowMs > 0 ? this.timeWindowMs : config.timeWindowMs
    return timeMs - this.startTimeMs >= windowMs || this.eventCount >= config.eventWindow
  }
}

export abstract class SampledStat implements MeasurableStat {
  protected readonly initialValue: number
  protected readonly samples: Sample[] = []
  private currentIndex = 0
  private timeWindowMs = -1

  /** @param initialValue what a sample without events has */
  constructor(initialValue: number) {
    this.initialValue = initialValue
  }

  record(config: MetricConfig, value: number, timeMs: number): void {
    let sample = this.current(timeMs)
    if (sample.isComplete(timeMs, config)) sample = this.advance(config, timeMs)
    this.update(sample, config, value, timeMs)
    sample.eventCount += 1
    sample.lastEventMs = timeMs
  }

  measure(config: MetricConfig, nowMs: number): number {
    this.purgeObsoleteSamples(config, nowMs)
    return this.combine(this.samples, config, nowMs)
  }

  /** The sample that values go into. */
  current(timeMs: number): Sample {
    if (this.samples.length === 0) this.samples.push(this.newSample(timeMs))
    return this.samples[this.currentIndex]!
  }

  /** The one that began first. */
  oldest(nowMs: number): Sample {
    if (this.samples.length === 0) this.samples.push(this.newSample(nowMs))
    let oldest = this.samples[0]!
    for (const sample of this.samples) {
      if (sample.startTimeMs < oldest.startTimeMs) oldest = sample
    }
    return oldest
  }

  /** A window of its own in the place of the configuration's. For `Rate`. */
  withTimeWindow(windowMs: number): void {
    this.timeWindowMs = windowMs
  }

  /** I1. For `Rate`, too. */
  purgeObsoleteSamples(config: MetricConfig, nowMs: number): void {
    const windowMs = this.timeWindowMs > 0 ? this.timeWindowMs : config.timeWindowMs
    const expireAgeMs = config.samples * windowMs
    for (const sample of this.samples) {
      if (nowMs - sample.lastEventMs >= expireAgeMs) sample.reset(nowMs)
    }
  }

  toString(): string {
    return `${this.constructor.name}(${this.samples.map(({ value }) => value).join(', ')})`
  }

  protected abstract update(
    sample: Sample,
    config: MetricConfig,
    value: number,
    timeMs: number,
  ): void

  /** The number that the samples make together. */
  protected abstract combine(
    samples: readonly Sample[],
    config: MetricConfig,
    nowMs: number,
  ): number

  protected newSample(timeMs: number): Sample {
    return new Sample(this.initialValue, timeMs, this.timeWindowMs)
  }

  private advance(config: MetricConfig, timeMs: number): Sample {
    this.currentIndex = (this.currentIndex + 1) % (config.samples + 1)
    if (this.currentIndex >= this.samples.length) {
      const sample = this.newSample(timeMs)
      this.samples.push(sample)
      return sample
    }
    const sample = this.current(timeMs)
    sample.reset(timeMs)
    return sample
  }
}
