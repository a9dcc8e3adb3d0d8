/**
 * A listening TCP socket that becomes ready: connections wait in a queue until they are accepted.
 *
 * A connection that nobody accepted yet is not read, so it holds nothing. Node takes connections
 * from the kernel as they come, so the queue has a bound of its own; what comes beyond is dropped.
 *
 * @kafka java.nio.channels.ServerSocketChannel
 */

import { listenTcp } from '#platform'
import { IllegalStateException, IOException } from '../../common/errors.ts'
import type { RawServer, RawSocket, RawSocketEvents } from '../../platform/primitives.ts'
import { SelectionKey } from './SelectionKey.ts'
import type { ServerSocketChannel, SocketChannel } from './SocketChannel.ts'
import { TcpSocketChannel } from './TcpSocketChannel.ts'

/** As many as Linux lets wait at most (`net.core.somaxconn`). */
const MAX_WAITING = 4096

export class TcpServerSocketChannel implements ServerSocketChannel {
  onReady: (() => void) | undefined
  private readonly waiting: TcpSocketChannel[] = []
  private readonly lost: Error[] = []
  private server: RawServer | undefined
  private state: 'new' | 'binding' | 'bound' | 'closed' = 'new'

  async bind(host: string, port: number): Promise<void> {
    if (this.state !== 'new') throw new IllegalStateException(`Cannot bind: ${this.state}`)
    this.state = 'binding'
    const server = await this.listen(host, port)
    if (this.isOpen()) {
      this.server = server
      this.state = 'bound'
    } else {
      await server.close() // closed while it was binding
    }
  }

  get port(): number {
    return this.server?.port ?? 0
  }

  isOpen(): boolean {
    return this.state !== 'closed'
  }

  readyOps(): number {
    return this.waiting.length > 0 || this.lost.length > 0 ? SelectionKey.OP_ACCEPT : 0
  }

  accept(): SocketChannel | null {
    const error = this.lost.shift()
    if (error !== undefined) {
      throw new IOException(`A connection was lost before it was accepted: ${error.message}`, {
        cause: error,
      })
    }
    const channel = this.waiting.shift()
    channel?.accepted()
    return channel ?? null
  }

  close(): void {
    if (!this.isOpen()) return
    this.state = 'closed'
    for (const channel of this.waiting) channel.close()
    this.waiting.length = this.lost.length = 0
    void this.server?.close()
    this.onReady?.()
  }

  private async listen(host: string, port: number): Promise<RawServer> {
    try {
      return await listenTcp(
        host,
        port,
        (raw) => this.noteConnection(raw),
        (error) => this.noteLost(error),
      )
    } catch (cause) {
      if (this.isOpen()) this.state = 'new' // another port may be tried
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new IOException(`Cannot listen on ${host}:${port}: ${reason}`, { cause })
    }
  }

  private noteConnection(raw: RawSocket): RawSocketEvents {
    const { channel, events } = TcpSocketChannel.forAccepted(raw)
    if (!this.isOpen() || this.waiting.length >= MAX_WAITING) {
      channel.close()
    } else {
      this.waiting.push(channel)
      this.onReady?.()
    }
    return events
  }

  private noteLost(error: Error): void {
    if (this.lost.length < MAX_WAITING) this.lost.push(error)
    this.onReady?.()
  }
}
