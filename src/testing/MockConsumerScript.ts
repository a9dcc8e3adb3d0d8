/**
 * What a test lets a `MockConsumer` find and meet: records, ends of logs, errors, things that
 * happen between two polls. The lower half of the mock; the calls of a consumer stand in
 * `MockConsumer`.
 *
 * @kafka org.apache.kafka.clients.consumer.MockConsumer
 */

import { IllegalArgumentException, IllegalStateException } from '../common/errors.ts'
import { ConsoleLogger } from '../common/Logger.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { ConsumerRecord, type ConsumerRecordFields } from '../consumer/ConsumerRecord.ts'
import { AutoOffsetResetStrategy } from '../consumer/internals/AutoOffsetResetStrategy.ts'
import type { RecordIterator } from '../consumer/internals/RecordIterator.ts'
import { SubscriptionState } from '../consumer/internals/SubscriptionState.ts'
import { NoOffsetForPartitionException } from '../consumer/NoOffsetForPartitionException.ts'
import type { OffsetAndMetadata } from '../consumer/OffsetAndMetadata.ts'
import { MockConsumerRecords } from './MockConsumerRecords.ts'

export type OffsetsByPartition = Iterable<readonly [TopicPartition, number]>

export abstract class MockConsumerScript<K, V> {
  protected readonly subscriptions: SubscriptionState
  protected readonly added = new MockConsumerRecords<K, V>()
  protected readonly topics = new Map<string, readonly PartitionInfo[]>()
  protected readonly beginnings = new TopicPartitionMap<number>()
  protected readonly ends = new TopicPartitionMap<number>()
  protected readonly resetByDuration = new TopicPartitionMap<number>()
  protected readonly committedOffsets = new TopicPartitionMap<OffsetAndMetadata>()
  protected readonly pollTasks: (() => void | Promise<void>)[] = []
  protected iteration: RecordIterator<K, V> | null = null
  /** Lets a loop that waits for records look again. */
  protected lookAgain: () => void = () => undefined
  protected pollException: Error | null = null
  protected offsetsException: Error | null = null
  protected pollTimeoutMs: number | null = null
  protected maxPollRecords = Number.POSITIVE_INFINITY
  protected wakeupRequested = false
  protected rebalanceWanted = false
  protected isClosed = false

  /**
   * @param autoOffsetReset as the setting `auto.offset.reset`; where the log begins and ends, the
   *   test says (`updateBeginningOffsets` and its like)
   * @throws IllegalArgumentException for something else
   */
  constructor(autoOffsetReset = 'latest') {
    const strategy = AutoOffsetResetStrategy.fromString(autoOffsetReset)
    this.subscriptions = new SubscriptionState(new ConsoleLogger('error'), strategy)
  }

  /**
   * A later poll returns it, when the position is at or below its offset.
   *
   * @throws IllegalStateException when its partition is not assigned
   */
  addRecord(record: ConsumerRecord<K, V> | ConsumerRecordFields<K, V>): void {
    this.ensureNotClosed()
    const given = record instanceof ConsumerRecord ? record : new ConsumerRecord<K, V>(record)
    const partition = new TopicPartition(given.topic, given.partition)
    if (!this.subscriptions.isAssigned(partition)) {
      throw new IllegalStateException(
        `Cannot add records for a partition that is not assigned to the consumer: ${partition}`,
      )
    }
    this.added.add(partition, given)
    this.lookAgain()
  }

  /** Runs within one of the next polls, before that returns: one task in each. */
  schedulePollTask(task: () => void | Promise<void>): void {
    this.pollTasks.push(task)
    this.lookAgain()
  }

  scheduleNopPollTask(): void {
    this.schedulePollTask(() => undefined)
  }

  /** How many records a poll returns at most; default: all. */
  setMaxPollRecords(maxPollRecords: number): void {
    if (!(maxPollRecords >= 1)) {
      throw new IllegalArgumentException(`A poll must return 1 record or more: ${maxPollRecords}`)
    }
    this.maxPollRecords = maxPollRecords
  }

  /** What the next poll rejects with. */
  setPollException(exception: Error): void {
    this.pollException = exception
    this.lookAgain()
  }

  /** What the next `beginningOffsets` or `endOffsets` rejects with. */
  setOffsetsException(exception: Error): void {
    this.offsetsException = exception
  }

  updateBeginningOffsets(offsets: OffsetsByPartition): void {
    this.beginnings.setAll(offsets)
  }

  updateEndOffsets(offsets: OffsetsByPartition): void {
    this.ends.setAll(offsets)
  }

  /** Where `auto.offset.reset` = `by_duration:…` begins. */
  updateDurationOffsets(offsets: OffsetsByPartition): void {
    this.resetByDuration.setAll(offsets)
  }

  updatePartitions(topic: string, partitions: readonly PartitionInfo[]): void {
    this.ensureNotClosed()
    this.topics.set(topic, partitions)
  }

  closed(): boolean {
    return this.isClosed
  }

  /** Whether `enforceRebalance` was called since `resetShouldRebalance`. */
  shouldRebalance(): boolean {
    return this.rebalanceWanted
  }

  resetShouldRebalance(): void {
    this.rebalanceWanted = false
  }

  /** Milliseconds; `null` before the first poll, and for one without limit. */
  lastPollTimeout(): number | null {
    return this.pollTimeoutMs
  }

  // ---- for the consumer

  protected begin(): void {
    this.ensureNotClosed()
    this.iteration?.putBack(false)
    this.added.giveBack()
  }

  protected ensureNotClosed(): void {
    if (this.isClosed) throw new IllegalStateException('This consumer has already been closed.')
  }

  protected positionOf(partition: TopicPartition): number {
    if (this.subscriptions.position(partition) === null) this.updateFetchPosition(partition)
    return this.subscriptions.position(partition)!.offset
  }

  protected updateFetchPosition(partition: TopicPartition): void {
    const { subscriptions } = this
    const committed = this.committedOffsets.get(partition)
    if (!subscriptions.isOffsetResetNeeded(partition)) {
      if (committed !== undefined) {
        subscriptions.seek(partition, committed.offset)
        return
      }
      subscriptions.requestOffsetReset(partition)
    }
    subscriptions.seek(partition, this.resetOffset(partition))
  }

  private resetOffset(partition: TopicPartition): number {
    const type = this.subscriptions.resetStrategy(partition)?.type ?? 'none'
    if (type === 'none') throw new NoOffsetForPartitionException([partition])
    const offsets = {
      earliest: this.beginnings,
      latest: this.ends,
      by_duration: this.resetByDuration,
    }[type]
    const offset = offsets.get(partition)
    if (offset !== undefined) return offset
    throw new IllegalStateException(
      `MockConsumer was not told where ${type} is in ${partition}: call ` +
        'updateBeginningOffsets, updateEndOffsets or updateDurationOffsets.',
    )
  }

  protected offsetsOf(
    partitions: Iterable<TopicPartition>,
    known: TopicPartitionMap<number>,
    which: string,
  ): TopicPartitionMap<number> {
    const { offsetsException } = this
    this.offsetsException = null
    if (offsetsException !== null) throw offsetsException
    const found = new TopicPartitionMap<number>()
    for (const partition of partitions) {
      const offset = known.get(partition)
      if (offset === undefined) {
        throw new IllegalStateException(`The partition ${partition} does not have ${which} offset.`)
      }
      found.set(partition, offset)
    }
    return found
  }
}
