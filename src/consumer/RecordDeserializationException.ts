/**
 * The bytes of a key or value are not what the deserializer expects.
 *
 * The record is named, and its bytes are here, so that a caller can put them aside and go on:
 *
 *     catch (e) {
 *       if (!(e instanceof RecordDeserializationException)) throw e
 *       consumer.seek(e.topicPartition, e.offset + 1)
 *     }
 *
 * @kafka org.apache.kafka.common.errors.RecordDeserializationException
 */

import { SerializationException } from '../common/errors.ts'
import type { Headers } from '../common/header/Headers.ts'
import type { TopicPartition } from '../common/TopicPartition.ts'
import type { TimestampType } from '../record/TimestampType.ts'

/** Which half of the record it was. */
export type DeserializationExceptionOrigin = 'KEY' | 'VALUE'

export interface RecordDeserializationFields {
  readonly origin: DeserializationExceptionOrigin
  readonly topicPartition: TopicPartition
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: TimestampType
  /** A view on the fetched bytes. */
  readonly keyBuffer: Uint8Array | null
  /** A view on the fetched bytes. */
  readonly valueBuffer: Uint8Array | null
  readonly headers: Headers
}

export class RecordDeserializationException
  extends SerializationException
  implements RecordDeserializationFields
{
  readonly origin: DeserializationExceptionOrigin
  readonly topicPartition: TopicPartition
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: TimestampType
  readonly keyBuffer: Uint8Array | null
  readonly valueBuffer: Uint8Array | null
  readonly headers: Headers

  /** @param cause what the deserializer threw */
  constructor(fields: RecordDeserializationFields, cause: unknown) {
    super(
      `Error deserializing ${fields.origin} for partition ${fields.topicPartition} ` +
        `at offset ${fields.offset}. If needed, please seek past the record to continue ` +
        'consumption.',
      { cause },
    )
    this.origin = fields.origin
    this.topicPartition = fields.topicPartition
    this.offset = fields.offset
    this.timestamp = fields.timestamp
    this.timestampType = fields.timestampType
    this.keyBuffer = fields.keyBuffer
    this.valueBuffer = fields.valueBuffer
    this.headers = fields.headers
  }
}
