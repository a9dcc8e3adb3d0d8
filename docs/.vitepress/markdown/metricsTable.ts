/**
 * All metrics of a producer, as a table for people, made of the code that registers them.
 *
 * The parts that record are put together here as a producer does, with one topic and one broker:
 * those have metrics of their own, and so show what each of them has.
 */

import { ConsoleLogger } from '../../../src/common/Logger.ts'
import type { MetricName } from '../../../src/common/MetricName.ts'
import { MockTime } from '../../../src/common/MockTime.ts'
import { ByteArraySerializer } from '../../../src/common/serialization/ByteArraySerializer.ts'
import { TraceBus } from '../../../src/common/Trace.ts'
import { SelectorMetrics } from '../../../src/network/SelectorMetrics.ts'
import { BufferPool } from '../../../src/producer/internals/BufferPool.ts'
import { ProducerMetrics } from '../../../src/producer/internals/ProducerMetrics.ts'
import { SenderMetrics } from '../../../src/producer/internals/SenderMetrics.ts'
import { ProducerConfig } from '../../../src/producer/ProducerConfig.ts'

/** In the order of the page. */
const GROUPS: Readonly<Record<string, string>> = {
  'producer-metrics': 'The producer as a whole.',
  'producer-topic-metrics': 'Each topic, from its first batch on.',
  'producer-node-metrics':
    'Each connection. Its `node-id` is `node-` and the id of the broker. The first connections, ' +
    'to the addresses of `bootstrap.servers`, have negative ids.',
  'app-info':
    'The program itself. These are no numbers that could be measured, and some are texts.',
  'kafka-metrics-count': 'The metrics themselves.',
}

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

export const producerMetricsTable = (): string => {
  const names = producerMetricNames()
  return Object.entries(GROUPS)
    .map(([group, about]) =>
      tableOf(
        names.filter((name) => name.group === group),
        group,
        about,
      ),
    )
    .join('\n\n')
}

const tableOf = (names: readonly MetricName[], group: string, about: string): string => {
  const tags = Object.keys(names[0]?.tags ?? {}).map((tag) => `\`${tag}\``)
  const rows = names.map(({ name, description }) => `| \`${name}\` | ${sentence(description)} |`)
  return [
    `### \`${group}\` {#${group}}`,
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
