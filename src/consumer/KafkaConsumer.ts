/**
 * Reads records from Kafka.
 *
 *     const consumer = new KafkaConsumer({
 *       'bootstrap.servers': 'localhost:9092',
 *       'key.deserializer': StringDeserializer,
 *       'value.deserializer': StringDeserializer,
 *     })
 *     consumer.assign([new TopicPartition('orders', 0)])
 *     for (const record of await consumer.poll(1000)) console.log(record.offset, record.value)
 *     await consumer.close()
 *
 * The types of key and value follow from the deserializers. One consumer serves one flow of a
 * program: each call is awaited before the next one is made (`SingleCaller`), except `wakeup`,
 * which may come at any time.
 *
 * This class is the facade; the work is done by a `ConsumerDelegate`.
 *
 * @kafka org.apache.kafka.clients.consumer.KafkaConsumer
 * @simplified assignment by hand only; groups, with `subscribe` and `commit…`, come later.
 */

import type { Properties } from '../common/config/ConfigDef.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { ReadonlyTopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { ReadonlyTopicPartitionSet } from '../common/TopicPartitionSet.ts'
import { type Environment, systemEnvironment } from '../network/Environment.ts'
import type { Consumer } from './Consumer.ts'
import { ConsumerConfig, type ConsumerConfigInput } from './ConsumerConfig.ts'
import type { ConsumerRecords } from './ConsumerRecords.ts'
import { ClassicKafkaConsumer } from './internals/ClassicKafkaConsumer.ts'
import type { ConsumerDelegate } from './internals/ConsumerDelegate.ts'
import type { OffsetAndMetadata } from './OffsetAndMetadata.ts'
import type { OffsetAndTimestamp } from './OffsetAndTimestamp.ts'

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

  /**
   * Reads exactly these partitions from now on. Those that stay go on where they are; an empty list
   * is `unsubscribe`.
   *
   * @throws IllegalArgumentException for a partition without topic
   */
  assign(partitions: Iterable<TopicPartition>): void {
    this.delegate.assign(partitions)
  }

  /** Reads nothing any more. */
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
   * @param timeoutMs 0 does not wait
   * @throws WakeupException after `wakeup`
   * @throws IllegalStateException when nothing is assigned, or the consumer is closed
   * @throws InvalidOffsetException when a position is missing or out of range and no reset policy
   *   is set
   * @throws RecordDeserializationException when a record's bytes are not what the deserializer
   *   expects
   * @throws CorruptRecordException when a batch is damaged; the message says how to go on
   * @throws AuthorizationException, AuthenticationException, InvalidTopicException
   */
  poll(timeoutMs: number): Promise<ConsumerRecords<K, V>> {
    const { trace } = this.delegate
    if (trace.enabled) trace.emit('consumer.poll', { timeoutMs })
    return this.delegate.poll(timeoutMs)
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
  position(partition: TopicPartition, timeoutMs?: number): Promise<number> {
    return this.delegate.position(partition, timeoutMs)
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
    timeoutMs?: number,
  ): Promise<ReadonlyTopicPartitionMap<number>> {
    return this.delegate.beginningOffsets(partitions, timeoutMs)
  }

  /** The offset that comes next in each log; with `read_committed`, the end of what is decided. */
  endOffsets(
    partitions: Iterable<TopicPartition>,
    timeoutMs?: number,
  ): Promise<ReadonlyTopicPartitionMap<number>> {
    return this.delegate.endOffsets(partitions, timeoutMs)
  }

  /**
   * Per partition the first record at or after a time; `null` when there is none.
   *
   * @param timestampsToSearch milliseconds since 1970, for example a `Map` or `TopicPartitionMap`
   */
  offsetsForTimes(
    timestampsToSearch: Iterable<readonly [TopicPartition, number]>,
    timeoutMs?: number,
  ): Promise<ReadonlyTopicPartitionMap<OffsetAndTimestamp | null>> {
    return this.delegate.offsetsForTimes(timestampsToSearch, timeoutMs)
  }

  /** The partitions of a topic; empty when there is no such topic. */
  partitionsFor(topic: string, timeoutMs?: number): Promise<readonly PartitionInfo[]> {
    return this.delegate.partitionsFor(topic, timeoutMs)
  }

  /** All topics that we may see, with their partitions. */
  listTopics(timeoutMs?: number): Promise<ReadonlyMap<string, readonly PartitionInfo[]>> {
    return this.delegate.listTopics(timeoutMs)
  }

  /** Ends the call that waits, or the next one that would, by a `WakeupException`. */
  wakeup(): void {
    this.delegate.wakeup()
  }

  /**
   * Says good-bye to the brokers and frees everything. Further calls do nothing.
   *
   * @param timeoutMs default: 30 seconds
   * @throws ConcurrentModificationException while another call waits: `wakeup` it first
   */
  close(timeoutMs?: number): Promise<void> {
    return this.delegate.close(timeoutMs)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
