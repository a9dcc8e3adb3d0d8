/**
 * The bytes that a `Bytes` holds.
 *
 * @kafka org.apache.kafka.common.serialization.BytesSerializer
 */

import type { Bytes } from '../Bytes.ts'
import type { Serializer } from './Serializer.ts'

export class BytesSerializer implements Serializer<Bytes> {
  serialize(_topic: string, data: Bytes | null): Uint8Array | null {
    return data === null ? null : data.get()
  }
}
