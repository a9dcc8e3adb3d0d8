/**
 * Eight bytes to a number: IEEE 754, double precision.
 *
 * @kafka org.apache.kafka.common.serialization.DoubleDeserializer
 */

import type { Deserializer } from './Deserializer.ts'
import { EightBytes } from './EightBytes.ts'
import { checkSize } from './refusals.ts'

export class DoubleDeserializer implements Deserializer<number> {
  private readonly scratch = new EightBytes()

  deserialize(topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    checkSize(data, 8, 'Double', topic)
    return this.scratch.load(data).getFloat64(0)
  }
}
