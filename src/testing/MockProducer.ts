/**
 * A producer for tests of code that sends: no cluster, no clock, no waiting.
 *
 *     const producer = new MockProducer<string, string>()
 *     await placeOrder(producer, order)
 *     producer.history()    [ProducerRecord(topic=orders, …)]
 *
 * It keeps what it is given, and acknowledges it at once. With `autoComplete: false` a record stays
 * unacknowledged until the test says how it ends, so a test can look at the time between:
 *
 *     const producer = new MockProducer<string, string>({ autoComplete: false })
 *     const placed = placeOrder(producer, order)
 *     producer.errorNext(new TimeoutException('no broker'))
 *     await placed                    how does the code take it?
 *
 * And each call fails while the field of its name holds an error: `sendException`,
 * `flushException`, `partitionsForException`, `closeException`.
 *
 * I1  Offsets of a partition are 0, 1, 2, … in the order of `send`, also across `clear`.
 * I2  A record's callback runs before its future is done, as in a real producer.
 *
 * @kafka org.apache.kafka.clients.producer.MockProducer
 * @simplified options with names instead of three constructors; transactions come with their own
 *   part. While the cluster does not know the topic a record keeps the partition that it names,
 *   where Java's always goes to 0.
 */

import { Cluster } from '../common/Cluster.ts'
import { IllegalArgumentException, IllegalStateException } from '../common/errors.ts'
import type { MetricName } from '../common/MetricName.ts'
import { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import { MetricConfig } from '../common/metrics/MetricConfig.ts'
import { MetricMap } from '../common/metrics/MetricMap.ts'
import type { MetricValue } from '../common/metrics/MetricValueProvider.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import { SystemTime } from '../common/SystemTime.ts'
import type { Serializer } from '../common/serialization/Serializer.ts'
import type { Time } from '../common/Time.ts'
import { TopicPartition } from '../common/TopicPartition.ts'
import { TopicPartitionMap } from '../common/TopicPartitionMap.ts'
import type { Callback } from '../producer/Callback.ts'
import { FutureRecordMetadata } from '../producer/internals/FutureRecordMetadata.ts'
import { ProduceRequestResult } from '../producer/internals/ProduceRequestResult.ts'
import { RecordSerializer } from '../producer/internals/RecordSerializer.ts'
import type { Partitioner } from '../producer/Partitioner.ts'
import type { Producer } from '../producer/Producer.ts'
import { ProducerRecord, type ProducerRecordInput } from '../producer/ProducerRecord.ts'
import { RecordMetadata } from '../producer/RecordMetadata.ts'

export interface MockProducerOptions<K, V> {
  /** Which topics have which partitions. Default: none, and every topic can be sent to. */
  readonly cluster?: Cluster
  /**
   * Whether records are acknowledged at once; default true. Otherwise `completeNext`, `errorNext`
   * and `flush` do it.
   */
  readonly autoComplete?: boolean
  /** For records without a partition, of topics that the cluster knows. Default: the first one. */
  readonly partitioner?: Partitioner<K, V> | null
  /** Refuses keys as it would in production. Default: any key is taken. */
  readonly keySerializer?: Serializer<K> | null
  /** Refuses values as it would in production. Default: any value is taken. */
  readonly valueSerializer?: Serializer<V> | null
  /** Of time-outs in `get(timeoutMs)`; default: the machine's. */
  readonly time?: Time
}

export class MockProducer<K, V> implements Producer<K, V> {
  /** What `send` throws, while it is not `null`. */
  sendException: Error | null = null
  /** What `flush` rejects with, while it is not `null`. */
  flushException: Error | null = null
  /** What `partitionsFor` rejects with, while it is not `null`. */
  partitionsForException: Error | null = null
  /** What `close` rejects with, while it is not `null`; the producer stays open. */
  closeException: Error | null = null

  private readonly cluster: Cluster
  private readonly autoComplete: boolean
  private readonly partitioner: Partitioner<K, V> | null
  private readonly keySerializer: RecordSerializer<K> | null
  private readonly valueSerializer: RecordSerializer<V> | null
  private readonly time: Time
  private readonly sent: ProducerRecord<K, V>[] = []
  private readonly completions: Completion[] = []
  /** The next offset of each partition. */
  private readonly offsets = new TopicPartitionMap<number>()
  private readonly mockMetrics = new MetricMap()
  private isClosed = false

  constructor(options: MockProducerOptions<K, V> = {}) {
    const { keySerializer, valueSerializer } = options
    this.cluster = options.cluster ?? Cluster.empty()
    this.autoComplete = options.autoComplete ?? true
    this.partitioner = options.partitioner ?? null
    this.keySerializer = keySerializer ? new RecordSerializer<K>(keySerializer, 'key', {}) : null
    this.valueSerializer = valueSerializer
      ? new RecordSerializer<V>(valueSerializer, 'value', {})
      : null
    this.time = options.time ?? new SystemTime()
  }

  /**
   * Notes the record; acknowledges it at once with `autoComplete`.
   *
   * @throws IllegalStateException after `close`
   * @throws SerializationException when a serializer was given and does not take key or value
   * @throws IllegalArgumentException for a partition that the topic does not have
   */
  send(
    record: ProducerRecord<K, V> | ProducerRecordInput<K, V>,
    callback: Callback | null = null,
  ): FutureRecordMetadata {
    this.verifyNotClosed()
    if (this.sendException !== null) throw this.sendException
    const given = record instanceof ProducerRecord ? record : new ProducerRecord(record)
    const topicPartition = new TopicPartition(given.topic, this.partition(given))
    const completion = new Completion(
      topicPartition,
      this.nextOffset(topicPartition),
      callback,
      this.time,
    )
    this.sent.push(given)
    if (this.autoComplete) completion.complete(null)
    else this.completions.push(completion)
    return completion.future
  }

  /** Acknowledges everything that is not acknowledged yet. */
  async flush(): Promise<void> {
    this.verifyNotClosed()
    if (this.flushException !== null) throw this.flushException
    while (this.completeNext()) {}
  }

  /** What the cluster that was passed in has; empty for a topic that it does not know. */
  async partitionsFor(topic: string): Promise<readonly PartitionInfo[]> {
    if (this.partitionsForException !== null) throw this.partitionsForException
    return this.cluster.partitionsForTopic(topic)
  }

  /** What `setMockMetrics` has put there; a mock measures nothing itself. */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    return this.mockMetrics
  }

  /** From now on the metric of this name has this value. */
  setMockMetrics(name: MetricName, value: MetricValue): void {
    this.mockMetrics.remove(name)
    const gauge = { value: () => value }
    this.mockMetrics.putIfAbsent(new KafkaMetric(name, gauge, new MetricConfig(), this.time))
  }

  /** Whatever is not acknowledged stays so. */
  async close(_timeoutMs?: number): Promise<void> {
    if (this.closeException !== null) throw this.closeException
    this.isClosed = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // ---- for the test

  closed(): boolean {
    return this.isClosed
  }

  /** Whether every record has its outcome. */
  flushed(): boolean {
    return this.completions.length === 0
  }

  /** What was sent since `clear`, in order, whatever became of it. A copy. */
  history(): ProducerRecord<K, V>[] {
    return [...this.sent]
  }

  /** Forgets what was sent; records without an outcome will get none. */
  clear(): void {
    this.sent.length = 0
    this.completions.length = 0
  }

  /** Acknowledges the oldest record that is not acknowledged; `false` when there is none. */
  completeNext(): boolean {
    return this.completeOldest(null)
  }

  /** Lets the oldest record that is not acknowledged fail; `false` when there is none. */
  errorNext(error: Error): boolean {
    return this.completeOldest(error)
  }

  private completeOldest(error: Error | null): boolean {
    const completion = this.completions.shift()
    completion?.complete(error)
    return completion !== undefined
  }

  private partition(record: ProducerRecord<K, V>): number {
    const { topic, partition } = record
    const count = this.cluster.partitionsForTopic(topic).length
    if (partition !== null && count > 0 && partition >= count) {
      throw new IllegalArgumentException(
        `Invalid partition given with record: ${partition} is not in the range [0...${count}).`,
      )
    }
    // Also where the bytes are not needed: what production would refuse is refused here.
    const keyBytes = this.keySerializer?.serialize(record, record.key) ?? null
    const valueBytes = this.valueSerializer?.serialize(record, record.value) ?? null
    if (partition !== null) return partition
    const { partitioner, cluster } = this
    if (count === 0) return 0
    return partitioner === null
      ? cluster.partitionsForTopic(topic)[0]!.partition
      : partitioner.partition(topic, record.key, keyBytes, record.value, valueBytes, cluster)
  }

  /** I1. */
  private nextOffset(topicPartition: TopicPartition): number {
    const offset = this.offsets.get(topicPartition) ?? 0
    this.offsets.set(topicPartition, offset + 1)
    return offset
  }

  private verifyNotClosed(): void {
    if (this.isClosed) throw new IllegalStateException('MockProducer is already closed.')
  }
}

/** The outcome of one record, once somebody says it. */
class Completion {
  readonly future: FutureRecordMetadata
  private readonly topicPartition: TopicPartition
  private readonly offset: number
  private readonly callback: Callback | null
  private readonly result: ProduceRequestResult

  constructor(
    topicPartition: TopicPartition,
    offset: number,
    callback: Callback | null,
    time: Time,
  ) {
    const { NO_TIMESTAMP } = RecordMetadata
    this.topicPartition = topicPartition
    this.offset = offset
    this.callback = callback
    this.result = new ProduceRequestResult(topicPartition, time, NO_TIMESTAMP)
    this.future = new FutureRecordMetadata(this.result, 0, NO_TIMESTAMP, 0, 0)
  }

  /** What the callback throws, a failed assertion perhaps, is thrown; the future is done anyway. */
  complete(error: Error | null): void {
    const { topicPartition, offset, callback, result } = this
    const { NO_OFFSET, NO_TIMESTAMP } = RecordMetadata
    result.set(error === null ? offset : NO_OFFSET, NO_TIMESTAMP, error && (() => error))
    const metadata =
      error === null
        ? new RecordMetadata(topicPartition, offset, 0, NO_TIMESTAMP, 0, 0)
        : RecordMetadata.ofFailed(topicPartition)
    try {
      callback?.(metadata, error)
    } finally {
      result.done()
    }
  }
}
