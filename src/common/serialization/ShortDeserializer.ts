/**
 * Two bytes to a 16-bit whole number.
 *
 * @kafka org.apache.kafka.common.serialization.ShortDeserializer
 */

import type { Deserializer } from './Deserializer.ts'
import { checkSize } from './refusals.ts'

export class ShortDeserializer implements Deserializer<number> {
  deserialize(topic: string, data: Uint8Array | null): number | null {
    if (data === null) return null
    checkSize(data, 2, 'Short', topic)
    return ((data[0]! << 24) >> 16) | data[1]!
  }
}
