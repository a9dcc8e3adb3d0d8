/**
 * Metrics by their names, by value.
 *
 * A JavaScript `Map` compares objects by identity, so a name that a program made to look something
 * up would find nothing. This one goes by `MetricName.key`:
 *
 *     '["producer-metrics","batch-size-avg",["client-id","web-1"]]' ─► KafkaMetric
 *
 * @kafka java.util.LinkedHashMap
 */

import type { MetricName } from '../MetricName.ts'
import type { KafkaMetric } from './KafkaMetric.ts'

export class MetricMap implements ReadonlyMap<MetricName, KafkaMetric> {
  private readonly byKey = new Map<string, KafkaMetric>()

  get size(): number {
    return this.byKey.size
  }

  get(name: MetricName): KafkaMetric | undefined {
    return this.byKey.get(name.key)
  }

  has(name: MetricName): boolean {
    return this.byKey.has(name.key)
  }

  /** Returns the metric that has the name already, and changes nothing then. */
  putIfAbsent(metric: KafkaMetric): KafkaMetric | undefined {
    const { key } = metric.metricName()
    const existing = this.byKey.get(key)
    if (existing === undefined) this.byKey.set(key, metric)
    return existing
  }

  /** Returns what had the name. */
  remove(name: MetricName): KafkaMetric | undefined {
    const metric = this.byKey.get(name.key)
    this.byKey.delete(name.key)
    return metric
  }

  forEach(
    visit: (
      metric: KafkaMetric,
      name: MetricName,
      map: ReadonlyMap<MetricName, KafkaMetric>,
    ) => void,
  ): void {
    for (const metric of this.byKey.values()) visit(metric, metric.metricName(), this)
  }

  *keys(): MapIterator<MetricName> {
    for (const metric of this.byKey.values()) yield metric.metricName()
  }

  values(): MapIterator<KafkaMetric> {
    return this.byKey.values()
  }

  *entries(): MapIterator<[MetricName, KafkaMetric]> {
    for (const metric of this.byKey.values()) yield [metric.metricName(), metric]
  }

  [Symbol.iterator](): MapIterator<[MetricName, KafkaMetric]> {
    return this.entries()
  }

  toString(): string {
    return `MetricMap(${this.size})`
  }
}
