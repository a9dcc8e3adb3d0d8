/**
 * The assigned partitions, in the order in which they are fetched, each with its state.
 *
 * Order is fairness. A broker fills a fetch response partition by partition until it is full, so
 * whoever stands at the front of the request is served first. A partition that has just delivered
 * data moves to the end, and after a few rounds everybody has been first:
 *
 *     a0 a1 b0   ── a0 delivers ──►   a1 b0 a0
 *
 * A fresh assignment is laid out topic by topic, because the request names a topic once for each
 * run of its partitions.
 *
 * @kafka org.apache.kafka.common.internals.PartitionStates
 */

import type { TopicPartition } from '../../common/TopicPartition.ts'
import { TopicPartitionMap } from '../../common/TopicPartitionMap.ts'

export class PartitionStates<S> {
  private readonly map = new TopicPartitionMap<S>()

  get size(): number {
    return this.map.size
  }

  /** Last in line from here on; nothing happens for a partition that is not there. */
  moveToEnd(partition: TopicPartition): void {
    const state = this.map.get(partition)
    if (state !== undefined) this.updateAndMoveToEnd(partition, state)
  }

  updateAndMoveToEnd(partition: TopicPartition, state: S): void {
    this.map.delete(partition)
    this.map.set(partition, state)
  }

  /**
   * Replaces everything, partitions of one topic next to each other, topics in order of first
   * appearance.
   */
  set(partitionToState: Iterable<readonly [TopicPartition, S]>): void {
    const byTopic = new Map<string, (readonly [TopicPartition, S])[]>()
    for (const entry of partitionToState) {
      const { topic } = entry[0]
      const run = byTopic.get(topic)
      if (run === undefined) byTopic.set(topic, [entry])
      else run.push(entry)
    }
    this.map.clear()
    for (const run of byTopic.values()) this.map.setAll(run)
  }

  remove(partition: TopicPartition): void {
    this.map.delete(partition)
  }

  clear(): void {
    this.map.clear()
  }

  contains(partition: TopicPartition): boolean {
    return this.map.has(partition)
  }

  stateValue(partition: TopicPartition): S | undefined {
    return this.map.get(partition)
  }

  partitions(): Iterable<TopicPartition> {
    return this.map.keys()
  }

  partitionStateValues(): Iterable<S> {
    return this.map.values()
  }

  [Symbol.iterator](): IterableIterator<[TopicPartition, S]> {
    return this.map.entries()
  }
}
