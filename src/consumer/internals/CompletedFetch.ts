/**
 * What one fetch brought for one partition: bytes, opened piece by piece as `poll` hands records
 * out.
 *
 * Decoding waits until somebody wants the record. A response of a megabyte may hold ten thousand
 * records and `poll` takes five hundred; meanwhile the rest stays bytes, and if the caller seeks
 * elsewhere it is dropped unopened.
 *
 *     records  │ batch │ batch │ batch │          batches: a cursor
 *                       ↑ records │││││││         records: a cursor in the current batch
 *                              ↑ nextFetchOffset
 *
 * What lies before the wanted offset is skipped: a fetch that asks for offset 7 gets the whole
 * batch 5–9. What is not for the user is skipped too: markers, and aborted records when only
 * committed ones are wanted.
 *
 * A record that cannot be deserialized is tried again by the next call: the deserializer may find
 * its schema by then. A batch that cannot be read never gets better, so each further call fails
 * until the caller seeks past it.
 *
 * I1  `nextFetchOffset` never goes back, and moves past a record only when the record is handed out
 *     or is not for users.
 * I2  Nothing that was read before an error is lost: the records are returned first, the error by
 *     the next call.
 * I3  Once drained it gives nothing any more.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.CompletedFetch
 * @simplified aborted transactions are kept track of in `AbortedTransactions`.
 */

import type { FetchedPartitionData } from '../../clients/FetchResponse.ts'
import { CorruptRecordException } from '../../common/errors/ApiExceptions.ts'
import { KafkaException, SerializationException } from '../../common/errors.ts'
import { RecordHeaders } from '../../common/header/RecordHeaders.ts'
import type { Logger } from '../../common/Logger.ts'
import type { TopicPartition } from '../../common/TopicPartition.ts'
import type { Trace } from '../../common/Trace.ts'
import type { DefaultRecord } from '../../record/DefaultRecord.ts'
import type { DefaultRecordBatch } from '../../record/DefaultRecordBatch.ts'
import { MemoryRecords } from '../../record/MemoryRecords.ts'
import { RecordBatch } from '../../record/RecordBatch.ts'
import type { RecordBatchIterator } from '../../record/RecordBatchIterator.ts'
import type { RecordIterator } from '../../record/RecordIterator.ts'
import type { TimestampType } from '../../record/TimestampType.ts'
import { ConsumerRecord } from '../ConsumerRecord.ts'
import {
  type DeserializationExceptionOrigin,
  RecordDeserializationException,
} from '../RecordDeserializationException.ts'
import { AbortedTransactions } from './AbortedTransactions.ts'
import type { Deserializers } from './Deserializers.ts'
import type { FetchConfig } from './FetchConfig.ts'
import type { FetchMetricsAggregator } from './FetchMetricsAggregator.ts'
import type { SubscriptionState } from './SubscriptionState.ts'

export interface CompletedFetchOptions {
  readonly partition: TopicPartition
  readonly partitionData: FetchedPartitionData
  /** What was asked for. */
  readonly fetchOffset: number
  /** Of the whole answer, which other partitions share. */
  readonly metricAggregator: FetchMetricsAggregator
  readonly subscriptions: SubscriptionState
  readonly logger: Logger
  readonly trace: Trace
}

const NO_RECORDS = new Uint8Array(0)

export class CompletedFetch {
  readonly partition: TopicPartition
  readonly partitionData: FetchedPartitionData
  private readonly metricAggregator: FetchMetricsAggregator
  private readonly subscriptions: SubscriptionState
  private readonly logger: Logger
  private readonly trace: Trace
  private readonly batches: RecordBatchIterator
  private readonly abortedTransactions: AbortedTransactions
  private currentBatch: DefaultRecordBatch | null = null
  /** Of the current batch, read once per batch instead of once per record. */
  private timestampType: TimestampType = 'NoTimestampType'
  private isControlBatch = false
  private records: RecordIterator | null = null
  private lastRecord: DefaultRecord | null = null
  private cachedRecordException: Error | null = null
  private corruptLastRecord = false
  private nextOffset: number
  private epoch: number | null = null
  private bytesRead = 0
  private recordsRead = 0
  private consumed = false
  private initialized = false

  constructor(options: CompletedFetchOptions) {
    this.partition = options.partition
    this.partitionData = options.partitionData
    this.metricAggregator = options.metricAggregator
    this.subscriptions = options.subscriptions
    this.logger = options.logger
    this.trace = options.trace
    this.nextOffset = options.fetchOffset
    const { records, abortedTransactions } = options.partitionData
    this.batches = MemoryRecords.readableRecords(records ?? NO_RECORDS).batchIterator()
    this.abortedTransactions = new AbortedTransactions(abortedTransactions ?? [])
  }

  /** Where the partition goes on once what was returned so far is consumed. */
  nextFetchOffset(): number {
    return this.nextOffset
  }

  /** The leader epoch of the batch read last; `null` when it is not known. */
  lastEpoch(): number | null {
    return this.epoch
  }

  isInitialized(): boolean {
    return this.initialized
  }

  setInitialized(): void {
    this.initialized = true
  }

  isConsumed(): boolean {
    return this.consumed
  }

  /**
   * Whether there is a batch to begin with.
   *
   * @throws CorruptRecordException when what stands there is none
   */
  hasBatch(): boolean {
    return this.batches.hasNext()
  }

  /** Gives the rest up. */
  drain(): void {
    if (this.consumed) return
    this.records = null
    this.cachedRecordException = null
    this.consumed = true
    this.recordAggregatedMetrics(this.bytesRead, this.recordsRead)
    // Whoever has delivered goes to the end of the line, so that others come first in the next
    // request.
    if (this.bytesRead > 0) this.subscriptions.movePartitionToEnd(this.partition)
  }

  /** This partition of the answer is done: so much of it was handed out. */
  recordAggregatedMetrics(bytes: number, records: number): void {
    this.metricAggregator.record(this.partition, bytes, records)
  }

  /**
   * The next records, at most `maxRecords`.
   *
   * @throws RecordDeserializationException when the first of them cannot be deserialized
   * @throws KafkaException when the first of them cannot be read; its `cause` is a
   *   CorruptRecordException when the batch is damaged
   */
  fetchRecords<K, V>(
    fetchConfig: FetchConfig,
    deserializers: Deserializers<K, V>,
    maxRecords: number,
  ): ConsumerRecord<K, V>[] {
    if (this.corruptLastRecord) throw this.unreadable(this.cachedRecordException)
    const fetched: ConsumerRecord<K, V>[] = []
    if (this.consumed) return fetched
    try {
      while (fetched.length < maxRecords) {
        // After a failed deserialization the same record is tried again.
        if (this.cachedRecordException === null) {
          this.corruptLastRecord = true
          this.lastRecord = this.nextFetchedRecord(fetchConfig)
          this.corruptLastRecord = false
        }
        if (this.lastRecord === null) break
        fetched.push(this.parseRecord(deserializers, this.lastRecord))
        this.bytesRead += this.lastRecord.sizeInBytes
        this.recordsRead++
        this.nextOffset = this.lastRecord.offset + 1
        this.cachedRecordException = null
      }
    } catch (error) {
      if (!(error instanceof KafkaException)) throw error
      this.cachedRecordException = error
      if (fetched.length === 0) {
        throw error instanceof SerializationException ? error : this.unreadable(error)
      }
    }
    if (this.trace.enabled) {
      this.trace.emit('consumer.completedFetch.fetchRecords', {
        topic: this.partition.topic,
        partition: this.partition.partition,
        records: fetched.length,
        nextOffset: this.nextOffset,
      })
    }
    return fetched
  }

  toString(): string {
    return `CompletedFetch(${this.partition}, nextFetchOffset=${this.nextOffset})`
  }

  /** The next record that is for users; `null` at the end of what was fetched. */
  private nextFetchedRecord(fetchConfig: FetchConfig): DefaultRecord | null {
    for (;;) {
      if (this.records?.hasNext()) {
        const record = this.records.next()
        if (record.offset < this.nextOffset) continue
        if (!this.isControlBatch) return record
        this.nextOffset = record.offset + 1
      } else if (!this.nextBatch(fetchConfig)) {
        return null
      }
    }
  }

  /** Opens the next batch, or gives up at the end. @returns whether there was one */
  private nextBatch(fetchConfig: FetchConfig): boolean {
    this.records = null
    if (!this.batches.hasNext()) {
      // Compaction may have removed a batch's last records but not its last offset. Going by the
      // batch and not by the record keeps us from fetching the same batch for ever.
      if (this.currentBatch !== null) {
        this.nextOffset = Math.max(this.nextOffset, this.currentBatch.nextOffset)
      }
      this.drain()
      return false
    }
    const batch = this.batches.next()
    this.currentBatch = batch
    this.timestampType = batch.timestampType
    this.isControlBatch = batch.isControlBatch
    const leaderEpoch = batch.partitionLeaderEpoch
    this.epoch = leaderEpoch === RecordBatch.NO_PARTITION_LEADER_EPOCH ? null : leaderEpoch
    if (fetchConfig.checkCrcs) this.ensureValid(batch)
    if (
      fetchConfig.isolationLevel === 'read_committed' &&
      this.abortedTransactions.isAborted(batch)
    ) {
      this.logger.debug(
        `Skipping aborted record batch of ${this.partition} with producer id ${batch.producerId} ` +
          `and offsets ${batch.baseOffset} to ${batch.lastOffset}`,
      )
      this.nextOffset = batch.nextOffset
      return true
    }
    this.records = batch.streamingIterator()
    return true
  }

  private ensureValid(batch: DefaultRecordBatch): void {
    try {
      batch.ensureValid()
    } catch (error) {
      if (!(error instanceof CorruptRecordException)) throw error
      throw new CorruptRecordException(
        `Record batch for partition ${this.partition} at offset ${batch.baseOffset} is invalid, ` +
          `cause: ${error.message}`,
      )
    }
  }

  private parseRecord<K, V>(
    deserializers: Deserializers<K, V>,
    record: DefaultRecord,
  ): ConsumerRecord<K, V> {
    if (this.trace.enabled) {
      this.trace.emit('consumer.deserialize', {
        keyBytes: record.hasKey ? record.keySize : null,
        valueBytes: record.hasValue ? record.valueSize : null,
      })
    }
    const { topic, partition } = this.partition
    const headers = new RecordHeaders(record.headers)
    let origin: DeserializationExceptionOrigin = 'KEY'
    try {
      const key = record.hasKey
        ? deserializers.keyDeserializer.deserialize(topic, record.key, headers)
        : null
      origin = 'VALUE'
      const value = record.hasValue
        ? deserializers.valueDeserializer.deserialize(topic, record.value, headers)
        : null
      return new ConsumerRecord({
        topic,
        partition,
        offset: record.offset,
        timestamp: record.timestamp,
        timestampType: this.timestampType,
        serializedKeySize: record.keySize,
        serializedValueSize: record.valueSize,
        headers,
        key,
        value,
        leaderEpoch: this.epoch,
      })
    } catch (error) {
      throw this.notDeserializable(origin, record, headers, error)
    }
  }

  private notDeserializable(
    origin: DeserializationExceptionOrigin,
    record: DefaultRecord,
    headers: RecordHeaders,
    cause: unknown,
  ): RecordDeserializationException {
    return new RecordDeserializationException(
      {
        origin,
        topicPartition: this.partition,
        offset: record.offset,
        timestamp: record.timestamp,
        timestampType: this.timestampType,
        keyBuffer: record.key,
        valueBuffer: record.value,
        headers,
      },
      cause,
    )
  }

  /** What a caller sees of a batch or record that cannot be read. */
  private unreadable(cause: Error | null): KafkaException {
    const { topic, partition } = this.partition
    const reason = cause === null ? '' : ` (${cause.message})`
    const message =
      `Received exception when fetching the next record of topic '${topic}', partition ` +
      `${partition}, at offset ${this.nextOffset}${reason}. If needed, please seek past it to ` +
      `continue consumption: ${this.wayOn()}`
    return new KafkaException(message, { cause })
  }

  /** The end of the batch by its own word, if that can be. */
  private wayOn(): string {
    const end = this.currentBatch?.nextOffset ?? 0
    return end > this.nextOffset
      ? `the batch says that it ends before offset ${end}.`
      : `try offset ${this.nextOffset + 1}.`
  }
}
