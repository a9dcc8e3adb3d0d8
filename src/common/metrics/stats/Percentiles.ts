/**
 * Below which value lies such a part of all values? Several percentiles of one histogram, each a
 * metric of its own.
 *
 * The histogram has a fixed size, so memory is bounded whatever is recorded; what it costs is that
 * a percentile is known to the width of a range only.
 *
 * @kafka org.apache.kafka.common.metrics.stats.Percentiles
 * @kafka org.apache.kafka.common.metrics.stats.Percentile
 */

import { IllegalArgumentException } from '../../errors.ts'
import type { MetricName } from '../../MetricName.ts'
import type { MetricConfig } from '../MetricConfig.ts'
import type { CompoundStat, NamedMeasurable } from '../Stat.ts'
import { type BinScheme, ConstantBinScheme, LinearBinScheme } from './Histogram.ts'
import { HistogramSample } from './HistogramSample.ts'
import { type Sample, SampledStat } from './SampledStat.ts'

/** One of them. */
export interface Percentile {
  readonly name: MetricName
  /** From 0 to 100. */
  readonly percentile: number
}

export interface PercentilesOptions {
  /** Memory of each sample: a range takes 4 bytes. */
  readonly sizeInBytes: number
  /** Smaller values count as this. Default 0. */
  readonly min?: number
  /** Larger values count as this. */
  readonly max: number
  /** Ranges of one width, or each wider than the last; the second from 0 only. */
  readonly bucketing: 'CONSTANT' | 'LINEAR'
  readonly percentiles: readonly Percentile[]
}

export class Percentiles extends SampledStat implements CompoundStat {
  private readonly percentiles: readonly Percentile[]
  private readonly binScheme: BinScheme
  private readonly min: number
  private readonly max: number

  /** @throws IllegalArgumentException for linear ranges that do not begin at 0 */
  constructor({ sizeInBytes, min = 0, max, bucketing, percentiles }: PercentilesOptions) {
    super(0)
    this.percentiles = percentiles
    this.min = min
    this.max = max
    const buckets = Math.trunc(sizeInBytes / 4)
    if (bucketing === 'CONSTANT') {
      this.binScheme = new ConstantBinScheme(buckets, min, max)
    } else if (min === 0) {
      this.binScheme = new LinearBinScheme(buckets, max)
    } else {
      throw new IllegalArgumentException(`Linear ranges begin at 0, not at ${min}`)
    }
  }

  stats(): readonly NamedMeasurable[] {
    return this.percentiles.map(({ name, percentile }) => ({
      name,
      stat: { measure: (config, nowMs) => this.value(config, nowMs, percentile / 100) },
    }))
  }

  /** The value that the given part of all values lies below; `NaN` if there are none. */
  value(config: MetricConfig, nowMs: number, quantile: number): number {
    this.purgeObsoleteSamples(config, nowMs)
    let count = 0
    for (const { eventCount } of this.samples) count += eventCount
    if (count === 0) return Number.NaN
    const quant = Math.fround(quantile)
    let sum = 0
    for (let bin = 0; bin < this.binScheme.bins(); bin++) {
      for (const sample of this.samples) {
        sum += (sample as HistogramSample).histogram.counts()[bin]!
        // As in Java, where both are floats: at a border the last digit decides.
        if (Math.fround(sum / count) > quant) return this.binScheme.fromBin(bin)
      }
    }
    return Number.POSITIVE_INFINITY
  }

  /** By itself it measures the median. */
  protected combine(_samples: readonly Sample[], config: MetricConfig, nowMs: number): number {
    return this.value(config, nowMs, 0.5)
  }

  protected update(sample: Sample, _config: MetricConfig, value: number): void {
    const bounded = Math.min(Math.max(value, this.min), this.max)
    ;(sample as HistogramSample).histogram.record(bounded)
  }

  protected override newSample(timeMs: number): HistogramSample {
    return new HistogramSample(this.binScheme, timeMs)
  }
}
