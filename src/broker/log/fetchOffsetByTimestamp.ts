/**
 * Which offset belongs to a moment: what `ListOffsets` asks a log.
 *
 *     ≥ 0  a time            the first record not older
 *      −1  latest            where the log ends
 *      −2  earliest          where it begins
 *      −3  max timestamp     the record with the largest
 *      −4  earliest local    where it begins: there is no tiered storage
 *      −5, −6                latest tiered, earliest pending upload: none
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (fetchOffsetByTimestamp)
 */

import { ListOffsetsRequest } from '../../protocol/messages/ListOffsets.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { TimestampAndOffset } from './FileRecords.ts'
import type { LogSegment } from './LogSegment.ts'
import type { UnifiedLog } from './UnifiedLog.ts'

/** `undefined` when no record is as young as `target`. */
export const fetchOffsetByTimestamp = (
  log: UnifiedLog,
  target: number,
): TimestampAndOffset | undefined => {
  const { NO_TIMESTAMP } = RecordBatch
  switch (target) {
    case ListOffsetsRequest.EARLIEST_TIMESTAMP:
    case ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP: {
      const earliest = log.leaderEpochCache.earliestEntry()
      const known = earliest !== undefined && earliest.startOffset <= log.logStartOffset
      const leaderEpoch = known ? earliest.epoch : undefined
      return { timestamp: NO_TIMESTAMP, offset: log.logStartOffset, leaderEpoch }
    }
    case ListOffsetsRequest.LATEST_TIMESTAMP:
      return {
        timestamp: NO_TIMESTAMP,
        offset: log.logEndOffset,
        leaderEpoch: log.leaderEpochCache.latestEpoch(),
      }
    case ListOffsetsRequest.LATEST_TIERED_TIMESTAMP:
    case ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      return { timestamp: NO_TIMESTAMP, offset: -1, leaderEpoch: -1 }
    case ListOffsetsRequest.MAX_TIMESTAMP:
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
