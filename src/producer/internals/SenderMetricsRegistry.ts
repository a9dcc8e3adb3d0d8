/**
 * The names of what a `Sender` records, for the producer as a whole and for each topic.
 *
 * A topic's name is known only when something was sent to it, so these are templates until then.
 *
 * @kafka org.apache.kafka.clients.producer.internals.SenderMetricsRegistry
 */

import type { MetricName } from '../../common/MetricName.ts'
import { MetricNameTemplate } from '../../common/MetricNameTemplate.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'
import { PRODUCER_METRIC_GROUP_NAME } from './KafkaProducerMetrics.ts'

export const TOPIC_METRIC_GROUP_NAME = 'producer-topic-metrics'

/** Of the producer as a whole. */
const CLIENT_LEVEL = {
  'batch-size-avg': 'The average number of bytes sent per partition per-request.',
  'batch-size-max': 'The max number of bytes sent per partition per-request.',
  'compression-rate-avg':
    'The average compression rate of record batches, defined as the average ratio of the ' +
    'compressed batch size over the uncompressed size.',
  'record-queue-time-avg': 'The average time in ms record batches spent in the send buffer.',
  'record-queue-time-max': 'The maximum time in ms record batches spent in the send buffer.',
  'request-latency-avg': 'The average request latency in ms',
  'request-latency-max': 'The maximum request latency in ms',
  'record-send-rate': 'The average number of records sent per second.',
  'record-send-total': 'The total number of records sent.',
  'records-per-request-avg': 'The average number of records per request.',
  'record-retry-rate': 'The average per-second number of retried record sends',
  'record-retry-total': 'The total number of retried record sends',
  'record-error-rate': 'The average per-second number of record sends that resulted in errors',
  'record-error-total': 'The total number of record sends that resulted in errors',
  'record-size-max': 'The maximum record size',
  'record-size-avg': 'The average record size: of the largest record of each batch.',
  'requests-in-flight': 'The current number of in-flight requests awaiting a response.',
  'metadata-age': 'The age in seconds of the current producer metadata being used.',
  'batch-split-rate': 'The average number of batch splits per second',
  'batch-split-total': 'The total number of batch splits',
  'produce-throttle-time-avg': 'The average time in ms a request was throttled by a broker',
  'produce-throttle-time-max': 'The maximum time in ms a request was throttled by a broker',
} as const

/** Of each topic. */
const TOPIC_LEVEL = {
  'record-send-rate': 'The average number of records sent per second for a topic.',
  'record-send-total': 'The total number of records sent for a topic.',
  'byte-rate': 'The average number of bytes sent per second for a topic.',
  'byte-total': 'The total number of bytes sent for a topic.',
  'compression-rate':
    'The average compression rate of record batches for a topic, defined as the average ratio ' +
    'of the compressed batch size over the uncompressed size.',
  'record-retry-rate': 'The average per-second number of retried record sends for a topic',
  'record-retry-total': 'The total number of retried record sends for a topic',
  'record-error-rate':
    'The average per-second number of record sends that resulted in errors for a topic',
  'record-error-total': 'The total number of record sends that resulted in errors for a topic',
} as const

export type SenderMetricName = keyof typeof CLIENT_LEVEL
export type TopicMetricName = keyof typeof TOPIC_LEVEL

export class SenderMetricsRegistry {
  readonly metrics: Metrics
  private readonly clientTemplates: ReadonlyMap<string, MetricNameTemplate>
  private readonly topicTemplates: ReadonlyMap<string, MetricNameTemplate>

  constructor(metrics: Metrics) {
    this.metrics = metrics
    const tags = Object.keys(metrics.config.tags)
    this.clientTemplates = templates(CLIENT_LEVEL, PRODUCER_METRIC_GROUP_NAME, tags)
    this.topicTemplates = templates(TOPIC_LEVEL, TOPIC_METRIC_GROUP_NAME, [...tags, 'topic'])
  }

  name(name: SenderMetricName): MetricName {
    return this.metrics.metricInstance(this.clientTemplates.get(name)!)
  }

  topicName(name: TopicMetricName, topic: string): MetricName {
    return this.metrics.metricInstance(this.topicTemplates.get(name)!, { topic })
  }

  /** Every metric that there is or can be. */
  allTemplates(): readonly MetricNameTemplate[] {
    return [...this.clientTemplates.values(), ...this.topicTemplates.values()]
  }
}

const templates = (
  level: Readonly<Record<string, string>>,
  group: string,
  tags: readonly string[],
): ReadonlyMap<string, MetricNameTemplate> =>
  new Map(
    Object.entries(level).map(([name, description]) => [
      name,
      new MetricNameTemplate(name, group, description, tags),
    ]),
  )
