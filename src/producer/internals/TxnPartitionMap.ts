/**
 * The entries of all partitions that an idempotent producer has sent to.
 *
 * @kafka org.apache.kafka.clients.producer.internals.TxnPartitionMap
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { ProducerIdAndEpoch } from '../../common/ProducerIdAndEpoch.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import { NO_LAST_ACKED_SEQUENCE_NUMBER, TxnPartitionEntry } from './TxnPartitionEntry.ts'

export class TxnPartitionMap {
  private readonly topicPartitions = new TopicPartitionMap<TxnPartitionEntry>()

  /** @throws IllegalStateException for a partition that nothing was sent to */
  get(topicPartition: TopicPartition): TxnPartitionEntry {
    const entry = this.topicPartitions.get(topicPartition)
    if (entry !== undefined) return entry
    throw new IllegalStateException(
      `Trying to get the sequences of ${topicPartition}, but none were ever set for it`,
    )
  }

  getOrCreate(topicPartition: TopicPartition): TxnPartitionEntry {
    const entry = this.topicPartitions.get(topicPartition)
    if (entry !== undefined) return entry
    const created = new TxnPartitionEntry()
    this.topicPartitions.set(topicPartition, created)
    return created
  }

  contains(topicPartition: TopicPartition): boolean {
    return this.topicPartitions.has(topicPartition)
  }

  /** -1: not known. */
  lastAckedOffset(topicPartition: TopicPartition): number {
    return this.topicPartitions.get(topicPartition)?.lastAckedOffset ?? RecordMetadata.NO_OFFSET
  }

  /** -1: nothing was acknowledged. */
  lastAckedSequence(topicPartition: TopicPartition): number {
    const entry = this.topicPartitions.get(topicPartition)
    return entry?.lastAckedSequence ?? NO_LAST_ACKED_SEQUENCE_NUMBER
  }

  startSequencesAtBeginning(topicPartition: TopicPartition, newIdAndEpoch: ProducerIdAndEpoch) {
    this.get(topicPartition).startSequencesAtBeginning(newIdAndEpoch)
  }

  updateLastAckedOffset(topicPartition: TopicPartition, lastOffset: number): void {
    const entry = this.getOrCreate(topicPartition)
    if (lastOffset > entry.lastAckedOffset) entry.lastAckedOffset = lastOffset
  }

  maybeUpdateLastAckedSequence(topicPartition: TopicPartition, sequence: number): number {
    const entry = this.topicPartitions.get(topicPartition)
    return entry?.maybeUpdateLastAckedSequence(sequence) ?? NO_LAST_ACKED_SEQUENCE_NUMBER
  }

  nextBatchBySequence(topicPartition: TopicPartition): ProducerBatch | null {
    return this.get(topicPartition).nextBatchBySequence()
  }

  removeInFlightBatch(batch: ProducerBatch): void {
    this.get(batch.topicPartition).removeInFlightBatch(batch)
  }

  toString(): string {
    return `TxnPartitionMap(${this.topicPartitions.size} partitions)`
  }
}
