/**
 * Metrics for the outside, over Node's diagnostics channels: whoever runs in the same process can
 * listen, without a reference to the client. It stands where Java has JMX.
 *
 *     import { channel, subscribe } from 'diagnostics_channel'
 *
 *     // Every metric that comes, of every client of this process.
 *     subscribe('annotated-kafka.metrics.registered', ({ metric }) => {
 *       console.log(metric.metricName().name)
 *     })
 *     // All values, whenever you want them: `publish` has called you back when it returns.
 *     channel('annotated-kafka.metrics.read').publish(({ metric }) => {
 *       console.log(metric.metricName().name, metric.metricValue())
 *     })
 *
 * Nothing is published unless somebody subscribed, and no value is computed unless somebody asked.
 * A browser has no such channels; nothing happens there.
 *
 * @kafka org.apache.kafka.common.metrics.JmxReporter
 * @simplified diagnostics channels in the place of MBeans, and no filter by name
 *   (`metrics.jmx.include`): a listener sees the names.
 */

import { diagnosticsChannel } from '#platform'
import type { KafkaMetric } from './KafkaMetric.ts'
import type { MetricsContext } from './MetricsContext.ts'
import type { MetricsReporter } from './MetricsReporter.ts'

/** The names of the channels. */
export const METRICS_CHANNELS = {
  /** A metric has come: a `MetricMessage`. */
  registered: 'annotated-kafka.metrics.registered',
  /** A metric has gone: a `MetricMessage`. */
  removed: 'annotated-kafka.metrics.removed',
  /** Publish a `MetricVisitor` here: it is called with every metric there is. */
  read: 'annotated-kafka.metrics.read',
} as const

export interface MetricMessage {
  readonly metric: KafkaMetric
  /** Of the client: `_namespace`, and what stands in `metrics.context.*`. */
  readonly labels: Readonly<Record<string, string>>
}

export type MetricVisitor = (message: MetricMessage) => void

export class DiagnosticsReporter implements MetricsReporter {
  private readonly registered = diagnosticsChannel(METRICS_CHANNELS.registered)
  private readonly removed = diagnosticsChannel(METRICS_CHANNELS.removed)
  private readonly read = diagnosticsChannel(METRICS_CHANNELS.read)
  private readonly metrics = new Set<KafkaMetric>()
  private labels: Readonly<Record<string, string>> = {}
  private stopListening: () => void = () => {}

  contextChange(context: MetricsContext): void {
    this.labels = context.contextLabels
  }

  init(metrics: readonly KafkaMetric[]): void {
    this.stopListening()
    this.stopListening = this.read.subscribe((visitor) => this.visit(visitor))
    for (const metric of metrics) this.metricChange(metric)
  }

  metricChange(metric: KafkaMetric): void {
    this.metrics.add(metric)
    if (this.registered.hasSubscribers) this.registered.publish(this.messageOf(metric))
  }

  metricRemoval(metric: KafkaMetric): void {
    this.metrics.delete(metric)
    if (this.removed.hasSubscribers) this.removed.publish(this.messageOf(metric))
  }

  close(): void {
    this.stopListening()
    for (const metric of this.metrics) this.metricRemoval(metric)
  }

  private visit(visitor: unknown): void {
    if (typeof visitor !== 'function') return
    for (const metric of this.metrics) visitor(this.messageOf(metric))
  }

  private messageOf(metric: KafkaMetric): MetricMessage {
    return { metric, labels: this.labels }
  }
}
