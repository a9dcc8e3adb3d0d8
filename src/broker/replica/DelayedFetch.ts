/**
 * A fetch that found less than it asked for, waiting for more.
 *
 * It is done when its partitions together have `minBytes` to give, or something makes waiting
 * pointless: a partition is led by somebody else now, is gone, or the fetch stands on an older
 * segment. Only positions are compared; nothing is read before it is done.
 *
 * @kafka kafka.server.DelayedFetch
 */

import {
  FencedLeaderEpochException,
  KafkaStorageException,
  NotLeaderOrFollowerException,
  UnknownTopicOrPartitionException,
} from '../../common/errors/ApiExceptions.ts'
import type { LogOffsetSnapshot } from '../log/FetchDataInfo.ts'
import { LogOffsetMetadata } from '../log/LogOffsetMetadata.ts'
import { DelayedOperation } from '../purgatory/DelayedOperation.ts'
import type { FetchParams, LogReadResult } from './FetchParams.ts'
import type { FetchPartitionRequest, Partition } from './Partition.ts'

/** Where a partition's part of the fetch stood when it began to wait. */
export interface FetchPartitionStatus {
  readonly request: FetchPartitionRequest
  readonly startOffsetMetadata: LogOffsetMetadata
}

/** What a waiting fetch needs of the replica manager. */
export interface FetchReader {
  getPartitionOrException(request: FetchPartitionRequest): Partition
  readFromLog(params: FetchParams, requests: readonly FetchPartitionRequest[]): LogReadResult[]
}

export class DelayedFetch extends DelayedOperation {
  private readonly params: FetchParams
  private readonly statuses: readonly FetchPartitionStatus[]
  private readonly reader: FetchReader
  private readonly responseCallback: (results: LogReadResult[]) => void

  constructor(
    params: FetchParams,
    statuses: readonly FetchPartitionStatus[],
    reader: FetchReader,
    responseCallback: (results: LogReadResult[]) => void,
  ) {
    super(params.maxWaitMs)
    this.params = params
    this.statuses = statuses
    this.reader = reader
    this.responseCallback = responseCallback
  }

  tryComplete(): boolean {
    let accumulatedSize = 0
    for (const status of this.statuses) {
      const bytes = this.bytesAvailable(status)
      if (bytes === 'done') return this.forceComplete()
      accumulatedSize += bytes
    }
    return accumulatedSize >= this.params.minBytes && this.forceComplete()
  }

  onExpiration(): void {}

  override toString(): string {
    return `DelayedFetch(maxWaitMs=${this.params.maxWaitMs}, partitions=${this.statuses.length})`
  }

  protected onComplete(): void {
    const requests = this.statuses.map((status) => status.request)
    this.responseCallback(this.reader.readFromLog(this.params, requests))
  }

  /**
   * Bytes between where the fetch stands and the end of what it may see; 'done' when waiting is
   * pointless.
   */
  private bytesAvailable({ request, startOffsetMetadata }: FetchPartitionStatus): number | 'done' {
    if (startOffsetMetadata === LogOffsetMetadata.UNKNOWN_OFFSET_METADATA) return 0
    try {
      const partition = this.reader.getPartitionOrException(request)
      const end = this.endOf(partition.fetchOffsetSnapshot(request.currentLeaderEpoch))
      if (startOffsetMetadata.messageOffset > end.messageOffset) return 'done'
      if (startOffsetMetadata.messageOffset === end.messageOffset) return 0
      if (startOffsetMetadata.onOlderSegment(end)) return 'done'
      if (!startOffsetMetadata.onSameSegment(end)) return 0
      return Math.min(end.positionDiff(startOffsetMetadata), request.maxBytes)
    } catch (error) {
      if (isReasonToAnswer(error)) return 'done'
      throw error
    }
  }

  private endOf(snapshot: LogOffsetSnapshot): LogOffsetMetadata {
    switch (this.params.isolation) {
      case 'logEnd':
        return snapshot.logEndOffset
      case 'highWatermark':
        return snapshot.highWatermark
      case 'txnCommitted':
        return snapshot.lastStableOffset
    }
  }
}

const isReasonToAnswer = (error: unknown): boolean =>
  error instanceof NotLeaderOrFollowerException ||
  error instanceof UnknownTopicOrPartitionException ||
  error instanceof KafkaStorageException ||
  error instanceof FencedLeaderEpochException
