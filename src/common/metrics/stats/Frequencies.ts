/**
 * Which part of all values is such a one? As for an outcome that is recorded as 0 or 1: how many
 * failed, how many did not.
 *
 *     Frequencies.forBooleanValues(failed, succeeded)      75 × 1, 25 × 0  ─►  0.25, 0.75
 *
 * @kafka org.apache.kafka.common.metrics.stats.Frequencies
 * @kafka org.apache.kafka.common.metrics.stats.Frequency
 */

import { IllegalArgumentException } from '../../errors.ts'
import type { MetricName } from '../../MetricName.ts'
import type { MetricConfig } from '../MetricConfig.ts'
import type { CompoundStat, NamedMeasurable } from '../Stat.ts'
import { type BinScheme, ConstantBinScheme } from './Histogram.ts'
import { HistogramSample } from './HistogramSample.ts'
import { type Sample, SampledStat } from './SampledStat.ts'

/** How often values around `centerValue` are among all. */
export interface Frequency {
  readonly name: MetricName
  readonly centerValue: number
}

export interface FrequenciesOptions {
  /** How many ranges, around `min`, `max` and what lies between; at least 2. */
  readonly buckets: number
  readonly min: number
  readonly max: number
  /** Not every range needs to have one. */
  readonly frequencies: readonly Frequency[]
}

export class Frequencies extends SampledStat implements CompoundStat {
  private readonly frequencies: readonly Frequency[]
  private readonly binScheme: BinScheme

  /**
   * For values 0 and 1.
   *
   * @param falseName of the part that is 0; `null` where nobody wants to know
   * @param trueName of the part that is 1
   * @throws IllegalArgumentException when both are `null`
   */
  static forBooleanValues(falseName: MetricName | null, trueName: MetricName | null): Frequencies {
    const frequencies: Frequency[] = []
    if (falseName !== null) frequencies.push({ name: falseName, centerValue: 0 })
    if (trueName !== null) frequencies.push({ name: trueName, centerValue: 1 })
    if (frequencies.length === 0) {
      throw new IllegalArgumentException('At least one metric must have a name')
    }
    return new Frequencies({ buckets: 2, min: 0, max: 1, frequencies })
  }

  /** @throws IllegalArgumentException for values that do not fit together */
  constructor({ buckets, min, max, frequencies }: FrequenciesOptions) {
    super(0)
    requireFitting({ buckets, min, max, frequencies })
    this.frequencies = frequencies
    const halfWidth = (max - min) / (buckets - 1) / 2
    this.binScheme = new ConstantBinScheme(buckets, min - halfWidth, max + halfWidth)
  }

  stats(): readonly NamedMeasurable[] {
    return this.frequencies.map(({ name, centerValue }) => ({
      name,
      stat: { measure: (config, nowMs) => this.frequency(config, nowMs, centerValue) },
    }))
  }

  /** Which part of all values lies around `centerValue`, from 0 to 1; 0 if there are none. */
  frequency(config: MetricConfig, nowMs: number, centerValue: number): number {
    this.purgeObsoleteSamples(config, nowMs)
    const total = this.totalCount()
    if (total === 0) return 0
    const bin = this.binScheme.toBin(centerValue)
    let count = 0
    for (const sample of this.samples) {
      count += (sample as HistogramSample).histogram.counts()[bin]!
    }
    return count / total
  }

  /** By itself it measures how many values there are. */
  protected combine(): number {
    return this.totalCount()
  }

  protected update(sample: Sample, _config: MetricConfig, value: number): void {
    ;(sample as HistogramSample).histogram.record(value)
  }

  protected override newSample(timeMs: number): HistogramSample {
    return new HistogramSample(this.binScheme, timeMs)
  }

  private totalCount(): number {
    let count = 0
    for (const { eventCount } of this.samples) count += eventCount
    return count
  }
}

const requireFitting = ({ buckets, min, max, frequencies }: FrequenciesOptions): void => {
  if (max < min) {
    throw new IllegalArgumentException(`The maximum ${max} must not be below the minimum ${min}`)
  }
  if (buckets < 1) throw new IllegalArgumentException(`There must be a bucket, not ${buckets}`)
  if (buckets < frequencies.length) {
    throw new IllegalArgumentException(
      `There are more frequencies (${frequencies.length}) than buckets (${buckets})`,
    )
  }
  for (const { centerValue } of frequencies) {
    if (centerValue < min || centerValue > max) {
      throw new IllegalArgumentException(
        `The frequency around ${centerValue} is not within ${min} and ${max}`,
      )
    }
  }
}
