/**
 * Up to where every in-sync replica has a log: what consumers may read.
 *
 *     log start ≤ high watermark ≤ log end
 *
 * It is kept with its place on disk, because each waiting fetch asks how many bytes lie before it.
 * After a restart only the offset is known; the place is looked up when somebody asks.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (highWatermarkMetadata)
 */

import { OffsetOutOfRangeException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException } from '../../common/errors.ts'
import type { LocalLog } from './LocalLog.ts'
import { LogOffsetMetadata } from './LogOffsetMetadata.ts'

export class HighWatermark {
  private readonly localLog: LocalLog
  private metadata: LogOffsetMetadata

  constructor(localLog: LocalLog, offset: number) {
    this.localLog = localLog
    this.metadata = new LogOffsetMetadata(offset)
  }

  get offset(): number {
    return this.metadata.messageOffset
  }

  /** With its place on disk, as far as the log has it. */
  fetchMetadata(): LogOffsetMetadata {
    if (this.metadata.messageOffsetOnly()) {
      this.metadata = this.withPlace(this.metadata.messageOffset)
    }
    return this.metadata
  }

  /** Sets it, cut to what the log has from `logStartOffset` on; returns it. */
  update(offset: number | LogOffsetMetadata, logStartOffset: number): number {
    const wanted = typeof offset === 'number' ? new LogOffsetMetadata(offset) : offset
    if (wanted.messageOffset < logStartOffset) this.set(new LogOffsetMetadata(logStartOffset))
    else if (wanted.messageOffset < this.localLog.logEndOffset()) this.set(wanted)
    else this.set(this.localLog.logEndOffsetMetadata())
    return this.offset
  }

  /** Moves it forward; returns whether it moved. */
  maybeIncrement(wanted: LogOffsetMetadata): boolean {
    if (wanted.messageOffset > this.localLog.logEndOffset()) {
      throw new IllegalArgumentException(
        `High watermark ${wanted} update exceeds current log end offset ` +
          `${this.localLog.logEndOffsetMetadata()}`,
      )
    }
    const old = this.fetchMetadata()
    const sameOffset = old.messageOffset === wanted.messageOffset
    const ahead =
      old.messageOffset < wanted.messageOffset || (sameOffset && old.onOlderSegment(wanted))
    if (ahead) this.set(wanted)
    return ahead
  }

  /** A new segment has begun: when everything was replicated, the place is the new segment's. */
  updateWithLogEndOffset(): void {
    if (this.offset >= this.localLog.logEndOffset()) this.set(this.localLog.logEndOffsetMetadata())
  }

  private set(metadata: LogOffsetMetadata): void {
    if (metadata.messageOffset < 0) {
      throw new IllegalArgumentException('High watermark offset should be non-negative')
    }
    this.metadata = metadata
  }

  private withPlace(offset: number): LogOffsetMetadata {
    try {
      const place = this.localLog.convertToOffsetMetadataOrThrow(offset)
      // The place is that of the batch; the offset stays ours, which may lie inside it.
      return new LogOffsetMetadata(offset, place.segmentBaseOffset, place.relativePositionInSegment)
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeException)) throw error
      return new LogOffsetMetadata(offset)
    }
  }
}
