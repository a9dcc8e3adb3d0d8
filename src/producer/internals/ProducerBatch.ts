/**
 * Records of one partition that travel together, from the first `tryAppend` to their callbacks.
 *
 *     tryAppend … ─► closeForRecordAppends ─► close ─► (in flight) ─► complete ─► SUCCEEDED
 *                                               ▲           │
 *                                    reenqueued └───────────┼─► completeExceptionally ─► FAILED
 *                                                           └─► abort ─► ABORTED
 *
 * The bytes are the business of `MemoryRecordsBuilder`; this class keeps what belongs to them: for
 * each record its future and its callback, the attempts, and the times by which the accumulator
 * decides.
 *
 * Futures and callbacks are two columns of one table (Java has an object, a *thunk*, for each row):
 *
 *     index       0        1        2
 *     futures   │ f0 │   │ f1 │   │ f2 │
 *     callbacks │ cb │   │null│   │ cb │
 *
 * I1  Row i of the table is record i of the batch.
 * I2  The final state is set once. A late answer to a batch that has expired changes nothing; an
 *     answer to one that has succeeded is a bug and throws.
 * I3  Callbacks run in the order of the records, each once, whatever another one throws.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProducerBatch
 * @simplified producer id, epoch and sequence come with the idempotent producer.
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { RecordBatchTooLargeException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { AbstractRecords } from '../../record/AbstractRecords.ts'
import { CompressionType } from '../../record/CompressionType.ts'
import type { DefaultRecord } from '../../record/DefaultRecord.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../record/MemoryRecordsBuilder.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import { type AppendCallback, fire, isObserved } from './AppendCallbacks.ts'
import { FutureRecordMetadata } from './FutureRecordMetadata.ts'
import { type ErrorsByIndex, ProduceRequestResult } from './ProduceRequestResult.ts'
import type { ProducerBatchContext } from './ProducerBatchContext.ts'
import type { RecordToAppend } from './RecordToAppend.ts'

export interface ProducerBatchOptions {
  readonly topicPartition: TopicPartition
  readonly recordsBuilder: MemoryRecordsBuilder
  readonly createdMs: number
  /** Default `false`. The buffer of a part of a split batch is not the pool's. */
  readonly isSplitBatch?: boolean
  readonly context: ProducerBatchContext
}

export type FinalState = 'ABORTED' | 'FAILED' | 'SUCCEEDED'

export class ProducerBatch {
  /** Counts the batches of the producer, from 0. */
  readonly number: number
  readonly createdMs: number
  readonly topicPartition: TopicPartition
  readonly produceFuture: ProduceRequestResult
  readonly isSplitBatch: boolean
  recordCount = 0
  /** An upper bound for the largest record, with the overhead of a batch of its own. */
  maxRecordSize = 0
  /** The buffer went back to the pool; it must not go twice. */
  bufferDeallocated = false
  /**
   * A request with these bytes may still be on its way to the socket, so the pool must not have
   * them.
   */
  inflight = false
  private readonly futures: FutureRecordMetadata[] = []
  private readonly callbacks: (AppendCallback | null)[] = []
  readonly recordsBuilder: MemoryRecordsBuilder
  private readonly context: ProducerBatchContext
  private state: FinalState | null = null
  private attemptCount = 0
  /** When it was given back last; before that, when it was made. */
  lastAttemptMs: number
  private lastAppendTime: number
  private drainedMs = 0
  private retry = false
  /** The epoch of the leader that the next attempt goes to; `null`: not known. */
  private leaderEpoch: number | null = null
  private attemptsWhenLeaderChanged = 0

  constructor(options: ProducerBatchOptions) {
    const { topicPartition, recordsBuilder, createdMs, context } = options
    this.topicPartition = topicPartition
    this.recordsBuilder = recordsBuilder
    this.createdMs = this.lastAttemptMs = this.lastAppendTime = createdMs
    this.isSplitBatch = options.isSplitBatch ?? false
    this.context = context
    this.number = context.batchesMade++
    this.produceFuture = new ProduceRequestResult(topicPartition, context.time, createdMs)
    recordsBuilder.setEstimatedCompressionRatio(
      context.estimator.estimation(topicPartition.topic, recordsBuilder.compression.type),
    )
  }

  /** Appends the record; `null` when there is no room for it, or the batch is closed. */
  tryAppend(record: RecordToAppend, nowMs: number): FutureRecordMetadata | null {
    const { recordsBuilder } = this
    const { timestamp, key, value, headers } = record
    if (!recordsBuilder.hasRoomFor(timestamp, key, value, headers)) return null
    recordsBuilder.append(timestamp, key, value, headers)
    this.lastAppendTime = nowMs
    const future = this.addFuture(timestamp, key, value, record.sizeUpperBound)
    this.futures.push(future)
    this.callbacks.push(record.callback)
    const { trace } = this.context
    if (trace.enabled) {
      trace.emit('producer.batch.tryAppend', {
        topic: this.topicPartition.topic,
        partition: this.topicPartition.partition,
        records: this.recordCount,
        batchBytes: this.estimatedSizeInBytes(),
      })
    }
    return future
  }

  /** Ends the batch before it was answered: the producer is closed by force. */
  abort(error: Error): void {
    if (this.state !== null) {
      throw new IllegalStateException(`I2 ${this} has already been completed: ${this.state}`)
    }
    this.state = 'ABORTED'
    this.completeFutureAndFireCallbacks(RecordMetadata.NO_OFFSET, -1, error, () => error)
  }

  /** The broker has it. `false` when the batch had been given up before. */
  complete(baseOffset: number, logAppendTime: number): boolean {
    return this.done(baseOffset, logAppendTime, null, null)
  }

  /**
   * The batch failed. `false` when it had failed, or had been aborted, before.
   *
   * @param recordErrors for each record; default: all fail with `error`
   */
  completeExceptionally(error: Error, recordErrors: ErrorsByIndex = () => error): boolean {
    return this.done(RecordMetadata.NO_OFFSET, RecordMetadata.NO_TIMESTAMP, error, recordErrors)
  }

  isDone(): boolean {
    return this.state !== null
  }

  finalState(): FinalState | null {
    return this.state
  }

  /**
   * Takes the batch apart into smaller ones, because the broker refused it as too large. Futures
   * that are in users' hands follow their record into its new batch.
   */
  split(splitBatchSize: number): ProducerBatch[] {
    const batches: ProducerBatch[] = []
    let batch: ProducerBatch | null = null
    let index = 0
    for (const record of this.onlyBatch()) {
      // A fresh batch always takes its first record, however large.
      if (batch === null || !batch.tryAppendForSplit(record, this, index)) {
        batch?.closeForRecordAppends()
        batch = this.createBatchOffAccumulatorForRecord(record, splitBatchSize)
        batch.tryAppendForSplit(record, this, index)
        batches.push(batch)
      }
      index++
    }
    batch?.closeForRecordAppends()
    // The dependents come first: who waits for this batch must find them as soon as it is done.
    for (const part of batches) this.produceFuture.addDependent(part.produceFuture)
    this.produceFuture.set(RecordMetadata.NO_OFFSET, RecordMetadata.NO_TIMESTAMP, () => {
      return new RecordBatchTooLargeException(`${this} was split into ${batches.length} batches`)
    })
    this.produceFuture.done()
    return batches
  }

  hasReachedDeliveryTimeout(deliveryTimeoutMs: number, nowMs: number): boolean {
    return deliveryTimeoutMs <= nowMs - this.createdMs
  }

  attempts(): number {
    return this.attemptCount
  }

  reenqueued(nowMs: number): void {
    this.attemptCount++
    this.lastAttemptMs = Math.max(this.lastAppendTime, nowMs)
    this.lastAppendTime = Math.max(this.lastAppendTime, nowMs)
    this.retry = true
  }

  drained(nowMs: number): void {
    this.drainedMs = Math.max(this.drainedMs, nowMs)
  }

  queueTimeMs(): number {
    return this.drainedMs - this.createdMs
  }

  /** Since the batch was made, or was last given back. */
  waitedTimeMs(nowMs: number): number {
    return Math.max(0, nowMs - this.lastAttemptMs)
  }

  inRetry(): boolean {
    return this.retry
  }

  /** Takes note of a newer leader, if `latest` is one. */
  maybeUpdateLeaderEpoch(latest: number | null): void {
    if (latest === null || (this.leaderEpoch !== null && this.leaderEpoch >= latest)) return
    this.attemptsWhenLeaderChanged = this.attemptCount
    this.leaderEpoch = latest
  }

  /** The next attempt goes to another leader than the last one: no reason to back off. */
  hasLeaderChangedForTheOngoingRetry(): boolean {
    return this.attemptCount >= 1 && this.attemptCount === this.attemptsWhenLeaderChanged
  }

  currentLeaderEpoch(): number | null {
    return this.leaderEpoch
  }

  attemptsWhenLeaderLastChanged(): number {
    return this.attemptsWhenLeaderChanged
  }

  records(): MemoryRecords {
    return this.recordsBuilder.build()
  }

  estimatedSizeInBytes(): number {
    return this.recordsBuilder.estimatedSizeInBytes()
  }

  compressionRatio(): number {
    return this.recordsBuilder.compressionRatio
  }

  isCompressed(): boolean {
    return this.recordsBuilder.compression.type !== CompressionType.NONE
  }

  isFull(): boolean {
    return this.recordsBuilder.isFull()
  }

  isClosed(): boolean {
    return this.recordsBuilder.isClosed()
  }

  /** No more records; what compressing needed is released. The header can still be written. */
  closeForRecordAppends(): void {
    this.recordsBuilder.closeForRecordAppends()
  }

  /** The header is written, the CRC computed; learns how well this topic compresses. */
  close(): void {
    const { recordsBuilder } = this
    recordsBuilder.close()
    this.context.estimator.updateEstimation(
      this.topicPartition.topic,
      recordsBuilder.compression.type,
      recordsBuilder.compressionRatio,
    )
  }

  /** The records will never be read: done before `abort`, whose callbacks may run much later. */
  abortRecordAppends(): void {
    this.recordsBuilder.abort()
  }

  buffer(): ByteBuffer {
    return this.recordsBuilder.buffer()
  }

  /** What the pool gave; the buffer itself may have been replaced by a larger one since. */
  initialCapacity(): number {
    return this.recordsBuilder.initialCapacity()
  }

  toString(): string {
    return `ProducerBatch(topicPartition=${this.topicPartition}, recordCount=${this.recordCount})`
  }

  /** Counts the record that was just appended, and makes its future. */
  private addFuture(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    sizeUpperBound: number,
  ): FutureRecordMetadata {
    if (sizeUpperBound > this.maxRecordSize) this.maxRecordSize = sizeUpperBound
    return new FutureRecordMetadata(
      this.produceFuture,
      this.recordCount++,
      timestamp,
      key === null ? -1 : key.length,
      value === null ? -1 : value.length,
    )
  }

  private tryAppendForSplit(record: DefaultRecord, from: ProducerBatch, index: number): boolean {
    const { timestamp, key, value, headers } = record
    if (!this.recordsBuilder.hasRoomFor(timestamp, key, value, headers)) return false
    this.recordsBuilder.append(timestamp, key, value, headers)
    const sizeUpperBound = AbstractRecords.estimateSizeInBytesUpperBound(key, value, headers)
    // The row moves here; the future that the user holds is chained to one in this batch.
    const row = from.futures[index]!
    row.chain(this.addFuture(timestamp, key, value, sizeUpperBound))
    this.futures.push(row)
    this.callbacks.push(from.callbacks[index]!)
    return true
  }

  private onlyBatch(): DefaultRecordBatch {
    const [batch, ...others] = this.recordsBuilder.build().batches()
    if (batch === undefined) throw new IllegalStateException(`Cannot split ${this}: it is empty`)
    if (others.length > 0) {
      throw new IllegalArgumentException(`${this} must hold one record batch, not several`)
    }
    return batch
  }

  private createBatchOffAccumulatorForRecord(record: DefaultRecord, size: number): ProducerBatch {
    const { compression } = this.recordsBuilder
    const { key, value, headers } = record
    const upperBound = AbstractRecords.estimateSizeInBytesUpperBound(key, value, headers)
    const recordsBuilder = new MemoryRecordsBuilder({
      buffer: ByteBuffer.allocate(Math.max(upperBound, size)),
      writeLimit: size,
      compression,
      trace: this.context.trace,
    })
    return new ProducerBatch({
      topicPartition: this.topicPartition,
      recordsBuilder,
      createdMs: this.createdMs,
      isSplitBatch: true,
      context: this.context,
    })
  }

  /** I2. */
  private done(
    baseOffset: number,
    logAppendTime: number,
    error: Error | null,
    recordErrors: ErrorsByIndex | null,
  ): boolean {
    const next: FinalState = error === null ? 'SUCCEEDED' : 'FAILED'
    if (this.state === null) {
      this.state = next
      this.completeFutureAndFireCallbacks(baseOffset, logAppendTime, error, recordErrors)
      return true
    }
    if (this.state === 'SUCCEEDED') {
      throw new IllegalStateException(`I2 ${this} has succeeded and cannot become ${next}`)
    }
    this.context.logger.debug(
      `${this} is ${this.state} already, so ${next} (base offset ${baseOffset}) changes nothing`,
    )
    return false
  }

  private completeFutureAndFireCallbacks(
    baseOffset: number,
    logAppendTime: number,
    error: Error | null,
    recordErrors: ErrorsByIndex | null,
  ): void {
    const { trace, logger } = this.context
    const { topic, partition } = this.topicPartition
    if (trace.enabled) {
      const records = this.recordCount
      const name = error === null ? '' : error.name
      trace.emit('producer.batch.complete', { topic, partition, baseOffset, records, error: name })
    }
    // Set before the callbacks, which read the metadata through the futures; done after them (I3).
    this.produceFuture.set(baseOffset, logAppendTime, recordErrors)
    const failed = recordErrors === null ? null : RecordMetadata.ofFailed(this.topicPartition)
    const { futures, callbacks } = this
    for (let i = 0; i < futures.length; i++) {
      const callback = callbacks[i]!
      const exception = recordErrors === null ? null : recordErrors(i)
      if (callback !== null) fire(callback, failed ?? futures[i]!.value(), exception, logger)
      if (exception !== null && !isObserved(callback)) {
        this.context.failures.add(futures[i]!, this.topicPartition, exception)
      }
    }
    this.produceFuture.done()
  }
}
