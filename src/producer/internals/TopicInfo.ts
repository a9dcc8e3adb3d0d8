/**
 * One topic in the accumulator: a queue of batches for each partition, and who chooses among them.
 *
 *     TopicInfo 'orders'
 *     ├─ builtInPartitioner
 *     └─ batches   0 ─► │ full │ full │ open │      taken at the front, appended at the back
 *                  1 ─► │ open │
 *                  2 ─► (empty; queues stay once they were made)
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator.TopicInfo
 */

import type { Cluster } from '../../common/Cluster.ts'
import { CopyOnWriteMap } from '../../common/CopyOnWriteMap.ts'
import { TopicPartition } from '../../common/TopicPartition.ts'
import { ArrayDeque } from './ArrayDeque.ts'
import type { BuiltInPartitioner, StickyPartitionInfo } from './BuiltInPartitioner.ts'
import type { ProducerBatch } from './ProducerBatch.ts'

/** The batches of one partition, in the order in which they are to be sent. */
export class BatchDeque extends ArrayDeque<ProducerBatch> {
  /** Made once per queue: every batch in it shares it. */
  readonly topicPartition: TopicPartition

  constructor(topicPartition: TopicPartition) {
    super()
    this.topicPartition = topicPartition
  }

  override toString(): string {
    return `${this.topicPartition}: ${this.size} batches`
  }

  /** Whether all batches are full; only the last one may not be. */
  allBatchesFull(): boolean {
    const last = this.peekLast()
    return last === undefined || last.isFull()
  }
}

export class TopicInfo {
  readonly topic: string
  readonly builtInPartitioner: BuiltInPartitioner
  readonly batches = new CopyOnWriteMap<number, BatchDeque>()

  constructor(topic: string, builtInPartitioner: BuiltInPartitioner) {
    this.topic = topic
    this.builtInPartitioner = builtInPartitioner
  }

  getOrCreateDeque(partition: number): BatchDeque {
    const deque = this.batches.get(partition)
    if (deque !== undefined) return deque
    const created = new BatchDeque(new TopicPartition(this.topic, partition))
    this.batches.put(partition, created)
    return created
  }

  /** The built-in partitioner's choice for a record that has none of its own. */
  stickyPartition(cluster: Cluster): StickyPartitionInfo {
    const { builtInPartitioner } = this
    const sticky = builtInPartitioner.peekCurrentPartitionInfo(cluster)
    if (this.getOrCreateDeque(sticky.partition).allBatchesFull()) {
      // A switch that was held back for the sake of the last batch is due now.
      builtInPartitioner.updatePartitionInfo(sticky, 0, cluster, true)
      if (builtInPartitioner.isPartitionChanged(sticky)) {
        return builtInPartitioner.peekCurrentPartitionInfo(cluster)
      }
    }
    return sticky
  }
}
