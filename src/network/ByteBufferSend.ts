/**
 * A request or a response as a list of slices, never concatenated: headers from here, the record
 * batch straight from its pooled buffer.
 *
 *     [ size, header ][ topic, partition ][ record batch ][ tagged fields ]
 *       └── written ──────────────►│ remaining
 *
 * I1  Until `completed()`, the slices' bytes belong to this send: the channel may hold them by
 *     reference. After it, a pooled buffer may be reused.
 *
 * @kafka org.apache.kafka.common.network.ByteBufferSend
 */

import { IllegalArgumentException } from '../common/errors.ts'
import type { Send, TransferableChannel } from './Send.ts'

export class ByteBufferSend implements Send {
  /** What is left to write. */
  private slices: readonly Uint8Array[]
  private readonly sizeBytes: number
  private remainingBytes: number
  private pending = false

  /** @param slices in the order of the wire, the 4-byte size prefix included */
  constructor(slices: readonly Uint8Array[]) {
    let size = 0
    for (let i = 0; i < slices.length; i++) size += slices[i]!.length
    this.slices = slices
    this.sizeBytes = this.remainingBytes = size
  }

  /** A frame of one payload: its size in 4 bytes, then the payload itself. */
  static sizePrefixed(payload: Uint8Array): ByteBufferSend {
    const size = new Uint8Array(4)
    new DataView(size.buffer).setInt32(0, payload.length)
    return new ByteBufferSend([size, payload])
  }

  completed(): boolean {
    return this.remainingBytes === 0 && !this.pending
  }

  size(): number {
    return this.sizeBytes
  }

  /** Bytes that the channel has not taken yet. */
  remaining(): number {
    return this.remainingBytes
  }

  writeTo(channel: TransferableChannel): number {
    const written = channel.write(this.slices)
    if (written < 0 || written > this.remainingBytes) {
      throw new IllegalArgumentException(
        `The channel says it wrote ${written} of ${this.remainingBytes} bytes`,
      )
    }
    this.remainingBytes -= written
    this.slices = this.remainingBytes === 0 ? [] : withoutFirst(this.slices, written)
    this.pending = channel.hasPendingWrites()
    return written
  }

  toString(): string {
    return (
      `ByteBufferSend(size=${this.sizeBytes}, remaining=${this.remainingBytes}, ` +
      `pending=${this.pending})`
    )
  }
}

/** What follows the first `count` bytes of `slices`. */
const withoutFirst = (slices: readonly Uint8Array[], count: number): readonly Uint8Array[] => {
  if (count === 0) return slices
  let left = count
  let i = 0
  while (left >= slices[i]!.length) left -= slices[i++]!.length
  return [slices[i]!.subarray(left), ...slices.slice(i + 1)]
}
