/**
 * A 16-bit whole number as two bytes, the highest first.
 *
 * @kafka org.apache.kafka.common.serialization.ShortSerializer
 */

import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class ShortSerializer implements Serializer<number> {
  serialize(topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if (typeof data !== 'number' || (data << 16) >> 16 !== data) {
      throw notTaken(
        'Short',
        'whole numbers of 16 bits',
        data,
        topic,
        'take IntegerSerializer for larger ones',
      )
    }
    return Uint8Array.of(data >>> 8, data)
  }
}
