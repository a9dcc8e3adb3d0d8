/**
 * Four bytes to a 32-bit whole number.
 *
 * @kafka org.apache.kafka.common.serialization.IntegerDeserializer
 */

import { SerializationException } from '../errors.ts'
import type { Deserializer } from './Deserializer.ts'

export class IntegerDeserializer implements Deserializer<number> {
  deserialize(_topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    if (data.length !== 4) {
      throw new SerializationException(
        `IntegerDeserializer reads 4 bytes, got ${data.length}: did IntegerSerializer write them?`,
      )
    }
    return (data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!
  }
}
