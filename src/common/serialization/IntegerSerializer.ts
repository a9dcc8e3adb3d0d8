/**
 * A 32-bit whole number as four bytes, the highest first.
 *
 * @kafka org.apache.kafka.common.serialization.IntegerSerializer
 */

import { SerializationException } from '../errors.ts'
import type { Serializer } from './Serializer.ts'

export class IntegerSerializer implements Serializer<number> {
  serialize(_topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if ((data | 0) !== data) {
      throw new SerializationException(
        `IntegerSerializer writes whole numbers of 32 bits, got ${data}: take LongSerializer`,
      )
    }
    return Uint8Array.of(data >>> 24, data >>> 16, data >>> 8, data)
  }
}
