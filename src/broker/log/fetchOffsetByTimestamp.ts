/**
 * Which offset belongs to a moment: what `ListOffsets` asks a log.
 *
 *     −2  earliest          where the log begins          −4  earliest local   the same, without
 *     tiered storage −1  latest            where it ends                 −5  latest tiered    none
 *     −3  max timestamp     the record with the largest   −6  earliest pending upload: none
 *     ≥0  a time            the first record not older
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (fetchOffsetByTimestamp)
 */

import { RecordBatch } from '../../record/RecordBatch.ts'
import type { TimestampAndOffset } from './FileRecords.ts'
import type { LogSegment } from './LogSegment.ts'
import type { UnifiedLog } from './UnifiedLog.ts'

/** The times that are none. */
export const ListOffsetsTimestamp = {
  LATEST: -1,
  EARLIEST: -2,
  MAX: -3,
  EARLIEST_LOCAL: -4,
  LATEST_TIERED: -5,
  EARLIEST_PENDING_UPLOAD: -6,
} as const

/** `undefined` when no record is as young as `target`. */
export const fetchOffsetByTimestamp = (
  log: UnifiedLog,
  target: number,
): TimestampAndOffset | undefined => {
  const { NO_TIMESTAMP } = RecordBatch
  switch (target) {
    case ListOffsetsTimestamp.EARLIEST:
    case ListOffsetsTimestamp.EARLIEST_LOCAL: {
      const earliest = log.leaderEpochCache.earliestEntry()
      const known = earliest !== undefined && earliest.startOffset <= log.logStartOffset
      const leaderEpoch = known ? earliest.epoch : undefined
      return { timestamp: NO_TIMESTAMP, offset: log.logStartOffset, leaderEpoch }
    }
    case ListOffsetsTimestamp.LATEST:
      return {
        timestamp: NO_TIMESTAMP,
        offset: log.logEndOffset,
        leaderEpoch: log.leaderEpochCache.latestEpoch(),
      }
    case ListOffsetsTimestamp.LATEST_TIERED:
    case ListOffsetsTimestamp.EARLIEST_PENDING_UPLOAD:
      return { timestamp: NO_TIMESTAMP, offset: -1, leaderEpoch: -1 }
    case ListOffsetsTimestamp.MAX:
      return offsetOfMaxTimestamp(log)
    default:
      return searchOffsetInLocalLog(log, target)
  }
}

const searchOffsetInLocalLog = (log: UnifiedLog, target: number): TimestampAndOffset | undefined =>
  log
    .logSegments()
    .find((segment) => segment.largestTimestamp() >= target)
    ?.findOffsetByTimestamp(target, log.logStartOffset)

/** The indexes know the batch; which of its records it is, only its records say. */
const offsetOfMaxTimestamp = (log: UnifiedLog): TimestampAndOffset | undefined => {
  let latest: LogSegment | undefined
  for (const segment of log.logSegments()) {
    if (latest === undefined || segment.maxTimestampSoFar() > latest.maxTimestampSoFar()) {
      latest = segment
    }
  }
  if (latest === undefined) return undefined
  const segment = latest
  const max = segment.readMaxTimestampAndOffsetSoFar()
  const { position } = segment.offsetIndex.lookup(max.offset)
  let found: TimestampAndOffset | undefined
  segment.log.scanHeaders(position, (header, at) => {
    if (header.maxTimestamp !== max.timestamp) return true
    const batch = segment.log.batchAt(at, header.sizeInBytes)
    const offset = batch.offsetOfMaxTimestamp()
    if (offset === null) return true
    const epoch = batch.partitionLeaderEpoch
    found = { timestamp: batch.maxTimestamp, offset, leaderEpoch: epoch >= 0 ? epoch : undefined }
    return false
  })
  return found
}
