/** A reporter of metrics that notes what it is told; each class has a list of its own instances. */

import type { KafkaMetric } from '../../src/common/metrics/KafkaMetric.ts'
import type { MetricsContext } from '../../src/common/metrics/MetricsContext.ts'
import type { MetricsReporter } from '../../src/common/metrics/MetricsReporter.ts'

export class RecordingReporter implements MetricsReporter {
  configs: Readonly<Record<string, unknown>> = {}
  context: MetricsContext | undefined
  readonly known = new Set<string>()
  closed = 0

  configure(configs: Readonly<Record<string, unknown>>): void {
    this.configs = configs
  }
  contextChange(context: MetricsContext): void {
    this.context = context
  }
  init(): void {}
  metricChange(metric: KafkaMetric): void {
    this.known.add(metric.metricName().name)
  }
  metricRemoval(metric: KafkaMetric): void {
    this.known.delete(metric.metricName().name)
  }
  close(): void {
    this.closed++
  }
}
