/**
 * The record in `__consumer_offsets` that holds one committed offset: a key per group, topic and
 * partition, so that compaction keeps the newest.
 *
 * The two bytes in front of a key say what kind of record it is (0 or 1: an offset), those in front
 * of a value its version. A record without a value, a tombstone, says that the offset is gone.
 *
 * Values of version 1 have a time of their own at which they expire (what OffsetCommit up to
 * version 4 could ask for); 2 dropped it, 3 brought the leader epoch, 4 is flexible and has the
 * topic's id as a tagged field, which older brokers skip (KIP-915).
 *
 * @kafka org.apache.kafka.coordinator.group.generated.OffsetCommitKey
 * @kafka org.apache.kafka.coordinator.group.generated.OffsetCommitValue
 * @kafka org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitKey
 * @kafka org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitValue
 */

import { Uuid } from '../../../common/Uuid.ts'
import { type DataOf, type InputOf, message } from '../../../protocol/schema/message.ts'
import { int32, int64, string, uuid } from '../../../protocol/schema/types.ts'

/**
 *     OffsetCommitKey => group topic partition
 *       group => string
 *       topic => string
 *       partition => int32
 */
export const OffsetCommitKey = message({
  name: 'OffsetCommitKey',
  kind: 'data',
  validVersions: '0',
  flexibleVersions: 'none',
  fields: {
    group: string(),
    topic: string(),
    partition: int32(),
  },
})
export type OffsetCommitKeyData = DataOf<typeof OffsetCommitKey>

/**
 *     OffsetCommitValue v4 => offset leaderEpoch metadata commitTimestamp {topicId}
 *       offset => int64
 *       leaderEpoch => int32
 *       metadata => string
 *       commitTimestamp => int64
 *       topicId => uuid, tag 0
 */
export const OffsetCommitValue = message({
  name: 'OffsetCommitValue',
  kind: 'data',
  validVersions: '0-4',
  flexibleVersions: '4+',
  fields: {
    offset: int64(),
    leaderEpoch: int32({ versions: '3+', default: -1, ignorable: true }),
    metadata: string(),
    commitTimestamp: int64(),
    expireTimestamp: int64({ versions: '1', default: -1, ignorable: true }),
    topicId: uuid({ versions: '4+', tag: 0, ignorable: true }),
  },
})
export type OffsetCommitValueData = DataOf<typeof OffsetCommitValue>
export type OffsetCommitValueInput = InputOf<typeof OffsetCommitValue>

/** What brokers before 0.9 wrote: the same key, another number. */
export const LegacyOffsetCommitKey = message({
  name: 'LegacyOffsetCommitKey',
  kind: 'data',
  validVersions: '0',
  flexibleVersions: 'none',
  fields: {
    group: string(),
    topic: string(),
    partition: int32(),
  },
})

/**
 *     LegacyOffsetCommitValue => offset metadata commitTimestamp
 *       offset => int64
 *       metadata => string
 *       commitTimestamp => int64
 */
export const LegacyOffsetCommitValue = message({
  name: 'LegacyOffsetCommitValue',
  kind: 'data',
  validVersions: '0',
  flexibleVersions: 'none',
  fields: {
    offset: int64(),
    metadata: string(),
    commitTimestamp: int64(),
  },
})
export type LegacyOffsetCommitValueData = DataOf<typeof LegacyOffsetCommitValue>

/** What the old record said, in the words of the present one. */
export const legacyOffsetCommitValue = (
  value: LegacyOffsetCommitValueData,
): OffsetCommitValueData => ({
  ...value,
  leaderEpoch: -1,
  expireTimestamp: -1,
  topicId: Uuid.ZERO_UUID,
})
