/**
 * The metrics of a client, as its settings want them: level, windows, reporters. Each metric has
 * the tag `client-id`.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerUtils
 * @kafka org.apache.kafka.clients.CommonClientConfigs
 */

import type { Properties } from '../common/config/ConfigDef.ts'
import type { ValuesOf } from '../common/config/ConfigTypes.ts'
import type { Logger } from '../common/Logger.ts'
import { MetricConfig } from '../common/metrics/MetricConfig.ts'
import { Metrics } from '../common/metrics/Metrics.ts'
import { kafkaMetricsContext } from '../common/metrics/MetricsContext.ts'
import type { MetricsReporter } from '../common/metrics/MetricsReporter.ts'
import type { Time } from '../common/Time.ts'
import type { METRICS_CONFIGS } from './CommonClientConfigs.ts'

/** What is written after it becomes a label of these metrics. */
const METRICS_CONTEXT_PREFIX = 'metrics.context.'

/** The settings of metrics, of any client that has them. */
export interface MetricsSettings {
  get<K extends keyof ValuesOf<typeof METRICS_CONFIGS>>(key: K): ValuesOf<typeof METRICS_CONFIGS>[K]
  getConfiguredInstances(key: 'metric.reporters', overrides: Properties): MetricsReporter[]
  originalsWithPrefix(prefix: string): Properties
}

export interface CreateMetricsOptions {
  readonly config: MetricsSettings
  readonly clientId: string
  /** What reporters are told whose metrics these are: `kafka.consumer`. */
  readonly namespace: string
  readonly time: Time
  readonly logger: Logger
}

/** @throws KafkaException when a reporter cannot be made */
export const createMetrics = ({
  config,
  clientId,
  namespace,
  time,
  logger,
}: CreateMetricsOptions): Metrics =>
  new Metrics({
    time,
    config: new MetricConfig({
      samples: config.get('metrics.num.samples'),
      timeWindowMs: config.get('metrics.sample.window.ms'),
      recordLevel: config.get('metrics.recording.level'),
      tags: { 'client-id': clientId },
    }),
    reporters: config.getConfiguredInstances('metric.reporters', { 'client.id': clientId }),
    context: kafkaMetricsContext(namespace, config.originalsWithPrefix(METRICS_CONTEXT_PREFIX)),
    logger,
  })
