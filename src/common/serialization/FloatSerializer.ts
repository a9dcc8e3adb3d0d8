/**
 * A number as four bytes: IEEE 754, single precision, the highest byte first.
 *
 * JavaScript's numbers have double precision, so most lose digits here: 0.1 comes back as
 * 0.10000000149011612. `DoubleSerializer` keeps them.
 *
 * @kafka org.apache.kafka.common.serialization.FloatSerializer
 * @simplified NaN is written as Java's `Float.NaN`: JavaScript does not keep the other bits that a
 *   NaN may have.
 */

import { EightBytes } from './EightBytes.ts'
import { notTaken } from './refusals.ts'
import type { Serializer } from './Serializer.ts'

export class FloatSerializer implements Serializer<number> {
  private readonly scratch = new EightBytes()

  serialize(topic: string, data: number | null): Uint8Array | null {
    if (data === null) return null
    if (typeof data !== 'number') {
      throw notTaken('Float', 'numbers', data, topic)
    }
    this.scratch.view.setFloat32(0, data)
    return this.scratch.copy(4)
  }
}
