/**
 * Since when a segment is written to: what `segment.ms` counts from.
 *
 * The clock of the records decides, not ours: a segment that a follower copies, or that is filled
 * from an old file, is as old as its records say. Only a segment whose first batch has no timestamp
 * counts from the moment it was made or opened.
 *
 * @kafka org.apache.kafka.storage.internals.log.LogSegment (rollingBasedTimestamp, created)
 */

import type { Time } from '../../common/Time.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { FileRecords } from './FileRecords.ts'

export class SegmentAge {
  private readonly log: FileRecords
  private readonly time: Time
  private created: number
  /** The max timestamp of the first batch, read once. */
  private first: number | undefined

  constructor(log: FileRecords, time: Time) {
    this.log = log
    this.time = time
    this.created = time.milliseconds()
  }

  /** When the segment was made, opened or last emptied. */
  get createdMs(): number {
    return this.created
  }

  /** The segment is empty: it is young again. */
  restart(): void {
    this.created = this.time.milliseconds()
    this.first = undefined
  }

  /** How long the segment has been written to, if a record of `messageTimestamp` comes now. */
  waitedMs(nowMs: number, messageTimestamp: number): number {
    const first = this.firstTimestampOrNone()
    return first >= 0 ? messageTimestamp - first : nowMs - this.created
  }

  /** Infinity when the segment is empty or its first batch has none. */
  firstBatchTimestamp(): number {
    const first = this.firstTimestampOrNone()
    return first >= 0 ? first : Number.POSITIVE_INFINITY
  }

  private firstTimestampOrNone(): number {
    if (this.first === undefined) {
      const header = this.log.headerAt(0)
      if (header === undefined) return RecordBatch.NO_TIMESTAMP
      this.first = header.maxTimestamp
    }
    return this.first
  }
}
