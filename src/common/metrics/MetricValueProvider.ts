/**
 * Where the value of a metric comes from: it is asked for, never pushed.
 *
 * Most are `Measurable`: a number, which a quota can bound. A `Gauge` may give anything, as the
 * version of the client is a text.
 *
 * @kafka org.apache.kafka.common.metrics.MetricValueProvider
 * @kafka org.apache.kafka.common.metrics.Measurable
 * @kafka org.apache.kafka.common.metrics.Gauge
 */

import type { MetricConfig } from './MetricConfig.ts'

/** What a metric can be. */
export type MetricValue = number | string

export interface Measurable {
  /** The number at this moment. `NaN` where nothing was recorded that it could be made of. */
  measure(config: MetricConfig, nowMs: number): number
}

export interface Gauge {
  value(config: MetricConfig, nowMs: number): MetricValue
}

export type MetricValueProvider = Measurable | Gauge

export const isMeasurable = (provider: MetricValueProvider): provider is Measurable =>
  'measure' in provider
