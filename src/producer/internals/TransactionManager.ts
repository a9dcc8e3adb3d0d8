/**
 * What makes a retry harmless: the producer's number, and for each partition the numbers of its
 * records.
 *
 * A broker that has written a batch may lose its answer on the way. The producer then sends the
 * batch again, and without more the records would be written twice. So every batch says whose it is
 * and where it stands in its partition:
 *
 *     producerId 1000, epoch 0 │ base sequence 42 │ 8 records ─► 42 … 49
 *
 * and a broker takes it only when 41 came last from this producer. What it has already is
 * acknowledged again and not written again; what leaves a gap is refused.
 *
 * When it is not clear any more what the broker has, numbering under the same epoch cannot go on.
 * The producer counts its epoch up by itself, and numbers what is in flight in that partition from
 * 0 again (`bumpIdempotentEpochAndResetIdIfNeeded`). Other partitions go over to the new epoch as
 * soon as nothing of the old one is in flight there (`maybeUpdateProducerIdAndEpoch`).
 *
 * I1  A batch that was given a sequence keeps it, whatever its attempts, until the epoch is bumped
 *     for its partition.
 * I2  In a partition nothing new is numbered while it is unknown whether a batch that was given up
 *     arrived (`hasUnresolvedSequence`), or while batches of another epoch are in flight.
 * I3  An epoch is not used twice with the same sequence: a bump is the only way back to 0.
 *
 * All of it rests on what the broker remembers, and that has an end, here as in Java. A broker that
 * was shut down and started again knows only the last batch of each producer. When several were
 * written just before and none of the answers arrived, the first of them looks like a gap, and
 * after the bump they are written twice. And one that has forgotten a producer altogether
 * (`producer.id.expiration.ms`) takes any sequence from it again (I3 of `SequenceOrder.ts`).
 *
 * @kafka org.apache.kafka.clients.producer.internals.TransactionManager
 * @simplified only the idempotent half: no transactional id, so no coordinator and no states of a
 *   transaction. Where Java, its epochs used up, numbers batches in flight under no id at all, here
 *   they wait for the new id. Java begins a new epoch as soon as any batch is refused for good, so
 *   one before it that was written, and is tried again, is written twice.
 */

import { OutOfOrderSequenceException } from '../../common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { Logger } from '../../common/Logger.ts'
import { ProducerIdAndEpoch } from '../../common/ProducerIdAndEpoch.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionSet } from '../../common/TopicPartitionSet.ts'
import type { Trace } from '../../common/Trace.ts'
import { Errors } from '../../protocol/Errors.ts'
import { compareSequences, incrementSequence, RecordBatch } from '../../record/RecordBatch.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import {
  InitProducerIdHandler,
  NO_INFLIGHT_REQUEST_CORRELATION_ID,
} from './InitProducerIdHandler.ts'
import type { PartitionResponse } from './PartitionResponse.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import { TransactionStates } from './TransactionStates.ts'
import { NO_LAST_ACKED_SEQUENCE_NUMBER } from './TxnPartitionEntry.ts'
import { TxnPartitionMap } from './TxnPartitionMap.ts'

const MAX_EPOCH = 2 ** 15 - 1

export class TransactionManager extends TransactionStates {
  inFlightRequestCorrelationId = NO_INFLIGHT_REQUEST_CORRELATION_ID
  private readonly trace: Trace
  private readonly txnPartitionMap = new TxnPartitionMap()
  /**
   * Partitions with a batch that was given up after it was sent: until it is known whether it
   * arrived, nothing new is numbered there (I2).
   */
  private readonly partitionsWithUnresolvedSequences = new TopicPartitionSet()
  /** Whose batches in flight are numbered anew when the epoch is bumped. */
  private readonly partitionsToRewriteSequences = new TopicPartitionSet()
  private readonly pendingRequests: InitProducerIdHandler[] = []
  private idAndEpoch = ProducerIdAndEpoch.NONE
  private clientSideEpochBumpRequired = false
  /** The last request for an id was refused: the next one is not sent at once. */
  private refused = false

  constructor({ logger, trace }: { readonly logger: Logger; readonly trace: Trace }) {
    super(logger)
    this.trace = trace
  }

  // ---- the producer's id and epoch

  hasProducerId(): boolean {
    return this.idAndEpoch.isValid()
  }

  /** Of the producer, or those under which the sequences of a partition count. */
  producerIdAndEpoch(topicPartition?: TopicPartition): ProducerIdAndEpoch {
    if (topicPartition === undefined) return this.idAndEpoch
    return this.txnPartitionMap.getOrCreate(topicPartition).producerIdAndEpoch
  }

  /** The id and epoch, as plain data. */
  snapshot(): { producerId: string; epoch: number } {
    const { producerId, epoch } = this.idAndEpoch
    return { producerId: String(producerId), epoch }
  }

  /** At the head of each turn of the Sender: bumps the epoch if need be, and asks for an id. */
  bumpIdempotentEpochAndResetIdIfNeeded(): void {
    // While it has no id the next one will do: that begins anew, too.
    if (this.clientSideEpochBumpRequired && this.hasProducerId()) this.bumpIdempotentProducerEpoch()
    if (this.state === 'INITIALIZING' || this.hasProducerId()) return
    this.transitionTo('INITIALIZING')
    this.enqueueRequest(new InitProducerIdHandler(this, this.refused))
  }

  /** The answer to `InitProducerId`. */
  producerIdObtained(producerIdAndEpoch: ProducerIdAndEpoch): void {
    this.refused = false
    this.setProducerIdAndEpoch(producerIdAndEpoch)
    this.transitionTo('READY')
    this.rewriteSequences([...this.partitionsToRewriteSequences])
    this.partitionsToRewriteSequences.clear()
    this.clientSideEpochBumpRequired = false
  }

  override transitionToAbortableError(error: Error): void {
    this.refused = true
    super.transitionToAbortableError(error)
  }

  /** At the next turn of the Sender; meanwhile nothing else may happen to the partition. */
  requestIdempotentEpochBumpForPartition(topicPartition: TopicPartition): void {
    this.clientSideEpochBumpRequired = true
    this.partitionsToRewriteSequences.add(topicPartition)
  }

  /**
   * Lets a partition go over to the present id and epoch, when nothing of an old one is under way.
   */
  maybeUpdateProducerIdAndEpoch(topicPartition: TopicPartition): void {
    if (this.hasFatalError()) return
    if (!this.hasStaleProducerIdAndEpoch(topicPartition)) return
    if (this.hasInflightBatches(topicPartition)) return
    this.txnPartitionMap.startSequencesAtBeginning(topicPartition, this.idAndEpoch)
  }

  hasStaleProducerIdAndEpoch(topicPartition: TopicPartition): boolean {
    return !this.idAndEpoch.equals(this.producerIdAndEpoch(topicPartition))
  }

  // ---- the sequences of a partition

  /** Of the next batch. */
  sequenceNumber(topicPartition: TopicPartition): number {
    return this.txnPartitionMap.getOrCreate(topicPartition).nextSequence
  }

  incrementSequenceNumber(topicPartition: TopicPartition, increment: number): void {
    this.txnPartitionMap.get(topicPartition).incrementSequence(increment)
  }

  /** @throws IllegalStateException for a batch without sequence */
  addInFlightBatch(batch: ProducerBatch): void {
    if (!batch.hasSequence()) {
      throw new IllegalStateException(`Cannot track ${batch}: it has no sequence`)
    }
    this.txnPartitionMap.get(batch.topicPartition).addInflightBatch(batch)
  }

  removeInFlightBatch(batch: ProducerBatch): void {
    if (this.hasInflightBatches(batch.topicPartition)) {
      this.txnPartitionMap.removeInFlightBatch(batch)
    }
  }

  hasInflightBatches(topicPartition: TopicPartition): boolean {
    return this.txnPartitionMap.getOrCreate(topicPartition).hasInflightBatches()
  }

  /** The batch in flight with the lowest sequence; `null` when there is none. */
  nextBatchBySequence(topicPartition: TopicPartition): ProducerBatch | null {
    return this.txnPartitionMap.nextBatchBySequence(topicPartition)
  }

  /** Its sequence; `NO_SEQUENCE` when nothing is in flight. */
  firstInFlightSequence(topicPartition: TopicPartition): number {
    const batch = this.txnPartitionMap.getOrCreate(topicPartition).nextBatchBySequence()
    return batch?.baseSequence ?? RecordBatch.NO_SEQUENCE
  }

  /** -1: nothing was acknowledged under the present numbering. */
  lastAckedSequence(topicPartition: TopicPartition): number {
    return this.txnPartitionMap.lastAckedSequence(topicPartition)
  }

  /** -1: not known. */
  lastAckedOffset(topicPartition: TopicPartition): number {
    return this.txnPartitionMap.lastAckedOffset(topicPartition)
  }

  // ---- what became of a batch

  handleCompletedBatch(batch: ProducerBatch, { baseOffset }: PartitionResponse): void {
    const { topicPartition, lastSequence, recordCount, producerId, producerEpoch } = batch
    // The answer to one that had expired may come when numbering has begun anew.
    const batchIdAndEpoch = new ProducerIdAndEpoch(producerId, producerEpoch)
    if (batchIdAndEpoch.equals(this.producerIdAndEpoch(topicPartition))) {
      this.txnPartitionMap.maybeUpdateLastAckedSequence(topicPartition, lastSequence)
    }
    if (baseOffset !== RecordMetadata.NO_OFFSET) {
      this.txnPartitionMap.updateLastAckedOffset(topicPartition, baseOffset + recordCount - 1)
    }
    this.removeInFlightBatch(batch)
  }

  /** @param adjustSequenceNumbers the broker refused the batch for good: its numbers are a gap */
  handleFailedBatch(batch: ProducerBatch, error: Error, adjustSequenceNumbers: boolean): void {
    this.maybeTransitionToErrorState(error)
    this.removeInFlightBatch(batch)
    if (this.hasFatalError()) return
    const { topicPartition } = batch
    if (error instanceof OutOfOrderSequenceException) {
      this.logger.error(
        `The broker returned ${error} for topic-partition ${topicPartition} with producerId ` +
          `${batch.producerId}, epoch ${batch.producerEpoch}, and sequence number ` +
          `${batch.baseSequence}`,
      )
    } else if (!adjustSequenceNumbers) return
    // Earlier ones may be written, and would be written again under other numbers: they come first.
    const first = this.firstInFlightSequence(topicPartition)
    const isFirst =
      first === RecordBatch.NO_SEQUENCE || compareSequences(batch.baseSequence, first) < 0
    if (isFirst) this.requestIdempotentEpochBumpForPartition(topicPartition)
    else this.markSequenceUnresolved(batch)
  }

  /** Whether the batch should be tried again, by the state of its partition's sequences. */
  canRetry({ error, logStartOffset }: PartitionResponse, batch: ProducerBatch): boolean {
    const { topicPartition, baseSequence } = batch
    if (error === Errors.UNKNOWN_PRODUCER_ID) {
      // The broker knows nothing of us any more, mostly because retention took our records. It
      // would take sequence 0 under a new epoch. But a partition that is moving just now has no log
      // start offset to tell: better to ask again. And a batch that was numbered anew already had
      // its old number when this answer was given.
      const isKnown = logStartOffset !== -1 && !batch.sequenceHasBeenReset()
      if (isKnown) this.requestIdempotentEpochBumpForPartition(topicPartition)
      return true
    }
    if (error === Errors.OUT_OF_ORDER_SEQUENCE_NUMBER) {
      // One that is not the next in line was refused for its predecessor's sake: it waits. The next
      // in line, or the first that is left behind one given up, says that there really is a gap.
      const isGap =
        this.isNextSequence(topicPartition, baseSequence) || this.isFirstBehindUnresolved(batch)
      if (isGap && !batch.sequenceHasBeenReset()) {
        this.requestIdempotentEpochBumpForPartition(topicPartition)
      }
      return true
    }
    // One that was numbered anew while it was on its way was refused for its old epoch. (In Java it
    // fails.)
    if (error === Errors.INVALID_PRODUCER_EPOCH && batch.sequenceHasBeenReset()) return true
    return error.retriable
  }

  // ---- batches that were given up after they were sent

  hasUnresolvedSequences(): boolean {
    return this.partitionsWithUnresolvedSequences.size > 0
  }

  hasUnresolvedSequence(topicPartition: TopicPartition): boolean {
    return this.partitionsWithUnresolvedSequences.has(topicPartition)
  }

  /** The batch was sent, and given up; its numbers are a gap, or it is in the log. */
  markSequenceUnresolved({ topicPartition }: ProducerBatch): void {
    this.partitionsWithUnresolvedSequences.add(topicPartition)
  }

  /** Once nothing is in flight in such a partition, its last acknowledgement tells. */
  maybeResolveSequences(): void {
    for (const topicPartition of [...this.partitionsWithUnresolvedSequences]) {
      if (this.hasInflightBatches(topicPartition)) continue
      const nextSequence = this.sequenceNumber(topicPartition)
      // Later batches were acknowledged, so the one given up is in the log; or it is a gap, which
      // matters when the partition goes on under the same epoch.
      const goesOn = !this.hasStaleProducerIdAndEpoch(topicPartition)
      if (goesOn && !this.isNextSequence(topicPartition, nextSequence)) {
        this.logger.info(
          `No inflight batches remaining for ${topicPartition}, last ack'd sequence for it is ` +
            `${this.lastAckedSequence(topicPartition)}, next sequence is ${nextSequence}. ` +
            'Going to bump epoch and reset sequence numbers.',
        )
        this.requestIdempotentEpochBumpForPartition(topicPartition)
      }
      this.partitionsWithUnresolvedSequences.delete(topicPartition)
    }
  }

  // ---- requests of its own

  /** The next request to be sent; `null`: none, or an error that forbids it. */
  nextRequest(): InitProducerIdHandler | null {
    const next = this.pendingRequests.shift() ?? null
    return this.hasError() ? null : next
  }

  enqueueRequest(request: InitProducerIdHandler): void {
    this.pendingRequests.push(request)
  }

  /** After a failure: it goes out again after a back-off. */
  retry(request: InitProducerIdHandler): void {
    request.isRetry = true
    this.enqueueRequest(request)
  }

  hasPendingRequests(): boolean {
    return this.pendingRequests.length > 0
  }

  setInFlightCorrelationId(correlationId: number): void {
    this.inFlightRequestCorrelationId = correlationId
  }

  hasInFlightRequest(): boolean {
    return this.inFlightRequestCorrelationId !== NO_INFLIGHT_REQUEST_CORRELATION_ID
  }

  override toString(): string {
    return `TransactionManager(${this.state}, ${this.idAndEpoch}, ${this.txnPartitionMap})`
  }

  private bumpIdempotentProducerEpoch(): void {
    const { producerId, epoch } = this.idAndEpoch
    this.clientSideEpochBumpRequired = false
    const partitions = [...this.partitionsToRewriteSequences]
    if (epoch === MAX_EPOCH) {
      this.resetIdempotentProducerId()
      this.rewriteSequences(partitions)
      return
    }
    this.setProducerIdAndEpoch(new ProducerIdAndEpoch(producerId, epoch + 1))
    this.rewriteSequences(partitions)
    this.partitionsToRewriteSequences.clear()
    if (this.trace.enabled) {
      this.trace.emit('producer.transactionManager.bumpIdempotentProducerEpoch', {
        producerId: String(producerId),
        epoch: epoch + 1,
        partitions: partitions.map(String),
      })
    }
  }

  private rewriteSequences(partitions: readonly TopicPartition[]): void {
    for (const topicPartition of partitions) {
      this.txnPartitionMap.startSequencesAtBeginning(topicPartition, this.idAndEpoch)
      this.partitionsWithUnresolvedSequences.delete(topicPartition)
    }
  }

  /** The epochs of this id are used up: what is numbered anew is so again under the next one. */
  private resetIdempotentProducerId(): void {
    this.setProducerIdAndEpoch(ProducerIdAndEpoch.NONE)
    this.transitionTo('UNINITIALIZED')
  }

  private setProducerIdAndEpoch(producerIdAndEpoch: ProducerIdAndEpoch): void {
    const { producerId, epoch } = producerIdAndEpoch
    this.logger.info(`ProducerId set to ${producerId} with epoch ${epoch}`)
    this.idAndEpoch = producerIdAndEpoch
    if (this.trace.enabled) {
      const fields = { producerId: String(producerId), epoch }
      this.trace.emit('producer.transactionManager.setProducerIdAndEpoch', fields)
    }
  }

  private isFirstBehindUnresolved(batch: ProducerBatch): boolean {
    const { topicPartition } = batch
    const isFirst = this.nextBatchBySequence(topicPartition) === batch
    return isFirst && this.hasUnresolvedSequence(topicPartition)
  }

  private isNextSequence(topicPartition: TopicPartition, sequence: number): boolean {
    const last = this.lastAckedSequence(topicPartition)
    return sequence === (last === NO_LAST_ACKED_SEQUENCE_NUMBER ? 0 : incrementSequence(last, 1))
  }
}
