/**
 * The broker's settings about groups and their offsets.
 *
 * @kafka org.apache.kafka.coordinator.group.GroupCoordinatorConfig
 * @simplified settings of threads have nothing to set here, nor those of the buffer that gathers
 *   records before they are written (`group.coordinator.append.linger.ms`,
 *   `group.coordinator.cached.buffer.max.bytes`): each write goes by itself. Those of groups of the
 *   consumer protocol, and `group.coordinator.rebalance.protocols`, come with it.
 */

import { ConfigDef, type ConfigInput, type ConfigValues } from '../../common/config/ConfigDef.ts'
import { atLeast, between } from '../../common/config/validators.ts'
import { CompressionType } from '../../record/CompressionType.ts'

const HIGHEST_CODEC_ID = 4

export const GROUP_COORDINATOR_CONFIG_DEF = new ConfigDef({
  'group.min.session.timeout.ms': {
    type: 'int',
    default: 6000,
    importance: 'medium',
    documentation:
      'The shortest session time-out that a member may ask for. Shorter ones find dead members ' +
      'sooner, at the price of more heartbeats.',
  },
  'group.max.session.timeout.ms': {
    type: 'int',
    default: 30 * 60_000,
    importance: 'medium',
    documentation: 'The longest session time-out that a member may ask for.',
  },
  'group.initial.rebalance.delay.ms': {
    type: 'int',
    default: 3000,
    importance: 'medium',
    documentation:
      'Milliseconds that the first members of a new group wait for others. A longer wait saves ' +
      'rebalances when many members start at once.',
  },
  'group.max.size': {
    type: 'int',
    default: 2 ** 31 - 1,
    validator: atLeast(1),
    importance: 'medium',
    documentation: 'Members that a group may have.',
  },
  'offset.metadata.max.bytes': {
    type: 'int',
    default: 4096,
    importance: 'high',
    documentation: 'Bytes of the note beside a committed offset, at most.',
  },
  'offsets.retention.minutes': {
    type: 'int',
    default: 7 * 24 * 60,
    validator: atLeast(1),
    importance: 'high',
    documentation:
      'Minutes after which committed offsets are forgotten: from when the last member left, or, ' +
      'where no member reads the topic or there is no group, from the last commit on.',
  },
  'offsets.retention.check.interval.ms': {
    type: 'long',
    default: 10 * 60_000,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'How often offsets that are too old are looked for.',
  },
  'offsets.topic.num.partitions': {
    type: 'int',
    default: 50,
    validator: atLeast(1),
    importance: 'high',
    documentation:
      'Partitions of __consumer_offsets. A group belongs to one of them by its name, so this ' +
      'must not be changed once the topic is there.',
  },
  'offsets.topic.replication.factor': {
    type: 'short',
    default: 3,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'Replicas of __consumer_offsets; here at most one, whatever is asked for.',
  },
  'offsets.topic.compression.codec': {
    type: 'int',
    default: 0,
    validator: between(0, HIGHEST_CODEC_ID),
    importance: 'high',
    documentation:
      'How records in __consumer_offsets are compressed: 0 not at all, 1 gzip, 2 snappy, 3 lz4, ' +
      '4 zstd.',
  },
  'offsets.commit.timeout.ms': {
    type: 'int',
    default: 5000,
    validator: atLeast(1),
    importance: 'high',
    documentation:
      'Milliseconds that a commit, or another change of a group, waits until it is written.',
  },
  'offsets.load.buffer.size': {
    type: 'int',
    default: 5 * 1024 * 1024,
    validator: atLeast(1),
    importance: 'high',
    documentation:
      'Bytes of __consumer_offsets that are read in one go while groups are loaded; a larger ' +
      'batch is read whole.',
  },
  'offsets.topic.segment.bytes': {
    type: 'int',
    default: 100 * 1024 * 1024,
    validator: atLeast(1),
    importance: 'high',
    documentation: 'Bytes of a file of __consumer_offsets, after which it goes on in a new one.',
  },
})

export type GroupCoordinatorConfigInput = ConfigInput<typeof GROUP_COORDINATOR_CONFIG_DEF>

/** A member that has not been answered yet cannot send heartbeats; it is given this long. */
const CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60_000

export class GroupCoordinatorConfig {
  private readonly values: ConfigValues<typeof GROUP_COORDINATOR_CONFIG_DEF>

  /** @param values of a broker */
  constructor(values: ConfigValues<typeof GROUP_COORDINATOR_CONFIG_DEF>) {
    this.values = values
  }

  /** These settings, the others at their defaults. */
  static of(settings: GroupCoordinatorConfigInput = {}): GroupCoordinatorConfig {
    return new GroupCoordinatorConfig(GROUP_COORDINATOR_CONFIG_DEF.parse(settings))
  }

  classicGroupMaxSize(): number {
    return this.values['group.max.size']
  }

  classicGroupInitialRebalanceDelayMs(): number {
    return this.values['group.initial.rebalance.delay.ms']
  }

  classicGroupNewMemberJoinTimeoutMs(): number {
    return CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS
  }

  classicGroupMinSessionTimeoutMs(): number {
    return this.values['group.min.session.timeout.ms']
  }

  classicGroupMaxSessionTimeoutMs(): number {
    return this.values['group.max.session.timeout.ms']
  }

  offsetMetadataMaxSize(): number {
    return this.values['offset.metadata.max.bytes']
  }

  offsetsRetentionMs(): number {
    return this.values['offsets.retention.minutes'] * 60_000
  }

  offsetsRetentionCheckIntervalMs(): number {
    return this.values['offsets.retention.check.interval.ms']
  }

  offsetsTopicPartitions(): number {
    return this.values['offsets.topic.num.partitions']
  }

  offsetsTopicReplicationFactor(): number {
    return this.values['offsets.topic.replication.factor']
  }

  offsetTopicCompressionType(): CompressionType {
    return CompressionType.forId(this.values['offsets.topic.compression.codec'])
  }

  offsetCommitTimeoutMs(): number {
    return this.values['offsets.commit.timeout.ms']
  }

  offsetsLoadBufferSize(): number {
    return this.values['offsets.load.buffer.size']
  }

  offsetsTopicSegmentBytes(): number {
    return this.values['offsets.topic.segment.bytes']
  }
}
