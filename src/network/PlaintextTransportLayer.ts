/**
 * Bytes as they are: each call goes straight to the socket.
 *
 * @kafka org.apache.kafka.common.network.PlaintextTransportLayer
 * @simplified Java's socket copies what it takes, so nothing is ever pending there. Ours keeps a
 *   reference to what the kernel did not take at once, and `hasPendingWrites` says so.
 */

import type { ByteBuffer } from '../common/ByteBuffer.ts'
import type { Trace } from '../common/Trace.ts'
import { SelectionKey } from './nio/SelectionKey.ts'
import type { SocketChannel } from './nio/SocketChannel.ts'
import type { TransportLayer } from './TransportLayer.ts'

export class PlaintextTransportLayer implements TransportLayer {
  private readonly key: SelectionKey<SocketChannel>
  private readonly channel: SocketChannel
  private readonly channelId: string
  private readonly trace: Trace

  constructor(key: SelectionKey<SocketChannel>, channelId: string, trace: Trace) {
    this.key = key
    this.channel = key.channel
    this.channelId = channelId
    this.trace = trace
  }

  ready(): boolean {
    return true
  }

  finishConnect(): boolean {
    const connected = this.channel.finishConnect()
    if (connected) {
      const { OP_CONNECT, OP_READ } = SelectionKey
      this.key.setInterestOps((this.key.interestOps() & ~OP_CONNECT) | OP_READ)
    }
    return connected
  }

  disconnect(): void {
    this.key.cancel()
  }

  isConnected(): boolean {
    return this.channel.isConnected()
  }

  socketChannel(): SocketChannel {
    return this.channel
  }

  selectionKey(): SelectionKey<SocketChannel> {
    return this.key
  }

  handshake(): void {}

  read(into: ByteBuffer): number {
    const bytes = this.channel.read(into)
    if (this.trace.enabled) {
      this.trace.emit('network.transport.read', { channel: this.channelId, bytes })
    }
    return bytes
  }

  write(buffers: readonly Uint8Array[]): number {
    const bytes = this.channel.write(buffers)
    if (this.trace.enabled) {
      const fields = { channel: this.channelId, buffers: buffers.length, bytes }
      this.trace.emit('network.transport.write', fields)
    }
    return bytes
  }

  hasPendingWrites(): boolean {
    return this.channel.hasPendingWrites()
  }

  addInterestOps(ops: number): void {
    this.key.setInterestOps(this.key.interestOps() | ops)
  }

  removeInterestOps(ops: number): void {
    this.key.setInterestOps(this.key.interestOps() & ~ops)
  }

  isMute(): boolean {
    return this.key.isValid() && (this.key.interestOps() & SelectionKey.OP_READ) === 0
  }

  hasBytesBuffered(): boolean {
    return false
  }

  close(): void {
    this.channel.close()
  }
}
