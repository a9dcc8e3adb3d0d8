/**
 * Sends records to topics.
 *
 *     const producer = new KafkaProducer({
 *       'bootstrap.servers': 'localhost:9092',
 *       'key.serializer': StringSerializer,
 *       'value.serializer': StringSerializer,
 *     })
 *     const { offset } = await producer.send({ topic: 'orders', key: '42', value: 'paid' })
 *     await producer.close()
 *
 * `send` puts the record into a batch and returns; the Sender, a loop of its own, brings it away.
 *
 *     send ─► interceptors ─► doSend ─► waitOnMetadata ─► serialize ─► partition ─► append
 *                               │ metadata unknown, memory used up, or the Sender's turn
 *                               └─► WaitingRoom: in the line of its topic, then the same way
 *
 * On this way nothing is awaited, and beside the bytes in the batch only the future is made.
 *
 * I1  Records of one topic reach their batches in the order of `send`, also when some have to wait.
 * I2  Every record's future is settled: acknowledged, or failed after `max.block.ms` before its
 *     batch, or `delivery.timeout.ms` in it.
 * I3  No failure is an unhandled rejection, and none goes unseen (`UnobservedFailures`).
 *
 * @kafka org.apache.kafka.clients.producer.KafkaProducer
 * @simplified what blocks in Java is awaited here: `partitionsFor`, `flush`, `close`, and `send` by
 *   `appended`. A callback may call `flush` and `close`: it cannot wait for them, so it cannot wait
 *   for itself. Transactions come later.
 */

import type { Cluster } from '../common/Cluster.ts'
import { InvalidTopicException } from '../common/errors/ApiExceptions.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
} from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { MetricName } from '../common/MetricName.ts'
import type { KafkaMetric } from '../common/metrics/KafkaMetric.ts'
import type { PartitionInfo } from '../common/PartitionInfo.ts'
import type { Time } from '../common/Time.ts'
import type { Trace } from '../common/Trace.ts'
import { type Environment, systemEnvironment } from '../network/Environment.ts'
import type { Callback } from './Callback.ts'
import { type AppendCallback, AppendCallbacks } from './internals/AppendCallbacks.ts'
import { awaitTopicMetadata } from './internals/awaitTopicMetadata.ts'
import { BuiltInPartitioner } from './internals/BuiltInPartitioner.ts'
import { FutureRecordMetadata } from './internals/FutureRecordMetadata.ts'
import {
  createProducerParts,
  type ProducerParts,
  type ProducerPartsOverrides,
  producerSnapshot,
} from './internals/ProducerParts.ts'
import { ProducerPlugins } from './internals/ProducerPlugins.ts'
import type { ProducerSnapshot } from './internals/ProducerSnapshot.ts'
import { NEVER_MS } from './internals/ReadyCheck.ts'
import type { RecordAppendResult } from './internals/RecordAppendResult.ts'
import { RecordToAppend } from './internals/RecordToAppend.ts'
import { SenderLoop } from './internals/SenderLoop.ts'
import { SendFailures, topicPartitionOf } from './internals/SendFailures.ts'
import { WaitingRoom, type WaitingSend } from './internals/WaitingRoom.ts'
import type { Producer } from './Producer.ts'
import { ProducerConfig, type ProducerConfigInput } from './ProducerConfig.ts'
import { ProducerRecord, type ProducerRecordInput } from './ProducerRecord.ts'
import { RecordMetadata } from './RecordMetadata.ts'

export class KafkaProducer<K, V> implements Producer<K, V> {
  readonly clientId: string
  private readonly time: Time
  private readonly logger: Logger
  private readonly trace: Trace
  private readonly config: ProducerConfig
  private readonly maxBlockMs: number
  private readonly maxRequestSize: number
  private readonly totalMemorySize: number
  private readonly partitionerIgnoreKeys: boolean
  private readonly plugins: ProducerPlugins<K, V>
  private readonly parts: ProducerParts
  private readonly failures: SendFailures<K, V>
  private readonly waitingRoom: WaitingRoom<K, V>
  /** Filled again for every record. */
  private readonly toAppend = new RecordToAppend()
  private readonly ioLoop: SenderLoop
  private closing = false

  /**
   * Starts at once, and an idempotent one connects at once too: it asks for its producer id.
   *
   * @param environment clock, chance, network, log and trace; default: the machine's own
   * @param overrides parts that a test puts in the place of the real ones
   * @throws ConfigException for a setting that cannot be
   */
  constructor(
    config: ProducerConfigInput<K, V>,
    environment: Partial<Environment> = {},
    overrides: ProducerPartsOverrides = {},
  ) {
    const seams = systemEnvironment(environment)
    this.config = new ProducerConfig(config as unknown as ProducerConfigInput<never, never>)
    this.clientId = this.config.clientId(seams.random)
    this.time = seams.time
    this.logger = seams.logger.withPrefix(`[Producer clientId=${this.clientId}] `)
    this.trace = seams.traceBus.from(this.clientId)
    this.maxBlockMs = this.config.get('max.block.ms')
    this.maxRequestSize = this.config.get('max.request.size')
    this.totalMemorySize = this.config.get('buffer.memory')
    this.partitionerIgnoreKeys = this.config.get('partitioner.ignore.keys')
    const { clientId, logger, trace } = this
    const context = { config: this.config, clientId, logger, trace, environment: seams }
    this.plugins = new ProducerPlugins(context)
    try {
      this.parts = createProducerParts(context, overrides, this.plugins.instances)
    } catch (error) {
      this.plugins.closeQuietly()
      throw error
    }
    const { interceptors } = this.plugins
    this.failures = new SendFailures(interceptors, this.parts, this.time, logger)
    this.waitingRoom = new WaitingRoom(this.totalMemorySize, this.parts.turns, {
      attempt: (waiting) => this.attempt(waiting),
      wakeup: () => this.parts.sender.wakeup(),
      fail: (waiting, error) => this.failures.fail(waiting, error),
    })
    this.config.logUnused(logger)
    this.ioLoop = new SenderLoop(this.parts.sender, this.time, logger)
  }

  /**
   * Sends a record; returns before it is sent.
   *
   * When metadata is not known yet, memory is used up, or the Sender has not had its turn for
   * `max.request.size` bytes, the record waits: `appended` of what is returned is a promise then,
   * and the record must not be changed before it resolves.
   *
   * @param callback called once with the outcome, in the order of the records of a partition
   * @returns the future of the record's metadata. It fails with a `TimeoutException` when metadata
   *   or memory did not come within `max.block.ms`, or no acknowledgement within
   *   `delivery.timeout.ms`; with a `BufferExhaustedException` when too much waits already; with a
   *   `RecordTooLargeException` above `max.request.size`
   * @throws IllegalStateException after `close`
   * @throws SerializationException when key or value is not what the serializer takes
   */
  send(
    record: ProducerRecord<K, V> | ProducerRecordInput<K, V>,
    callback: Callback | null = null,
  ): FutureRecordMetadata {
    const given = record instanceof ProducerRecord ? record : new ProducerRecord(record)
    if (this.trace.enabled) {
      const { topic, partition } = given
      this.trace.emit('producer.send', { topic, partition, headers: given.headerArray().length })
    }
    return this.doSend(this.plugins.interceptors.onSend(given), callback)
  }

  /**
   * Makes everything that was sent go at once, and waits until its outcome is known. Records that
   * are sent meanwhile may or may not be waited for.
   */
  async flush(): Promise<void> {
    const { accumulator, sender, metrics } = this.parts
    const startMs = this.time.hiResClockMs()
    accumulator.beginFlush()
    sender.wakeup()
    await this.waitingRoom.whenServed()
    await accumulator.awaitFlushCompletion()
    metrics.calls.recordFlush(this.time.hiResClockMs() - startMs)
  }

  /**
   * Everything this producer measures: read a value with `metricValue()`. The map shows metrics
   * that come later, such as those of a topic with its first batch.
   */
  metrics(): ReadonlyMap<MetricName, KafkaMetric> {
    return this.parts.metrics.metrics.metrics()
  }

  /**
   * The partitions of a topic, as they are known; asked for when they are not.
   *
   * @throws TimeoutException when they are not known within `max.block.ms`
   */
  async partitionsFor(topic: string): Promise<readonly PartitionInfo[]> {
    if (topic === null || topic === undefined) {
      throw new IllegalArgumentException('topic cannot be null')
    }
    const nowMs = this.time.milliseconds()
    return (await this.waitOnMetadata(topic, null, nowMs, nowMs)).partitionsForTopic(topic)
  }

  /**
   * Sends what is left and ends the producer. After `timeoutMs` whatever has no outcome yet fails.
   *
   * @param timeoutMs 0: waits for nothing; default: as long as it takes (`delivery.timeout.ms`)
   * @throws IllegalArgumentException for a negative time
   * @throws KafkaException when a serializer, partitioner or interceptor cannot be closed
   */
  async close(timeoutMs: number = NEVER_MS): Promise<void> {
    if (!(timeoutMs >= 0)) {
      throw new IllegalArgumentException(`The timeout of close cannot be negative: ${timeoutMs} ms`)
    }
    this.closing = true
    await this.ioLoop.close(timeoutMs, this.waitingRoom)
    try {
      this.plugins.close()
    } finally {
      this.parts.metrics.close()
    }
  }

  /** What is inside, at this moment: plain data, for looking. */
  snapshot(): ProducerSnapshot {
    return producerSnapshot(this.parts, this.waitingRoom)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  // ---- the way of a record

  private doSend(
    record: ProducerRecord<K, V>,
    userCallback: Callback | null,
  ): FutureRecordMetadata {
    const { interceptors } = this.plugins
    const callback = AppendCallbacks.of(record, userCallback, interceptors, this.logger)
    const nowMs = this.time.milliseconds()
    try {
      this.throwIfProducerClosed()
      if (this.waitingRoom.hasLine(record.topic) || this.parts.turns.isDue()) {
        return this.waitInLine(record, callback, nowMs, null)
      }
      const result = this.locateAndAppend(record, callback, nowMs, nowMs)
      if (result instanceof Promise) return this.waitInLine(record, callback, nowMs, result)
      return result.future
    } catch (error) {
      return this.failures.futureOf(record, callback, error)
    }
  }

  /** The rest of the way; a promise as soon as something has to be waited for. */
  private locateAndAppend(
    record: ProducerRecord<K, V>,
    callback: AppendCallback | null,
    sinceMs: number,
    nowMs: number,
  ): RecordAppendResult | Promise<RecordAppendResult> {
    const cluster = this.waitOnMetadata(record.topic, record.partition, sinceMs, nowMs)
    return cluster instanceof Promise
      ? this.appendLater(record, callback, cluster, sinceMs)
      : this.append(record, callback, cluster, sinceMs, nowMs)
  }

  private append(
    record: ProducerRecord<K, V>,
    callback: AppendCallback | null,
    cluster: Cluster,
    sinceMs: number,
    nowMs: number,
  ): RecordAppendResult | Promise<RecordAppendResult> {
    const { toAppend } = this
    this.serialize(record)
    const { key, value } = toAppend
    const partition = this.partition(record, cluster)
    record.setReadOnly()
    // Key and value again: a partitioner is the program's own code, and may have called `send`.
    toAppend.fill(record, partition, record.timestamp ?? nowMs, key, value, callback)
    toAppend.ensureValidRecordSize(this.maxRequestSize, this.totalMemorySize)
    const maxWaitMs = Math.max(0, this.maxBlockMs - (nowMs - sinceMs))
    const result = this.parts.accumulator.append(toAppend, maxWaitMs, nowMs, cluster)
    return result instanceof Promise ? this.appendedLater(result) : this.appended(result)
  }

  private appended(result: RecordAppendResult): RecordAppendResult {
    const { turns, sender } = this.parts
    turns.appended(result.appendedBytes)
    if (result.batchIsFull || result.newBatchCreated) sender.wakeup()
    return result
  }

  /**
   * The cluster, with `topic` and, if one is asked for, its `partition` in it.
   *
   * @param sinceMs when `send` was called: `max.block.ms` counts from there
   * @param waitedMs what was waited for it already
   * @throws TimeoutException when it takes longer
   */
  private waitOnMetadata(
    topic: string,
    partition: number | null,
    sinceMs: number,
    nowMs: number,
    waitedMs = 0,
  ): Cluster | Promise<Cluster> {
    const { metadata } = this.parts
    const cluster = metadata.fetch()
    if (cluster.invalidTopics.has(topic)) {
      throw new InvalidTopicException(`Invalid topic: '${topic}'`, new Set([topic]))
    }
    metadata.add(topic, nowMs)
    const partitions = cluster.partitionCountForTopic(topic)
    if (partitions === null || (partition !== null && partition >= partitions)) {
      return this.waitOnMetadataLater(topic, partition, sinceMs, nowMs)
    }
    const { trace } = this
    if (trace.enabled) trace.emit('producer.waitOnMetadata', { topic, partitions, waitedMs })
    return cluster
  }

  private serialize(record: ProducerRecord<K, V>): void {
    const { keySerializer, valueSerializer } = this.plugins
    const { toAppend } = this
    const key = keySerializer.serialize(record, record.key)
    toAppend.value = valueSerializer.serialize(record, record.value)
    toAppend.key = key
    if (this.trace.enabled) {
      this.trace.emit('producer.serialize', {
        keyBytes: key?.length ?? null,
        valueBytes: toAppend.value?.length ?? null,
      })
    }
  }

  /** The record's own choice, the partitioner's, or the key's; else the accumulator will choose. */
  private partition(record: ProducerRecord<K, V>, cluster: Cluster): number {
    const { topic } = record
    const { key, value } = this.toAppend
    let partition: number = RecordMetadata.UNKNOWN_PARTITION
    if (record.partition !== null) {
      partition = record.partition
    } else if (this.plugins.partitioner !== null) {
      partition = this.plugins.partition(record, key, value, cluster)
    } else if (key !== null && !this.partitionerIgnoreKeys) {
      partition = BuiltInPartitioner.partitionForKey(key, cluster.partitionsForTopic(topic).length)
    }
    if (this.trace.enabled) this.trace.emit('producer.partition', { topic, partition })
    return partition
  }

  // ---- when it cannot go on at once. A closure above would cost every record what it captures.

  private async appendLater(
    record: ProducerRecord<K, V>,
    callback: AppendCallback | null,
    cluster: Promise<Cluster>,
    sinceMs: number,
  ): Promise<RecordAppendResult> {
    const known = await cluster
    const result = this.append(record, callback, known, sinceMs, this.time.milliseconds())
    return result instanceof Promise ? result : result.copy()
  }

  private async appendedLater(result: Promise<RecordAppendResult>): Promise<RecordAppendResult> {
    // While somebody waits for memory every batch may go: the Sender should know.
    this.parts.sender.wakeup()
    return this.appended(await result)
  }

  private async waitOnMetadataLater(
    topic: string,
    partition: number | null,
    sinceMs: number,
    nowMs: number,
  ): Promise<Cluster> {
    const wanted = { topic, partition, sinceMs, maxWaitMs: this.maxBlockMs }
    await awaitTopicMetadata({ ...this.parts, time: this.time }, wanted)
    const laterMs = this.time.milliseconds()
    return this.waitOnMetadata(topic, partition, sinceMs, laterMs, laterMs - nowMs)
  }

  private waitInLine(
    record: ProducerRecord<K, V>,
    callback: AppendCallback | null,
    sinceMs: number,
    appending: Promise<RecordAppendResult> | null,
  ): FutureRecordMetadata {
    const future = FutureRecordMetadata.waiting(topicPartitionOf(record, callback), this.time)
    this.waitingRoom.enter({ record, callback, future, sinceMs, appending })
    return future
  }

  private attempt({ record, callback, sinceMs }: WaitingSend<K, V>) {
    if (!this.parts.sender.isRunning()) {
      throw new KafkaException('Producer closed while send in progress')
    }
    return this.locateAndAppend(record, callback, sinceMs, this.time.milliseconds())
  }

  private throwIfProducerClosed(): void {
    if (this.closing || !this.parts.sender.isRunning()) {
      throw new IllegalStateException('Cannot perform operation after producer has been closed')
    }
    this.parts.transactionManager?.maybeFailWithError()
  }
}
