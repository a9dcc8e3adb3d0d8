/**
 * What turns the values that a sensor records into numbers.
 *
 *     Sensor.record(42) ─► Stat.record ─┬─ MeasurableStat: one number    Avg, Max, Rate, …
 *                                       └─ CompoundStat: several         Meter, Percentiles, …
 *
 * @kafka org.apache.kafka.common.metrics.Stat
 * @kafka org.apache.kafka.common.metrics.MeasurableStat
 * @kafka org.apache.kafka.common.metrics.CompoundStat
 */

import type { MetricName } from '../MetricName.ts'
import type { MetricConfig } from './MetricConfig.ts'
import type { Measurable } from './MetricValueProvider.ts'

export interface Stat {
  /** Takes in one value. Called for every batch and request: it allocates nothing. */
  record(config: MetricConfig, value: number, timeMs: number): void
}

/** Both ends in one: takes values in, gives one number out. */
export interface MeasurableStat extends Stat, Measurable {}

/** One number of several that a `CompoundStat` gives, under its own name. */
export interface NamedMeasurable {
  readonly name: MetricName
  readonly stat: Measurable
}

export interface CompoundStat extends Stat {
  stats(): readonly NamedMeasurable[]
}
