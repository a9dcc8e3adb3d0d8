/**
 * The names of what fetching records: for the consumer as a whole, for each topic, for each
 * partition.
 *
 *     records-lag-max   { client-id }                     the furthest behind of all
 *     records-lag-max   { client-id, topic, partition }   of one
 *
 * Which topics and partitions there are is known only when something of them has been fetched, so
 * these are templates until then.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.FetchMetricsRegistry
 */

import type { MetricName, MetricTags } from '../../common/MetricName.ts'
import { MetricNameTemplate } from '../../common/MetricNameTemplate.ts'
import type { Metrics } from '../../common/metrics/Metrics.ts'

/** Of the consumer as a whole. */
const CLIENT_LEVEL = {
  'fetch-size-avg': 'The average number of bytes fetched per request',
  'fetch-size-max': 'The maximum number of bytes fetched per request',
  'bytes-consumed-rate': 'The average number of bytes consumed per second',
  'bytes-consumed-total': 'The total number of bytes consumed',
  'records-per-request-avg': 'The average number of records in each request',
  'records-consumed-rate': 'The average number of records consumed per second',
  'records-consumed-total': 'The total number of records consumed',
  'fetch-latency-avg': 'The average time taken for a fetch request.',
  'fetch-latency-max': 'The max time taken for any fetch request.',
  'fetch-rate': 'The number of fetch requests per second.',
  'fetch-total': 'The total number of fetch requests.',
  'records-lag-max':
    'The maximum lag in terms of number of records for any partition in this window. NOTE: This ' +
    'is based on current offset and not committed offset',
  'records-lead-min':
    'The minimum lead in terms of number of records for any partition in this window',
  'fetch-throttle-time-avg': 'The average throttle time in ms',
  'fetch-throttle-time-max': 'The maximum throttle time in ms',
} as const

/** Of each topic. */
const TOPIC_LEVEL = {
  'fetch-size-avg': 'The average number of bytes fetched per request for a topic.',
  'fetch-size-max': 'The maximum number of bytes fetched per request for a topic.',
  'bytes-consumed-rate': 'The average number of bytes consumed per second for a topic.',
  'bytes-consumed-total': 'The total number of bytes consumed for a topic.',
  'records-per-request-avg': 'The average number of records in each request for a topic.',
  'records-consumed-rate': 'The average number of records consumed per second for a topic.',
  'records-consumed-total': 'The total number of records consumed for a topic.',
} as const

/** Of each partition. */
const PARTITION_LEVEL = {
  'records-lag': 'The latest lag of the partition.',
  'records-lag-max': 'The max lag of the partition.',
  'records-lag-avg': 'The average lag of the partition.',
  'records-lead': 'The latest lead of the partition.',
  'records-lead-min': 'The min lead of the partition.',
  'records-lead-avg': 'The average lead of the partition.',
  'preferred-read-replica':
    'The current read replica for the partition, or -1 if reading from leader.',
} as const

/** What stands behind the description of each that has a topic in its tags. */
const ALSO_WITH_UNDERSCORES =
  ' Note: For topic names with periods (.), an additional metric with underscores is emitted. ' +
  'However, the periods replaced metric is deprecated. Please use the metric with actual topic ' +
  'name instead.'

export type FetchMetricName = keyof typeof CLIENT_LEVEL
export type FetchTopicMetricName = keyof typeof TOPIC_LEVEL
export type FetchPartitionMetricName = keyof typeof PARTITION_LEVEL

export class FetchMetricsRegistry {
  readonly metrics: Metrics
  private readonly clientTemplates: ReadonlyMap<string, MetricNameTemplate>
  private readonly topicTemplates: ReadonlyMap<string, MetricNameTemplate>
  private readonly partitionTemplates: ReadonlyMap<string, MetricNameTemplate>

  /** @param metricGrpPrefix `consumer`, for the group `consumer-fetch-manager-metrics` */
  constructor(metrics: Metrics, metricGrpPrefix: string) {
    this.metrics = metrics
    const group = `${metricGrpPrefix}-fetch-manager-metrics`
    const tags = Object.keys(metrics.config.tags)
    const note = ALSO_WITH_UNDERSCORES
    this.clientTemplates = templates(CLIENT_LEVEL, group, tags, '')
    this.topicTemplates = templates(TOPIC_LEVEL, group, [...tags, 'topic'], note)
    const ofPartition = [...tags, 'topic', 'partition']
    this.partitionTemplates = templates(PARTITION_LEVEL, group, ofPartition, note)
  }

  name(name: FetchMetricName): MetricName {
    return this.metrics.metricInstance(this.clientTemplates.get(name)!)
  }

  /** @param tags `topic` */
  topicName(name: FetchTopicMetricName, tags: MetricTags): MetricName {
    return this.metrics.metricInstance(this.topicTemplates.get(name)!, tags)
  }

  /** @param tags `topic` and `partition` */
  partitionName(name: FetchPartitionMetricName, tags: MetricTags): MetricName {
    return this.metrics.metricInstance(this.partitionTemplates.get(name)!, tags)
  }

  /** Every metric that there is or can be. */
  allTemplates(): readonly MetricNameTemplate[] {
    return [this.clientTemplates, this.topicTemplates, this.partitionTemplates].flatMap((level) => [
      ...level.values(),
    ])
  }
}

const templates = (
  level: Readonly<Record<string, string>>,
  group: string,
  tags: readonly string[],
  note: string,
): ReadonlyMap<string, MetricNameTemplate> =>
  new Map(
    Object.entries(level).map(([name, description]) => [
      name,
      new MetricNameTemplate(name, group, description + note, tags),
    ]),
  )
