/**
 * What a fetch asks for as a whole, and what it gets for each partition.
 *
 * @kafka org.apache.kafka.server.storage.log.FetchParams
 * @kafka org.apache.kafka.storage.internals.log.LogReadResult
 */

import { Errors, type WireError } from '../../protocol/Errors.ts'
import type { FetchIsolation } from '../log/FetchDataInfo.ts'
import type { FileRecordsSlice } from '../log/FileRecords.ts'
import type { LogOffsetMetadata } from '../log/LogOffsetMetadata.ts'
import type { EpochEnd, FetchPartitionRequest } from './Partition.ts'

export interface FetchParams {
  /** -1 for a consumer. */
  readonly replicaId: number
  readonly maxWaitMs: number
  /** Below this many bytes in all the fetch waits. */
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolation: FetchIsolation
}

export interface LogReadResult {
  readonly request: FetchPartitionRequest
  readonly error: WireError
  readonly records: FileRecordsSlice
  readonly fetchOffsetMetadata: LogOffsetMetadata
  readonly divergingEpoch: EpochEnd | undefined
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly lastStableOffset: number
}

/** Whether there is a reason not to wait: enough bytes, or something to be told. */
export const isReadyToAnswer = (
  results: readonly LogReadResult[],
  params: FetchParams,
): boolean => {
  let bytesReadable = 0
  for (const { error, divergingEpoch, records } of results) {
    if (error !== Errors.NONE || divergingEpoch !== undefined) return true
    bytesReadable += records.sizeInBytes
  }
  return bytesReadable >= params.minBytes
}
