/**
 * What a partition remembers of one idempotent producer: its epoch and its last five batches.
 *
 *     batches   [0…4] → offset 100    [5…9] → 105    [10…14] → 110    …
 *                seq
 *
 * A producer has at most five batches in flight to a partition, so a batch that is sent again is
 * among the last five: it is answered with the offset it has had all along.
 *
 * @kafka org.apache.kafka.storage.internals.log.ProducerStateEntry
 * @simplified the transaction's first offset and the coordinator's epoch come with transactions;
 *   snapshots carry their places.
 */

import { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'

/**
 * How many batches a producer may have in flight; `max.in.flight.requests.per.connection` may not
 * exceed it.
 */
export const NUM_BATCHES_TO_RETAIN = 5

/**
 * One batch, as much as is needed to recognise it.
 *
 * @kafka org.apache.kafka.storage.internals.log.BatchMetadata
 */
export class BatchMetadata {
  readonly lastSeq: number
  readonly lastOffset: number
  readonly offsetDelta: number
  readonly timestamp: number

  constructor(lastSeq: number, lastOffset: number, offsetDelta: number, timestamp: number) {
    this.lastSeq = lastSeq
    this.lastOffset = lastOffset
    this.offsetDelta = offsetDelta
    this.timestamp = timestamp
  }

  get firstSeq(): number {
    return DefaultRecordBatch.decrementSequence(this.lastSeq, this.offsetDelta)
  }

  get firstOffset(): number {
    return this.lastOffset - this.offsetDelta
  }
}

export class ProducerStateEntry {
  readonly producerId: bigint
  private epoch: number
  private timestamp: number
  private batches: BatchMetadata[] = []

  constructor(
    producerId: bigint,
    producerEpoch: number = RecordBatch.NO_PRODUCER_EPOCH,
    lastTimestamp: number = RecordBatch.NO_TIMESTAMP,
  ) {
    this.producerId = producerId
    this.epoch = producerEpoch
    this.timestamp = lastTimestamp
  }

  get producerEpoch(): number {
    return this.epoch
  }

  get lastTimestamp(): number {
    return this.timestamp
  }

  get firstSeq(): number {
    return this.batches[0]?.firstSeq ?? RecordBatch.NO_SEQUENCE
  }

  get lastSeq(): number {
    return this.batches.at(-1)?.lastSeq ?? RecordBatch.NO_SEQUENCE
  }

  get firstDataOffset(): number {
    return this.batches[0]?.firstOffset ?? -1
  }

  get lastDataOffset(): number {
    return this.batches.at(-1)?.lastOffset ?? -1
  }

  get lastOffsetDelta(): number {
    return this.batches.at(-1)?.offsetDelta ?? 0
  }

  get isEmpty(): boolean {
    return this.batches.length === 0
  }

  /** Oldest first, at most five. */
  get batchMetadata(): readonly BatchMetadata[] {
    return this.batches
  }

  /** The same producer at the same epoch, no batch yet: what an append collects into. */
  withoutBatches(): ProducerStateEntry {
    return new ProducerStateEntry(this.producerId, this.epoch, this.timestamp)
  }

  addBatch(
    producerEpoch: number,
    lastSeq: number,
    lastOffset: number,
    offsetDelta: number,
    timestamp: number,
  ): void {
    this.maybeUpdateProducerEpoch(producerEpoch)
    this.addBatchMetadata(new BatchMetadata(lastSeq, lastOffset, offsetDelta, timestamp))
    this.timestamp = timestamp
  }

  /** Takes over what an append collected. */
  update(next: ProducerStateEntry): void {
    this.maybeUpdateProducerEpoch(next.epoch)
    for (const batch of next.batches) this.addBatchMetadata(batch)
    this.timestamp = next.timestamp
  }

  /** A marker of the coordinator moved the epoch on; the batches of the old epoch count no more. */
  updateEpoch(producerEpoch: number, timestamp: number): void {
    this.maybeUpdateProducerEpoch(producerEpoch)
    this.timestamp = timestamp
  }

  /** The batch with these very sequences, if it is among the last five of this epoch. */
  findDuplicateBatch(batch: DefaultRecordBatch): BatchMetadata | undefined {
    if (batch.producerEpoch !== this.epoch) return undefined
    const { baseSequence, lastSequence } = batch
    return this.batches.find(
      (known) => known.lastSeq === lastSequence && known.firstSeq === baseSequence,
    )
  }

  toString(): string {
    return (
      `ProducerStateEntry(producerId=${this.producerId}, producerEpoch=${this.epoch}, ` +
      `lastSeq=${this.lastSeq}, lastOffset=${this.lastDataOffset})`
    )
  }

  private maybeUpdateProducerEpoch(producerEpoch: number): void {
    if (this.epoch === producerEpoch) return
    this.batches = []
    this.epoch = producerEpoch
  }

  private addBatchMetadata(batch: BatchMetadata): void {
    if (this.batches.length === NUM_BATCHES_TO_RETAIN) this.batches.shift()
    this.batches.push(batch)
  }
}
