/**
 * One end of a connection in a `MemoryNetwork`: the state machine of a TCP socket, in small.
 *
 *              connect            SYN_ACK               finishConnect
 *     new ───────────► connecting ───────► established ─────────────► connected ───► closed
 *                           │ RST: refused                             │ FIN: -1 after the rest
 *                           ▼                                          │ RST: an error after it
 *                        failure ◄─────────────────────────────────────┘
 *
 * Closing sends FIN behind what the wire has; with received bytes left unread it sends RST, as
 * Linux does. A segment for a closed end is answered with RST.
 *
 * @kafka java.nio.channels.SocketChannel
 */

import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import { IllegalStateException, IOException } from '../../common/errors.ts'
import { ByteQueue } from './ByteQueue.ts'
import type { MemoryPipe, Segment } from './MemoryPipe.ts'
import { SelectionKey } from './SelectionKey.ts'
import type { SocketChannel } from './SocketChannel.ts'

/** What the channel needs from its host. */
export interface MemoryDialer {
  /** Makes the two pipes and sends SYN; `true` when the connection is there at once. */
  dial(channel: MemorySocketChannel, host: string, port: number): boolean
}

export interface MemoryAddress {
  readonly host: string
  readonly port: number
}

type State = 'new' | 'connecting' | 'established' | 'connected' | 'closed'

const { OP_CONNECT, OP_READ, OP_WRITE } = SelectionKey

export class MemorySocketChannel implements SocketChannel {
  onReady: (() => void) | undefined
  private readonly dialer: MemoryDialer
  private readonly received = new ByteQueue()
  private state: State = 'new'
  private incoming: MemoryPipe | undefined
  private outgoing: MemoryPipe | undefined
  private endOfStream = false
  private failure: IOException | undefined
  private local: MemoryAddress = { host: '', port: 0 }
  private remote: MemoryAddress = { host: '', port: 0 }

  constructor(dialer: MemoryDialer) {
    this.dialer = dialer
  }

  connect(host: string, port: number): boolean {
    if (this.state !== 'new') throw new IllegalStateException(`Cannot connect: ${this.state}`)
    this.remote = { host, port }
    this.state = 'connecting'
    if (!this.dialer.dial(this, host, port)) return false
    this.state = 'connected'
    return true
  }

  finishConnect(): boolean {
    if (this.state === 'connected') return true
    if (this.failure !== undefined) throw this.failure
    if (this.state !== 'established') return false
    this.state = 'connected'
    return true
  }

  isConnected(): boolean {
    return this.state === 'connected'
  }

  isOpen(): boolean {
    return this.state !== 'closed'
  }

  readyOps(): number {
    if (this.state !== 'connected') {
      return this.state === 'established' || this.failure !== undefined ? OP_CONNECT : 0
    }
    if (this.failure !== undefined) return OP_READ | OP_WRITE
    const readable = this.received.length > 0 || this.endOfStream ? OP_READ : 0
    return this.hasPendingWrites() ? readable : readable | OP_WRITE
  }

  read(into: ByteBuffer): number {
    this.ensureConnected()
    if (this.received.length > 0) {
      const bytes = this.received.read(into)
      this.incoming!.consumed(bytes)
      return bytes
    }
    if (this.endOfStream) return -1
    if (this.failure !== undefined) throw this.failure
    return 0
  }

  write(buffers: readonly Uint8Array[]): number {
    this.ensureConnected()
    if (this.failure !== undefined) throw this.failure
    if (this.hasPendingWrites()) return 0
    let bytes = 0
    for (const buffer of buffers) bytes += buffer.length
    if (bytes > 0) this.outgoing!.write(buffers)
    return bytes
  }

  hasPendingWrites(): boolean {
    return this.outgoing !== undefined && this.outgoing.pendingBytes() > 0
  }

  close(): void {
    if (this.state === 'closed') return
    const wasUp = this.state === 'connected' || this.state === 'established'
    // A connection still being made is taken back; unread bytes will never be read.
    const flag = wasUp && this.received.length === 0 ? 'FIN' : 'RST'
    this.state = 'closed'
    this.received.clear()
    this.outgoing?.dropUnsent()
    if (this.failure === undefined) this.outgoing?.transmit(flag)
    if (this.failure !== undefined || this.endOfStream || flag === 'RST') this.incoming?.close()
    this.onReady?.()
  }

  get remoteAddress(): string {
    return this.remote.host
  }

  get remotePort(): number {
    return this.remote.port
  }

  get localAddress(): string {
    return this.local.host
  }

  get localPort(): number {
    return this.local.port
  }

  toString(): string {
    const { local, remote } = this
    const ends = `${local.host}:${local.port} to ${remote.host}:${remote.port}`
    return `MemorySocketChannel(${ends}, ${this.state})`
  }

  // ---- for the network

  /** The two directions, and the address on this side. */
  attach(incoming: MemoryPipe, outgoing: MemoryPipe, local: MemoryAddress): void {
    this.incoming = incoming
    this.outgoing = outgoing
    this.local = local
  }

  /** This is the accepting side: connected from the start. */
  acceptedFrom(remote: MemoryAddress): void {
    this.remote = remote
    this.state = 'connected'
  }

  drained(): void {
    this.onReady?.()
  }

  /** A segment arrived from the other side. */
  receive(segment: Segment): void {
    if (segment === 'RST') {
      this.fail(this.state === 'connecting' ? 'connection refused' : 'connection reset by peer')
    } else if (this.state === 'closed') {
      // Nobody is here: the other side learns it from its own bytes, not from its FIN.
      if (segment !== 'FIN') this.outgoing!.transmit('RST')
      else this.retire()
    } else {
      if (segment === 'SYN_ACK') this.state = 'established'
      else if (segment === 'FIN') this.endOfStream = true
      else if (segment !== 'SYN') this.received.push(segment)
      this.onReady?.()
    }
  }

  /** The connection is gone; what was received before can still be read. */
  fail(reason: string): void {
    this.retire()
    if (this.state === 'closed' || this.failure !== undefined) return
    const { host, port } = this.remote
    const what =
      this.state === 'connecting'
        ? `Connecting to ${host}:${port}`
        : `Connection with ${host}:${port}`
    this.failure = new IOException(`${what} failed: ${reason}`)
    this.onReady?.()
  }

  /** Nothing more will come or be sent. */
  private retire(): void {
    this.incoming?.close()
    this.outgoing?.dropUnsent()
  }

  private ensureConnected(): void {
    if (this.state === 'connected') return
    const at = `${this.remote.host}:${this.remote.port}`
    if (this.state === 'closed') throw new IOException(`The connection with ${at} is closed.`)
    throw new IllegalStateException(`Not connected with ${at} yet: ${this.state}`)
  }
}
