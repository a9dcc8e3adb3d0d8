/**
 * The connections of a `Selector`: how they come, when they are not read, and how they go.
 *
 *     connect ──┐                  close(GRACEFUL), frames left
 *               ├─► channels ────────────────────────────► closingChannels
 *     register ─┘      │                                          │ all taken, or a send failed
 *                      │ otherwise                                ▼
 *                      └──────────────────────────────────────► doClose ──► disconnected
 *
 * A peer that sends requests and leaves at once (a producer with acks=0) has its requests in our
 * socket when we notice that it left. So a channel that ends is not dropped: it is read as long as
 * whole frames come out of it, one per poll, and only then told as disconnected.
 *
 * I1  A channel is in `channels` or in `closingChannels`, never in both; in neither once it was
 *     told of in `disconnected`.
 * I2  `explicitlyMutedChannels`, `keysWithBufferedRead` and `immediatelyConnectedKeys` know nothing
 *     that is in neither.
 *
 * The upper half, one step of the loop, is `Selector`.
 *
 * @kafka org.apache.kafka.common.network.Selector
 */

import { IllegalArgumentException, IllegalStateException, IOException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Random } from '../common/Random.ts'
import type { Time } from '../common/Time.ts'
import type { Trace } from '../common/Trace.ts'
import type { ChannelBuilder } from './ChannelBuilder.ts'
import { ChannelMetadataRegistry } from './ChannelMetadataRegistry.ts'
import { ChannelState } from './ChannelState.ts'
import { ClientInformation } from './ClientInformation.ts'
import { closeAll } from './closeAll.ts'
import { IdleExpiryManager } from './IdleExpiryManager.ts'
import type { KafkaChannel } from './KafkaChannel.ts'
import { MemoryPool } from './MemoryPool.ts'
import { NetworkReceive } from './NetworkReceive.ts'
import { NioSelector } from './nio/NioSelector.ts'
import { SelectionKey } from './nio/SelectionKey.ts'
import type { SelectorProvider, SocketChannel } from './nio/SocketChannel.ts'
import { SelectorMetrics, type SelectorMetricsOptions } from './SelectorMetrics.ts'

export interface SelectorOptions {
  time: Time
  network: SelectorProvider
  channelBuilder: ChannelBuilder
  /** The largest frame in bytes; default `NetworkReceive.UNLIMITED`. */
  maxReceiveSize?: number
  /** A connection idle for longer is closed; `Selector.NO_IDLE_TIMEOUT_MS` for never. */
  connectionMaxIdleMs: number
  /** How long the answer to a failed authentication waits; default not at all. */
  failedAuthenticationDelayMs?: number
  logger: Logger
  trace: Trace
  /** Default: without bound. A bounded one needs `random`. */
  memoryPool?: MemoryPool
  /** Shuffles the keys while memory is low, so that not always the same ones get it. */
  random?: Random
  /** Default: nothing is recorded. */
  metrics?: SelectorMetricsOptions
}

/**
 * GRACEFUL           hand out what was received, then tell of the disconnection
 * NOTIFY_ONLY        drop what was received, tell
 * DISCARD_NO_NOTIFY  drop, tell nobody
 */
export type CloseMode = 'GRACEFUL' | 'NOTIFY_ONLY' | 'DISCARD_NO_NOTIFY'

export type Key = SelectionKey<SocketChannel>

export abstract class SelectorChannels {
  protected readonly options: SelectorOptions
  protected readonly time: Time
  protected readonly log: Logger
  protected readonly trace: Trace
  protected readonly memoryPool: MemoryPool
  protected readonly nioSelector: NioSelector<SocketChannel>
  protected readonly idleExpiryManager: IdleExpiryManager | null
  protected readonly sensors: SelectorMetrics | undefined

  protected readonly openChannels = new Map<string, KafkaChannel>()
  protected readonly closingChannels = new Map<string, KafkaChannel>()
  protected readonly explicitlyMutedChannels = new Set<KafkaChannel>()
  protected readonly immediatelyConnectedKeys = new Set<Key>()
  /** When each channel whose authentication failed may be closed; in the order of these times. */
  protected readonly delayedClosingChannels = new Map<KafkaChannel, number>()
  protected keysWithBufferedRead = new Set<Key>()

  // Results of the last poll; replaced, not emptied: a caller may still hold the old ones.
  protected receives = new Map<string, NetworkReceive>()
  protected connectedIds: string[] = []
  protected disconnectedIds = new Map<string, ChannelState>()

  /** Without progress, bytes in a transport's buffer must not make the next poll spin. */
  protected madeReadProgressLastPoll = true

  constructor(options: SelectorOptions) {
    const { time, memoryPool = MemoryPool.NONE, connectionMaxIdleMs: idleMs } = options
    if (memoryPool !== MemoryPool.NONE && options.random === undefined) {
      throw new IllegalArgumentException('A Selector with a bounded memory pool needs a random')
    }
    this.options = options
    this.time = time
    this.log = options.logger
    this.trace = options.trace
    this.memoryPool = memoryPool
    this.nioSelector = new NioSelector(time)
    this.idleExpiryManager = idleMs < 0 ? null : new IdleExpiryManager(time.hiResClockMs(), idleMs)
    if (options.metrics !== undefined) {
      const connectionCount = () => this.openChannels.size
      this.sensors = new SelectorMetrics(options.metrics, { logger: this.log, connectionCount })
    }
  }

  protected abstract attemptRead(channel: KafkaChannel): void

  // ---- coming

  /**
   * Begins connecting; a later `poll` completes it. A host that cannot be resolved or reached shows
   * as disconnected in state NOT_CONNECTED.
   *
   * @throws IllegalStateException when there is a connection of that id
   */
  connect(id: string, host: string, port: number): void {
    this.ensureNotRegistered(id)
    const socketChannel = this.options.network.openSocketChannel()
    let key: Key | undefined
    try {
      const connected = socketChannel.connect(host, port)
      key = this.registerChannel(id, socketChannel, SelectionKey.OP_CONNECT)
      if (this.trace.enabled) {
        this.trace.emit('network.selector.connect', { channel: id, host, port })
      }
      if (!connected) return
      // CONNECT will never show for this one.
      key.setInterestOps(0)
      this.immediatelyConnectedKeys.add(key)
    } catch (e) {
      this.openChannels.delete(id)
      this.idleExpiryManager?.remove(id)
      key?.cancel()
      socketChannel.close()
      throw e
    }
  }

  /**
   * Takes a connection that was accepted elsewhere. An id must not come again while a connection of
   * that id is still being closed, so servers put a counter into it.
   */
  register(id: string, socketChannel: SocketChannel): void {
    this.ensureNotRegistered(id)
    this.registerChannel(id, socketChannel, SelectionKey.OP_READ)
    this.sensors?.connectionCreated.record()
    // ApiVersions is not mandatory: a client that never sends it counts all the same.
    const registry = this.openChannels.get(id)?.metadataRegistry
    if (registry?.clientInformation() === null) {
      registry.registerClientInformation(ClientInformation.EMPTY)
    }
  }

  protected registerChannel(id: string, socketChannel: SocketChannel, interestOps: number): Key {
    const key = this.nioSelector.register(socketChannel, interestOps)
    this.openChannels.set(id, this.buildAndAttachKafkaChannel(id, key))
    this.idleExpiryManager?.update(id, this.time.hiResClockMs())
    return key
  }

  private buildAndAttachKafkaChannel(id: string, key: Key): KafkaChannel {
    const { channelBuilder, maxReceiveSize = NetworkReceive.UNLIMITED } = this.options
    const { memoryPool, trace } = this
    const metadataRegistry = new ChannelMetadataRegistry(this.sensors?.connectionsByClient)
    const building = { id, key, maxReceiveSize, memoryPool, metadataRegistry, trace }
    try {
      const channel = channelBuilder.buildChannel(building)
      key.attach(channel)
      return channel
    } catch (cause) {
      key.cancel()
      key.channel.close()
      metadataRegistry.close()
      throw new IOException(`No channel could be made for connection ${id}: ${cause}`, { cause })
    }
  }

  private ensureNotRegistered(id: string): void {
    if (this.openChannels.has(id)) {
      throw new IllegalStateException(`There is already a connection for id ${id}`)
    }
    if (this.closingChannels.has(id)) {
      throw new IllegalStateException(
        `There is already a connection for id ${id} that is still being closed`,
      )
    }
  }

  // ---- not being read

  mute(id: string): void {
    this.muteNow(this.openOrClosingChannelOrFail(id))
  }

  unmute(id: string): void {
    this.unmuteNow(this.openOrClosingChannelOrFail(id))
  }

  muteAll(): void {
    for (const channel of this.openChannels.values()) this.muteNow(channel)
  }

  unmuteAll(): void {
    for (const channel of this.openChannels.values()) this.unmuteNow(channel)
  }

  private muteNow(channel: KafkaChannel): void {
    channel.mute()
    this.explicitlyMutedChannels.add(channel)
    this.keysWithBufferedRead.delete(channel.selectionKey())
  }

  private unmuteNow(channel: KafkaChannel): void {
    // A request still worked on, or a quota, may hold it: then it stays muted.
    if (!channel.maybeUnmute()) return
    this.explicitlyMutedChannels.delete(channel)
    if (channel.hasBytesBuffered()) {
      this.keysWithBufferedRead.add(channel.selectionKey())
      this.madeReadProgressLastPoll = true
    }
  }

  // ---- going

  /** Closes one connection; what it had received is dropped, and nothing is told of it. */
  closeChannel(id: string): void {
    const channel = this.openChannels.get(id)
    if (channel !== undefined) {
      channel.setState(ChannelState.LOCAL_CLOSE)
      this.closeWithMode(channel, 'DISCARD_NO_NOTIFY')
      return
    }
    const closing = this.closingChannels.get(id)
    if (closing === undefined) return
    this.closingChannels.delete(id)
    this.doClose(closing, false)
  }

  /** Closes all connections, also when closing one fails; ends a `poll` that is waiting. */
  close(): void {
    const ids = [...this.openChannels.keys(), ...this.closingChannels.keys()]
    closeAll([
      ...ids.map((id) => () => this.closeChannel(id)),
      () => this.nioSelector.close(),
      () => this.sensors?.close(),
      () => this.options.channelBuilder.close(),
    ])
  }

  /** In Java `close(KafkaChannel, CloseMode)`. */
  protected closeWithMode(channel: KafkaChannel, mode: CloseMode): void {
    channel.disconnect()
    // Connected and gone in one poll (`prepare` failed) is only told as gone.
    if (this.connectedIds.includes(channel.id)) {
      this.connectedIds = this.connectedIds.filter((id) => id !== channel.id)
    }
    if (mode === 'GRACEFUL' && this.maybeReadFromClosingChannel(channel)) {
      this.closingChannels.set(channel.id, channel)
    } else {
      this.doClose(channel, mode !== 'DISCARD_NO_NOTIFY')
    }
    this.openChannels.delete(channel.id)
    this.delayedClosingChannels.delete(channel)
    this.idleExpiryManager?.remove(channel.id)
  }

  /** Whether a closing channel still has something to hand out, or may have once it is unmuted. */
  protected maybeReadFromClosingChannel(channel: KafkaChannel): boolean {
    if (channel.state().state !== 'READY') return false
    if (this.explicitlyMutedChannels.has(channel) || this.receives.has(channel.id)) return true
    try {
      this.attemptRead(channel)
      return this.receives.has(channel.id)
    } catch (e) {
      // It is closing because it is broken: what could be read was read.
      this.log.debug(`Nothing more to read from closing connection ${channel.id}: ${e}`)
      return false
    }
  }

  protected doClose(channel: KafkaChannel, notifyDisconnect: boolean): void {
    const key = channel.selectionKey()
    if (this.trace.enabled) {
      const reason = channel.state().state
      this.trace.emit('network.selector.close', { channel: channel.id, reason })
    }
    this.immediatelyConnectedKeys.delete(key)
    this.keysWithBufferedRead.delete(key)
    this.explicitlyMutedChannels.delete(channel)
    if (notifyDisconnect) this.disconnectedIds.set(channel.id, channel.state())
    try {
      channel.close()
    } catch (e) {
      if (!(e instanceof IOException)) throw e
      this.log.error(`Closing connection ${channel.id} failed`, e)
    } finally {
      key.cancel()
      key.attach(null)
    }
    this.sensors?.connectionClosed.record()
  }

  protected maybeCloseOldestConnection(nowMs: number): void {
    const expired = this.idleExpiryManager?.pollExpiredConnection(nowMs)
    if (expired === null || expired === undefined) return
    const channel = this.openChannels.get(expired.id)
    if (channel === undefined) return
    this.log.debug(`Closing connection ${expired.id}: idle for ${Math.round(expired.idleMs)} ms`)
    channel.setState(ChannelState.EXPIRED)
    this.closeWithMode(channel, 'GRACEFUL')
  }

  protected maybeDelayCloseOnAuthenticationFailure(channel: KafkaChannel): void {
    const delayMs = this.options.failedAuthenticationDelayMs ?? 0
    if (delayMs <= 0) this.handleCloseOnAuthenticationFailure(channel)
    else this.delayedClosingChannels.set(channel, this.time.hiResClockMs() + delayMs)
  }

  protected completeDelayedChannelClose(nowMs: number): void {
    for (const [channel, closeAtMs] of this.delayedClosingChannels) {
      if (closeAtMs > nowMs) return
      this.handleCloseOnAuthenticationFailure(channel)
    }
  }

  private handleCloseOnAuthenticationFailure(channel: KafkaChannel): void {
    try {
      channel.completeCloseOnAuthenticationFailure()
    } catch (e) {
      this.log.error(`Refusing connection ${channel.id} failed`, e)
    } finally {
      this.closeWithMode(channel, 'GRACEFUL')
    }
  }

  // ---- looking

  isChannelReady(id: string): boolean {
    return this.openChannels.get(id)?.ready() ?? false
  }

  channels(): KafkaChannel[] {
    return [...this.openChannels.values()]
  }

  channel(id: string): KafkaChannel | undefined {
    return this.openChannels.get(id)
  }

  /** A channel that was disconnected but has still something to hand out. */
  closingChannel(id: string): KafkaChannel | undefined {
    return this.closingChannels.get(id)
  }

  /** Whom to close when a new connection needs the place: closing ones first, then idle ones. */
  lowestPriorityChannel(): KafkaChannel | undefined {
    if (this.closingChannels.size > 0) return this.closingChannels.values().next().value
    const id = this.idleExpiryManager?.leastRecentlyUsed() ?? this.openChannels.keys().next().value
    return id === undefined ? undefined : this.openChannels.get(id)
  }

  protected openOrClosingChannelOrFail(id: string): KafkaChannel {
    const channel = this.openChannels.get(id) ?? this.closingChannels.get(id)
    if (channel === undefined) {
      const ids = [...this.openChannels.keys()].join(', ')
      throw new IllegalStateException(`There is no connection of id ${id}; there are [${ids}]`)
    }
    return channel
  }
}
