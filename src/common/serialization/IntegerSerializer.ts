/**
 * A 32-bit whole number as four bytes, the highest first.
 *
 * @kafka org.apache.kafka.common.serialization.IntegerSerializer
 */

import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class IntegerSerializer implements Serializer<number> {
  serialize(topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if (typeof data !== 'number' || (data | 0) !== data) {
      throw notTaken(
        'Integer',
        'whole numbers of 32 bits',
        data,
        topic,
        'take LongSerializer for larger ones',
      )
    }
    const bytes = new Uint8Array(4)
    bytes[0] = data >>> 24
    bytes[1] = data >>> 16
    bytes[2] = data >>> 8
    bytes[3] = data
    return bytes
  }
}
