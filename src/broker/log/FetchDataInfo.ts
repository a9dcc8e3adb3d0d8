/**
 * What a read of a log gave.
 *
 * @kafka org.apache.kafka.storage.internals.log.FetchDataInfo
 */

import type { FileRecordsSlice } from './FileRecords.ts'
import type { LogOffsetMetadata } from './LogOffsetMetadata.ts'

export interface FetchDataInfo {
  /** Where the read began. */
  readonly fetchOffsetMetadata: LogOffsetMetadata
  /** Whole batches, the last one perhaps cut; not read from disk before somebody asks. */
  readonly records: FileRecordsSlice
  /** Not even the first batch fits: `records` has a part of it. */
  readonly firstEntryIncomplete: boolean
}

/**
 * Up to where a reader may see.
 *
 * @kafka org.apache.kafka.server.storage.log.FetchIsolation
 */
export type FetchIsolation = 'logEnd' | 'highWatermark' | 'txnCommitted'

/** @kafka org.apache.kafka.storage.internals.log.LogOffsetSnapshot */
export interface LogOffsetSnapshot {
  readonly logStartOffset: number
  readonly logEndOffset: LogOffsetMetadata
  readonly highWatermark: LogOffsetMetadata
  readonly lastStableOffset: LogOffsetMetadata
}
