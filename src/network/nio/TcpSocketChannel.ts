/**
 * A TCP connection that becomes ready: the platform's socket pushes, this class keeps, the poll
 * loop pulls.
 *
 *     kernel ──data──► received (ByteQueue) ──read──► the frame's buffer
 *              above 1 MiB: pause, the kernel's window fills, the peer is held back
 *     kernel ◄──write── slices, by reference until the kernel took them all (hasPendingWrites)
 *
 * The callbacks below only note what happened and call `onReady`. So all logic runs in the poll
 * loop, in its order, and an error surfaces where a read or a write is tried, as in Java.
 *
 * I1  What was received before the end or before an error is read first; then -1, or the error.
 * I2  `received` holds at most about 1 MiB and what the platform had read ahead.
 * I3  The caller's slices are not looked at any more once `hasPendingWrites` is false.
 *
 * @kafka java.nio.channels.SocketChannel
 */

import { connectTcp } from '#platform'
import type { ByteBuffer } from '../../common/ByteBuffer.ts'
import {
  IllegalArgumentException,
  IllegalStateException,
  IOException,
} from '../../common/errors.ts'
import type { RawSocket, RawSocketEvents } from '../../platform/primitives.ts'
import { ByteQueue } from './ByteQueue.ts'
import { SelectionKey } from './SelectionKey.ts'
import type { SocketChannel } from './SocketChannel.ts'

/** Above this the platform is told to stop reading; it goes on when half of it was taken. */
const MAX_RECEIVED_BYTES = 1024 * 1024

/** `established`: the connection is there, and `finishConnect` has not been called yet. */
type State = 'new' | 'connecting' | 'established' | 'connected' | 'closed'

const { OP_CONNECT, OP_READ, OP_WRITE } = SelectionKey

export class TcpSocketChannel implements SocketChannel {
  onReady: (() => void) | undefined
  private readonly received = new ByteQueue()
  private state: State = 'new'
  private raw: RawSocket | undefined
  private host = ''
  private port = 0
  private endOfStream = false
  private failure: IOException | undefined
  private paused = false

  /** Puts an accepted connection under a new channel; its bytes come once `accepted` is called. */
  static forAccepted(raw: RawSocket): { channel: TcpSocketChannel; events: RawSocketEvents } {
    const channel = new TcpSocketChannel()
    channel.raw = raw
    channel.state = 'connected'
    channel.paused = true
    channel.host = raw.remoteAddress
    channel.port = raw.remotePort
    return { channel, events: channel.events() }
  }

  /** Somebody took the connection: lets its bytes in. */
  accepted(): void {
    this.paused = false
    this.raw?.resume()
  }

  connect(host: string, port: number): boolean {
    if (this.state !== 'new') throw new IllegalStateException(`Cannot connect: ${this.state}`)
    if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw new IllegalArgumentException(`A port is a whole number from 0 to 65535, not ${port}`)
    }
    this.host = host
    this.port = port
    this.state = 'connecting'
    this.raw = connectTcp(host, port, this.events())
    return false
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
    if (this.received.length === 0) {
      if (this.endOfStream) return -1
      if (this.failure !== undefined) throw this.failure
      return 0
    }
    const bytes = this.received.read(into)
    if (this.paused && this.received.footprint <= MAX_RECEIVED_BYTES / 2) {
      this.paused = false
      this.raw?.resume()
    }
    return bytes
  }

  write(buffers: readonly Uint8Array[]): number {
    this.ensureConnected()
    if (this.failure !== undefined) throw this.failure
    if (this.hasPendingWrites()) return 0
    let bytes = 0
    for (let i = 0; i < buffers.length; i++) bytes += buffers[i]!.length
    if (bytes > 0) this.raw!.write(buffers)
    return bytes
  }

  hasPendingWrites(): boolean {
    return this.raw !== undefined && this.raw.pendingBytes() > 0
  }

  close(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.received.clear()
    this.raw?.destroy()
    this.onReady?.()
  }

  get remoteAddress(): string {
    return this.host
  }

  get remotePort(): number {
    return this.port
  }

  get localAddress(): string {
    return this.raw?.localAddress ?? ''
  }

  get localPort(): number {
    return this.raw?.localPort ?? 0
  }

  toString(): string {
    return `TcpSocketChannel(${this.host}:${this.port}, ${this.state})`
  }

  private events(): RawSocketEvents {
    return {
      connected: () => {
        if (this.state !== 'connecting') return
        this.state = 'established'
        this.onReady?.()
      },
      data: (chunk) => this.noteData(chunk),
      flushed: () => this.onReady?.(),
      ended: () => {
        this.endOfStream = true
        this.onReady?.()
      },
      closed: (error) => {
        if (this.state === 'closed') return
        this.failure = this.broken(error)
        this.onReady?.()
      },
    }
  }

  private noteData(chunk: Uint8Array): void {
    if (this.state === 'closed') return
    this.received.push(chunk)
    if (!this.paused && this.received.footprint > MAX_RECEIVED_BYTES) {
      this.paused = true
      this.raw?.pause()
    }
    this.onReady?.()
  }

  private broken(cause: Error | undefined): IOException {
    const at = `${this.host}:${this.port}`
    const what = this.state === 'connected' ? `Connection with ${at}` : `Connecting to ${at}`
    return new IOException(`${what} failed: ${cause?.message ?? 'the socket was closed'}`, {
      cause,
    })
  }

  private ensureConnected(): void {
    if (this.state === 'connected') return
    const at = `${this.host}:${this.port}`
    if (this.state === 'closed') throw new IOException(`The connection with ${at} is closed.`)
    throw new IllegalStateException(`Not connected with ${at} yet: ${this.state}`)
  }
}
