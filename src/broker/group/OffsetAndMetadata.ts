/**
 * One committed offset, as the coordinator keeps it.
 *
 * @kafka org.apache.kafka.coordinator.group.OffsetAndMetadata
 */

import type { Uuid } from '../../common/Uuid.ts'
import type { OffsetCommitRequestPartition } from '../../protocol/messages/OffsetCommit.ts'
import type { OffsetCommitValueData } from './messages/OffsetCommitRecord.ts'

export interface OffsetAndMetadata {
  /** Where the record with this commit is in `__consumer_offsets`; -1: not in the log yet. */
  readonly recordOffset: number
  /** The next record that the group reads. */
  readonly committedOffset: number
  /** Of the last record that the group read; -1: not known. */
  readonly leaderEpoch: number
  /** A note of the application's. */
  readonly metadata: string
  readonly commitTimestampMs: number
  /** When it expires, if the commit said so (OffsetCommit up to version 4); -1: it did not. */
  readonly expireTimestampMs: number
  /** The zero id: not known. */
  readonly topicId: Uuid
}

export const NO_TIMESTAMP = -1
const NO_METADATA = ''

export const offsetAndMetadataOfRecord = (
  recordOffset: number,
  value: OffsetCommitValueData,
): OffsetAndMetadata => ({
  recordOffset,
  committedOffset: value.offset,
  leaderEpoch: value.leaderEpoch,
  metadata: value.metadata,
  commitTimestampMs: value.commitTimestamp,
  expireTimestampMs: value.expireTimestamp,
  topicId: value.topicId,
})

export const offsetAndMetadataOfRequest = (
  topicId: Uuid,
  partition: OffsetCommitRequestPartition,
  commitTimestampMs: number,
  expireTimestampMs: number,
): OffsetAndMetadata => ({
  recordOffset: -1,
  committedOffset: partition.committedOffset,
  leaderEpoch: partition.committedLeaderEpoch,
  metadata: partition.committedMetadata ?? NO_METADATA,
  commitTimestampMs,
  expireTimestampMs,
  topicId,
})
