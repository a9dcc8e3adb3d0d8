/**
 * The machine's own TCP, through `#platform`.
 *
 * @kafka java.nio.channels.spi.SelectorProvider
 */

import type { SelectorProvider, ServerSocketChannel, SocketChannel } from './SocketChannel.ts'
import { TcpServerSocketChannel } from './TcpServerSocketChannel.ts'
import { TcpSocketChannel } from './TcpSocketChannel.ts'

export class TcpNetwork implements SelectorProvider {
  /** This machine, and nobody else: who wants more names a host. */
  readonly hostName = '127.0.0.1'

  openSocketChannel(): SocketChannel {
    return new TcpSocketChannel()
  }

  openServerSocketChannel(): ServerSocketChannel {
    return new TcpServerSocketChannel()
  }
}
