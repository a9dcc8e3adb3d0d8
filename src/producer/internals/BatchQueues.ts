/**
 * All queues of the accumulator, by topic and partition, and what is done to all of them alike.
 *
 * I1  A queue that was made stays, also when it is empty: partitions come back.
 *
 * @kafka org.apache.kafka.clients.producer.internals.RecordAccumulator
 * @simplified a class of its own; in Java this is the field `topicInfoMap` with its methods.
 */

import { CopyOnWriteMap } from '../../common/CopyOnWriteMap.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { BuiltInPartitioner } from './BuiltInPartitioner.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import { type DequeSnapshot, snapshotOf } from './ProducerSnapshot.ts'
import { NEVER_MS } from './ReadyCheck.ts'
import type { RecordAccumulatorOptions } from './RecordAccumulatorOptions.ts'
import { insertInSequenceOrder } from './SequenceOrder.ts'
import { type BatchDeque, TopicInfo } from './TopicInfo.ts'

/** The part of the accumulator's options that the queues go by. */
export type BatchQueuesOptions = Pick<
  RecordAccumulatorOptions,
  'batchSize' | 'deliveryTimeoutMs' | 'random' | 'transactionManager'
>

export class BatchQueues {
  private readonly topicInfoMap = new CopyOnWriteMap<string, TopicInfo>()
  private readonly options: BatchQueuesOptions
  /** The earliest moment at which a batch expires. */
  private nextExpiryMs = NEVER_MS

  constructor(options: BatchQueuesOptions) {
    this.options = options
  }

  topicInfos(): Iterable<TopicInfo> {
    return this.topicInfoMap.values()
  }

  getTopicInfo(topic: string): TopicInfo | undefined {
    return this.topicInfoMap.get(topic)
  }

  getOrCreateTopicInfo(topic: string): TopicInfo {
    const known = this.topicInfoMap.get(topic)
    if (known !== undefined) return known
    const { batchSize, random } = this.options
    const created = new TopicInfo(topic, new BuiltInPartitioner(topic, batchSize, random))
    this.topicInfoMap.put(topic, created)
    return created
  }

  getDeque(topic: string, partition: number): BatchDeque | undefined {
    return this.topicInfoMap.get(topic)?.batches.get(partition)
  }

  getOrCreateDeque({ topic, partition }: TopicPartition): BatchDeque {
    return this.getOrCreateTopicInfo(topic).getOrCreateDeque(partition)
  }

  /** Back to the front of its queue; with sequences, to where its own belongs. */
  putBack(batch: ProducerBatch): void {
    const deque = this.getOrCreateDeque(batch.topicPartition)
    const { transactionManager = null } = this.options
    if (transactionManager === null) deque.addFirst(batch)
    else insertInSequenceOrder(deque, batch, transactionManager)
  }

  /** Whether a batch waits in a queue. */
  hasUndrained(): boolean {
    for (const deque of this.deques()) if (!deque.isEmpty()) return true
    return false
  }

  clear(): void {
    this.topicInfoMap.clear()
  }

  /** Takes out what has waited `delivery.timeout.ms`, in the order of sending. */
  expiredBatches(nowMs: number): ProducerBatch[] {
    const expired: ProducerBatch[] = []
    for (const deque of this.deques()) {
      for (let batch = deque.peekFirst(); batch !== undefined; batch = deque.peekFirst()) {
        if (!batch.hasReachedDeliveryTimeout(this.options.deliveryTimeoutMs, nowMs)) {
          this.maybeUpdateNextBatchExpiryTime(batch)
          break
        }
        deque.pollFirst()
        batch.abortRecordAppends()
        expired.push(batch)
      }
    }
    return expired
  }

  nextExpiryTimeMs(): number {
    return this.nextExpiryMs
  }

  resetNextBatchExpiryTime(): void {
    this.nextExpiryMs = NEVER_MS
  }

  maybeUpdateNextBatchExpiryTime(batch: ProducerBatch): void {
    this.nextExpiryMs = Math.min(
      this.nextExpiryMs,
      batch.createdMs + this.options.deliveryTimeoutMs,
    )
  }

  snapshot(muted: ReadonlySet<string>): DequeSnapshot[] {
    return Array.from(this.deques(), (deque) => {
      const { topic, partition, key } = deque.topicPartition
      return { topic, partition, muted: muted.has(key), batches: Array.from(deque, snapshotOf) }
    })
  }

  toString(): string {
    return `BatchQueues(${[...this.deques()].map(String).join(', ')})`
  }

  private *deques(): Generator<BatchDeque, void, void> {
    for (const topicInfo of this.topicInfoMap.values()) yield* topicInfo.batches.values()
  }
}
