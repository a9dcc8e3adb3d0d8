/**
 * A plug-in that measures something: a serializer, partitioner or interceptor may have metrics of
 * its own, among those of its producer.
 *
 *     class Counting extends StringSerializer implements Monitorable {
 *       private texts = 0
 *       withPluginMetrics(metrics: PluginMetrics) {
 *         const name = metrics.metricName('texts', 'How many texts were serialized.', {})
 *         metrics.addMetric(name, { measure: () => this.texts })
 *       }
 *       …
 *     }
 *
 * @kafka org.apache.kafka.common.metrics.Monitorable
 * @kafka org.apache.kafka.common.metrics.PluginMetrics
 */

import type { MetricName, MetricTags } from '../MetricName.ts'
import type { MetricValueProvider } from './MetricValueProvider.ts'
import type { Sensor } from './Sensor.ts'

export interface Monitorable {
  /** Called once, when the plug-in has its settings. */
  withPluginMetrics(metrics: PluginMetrics): void
}

/**
 * The metrics of one plug-in: group `plugins`, tags `config` and `class`. Gone when it is closed.
 */
export interface PluginMetrics {
  /** @throws IllegalArgumentException for the tags `config` and `class`, which are there already */
  metricName(name: string, description: string, tags: MetricTags): MetricName
  /** @throws IllegalArgumentException when there is one of that name */
  addMetric(name: MetricName, provider: MetricValueProvider): void
  /** @throws IllegalArgumentException when it is not one of this plug-in's */
  removeMetric(name: MetricName): void
  /** @throws IllegalArgumentException when there is one of that name */
  addSensor(name: string): Sensor
  /** @throws IllegalArgumentException when it is not one of this plug-in's */
  removeSensor(name: string): void
}
