/**
 * What decides whether an append begins a new segment.
 *
 * @kafka org.apache.kafka.storage.internals.log.RollParams
 */
export interface RollParams {
  readonly maxSegmentMs: number
  readonly maxSegmentBytes: number
  readonly maxTimestampInMessages: number
  readonly maxOffsetInMessages: number
  /** Bytes of what is to be appended. */
  readonly messagesSize: number
  readonly nowMs: number
}
