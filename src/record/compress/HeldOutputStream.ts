/**
 * Holds plain records, and compresses them in one call at close.
 *
 * For the codecs that have no synchronous streaming coder everywhere (gzip, zstd): a simulated run
 * must not wait for a thread pool. What is held doubles when it is full, so a batch of n bytes
 * costs less than 2n bytes of copying.
 *
 * I1  Nothing reaches the batch before `close`; after `close` nothing is held.
 *
 * @kafka org.apache.kafka.common.compress.GzipOutputStream
 * @simplified Java compresses while records arrive and holds 16 KiB at most.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { ByteBufferOutputStream } from '../../common/ByteBufferOutputStream.ts'
import { IllegalStateException } from '../../common/errors.ts'
import type { RecordOutputStream } from './Codec.ts'

/** Bytes held before the first growth: what Java buffers in front of its deflater. */
const FIRST_BUFFER_SIZE = 16 * 1024

export class HeldOutputStream implements RecordOutputStream {
  private readonly target: ByteBufferOutputStream
  private readonly compress: (plain: Uint8Array) => Uint8Array
  private held: ByteBufferOutputStream | null = new ByteBufferOutputStream(FIRST_BUFFER_SIZE)

  constructor(target: ByteBufferOutputStream, compress: (plain: Uint8Array) => Uint8Array) {
    this.target = target
    this.compress = compress
  }

  buffer(): ByteBuffer {
    return this.open().buffer()
  }

  ensureRemaining(bytes: number): void {
    const held = this.open()
    if (held.remaining() < bytes) held.ensureRemaining(Math.max(bytes, held.limit()))
  }

  close(): void {
    if (this.held === null) return
    const plain = this.held.buffer()
    this.held = null
    this.target.writeBytes(this.compress(plain.bytes.subarray(0, plain.position)))
  }

  private open(): ByteBufferOutputStream {
    if (this.held === null) throw new IllegalStateException('The stream is already closed')
    return this.held
  }
}
