/**
 * A whole number as eight bytes, the highest first, as Java's `long`.
 *
 * @kafka org.apache.kafka.common.serialization.LongSerializer
 * @simplified takes a safe integer (within ±2^53), since `bigint` costs much and is seldom needed.
 */

import { ByteBuffer } from '../ByteBuffer.ts'
import { SerializationException } from '../errors.ts'
import type { Serializer } from './Serializer.ts'

export class LongSerializer implements Serializer<number> {
  serialize(_topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if (!Number.isSafeInteger(data)) {
      throw new SerializationException(
        `LongSerializer writes whole numbers within ±2^53, got ${data}`,
      )
    }
    return ByteBuffer.allocate(8).putLong(data).bytes
  }
}
