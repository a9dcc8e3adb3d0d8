/**
 * One metric: its name, and where its value comes from.
 *
 *     for (const [name, metric] of producer.metrics()) {
 *       console.log(`${name.group} ${name.name} ${metric.metricValue()}`)
 *     }
 *
 * @kafka org.apache.kafka.common.metrics.KafkaMetric
 * @kafka org.apache.kafka.common.Metric
 * @simplified no lock: between two awaits nobody else records.
 */

import { IllegalStateException } from '../errors.ts'
import type { MetricName } from '../MetricName.ts'
import type { Time } from '../Time.ts'
import type { MetricConfig } from './MetricConfig.ts'
import {
  isMeasurable,
  type Measurable,
  type MetricValue,
  type MetricValueProvider,
} from './MetricValueProvider.ts'

export class KafkaMetric {
  private readonly name: MetricName
  private readonly valueProvider: MetricValueProvider
  private readonly time: Time
  private currentConfig: MetricConfig

  constructor(
    name: MetricName,
    valueProvider: MetricValueProvider,
    config: MetricConfig,
    time: Time,
  ) {
    this.name = name
    this.valueProvider = valueProvider
    this.currentConfig = config
    this.time = time
  }

  metricName(): MetricName {
    return this.name
  }

  /**
   * The value at this moment, computed when asked for. A number, `NaN` while there is nothing to
   * compute it from; a text for metrics such as `version`.
   */
  metricValue(): MetricValue {
    const nowMs = this.time.milliseconds()
    const { valueProvider, currentConfig } = this
    return isMeasurable(valueProvider)
      ? valueProvider.measure(currentConfig, nowMs)
      : valueProvider.value(currentConfig, nowMs)
  }

  /** Whether it is a number that a quota can bound. */
  isMeasurable(): boolean {
    return isMeasurable(this.valueProvider)
  }

  /** @throws IllegalStateException when it is a gauge */
  measurable(): Measurable {
    if (isMeasurable(this.valueProvider)) return this.valueProvider
    throw new IllegalStateException(`Not a measurable: ${this.name}`)
  }

  /** The number at `timeMs`; 0 for what is none. */
  measurableValue(timeMs: number): number {
    const { valueProvider } = this
    return isMeasurable(valueProvider) ? valueProvider.measure(this.currentConfig, timeMs) : 0
  }

  config(): MetricConfig {
    return this.currentConfig
  }

  /** From now on this one holds, also for what its sensor records. In Java `config(config)`. */
  setConfig(config: MetricConfig): void {
    this.currentConfig = config
  }
}
