/**
 * What `send` returns: one record's share in the outcome of its batch.
 *
 *     const sent = producer.send(record)
 *     if (sent.appended !== null) await sent.appended    // what blocking in `send` is in Java
 *     const metadata = await sent                        // the record is acknowledged
 *
 * It can be awaited, but it is no promise: a promise per record would cost more than the record.
 * The first `then`, `catch`, `finally` or `get` makes one. Whoever goes by callbacks, or by
 * `flush`, never pays for it.
 *
 * Two things can come between a future and its batch. A record that has to wait for metadata or
 * memory is not in a batch yet, and a batch that was too large is split. In both cases the future
 * is chained to another one, which knows more:
 *
 *     future (in the user's hands) ──next──► future in the part of the batch ──next──► …
 *
 * I1  A future that failed before anybody looked at it rejects nothing: there is no promise to be
 *     unhandled.
 * I2  `isDone` never goes back to false.
 *
 * @kafka org.apache.kafka.clients.producer.internals.FutureRecordMetadata
 */

import { TimeoutException } from '../../common/errors.ts'
import type { Time } from '../../common/Time.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import { ProduceRequestResult } from './ProduceRequestResult.ts'

/** In place of a batch index: the record is in no batch. */
const NOT_IN_A_BATCH = -1

export class FutureRecordMetadata implements PromiseLike<RecordMetadata> {
  private readonly result: ProduceRequestResult
  private readonly batchIndex: number
  /** To the batch's `createdMs`: unlike a time stamp, a small number needs no memory of its own. */
  private readonly createTimestampDelta: number
  private readonly serializedKeySize: number
  private readonly serializedValueSize: number
  private nextRecordMetadata: FutureRecordMetadata | null = null
  private promise: Promise<RecordMetadata> | null = null

  /** @param serializedKeySize bytes, -1 for null; so is the value's */
  constructor(
    result: ProduceRequestResult,
    batchIndex: number,
    createTimestamp: number,
    serializedKeySize: number,
    serializedValueSize: number,
  ) {
    this.result = result
    this.batchIndex = batchIndex
    this.createTimestampDelta = createTimestamp - result.createdMs
    this.serializedKeySize = serializedKeySize
    this.serializedValueSize = serializedValueSize
  }

  /** For a record that is not in a batch yet: `resolveTo` or `fail` will follow. */
  static waiting(topicPartition: TopicPartition, time: Time): FutureRecordMetadata {
    const result = new ProduceRequestResult(topicPartition, time, 0)
    return new FutureRecordMetadata(result, NOT_IN_A_BATCH, 0, -1, -1)
  }

  /**
   * `null` when the record is in its batch: nothing to wait for. Else a promise that resolves when
   * it is, or when it has failed; it never rejects, the future itself says which. Until then the
   * caller must not change the record.
   */
  get appended(): Promise<void> | null {
    const waits = this.batchIndex === NOT_IN_A_BATCH && !this.result.completed()
    return waits ? this.result.await() : null
  }

  /** Whether the outcome is known, good or bad. */
  isDone(): boolean {
    return this.nextRecordMetadata === null
      ? this.result.completed()
      : this.nextRecordMetadata.isDone()
  }

  // biome-ignore lint/suspicious/noThenProperty: a future is what one awaits
  then<A = RecordMetadata, B = never>(
    onFulfilled?: ((metadata: RecordMetadata) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.get().then(onFulfilled, onRejected)
  }

  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<RecordMetadata | B> {
    return this.get().catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<RecordMetadata> {
    return this.get().finally(onFinally)
  }

  /**
   * The metadata, when the record is acknowledged.
   *
   * @param timeoutMs how long to wait; default: until the producer knows, which
   *   `delivery.timeout.ms` bounds
   * @throws TimeoutException when that time is over; the record may still be delivered
   */
  get(timeoutMs?: number): Promise<RecordMetadata> {
    if (timeoutMs !== undefined) return this.getWithin(timeoutMs)
    if (this.promise === null) this.promise = this.settled()
    return this.promise
  }

  /** Whether somebody asked for the outcome. */
  isObserved(): boolean {
    return this.promise !== null
  }

  /** From now on `next` speaks for this record. */
  chain(next: FutureRecordMetadata): void {
    if (this.nextRecordMetadata === null) this.nextRecordMetadata = next
    else this.nextRecordMetadata.chain(next)
  }

  /** The record that waited is in a batch now, as `appended`. */
  resolveTo(appended: FutureRecordMetadata): void {
    this.chain(appended)
    this.result.set(RecordMetadata.NO_OFFSET, RecordMetadata.NO_TIMESTAMP, null)
    this.result.done()
  }

  /** The record that waited will not get into a batch. */
  fail(error: Error): void {
    this.result.set(RecordMetadata.NO_OFFSET, RecordMetadata.NO_TIMESTAMP, () => error)
    this.result.done()
  }

  /** The metadata, once the batch is well. */
  value(): RecordMetadata {
    if (this.nextRecordMetadata !== null) return this.nextRecordMetadata.value()
    const { result } = this
    return new RecordMetadata(
      result.topicPartition,
      result.baseOffset(),
      this.batchIndex,
      result.hasLogAppendTime()
        ? result.logAppendTime()
        : result.createdMs + this.createTimestampDelta,
      this.serializedKeySize,
      this.serializedValueSize,
    )
  }

  /** The metadata; throws the record's error when there is one. The result must be done. */
  valueOrError(): RecordMetadata {
    const error = this.result.error(this.batchIndex)
    if (error !== null) throw error
    return this.value()
  }

  toString(): string {
    return `FutureRecordMetadata(${this.result.topicPartition}, done=${this.isDone()})`
  }

  private async settled(): Promise<RecordMetadata> {
    await this.result.await()
    return this.nextRecordMetadata === null ? this.valueOrError() : this.nextRecordMetadata.get()
  }

  private async getWithin(timeoutMs: number): Promise<RecordMetadata> {
    // It counts as looked at. When the time is over, what follows is nobody's unhandled rejection.
    this.get().catch(() => {})
    const deadlineMs = this.result.milliseconds() + timeoutMs
    if (!(await this.result.awaitFor(timeoutMs))) {
      throw new TimeoutException(`No outcome after waiting for ${timeoutMs} ms.`)
    }
    if (this.nextRecordMetadata === null) return this.valueOrError()
    return this.nextRecordMetadata.get(Math.max(0, deadlineMs - this.result.milliseconds()))
  }
}
