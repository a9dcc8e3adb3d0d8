/**
 * A whole number as eight bytes, the highest first, as Java's `long`.
 *
 * @kafka org.apache.kafka.common.serialization.LongSerializer
 * @simplified takes a safe integer (within ±2^53), since a `bigint` costs much and is seldom
 *   needed; `BigLongSerializer` writes all 64 bits.
 */

import { EightBytes } from './EightBytes.ts'
import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

const TWO_32 = 2 ** 32

export class LongSerializer implements Serializer<number> {
  private readonly scratch = new EightBytes()

  serialize(topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if (!Number.isSafeInteger(data)) {
      throw notTaken(
        'Long',
        'whole numbers within ±2^53',
        data,
        topic,
        'take BigLongSerializer, which takes bigint, for larger ones',
      )
    }
    const { view } = this.scratch
    view.setInt32(0, Math.floor(data / TWO_32))
    view.setInt32(4, data | 0)
    return this.scratch.copy(8)
  }
}
