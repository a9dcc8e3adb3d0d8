/**
 * One connection: a transport, an authenticator, at most one send going out and one receive coming
 * in.
 *
 *                      ┌───────────── KafkaChannel ──────────────┐
 *     NetworkSend ────►│ send ──► TransportLayer.write ──►       │ socket
 *     NetworkReceive ◄─│ receive ◄── TransportLayer.read ◄──     │
 *                      └─────────────────────────────────────────┘
 *
 * The caller queues requests, not the channel: a second send before the first has left is a bug
 * and is refused. What has been read of a frame waits here for its rest.
 *
 * I1  At most one send and one receive; WRITE interest exactly while there is a send.
 * I2  A channel is muted from outside through its `Selector`, and by itself only when a frame of
 *     known size found no memory.
 * I3  Once disconnected its interest is not touched any more: the key is gone.
 *
 * @kafka org.apache.kafka.common.network.KafkaChannel
 * @simplified no re-authentication and no principal (they come with security), no measure of the
 *   network thread's time (it comes with quotas).
 */

import { ByteBuffer } from '../common/ByteBuffer.ts'
import { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../common/errors.ts'
import type { Trace } from '../common/Trace.ts'
import type { Authenticator } from './Authenticator.ts'
import type { ChannelMetadataRegistry } from './ChannelMetadataRegistry.ts'
import { afterMuteEvent, type ChannelMuteEvent, type ChannelMuteState } from './ChannelMuteState.ts'
import { ChannelState } from './ChannelState.ts'
import { closeAll } from './closeAll.ts'
import { DelayedResponseAuthenticationException } from './DelayedResponseAuthenticationException.ts'
import type { MemoryPool } from './MemoryPool.ts'
import { NetworkReceive } from './NetworkReceive.ts'
import type { NetworkSend } from './NetworkSend.ts'
import { SelectionKey } from './nio/SelectionKey.ts'
import type { SocketChannel } from './nio/SocketChannel.ts'
import type { TransportLayer } from './TransportLayer.ts'

export interface KafkaChannelOptions {
  id: string
  transportLayer: TransportLayer
  authenticator: Authenticator
  /** The largest frame in bytes; `NetworkReceive.UNLIMITED` for none. */
  maxReceiveSize: number
  memoryPool: MemoryPool
  metadataRegistry: ChannelMetadataRegistry
  trace: Trace
}

export class KafkaChannel {
  readonly id: string
  readonly metadataRegistry: ChannelMetadataRegistry
  private readonly transportLayer: TransportLayer
  private readonly authenticator: Authenticator
  private readonly maxReceiveSize: number
  private readonly memoryPool: MemoryPool
  private readonly trace: Trace
  /** Each frame's size is read into it; only one frame is under way. */
  private readonly sizeBuffer = ByteBuffer.allocate(4)
  private currentState = ChannelState.NOT_CONNECTED
  private currentMuteState: ChannelMuteState = 'NOT_MUTED'
  private disconnected = false
  private remoteAddress: string | null = null
  private send: NetworkSend | null = null
  private receive: NetworkReceive | null = null

  constructor(options: KafkaChannelOptions) {
    this.id = options.id
    this.transportLayer = options.transportLayer
    this.authenticator = options.authenticator
    this.maxReceiveSize = options.maxReceiveSize
    this.memoryPool = options.memoryPool
    this.metadataRegistry = options.metadataRegistry
    this.trace = options.trace
  }

  // ---- from connecting to ready

  /** `true` once the socket is connected; throws an `IOException` when that failed. */
  finishConnect(): boolean {
    const { remoteAddress, remotePort } = this.transportLayer.socketChannel()
    this.remoteAddress = `${remoteAddress}:${remotePort}`
    const connected = this.transportLayer.finishConnect()
    if (connected) {
      this.currentState = this.ready()
        ? ChannelState.READY
        : new ChannelState('AUTHENTICATE', this.remoteAddress)
    }
    return connected
  }

  /**
   * One step of handshake and authentication.
   *
   * @throws AuthenticationException in its delayed form where the peer shall wait for the refusal
   */
  prepare(): void {
    let authenticating = false
    try {
      if (!this.transportLayer.ready()) this.transportLayer.handshake()
      if (this.transportLayer.ready() && !this.authenticator.complete()) {
        authenticating = true
        this.authenticator.authenticate()
      }
    } catch (e) {
      if (!(e instanceof AuthenticationException)) throw e
      this.currentState = new ChannelState('AUTHENTICATION_FAILED', this.remoteAddress, e)
      if (!authenticating) throw e
      // Neither read nor written until `completeCloseOnAuthenticationFailure`: it shall wait.
      this.transportLayer.removeInterestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE)
      throw new DelayedResponseAuthenticationException(e)
    }
    if (this.ready()) this.currentState = ChannelState.READY
  }

  /** Handshake and authentication are done: requests may flow. */
  ready(): boolean {
    return this.transportLayer.ready() && this.authenticator.complete()
  }

  isConnected(): boolean {
    return this.transportLayer.isConnected()
  }

  state(): ChannelState {
    return this.currentState
  }

  setState(state: ChannelState): void {
    this.currentState = state
  }

  // ---- sending

  hasSend(): boolean {
    return this.send !== null
  }

  /** Begins a send; the bytes leave in `write`. */
  setSend(send: NetworkSend): void {
    if (this.send !== null) {
      throw new IllegalStateException(
        `Cannot begin a send on connection ${this.id}: the one before it has not left yet`,
      )
    }
    this.transportLayer.addInterestOps(SelectionKey.OP_WRITE)
    this.send = send
  }

  /** Writes what the transport takes; returns the bytes. */
  write(): number {
    const { send } = this
    if (send === null) return 0
    const bytes = send.writeTo(this.transportLayer)
    if (this.trace.enabled) {
      const fields = { channel: this.id, bytes, completed: send.completed() }
      this.trace.emit('network.channel.write', fields)
    }
    return bytes
  }

  /** The send, once all of it has left. */
  maybeCompleteSend(): NetworkSend | null {
    const { send } = this
    if (send === null || !send.completed()) return null
    this.transportLayer.removeInterestOps(SelectionKey.OP_WRITE)
    this.send = null
    return send
  }

  // ---- receiving

  /** Reads what there is of the current frame; returns the bytes. */
  read(): number {
    this.receive ??= new NetworkReceive({
      source: this.id,
      maxSizeBytes: this.maxReceiveSize,
      memoryPool: this.memoryPool,
      sizeBuffer: this.sizeBuffer,
    })
    const { receive } = this
    const bytes = receive.readFrom(this.transportLayer)
    if (this.trace.enabled) {
      const fields = { channel: this.id, bytes, completed: receive.complete() }
      this.trace.emit('network.channel.read', fields)
    }
    // The pool is out of memory: the rest stays in the socket, and the peer is held back.
    if (receive.requiredMemoryAmountKnown() && this.isInMutableState()) this.mute()
    return bytes
  }

  /** What is being read. */
  currentReceive(): NetworkReceive | null {
    return this.receive
  }

  /** The frame, once all of it is here; its payload stands at its first byte. */
  maybeCompleteReceive(): NetworkReceive | null {
    const { receive } = this
    if (receive === null || !receive.complete()) return null
    receive.payload().rewind()
    this.receive = null
    return receive
  }

  /** The transport holds bytes that the socket will not tell of again. */
  hasBytesBuffered(): boolean {
    return this.transportLayer.hasBytesBuffered()
  }

  // ---- muting

  /** Only for `Selector` and for this class: see I2. */
  mute(): void {
    if (this.currentMuteState !== 'NOT_MUTED') return
    if (!this.disconnected) this.transportLayer.removeInterestOps(SelectionKey.OP_READ)
    this.currentMuteState = 'MUTED'
  }

  /** Unmutes, if nothing but `MUTED` holds it; returns whether the channel is not muted now. */
  maybeUnmute(): boolean {
    if (this.currentMuteState === 'MUTED') {
      if (!this.disconnected) this.transportLayer.addInterestOps(SelectionKey.OP_READ)
      this.currentMuteState = 'NOT_MUTED'
    }
    return this.currentMuteState === 'NOT_MUTED'
  }

  /** Throws an `IllegalStateException` for an event that must not happen in this state. */
  handleChannelMuteEvent(event: ChannelMuteEvent): void {
    this.currentMuteState = afterMuteEvent(this.currentMuteState, event)
  }

  muteState(): ChannelMuteState {
    return this.currentMuteState
  }

  isMuted(): boolean {
    return this.currentMuteState !== 'NOT_MUTED'
  }

  /** A frame is under way that has no memory yet: muting it holds up nothing that could go on. */
  isInMutableState(): boolean {
    if (this.receive === null || this.receive.memoryAllocated()) return false
    return this.transportLayer.ready()
  }

  // ---- leaving

  /** Takes the channel from its selector; what it holds can still be read until `close`. */
  disconnect(): void {
    this.disconnected = true
    if (this.currentState === ChannelState.NOT_CONNECTED && this.remoteAddress !== null) {
      this.currentState = new ChannelState('NOT_CONNECTED', this.remoteAddress)
    }
    this.transportLayer.disconnect()
  }

  /** Tells the peer that it was refused, at the end of the delay. */
  completeCloseOnAuthenticationFailure(): void {
    this.transportLayer.addInterestOps(SelectionKey.OP_WRITE)
    this.authenticator.handleAuthenticationFailure()
  }

  close(): void {
    this.disconnected = true
    closeAll([
      () => this.transportLayer.close(),
      () => this.authenticator.close(),
      () => this.receive?.close(),
      () => this.metadataRegistry.close(),
    ])
  }

  selectionKey(): SelectionKey<SocketChannel> {
    return this.transportLayer.selectionKey()
  }

  /** The other side's host, also after the socket is closed; `''` if it was never connected. */
  socketAddress(): string {
    return this.transportLayer.socketChannel().remoteAddress
  }

  socketPort(): number {
    return this.transportLayer.socketChannel().remotePort
  }

  socketDescription(): string {
    return `${this.socketAddress()}:${this.socketPort()}`
  }

  toString(): string {
    return `KafkaChannel(id=${this.id}, ${this.currentState}, ${this.currentMuteState})`
  }
}
