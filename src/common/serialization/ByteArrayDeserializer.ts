/**
 * Bytes stay bytes.
 *
 * @kafka org.apache.kafka.common.serialization.ByteArrayDeserializer
 * @simplified a view on the fetched buffer, where Java makes a copy: `slice()` it to keep a few
 *   bytes for long.
 */

import type { Deserializer } from './Deserializer.ts'

export class ByteArrayDeserializer implements Deserializer<Uint8Array> {
  deserialize(_topic: string, data: Uint8Array | null): Uint8Array | null {
    return data
  }
}
