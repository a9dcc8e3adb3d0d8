/**
 * Brings metrics elsewhere: to a file, a monitoring system, a page. A program writes its own and
 * names it in `metric.reporters`.
 *
 * A reporter hears which metrics there are. It reads their values when it wants to, by
 * `KafkaMetric.metricValue`: nothing is computed for reporters that do not ask.
 *
 * @kafka org.apache.kafka.common.metrics.MetricsReporter
 * @simplified settings do not change while a client runs (`reconfigure`).
 */

import type { Configurable } from '../config/Configurable.ts'
import type { KafkaMetric } from './KafkaMetric.ts'
import type { MetricsContext } from './MetricsContext.ts'

export interface MetricsReporter extends Partial<Configurable> {
  /** Whose metrics these are. Called before `init`. */
  contextChange?(context: MetricsContext): void
  /** The metrics that there are already. */
  init(metrics: readonly KafkaMetric[]): void
  /** A metric has come. */
  metricChange(metric: KafkaMetric): void
  /** A metric has gone. */
  metricRemoval(metric: KafkaMetric): void
  /** The client is closed. */
  close(): void
}
