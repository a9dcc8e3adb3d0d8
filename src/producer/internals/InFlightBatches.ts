/**
 * Batches that were handed to the network client and have no answer yet, per partition, oldest
 * first.
 *
 * They are kept to find those that have outlived `delivery.timeout.ms`: a request's own time-out
 * may come later.
 *
 * @kafka org.apache.kafka.clients.producer.internals.Sender
 * @simplified a class of its own; in Java this is the field `inFlightBatches` with its methods.
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { ProducerBatch } from './ProducerBatch.ts'
import type { RecordAccumulator } from './RecordAccumulator.ts'

export class InFlightBatches {
  private readonly byPartition = new Map<string, ProducerBatch[]>()
  private count = 0

  /** How many there are. */
  get size(): number {
    return this.count
  }

  add(batch: ProducerBatch): void {
    const { key } = batch.topicPartition
    const batches = this.byPartition.get(key)
    if (batches === undefined) this.byPartition.set(key, [batch])
    else batches.push(batch)
    this.count++
  }

  remove(batch: ProducerBatch): void {
    const { key } = batch.topicPartition
    const batches = this.byPartition.get(key)
    const at = batches?.indexOf(batch) ?? -1
    if (batches === undefined || at < 0) return
    batches.splice(at, 1)
    if (batches.length === 0) this.byPartition.delete(key)
    this.count--
  }

  clear(): void {
    this.byPartition.clear()
    this.count = 0
  }

  all(): ProducerBatch[] {
    return [...this.byPartition.values()].flat()
  }

  of(topicPartition: TopicPartition): readonly ProducerBatch[] {
    return this.byPartition.get(topicPartition.key) ?? []
  }

  /**
   * Takes out those that have outlived `delivery.timeout.ms`; the accumulator learns when the next
   * one will have.
   */
  takeExpired(accumulator: RecordAccumulator, nowMs: number): ProducerBatch[] {
    const expired: ProducerBatch[] = []
    for (const [key, batches] of this.byPartition) {
      while (batches[0]?.hasReachedDeliveryTimeout(accumulator.deliveryTimeoutMs, nowMs)) {
        const batch = batches.shift()!
        this.count--
        if (batch.isDone()) {
          throw new IllegalStateException(
            `${batch} is in flight, but ${batch.finalState()} already`,
          )
        }
        expired.push(batch)
      }
      if (batches[0] === undefined) this.byPartition.delete(key)
      else accumulator.maybeUpdateNextBatchExpiryTime(batches[0])
    }
    return expired
  }
}
