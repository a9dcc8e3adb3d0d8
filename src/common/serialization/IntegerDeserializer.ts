/**
 * Four bytes to a 32-bit whole number.
 *
 * @kafka org.apache.kafka.common.serialization.IntegerDeserializer
 */

import type { Deserializer } from './Deserializer.ts'
import { checkSize } from './refusals.ts'

export class IntegerDeserializer implements Deserializer<number> {
  deserialize(topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    checkSize(data, 4, 'Integer', topic)
    return (data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!
  }
}
