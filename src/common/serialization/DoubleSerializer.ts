/**
 * A number as eight bytes: IEEE 754, double precision, as JavaScript has it; the highest byte
 * first.
 *
 * @kafka org.apache.kafka.common.serialization.DoubleSerializer
 * @simplified NaN is written as Java's `Double.NaN`: JavaScript does not keep the other bits that a
 *   NaN may have.
 */

import { EightBytes } from './EightBytes.ts'
import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class DoubleSerializer implements Serializer<number> {
  private readonly scratch = new EightBytes()

  serialize(topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if (typeof data !== 'number') {
      throw notTaken('Double', 'numbers', data, topic)
    }
    this.scratch.view.setFloat64(0, data)
    return this.scratch.copy(8)
  }
}
