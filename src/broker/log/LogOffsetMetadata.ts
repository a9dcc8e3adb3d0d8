/**
 * An offset and where it stands on disk, so that two offsets can be told apart by bytes without
 * reading.
 *
 * A waiting fetch asks "how many bytes lie between my offset and the high watermark?". Within one
 * segment that is one subtraction; across segments it is "enough".
 *
 * @kafka org.apache.kafka.storage.internals.log.LogOffsetMetadata
 */

import { KafkaException } from '../../common/errors.ts'

const UNKNOWN_FILE_POSITION = -1
const UNKNOWN_SEGMENT = -1

export class LogOffsetMetadata {
  static readonly UNKNOWN_OFFSET_METADATA = new LogOffsetMetadata(-1)

  readonly messageOffset: number
  /** The base offset of the segment that holds it; -1 when only the offset is known. */
  readonly segmentBaseOffset: number
  /** Bytes from the segment's beginning. */
  readonly relativePositionInSegment: number

  constructor(
    messageOffset: number,
    segmentBaseOffset = UNKNOWN_SEGMENT,
    relativePositionInSegment = UNKNOWN_FILE_POSITION,
  ) {
    this.messageOffset = messageOffset
    this.segmentBaseOffset = segmentBaseOffset
    this.relativePositionInSegment = relativePositionInSegment
  }

  messageOffsetOnly(): boolean {
    return this.segmentBaseOffset === UNKNOWN_SEGMENT
  }

  onOlderSegment(that: LogOffsetMetadata): boolean {
    if (this.messageOffsetOnly() || that.messageOffsetOnly()) return false
    return this.segmentBaseOffset < that.segmentBaseOffset
  }

  onSameSegment(that: LogOffsetMetadata): boolean {
    return !this.messageOffsetOnly() && this.segmentBaseOffset === that.segmentBaseOffset
  }

  /** Bytes from `that` to this, on one segment. */
  positionDiff(that: LogOffsetMetadata): number {
    if (this.messageOffsetOnly() || !this.onSameSegment(that)) {
      throw new KafkaException(`${this} cannot compare its segment position with ${that}`)
    }
    return this.relativePositionInSegment - that.relativePositionInSegment
  }

  toString(): string {
    return (
      `(offset=${this.messageOffset}, ` +
      `segment=[${this.segmentBaseOffset}:${this.relativePositionInSegment}])`
    )
  }
}
