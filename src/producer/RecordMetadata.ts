/**
 * Where a record ended up: its partition, and the offset that the broker gave it.
 *
 * A whole batch gets one base offset; a record's own is that plus its place in the batch. With
 * `acks=0` nobody answers, so nobody knows the offset; the same holds for a record that failed.
 * Both have `NO_OFFSET`.
 *
 * @kafka org.apache.kafka.clients.producer.RecordMetadata
 */

import type { TopicPartition } from '../common/TopicPartition.ts'

export class RecordMetadata {
  /** Stands for "no partition was chosen", in a record that failed before. */
  static readonly UNKNOWN_PARTITION = -1
  static readonly NO_OFFSET = -1
  static readonly NO_TIMESTAMP = -1

  readonly topicPartition: TopicPartition
  readonly offset: number
  readonly timestamp: number
  readonly serializedKeySize: number
  readonly serializedValueSize: number

  /**
   * @param baseOffset of the batch; -1 when the broker did not tell one
   * @param batchIndex the record's place in its batch, from 0
   * @param timestamp milliseconds since 1970: the broker's, when the topic stamps records, else the
   *   record's own; -1: none
   * @param serializedKeySize bytes of the key, -1 for null; so is the value's
   */
  constructor(
    topicPartition: TopicPartition,
    baseOffset: number,
    batchIndex: number,
    timestamp: number,
    serializedKeySize: number,
    serializedValueSize: number,
  ) {
    this.topicPartition = topicPartition
    // No base, no place counted from it.
    this.offset = baseOffset === RecordMetadata.NO_OFFSET ? baseOffset : baseOffset + batchIndex
    this.timestamp = timestamp
    this.serializedKeySize = serializedKeySize
    this.serializedValueSize = serializedValueSize
  }

  /** What callbacks and interceptors get beside an error: the partition, and nothing else. */
  static ofFailed(topicPartition: TopicPartition): RecordMetadata {
    return new RecordMetadata(topicPartition, RecordMetadata.NO_OFFSET, -1, -1, -1, -1)
  }

  get topic(): string {
    return this.topicPartition.topic
  }

  get partition(): number {
    return this.topicPartition.partition
  }

  hasOffset(): boolean {
    return this.offset !== RecordMetadata.NO_OFFSET
  }

  hasTimestamp(): boolean {
    return this.timestamp !== RecordMetadata.NO_TIMESTAMP
  }

  toString(): string {
    return `${this.topicPartition}@${this.offset}`
  }
}
