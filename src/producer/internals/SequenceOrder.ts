/**
 * What idempotence asks of the queues: batches get their sequence when they leave, and leave in the
 * order of their sequences.
 *
 *     queue │ seq 50 │ seq 58 │ no sequence yet │ …        in flight: seq 42
 *             ▲ waits: 42 is not done
 *
 * The first batch of a partition goes alone. Once it is acknowledged, up to five requests may be in
 * flight. When the first of them fails, those behind it are refused as well, for they leave a gap.
 * They come back one by one, in any order, and are put where they belong. From then on they go one
 * at a time, each when its predecessor is done.
 *
 * I1  In a queue batches with a sequence stand before those without, by rising sequence.
 * I2  A batch that has a sequence is sent only when no lower one is in flight.
 * I3  While nothing is acknowledged under the present numbering, no batch gets a sequence behind
 *     one in flight. A broker that does not know the producer takes any sequence as its first: of
 *     two batches it may refuse the first, as it does not lead yet, and then write the second.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator
 * @simplified a file of its own; in Java these are `shouldStopDrainBatchesForPartition`,
 *   `insertInSequenceOrder` and a part of `drainBatchesForOneNode`. Java has no I3: there, a first
 *   batch whose successor was written before it is refused until its `delivery.timeout.ms` is over.
 */

import { IllegalStateException } from '../../common/errors.ts'
import { compareSequences, RecordBatch } from '../../record/RecordBatch.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import type { BatchDeque } from './TopicInfo.ts'
import type { TransactionManager } from './TransactionManager.ts'
import { NO_LAST_ACKED_SEQUENCE_NUMBER } from './TxnPartitionEntry.ts'

/** Whether the first batch of a partition has to stay for the sake of its sequence. */
export const shouldStopDrainBatchesForPartition = (
  first: ProducerBatch,
  transactionManager: TransactionManager,
): boolean => {
  const { topicPartition } = first
  if (transactionManager.hasFatalError() || !transactionManager.hasProducerId()) return true
  if (!first.hasSequence()) {
    if (transactionManager.hasInflightBatches(topicPartition)) {
      // Under a new epoch its sequence would be 0: batches of the old one have to come first.
      if (transactionManager.hasStaleProducerIdAndEpoch(topicPartition)) return true
      // I3. It costs one round trip; from then on the broker sees what leaves a gap.
      const lastAcked = transactionManager.lastAckedSequence(topicPartition)
      if (lastAcked === NO_LAST_ACKED_SEQUENCE_NUMBER) return true
    }
    // Which number comes next is not known while it is not known whether an expired batch arrived.
    return transactionManager.hasUnresolvedSequence(topicPartition)
  }
  const firstInFlight = transactionManager.firstInFlightSequence(topicPartition)
  return firstInFlight !== RecordBatch.NO_SEQUENCE && first.baseSequence !== firstInFlight
}

/**
 * Gives a batch that leaves for the first time its place. One that has a sequence keeps it: an
 * earlier attempt may have been written, and under another number it would be written again.
 */
export const assignSequence = (
  batch: ProducerBatch,
  transactionManager: TransactionManager,
): void => {
  if (batch.hasSequence()) return
  const { topicPartition, recordCount } = batch
  transactionManager.maybeUpdateProducerIdAndEpoch(topicPartition)
  const sequence = transactionManager.sequenceNumber(topicPartition)
  batch.setProducerState(transactionManager.producerIdAndEpoch(), sequence)
  transactionManager.incrementSequenceNumber(topicPartition, recordCount)
  transactionManager.addInFlightBatch(batch)
}

/** Puts a batch back: to the front, but behind those with lower sequences (I1). */
export const insertInSequenceOrder = (
  deque: BatchDeque,
  batch: ProducerBatch,
  transactionManager: TransactionManager,
): void => {
  if (!batch.hasSequence()) {
    throw new IllegalStateException(`I1 ${batch} is put back, but was never given a sequence`)
  }
  if (!transactionManager.hasInflightBatches(batch.topicPartition)) {
    throw new IllegalStateException(`${batch} is put back, but not known to be in flight`)
  }
  const before: ProducerBatch[] = []
  for (;;) {
    const first = deque.peekFirst()
    if (first === undefined || !first.hasSequence()) break
    if (compareSequences(first.baseSequence, batch.baseSequence) >= 0) break
    before.push(deque.pollFirst() as ProducerBatch)
  }
  deque.addFirst(batch)
  for (const earlier of before.toReversed()) deque.addFirst(earlier)
}
