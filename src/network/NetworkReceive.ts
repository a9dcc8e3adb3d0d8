/**
 * One frame on its way in: a size of 4 bytes, then that many bytes.
 *
 *     ┌────────────┬──────────────────────────────┐
 *     │ size (N)   │ N bytes of payload           │
 *     └────────────┴──────────────────────────────┘
 *      checked       memory is asked for only then
 *
 * Bytes arrive in pieces of any length; `readFrom` goes on where it stopped. The size comes from
 * somebody we do not know, perhaps from somebody who does not speak Kafka at all, so it is held
 * against `maxSizeBytes` before it sizes anything.
 *
 * I1  Nothing is allocated for a size that was not checked.
 * I2  Without memory in the pool nothing of the payload is read: it stays in the socket.
 *
 * @kafka org.apache.kafka.common.network.NetworkReceive
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { EOFException, IllegalStateException, InvalidReceiveException } from '../common/errors.ts'
import { MemoryPool } from './MemoryPool.ts'

/**
 * Where a receive reads from.
 *
 * @kafka java.nio.channels.ScatteringByteChannel
 */
export interface ReadableChannel {
  /** Copies what is there into `into`; the bytes, 0 for none now, -1 at the end of the stream. */
  read(into: ByteBuffer): number
}

export interface NetworkReceiveOptions {
  /** The id of the channel. Default `''`, unknown. */
  source?: string
  /** The largest payload in bytes; default `NetworkReceive.UNLIMITED`. */
  maxSizeBytes?: number
  memoryPool?: MemoryPool
  /** A payload that is there already. */
  buffer?: ByteBuffer
  /** Four bytes for the size; who reads one frame after the other may lend the same each time. */
  sizeBuffer?: ByteBuffer
}

const SIZE_BYTES = 4
const UNKNOWN = -1

export class NetworkReceive {
  static readonly UNKNOWN_SOURCE = ''
  /** No limit but that of a signed 32-bit number. */
  static readonly UNLIMITED = -1

  readonly source: string
  private readonly maxSizeBytes: number
  private readonly memoryPool: MemoryPool
  private readonly sizeBuffer: ByteBuffer
  private requestedBytes = UNKNOWN
  private buffer: ByteBuffer | null
  private pooled = false

  constructor(options: NetworkReceiveOptions = {}) {
    this.source = options.source ?? NetworkReceive.UNKNOWN_SOURCE
    this.maxSizeBytes = options.maxSizeBytes ?? NetworkReceive.UNLIMITED
    this.memoryPool = options.memoryPool ?? MemoryPool.NONE
    this.buffer = options.buffer ?? null
    this.sizeBuffer = options.sizeBuffer?.clear() ?? ByteBuffer.allocate(SIZE_BYTES)
  }

  /** Size and payload are here. */
  complete(): boolean {
    return this.requiredMemoryAmountKnown() && this.buffer !== null && !this.buffer.hasRemaining()
  }

  /**
   * Reads what there is, and returns the bytes.
   *
   * @throws EOFException when the other side has ended the stream
   * @throws InvalidReceiveException for a size below 0 or above the limit
   */
  readFrom(channel: ReadableChannel): number {
    let read = 0
    if (!this.requiredMemoryAmountKnown()) {
      read += this.fill(this.sizeBuffer, channel)
      if (!this.sizeBuffer.hasRemaining()) this.acceptSize(this.sizeBuffer.getIntAt(0))
    }
    if (this.buffer === null && this.requiredMemoryAmountKnown()) {
      this.buffer = this.memoryPool.tryAllocate(this.requestedBytes)
      this.pooled = this.buffer !== null
    }
    if (this.buffer?.hasRemaining()) read += this.fill(this.buffer, channel)
    return read
  }

  /** The size was read. */
  requiredMemoryAmountKnown(): boolean {
    return this.requestedBytes !== UNKNOWN
  }

  memoryAllocated(): boolean {
    return this.buffer !== null
  }

  /** The payload's bytes; from its first byte once the frame is complete and was handed out. */
  payload(): ByteBuffer {
    if (this.buffer === null) {
      throw new IllegalStateException('The receive has no payload: not read yet, or closed.')
    }
    return this.buffer
  }

  /** Bytes read so far, the size included. */
  bytesRead(): number {
    const ofSize = this.requiredMemoryAmountKnown() ? SIZE_BYTES : this.sizeBuffer.position
    return ofSize + (this.buffer?.position ?? 0)
  }

  /** Bytes on the wire in all, the size included; as `NetworkSend.size`. */
  size(): number {
    return SIZE_BYTES + this.payload().limit
  }

  /** Gives the memory back to the pool; whoever took a completed receive must do so. */
  close(): void {
    const { buffer } = this
    if (!this.pooled || buffer === null) return
    this.pooled = false
    this.buffer = null
    this.memoryPool.release(buffer)
  }

  private acceptSize(size: number): void {
    if (size < 0) throw new InvalidReceiveException(`Invalid receive (size = ${size})`)
    if (this.maxSizeBytes !== NetworkReceive.UNLIMITED && size > this.maxSizeBytes) {
      throw new InvalidReceiveException(
        `Invalid receive (size = ${size} larger than ${this.maxSizeBytes})`,
      )
    }
    this.requestedBytes = size
    // Nothing to read and nothing to ask a pool for; SASL sends such frames.
    if (size === 0) this.buffer = ByteBuffer.allocate(0)
  }

  private fill(into: ByteBuffer, channel: ReadableChannel): number {
    const read = channel.read(into)
    if (read < 0) throw new EOFException('The other side ended the stream.')
    return read
  }
}
