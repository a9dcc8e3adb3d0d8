/**
 * A listening socket of a `MemoryNetwork`.
 *
 * @kafka java.nio.channels.ServerSocketChannel
 */

import { IllegalStateException } from '../../common/errors.ts'
import type { MemorySocketChannel } from './MemorySocketChannel.ts'
import { SelectionKey } from './SelectionKey.ts'
import type { ServerSocketChannel, SocketChannel } from './SocketChannel.ts'

/** What the channel needs from its host. */
export interface MemoryListening {
  /** Throws an `IOException` when the address cannot be had; returns the port. */
  bindListener(channel: MemoryServerSocketChannel, host: string, port: number): number
  unbindListener(channel: MemoryServerSocketChannel): void
}

/** As `TcpServerSocketChannel`. */
const MAX_WAITING = 4096

export class MemoryServerSocketChannel implements ServerSocketChannel {
  onReady: (() => void) | undefined
  private readonly host: MemoryListening
  private readonly waiting: MemorySocketChannel[] = []
  private state: 'new' | 'bound' | 'closed' = 'new'
  private boundPort = 0

  constructor(host: MemoryListening) {
    this.host = host
  }

  async bind(host: string, port: number): Promise<void> {
    if (this.state !== 'new') throw new IllegalStateException(`Cannot bind: ${this.state}`)
    this.boundPort = this.host.bindListener(this, host, port)
    this.state = 'bound'
  }

  get port(): number {
    return this.boundPort
  }

  isOpen(): boolean {
    return this.state !== 'closed'
  }

  readyOps(): number {
    return this.waiting.length > 0 ? SelectionKey.OP_ACCEPT : 0
  }

  accept(): SocketChannel | null {
    return this.waiting.shift() ?? null
  }

  close(): void {
    if (this.state === 'closed') return
    if (this.state === 'bound') this.host.unbindListener(this)
    this.state = 'closed'
    for (const channel of this.waiting) channel.close()
    this.waiting.length = 0
    this.onReady?.()
  }

  /** A connection was made; `false` when too many wait already. */
  offer(channel: MemorySocketChannel): boolean {
    if (this.waiting.length >= MAX_WAITING) return false
    this.waiting.push(channel)
    this.onReady?.()
    return true
  }
}
