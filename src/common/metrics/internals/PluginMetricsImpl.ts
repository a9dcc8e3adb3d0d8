/**
 * Enters the metrics of one plug-in, and remembers them: what a plug-in forgets to remove is
 * removed here.
 *
 * I1  A plug-in removes nothing but its own.
 * I2  After `close` nothing of it is left, and nothing can be added.
 *
 * @kafka org.apache.kafka.common.metrics.internals.PluginMetricsImpl
 * @kafka org.apache.kafka.common.internals.Plugin
 */

import { IllegalArgumentException, IllegalStateException } from '../../errors.ts'
import type { MetricName, MetricTags } from '../../MetricName.ts'
import type { Metrics } from '../Metrics.ts'
import type { MetricValueProvider } from '../MetricValueProvider.ts'
import type { Monitorable, PluginMetrics } from '../Monitorable.ts'
import type { Sensor } from '../Sensor.ts'

const GROUP = 'plugins'

export class PluginMetricsImpl implements PluginMetrics {
  private readonly metrics: Metrics
  private readonly tags: MetricTags
  private readonly metricNames = new Map<string, MetricName>()
  private readonly sensors = new Set<string>()
  private closed = false

  constructor(metrics: Metrics, tags: MetricTags) {
    this.metrics = metrics
    this.tags = tags
  }

  /**
   * The metrics of a plug-in that wants some; `null` for any other.
   *
   * @param config the setting that names it, such as `partitioner.class`
   */
  static of(plugin: object, metrics: Metrics, config: string): PluginMetricsImpl | null {
    const { withPluginMetrics } = plugin as Partial<Monitorable>
    if (typeof withPluginMetrics !== 'function') return null
    const own = new PluginMetricsImpl(metrics, { config, class: plugin.constructor.name })
    try {
      withPluginMetrics.call(plugin, own)
    } catch (error) {
      own.close()
      throw error
    }
    return own
  }

  metricName(name: string, description: string, tags: MetricTags): MetricName {
    this.throwIfClosed()
    for (const tag of Object.keys(tags)) {
      if (!Object.hasOwn(this.tags, tag)) continue
      throw new IllegalArgumentException(`Cannot use '${tag}' as a tag: every plug-in has it`)
    }
    return this.metrics.metricName(name, GROUP, description, { ...this.tags, ...tags })
  }

  addMetric(name: MetricName, provider: MetricValueProvider): void {
    this.throwIfClosed()
    this.metrics.addMetric(name, provider)
    this.metricNames.set(name.key, name)
  }

  removeMetric(name: MetricName): void {
    this.throwIfClosed()
    if (!this.metricNames.delete(name.key)) {
      throw new IllegalArgumentException(`Unknown metric ${name}`)
    }
    this.metrics.removeMetric(name)
  }

  addSensor(name: string): Sensor {
    this.throwIfClosed()
    if (this.sensors.has(name)) throw new IllegalArgumentException(`Sensor ${name} already exists`)
    this.sensors.add(name)
    return this.metrics.sensor(name)
  }

  removeSensor(name: string): void {
    this.throwIfClosed()
    if (!this.sensors.delete(name)) throw new IllegalArgumentException(`Unknown sensor ${name}`)
    this.metrics.removeSensor(name)
  }

  /** I2. */
  close(): void {
    this.closed = true
    for (const sensor of this.sensors) this.metrics.removeSensor(sensor)
    for (const name of this.metricNames.values()) this.metrics.removeMetric(name)
  }

  private throwIfClosed(): void {
    if (this.closed) throw new IllegalStateException('The metrics of this plug-in are closed')
  }
}
