/**
 * The way of an append through a log, from the bytes of a request to the bytes of a segment.
 *
 *     analyze      sizes, CRCs, order                          nothing has changed yet
 *     validate     each record; offsets and epoch in place
 *     roll         a new segment, if this one is full
 *     producers    epochs and sequences; a duplicate ends here, with the offsets it has
 *     ──── from here on it cannot be refused ────
 *     write        the bytes of the segment
 *     remember     the producers' new state
 *
 * It runs without a pause, because nothing in it is awaited: what Java guards with a lock is one
 * turn of the event loop here.
 *
 * @kafka org.apache.kafka.storage.internals.log.UnifiedLog (append)
 */

import {
  CorruptRecordException,
  RecordBatchTooLargeException,
  RecordTooLargeException,
} from '../../common/errors/ApiExceptions.ts'
import { InvalidTxnStateException } from '../../common/errors/CoordinatorExceptions.ts'
import { SchemaException } from '../../common/errors.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { TimestampType } from '../../record/TimestampType.ts'
import {
  analyzeAndValidateRecords,
  UnexpectedAppendOffsetException,
} from './analyzeAndValidateRecords.ts'
import type { LeaderEpochFileCache } from './LeaderEpochFileCache.ts'
import type { LocalLog } from './LocalLog.ts'
import type { LogAppendInfo } from './LogAppendInfo.ts'
import type { LogDirContext } from './LogDirContext.ts'
import { LogValidator } from './LogValidator.ts'
import type { AppendOrigin, ProducerAppendInfo } from './ProducerAppendInfo.ts'
import type { BatchMetadata } from './ProducerStateEntry.ts'
import type { ProducerStateManager } from './ProducerStateManager.ts'

export interface LogAppenderOptions {
  context: LogDirContext
  localLog: LocalLog
  leaderEpochCache: LeaderEpochFileCache
  producerStateManager: ProducerStateManager
  /** Begins a new segment. */
  roll: (expectedNextOffset: number) => void
  /** Resolves once what lies before `upTo` is on the disk itself. */
  flush: (upTo: number) => Promise<void>
}

/** One append. */
export interface AppendParams {
  records: MemoryRecords
  leaderEpoch: number
  origin: AppendOrigin
  /** A leader assigns offsets; a follower takes them as they are. */
  assignsOffsets: boolean
  logStartOffset: number
}

export class LogAppender {
  private readonly options: LogAppenderOptions
  private readonly localLog: LocalLog

  constructor(options: LogAppenderOptions) {
    this.options = options
    this.localLog = options.localLog
  }

  append(params: AppendParams): LogAppendInfo {
    const info = this.analyze(params)
    if (info.validBytes <= 0) return info
    this.options.context.failureChannel.guard(
      () => `Error while appending records to ${this.localLog.topicPartition}`,
      () => this.appendAnalyzed(params, info),
    )
    this.maybeFlush(info)
    return info
  }

  /**
   * `flush.messages`. A batch that was sent again waits too: it may have been sent again because
   * the flush of the first one takes so long.
   */
  private maybeFlush(info: LogAppendInfo): void {
    const { localLog } = this
    if (localLog.unflushedMessages() < localLog.config.flushInterval) return
    if (info.lastOffset < localLog.recoveryPoint()) return
    info.pendingFlush = this.options.flush(info.lastOffset + 1)
  }

  private appendAnalyzed(params: AppendParams, info: LogAppendInfo): LogAppendInfo {
    const { records, origin } = params
    const { producerStateManager } = this.options
    let valid =
      info.validBytes === records.sizeInBytes ? records : records.slice(0, info.validBytes)
    if (params.assignsOffsets) valid = this.assignOffsets(valid, info, params)
    else this.checkAppendOffset(info, params.logStartOffset)
    this.checkSegmentSize(valid)
    const producers = new Map<bigint, ProducerAppendInfo>()
    const duplicate = this.analyzeAndValidateProducerState(valid, origin, producers)
    if (duplicate !== undefined) return asDuplicate(info, duplicate)
    this.assignEpochs(valid)
    this.maybeRoll(valid.sizeInBytes, info)
    this.localLog.append(info.lastOffset, valid)
    for (const producer of producers.values()) producerStateManager.update(producer)
    producerStateManager.updateMapEndOffset(info.lastOffset + 1)
    return info
  }

  private analyze(params: AppendParams): LogAppendInfo {
    const { topicPartition, config } = this.localLog
    try {
      return analyzeAndValidateRecords(params.records, {
        topicPartition,
        origin: params.origin,
        maxMessageSize: config.maxMessageSize,
        logStartOffset: params.logStartOffset,
        ignoreRecordSize: !params.assignsOffsets,
        requireOffsetsMonotonic: !params.assignsOffsets,
        leaderEpoch: params.leaderEpoch,
      })
    } catch (error) {
      if (!(error instanceof SchemaException)) throw error
      throw new CorruptRecordException(
        `A record batch in the append to ${topicPartition} has a field that cannot be: ` +
          error.message,
        { cause: error },
      )
    }
  }

  private assignOffsets(
    records: MemoryRecords,
    info: LogAppendInfo,
    params: AppendParams,
  ): MemoryRecords {
    const { topicPartition, config } = this.localLog
    info.firstOffset = this.localLog.logEndOffset()
    const validator = new LogValidator({
      topicPartition,
      config,
      time: this.options.context.time,
      partitionLeaderEpoch: params.leaderEpoch,
      origin: params.origin,
    })
    const result = validator.validateMessagesAndAssignOffsets(records, info.firstOffset)
    info.maxTimestamp = result.maxTimestampMs
    info.lastOffset = result.nextOffset - 1
    if (config.messageTimestampType === TimestampType.LOG_APPEND_TIME) {
      info.logAppendTime = result.logAppendTimeMs
    }
    const { validatedRecords } = result
    if (result.messageSizeMaybeChanged && validatedRecords.sizeInBytes > config.maxMessageSize) {
      throw new RecordTooLargeException(
        `Message batch size is ${validatedRecords.sizeInBytes} bytes in append to partition ` +
          `${topicPartition} which exceeds the maximum configured size of ` +
          `${config.maxMessageSize}.`,
      )
    }
    return validatedRecords
  }

  private checkAppendOffset(info: LogAppendInfo, logStartOffset: number): void {
    const next = this.localLog.logEndOffset()
    if (info.firstOrLastOffsetOfFirstBatch() >= next) return
    throw new UnexpectedAppendOffsetException(
      `Unexpected offset in append to ${this.localLog.topicPartition}. First offset ` +
        `${info.firstOrLastOffsetOfFirstBatch()} is less than the next offset ${next}. ` +
        `Last offset in append: ${info.lastOffset}. Log start offset = ${logStartOffset}`,
    )
  }

  private assignEpochs(records: MemoryRecords): void {
    const batches = records.batchIterator()
    while (batches.hasNext()) {
      const { partitionLeaderEpoch, baseOffset } = batches.next()
      if (partitionLeaderEpoch < 0) continue
      this.options.leaderEpochCache.assign(partitionLeaderEpoch, baseOffset)
    }
  }

  private checkSegmentSize(records: MemoryRecords): void {
    const { config, topicPartition } = this.localLog
    if (records.sizeInBytes <= config.segmentSize) return
    throw new RecordBatchTooLargeException(
      `Message batch size is ${records.sizeInBytes} bytes in append to partition ` +
        `${topicPartition}, which exceeds the maximum configured segment size of ` +
        `${config.segmentSize}.`,
    )
  }

  private maybeRoll(messagesSize: number, info: LogAppendInfo): void {
    const { config, segments } = this.localLog
    const shouldRoll = segments.activeSegment().shouldRoll({
      maxSegmentMs: config.segmentMs,
      maxSegmentBytes: config.segmentSize,
      maxTimestampInMessages: info.maxTimestamp,
      maxOffsetInMessages: info.lastOffset,
      messagesSize,
      nowMs: this.options.context.time.milliseconds(),
    })
    if (shouldRoll) this.options.roll(info.firstOffset)
  }

  /** Checks epochs and sequences of all batches; returns the batch that one of them repeats. */
  private analyzeAndValidateProducerState(
    records: MemoryRecords,
    origin: AppendOrigin,
    updated: Map<bigint, ProducerAppendInfo>,
  ): BatchMetadata | undefined {
    const { producerStateManager } = this.options
    const batches = records.batchIterator()
    while (batches.hasNext()) {
      const batch = batches.next()
      if (!batch.hasProducerId) continue
      const { producerId } = batch
      if (origin === 'client') {
        const known = producerStateManager.lastEntry(producerId)?.findDuplicateBatch(batch)
        if (known !== undefined) return known
        // No transaction can be under way here, so no batch can be part of one.
        if (batch.isTransactional) {
          throw new InvalidTxnStateException('Record was not part of an ongoing transaction')
        }
      }
      let appendInfo = updated.get(producerId)
      if (appendInfo === undefined) {
        appendInfo = producerStateManager.prepareUpdate(producerId, origin)
        updated.set(producerId, appendInfo)
      }
      appendInfo.append(batch)
    }
    return undefined
  }
}

const asDuplicate = (info: LogAppendInfo, known: BatchMetadata): LogAppendInfo => {
  info.firstOffset = known.firstOffset
  info.lastOffset = known.lastOffset
  info.logAppendTime = known.timestamp
  info.isDuplicate = true
  return info
}
