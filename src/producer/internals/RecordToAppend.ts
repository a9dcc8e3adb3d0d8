/**
 * A record on its way from `KafkaProducer.doSend` into its batch: serialized, its partition perhaps
 * still open.
 *
 * The producer has one of these and fills it again for every record, so handing a record down costs
 * no object. Whoever has to keep it over an `await` makes a copy first.
 *
 * @simplified Java hands these parts down as eight parameters.
 */

import { RecordTooLargeException } from '../../common/errors/ApiExceptions.ts'
import type { Header } from '../../common/header/Header.ts'
import { AbstractRecords } from '../../record/AbstractRecords.ts'
import type { ProducerRecord } from '../ProducerRecord.ts'
import { RecordMetadata } from '../RecordMetadata.ts'
import type { AppendCallback } from './AppendCallbacks.ts'

export interface RecordParts {
  readonly topic: string
  /** `RecordMetadata.UNKNOWN_PARTITION`: any will do. */
  readonly partition: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly Header[]
  readonly callback: AppendCallback | null
}

const NO_HEADERS: readonly Header[] = Object.freeze([])

export class RecordToAppend implements RecordParts {
  topic = ''
  partition: number = RecordMetadata.UNKNOWN_PARTITION
  timestamp: number = RecordMetadata.NO_TIMESTAMP
  key: Uint8Array | null = null
  value: Uint8Array | null = null
  headers: readonly Header[] = NO_HEADERS
  callback: AppendCallback | null = null
  /** Bytes that suffice for a batch of this record alone, before compression. */
  sizeUpperBound = 0

  static of(parts: RecordParts): RecordToAppend {
    const record = new RecordToAppend()
    record.topic = parts.topic
    record.partition = parts.partition
    record.timestamp = parts.timestamp
    record.key = parts.key
    record.value = parts.value
    record.headers = parts.headers
    record.callback = parts.callback
    record.measure()
    return record
  }

  /** Everything of `record`, whose bytes and partition are known now. */
  fill<K, V>(
    record: ProducerRecord<K, V>,
    partition: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    callback: AppendCallback | null,
  ): void {
    this.topic = record.topic
    this.partition = partition
    this.timestamp = timestamp
    this.key = key
    this.value = value
    this.headers = record.headerArray()
    this.callback = callback
    this.measure()
  }

  private measure(): void {
    this.sizeUpperBound = AbstractRecords.estimateSizeInBytesUpperBound(
      this.key,
      this.value,
      this.headers,
    )
  }

  /**
   * @throws RecordTooLargeException when it can be in no request, or in no memory of this
   * producer's
   */
  ensureValidRecordSize(maxRequestSize: number, totalMemorySize: number): void {
    const size = this.sizeUpperBound
    if (size <= maxRequestSize && size <= totalMemorySize) return
    const limit =
      size > maxRequestSize
        ? `${maxRequestSize}, which is the value of the max.request.size configuration.`
        : `the total memory buffer of ${totalMemorySize} bytes, which is the value of the ` +
          'buffer.memory configuration.'
    throw new RecordTooLargeException(
      `The message is ${size} bytes when serialized which is larger than ${limit}`,
    )
  }

  copy(): RecordToAppend {
    return RecordToAppend.of(this)
  }

  toString(): string {
    return `RecordToAppend(${this.topic}-${this.partition}, at most ${this.sizeUpperBound} bytes)`
  }
}
