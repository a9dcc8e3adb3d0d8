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
 * I4  A batch is given its producer id, epoch and sequence once, when it is drained first; only the
 *     `TransactionManager` may give it others, with a new epoch.
 *
 * @kafka org.apache.kafka.clients.producer.internals.ProducerBatch
 */

import { ByteBuffer } from '../../common/ByteBuffer.ts'
import { RecordBatchTooLargeException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException, IllegalStateException } from '../../common/errors.ts'
import { ProducerIdAndEpoch } from '../../common/ProducerIdAndEpoch.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { AbstractRecords } from '../../record/AbstractRecords.ts'
import { CompressionType } from '../../record/CompressionType.ts'
import type { DefaultRecord } from '../../record/DefaultRecord.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import type { MemoryRecords } from '../../record/MemoryRecords.ts'
import { MemoryRecordsBuilder } from '../../record/MemoryRecordsBuilder.ts'
import { incrementSequence, RecordBatch } from '../../record/RecordBatch.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import { type AppendCallback, fire, isObserved } from './AppendCallbacks.ts'
import { BatchAttempts } from './BatchAttempts.ts'
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

export class ProducerBatch extends BatchAttempts {
  /** Counts the batches of the producer, from 0. */
  readonly number: number
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
  /** Its sequence was changed, and it has not been sent since. */
  private reopened = false

  constructor(options: ProducerBatchOptions) {
    const { topicPartition, recordsBuilder, createdMs, context } = options
    super(createdMs)
    this.topicPartition = topicPartition
    this.recordsBuilder = recordsBuilder
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
      const { topic, partition } = this.topicPartition
      const fields = { topic, partition, records: this.recordCount }
      const batchBytes = this.estimatedSizeInBytes()
      trace.emit('producer.batch.tryAppend', { ...fields, batchBytes })
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
    this.assignProducerStateToBatches(batches)
    return batches
  }

  // ---- whose it is, and where it stands (I4)

  /** @throws IllegalStateException when the batch is closed */
  setProducerState({ producerId, epoch }: ProducerIdAndEpoch, baseSequence: number): void {
    this.recordsBuilder.setProducerState(producerId, epoch, baseSequence, false)
  }

  /** The header is written again at the next `close`; the bytes of a request in flight stay. */
  resetProducerState({ producerId, epoch }: ProducerIdAndEpoch, baseSequence: number): void {
    this.context.logger.info(
      `Resetting sequence number of batch with current sequence ${this.baseSequence} for ` +
        `partition ${this.topicPartition} to ${baseSequence}`,
    )
    this.reopened = true
    this.recordsBuilder.reopenAndRewriteProducerState(producerId, epoch, baseSequence, false)
  }

  get producerId(): bigint {
    return this.recordsBuilder.producerId
  }

  get producerEpoch(): number {
    return this.recordsBuilder.producerEpoch
  }

  /** Of the first record; `NO_SEQUENCE` before the first drain, and without idempotence. */
  get baseSequence(): number {
    return this.recordsBuilder.baseSequence
  }

  get lastSequence(): number {
    return incrementSequence(this.baseSequence, this.recordCount - 1)
  }

  hasSequence(): boolean {
    return this.baseSequence !== RecordBatch.NO_SEQUENCE
  }

  sequenceHasBeenReset(): boolean {
    return this.reopened
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
    this.reopened = false
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

  override toString(): string {
    const sequence = this.hasSequence() ? `, baseSequence=${this.baseSequence}` : ''
    const { topicPartition, recordCount } = this
    return `ProducerBatch(topicPartition=${topicPartition}, recordCount=${recordCount}${sequence})`
  }

  /** The parts stand where the whole one stood. */
  private assignProducerStateToBatches(parts: readonly ProducerBatch[]): void {
    if (!this.hasSequence()) return
    let sequence = this.baseSequence
    for (const part of parts) {
      part.setProducerState(new ProducerIdAndEpoch(this.producerId, this.producerEpoch), sequence)
      sequence = incrementSequence(sequence, part.recordCount)
    }
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
