/**
 * The settings of a consumer that belongs to a group: who it is, how its heart beats, what it
 * commits.
 *
 * They stand apart from the other settings of a consumer (`ConsumerConfig`) because without
 * `group.id` none of them does anything.
 *
 *     heartbeat.interval.ms   3 s ─► the next sign of life
 *     session.timeout.ms     45 s ─► no sign of life: the coordinator gives the partitions away
 *     max.poll.interval.ms  300 s ─► signs of life, but no `poll`: the member leaves by itself
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerConfig
 * @simplified the classic group protocol only: `group.protocol=consumer` (KIP-848) and share groups
 *   (KIP-932) are refused.
 */

import { defineConfigs } from '../../common/config/ConfigDef.ts'
import { ofType } from '../../common/config/ConfigTypes.ts'
import { atLeast, nonEmptyString, validator, validList } from '../../common/config/validators.ts'
import { CooperativeStickyAssignor } from '../CooperativeStickyAssignor.ts'
import { RangeAssignor } from '../RangeAssignor.ts'
import type { AssignorChoice } from './AssignorInstances.ts'

const GROUP_PROTOCOL = validator('(case insensitive) [CLASSIC]', (value) => {
  switch (String(value).toUpperCase()) {
    case 'CLASSIC':
      return undefined
    case 'CONSUMER':
      return 'only classic is there yet; the consumer protocol (KIP-848) is not'
    default:
      return 'it must be classic, in any case'
  }
})

const NEXT_PROTOCOL = 'it cannot be set when group.protocol=CLASSIC: it is for KIP-848'
const SHARE_GROUPS = 'it cannot be set when group.protocol=CLASSIC: it is for share groups'

export const GROUP_CONFIGS = defineConfigs({
  'group.id': {
    type: 'string',
    default: null,
    importance: 'high',
    documentation:
      'The group that this consumer belongs to. Its members share the partitions of the topics ' +
      'that they subscribe to, and the group remembers how far they have read. Without it there ' +
      'is `assign`, and nothing is committed.',
  },
  'group.instance.id': {
    type: 'string',
    default: null,
    validator: nonEmptyString,
    importance: 'medium',
    documentation:
      'A name of this member that stays the same when its program is started again (a static ' +
      'member). If it is back within `session.timeout.ms` it gets its partitions back, and ' +
      'nobody else moves.',
  },
  'session.timeout.ms': {
    type: 'int',
    default: 45_000,
    importance: 'high',
    documentation:
      'A member that was not heard of for so long counts as dead, and its partitions go to ' +
      'others. The broker has limits for it: `group.min.session.timeout.ms` and ' +
      '`group.max.session.timeout.ms`.',
  },
  'heartbeat.interval.ms': {
    type: 'int',
    default: 3000,
    importance: 'high',
    documentation:
      'The time between two signs of life to the coordinator. At most a third of ' +
      '`session.timeout.ms`, so that one may get lost. An answer to it is how a member hears of ' +
      'a rebalance.',
  },
  'max.poll.interval.ms': {
    type: 'int',
    default: 300_000,
    validator: atLeast(1),
    importance: 'medium',
    documentation:
      'The longest time between two calls of `poll`. A member that takes longer is alive but ' +
      'stuck: it leaves the group. Also how long a rebalance waits for a member.',
  },
  'partition.assignment.strategy': {
    type: 'list',
    default: [RangeAssignor, CooperativeStickyAssignor],
    of: ofType<AssignorChoice>(),
    validator: validList([], { emptyAllowed: true }),
    importance: 'medium',
    documentation:
      'How partitions are shared out: classes of `ConsumerPartitionAssignor`, objects, or the ' +
      "names of Kafka's own four, the best liked first. A group takes one that all its members " +
      'have.',
  },
  'enable.auto.commit': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    documentation:
      'Whether offsets are committed in the background, every `auto.commit.interval.ms`. Without ' +
      '`group.id` it is false, and may not be set to true.',
  },
  'auto.commit.interval.ms': {
    type: 'int',
    default: 5000,
    validator: atLeast(0),
    importance: 'low',
    documentation: 'With `enable.auto.commit`: how often offsets are committed.',
  },
  'group.protocol': {
    type: 'string',
    default: 'classic',
    validator: GROUP_PROTOCOL,
    importance: 'high',
    documentation:
      'How a group comes to an agreement. Only `classic`: one of the members decides who gets ' +
      'what.',
  },
  'group.remote.assignor': {
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: "With `group.protocol=consumer`: the broker's assignor for the group.",
    refused: NEXT_PROTOCOL,
  },
  'internal.throw.on.fetch.stable.offset.unsupported': {
    type: 'boolean',
    default: false,
    importance: 'low',
    internal: true,
    documentation:
      'Whether a broker too old to say which committed offsets are decided is an error. It is ' +
      "Kafka Streams' own setting.",
  },
  'share.acknowledgement.mode': {
    type: 'string',
    default: 'implicit',
    importance: 'medium',
    documentation: 'How records of a share group are acknowledged.',
    refused: SHARE_GROUPS,
  },
  'share.acquire.mode': {
    type: 'string',
    default: 'BATCH_OPTIMIZED',
    importance: 'medium',
    documentation: 'How many records a member of a share group takes at a time.',
    refused: SHARE_GROUPS,
  },
})
