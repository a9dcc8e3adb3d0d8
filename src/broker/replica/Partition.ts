/**
 * One partition on this broker: whether it leads, under which epoch, and what of its log may be
 * seen.
 *
 * Every request names what it believes about the leader, if it knows: an older epoch than ours is
 * fenced, a newer one says that we are the ones who have not heard yet. So a client with an old
 * picture never reads or writes at the wrong place.
 *
 * I1  A leader's log has its epoch from its first offset on.
 * I2  With one replica the high watermark is the log's end.
 *
 * @kafka kafka.cluster.Partition
 * @simplified one replica: no followers, no ISR changes, no reassignment.
 */

import {
  FencedLeaderEpochException,
  NotEnoughReplicasException,
  NotLeaderOrFollowerException,
  OffsetNotAvailableException,
  OffsetOutOfRangeException,
  UnknownLeaderEpochException,
} from '../../common/errors/ApiExceptions.ts'
import type { ApiException } from '../../common/errors.ts'
import type { IsolationLevel } from '../../common/IsolationLevel.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import type { Uuid } from '../../common/Uuid.ts'
import { ListOffsetsRequest } from '../../protocol/messages/ListOffsets.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { FetchDataInfo, FetchIsolation, LogOffsetSnapshot } from '../log/FetchDataInfo.ts'
import type { TimestampAndOffset } from '../log/FileRecords.ts'
import { fetchOffsetByTimestamp } from '../log/fetchOffsetByTimestamp.ts'
import { UNDEFINED_EPOCH, UNDEFINED_EPOCH_OFFSET } from '../log/LeaderEpochFileCache.ts'
import type { LogAppendInfo } from '../log/LogAppendInfo.ts'
import { LogOffsetMetadata } from '../log/LogOffsetMetadata.ts'
import type { AppendOrigin } from '../log/ProducerAppendInfo.ts'
import type { UnifiedLog } from '../log/UnifiedLog.ts'
import type { PartitionRegistration } from '../metadata/MetadataImage.ts'

/** What a fetch asks of one partition. */
export interface FetchPartitionRequest {
  readonly topicPartition: TopicPartition
  /** The zero id before version 13. */
  readonly topicId: Uuid
  readonly fetchOffset: number
  /** -1: the caller does not know it. */
  readonly currentLeaderEpoch: number
  /** -1: the caller does not know it. */
  readonly lastFetchedEpoch: number
  readonly maxBytes: number
}

/** @kafka org.apache.kafka.storage.internals.log.LogReadInfo */
export interface LogReadInfo {
  readonly fetchedData: FetchDataInfo
  /** Where the caller's log parts from ours, when it does. */
  readonly divergingEpoch: EpochEnd | undefined
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly lastStableOffset: number
}

export interface EpochEnd {
  readonly epoch: number
  readonly endOffset: number
}

export class Partition {
  readonly topicPartition: TopicPartition
  readonly topicId: Uuid
  readonly log: UnifiedLog
  private readonly localBrokerId: number
  private readonly trace: Trace
  private registration: PartitionRegistration
  private epochStartOffset = 0
  /** About to be given to another broker, which leads from the next epoch on. */
  private resigned = false

  constructor(options: {
    topicPartition: TopicPartition
    topicId: Uuid
    localBrokerId: number
    log: UnifiedLog
    registration: PartitionRegistration
    trace: Trace
  }) {
    this.topicPartition = options.topicPartition
    this.topicId = options.topicId
    this.localBrokerId = options.localBrokerId
    this.log = options.log
    this.trace = options.trace
    this.registration = options.registration
  }

  get leaderEpoch(): number {
    return this.registration.leaderEpoch
  }

  get leaderReplicaId(): number {
    return this.registration.leader
  }

  get isLeader(): boolean {
    return this.registration.leader === this.localBrokerId && !this.resigned
  }

  /** Appends and reads are refused from now on, or not any more. */
  resign(resigned: boolean): void {
    this.resigned = resigned
  }

  /**
   * Takes over what the controller decided. Returns whether this broker has become leader by it.
   */
  update(registration: PartitionRegistration): boolean {
    const isNewEpoch = registration.leaderEpoch > this.registration.leaderEpoch
    this.registration = registration
    if (!this.isLeader) return false
    if (isNewEpoch || this.log.leaderEpochCache.latestEpoch() === undefined) this.makeLeader()
    return isNewEpoch
  }

  /** From the log's present end on this broker writes, under the current epoch. */
  makeLeader(): void {
    this.epochStartOffset = this.log.logEndOffset
    this.log.leaderEpochCache.assign(this.leaderEpoch, this.epochStartOffset)
    this.log.updateHighWatermark(this.log.logEndOffset)
  }

  // ---- appending

  /**
   * @param requiredAcks 0, 1, or -1: all in-sync replicas
   * @throws NotLeaderOrFollowerException, NotEnoughReplicasException, and what
   *   `UnifiedLog.appendAsLeader` throws
   */
  appendRecordsToLeader(
    records: MemoryRecords,
    origin: AppendOrigin,
    requiredAcks: number,
  ): LogAppendInfo {
    if (!this.isLeader) throw this.notLeader()
    const inSyncSize = this.registration.isr.length
    const minIsr = this.effectiveMinIsr()
    if (inSyncSize < minIsr && requiredAcks === -1) {
      throw new NotEnoughReplicasException(
        `The size of the current ISR ${inSyncSize} is insufficient to satisfy the min.isr ` +
          `requirement of ${minIsr} for partition ${this.topicPartition}`,
      )
    }
    if (this.trace.enabled) {
      this.trace.emit('broker.partition.appendRecordsToLeader', {
        topic: this.topicPartition.topic,
        partition: this.topicPartition.partition,
        bytes: records.sizeInBytes,
        leaderEpoch: this.leaderEpoch,
      })
    }
    const info = this.log.appendAsLeader(records, this.leaderEpoch, origin)
    // I2: the only in-sync replica has it. What still waits for the disk is shown to nobody before
    // it is there.
    if (info.pendingFlush === undefined) {
      this.log.maybeIncrementHighWatermark(this.log.logEndOffsetMetadata)
    } else {
      const end = new LogOffsetMetadata(info.lastOffset + 1)
      info.pendingFlush = info.pendingFlush.then(() => {
        this.log.maybeIncrementHighWatermark(end)
      })
    }
    return info
  }

  /** `min.insync.replicas`, as far as there are replicas at all. */
  private effectiveMinIsr(): number {
    return Math.min(this.log.config.minInSyncReplicas, this.registration.replicas.length)
  }

  // ---- reading

  /**
   * @throws NotLeaderOrFollowerException, FencedLeaderEpochException, UnknownLeaderEpochException
   */
  localLogWithEpochOrThrow(currentLeaderEpoch: number, requireLeader: boolean): UnifiedLog {
    const error = this.checkCurrentLeaderEpoch(currentLeaderEpoch)
    if (error !== undefined) throw error
    if (requireLeader && !this.isLeader) throw this.notLeader()
    return this.log
  }

  /** @param maxBytes at most, unless `minOneMessage` and the first batch is larger */
  fetchRecords(
    fetch: FetchPartitionRequest,
    isolation: FetchIsolation,
    maxBytes: number,
    minOneMessage: boolean,
  ): LogReadInfo {
    const log = this.localLogWithEpochOrThrow(fetch.currentLeaderEpoch, true)
    const divergingEpoch = this.divergingEpochOf(fetch)
    const limit = divergingEpoch === undefined ? maxBytes : 0
    const oneMessage = divergingEpoch === undefined && minOneMessage
    const offset = divergingEpoch === undefined ? fetch.fetchOffset : log.logEndOffset
    return {
      fetchedData: log.read(offset, limit, isolation, oneMessage),
      divergingEpoch,
      highWatermark: log.highWatermark,
      logStartOffset: log.logStartOffset,
      lastStableOffset: log.lastStableOffset,
    }
  }

  fetchOffsetSnapshot(currentLeaderEpoch: number): LogOffsetSnapshot {
    return this.localLogWithEpochOrThrow(currentLeaderEpoch, true).fetchOffsetSnapshot()
  }

  /**
   * What `ListOffsets` asks. `undefined` when no record is as young as `timestamp`, or it is not
   * readable yet.
   *
   * @param isolation `undefined` for a caller that is no consumer: it sees the log's end
   */
  fetchOffsetForTimestamp(
    timestamp: number,
    isolation: IsolationLevel | undefined,
    currentLeaderEpoch: number,
    fetchOnlyFromLeader: boolean,
  ): TimestampAndOffset | undefined {
    const log = this.localLogWithEpochOrThrow(currentLeaderEpoch, fetchOnlyFromLeader)
    const lastFetchableOffset = readableEnd(log, isolation)
    const lagging = isolation !== undefined && this.epochStartOffset > log.highWatermark
    const ensureAvailable = (): void => {
      if (!lagging) return
      throw new OffsetNotAvailableException(
        `Failed to fetch offsets for partition ${this.topicPartition} with leader epoch ` +
          `${this.leaderEpoch} as this partition's high watermark (${log.highWatermark}) is ` +
          'lagging behind the start offset from the beginning of this epoch ' +
          `(${this.epochStartOffset}).`,
      )
    }
    if (timestamp === ListOffsetsRequest.LATEST_TIMESTAMP) {
      ensureAvailable()
      const { leaderEpoch } = this
      return { timestamp: RecordBatch.NO_TIMESTAMP, offset: lastFetchableOffset, leaderEpoch }
    }
    const found = fetchOffsetByTimestamp(log, timestamp)
    if (isEarliest(timestamp)) return found
    if (found !== undefined && found.offset < lastFetchableOffset) return found
    ensureAvailable()
    return undefined
  }

  /**
   * Where an epoch ended in this log: what a follower or consumer with an older picture compares
   * itself with.
   */
  lastOffsetForLeaderEpoch(
    currentLeaderEpoch: number,
    leaderEpoch: number,
    fetchOnlyFromLeader: boolean,
  ): EpochEnd {
    const log = this.localLogWithEpochOrThrow(currentLeaderEpoch, fetchOnlyFromLeader)
    return (
      log.endOffsetForEpoch(leaderEpoch) ?? {
        epoch: UNDEFINED_EPOCH,
        endOffset: UNDEFINED_EPOCH_OFFSET,
      }
    )
  }

  private divergingEpochOf(fetch: FetchPartitionRequest): EpochEnd | undefined {
    const { lastFetchedEpoch, currentLeaderEpoch, fetchOffset } = fetch
    if (lastFetchedEpoch < 0) return undefined
    const end = this.lastOffsetForLeaderEpoch(currentLeaderEpoch, lastFetchedEpoch, true)
    if (end.endOffset === UNDEFINED_EPOCH_OFFSET || end.epoch === UNDEFINED_EPOCH) {
      throw new OffsetOutOfRangeException(
        `Could not determine the end offset of the last fetched epoch ${lastFetchedEpoch} from ` +
          `the request for ${this.topicPartition}`,
      )
    }
    const diverges = end.epoch < lastFetchedEpoch || end.endOffset < fetchOffset
    return diverges ? end : undefined
  }

  private checkCurrentLeaderEpoch(remoteEpoch: number): ApiException | undefined {
    if (remoteEpoch < 0 || remoteEpoch === this.leaderEpoch) return undefined
    const known = `the leader epoch of ${this.topicPartition} is ${this.leaderEpoch}`
    return remoteEpoch < this.leaderEpoch
      ? new FencedLeaderEpochException(`Epoch ${remoteEpoch} is fenced: ${known}.`)
      : new UnknownLeaderEpochException(`Epoch ${remoteEpoch} is not known here: ${known}.`)
  }

  private notLeader(): NotLeaderOrFollowerException {
    return new NotLeaderOrFollowerException(
      `Leader not local for partition ${this.topicPartition} on broker ${this.localBrokerId}`,
    )
  }
}

const isEarliest = (timestamp: number): boolean =>
  timestamp === ListOffsetsRequest.EARLIEST_TIMESTAMP ||
  timestamp === ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP

const readableEnd = (log: UnifiedLog, isolation: IsolationLevel | undefined): number => {
  if (isolation === undefined) return log.logEndOffset
  return isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark
}
