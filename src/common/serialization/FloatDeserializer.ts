/**
 * Four bytes to a number: IEEE 754, single precision.
 *
 * @kafka org.apache.kafka.common.serialization.FloatDeserializer
 */

import type { Deserializer } from './Deserializer.ts'
import { EightBytes } from './EightBytes.ts'
import { checkSize } from './refusals.ts'

export class FloatDeserializer implements Deserializer<number> {
  private readonly scratch = new EightBytes()

  deserialize(topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    checkSize(data, 4, 'Float', topic)
    return this.scratch.load(data).getFloat32(0)
  }
}
