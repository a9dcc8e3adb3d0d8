/**
 * A `ByteBuffer` to read from, on the fetched bytes.
 *
 * @kafka org.apache.kafka.common.serialization.ByteBufferDeserializer
 */

import { ByteBuffer } from '../ByteBuffer.ts'
import type { Deserializer } from './Deserializer.ts'

export class ByteBufferDeserializer implements Deserializer<ByteBuffer> {
  deserialize(_topic: string, data: Uint8Array | null): ByteBuffer | null {
    return data === null ? null : ByteBuffer.wrap(data)
  }
}
