/**
 * All metrics of a producer and of a consumer, as tables for people, made of the code that
 * registers them.
 *
 * The parts that record are put together here as a client does, with one topic, one partition and
 * one broker: those have metrics of their own, and so show what each of them has.
 */

import { ConsoleLogger } from '../../../src/common/Logger.ts'
import type { MetricName, MetricTags } from '../../../src/common/MetricName.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { SeededRandom } from '../../../src/common/Random.ts'
import { ByteArrayDeserializer } from '../../../src/common/serialization/ByteArrayDeserializer.ts'
import { ByteArraySerializer } from '../../../src/common/serialization/ByteArraySerializer.ts'
import { TopicPartition } from '../../../src/common/TopicPartition.ts'
import { TopicPartitionSet } from '../../../src/common/TopicPartitionSet.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { ConsumerConfig } from '../../../src/consumer/ConsumerConfig.ts'
import { ConsumerCoordinatorMetrics } from '../../../src/consumer/internals/ConsumerCoordinatorMetrics.ts'
import {
  CONSUMER_METRIC_GROUP_PREFIX,
  ConsumerMetrics,
} from '../../../src/consumer/internals/ConsumerMetrics.ts'
import { createSubscriptionState } from '../../../src/consumer/internals/ConsumerUtils.ts'
import { GroupCoordinatorMetrics } from '../../../src/consumer/internals/GroupCoordinatorMetrics.ts'
import { RebalanceCallbackMetricsManager } from '../../../src/consumer/internals/RebalanceCallbackMetricsManager.ts'
import { SelectorMetrics } from '../../../src/network/SelectorMetrics.ts'
import { BufferPool } from '../../../src/producer/internals/BufferPool.ts'
import { ProducerMetrics } from '../../../src/producer/internals/ProducerMetrics.ts'
import { SenderMetrics } from '../../../src/producer/internals/SenderMetrics.ts'
import { ProducerConfig } from '../../../src/producer/ProducerConfig.ts'

/**
 * A group of metrics, or those of it that have `tag` for their last one, and what is said of it.
 */
interface Section {
  readonly group: string
  readonly about: string
  /** Default: the group is all of a kind. */
  readonly tag?: string
}

/** In the order of the page. */
const PRODUCER_SECTIONS: readonly Section[] = [
  { group: 'producer-metrics', about: 'The producer as a whole.' },
  { group: 'producer-topic-metrics', about: 'Each topic, from its first batch on.' },
  {
    group: 'producer-node-metrics',
    about:
      'Each connection. Its `node-id` is `node-` and the id of the broker. The first ' +
      'connections, to the addresses of `bootstrap.servers`, have negative ids.',
  },
  {
    group: 'app-info',
    about: 'The program itself. These are no numbers that could be measured, and some are texts.',
  },
  { group: 'kafka-metrics-count', about: 'The metrics themselves.' },
]

/** The last two groups of a producer's are a consumer's too. */
const CONSUMER_SECTIONS: readonly Section[] = [
  { group: 'consumer-metrics', about: 'The consumer as a whole: its calls and its connections.' },
  { group: 'consumer-fetch-manager-metrics', about: 'What it fetches, in all.', tag: 'client-id' },
  {
    group: 'consumer-fetch-manager-metrics',
    about: 'Each topic, from its first records on.',
    tag: 'topic',
  },
  {
    group: 'consumer-fetch-manager-metrics',
    about: 'Each partition, as long as it is assigned.',
    tag: 'partition',
  },
  { group: 'consumer-coordinator-metrics', about: 'Its group, if it has one.' },
  {
    group: 'consumer-node-metrics',
    about:
      "Each connection, as with a producer. The one to the group's coordinator has the id " +
      '2147483647 less that of the broker.',
  },
]

/** With tags that stand for any. */
export const producerMetricNames = (): MetricName[] => {
  const time = new MockTime()
  const logger = new ConsoleLogger('silent')
  const config = new ProducerConfig({
    'bootstrap.servers': 'localhost:9092',
    'key.serializer': ByteArraySerializer,
    'value.serializer': ByteArraySerializer,
    'metric.reporters': [],
  })
  const metrics = new ProducerMetrics({ config, clientId: '…', environment: { time }, logger })
  const trace = new TraceBus(time).from('…')
  new BufferPool({ memory: 1, poolableSize: 1, time, trace, metrics: metrics.bufferPool })
  new SenderMetrics({
    registry: metrics.senderMetrics,
    client: { inFlightRequestCount: () => 0 },
    metadata: { lastSuccessfulUpdate: () => 0 },
    time,
  }).maybeRegisterTopicMetrics('…')
  const ofSelector = { logger, connectionCount: () => 0 }
  new SelectorMetrics(metrics.selector(), ofSelector).maybeRegisterConnectionMetrics('…')
  const names = [...metrics.metrics.metrics().keys()]
  metrics.close()
  return names.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** With tags that stand for any. */
export const consumerMetricNames = (): MetricName[] => {
  const time = new MockTime()
  const logger = new ConsoleLogger('silent')
  const settings = {
    'bootstrap.servers': 'localhost:9092',
    'key.deserializer': ByteArrayDeserializer,
    'value.deserializer': ByteArrayDeserializer,
    'metric.reporters': [],
  }
  const config = new ConsumerConfig(settings, new SeededRandom(1))
  const of = new ConsumerMetrics({ config, environment: { time }, logger })
  const shared = { metrics: of.metrics, metricGrpPrefix: CONSUMER_METRIC_GROUP_PREFIX }
  const subscriptions = createSubscriptionState(config, logger)
  new GroupCoordinatorMetrics({ ...shared, lastHeartbeatSendMs: () => 0 })
  new ConsumerCoordinatorMetrics({ ...shared, subscriptions })
  new RebalanceCallbackMetricsManager(of.metrics, CONSUMER_METRIC_GROUP_PREFIX)
  const partition = new TopicPartition('…', 0)
  subscriptions.assignFromUser(new TopicPartitionSet([partition]))
  of.fetch.maybeUpdateAssignment(subscriptions)
  of.fetch.recordPartitionLag(partition, 0)
  of.fetch.recordPartitionLead(partition, 0)
  of.fetch.recordTopicBytesFetched('…', 0)
  of.fetch.recordTopicRecordsFetched('…', 0)
  const ofSelector = { logger, connectionCount: () => 0 }
  new SelectorMetrics(of.selector(), ofSelector).maybeRegisterConnectionMetrics('…')
  const names = [...of.metrics.metrics().keys()]
  of.close()
  return names.sort((a, b) => (a.name < b.name ? -1 : 1))
}

export const producerMetricsTable = (): string => tablesOf(producerMetricNames(), PRODUCER_SECTIONS)

export const consumerMetricsTable = (): string => tablesOf(consumerMetricNames(), CONSUMER_SECTIONS)

const tablesOf = (names: readonly MetricName[], sections: readonly Section[]): string =>
  sections
    .map((section) => {
      const { group, tag } = section
      const ofGroup = names.filter((name) => name.group === group)
      return tableOf(
        tag === undefined ? ofGroup : ofGroup.filter(({ tags }) => lastTag(tags) === tag),
        section,
      )
    })
    .join('\n\n')

const lastTag = (tags: MetricTags): string | undefined => Object.keys(tags).at(-1)

/** The note on underscores is on the page, once. */
const NOTE = / Note: For topic names with periods.*$/

const tableOf = (names: readonly MetricName[], { group, about, tag }: Section): string => {
  const tags = Object.keys(names[0]?.tags ?? {}).map((key) => `\`${key}\``)
  const rows = names.map(
    ({ name, description }) => `| \`${name}\` | ${sentence(description.replace(NOTE, ''))} |`,
  )
  const [of, anchor] =
    tag === undefined || tag === 'client-id' ? ['', ''] : [` by ${tag}`, `-${tag}`]
  return [
    `### \`${group}\`${of} {#${group}${anchor}}`,
    '',
    `${about} Tags: ${tags.join(', ')}.`,
    '',
    '| metric | meaning |',
    '|---|---|',
    ...rows,
  ].join('\n')
}

const sentence = (text: string): string => {
  const begun = text[0]!.toUpperCase() + text.slice(1)
  return begun.endsWith('.') ? begun : `${begun}.`
}
