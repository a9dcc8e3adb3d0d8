/**
 * What a program hands to `KafkaProducer.send`: a topic, a value, and what may go with it.
 *
 *     { topic: 'orders', value }                         any partition will do
 *     { topic: 'orders', key, value }                    the key's partition, always the same one
 *     { topic: 'orders', partition: 3, value }           that one
 *
 * `send` takes a plain object of this shape as well as an instance; the class checks it, and gives
 * it its headers.
 *
 * I1  Partition and timestamp are `null` or not negative: what the caller did not choose is chosen
 *     later.
 * I2  Once the record was sent its headers are read-only: the bytes may be written already.
 *
 * @kafka org.apache.kafka.clients.producer.ProducerRecord
 * @simplified one constructor with named parts instead of six with positions.
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { Header } from '../common/header/Header.ts'
import type { Headers } from '../common/header/Headers.ts'
import { RecordHeader } from '../common/header/RecordHeader.ts'
import { RecordHeaders } from '../common/header/RecordHeaders.ts'

/** The parts of a record. */
export interface ProducerRecordInput<K, V> {
  readonly topic: string
  /** Default `null`: the partitioner chooses. */
  readonly partition?: number | null
  /**
   * Milliseconds since 1970. Default `null`: the time of `send`. A topic whose
   * `message.timestamp.type` is `LogAppendTime` replaces it.
   */
  readonly timestamp?: number | null
  /** Default `null`. */
  readonly key?: K | null
  /** `null` is a tombstone: a compacted topic forgets the key. */
  readonly value: V | null
  /** Copied. Default none. */
  readonly headers?: Iterable<Header>
}

const NO_HEADERS: readonly Header[] = Object.freeze([])

export class ProducerRecord<K = never, V = never> {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number | null
  readonly key: K | null
  readonly value: V | null
  /** Made when somebody asks: most records have none, and an object for each would be felt. */
  private recordHeaders: RecordHeaders | null
  private sent = false

  /**
   * @throws IllegalArgumentException for a missing topic, a negative partition or timestamp (I1)
   */
  constructor(parts: ProducerRecordInput<K, V>) {
    const { topic, partition = null, timestamp = null, key = null, headers } = parts
    if (topic === null || topic === undefined) {
      throw new IllegalArgumentException('A record needs a topic: null is not permitted')
    }
    if (typeof topic !== 'string') {
      throw new IllegalArgumentException(`The topic of a record is a string, not ${typeof topic}`)
    }
    if (timestamp !== null && !(timestamp >= 0 && Number.isSafeInteger(timestamp))) {
      throw new IllegalArgumentException(
        `Invalid timestamp: ${timestamp}. Give milliseconds since 1970, or null.`,
      )
    }
    if (partition !== null && !(partition >= 0 && Number.isInteger(partition))) {
      throw new IllegalArgumentException(
        `Invalid partition: ${partition}. Give a partition of the topic from 0 on, or null.`,
      )
    }
    this.topic = topic
    this.partition = partition
    this.timestamp = timestamp
    this.key = key
    this.value = parts.value ?? null
    this.recordHeaders = headers === undefined ? null : new RecordHeaders(headers)
  }

  /** Interceptors and serializers may add to them until the record is on its way. */
  get headers(): Headers {
    if (this.recordHeaders === null) {
      this.recordHeaders = new RecordHeaders()
      if (this.sent) this.recordHeaders.setReadOnly()
    }
    return this.recordHeaders
  }

  /** The headers for the batch; without making any, when there are none. */
  headerArray(): readonly Header[] {
    return this.recordHeaders === null ? NO_HEADERS : this.recordHeaders.toArray()
  }

  /** I2. */
  setReadOnly(): void {
    this.sent = true
    this.recordHeaders?.setReadOnly()
  }

  /** Whether topic, partition, timestamp, key, value and headers are the same. */
  equals(other: ProducerRecord<K, V>): boolean {
    return (
      this.topic === other.topic &&
      this.partition === other.partition &&
      this.timestamp === other.timestamp &&
      Object.is(this.key, other.key) &&
      Object.is(this.value, other.value) &&
      describe(this.headerArray()) === describe(other.headerArray())
    )
  }

  toString(): string {
    return (
      `ProducerRecord(topic=${this.topic}, partition=${this.partition}, ` +
      `headers=[${describe(this.headerArray())}], key=${this.key}, value=${this.value}, ` +
      `timestamp=${this.timestamp})`
    )
  }
}

/** Also of headers that were written as plain objects. */
const describe = (headers: readonly Header[]): string =>
  headers.map(({ key, value }) => String(new RecordHeader(key, value))).join(', ')
