/**
 * A `ByteBuffer` from its first byte to its limit; where its position is does not matter, and it is
 * at 0 afterwards.
 *
 * So a buffer that was filled by `put…` must be flipped: the room behind what was written is
 * written too.
 *
 * @kafka org.apache.kafka.common.serialization.ByteBufferSerializer
 */

import type { ByteBuffer } from '../ByteBuffer.ts'
import type { Serializer } from './Serializer.ts'

export class ByteBufferSerializer implements Serializer<ByteBuffer> {
  serialize(_topic: string, data: ByteBuffer | null): Uint8Array | null {
    if (data === null) return null
    data.rewind()
    // All of it is handed over as it is; a part is copied, for what is around it is the caller's.
    return data.limit === data.capacity ? data.bytes : data.bytes.slice(0, data.limit)
  }
}
