/**
 * Runs coordinators: state machines, one per partition of a topic, each of which is nothing but its
 * log.
 *
 *     __consumer_offsets-7   led here      ──► context ──► shard: its groups and offsets
 *     __consumer_offsets-12  led here      ──► context ──► shard
 *     __consumer_offsets-13  led elsewhere     NOT_COORDINATOR
 *
 * Which partitions it has follows leadership: an election loads one, a resignation unloads it.
 * Everything else is an operation on one of them.
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime
 */

import { NotCoordinatorException } from '../../common/errors/ApiExceptions.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import { CompletableFuture } from './CompletableFuture.ts'
import { CoordinatorContext, type CoordinatorRuntimeOptions } from './CoordinatorContext.ts'
import type { CoordinatorOperation } from './CoordinatorEvent.ts'
import type { CoordinatorShard } from './CoordinatorShard.ts'

export class CoordinatorRuntime<S extends CoordinatorShard<U>, U> {
  private readonly options: CoordinatorRuntimeOptions<S, U>
  private readonly coordinators = new Map<string, CoordinatorContext<S, U>>()
  private running = true

  constructor(options: CoordinatorRuntimeOptions<S, U>) {
    this.options = options
  }

  // ---- operations

  /**
   * Runs `operation` on a partition's state, writes its records, and completes the future then.
   *
   * Fails with NotCoordinatorException, CoordinatorLoadInProgressException, what the operation
   * throws, or why its records could not be written.
   */
  scheduleWriteOperation<T>(
    name: string,
    topicPartition: TopicPartition,
    operation: CoordinatorOperation<S, T, U>,
  ): CompletableFuture<T> {
    const context = this.coordinators.get(topicPartition.key)
    if (!this.running || context === undefined) {
      return CompletableFuture.failedFuture(
        new NotCoordinatorException(`This broker does not coordinate ${topicPartition}.`),
      )
    }
    return context.enqueue(name, operation)
  }

  /** As `scheduleWriteOperation`, for an operation that changes nothing. */
  scheduleReadOperation<T>(
    name: string,
    topicPartition: TopicPartition,
    operation: (shard: S) => T,
  ): CompletableFuture<T> {
    return this.scheduleWriteOperation(name, topicPartition, (shard) => ({
      records: [],
      response: operation(shard),
    }))
  }

  /** On every partition that is led here. */
  scheduleWriteAllOperation<T>(
    name: string,
    operation: CoordinatorOperation<S, T, U>,
  ): CompletableFuture<T>[] {
    return Array.from(this.coordinators.values(), ({ topicPartition }) =>
      this.scheduleWriteOperation(name, topicPartition, operation),
    )
  }

  /** On every partition that is led here. */
  scheduleReadAllOperation<T>(name: string, operation: (shard: S) => T): CompletableFuture<T>[] {
    return Array.from(this.coordinators.values(), ({ topicPartition }) =>
      this.scheduleReadOperation(name, topicPartition, operation),
    )
  }

  // ---- leadership

  /** This broker leads the partition: its state is read from the log. */
  scheduleLoadOperation(topicPartition: TopicPartition, partitionEpoch: number): void {
    if (!this.running) return
    let context = this.coordinators.get(topicPartition.key)
    if (context === undefined) {
      context = new CoordinatorContext(topicPartition, this.options)
      this.coordinators.set(topicPartition.key, context)
    }
    if (context.epoch >= partitionEpoch) return
    context.epoch = partitionEpoch
    // One that is loading or active has the log already: a new epoch changes nothing in it.
    if (context.state === 'initial' || context.state === 'failed') context.transitionTo('loading')
  }

  /**
   * This broker does not lead the partition any more.
   *
   * @param partitionEpoch under which another one leads; `undefined`: the partition is gone
   */
  scheduleUnloadOperation(topicPartition: TopicPartition, partitionEpoch?: number): void {
    const context = this.coordinators.get(topicPartition.key)
    if (context === undefined) return
    if (partitionEpoch !== undefined && context.epoch >= partitionEpoch) return
    this.coordinators.delete(topicPartition.key)
    context.transitionTo('closed')
  }

  /** Unloads everything; whoever waits is answered. */
  close(): void {
    if (!this.running) return
    this.running = false
    const contexts = [...this.coordinators.values()]
    this.coordinators.clear()
    for (const context of contexts) context.transitionTo('closed')
    this.options.loader.close()
  }

  /** The partitions that can be asked now. */
  activeCoordinators(): TopicPartition[] {
    return Array.from(this.coordinators.values())
      .filter(({ state }) => state === 'active')
      .map(({ topicPartition }) => topicPartition)
  }
}
