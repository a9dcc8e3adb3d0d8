/**
 * How bytes travel on one connection: as they are, or through TLS.
 *
 * @kafka org.apache.kafka.common.network.TransportLayer
 */

import type { ReadableChannel } from './NetworkReceive.ts'
import type { SelectionKey } from './nio/SelectionKey.ts'
import type { SocketChannel } from './nio/SocketChannel.ts'
import type { TransferableChannel } from './Send.ts'

export interface TransportLayer extends ReadableChannel, TransferableChannel {
  /** The handshake is done. */
  ready(): boolean
  /** `true` once the socket is connected; throws an `IOException` when that failed. */
  finishConnect(): boolean
  /** Takes the channel from its selector; the socket stays open until `close`. */
  disconnect(): void
  isConnected(): boolean
  socketChannel(): SocketChannel
  selectionKey(): SelectionKey<SocketChannel>
  /** One step of the handshake; nothing without TLS. */
  handshake(): void
  addInterestOps(ops: number): void
  removeInterestOps(ops: number): void
  /** Nobody wants to read from it now. */
  isMute(): boolean
  /** Bytes were taken from the socket that nobody has read yet. */
  hasBytesBuffered(): boolean
  close(): void
}
