/**
 * An offset to continue from, with what the committer noted beside it.
 *
 * The leader epoch says in whose reign the record before this offset was read. A consumer that
 * seeks with it notices when that part of the log has since been replaced
 * (`OffsetFetcher.validatePositionsIfNeeded`).
 *
 * @kafka org.apache.kafka.clients.consumer.OffsetAndMetadata
 * @simplified no Java serialization.
 */

import { IllegalArgumentException } from '../common/errors.ts'

export class OffsetAndMetadata {
  /** The next offset to read, not the last one read. */
  readonly offset: number
  /** `null` when it is not known. */
  readonly leaderEpoch: number | null
  /** A free text; a broker turns "none" into the empty string, and so does this class. */
  readonly metadata: string

  constructor(offset: number, leaderEpoch: number | null = null, metadata: string | null = '') {
    if (!(offset >= 0 && Number.isSafeInteger(offset))) {
      throw new IllegalArgumentException(
        `An offset to continue from is a whole number from 0 to 2^53 - 1, not ${offset}`,
      )
    }
    this.offset = offset
    this.leaderEpoch = leaderEpoch === null || leaderEpoch < 0 ? null : leaderEpoch
    this.metadata = metadata ?? ''
  }

  equals(other: OffsetAndMetadata): boolean {
    return (
      this.offset === other.offset &&
      this.leaderEpoch === other.leaderEpoch &&
      this.metadata === other.metadata
    )
  }

  toString(): string {
    return (
      `OffsetAndMetadata{offset=${this.offset}, leaderEpoch=${this.leaderEpoch}, ` +
      `metadata='${this.metadata}'}`
    )
  }
}
