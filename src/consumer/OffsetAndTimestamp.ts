/**
 * What `offsetsForTimes` finds: the first record at or after a moment.
 *
 * @kafka org.apache.kafka.clients.consumer.OffsetAndTimestamp
 */

import { IllegalArgumentException } from '../common/errors.ts'

export class OffsetAndTimestamp {
  readonly offset: number
  /** The record's timestamp, milliseconds since 1970. */
  readonly timestamp: number
  /** `null` when it is not known. */
  readonly leaderEpoch: number | null

  constructor(offset: number, timestamp: number, leaderEpoch: number | null = null) {
    if (!(offset >= 0)) {
      throw new IllegalArgumentException(`An offset must be 0 or more, got ${offset}`)
    }
    if (!(timestamp >= 0)) {
      throw new IllegalArgumentException(`A timestamp must be 0 or more, got ${timestamp}`)
    }
    this.offset = offset
    this.timestamp = timestamp
    this.leaderEpoch = leaderEpoch
  }

  equals(other: OffsetAndTimestamp): boolean {
    return (
      this.offset === other.offset &&
      this.timestamp === other.timestamp &&
      this.leaderEpoch === other.leaderEpoch
    )
  }

  toString(): string {
    return `(timestamp=${this.timestamp}, leaderEpoch=${this.leaderEpoch}, offset=${this.offset})`
  }
}
