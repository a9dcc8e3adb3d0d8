/**
 * One byte to true or false; any other than 1 and 0 is an error.
 *
 * @kafka org.apache.kafka.common.serialization.BooleanDeserializer
 */

import type { Deserializer } from './Deserializer.ts'
import { checkSize, notRead } from './refusals.ts'

export class BooleanDeserializer implements Deserializer<boolean> {
  deserialize(topic: string, data: Uint8Array | null): boolean | null {
    if (data === null) return null
    checkSize(data, 1, 'Boolean', topic)
    const [byte] = data
    if (byte !== 0 && byte !== 1) {
      throw notRead('Boolean', '1 or 0', byte!, topic)
    }
    return byte === 1
  }
}
