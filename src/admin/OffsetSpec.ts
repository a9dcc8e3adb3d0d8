/**
 * Which offset of a partition is asked for.
 *
 *     earliest ─► first record that is left          latest ─► after the last record
 *     forTimestamp(ms) ─► first record at or after   maxTimestamp ─► record with the highest one
 *
 * @kafka org.apache.kafka.clients.admin.OffsetSpec
 */

import { ListOffsetsRequest } from '../protocol/messages/ListOffsets.ts'

export class OffsetSpec {
  /** Milliseconds since 1970, or one of the negative numbers that name a place. */
  readonly timestamp: number

  private constructor(timestamp: number) {
    this.timestamp = timestamp
  }

  /** The end of the partition: the offset of the next record. */
  static latest(): OffsetSpec {
    return new OffsetSpec(ListOffsetsRequest.LATEST_TIMESTAMP)
  }

  /** The first record that is left. */
  static earliest(): OffsetSpec {
    return new OffsetSpec(ListOffsetsRequest.EARLIEST_TIMESTAMP)
  }

  /** The first record at or after this time. @param timestamp milliseconds since 1970 */
  static forTimestamp(timestamp: number): OffsetSpec {
    return new OffsetSpec(timestamp)
  }

  /** The record with the highest timestamp. Needs a broker of version 3.0 or newer. */
  static maxTimestamp(): OffsetSpec {
    return new OffsetSpec(ListOffsetsRequest.MAX_TIMESTAMP)
  }

  /** The first record on the broker's own disk. */
  static earliestLocal(): OffsetSpec {
    return new OffsetSpec(ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP)
  }

  /** The last record in remote storage. */
  static latestTiered(): OffsetSpec {
    return new OffsetSpec(ListOffsetsRequest.LATEST_TIERED_TIMESTAMP)
  }

  /** The first record that still has to go to remote storage. */
  static earliestPendingUpload(): OffsetSpec {
    return new OffsetSpec(ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP)
  }

  toString(): string {
    return `OffsetSpec(${this.timestamp})`
  }
}
