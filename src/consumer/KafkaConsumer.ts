/**
 * Reads records from Kafka: as a member of a group, which shares the partitions out, or on its own.
 *
 *     const consumer = new KafkaConsumer({
 *       'bootstrap.servers': 'localhost:9092',
 *       'group.id': 'billing',
 *       'key.deserializer': StringDeserializer,
 *       'value.deserializer': StringDeserializer,
 *     })
 *     consumer.subscribe(['orders'])
 *     for await (const record of consumer.records({ signal })) await bill(record.value)
 *     await consumer.close()
 *
 * The types of key and value follow from the deserializers. One consumer serves one flow of a
 * program: each call is awaited before the next one is made (`SingleCaller`), except `wakeup`,
 * which may come at any time.
 *
 * This class is the facade; the work is done by a `ConsumerDelegate`.
 *
 * @kafka org.apache.kafka.clients.consumer.KafkaConsumer
 * @simplified no `clientInstanceId` and no `registerMetricForSubscription`, which are telemetry's
 *   (KIP-714).
 */

import type { Properties } from '../common/config/ConfigDef.ts'
import type { MetricName } from '../common/MetricName.ts'
import type { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { ReadonlyTopicPartitionSet } from '../common/TopicPartitionSet.ts'
import { type Environment, systemEnvironment } from '../network/Environment.ts'
import type { CloseOptions } from './CloseOptions.ts'
import type { Consumer, Offsets } from './Consumer.ts'
import { ConsumerConfig, type ConsumerConfigInput } from './ConsumerConfig.ts'
import type { ConsumerGroupMetadata } from './ConsumerGroupMetadata.ts'
import type { ConsumerRebalanceListener } from './ConsumerRebalanceListener.ts'
import type { ConsumerRecord } from './ConsumerRecord.ts'
import type { ConsumerRecords } from './ConsumerRecords.ts'
import { ClassicKafkaConsumer } from './internals/ClassicKafkaConsumer.ts'
import type { ConsumerDelegate } from './internals/ConsumerDelegate.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from './OffsetAndTimestamp.ts'
import type { OffsetCommitCallback } from './OffsetCommitCallback.ts'
import type { SubscriptionPattern } from './SubscriptionPattern.ts'
import type { RecordsOptions, Wait } from './WaitOptions.ts'

type Subscribed = Iterable<string> | RegExp | SubscriptionPattern

export class KafkaConsumer<K, V> implements Consumer<K, V> {
  private readonly delegate: ConsumerDelegate<K, V>

  /**
   * @param config Kafka's settings, by Kafka's names
   * @param environment clock, chance, network, log and trace; default: the machine's
   * @throws ConfigException naming key, value and allowed range
   * @throws KafkaException when a part cannot be made; its cause says why
   */
  constructor(config: ConsumerConfigInput<K, V>, environment: Partial<Environment> = {}) {
    const whole = systemEnvironment(environment)
    this.delegate = new ClassicKafkaConsumer<K, V>({
      config: new ConsumerConfig(config as Properties, whole.random),
      environment: whole,
    })
  }

  get clientId(): string {
    return this.delegate.clientId
  }

  /** The partitions that this consumer reads now, in the order in which they are fetched. */
  assignment(): ReadonlyTopicPartitionSet {
    return this.delegate.assignment()
  }

  /** The topics that this consumer has subscribed to; none for partitions assigned by hand. */
  subscription(): ReadonlySet<string> {
    return this.delegate.subscription()
  }

  /**
   * Reads these topics as a member of its group. Which partitions of them are ours, the group
   * decides while we `poll`; it decides anew whenever members or topics come and go. The list
   * replaces the one before; an empty list is `unsubscribe`, which returns a promise.
   *
   * With a pattern: all topics whose whole names fit it, now and whenever new ones appear, which is
   * noticed when metadata is refreshed (`metadata.max.age.ms`).
   *
   * @param listener told when partitions come and go. It may use the consumer, but not `poll` and
   *   `close`, and what it returns is awaited
   * @throws InvalidGroupIdException without `group.id`
   * @throws IllegalStateException after `assign`, or after the other kind of subscription: call
   *   `unsubscribe` between the two
   * @throws IllegalArgumentException for a topic without name
   * @throws UnsupportedOperationException for a `SubscriptionPattern`: it needs
   *   `group.protocol=consumer`
   */
  subscribe(topics: Iterable<string>, listener?: ConsumerRebalanceListener): void | Promise<void>
  subscribe(pattern: RegExp, listener?: ConsumerRebalanceListener): void
  subscribe(pattern: SubscriptionPattern, listener?: ConsumerRebalanceListener): void
  subscribe(to: Subscribed, listener?: ConsumerRebalanceListener): void | Promise<void> {
    return this.delegate.subscribe(to as Iterable<string>, listener)
  }

  /**
   * Reads exactly these partitions from now on, without asking a group. Those that stay go on where
   * they are; an empty list is `unsubscribe`, which returns a promise with a group.
   *
   * @throws IllegalArgumentException for a partition without topic
   * @throws IllegalStateException after `subscribe`: call `unsubscribe` between the two
   */
  assign(partitions: Iterable<TopicPartition>): void | Promise<void> {
    return this.delegate.assign(partitions)
  }

  /**
   * Reads nothing any more. A member leaves its group: its listener is told first, while it can
   * still commit.
   *
   * @throws KafkaException when the listener has thrown
   */
  unsubscribe(): Promise<void> {
    return this.delegate.unsubscribe()
  }

  /**
   * The next records: at once if there are any, else as soon as some come, and none when the time
   * is over.
   *
   * May also return nothing earlier, when a position has moved past something that is not for
   * users.
   *
   * @param wait milliseconds, or options; 0 does not wait, options without a time wait without
   *   limit
   * @throws WakeupException after `wakeup`
   * @throws IllegalStateException when nothing is assigned, or the consumer is closed
   * @throws InvalidOffsetException when a position is missing or out of range and no reset policy
   *   is set
   * @throws RecordDeserializationException when a record's bytes are not what the deserializer
   *   expects
   * @throws KafkaException when a batch is damaged; the message says how to go on
   * @throws AuthorizationException, AuthenticationException, InvalidTopicException
   */
  poll(wait: Wait): Promise<ConsumerRecords<K, V>> {
    const { trace } = this.delegate
    if (trace.enabled) {
      const timeoutMs =
        typeof wait === 'number' ? wait : (wait.timeoutMs ?? Number.MAX_SAFE_INTEGER)
      trace.emit('consumer.poll', { timeoutMs })
    }
    return this.delegate.poll(wait)
  }

  /**
   * The records one by one, for as long as the loop goes on:
   *
   *     for await (const record of consumer.records({ signal })) await handle(record)
   *
   * It polls when it has nothing at hand. A record is done when the loop asks for the next one, and
   * only what is done is committed in the background. One at which the loop was left, by `break`,
   * `return` or an exception, comes again, unless the body has committed it.
   *
   * The body may use the consumer. What it calls meets the positions of what is done;
   * `commitSync()` and `commitAsync()` count the record in its hands as done. A second loop ends
   * the first one, and so does `close`.
   *
   * @param options an abort ends the loop without an error, after the record that it is at
   * @throws as `poll`
   */
  records(options?: RecordsOptions): AsyncIterableIterator<ConsumerRecord<K, V>> {
    return this.delegate.records(options)
  }

  /**
   * Tells the group that everything handed out so far is done, and waits until the coordinator has
   * it. With offsets: those, and no more. An offset is that of the next record to be read.
   *
   * Tries again as long as that helps and time is left.
   *
   * @throws CommitFailedException when this member was thrown out of its group: somebody else may
   *   be reading these partitions by now
   * @throws RebalanceInProgressException when the group rebalances: `poll`, then commit again
   * @throws InvalidGroupIdException without `group.id`
   * @throws TimeoutException, WakeupException, AuthorizationException
   */
  commitSync(wait?: Wait): Promise<void>
  commitSync(offsets: Offsets, wait?: Wait): Promise<void>
  commitSync(first?: Offsets | Wait, second?: Wait): Promise<void> {
    return this.delegate.commitSync(first as Offsets, second)
  }

  /**
   * As `commitSync`, without waiting and without trying again: a second try could overtake a newer
   * commit. Commits arrive in the order of these calls.
   *
   * @param callback called with the outcome by a later call of this consumer
   */
  commitAsync(callback?: OffsetCommitCallback | null): void
  commitAsync(offsets: Offsets, callback?: OffsetCommitCallback | null): void
  commitAsync(
    first?: Offsets | OffsetCommitCallback | null,
    second?: OffsetCommitCallback | null,
  ): void {
    this.delegate.commitAsync(first as Offsets, second)
  }

  /**
   * What the group has committed of these partitions, by whichever member; `null` for nothing.
   *
   * @throws TimeoutException, InvalidGroupIdException, AuthorizationException
   */
  committed(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndMetadata | null>> {
    return this.delegate.committed(partitions, wait)
  }

  /**
   * The next `poll` reads from here. With an `OffsetAndMetadata` that has a leader epoch, the
   * leader is asked first whether its log still holds what came before.
   *
   * @throws IllegalStateException when the partition is not assigned
   * @throws IllegalArgumentException for a negative offset
   */
  seek(partition: TopicPartition, offset: number | OffsetAndMetadata): void {
    this.delegate.seek(partition, offset)
  }

  /**
   * Goes to the first record there is, once `poll` or `position` is called.
   *
   * @param partitions default: all assigned
   */
  seekToBeginning(partitions?: Iterable<TopicPartition>): void {
    this.delegate.seekToBeginning(partitions)
  }

  /**
   * Goes to the end of the log, once `poll` or `position` is called.
   *
   * @param partitions default: all assigned
   */
  seekToEnd(partitions?: Iterable<TopicPartition>): void {
    this.delegate.seekToEnd(partitions)
  }

  /**
   * The offset that is read next.
   *
   * @throws TimeoutException when it could not be determined in time
   * @throws IllegalStateException when the partition is not assigned
   */
  position(partition: TopicPartition, wait?: Wait): Promise<number> {
    return this.delegate.position(partition, wait)
  }

  /**
   * How many records behind the end of its log a partition is, as of the last answer; `null` when
   * not known yet.
   */
  currentLag(partition: TopicPartition): number | null {
    return this.delegate.currentLag(partition)
  }

  /** `poll` returns nothing of these partitions until they are resumed; they stay assigned. */
  pause(partitions: Iterable<TopicPartition>): void {
    this.delegate.pause(partitions)
  }

  resume(partitions: Iterable<TopicPartition>): void {
    this.delegate.resume(partitions)
  }

  paused(): ReadonlyTopicPartitionSet {
    return this.delegate.paused()
  }

  /**
   * The first offset that each log still has. The partitions need not be assigned.
   *
   * @throws TimeoutException when not all leaders have answered in time
   */
  beginningOffsets(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<number>> {
    return this.delegate.beginningOffsets(partitions, wait)
  }

  /** The offset that comes next in each log; with `read_committed`, the end of what is decided. */
  endOffsets(
    partitions: Iterable<TopicPartition>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<number>> {
    return this.delegate.endOffsets(partitions, wait)
  }

  /**
   * Per partition the first record at or after a time; `null` when there is none.
   *
   * @param timestampsToSearch milliseconds since 1970, for example a `Map` or `TopicPartitionMap`
   */
  offsetsForTimes(
    timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
    wait?: Wait,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndTimestamp | null>> {
    return this.delegate.offsetsForTimes(timestampsToSearch, wait)
  }

  /** The partitions of a topic; empty when there is no such topic. */
  partitionsFor(topic: string, wait?: Wait): Promise<readonly PartitionInfo[]> {
    return this.delegate.partitionsFor(topic, wait)
  }

  /** All topics that we may see, with their partitions. */
  listTopics(wait?: Wait): Promise<ReadonlyMap<string, readonly PartitionInfo[]>> {
    return this.delegate.listTopics(wait)
  }

  /**
   * Everything this consumer measures: read a value with `metricValue()`. The map shows metrics
   * that come and go later.
   */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    return this.delegate.metrics()
  }

  /**
   * Which member of which generation of its group this consumer is, as of the last rebalance.
   *
   * @throws InvalidGroupIdException without `group.id`
   */
  groupMetadata(): ConsumerGroupMetadata {
    return this.delegate.groupMetadata()
  }

  /**
   * The group decides anew who reads what; begun by the next `poll`. For an assignor that knows of
   * a reason that nobody else can see.
   *
   * @param reason what the coordinator writes to its log
   * @throws IllegalStateException without `group.id`
   */
  enforceRebalance(reason?: string | null): void {
    this.delegate.enforceRebalance(reason)
  }

  /** Ends the call that waits, or the next one that would, by a `WakeupException`. */
  wakeup(): void {
    this.delegate.wakeup()
  }

  /**
   * Says good-bye to the brokers and frees everything. With auto commit the positions are committed
   * once more; the listener is told what goes; a member leaves its group, unless it is a static one
   * or the options say otherwise. Further calls do nothing.
   *
   * @param options milliseconds (default: 30 seconds), or how to leave the group as well
   * @throws ConcurrentModificationException while another call waits: `wakeup` it first
   */
  close(options?: number | CloseOptions): Promise<void> {
    return this.delegate.close(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
