/**
 * All partitions of one broker: makes and drops them as the cluster's image says, and carries
 * requests to them.
 *
 *     produce ─► appendToLocalLog ─► answer ─► who waits for these partitions?
 *     fetch   ─► readFromLog ─► enough? ─► answer
 *                               └ too little ─► purgatory ─► an append, or the time ─► read again
 *
 * I1  One partition's error never costs another partition of the same request its answer.
 * I2  What is answered as written has been handed to the operating system; with `flush.messages` it
 *     is on the disk.
 *
 * @kafka kafka.server.ReplicaManager
 * @simplified one replica per partition, so acks=all is satisfied by the leader's own append.
 */

import {
  InconsistentTopicIdException,
  InvalidTopicException,
  KafkaStorageException,
  NotLeaderOrFollowerException,
  UnknownTopicIdException,
  UnknownTopicOrPartitionException,
} from '../../common/errors/ApiExceptions.ts'
import { ApiException, IllegalArgumentException, KafkaException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Time } from '../../common/Time.ts'
import { Topic } from '../../common/Topic.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import { Uuid } from '../../common/Uuid.ts'
import { Errors } from '../../protocol/Errors.ts'
import { FileRecordsSlice } from '../log/FileRecords.ts'
import { LogAppendInfo } from '../log/LogAppendInfo.ts'
import type { LogManager, ReleasedLog } from '../log/LogManager.ts'
import { LogOffsetMetadata } from '../log/LogOffsetMetadata.ts'
import { RecordValidationException } from '../log/RecordValidationException.ts'
import type { MetadataCache } from '../metadata/MetadataCache.ts'
import type { MetadataImage, TopicImage } from '../metadata/MetadataImage.ts'
import { DelayedOperationPurgatory } from '../purgatory/DelayedOperationPurgatory.ts'
import { DelayedFetch, type FetchReader } from './DelayedFetch.ts'
import { type FetchParams, isReadyToAnswer, type LogReadResult } from './FetchParams.ts'
import { type FetchPartitionRequest, Partition } from './Partition.ts'
import {
  invalidRequiredAcks,
  isKnownFailure,
  type LogAppendResult,
  type ProduceEntry,
  type ProduceParams,
} from './ProduceParams.ts'

export interface ReplicaManagerOptions {
  brokerId: number
  time: Time
  logger: Logger
  trace: Trace
  logManager: LogManager
  metadataCache: MetadataCache
}

export class ReplicaManager implements FetchReader {
  readonly delayedFetchPurgatory: DelayedOperationPurgatory<DelayedFetch>
  private readonly brokerId: number
  private readonly logger: Logger
  private readonly trace: Trace
  private readonly logManager: LogManager
  private readonly metadataCache: MetadataCache
  private readonly partitions = new Map<string, Partition>()
  /** Partitions that this broker should have and whose log it could not open. */
  private readonly offlinePartitions = new Set<string>()
  /** Given to another broker; those who wait for them have not been told yet. */
  private readonly released: string[] = []

  constructor(options: ReplicaManagerOptions) {
    this.brokerId = options.brokerId
    this.logger = options.logger
    this.trace = options.trace
    this.logManager = options.logManager
    this.metadataCache = options.metadataCache
    this.delayedFetchPurgatory = new DelayedOperationPurgatory(options.time, options.logger)
  }

  // ---- which partitions there are

  /** Makes, updates and drops partitions until they are as `image` says. */
  applyImage(image: MetadataImage): void {
    this.offlinePartitions.clear()
    for (const partition of [...this.partitions.values()]) {
      if (!this.isHosted(partition, image)) this.stopReplica(partition)
    }
    for (const topic of image.topicsByName.values()) this.applyTopic(topic)
    for (const key of this.released.splice(0)) this.delayedFetchPurgatory.checkAndComplete(key)
  }

  /**
   * @throws UnknownTopicOrPartitionException when the cluster has no such partition,
   *   NotLeaderOrFollowerException when another broker has it
   */
  getPartitionOrException({ topicPartition, topicId }: PartitionName): Partition {
    const partition = this.partitions.get(topicPartition.key)
    if (partition === undefined) {
      if (this.offlinePartitions.has(topicPartition.key)) {
        throw new KafkaStorageException(
          `Partition ${topicPartition} is in an offline log directory`,
        )
      }
      if (this.metadataCache.contains(topicPartition)) {
        throw new NotLeaderOrFollowerException(
          `Error while fetching partition state for ${topicPartition}: another broker has it`,
        )
      }
      throw new UnknownTopicOrPartitionException(`Partition ${topicPartition} doesn't exist`)
    }
    if (!topicId.equals(Uuid.ZERO_UUID) && !topicId.equals(partition.topicId)) {
      throw new UnknownTopicIdException(
        `Partition ${topicPartition}'s topic id doesn't match the one on disk ` +
          `${partition.topicId}.`,
      )
    }
    return partition
  }

  getPartition(topicPartition: TopicPartition): Partition | undefined {
    return this.partitions.get(topicPartition.key)
  }

  // ---- giving a partition away

  /** Resolves once nothing more is appended, and all that was is on the disk and answered. */
  async resign(topicPartition: TopicPartition): Promise<void> {
    const partition = this.getPartition(topicPartition)
    partition?.resign(true)
    await partition?.log.flush()
  }

  /** It was not given away after all. */
  stay(topicPartition: TopicPartition): void {
    this.getPartition(topicPartition)?.resign(false)
  }

  /** The log is not ours any more; whoever waits for it is told by the new image. */
  release(topicPartition: TopicPartition): ReleasedLog {
    this.partitions.delete(topicPartition.key)
    this.released.push(topicPartition.key)
    return this.logManager.release(topicPartition)
  }

  // ---- producing

  /** Appends to every partition of a request; `responseCallback` hears of all of them at once. */
  handleProduceAppend(
    params: ProduceParams,
    entries: readonly ProduceEntry[],
    responseCallback: (results: LogAppendResult[]) => void,
  ): void {
    if (this.trace.enabled) {
      this.trace.emit('broker.replicaManager.handleProduceAppend', {
        requiredAcks: params.requiredAcks,
        partitions: entries.length,
      })
    }
    if (![-1, 0, 1].includes(params.requiredAcks)) {
      responseCallback(entries.map((entry) => invalidRequiredAcks(entry)))
      return
    }
    const results = entries.map((entry) => this.appendToLocalLog(params, entry))
    this.answerWhenFlushed(results, (flushed) => {
      responseCallback(flushed)
      this.completeDelayedFetches(flushed)
    })
  }

  private appendToLocalLog(params: ProduceParams, entry: ProduceEntry): LogAppendResult {
    const { topicPartition, records } = entry
    try {
      if (Topic.isInternal(topicPartition.topic) && !params.internalTopicsAllowed) {
        throw new InvalidTopicException(`Cannot append to internal topic ${topicPartition.topic}`)
      }
      const partition = this.getPartitionOrException(entry)
      const info = partition.appendRecordsToLeader(records, params.origin, params.requiredAcks)
      return { entry, info, exception: undefined, recordErrors: [] }
    } catch (error) {
      return this.failedAppend(entry, error)
    }
  }

  private failedAppend(entry: ProduceEntry, error: unknown): LogAppendResult {
    const { topicPartition } = entry
    const log = isKnownFailure(error) ? undefined : this.partitions.get(topicPartition.key)?.log
    const info = LogAppendInfo.unknown(log?.logStartOffset)
    if (error instanceof RecordValidationException) {
      const { invalidException, recordErrors } = error
      return { entry, info, exception: invalidException, recordErrors }
    }
    if (error instanceof ApiException) return { entry, info, exception: error, recordErrors: [] }
    this.logger.error(`Error processing append operation on partition ${topicPartition}`, error)
    const exception = new KafkaException(String(error), { cause: error })
    return { entry, info, exception, recordErrors: [] }
  }

  /** I2: with `flush.messages` the answer waits for the disk; otherwise it goes out at once. */
  private answerWhenFlushed(
    results: LogAppendResult[],
    answer: (results: LogAppendResult[]) => void,
  ): void {
    if (results.every((result) => result.info.pendingFlush === undefined)) {
      answer(results)
      return
    }
    const flushed = results.map(async (result) => {
      try {
        await result.info.pendingFlush
        return result
      } catch (error) {
        return this.failedAppend(result.entry, error)
      }
    })
    Promise.all(flushed)
      .then(answer)
      .catch((error: unknown) => this.logger.error('An append could not be answered', error))
  }

  private completeDelayedFetches(results: readonly LogAppendResult[]): void {
    for (const { entry, exception } of results) {
      if (exception !== undefined) continue
      this.delayedFetchPurgatory.checkAndComplete(entry.topicPartition.key)
    }
  }

  // ---- fetching

  /**
   * Reads now, or waits in the purgatory for `minBytes`; `responseCallback` hears of all partitions
   * at once.
   */
  fetchMessages(
    params: FetchParams,
    requests: readonly FetchPartitionRequest[],
    responseCallback: (results: LogReadResult[]) => void,
  ): void {
    if (this.trace.enabled) {
      this.trace.emit('broker.replicaManager.fetchMessages', {
        partitions: requests.length,
        minBytes: params.minBytes,
        maxWaitMs: params.maxWaitMs,
      })
    }
    const results = this.readFromLog(params, requests)
    if (params.maxWaitMs <= 0 || requests.length === 0 || isReadyToAnswer(results, params)) {
      responseCallback(results)
      return
    }
    const statuses = results.map(({ request, fetchOffsetMetadata }) => ({
      request,
      startOffsetMetadata: fetchOffsetMetadata,
    }))
    const delayed = new DelayedFetch(params, statuses, this, responseCallback)
    const keys = requests.map((request) => request.topicPartition.key)
    this.delayedFetchPurgatory.tryCompleteElseWatch(delayed, keys)
  }

  /**
   * Reads each partition within what is left of `maxBytes`; the first batch found is given whole
   * whatever its size (KIP-74).
   */
  readFromLog(params: FetchParams, requests: readonly FetchPartitionRequest[]): LogReadResult[] {
    let limitBytes = params.maxBytes
    let minOneMessage = true
    return requests.map((request) => {
      const result = this.readPartition(params, request, limitBytes, minOneMessage)
      const bytes = result.records.sizeInBytes
      if (bytes > 0) minOneMessage = false
      limitBytes = Math.max(0, limitBytes - bytes)
      return result
    })
  }

  private readPartition(
    params: FetchParams,
    request: FetchPartitionRequest,
    limitBytes: number,
    minOneMessage: boolean,
  ): LogReadResult {
    try {
      const partition = this.partitionForFetch(params, request)
      const maxBytes = Math.min(request.maxBytes, limitBytes)
      const read = partition.fetchRecords(request, params.isolation, maxBytes, minOneMessage)
      const { records, firstEntryIncomplete, fetchOffsetMetadata } = read.fetchedData
      return {
        request,
        error: Errors.NONE,
        // A part of a batch is of no use to anybody.
        records: firstEntryIncomplete ? FileRecordsSlice.EMPTY : records,
        fetchOffsetMetadata,
        divergingEpoch: read.divergingEpoch,
        highWatermark: read.highWatermark,
        logStartOffset: read.logStartOffset,
        lastStableOffset: read.lastStableOffset,
      }
    } catch (error) {
      return this.failedRead(request, error)
    }
  }

  private partitionForFetch(params: FetchParams, request: FetchPartitionRequest): Partition {
    const { topicPartition, topicId } = request
    const partition = this.getPartitionOrException({ topicPartition, topicId: Uuid.ZERO_UUID })
    if (!topicId.equals(Uuid.ZERO_UUID) && !topicId.equals(partition.topicId)) {
      throw new InconsistentTopicIdException(
        'Topic ID in the fetch session did not match the topic ID in the log.',
      )
    }
    if (params.replicaId >= 0) {
      throw new NotLeaderOrFollowerException(
        `Broker ${params.replicaId} is no replica of ${topicPartition}: there is one replica only`,
      )
    }
    return partition
  }

  private failedRead(request: FetchPartitionRequest, error: unknown): LogReadResult {
    if (error instanceof IllegalArgumentException) {
      // A number in the request that cannot be, such as a negative size: the client's fault, not
      // ours.
      this.logger.info(`Refused to fetch ${request.topicPartition}: ${error.message}`)
    } else if (!(error instanceof ApiException)) {
      this.logger.error(`Error processing fetch of partition ${request.topicPartition}`, error)
    }
    return {
      request,
      error: Errors.forException(error),
      records: FileRecordsSlice.EMPTY,
      fetchOffsetMetadata: LogOffsetMetadata.UNKNOWN_OFFSET_METADATA,
      divergingEpoch: undefined,
      highWatermark: -1,
      logStartOffset: -1,
      lastStableOffset: -1,
    }
  }

  // ---- ending

  /** Answers whoever waits, with what there is. */
  shutdown(): void {
    this.delayedFetchPurgatory.shutdown()
  }

  private applyTopic(topic: TopicImage): void {
    for (const [index, registration] of topic.partitions.entries()) {
      if (!registration.replicas.includes(this.brokerId)) continue
      const topicPartition = new TopicPartition(topic.name, index)
      const known = this.partitions.get(topicPartition.key)
      if (known !== undefined) {
        const changed = known.leaderEpoch !== registration.leaderEpoch
        known.update(registration)
        // Whoever waits must hear that the leader changed.
        if (changed) this.delayedFetchPurgatory.checkAndComplete(topicPartition.key)
        continue
      }
      this.startReplica(topicPartition, topic, index)
    }
  }

  private startReplica(topicPartition: TopicPartition, topic: TopicImage, index: number): void {
    const registration = topic.partitions[index]!
    try {
      const partition = new Partition({
        topicPartition,
        topicId: topic.id,
        localBrokerId: this.brokerId,
        log: this.logManager.getOrCreateLog(topicPartition, topic.id),
        registration,
        trace: this.trace,
      })
      if (partition.isLeader) partition.makeLeader()
      this.partitions.set(topicPartition.key, partition)
    } catch (error) {
      this.offlinePartitions.add(topicPartition.key)
      this.logger.error(`Cannot open the log of partition ${topicPartition}`, error)
    }
  }

  private stopReplica({ topicPartition }: Partition): void {
    this.partitions.delete(topicPartition.key)
    this.logManager.asyncDelete(topicPartition)
    this.delayedFetchPurgatory.checkAndComplete(topicPartition.key)
  }

  private isHosted({ topicPartition, topicId }: Partition, image: MetadataImage): boolean {
    const topic = image.topicsByName.get(topicPartition.topic)
    const registration = topic?.partitions[topicPartition.partition]
    if (topic === undefined || registration === undefined) return false
    return topic.id.equals(topicId) && registration.replicas.includes(this.brokerId)
  }
}

interface PartitionName {
  readonly topicPartition: TopicPartition
  readonly topicId: Uuid
}
