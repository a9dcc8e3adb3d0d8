/**
 * A consumer for tests of code that reads: no cluster, no clock, no waiting.
 *
 *     const consumer = new MockConsumer<string, string>('earliest')
 *     consumer.assign([partition])
 *     consumer.updateBeginningOffsets([[partition, 0]])
 *     consumer.addRecord({ topic: 'orders', partition: 0, offset: 0, key: null, value: 'a' })
 *     await bill(consumer)                        the code under test: it polls
 *     await consumer.committed([partition])       has it committed?
 *
 * `poll` returns what was added, at once, as far as the positions allow. There is no group:
 * `rebalance` plays one, and calls the listener. What is to happen between two polls of the code
 * under test, a test schedules:
 *
 *     consumer.schedulePollTask(() => consumer.setPollException(new TimeoutException('slow')))
 *     consumer.schedulePollTask(() => consumer.wakeup())
 *
 * A loop over `records()` waits, when it has all that was added, until the test adds more or lets
 * something else happen.
 *
 * I1  A poll returns no record below its partition's position, and moves the position past each
 *     that it returns.
 *
 * @kafka org.apache.kafka.clients.consumer.MockConsumer
 * @simplified no lock: there is one thread. No telemetry (`clientInstanceId`, metrics).
 */

import {
  IllegalArgumentException,
  UnsupportedOperationException,
  WakeupException,
} from '../common/errors.ts'
import type { MetricName } from '../common/MetricName.ts'
import type { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import { TopicPartitionSet } from '../common/TopicPartitionSet.ts'
import type { CloseOptions } from '../consumer/CloseOptions.ts'
import type { Consumer, Offsets } from '../consumer/Consumer.ts'
import { ConsumerGroupMetadata } from '../consumer/ConsumerGroupMetadata.ts'
import type { ConsumerRebalanceListener } from '../consumer/ConsumerRebalanceListener.ts'
import type { ConsumerRecord } from '../consumer/ConsumerRecord.ts'
import type { ConsumerRecords } from '../consumer/ConsumerRecords.ts'
import { AutoOffsetResetStrategy } from '../consumer/internals/AutoOffsetResetStrategy.ts'
import { RecordIterator } from '../consumer/internals/RecordIterator.ts'
import { OffsetAndMetadata } from '../consumer/OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from '../consumer/OffsetAndTimestamp.ts'
import type { OffsetCommitCallback } from '../consumer/OffsetCommitCallback.ts'
import { SubscriptionPattern } from '../consumer/SubscriptionPattern.ts'
import type { RecordsOptions, Wait } from '../consumer/WaitOptions.ts'
import { MockConsumerScript, type OffsetsByPartition } from './MockConsumerScript.ts'

/** Stands for a pattern that a broker would evaluate: there is none here, so it fits nothing. */
const FITS_NOTHING = /(?!)/

export class MockConsumer<K, V> extends MockConsumerScript<K, V> implements Consumer<K, V> {
  // ---- what is read

  assignment(): TopicPartitionSet {
    return this.subscriptions.assignedPartitions()
  }

  subscription(): ReadonlySet<string> {
    return this.subscriptions.subscription()
  }

  /**
   * A pattern is matched at once, against the topics of `updatePartitions`, and assigns them all.
   */
  subscribe(
    to: Iterable<string> | RegExp | SubscriptionPattern,
    listener?: ConsumerRebalanceListener,
  ): void {
    if (listener === null) throw new IllegalArgumentException('RebalanceListener cannot be null')
    if (to === null || to === undefined || (to instanceof SubscriptionPattern && !to.pattern)) {
      throw new IllegalArgumentException(
        `Topic pattern cannot be ${to === null ? 'null' : 'empty'}`,
      )
    }
    this.begin()
    this.committedOffsets.clear()
    if (to instanceof SubscriptionPattern) this.subscriptions.subscribe(FITS_NOTHING, listener)
    else if (to instanceof RegExp) this.subscribeToPattern(to, listener)
    else this.subscriptions.subscribe(new Set(to), listener)
  }

  private subscribeToPattern(pattern: RegExp, listener?: ConsumerRebalanceListener): void {
    this.subscriptions.subscribe(pattern, listener)
    const fitting = [...this.topics].filter(([topic]) =>
      this.subscriptions.matchesSubscribedPattern(topic),
    )
    this.subscriptions.subscribeFromPattern(new Set(fitting.map(([topic]) => topic)))
    this.subscriptions.assignFromSubscribed(
      fitting.flatMap(([topic, infos]) =>
        infos.map(({ partition }) => new TopicPartition(topic, partition)),
      ),
    )
  }

  assign(partitions: Iterable<TopicPartition>): void {
    this.begin()
    this.committedOffsets.clear()
    this.subscriptions.assignFromUser(new TopicPartitionSet(partitions))
  }

  async unsubscribe(): Promise<void> {
    this.begin()
    this.committedOffsets.clear()
    this.subscriptions.unsubscribe()
  }

  /**
   * Plays a rebalance: tells the listener what goes, assigns, tells it what has come. What was
   * added and not polled is gone.
   */
  async rebalance(newAssignment: Iterable<TopicPartition>): Promise<void> {
    const before = this.assignment()
    const after = new TopicPartitionSet(newAssignment)
    const listener = this.subscriptions.rebalanceListener()
    const removed = [...before].filter((partition) => !after.has(partition))
    this.iteration?.end()
    this.added.clear()
    if (removed.length > 0) await listener?.onPartitionsRevoked?.(removed)
    this.subscriptions.assignFromSubscribed(after)
    const added = [...after].filter((partition) => !before.has(partition))
    await listener?.onPartitionsAssigned?.(added)
    this.lookAgain()
  }

  // ---- reading

  async poll(wait: Wait): Promise<ConsumerRecords<K, V>> {
    this.begin()
    const signal = typeof wait === 'object' ? wait.signal : undefined
    signal?.throwIfAborted()
    this.pollTimeoutMs = typeof wait === 'number' ? wait : (wait.timeoutMs ?? null)
    return this.pollOnce()
  }

  /** As a real consumer's; waits, without a poll, until the test lets something happen. */
  records({ signal }: RecordsOptions = {}): AsyncIterableIterator<ConsumerRecord<K, V>> {
    this.iteration?.end()
    const iteration = new RecordIterator<K, V>({
      subscriptions: this.subscriptions,
      poll: (leaving) => this.pollUntilRecords(leaving),
      onEnd: () => this.added.giveBack(),
      signal,
    })
    this.iteration = iteration
    return iteration
  }

  private async pollUntilRecords(leaving: AbortSignal): Promise<ConsumerRecords<K, V>> {
    for (;;) {
      leaving.throwIfAborted()
      this.ensureNotClosed()
      const records = await this.pollOnce()
      this.added.lend(records)
      if (!records.isEmpty()) return records
      if (this.pollTasks.length > 0) continue
      await new Promise<void>((resolve) => {
        this.lookAgain = resolve
        leaving.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  private async pollOnce(): Promise<ConsumerRecords<K, V>> {
    await this.pollTasks.shift()?.()
    if (this.wakeupRequested) {
      this.wakeupRequested = false
      throw new WakeupException('This call was ended by wakeup().')
    }
    const { pollException } = this
    this.pollException = null
    if (pollException !== null) throw pollException
    for (const partition of this.assignment()) {
      if (!this.subscriptions.hasValidPosition(partition)) this.updateFetchPosition(partition)
    }
    return this.added.collect(this.subscriptions, this.beginnings, this.maxPollRecords)
  }

  // ---- positions and commits

  async position(partition: TopicPartition, _wait?: Wait): Promise<number> {
    this.begin()
    if (!this.subscriptions.isAssigned(partition)) {
      throw new IllegalArgumentException(
        'You can only check the position for partitions assigned to this consumer: ' +
          `${partition} is not.`,
      )
    }
    return this.positionOf(partition)
  }

  seek(partition: TopicPartition, to: number | OffsetAndMetadata): void {
    this.begin()
    this.subscriptions.seek(partition, to instanceof OffsetAndMetadata ? to.offset : to)
    this.iteration?.drop(partition)
    this.lookAgain()
  }

  /** Each poll after it begins where `updateBeginningOffsets` says. */
  seekToBeginning(partitions: Iterable<TopicPartition> = []): void {
    this.seekTo(AutoOffsetResetStrategy.EARLIEST, partitions)
  }

  /** Each poll after it begins where `updateEndOffsets` says. */
  seekToEnd(partitions: Iterable<TopicPartition> = []): void {
    this.seekTo(AutoOffsetResetStrategy.LATEST, partitions)
  }

  /** 0 for a partition whose end the test has not said: then it is taken to be caught up. */
  currentLag(partition: TopicPartition): number | null {
    const end = this.ends.get(partition)
    return end === undefined ? 0 : end - this.positionOf(partition)
  }

  commitSync(wait?: Wait): Promise<void>
  commitSync(offsets: Offsets, wait?: Wait): Promise<void>
  async commitSync(first?: Offsets | Wait, _second?: Wait): Promise<void> {
    this.commit(isOffsets(first) ? first : null)
  }

  /** The callback is called at once. */
  commitAsync(callback?: OffsetCommitCallback | null): void
  commitAsync(offsets: Offsets, callback?: OffsetCommitCallback | null): void
  commitAsync(
    first?: Offsets | OffsetCommitCallback | null,
    second?: OffsetCommitCallback | null,
  ): void {
    const offsets = this.commit(isOffsets(first) ? first : null)
    const callback = isOffsets(first) ? second : first
    callback?.(offsets, null)
  }

  private commit(given: Offsets | null): TopicPartitionMap<OffsetAndMetadata> {
    this.begin()
    if (given === null) this.iteration?.putBack(true)
    const offsets = given === null ? this.subscriptions.allConsumed() : new TopicPartitionMap(given)
    for (const [partition, { offset }] of offsets) {
      if (this.iteration?.hasInHandBelow(partition, offset)) this.iteration.putBack(true)
    }
    this.committedOffsets.setAll(offsets)
    return offsets
  }

  /** Only what has been committed since the last `subscribe`, `assign` or `unsubscribe`. */
  async committed(
    partitions: Iterable<TopicPartition>,
    _wait?: Wait,
  ): Promise<TopicPartitionMap<OffsetAndMetadata | null>> {
    this.begin()
    const found = new TopicPartitionMap<OffsetAndMetadata | null>()
    for (const partition of partitions) {
      const offset = this.committedOffsets.get(partition)
      if (offset === undefined) continue
      const isAssigned = this.subscriptions.isAssigned(partition)
      found.set(partition, isAssigned ? offset : new OffsetAndMetadata(0))
    }
    return found
  }

  pause(partitions: Iterable<TopicPartition>): void {
    this.iteration?.putBack(false)
    for (const partition of partitions) this.subscriptions.pause(partition)
  }

  resume(partitions: Iterable<TopicPartition>): void {
    for (const partition of partitions) this.subscriptions.resume(partition)
    this.lookAgain()
  }

  paused(): TopicPartitionSet {
    return this.subscriptions.pausedPartitions()
  }

  // ---- what the cluster has

  /** @throws IllegalStateException for a partition of which the test has not said it */
  async beginningOffsets(
    partitions: Iterable<TopicPartition>,
    _wait?: Wait,
  ): Promise<TopicPartitionMap<number>> {
    return this.offsetsOf(partitions, this.beginnings, 'a beginning')
  }

  /** @throws IllegalStateException for a partition of which the test has not said it */
  async endOffsets(
    partitions: Iterable<TopicPartition>,
    _wait?: Wait,
  ): Promise<TopicPartitionMap<number>> {
    return this.offsetsOf(partitions, this.ends, 'an end')
  }

  /** @throws UnsupportedOperationException always */
  async offsetsForTimes(
    _timestampsToSearch: OffsetsByPartition,
    _wait?: Wait,
  ): Promise<TopicPartitionMap<OffsetAndTimestamp | null>> {
    throw new UnsupportedOperationException('MockConsumer cannot search for times.')
  }

  async partitionsFor(topic: string, _wait?: Wait): Promise<readonly PartitionInfo[]> {
    this.begin()
    return this.topics.get(topic) ?? []
  }

  async listTopics(_wait?: Wait): Promise<ReadonlyMap<string, readonly PartitionInfo[]>> {
    this.begin()
    return this.topics
  }

  /** Empty: a mock measures nothing. */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    this.ensureNotClosed()
    return new Map()
  }

  groupMetadata(): ConsumerGroupMetadata {
    return new ConsumerGroupMetadata('dummy.group.id', 1, '1')
  }

  enforceRebalance(_reason?: string | null): void {
    this.rebalanceWanted = true
  }

  wakeup(): void {
    this.wakeupRequested = true
    this.lookAgain()
  }

  async close(_options?: number | CloseOptions): Promise<void> {
    this.iteration?.end()
    this.isClosed = true
    this.lookAgain()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private seekTo(strategy: AutoOffsetResetStrategy, given: Iterable<TopicPartition>): void {
    this.begin()
    const named = [...given]
    for (const partition of named.length > 0 ? named : this.assignment()) {
      this.subscriptions.requestOffsetReset(partition, strategy)
      this.iteration?.drop(partition)
    }
    this.lookAgain()
  }
}

const isOffsets = (value: unknown): value is Offsets =>
  typeof value === 'object' && value !== null && Symbol.iterator in value
