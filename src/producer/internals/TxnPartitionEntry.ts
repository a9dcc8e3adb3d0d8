/**
 * What an idempotent producer keeps of one partition: where its numbering stands.
 *
 *     sequence   0 … 41 │ 42 … 49 │ 50 … 57 │ 58 ─►
 *                       │         │         └ nextSequence: of the next batch to be drained
 *                acked  │ in flight: inflightBatches, by rising sequence
 *                └ lastAckedSequence: 41
 *
 * A batch is *in flight* here from the drain that gave it its sequence until its outcome: also
 * while it waits in its queue to be tried again.
 *
 * I1  With nothing in flight, and nothing lost, `nextSequence` follows `lastAckedSequence`.
 * I2  The batches in flight are ordered by sequence. After 2^31 - 1 comes 0, so which of two comes
 *     first is a question of distance: `compareSequences`. (Java compares the plain numbers.)
 *
 * @kafka org.apache.kafka.clients.producer.internals.TxnPartitionEntry
 * @simplified Java keeps a sorted set; there are never more than a few, so an array does. Taking
 *   a failed batch's sequences back (`adjustSequencesDueToFailedBatch`) comes with transactions.
 */

import { ProducerIdAndEpoch } from '../../common/ProducerIdAndEpoch.ts'
import { compareSequences, incrementSequence } from '../../record/RecordBatch.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import type { ProducerBatch } from './ProducerBatch.ts'

export const NO_LAST_ACKED_SEQUENCE_NUMBER = -1

export class TxnPartitionEntry {
  /** Under which the sequences of this partition count. */
  producerIdAndEpoch = ProducerIdAndEpoch.NONE
  nextSequence = 0
  /** Of the last record that was acknowledged; -1: none was. */
  lastAckedSequence = NO_LAST_ACKED_SEQUENCE_NUMBER
  /** -1: not known. */
  lastAckedOffset: number = RecordMetadata.NO_OFFSET
  private readonly inflightBatches: ProducerBatch[] = []

  hasInflightBatches(): boolean {
    return this.inflightBatches.length > 0
  }

  /** The batch in flight with the lowest sequence; `null` when there is none. */
  nextBatchBySequence(): ProducerBatch | null {
    return this.inflightBatches[0] ?? null
  }

  incrementSequence(increment: number): void {
    this.nextSequence = incrementSequence(this.nextSequence, increment)
  }

  addInflightBatch(batch: ProducerBatch): void {
    const { inflightBatches } = this
    let at = inflightBatches.length
    while (at > 0 && compareBatches(inflightBatches[at - 1]!, batch) > 0) at--
    inflightBatches.splice(at, 0, batch)
  }

  removeInFlightBatch(batch: ProducerBatch): void {
    const at = this.inflightBatches.indexOf(batch)
    if (at >= 0) this.inflightBatches.splice(at, 1)
  }

  /** Numbers what is in flight from 0 again, under another id or epoch. */
  startSequencesAtBeginning(producerIdAndEpoch: ProducerIdAndEpoch): void {
    let sequence = 0
    for (const batch of this.inflightBatches) {
      batch.resetProducerState(producerIdAndEpoch, sequence)
      sequence = incrementSequence(sequence, batch.recordCount)
    }
    this.producerIdAndEpoch = producerIdAndEpoch
    this.nextSequence = sequence
    this.lastAckedSequence = NO_LAST_ACKED_SEQUENCE_NUMBER
  }

  /** Takes note of an acknowledgement; answers may come out of order, so it may be old news. */
  maybeUpdateLastAckedSequence(sequence: number): number {
    const first = this.lastAckedSequence === NO_LAST_ACKED_SEQUENCE_NUMBER
    if (first || compareSequences(sequence, this.lastAckedSequence) > 0) {
      this.lastAckedSequence = sequence
    }
    return this.lastAckedSequence
  }
}

/** All have the same id and epoch, but for a moment around a change of it. */
const compareBatches = (a: ProducerBatch, b: ProducerBatch): number => {
  if (a.producerId !== b.producerId) return a.producerId < b.producerId ? -1 : 1
  return a.producerEpoch - b.producerEpoch || compareSequences(a.baseSequence, b.baseSequence)
}
