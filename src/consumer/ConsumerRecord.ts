/**
 * One record, as the caller of `poll` gets it.
 *
 * A plain object, made once and never changed. Key and value are what the deserializers made of the
 * bytes; the sizes say how many bytes those were.
 *
 * @kafka org.apache.kafka.clients.consumer.ConsumerRecord
 * @simplified no `deliveryCount`: only share groups count deliveries.
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { Headers } from '../common/header/Headers.ts'
import { RecordHeaders } from '../common/header/RecordHeaders.ts'
import { RecordBatch } from '../record/RecordBatch.ts'
import { TimestampType } from '../record/TimestampType.ts'

export interface ConsumerRecordFields<K, V> {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: K | null
  readonly value: V | null
  /** Milliseconds since 1970. Default: none (-1). */
  readonly timestamp?: number
  readonly timestampType?: TimestampType
  /** Bytes; -1 for null. */
  readonly serializedKeySize?: number
  readonly serializedValueSize?: number
  readonly headers?: Headers
  readonly leaderEpoch?: number | null
}

export class ConsumerRecord<K, V> {
  static readonly NO_TIMESTAMP = RecordBatch.NO_TIMESTAMP
  /** The size of a key or value that is null. */
  static readonly NULL_SIZE = -1

  readonly topic: string
  readonly partition: number
  /** The record's place in its partition. */
  readonly offset: number
  /** Milliseconds since 1970; whose clock it was, `timestampType` says. */
  readonly timestamp: number
  readonly timestampType: TimestampType
  /** Bytes of the key as it was stored, -1 for null. */
  readonly serializedKeySize: number
  /** Bytes of the value as it was stored, -1 for null. */
  readonly serializedValueSize: number
  readonly headers: Headers
  readonly key: K | null
  /** `null` is a tombstone: the record deletes its key from a compacted topic. */
  readonly value: V | null
  /** In which leader's reign the record was written; `null` when it is not known. */
  readonly leaderEpoch: number | null

  constructor(fields: ConsumerRecordFields<K, V>) {
    if (!fields.topic) throw new IllegalArgumentException('A record needs a topic.')
    this.topic = fields.topic
    this.partition = fields.partition
    this.offset = fields.offset
    this.timestamp = fields.timestamp ?? RecordBatch.NO_TIMESTAMP
    this.timestampType = fields.timestampType ?? TimestampType.NO_TIMESTAMP_TYPE
    this.serializedKeySize = fields.serializedKeySize ?? -1
    this.serializedValueSize = fields.serializedValueSize ?? -1
    this.headers = fields.headers ?? new RecordHeaders()
    this.key = fields.key
    this.value = fields.value
    this.leaderEpoch = fields.leaderEpoch ?? null
  }

  toString(): string {
    return (
      `ConsumerRecord(topic = ${this.topic}, partition = ${this.partition}, ` +
      `leaderEpoch = ${this.leaderEpoch}, offset = ${this.offset}, ` +
      `${this.timestampType} = ${this.timestamp}, ` +
      `serialized key size = ${this.serializedKeySize}, ` +
      `serialized value size = ${this.serializedValueSize}, ` +
      `headers = ${this.headers}, key = ${this.key}, value = ${this.value})`
    )
  }
}
