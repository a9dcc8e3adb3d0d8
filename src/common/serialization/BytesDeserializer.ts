/**
 * Bytes as a value that can be compared, and be the key of a map by its text.
 *
 * @kafka org.apache.kafka.common.serialization.BytesDeserializer
 */

import { Bytes } from '../Bytes.ts'
import type { Deserializer } from './Deserializer.ts'

export class BytesDeserializer implements Deserializer<Bytes> {
  deserialize(_topic: string, data: Uint8Array | null): Bytes | null {
    return data === null ? null : new Bytes(data)
  }
}
