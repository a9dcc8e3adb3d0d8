/**
 * When a committed offset is too old to keep.
 *
 * A group that reads keeps its offsets, however rarely it commits. Once its last member has gone,
 * they grow old from that moment on; those of a consumer without a group from their own commit on.
 * Which of the two it is, the group says: it gives the moment from which to count.
 *
 * @kafka org.apache.kafka.coordinator.group.OffsetExpirationCondition
 * @kafka org.apache.kafka.coordinator.group.OffsetExpirationConditionImpl
 */

import { NO_TIMESTAMP, type OffsetAndMetadata } from './OffsetAndMetadata.ts'

export class OffsetExpirationCondition {
  /** From which moment on an offset grows old; milliseconds since 1970. */
  readonly baseTimestamp: (offset: OffsetAndMetadata) => number

  constructor(baseTimestamp: (offset: OffsetAndMetadata) => number) {
    this.baseTimestamp = baseTimestamp
  }

  /** @param offsetsRetentionMs `offsets.retention.minutes`, in milliseconds */
  isOffsetExpired(
    offset: OffsetAndMetadata,
    currentTimestampMs: number,
    offsetsRetentionMs: number,
  ): boolean {
    // A commit that named its own time is held to it.
    if (offset.expireTimestampMs !== NO_TIMESTAMP) {
      return currentTimestampMs >= offset.expireTimestampMs
    }
    return currentTimestampMs - this.baseTimestamp(offset) >= offsetsRetentionMs
  }
}
