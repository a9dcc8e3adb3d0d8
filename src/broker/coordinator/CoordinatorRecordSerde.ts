/**
 * A coordinator's records as bytes. Both key and value begin with a short: the key's says what kind
 * of record it is, the value's in which version it is written.
 *
 *     key     │ 00 01 │ group topic partition            kind 1: an offset
 *     value   │ 00 04 │ offset leaderEpoch metadata …    in version 4
 *
 * @kafka org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde
 * @kafka org.apache.kafka.coordinator.common.runtime.Deserializer
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { KafkaException } from '../../common/errors.ts'
import { MessageWriter } from '../../protocol/schema/MessageWriter.ts'
import type { Message } from '../../protocol/schema/message.ts'

/** @kafka org.apache.kafka.coordinator.common.runtime.Deserializer.UnknownRecordTypeException */
export class UnknownRecordTypeException extends KafkaException {
  readonly unknownType: number

  constructor(unknownType: number) {
    super(`Found an unknown record type ${unknownType}`)
    this.unknownType = unknownType
  }
}

/** @kafka org.apache.kafka.coordinator.common.runtime.Deserializer.UnknownRecordVersionException */
export class UnknownRecordVersionException extends KafkaException {
  readonly type: number
  readonly unknownVersion: number

  constructor(type: number, unknownVersion: number) {
    super(`Found an unknown record version ${unknownVersion} for ${type} type`)
    this.type = type
    this.unknownVersion = unknownVersion
  }
}

export interface CoordinatorRecordSerde<U> {
  serializeKey(record: U): Uint8Array
  /** `null` for a tombstone. */
  serializeValue(record: U): Uint8Array | null
  /**
   * @throws UnknownRecordTypeException for a kind that there is not, UnknownRecordVersionException
   *   for a version that there is not, KafkaException for bytes that are neither
   */
  deserialize(key: Uint8Array | null, value: Uint8Array | null): U
}

/** @kafka org.apache.kafka.common.protocol.MessageUtil (toVersionPrefixedBytes) */
export const toVersionPrefixedBytes = <Input>(
  prefix: number,
  schema: Message<unknown, Input>,
  version: number,
  data: Input,
): Uint8Array => {
  const out = new MessageWriter()
  out.writeShort(prefix)
  schema.encode(data, version, out)
  return out.toBytes()
}

/** The two bytes in front, which are read past. */
export const readVersion = (buffer: ByteBuffer, name: 'key' | 'value'): number => {
  if (buffer.remaining() < 2) {
    throw new KafkaException(`Could not read version from ${name}'s buffer.`)
  }
  return buffer.getShort()
}

/** @param prefix what stood in front of it, for the error */
export const readMessage = <Data>(
  schema: Message<Data, never>,
  buffer: ByteBuffer,
  version: number,
  name: 'key' | 'value',
  prefix = version,
): Data => {
  try {
    return schema.decode(buffer, version)
  } catch (error) {
    throw new KafkaException(
      `Could not read record with version ${prefix} from ${name}'s buffer due to: ` +
        `${error instanceof Error ? error.message : error}.`,
      { cause: error },
    )
  }
}
