/**
 * What an answer means for a batch: it is tried again, comes back in parts, or fails.
 *
 *     too large ───► splitBatch       two or more batches take its place
 *     can be mended ► reenqueueBatch  back to its queue, to go after a back-off
 *     a duplicate ──► success         an earlier attempt was written, its answer was lost
 *     anything else ► failBatch       every future and callback hears why
 *     no answer in time: failExpiredBatches
 *
 * Every way out of flight leads through here, so here the three who keep books on a batch are told:
 * the batches in flight, the accumulator (memory, and who is incomplete), and with idempotence the
 * `TransactionManager` (sequences).
 *
 * I1  Memory goes back only when no request holds it any more (I3 of the `Sender`).
 * I2  A batch that was sent and given up leaves its sequence unresolved when the broker may have
 *     it: no answer came, or one that does not say.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 * @simplified a class of its own; in Java these are methods of `Sender`. There, I2 holds only for
 *   batches that expired after they were sent twice. After one that expired in its first attempt,
 *   or was out of attempts, the next ones are refused until they fail too; and one that timed out
 *   just when its time was over has the next ones numbered anew, also those that were written.
 */

import { Errors } from '../../protocol/Errors.ts'
import type { InFlightBatches } from './InFlightBatches.ts'
import {
  expiryException,
  formatErrMsg,
  type PartitionResponse,
  recordExceptions,
  staleMetadataMessage,
  topLevelException,
} from './PartitionResponse.ts'
import type { ErrorsByIndex } from './ProduceRequestResult.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import type { SenderOptions } from './SenderOptions.ts'

export class BatchOutcomes {
  private readonly options: SenderOptions
  private readonly batchesInFlight: InFlightBatches

  constructor(options: SenderOptions, batchesInFlight: InFlightBatches) {
    this.options = options
    this.batchesInFlight = batchesInFlight
  }

  /** The broker has it. */
  succeed(batch: ProducerBatch, response: PartitionResponse): void {
    this.options.transactionManager?.handleCompletedBatch(batch, response)
    if (batch.complete(response.baseOffset, response.logAppendTime)) {
      this.maybeRemoveAndDeallocateBatch(batch)
    } else {
      // It had expired or was aborted while in flight; only its memory was still owed.
      this.options.accumulator.deallocate(batch)
    }
  }

  /** Not counted as an attempt: what is sent next is something else. */
  splitBatch(batch: ProducerBatch, response: PartitionResponse, correlationId: number): void {
    const { accumulator, transactionManager, trace, retries, sensors } = this.options
    const attemptsLeft = retries - batch.attempts()
    this.warnOfAttempt(batch, response, correlationId, 'splitting and retrying', attemptsLeft)
    transactionManager?.removeInFlightBatch(batch)
    const count = accumulator.splitAndReenqueue(batch)
    this.maybeRemoveAndDeallocateBatch(batch)
    sensors?.recordBatchSplit()
    if (trace.enabled) {
      const { topic, partition } = batch.topicPartition
      const deque = [...(accumulator.getDeque(batch.topicPartition) ?? [])]
      const parts = deque.slice(0, count).map(({ recordCount }) => recordCount)
      trace.emit('producer.sender.splitBatch', { topic, partition, parts })
    }
  }

  retryOrFail(
    batch: ProducerBatch,
    response: PartitionResponse,
    correlationId: number,
    nowMs: number,
  ): void {
    const { error } = response
    if (this.canRetry(batch, response, nowMs)) {
      const attemptsLeft = this.options.retries - batch.attempts() - 1
      this.warnOfAttempt(batch, response, correlationId, 'retrying', attemptsLeft)
      this.reenqueueBatch(batch, nowMs, error.name)
    } else if (error === Errors.DUPLICATE_SEQUENCE_NUMBER) {
      // Written so long ago that the broker has forgotten at which offset: success, without one.
      this.succeed(batch, response)
    } else {
      const exception = topLevelException(response, batch.topicPartition)
      const ofRecords = response.recordErrors.length > 0 ? recordExceptions(response) : undefined
      // Refused at once, and for good, it is surely not written. Else nobody knows, of this attempt
      // or an earlier one: its numbers stay taken (I2).
      const adjustSequenceNumbers = batch.attempts() === 0 && !error.retriable
      this.failBatch(batch, exception, ofRecords, { adjustSequenceNumbers, deallocate: true })
    }
    // The error may say that our picture of the cluster is old.
    if (!error.refreshMetadata) return
    this.options.logger.warn(staleMetadataMessage(response, batch.topicPartition))
    this.options.metadata.requestUpdate(false)
  }

  /** @param deallocate `false` while a request may still read the batches' bytes (I1) */
  failExpiredBatches(batches: ProducerBatch[], nowMs: number, deallocate: boolean): void {
    const { metadata } = this.options
    for (const batch of batches) {
      const error = expiryException(batch, nowMs, metadata.connectionProblem())
      this.failBatch(batch, error, undefined, { adjustSequenceNumbers: false, deallocate })
    }
  }

  toString(): string {
    return `BatchOutcomes(${this.batchesInFlight.size} batches in flight)`
  }

  private canRetry(batch: ProducerBatch, response: PartitionResponse, nowMs: number): boolean {
    const { accumulator, retries, transactionManager } = this.options
    return (
      !batch.hasReachedDeliveryTimeout(accumulator.deliveryTimeoutMs, nowMs) &&
      batch.attempts() < retries &&
      !batch.isDone() &&
      (transactionManager?.canRetry(response, batch) ?? response.error.retriable)
    )
  }

  private reenqueueBatch(batch: ProducerBatch, nowMs: number, error: string): void {
    const { accumulator, trace, sensors } = this.options
    accumulator.reenqueue(batch, nowMs)
    this.batchesInFlight.remove(batch)
    sensors?.recordRetries(batch.topicPartition.topic, batch.recordCount)
    if (trace.enabled) {
      const { topic, partition } = batch.topicPartition
      const { baseSequence } = batch
      const fields = { topic, partition, attempts: batch.attempts(), error, baseSequence }
      trace.emit('producer.sender.reenqueueBatch', fields)
    }
  }

  private failBatch(
    batch: ProducerBatch,
    exception: Error,
    ofRecords: ErrorsByIndex | undefined,
    how: { readonly adjustSequenceNumbers: boolean; readonly deallocate: boolean },
  ): void {
    const { accumulator, transactionManager, sensors } = this.options
    sensors?.recordErrors(batch.topicPartition.topic, batch.recordCount)
    if (batch.completeExceptionally(exception, ofRecords)) {
      const { adjustSequenceNumbers } = how
      transactionManager?.handleFailedBatch(batch, exception, adjustSequenceNumbers)
      const unresolved = !adjustSequenceNumbers && batch.hasSequence()
      if (unresolved) transactionManager?.markSequenceUnresolved(batch)
      this.batchesInFlight.remove(batch)
      accumulator.completeBatch(batch)
    }
    if (how.deallocate) accumulator.deallocate(batch)
  }

  private maybeRemoveAndDeallocateBatch(batch: ProducerBatch): void {
    this.batchesInFlight.remove(batch)
    this.options.accumulator.completeAndDeallocateBatch(batch)
  }

  private warnOfAttempt(
    { topicPartition }: ProducerBatch,
    response: PartitionResponse,
    correlationId: number,
    what: string,
    attemptsLeft: number,
  ): void {
    this.options.logger.warn(
      `Got error produce response with correlation id ${correlationId} on topic-partition ` +
        `${topicPartition}, ${what} (${attemptsLeft} attempts left). ` +
        `Error: ${formatErrMsg(response)}`,
    )
  }
}
