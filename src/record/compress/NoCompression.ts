/**
 * The codec that is none: records are encoded straight into the batch, and read straight from it.
 *
 * @kafka org.apache.kafka.common.compress.NoCompression
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import type { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { CompressionType } from '../CompressionType.ts'
import type { Codec, RecordOutputStream } from './Codec.ts'

export class NoCompression implements Codec {
  readonly type = CompressionType.NONE

  wrapForOutput(stream: ByteBufferOutputStream): RecordOutputStream {
    return new PlainOutputStream(stream)
  }

  wrapForInput(bytes: Uint8Array): Uint8Array {
    return bytes
  }
}

/** The batch's own stream, with a `close` that has nothing to do. */
class PlainOutputStream implements RecordOutputStream {
  private readonly stream: ByteBufferOutputStream

  constructor(stream: ByteBufferOutputStream) {
    this.stream = stream
  }

  buffer(): ByteBuffer {
    return this.stream.buffer()
  }

  ensureRemaining(bytes: number): void {
    this.stream.ensureRemaining(bytes)
  }

  close(): void {}
}
