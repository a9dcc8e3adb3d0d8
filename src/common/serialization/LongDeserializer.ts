/**
 * Eight bytes to a whole number.
 *
 * @kafka org.apache.kafka.common.serialization.LongDeserializer
 * @simplified gives a `number`; what is outside ±2^53 is a `SerializationException`, never a
 *   rounded value.
 */

import { ByteBuffer } from '../ByteBuffer.ts'
import { SerializationException } from '../errors.ts'
import type { Deserializer } from './Deserializer.ts'

export class LongDeserializer implements Deserializer<number> {
  deserialize(_topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    if (data.length !== 8) {
      throw new SerializationException(
        `LongDeserializer reads 8 bytes, got ${data.length}: did LongSerializer write them?`,
      )
    }
    const value = ByteBuffer.wrap(data).getBigLong()
    const number = Number(value)
    if (!Number.isSafeInteger(number)) {
      throw new SerializationException(
        `LongDeserializer reads numbers within ±2^53, got ${value}: take one of your own`,
      )
    }
    return number
  }
}
