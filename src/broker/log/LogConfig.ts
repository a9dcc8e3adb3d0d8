/**
 * The settings of one topic: its own where it has them, the broker's defaults for the rest.
 *
 * A topic's `retention.ms` and a broker's `log.retention.ms` are one setting under two names: the
 * broker's is what a topic has that says nothing. `TOPIC_CONFIG_SYNONYMS` is that table, and
 * `DescribeConfigs` shows both.
 *
 * The few values that the append path reads for every request are plain fields, read once.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogConfig
 * @kafka org.apache.kafka.common.config.TopicConfig
 * @simplified settings of tiered storage and of replication quotas are not there: nothing would
 *   obey them, so a topic that asks for one is refused as with an unknown name. `retention.*`,
 *   `cleanup.policy` and what belongs to them are kept and shown; cleaning comes with its own part.
 */

import { AbstractConfig } from '../../common/config/AbstractConfig.ts'
import { ConfigDef, type Properties } from '../../common/config/ConfigDef.ts'
import {
  atLeast,
  between,
  validator,
  validListIn,
  validString,
} from '../../common/config/validators.ts'
import { InvalidConfigurationException } from '../../common/errors/ApiExceptions.ts'
import { ConfigException } from '../../common/errors.ts'
import type { Random } from '../../common/Random.ts'
import { CompressionType } from '../../record/CompressionType.ts'
import type { CompressionLevels } from '../../record/compress/Compression.ts'
import { Records } from '../../record/Records.ts'
import { TimestampType } from '../../record/TimestampType.ts'

/** Stands for "no limit" in a 64-bit setting: Java's largest long. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER

const DAY_MS = 24 * 60 * 60 * 1000

const levelOf = (type: CompressionType) =>
  validator(type.levelRange(), (value) =>
    type.isLevel(value as number) ? undefined : `it must be in ${type.levelRange()}`,
  )

export const LOG_CONFIG_DEF = new ConfigDef({
  'segment.bytes': {
    type: 'int',
    default: 1024 * 1024 * 1024,
    validator: atLeast(1024 * 1024),
    importance: 'medium',
    documentation:
      'Bytes after which a log goes on in a new file. Cleaning removes whole files only.',
  },
  'segment.ms': {
    type: 'long',
    default: 7 * DAY_MS,
    validator: atLeast(1),
    importance: 'medium',
    documentation:
      'Milliseconds after which a log goes on in a new file, even when the old one is not full.',
  },
  'segment.jitter.ms': {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'medium',
    documentation:
      'At most so many milliseconds, drawn by lot, a new file is begun earlier than segment.ms ' +
      'says.',
  },
  'segment.index.bytes': {
    type: 'int',
    default: 10 * 1024 * 1024,
    validator: atLeast(4),
    importance: 'medium',
    documentation: 'Bytes that an index may take; a full one begins a new segment.',
  },
  'flush.messages': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(1),
    importance: 'medium',
    documentation: 'Records after which the log is flushed to the disk itself.',
  },
  'flush.ms': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Milliseconds after which the log is flushed to the disk itself.',
  },
  'retention.bytes': {
    type: 'long',
    default: -1,
    importance: 'medium',
    documentation:
      'Bytes that a partition may grow to before old segments are deleted; -1: no limit.',
  },
  'retention.ms': {
    type: 'long',
    default: 7 * DAY_MS,
    validator: atLeast(-1),
    importance: 'medium',
    documentation: 'Milliseconds that records are kept with the policy delete; -1: for ever.',
  },
  'max.message.bytes': {
    type: 'int',
    default: 1024 * 1024 + Records.LOG_OVERHEAD,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Bytes of the largest record batch that is accepted, compressed as it comes.',
  },
  'index.interval.bytes': {
    type: 'int',
    default: 4096,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Bytes of log between two entries of its index.',
  },
  'delete.retention.ms': {
    type: 'long',
    default: DAY_MS,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Milliseconds that a compacted topic keeps the marker of a deleted key.',
  },
  'min.compaction.lag.ms': {
    type: 'long',
    default: 0,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Milliseconds for which a record is not compacted.',
  },
  'max.compaction.lag.ms': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(1),
    importance: 'medium',
    documentation:
      'Milliseconds after which a record becomes eligible for compaction, dirty ratio or not.',
  },
  'file.delete.delay.ms': {
    type: 'long',
    default: 60_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation: 'Milliseconds between dropping a file from the log and deleting it.',
  },
  'min.cleanable.dirty.ratio': {
    type: 'double',
    default: 0.5,
    validator: between(0, 1),
    importance: 'medium',
    documentation: 'The part of a log that is not compacted yet before it is cleaned.',
  },
  'cleanup.policy': {
    type: 'list',
    default: 'delete',
    validator: validListIn(['compact', 'delete']),
    importance: 'medium',
    documentation:
      'How old records go: by age and size (delete), by a newer one of the same key (compact), ' +
      'or both.',
  },
  'unclean.leader.election.enable': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    documentation:
      'Whether a replica that is not in sync may become leader, at the price of lost records.',
  },
  'min.insync.replicas': {
    type: 'int',
    default: 1,
    validator: atLeast(1),
    importance: 'medium',
    documentation:
      'In-sync replicas, the leader included, below which a write with acks=all is refused.',
  },
  'compression.type': {
    type: 'string',
    default: 'producer',
    validator: validString('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    importance: 'medium',
    documentation: 'The codec that records are stored with; producer: as they come.',
  },
  'compression.gzip.level': {
    type: 'int',
    default: CompressionType.GZIP.defaultLevel(),
    validator: levelOf(CompressionType.GZIP),
    importance: 'medium',
    documentation: 'The level when compression.type is gzip.',
  },
  'compression.lz4.level': {
    type: 'int',
    default: CompressionType.LZ4.defaultLevel(),
    validator: levelOf(CompressionType.LZ4),
    importance: 'medium',
    documentation: 'The level when compression.type is lz4.',
  },
  'compression.zstd.level': {
    type: 'int',
    default: CompressionType.ZSTD.defaultLevel(),
    validator: levelOf(CompressionType.ZSTD),
    importance: 'medium',
    documentation: 'The level when compression.type is zstd.',
  },
  preallocate: {
    type: 'boolean',
    default: false,
    importance: 'medium',
    documentation:
      'Whether a new segment takes its room on the disk at once. Kept and shown; files grow here.',
  },
  'message.timestamp.type': {
    type: 'string',
    default: TimestampType.CREATE_TIME,
    validator: validString(TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME),
    importance: 'medium',
    documentation: "Whose clock a record carries: the producer's or, at the append, the broker's.",
  },
  'message.timestamp.before.max.ms': {
    type: 'long',
    default: NO_LIMIT,
    validator: atLeast(0),
    importance: 'medium',
    documentation: "Milliseconds by which a record may be older than the broker's clock.",
  },
  'message.timestamp.after.max.ms': {
    type: 'long',
    default: 3_600_000,
    validator: atLeast(0),
    importance: 'medium',
    documentation: "Milliseconds by which a record may be ahead of the broker's clock.",
  },
})

/** Settings of a topic, as texts or values. */
export type TopicProperties = Properties

/** Topic setting → the broker settings that give its default, the first found wins. */
export const TOPIC_CONFIG_SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  'segment.bytes': ['log.segment.bytes'],
  'segment.ms': ['log.roll.ms', 'log.roll.hours'],
  'segment.jitter.ms': ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  'segment.index.bytes': ['log.index.size.max.bytes'],
  'flush.messages': ['log.flush.interval.messages'],
  'flush.ms': ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
  'retention.bytes': ['log.retention.bytes'],
  'retention.ms': ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
  'max.message.bytes': ['message.max.bytes'],
  'index.interval.bytes': ['log.index.interval.bytes'],
  'delete.retention.ms': ['log.cleaner.delete.retention.ms'],
  'min.compaction.lag.ms': ['log.cleaner.min.compaction.lag.ms'],
  'max.compaction.lag.ms': ['log.cleaner.max.compaction.lag.ms'],
  'file.delete.delay.ms': ['log.segment.delete.delay.ms'],
  'min.cleanable.dirty.ratio': ['log.cleaner.min.cleanable.ratio'],
  'cleanup.policy': ['log.cleanup.policy'],
  'unclean.leader.election.enable': ['unclean.leader.election.enable'],
  'min.insync.replicas': ['min.insync.replicas'],
  'compression.type': ['compression.type'],
  'compression.gzip.level': ['compression.gzip.level'],
  'compression.lz4.level': ['compression.lz4.level'],
  'compression.zstd.level': ['compression.zstd.level'],
  preallocate: ['log.preallocate'],
  'message.timestamp.type': ['log.message.timestamp.type'],
  'message.timestamp.before.max.ms': ['log.message.timestamp.before.max.ms'],
  'message.timestamp.after.max.ms': ['log.message.timestamp.after.max.ms'],
}

export class LogConfig extends AbstractConfig<typeof LOG_CONFIG_DEF> {
  readonly segmentSize: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  readonly maxIndexSize: number
  readonly indexInterval: number
  readonly flushInterval: number
  readonly flushMs: number
  readonly maxMessageSize: number
  readonly fileDeleteDelayMs: number
  readonly compact: boolean
  readonly delete: boolean
  readonly minInSyncReplicas: number
  readonly compressionType: string
  readonly compressionLevels: CompressionLevels
  readonly messageTimestampType: TimestampType
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number

  /** @param properties the topic's own settings over the broker's defaults */
  constructor(properties: Properties = {}) {
    super(LOG_CONFIG_DEF, properties)
    this.segmentSize = internalSegmentBytes(properties) ?? this.get('segment.bytes')
    this.segmentMs = this.get('segment.ms')
    this.segmentJitterMs = this.get('segment.jitter.ms')
    this.maxIndexSize = this.get('segment.index.bytes')
    this.indexInterval = this.get('index.interval.bytes')
    this.flushInterval = this.get('flush.messages')
    this.flushMs = this.get('flush.ms')
    this.maxMessageSize = this.get('max.message.bytes')
    this.fileDeleteDelayMs = this.get('file.delete.delay.ms')
    this.compact = this.get('cleanup.policy').includes('compact')
    this.delete = this.get('cleanup.policy').includes('delete')
    this.minInSyncReplicas = this.get('min.insync.replicas')
    this.compressionType = this.get('compression.type')
    this.compressionLevels = {
      gzip: this.get('compression.gzip.level'),
      lz4: this.get('compression.lz4.level'),
      zstd: this.get('compression.zstd.level'),
    }
    this.messageTimestampType = TimestampType.forName(this.get('message.timestamp.type'))
    this.messageTimestampBeforeMaxMs = this.get('message.timestamp.before.max.ms')
    this.messageTimestampAfterMaxMs = this.get('message.timestamp.after.max.ms')
  }

  /**
   * How much earlier than `segment.ms` one segment ends, so that not all logs roll at one moment.
   */
  randomSegmentJitter(random: Random): number {
    const bound = Math.min(this.segmentJitterMs, this.segmentMs, 2 ** 32)
    return bound === 0 ? 0 : random.nextInt(bound)
  }

  static fromProps(defaults: Properties, overrides: Properties): LogConfig {
    return new LogConfig({ ...defaults, ...overrides })
  }

  /**
   * Checks a topic's settings before it is created.
   *
   * @throws InvalidConfigurationException for an unknown name or a value that cannot be
   */
  static validate(defaults: Properties, overrides: Properties): void {
    for (const name of Object.keys(overrides)) {
      if (LOG_CONFIG_DEF.has(name) || name === INTERNAL_SEGMENT_BYTES) continue
      const near = LOG_CONFIG_DEF.nearestName(name)
      const hint = near === undefined ? '' : ` Did you mean '${near}'?`
      throw new InvalidConfigurationException(`Unknown topic config name: ${name}.${hint}`)
    }
    try {
      const config = LogConfig.fromProps(defaults, overrides)
      if (config.get('min.compaction.lag.ms') > config.get('max.compaction.lag.ms')) {
        throw new InvalidConfigurationException(
          `conflict topic config setting min.compaction.lag.ms ` +
            `(${config.get('min.compaction.lag.ms')}) > max.compaction.lag.ms ` +
            `(${config.get('max.compaction.lag.ms')})`,
        )
      }
    } catch (error) {
      if (!(error instanceof ConfigException)) throw error
      throw new InvalidConfigurationException(error.message, { cause: error })
    }
  }
}

/**
 * Segments below `segment.bytes`' least value, for tests that roll often; Kafka has the same back
 * door.
 */
export const INTERNAL_SEGMENT_BYTES = 'internal.segment.bytes'

const internalSegmentBytes = (properties: Properties): number | undefined => {
  const given = properties[INTERNAL_SEGMENT_BYTES]
  return given === undefined ? undefined : Number(given)
}
