/**
 * The settings of a broker.
 *
 * They are Kafka's, with Kafka's names and defaults; those that say what a topic has that says
 * nothing (`log.retention.ms`, `message.max.bytes`, …) are handed on by `extractLogConfigMap`.
 *
 * @kafka kafka.server.KafkaConfig
 * @simplified settings that nothing here obeys yet are not known: a typo and a setting of the
 *   future both give a warning.
 */

import { AbstractConfig } from '../common/config/AbstractConfig.ts'
import { ConfigDef, type ConfigInput, type Properties } from '../common/config/ConfigDef.ts'
import { atLeast, validator, validListIn, validString } from '../common/config/validators.ts'
import {
  GROUP_COORDINATOR_CONFIG_DEF,
  GroupCoordinatorConfig,
} from './group/GroupCoordinatorConfig.ts'
import { LOG_CONFIG_DEF, LogConfig, NO_LIMIT, TOPIC_CONFIG_SYNONYMS } from './log/LogConfig.ts'

const HOUR_MS = 60 * 60 * 1000

const topicDefault = (name: keyof typeof LOG_CONFIG_DEF.definitions) =>
  LOG_CONFIG_DEF.definitions[name]

export const KAFKA_CONFIG_DEF = new ConfigDef({
  'node.id': {
    type: 'int',
    default: -1,
    validator: atLeast(-1),
    importance: 'high',
    documentation: 'The number of this broker. -1: the embedded cluster counts from 1.',
  },
  'broker.rack': {
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'Where this broker stands, for whoever wants to fetch nearby.',
  },
  'num.network.threads': {
    type: 'int',
    default: 3,
    validator: atLeast(1),
    importance: 'high',
    documentation:
      'Processors: loops that read requests from connections and write responses to them.',
  },
  'num.io.threads': {
    type: 'int',
    default: 8,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'Handlers: loops that take requests from the queue and do what they ask.',
  },
  'queued.max.requests': {
    type: 'int',
    default: 500,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'Requests that may wait for a handler; beyond that processors read no more.',
  },
  'queued.max.request.bytes': {
    type: 'long',
    default: -1,
    importance: 'medium',
    documentation:
      'Bytes of requests that are read or wait; beyond that connections wait. -1: no limit.',
  },
  'socket.request.max.bytes': {
    type: 'int',
    default: 100 * 1024 * 1024,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'Bytes of the largest request; a larger one closes its connection.',
  },
  'max.connections': {
    type: 'int',
    default: 2 ** 31 - 1,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Connections in all; further ones wait until one is closed.',
  },
  'max.connections.per.ip': {
    type: 'int',
    default: 2 ** 31 - 1,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Connections from one address; further ones are closed at once.',
  },
  'max.connections.per.ip.overrides': {
    type: 'string',
    default: '',
    validator: validator('address:count,…', (value) =>
      /^(|\S+:\d+(,\S+:\d+)*)$/.test(value as string) ? undefined : 'it must be address:count,…',
    ),
    importance: 'medium',
    documentation: 'Other limits for some addresses, as 10.0.0.1:100,10.0.0.2:5.',
  },
  'connections.max.idle.ms': {
    type: 'long',
    default: 10 * 60 * 1000,
    importance: 'medium',
    documentation: 'Milliseconds after which an idle connection is closed.',
  },
  'num.partitions': {
    type: 'int',
    default: 1,
    validator: atLeast(1),
    importance: 'medium',
    documentation: 'Partitions of a topic whose creator names no number.',
  },
  'default.replication.factor': {
    type: 'int',
    default: 1,
    validator: atLeast(1),
    importance: 'medium',
    documentation: 'Replicas of a topic whose creator names no number.',
  },
  'auto.create.topics.enable': {
    type: 'boolean',
    default: true,
    importance: 'high',
    documentation: 'Whether asking for a topic that is not there makes it.',
  },
  'delete.topic.enable': {
    type: 'boolean',
    default: true,
    importance: 'high',
    documentation: 'Whether topics can be deleted.',
  },
  'fetch.max.bytes': {
    type: 'int',
    default: 55 * 1024 * 1024,
    validator: atLeast(1024),
    importance: 'medium',
    documentation: 'Bytes of records in one fetch response at most.',
  },
  'max.request.partition.size.limit': {
    type: 'int',
    default: 2000,
    validator: atLeast(1),
    importance: 'medium',
    documentation: 'Partitions in one DescribeTopicPartitions response at most.',
  },
  'producer.id.expiration.ms': {
    type: 'int',
    default: 24 * HOUR_MS,
    validator: atLeast(1),
    importance: 'low',
    documentation: 'Milliseconds after which a partition forgets an idle idempotent producer.',
  },
  'producer.id.expiration.check.interval.ms': {
    type: 'int',
    default: 10 * 60 * 1000,
    validator: atLeast(1),
    importance: 'low',
    documentation: 'How often forgotten producers are looked for.',
  },
  'log.flush.offset.checkpoint.interval.ms': {
    type: 'int',
    default: 60_000,
    validator: atLeast(0),
    importance: 'high',
    documentation: 'How often it is written down up to where logs are flushed.',
  },
  'log.flush.scheduler.interval.ms': {
    type: 'long',
    default: NO_LIMIT,
    importance: 'high',
    documentation: 'How often it is looked for logs that are due for a flush.',
  },
  'log.flush.interval.ms': {
    type: 'long',
    default: null,
    importance: 'high',
    documentation:
      'Milliseconds after which a log is flushed; null: log.flush.scheduler.interval.ms.',
  },
  'log.flush.interval.messages': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(1),
    importance: 'high',
    documentation: topicDefault('flush.messages').documentation,
  },
  'log.segment.bytes': {
    type: 'int',
    default: 1024 * 1024 * 1024,
    validator: atLeast(1024 * 1024),
    importance: 'high',
    documentation: topicDefault('segment.bytes').documentation,
  },
  'log.roll.ms': {
    type: 'long',
    default: null,
    importance: 'high',
    documentation: 'Milliseconds after which a log goes on in a new file; null: log.roll.hours.',
  },
  'log.roll.hours': {
    type: 'int',
    default: 168,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'Hours after which a log goes on in a new file.',
  },
  'log.roll.jitter.ms': {
    type: 'long',
    default: null,
    importance: 'high',
    documentation: 'The most that is taken off log.roll.ms by lot; null: log.roll.jitter.hours.',
  },
  'log.roll.jitter.hours': {
    type: 'int',
    default: 0,
    validator: atLeast(0),
    importance: 'high',
    documentation: 'The most that is taken off log.roll.hours by lot.',
  },
  'log.retention.ms': {
    type: 'long',
    default: null,
    importance: 'high',
    documentation: 'Milliseconds that records are kept; null: log.retention.minutes.',
  },
  'log.retention.minutes': {
    type: 'int',
    default: null,
    importance: 'high',
    documentation: 'Minutes that records are kept; null: log.retention.hours.',
  },
  'log.retention.hours': {
    type: 'int',
    default: 168,
    importance: 'high',
    documentation: 'Hours that records are kept.',
  },
  'log.retention.bytes': {
    type: 'long',
    default: -1,
    importance: 'high',
    documentation: topicDefault('retention.bytes').documentation,
  },
  'log.cleanup.policy': {
    type: 'list',
    default: 'delete',
    validator: validListIn(['compact', 'delete']),
    importance: 'medium',
    documentation: topicDefault('cleanup.policy').documentation,
  },
  'log.index.size.max.bytes': {
    type: 'int',
    default: 10 * 1024 * 1024,
    validator: atLeast(4),
    importance: 'medium',
    documentation: topicDefault('segment.index.bytes').documentation,
  },
  'log.index.interval.bytes': {
    type: 'int',
    default: 4096,
    validator: atLeast(0),
    importance: 'medium',
    documentation: topicDefault('index.interval.bytes').documentation,
  },
  'log.segment.delete.delay.ms': {
    type: 'long',
    default: 60_000,
    validator: atLeast(0),
    importance: 'high',
    documentation: topicDefault('file.delete.delay.ms').documentation,
  },
  'log.preallocate': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    documentation: topicDefault('preallocate').documentation,
  },
  'log.message.timestamp.type': {
    type: 'string',
    default: 'CreateTime',
    validator: validString('CreateTime', 'LogAppendTime'),
    importance: 'medium',
    documentation: topicDefault('message.timestamp.type').documentation,
  },
  'log.message.timestamp.before.max.ms': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(0),
    importance: 'medium',
    documentation: topicDefault('message.timestamp.before.max.ms').documentation,
  },
  'log.message.timestamp.after.max.ms': {
    type: 'long',
    default: HOUR_MS,
    validator: atLeast(0),
    importance: 'medium',
    documentation: topicDefault('message.timestamp.after.max.ms').documentation,
  },
  'log.cleaner.delete.retention.ms': {
    type: 'long',
    default: 24 * HOUR_MS,
    validator: atLeast(0),
    importance: 'medium',
    documentation: topicDefault('delete.retention.ms').documentation,
  },
  'log.cleaner.min.compaction.lag.ms': {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'medium',
    documentation: topicDefault('min.compaction.lag.ms').documentation,
  },
  'log.cleaner.max.compaction.lag.ms': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(1),
    importance: 'medium',
    documentation: topicDefault('max.compaction.lag.ms').documentation,
  },
  'log.cleaner.min.cleanable.ratio': {
    type: 'double',
    default: 0.5,
    importance: 'medium',
    documentation: topicDefault('min.cleanable.dirty.ratio').documentation,
  },
  'message.max.bytes': {
    type: 'int',
    default: 1024 * 1024 + 12,
    validator: atLeast(0),
    importance: 'high',
    documentation: topicDefault('max.message.bytes').documentation,
  },
  'min.insync.replicas': topicDefault('min.insync.replicas'),
  'unclean.leader.election.enable': topicDefault('unclean.leader.election.enable'),
  'compression.type': topicDefault('compression.type'),
  'compression.gzip.level': topicDefault('compression.gzip.level'),
  'compression.lz4.level': topicDefault('compression.lz4.level'),
  'compression.zstd.level': topicDefault('compression.zstd.level'),
  ...GROUP_COORDINATOR_CONFIG_DEF.definitions,
})

/** What may be given as a broker's settings. */
export type KafkaConfigInput = ConfigInput<typeof KAFKA_CONFIG_DEF>

/** What a value in hours or minutes is in milliseconds. */
const UNIT_MS: Readonly<Record<string, number>> = { hours: HOUR_MS, minutes: 60_000 }

const inMilliseconds = (name: string, value: unknown): unknown => {
  const unitMs = UNIT_MS[name.slice(name.lastIndexOf('.') + 1)]
  if (unitMs === undefined) return value
  // Below 0 means "for ever", whatever the unit.
  return (value as number) < 0 ? -1 : (value as number) * unitMs
}

export class KafkaConfig extends AbstractConfig<typeof KAFKA_CONFIG_DEF> {
  /** The broker settings as they were written, for showing where a value comes from. */
  readonly staticConfigs: Properties

  constructor(properties: KafkaConfigInput | Properties = {}) {
    super(KAFKA_CONFIG_DEF, properties)
    this.staticConfigs = { ...(properties as Properties) }
  }

  /** What topics have that say nothing, under the topic settings' names. */
  extractLogConfigMap(): Properties {
    const defaults: Record<string, unknown> = {}
    for (const [topicName, brokerNames] of Object.entries(TOPIC_CONFIG_SYNONYMS)) {
      for (const brokerName of brokerNames) {
        if (!KAFKA_CONFIG_DEF.has(brokerName)) continue
        const value: unknown = this.get(brokerName as keyof typeof KAFKA_CONFIG_DEF.definitions)
        if (value === null) continue
        defaults[topicName] = inMilliseconds(brokerName, value)
        break
      }
    }
    return defaults
  }

  /** The settings of a topic, its own over this broker's. */
  logConfigOf(overrides: Properties): LogConfig {
    return LogConfig.fromProps(this.extractLogConfigMap(), overrides)
  }

  /** What groups are held to. */
  groupCoordinatorConfig(): GroupCoordinatorConfig {
    return new GroupCoordinatorConfig(this.values())
  }

  maxConnectionsPerIpOverrides(): Map<string, number> {
    const text = this.get('max.connections.per.ip.overrides')
    const pairs = text === '' ? [] : text.split(',')
    return new Map(
      pairs.map((pair) => {
        const colon = pair.lastIndexOf(':')
        return [pair.slice(0, colon).trim(), Number(pair.slice(colon + 1))]
      }),
    )
  }
}
