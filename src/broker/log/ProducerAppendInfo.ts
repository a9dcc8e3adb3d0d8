/**
 * Checks the batches of one producer before they are appended, and collects what they will change.
 *
 *     remembered   epoch 3, last sequence 14
 *     arrives      epoch 3, 15…19        appended
 *                  epoch 3, 20…24        OUT_OF_ORDER_SEQUENCE_NUMBER: 15…19 are missing
 *                  epoch 4,  0…4         appended: a new epoch starts at 0
 *                  epoch 4,  5…9         OUT_OF_ORDER_SEQUENCE_NUMBER
 *                  epoch 2, …            INVALID_PRODUCER_EPOCH: a producer that was replaced
 *
 * A producer that nothing is remembered of may start anywhere: what it wrote before may have been
 * deleted with its records.
 *
 * I1  Nothing that is remembered changes here; `ProducerStateManager.update` takes it over after
 *     the append.
 *
 * @kafka org.apache.kafka.storage.internals.log.ProducerAppendInfo
 * @simplified end-of-transaction markers only move the epoch on; transactions come with their own
 *   part.
 */

import {
  InvalidProducerEpochException,
  OutOfOrderSequenceException,
} from '../../common/errors/ApiExceptions.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { ProducerStateEntry } from './ProducerStateEntry.ts'

/**
 * Who appends: a client's batches are checked, replicated ones were checked by their leader.
 *
 * @kafka org.apache.kafka.storage.internals.log.AppendOrigin
 */
export type AppendOrigin = 'client' | 'coordinator' | 'replication'

export const MAX_SEQUENCE = 2 ** 31 - 1

export class ProducerAppendInfo {
  readonly producerId: bigint
  private readonly topicPartition: TopicPartition
  private readonly currentEntry: ProducerStateEntry
  private readonly updatedEntry: ProducerStateEntry
  private readonly origin: AppendOrigin
  private readonly logger: Logger

  constructor(
    topicPartition: TopicPartition,
    currentEntry: ProducerStateEntry,
    origin: AppendOrigin,
    logger: Logger,
  ) {
    this.topicPartition = topicPartition
    this.producerId = currentEntry.producerId
    this.currentEntry = currentEntry
    this.updatedEntry = currentEntry.withoutBatches()
    this.origin = origin
    this.logger = logger
  }

  /**
   * One more batch, its offsets assigned.
   *
   * @throws OutOfOrderSequenceException, InvalidProducerEpochException
   */
  append(batch: DefaultRecordBatch): void {
    if (batch.isControlBatch) {
      this.checkProducerEpoch(batch.producerEpoch, batch.baseOffset)
      this.updatedEntry.updateEpoch(batch.producerEpoch, batch.maxTimestamp)
      return
    }
    this.appendDataBatch(
      batch.producerEpoch,
      batch.baseSequence,
      batch.lastSequence,
      batch.maxTimestamp,
      batch.baseOffset,
      batch.lastOffset,
    )
  }

  appendDataBatch(
    epoch: number,
    firstSeq: number,
    lastSeq: number,
    lastTimestamp: number,
    firstOffset: number,
    lastOffset: number,
  ): void {
    this.checkProducerEpoch(epoch, firstOffset)
    if (this.origin === 'client') this.checkSequence(epoch, firstSeq, firstOffset)
    this.updatedEntry.addBatch(epoch, lastSeq, lastOffset, lastOffset - firstOffset, lastTimestamp)
  }

  /** What is to be remembered once the append is done. */
  toEntry(): ProducerStateEntry {
    return this.updatedEntry
  }

  private checkProducerEpoch(producerEpoch: number, offset: number): void {
    const current = this.updatedEntry.producerEpoch
    if (producerEpoch >= current) return
    const message =
      `Epoch of producer ${this.producerId} at offset ${offset} in ${this.topicPartition} is ` +
      `${producerEpoch}, which is smaller than the last seen epoch ${current}`
    // The leader accepted it: a follower that refuses would stop replicating for good.
    if (this.origin !== 'replication') throw new InvalidProducerEpochException(message)
    this.logger.warn(message)
  }

  private checkSequence(producerEpoch: number, firstSeq: number, offset: number): void {
    const { updatedEntry, currentEntry } = this
    if (producerEpoch !== updatedEntry.producerEpoch) {
      if (firstSeq === 0 || updatedEntry.producerEpoch === RecordBatch.NO_PRODUCER_EPOCH) return
      throw new OutOfOrderSequenceException(
        `Invalid sequence number for new epoch of producer ${this.producerId} at offset ` +
          `${offset} in ` +
          `partition ${this.topicPartition}: ${producerEpoch} (request epoch), ${firstSeq} ` +
          `(seq. number), ${updatedEntry.producerEpoch} (current producer epoch)`,
      )
    }
    const lastSeq = this.currentLastSeq(producerEpoch)
    const known = currentEntry.producerEpoch !== RecordBatch.NO_PRODUCER_EPOCH
    if (!known || inSequence(lastSeq, firstSeq)) return
    throw new OutOfOrderSequenceException(
      `Out of order sequence number for producer ${this.producerId} at offset ${offset} in ` +
        `partition ${this.topicPartition}: ${firstSeq} (incoming seq. number), ${lastSeq} ` +
        `(current end sequence number)`,
    )
  }

  /** The end of what this append brought so far, or else of what is remembered of this epoch. */
  private currentLastSeq(producerEpoch: number): number {
    if (!this.updatedEntry.isEmpty) return this.updatedEntry.lastSeq
    if (producerEpoch === this.currentEntry.producerEpoch) return this.currentEntry.lastSeq
    return RecordBatch.NO_SEQUENCE
  }
}

/** Sequences count up to the largest int32 and go on at 0. */
const inSequence = (lastSeq: number, nextSeq: number): boolean =>
  nextSeq === lastSeq + 1 || (nextSeq === 0 && lastSeq === MAX_SEQUENCE)
