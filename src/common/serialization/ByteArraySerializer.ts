/**
 * Bytes stay bytes.
 *
 * @kafka org.apache.kafka.common.serialization.ByteArraySerializer
 */

import type { Serializer } from './Serializer.ts'

export class ByteArraySerializer implements Serializer<Uint8Array> {
  serialize(_topic: string, data: Uint8Array | null): Uint8Array | null {
    return data
  }
}
