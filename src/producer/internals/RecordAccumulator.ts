/**
 * Where records wait until it is worth sending them: a queue of batches for each partition, in a
 * bounded memory.
 *
 *     send ─► append ─► │ batch │ batch │ open batch ◄─ the next record
 *                        ▲
 *     Sender ─ ready ────┤  which brokers have something to get?
 *              drain ────┘  the first batch of each of their partitions, up to max.request.size
 *
 * A round trip costs about the same for one record as for a thousand, so records are gathered.
 *
 * `append` returns the result itself whenever it can: no promise is made for a record whose batch
 * is open. Only when memory has run out does it return a promise. Others may append meanwhile, so
 * one that has waited looks again for an open batch, in a partition that may have changed.
 *
 * I1  A record is in exactly one batch, a batch in at most one queue; `incomplete` holds every
 *     batch without outcome.
 * I2  Only the last batch of a queue is open. Those before it are closed for appends.
 * I3  A buffer goes back to the pool once, and not while a request may still be writing it to a
 *     socket.
 * I4  Batches of one partition leave in the order in which they were made; one that failed goes
 *     back to the front, or with sequences to where its own belongs (`SequenceOrder.ts`).
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator
 * @simplified `appendsInProgress` is not counted: nobody can append in the middle of
 *   `abortIncompleteBatches`, and who waits for memory finds the accumulator closed.
 */

import type { MetadataSnapshot } from '../../clients/MetadataSnapshot.ts'
import { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { Cluster } from '../../common/Cluster.ts'
import type { ExponentialBackoff } from '../../common/ExponentialBackoff.ts'
import { IllegalStateException, KafkaException } from '../../common/errors.ts'
import type { Node } from '../../common/Node.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { CompressionRatioEstimator } from '../../record/CompressionRatioEstimator.ts'
import { MemoryRecordsBuilder } from '../../record/MemoryRecordsBuilder.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import { BatchQueues } from './BatchQueues.ts'
import type { BufferPool } from './BufferPool.ts'
import { IncompleteBatches } from './IncompleteBatches.ts'
import { NodeDrain } from './NodeDrain.ts'
import { NodeStats } from './NodeLatencyStats.ts'
import { ProducerBatch } from './ProducerBatch.ts'
import type { ProducerBatchContext } from './ProducerBatchContext.ts'
import { type AccumulatorSnapshot, drainedFields, snapshotOf } from './ProducerSnapshot.ts'
import { ReadyCheck, type SendAllReason } from './ReadyCheck.ts'
import { type RecordAccumulatorOptions, retryBackoffOf } from './RecordAccumulatorOptions.ts'
import { RecordAppendResult } from './RecordAppendResult.ts'
import type { RecordToAppend } from './RecordToAppend.ts'
import type { BatchDeque, TopicInfo } from './TopicInfo.ts'
import type { TransactionManager } from './TransactionManager.ts'

export class RecordAccumulator {
  readonly deliveryTimeoutMs: number
  private readonly options: RecordAccumulatorOptions
  readonly free: BufferPool
  private readonly retryBackoff: ExponentialBackoff
  private readonly context: ProducerBatchContext
  readonly queues: BatchQueues
  private readonly nodeDrain: NodeDrain
  private readonly transactionManager: TransactionManager | null
  readonly nodeStats: NodeStats
  readonly incomplete = new IncompleteBatches()
  private readonly muted = new Set<string>()
  private readonly result = new RecordAppendResult()
  private flushesInProgress = 0
  private closed = false

  constructor(options: RecordAccumulatorOptions) {
    this.options = options
    this.deliveryTimeoutMs = options.deliveryTimeoutMs
    this.free = options.bufferPool
    this.retryBackoff = retryBackoffOf(options)
    this.queues = new BatchQueues(options)
    this.nodeStats = new NodeStats(options.partitionAvailabilityTimeoutMs ?? 0)
    this.transactionManager = options.transactionManager ?? null
    const { queues, retryBackoff, muted, transactionManager } = this
    const { time, logger, trace, failures, estimator = new CompressionRatioEstimator() } = options
    this.nodeDrain = new NodeDrain(queues, retryBackoff, muted, transactionManager)
    this.context = { time, logger, trace, failures, estimator, batchesMade: 0 }
  }

  /**
   * Appends a record to the last batch of its partition, or to a new one.
   *
   * @param maxTimeToBlockMs how long the promise may wait for memory
   * @param waitedFor memory that the record has waited for; none at the first call
   * @throws KafkaException when the producer is closed
   */
  append(
    record: RecordToAppend,
    maxTimeToBlockMs: number,
    nowMs: number,
    cluster: Cluster,
    waitedFor: ByteBuffer | null = null,
  ): RecordAppendResult | Promise<RecordAppendResult> {
    const topicInfo = this.queues.getOrCreateTopicInfo(record.topic)
    let spare = waitedFor
    try {
      for (;;) {
        const sticky = this.stickyPartition(record, topicInfo, cluster)
        const partition = sticky === null ? record.partition : sticky.partition
        const deque = topicInfo.getOrCreateDeque(partition)
        const { callback } = record
        if (callback !== null && typeof callback === 'object') callback.partition = partition

        let result = this.tryAppend(record, deque, nowMs)
        if (result === null) {
          // The last batch was closed just now: a switch held back for its sake may be due.
          if (this.stickyPartition(record, topicInfo, cluster) !== sticky) continue
          const size = Math.max(this.options.batchSize, record.sizeUpperBound)
          const memory = spare ?? this.free.allocate(size, maxTimeToBlockMs)
          if (memory instanceof Promise) return this.appendLater(memory, record.copy(), cluster)
          spare = memory
          result = this.appendNewBatch(record, deque, memory, nowMs)
          spare = null
        }
        // A switch now would leave a fragment behind, unless the last batch is full.
        const mayMove = sticky !== null && deque.allBatchesFull()
        const { appendedBytes } = result
        topicInfo.builtInPartitioner.updatePartitionInfo(sticky, appendedBytes, cluster, mayMove)
        if (this.context.trace.enabled) {
          const { batchIsFull, newBatchCreated } = result
          const { topic } = record
          const appended = { topic, partition, batchIsFull, newBatchCreated }
          const batchesQueued = deque.size
          this.context.trace.emit('producer.accumulator.append', { ...appended, batchesQueued })
        }
        return result
      }
    } finally {
      // Waited for in vain: another append made a batch with room meanwhile, or there was an error.
      if (spare !== null) this.free.deallocate(spare)
    }
  }

  /** Which brokers have something to get, and when to look again. */
  ready(metadataSnapshot: MetadataSnapshot, nowMs: number): ReadyCheck {
    const check = new ReadyCheck({
      metadataSnapshot,
      nowMs,
      lingerMs: this.options.lingerMs,
      retryBackoff: this.retryBackoff,
      muted: this.muted,
      sendAll: this.reasonToSendAll(),
      transactionManager: this.transactionManager,
      enableAdaptivePartitioning: this.options.enableAdaptivePartitioning ?? false,
      nodeStats: this.nodeStats,
      reasons: this.context.trace.enabled ? [] : null,
    })
    for (const topicInfo of this.queues.topicInfos()) check.partitionReady(topicInfo)
    const { trace } = this.context
    if (trace.enabled) trace.emit('producer.accumulator.ready', check.fields())
    return check
  }

  /** Whether a batch waits in a queue. */
  hasUndrained(): boolean {
    return this.queues.hasUndrained()
  }

  /**
   * Takes the first batch of each partition that `nodes` lead, closed and ready for the wire.
   *
   * @param maxSize bytes for each node; a single batch may be larger
   */
  drain(
    metadataSnapshot: MetadataSnapshot,
    nodes: Iterable<Node>,
    maxSize: number,
    nowMs: number,
  ): Map<number, ProducerBatch[]> {
    const batches = this.nodeDrain.drain(metadataSnapshot, nodes, maxSize, nowMs)
    const { trace } = this.context
    if (trace.enabled) trace.emit('producer.accumulator.drain', drainedFields(batches))
    return batches
  }

  // ---- after a batch was drained: given back, split, muted, expired

  /** Puts a batch that failed, and may be tried again, back to the front of its queue (I4). */
  reenqueue(batch: ProducerBatch, nowMs: number): void {
    batch.reenqueued(nowMs)
    this.queues.putBack(batch)
  }

  /** Puts parts in the place of a batch that the broker found too large; returns their number. */
  splitAndReenqueue(bigBatch: ProducerBatch): number {
    // The guess at how well this topic compresses was too good: begin again from the worse of 1 and
    // what came out.
    const { topic } = bigBatch.topicPartition
    const ratio = Math.max(1, bigBatch.compressionRatio())
    this.context.estimator.setEstimation(topic, this.options.compression.type, ratio)
    // Parts of parts become smaller, each time, or a broker with a low limit has us split for ever.
    const size = bigBatch.estimatedSizeInBytes()
    const smaller = Math.min(size - 1, Math.max(bigBatch.maxRecordSize, Math.floor(size / 2)))
    const targetSize = bigBatch.isSplitBatch ? smaller : this.options.batchSize
    const parts = bigBatch.split(targetSize)
    for (const part of parts.toReversed()) {
      this.incomplete.add(part)
      // The parts have the sequences of the whole.
      this.transactionManager?.addInFlightBatch(part)
      this.queues.putBack(part)
    }
    return parts.length
  }

  mutePartition(topicPartition: TopicPartition): void {
    this.muted.add(topicPartition.key)
  }

  unmutePartition(topicPartition: TopicPartition): void {
    this.muted.delete(topicPartition.key)
  }

  /** Takes out of the queues what has waited `delivery.timeout.ms`, in the order of sending. */
  expiredBatches(nowMs: number): ProducerBatch[] {
    return this.queues.expiredBatches(nowMs)
  }

  nextExpiryTimeMs(): number {
    return this.queues.nextExpiryTimeMs()
  }

  resetNextBatchExpiryTime(): void {
    this.queues.resetNextBatchExpiryTime()
  }

  maybeUpdateNextBatchExpiryTime(batch: ProducerBatch): void {
    this.queues.maybeUpdateNextBatchExpiryTime(batch)
  }

  completeAndDeallocateBatch(batch: ProducerBatch): void {
    this.completeBatch(batch)
    this.deallocate(batch)
  }

  completeBatch(batch: ProducerBatch): void {
    this.incomplete.remove(batch)
  }

  /** Gives a batch's memory back (I3). Parts of a split batch never had any of the pool's. */
  deallocate(batch: ProducerBatch): void {
    if (batch.isSplitBatch) return
    if (batch.bufferDeallocated) {
      this.context.logger.warn(`The memory of ${batch} was given back before, so it is not now`)
      return
    }
    batch.bufferDeallocated = true
    if (batch.inflight) {
      // The budget is restored, but with a fresh buffer: the socket may still read from the batch's
      // own.
      this.free.deallocate(ByteBuffer.allocate(batch.initialCapacity()))
      throw new IllegalStateException(`I3 the memory of ${batch} was given back while in flight`)
    }
    this.free.deallocate(batch.buffer(), batch.initialCapacity())
  }

  // ---- flush and close

  /** From now on every batch may go at once. */
  beginFlush(): void {
    this.flushesInProgress++
  }

  /** Resolves when all batches of this moment have their outcome; ends the flush. */
  async awaitFlushCompletion(): Promise<void> {
    try {
      for (const result of this.incomplete.requestResults()) await result.awaitAllDependents()
    } finally {
      this.flushesInProgress--
    }
  }

  flushInProgress(): boolean {
    return this.flushesInProgress > 0
  }

  /** Fails every batch without outcome. Only when the producer is closed by force. */
  abortIncompleteBatches(): void {
    this.abortBatches(new KafkaException('Producer is closed forcefully.'))
    this.queues.clear()
  }

  abortBatches(reason: Error, batches = this.incomplete.copyAll()): void {
    for (const batch of batches) {
      batch.abortRecordAppends()
      this.getDeque(batch.topicPartition)?.remove(batch)
      this.transactionManager?.removeInFlightBatch(batch)
      batch.abort(reason)
      // One in flight keeps its memory until the network client says that it is through with it
      // (I3).
      if (batch.inflight) this.completeBatch(batch)
      else this.completeAndDeallocateBatch(batch)
    }
  }

  /** Fails what was never drained, and so surely not written. */
  abortUndrainedBatches(reason: Error): void {
    const undrained = this.incomplete
      .copyAll()
      .filter((batch) => !(this.transactionManager ? batch.hasSequence() : batch.isClosed()))
    this.abortBatches(reason, undrained)
  }

  /**
   * No more appends; everything that is here may go at once, and nobody waits for memory any
   * longer.
   */
  close(): void {
    this.closed = true
    this.free.close()
  }

  getDeque(topicPartition: TopicPartition): BatchDeque | undefined {
    return this.queues.getDeque(topicPartition.topic, topicPartition.partition)
  }

  /** What is where, at this moment. */
  snapshot(): AccumulatorSnapshot {
    return {
      deques: this.queues.snapshot(this.muted),
      incomplete: this.incomplete.copyAll().map(snapshotOf),
      flushesInProgress: this.flushesInProgress,
      closed: this.closed,
      drainIndex: this.nodeDrain.snapshot(),
    }
  }

  toString(): string {
    return `RecordAccumulator(${this.queues}, incomplete=${this.incomplete.size})`
  }

  private reasonToSendAll(): SendAllReason | null {
    if (this.free.queued() > 0) return 'exhausted'
    if (this.closed) return 'closed'
    return this.flushInProgress() ? 'flush' : null
  }

  /** `null`: the record's partition is given. */
  private stickyPartition(record: RecordToAppend, topicInfo: TopicInfo, cluster: Cluster) {
    const given = record.partition !== RecordMetadata.UNKNOWN_PARTITION
    return given ? null : topicInfo.stickyPartition(cluster)
  }

  /** `null`: there is no open batch with room. */
  private tryAppend(
    record: RecordToAppend,
    deque: BatchDeque,
    nowMs: number,
  ): RecordAppendResult | null {
    if (this.closed) throw new KafkaException('Producer closed while send in progress')
    const last = deque.peekLast()
    if (last === undefined) return null
    const initialBytes = last.estimatedSizeInBytes()
    const future = last.tryAppend(record, nowMs)
    if (future === null) {
      last.closeForRecordAppends()
      return null
    }
    const appendedBytes = last.estimatedSizeInBytes() - initialBytes
    return this.result.set(future, deque.size > 1 || last.isFull(), false, appendedBytes)
  }

  /** Here, and only here, others append between our looking and our appending: so look again. */
  private async appendLater(
    memory: Promise<ByteBuffer>,
    record: RecordToAppend,
    cluster: Cluster,
  ): Promise<RecordAppendResult> {
    const waitedFor = await memory
    const nowMs = this.context.time.milliseconds()
    // With memory in hand it returns at once.
    const result = this.append(record, 0, nowMs, cluster, waitedFor) as RecordAppendResult
    return result.copy()
  }

  private appendNewBatch(
    record: RecordToAppend,
    deque: BatchDeque,
    buffer: ByteBuffer,
    nowMs: number,
  ): RecordAppendResult {
    const { context } = this
    const { topicPartition } = deque
    const { compression } = this.options
    const recordsBuilder = new MemoryRecordsBuilder({ buffer, compression, trace: context.trace })
    const batch = new ProducerBatch({ topicPartition, recordsBuilder, createdMs: nowMs, context })
    const future = batch.tryAppend(record, nowMs)
    if (future === null) throw new IllegalStateException(`A new ${batch} has no room for a record`)
    deque.addLast(batch)
    this.incomplete.add(batch)
    const batchIsFull = deque.size > 1 || batch.isFull()
    return this.result.set(future, batchIsFull, true, batch.estimatedSizeInBytes())
  }
}
