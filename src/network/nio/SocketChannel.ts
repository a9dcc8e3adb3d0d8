/**
 * A socket that never blocks and never calls back into anybody's logic: it only becomes ready.
 *
 *     the event loop                        a poll loop
 *     ──────────────                        ───────────
 *     bytes, FIN, errors ─► state           select ─► readyOps() ─► finishConnect / read / write
 *                     └──► onReady: marks ──┘
 *
 * Whoever registered it (`NioSelector`) is told through `onReady` that something may be possible
 * now, and asks `readyOps`; the work is done in the next `poll`. Two families implement it:
 * `TcpSocketChannel` over the machine's sockets, and the pipes of `MemoryNetwork`.
 *
 * I1  `onReady` runs no logic: it marks, and at most schedules a turn of the event loop.
 * I2  Readiness is a level, not an edge: `readyOps` says so for as long as it is so.
 * I3  Bytes given to `write` belong to the channel until `hasPendingWrites` is false.
 *
 * @kafka java.nio.channels.SocketChannel
 * @simplified one `write` takes everything it is given; what the kernel does not take at once is
 *   kept by reference. Java hands back the rest to its caller, who offers it again.
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'

/**
 * What a selector can watch.
 *
 * @kafka java.nio.channels.SelectableChannel
 */
export interface SelectableChannel {
  /** Called whenever `readyOps` may have gained a bit. Set by the one selector that watches. */
  onReady: (() => void) | undefined
  /** What is possible now, as the bits of `SelectionKey.OP_…`. */
  readyOps(): number
  isOpen(): boolean
  /** Closes at once; calling it again does nothing. */
  close(): void
}

export interface SocketChannel extends SelectableChannel {
  /**
   * Starts connecting. `true`: connected at once, and `OP_CONNECT` will not come; otherwise the
   * outcome shows as `OP_CONNECT`. Throws an `IllegalArgumentException` for an impossible port.
   */
  connect(host: string, port: number): boolean
  /** `true` once connected, `false` while under way; throws an `IOException` when it failed. */
  finishConnect(): boolean
  isConnected(): boolean

  /**
   * Copies what is there into `into`; returns the bytes, 0 when none are there, -1 at the end of
   * the stream. Throws an `IOException` on a broken connection, after all that came before it.
   */
  read(into: ByteBuffer): number

  /**
   * Takes all of `buffers`, without copying, and returns their bytes; 0 while earlier ones are
   * pending. Throws an `IOException` on a broken connection, also when there is nothing to write.
   */
  write(buffers: readonly Uint8Array[]): number
  /** Bytes were given to `write` that the kernel has not taken yet. */
  hasPendingWrites(): boolean

  /** The other side, as it was named by `connect`, or seen by `accept`. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
}

/** @kafka java.nio.channels.ServerSocketChannel */
export interface ServerSocketChannel extends SelectableChannel {
  /** Binds and listens; port 0 takes a free one. Rejects with an `IOException` that names both. */
  bind(host: string, port: number): Promise<void>
  /** The port in use, once bound. */
  readonly port: number
  /** The next connection that was made, or `null`. Throws an `IOException` when one was lost. */
  accept(): SocketChannel | null
}

/**
 * Where sockets come from: TCP, or a network in memory.
 *
 * @kafka java.nio.channels.spi.SelectorProvider
 */
export interface SelectorProvider {
  /** By which others reach what listens here, unless they are told another name. */
  readonly hostName: string
  openSocketChannel(): SocketChannel
  openServerSocketChannel(): ServerSocketChannel
}
