/**
 * For keys or values that are never there: bytes are an error.
 *
 * @kafka org.apache.kafka.common.serialization.VoidDeserializer
 */

import { IllegalArgumentException } from '../errors.ts'
import type { Deserializer } from './Deserializer.ts'

export class VoidDeserializer implements Deserializer<never> {
  deserialize(topic: string, data: Uint8Array | null): null {
    if (data !== null) {
      throw new IllegalArgumentException(
        `VoidDeserializer reads null alone, got ${data.length} bytes from topic '${topic}': take ` +
          'the deserializer of what was written',
      )
    }
    return null
  }
}
