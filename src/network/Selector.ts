/**
 * The poll loop's one step over all connections: connect, read frames, write frames, disconnect.
 *
 *     connect / send / mute            poll                         afterwards
 *     ─────────────────────            ────                         ──────────
 *     a key and a channel   ──►  select: which are ready?  ──►  connected, disconnected
 *     per connection             pollSelectionKeys:             completedSends
 *                                  finishConnect, prepare,      completedReceives
 *                                  attemptRead, attemptWrite
 *
 * Results are collected, never called back: whoever polls looks at them before the next `poll`, in
 * an order of its own. `NetworkClient` stands on one of these, each of the broker's processors too.
 *
 * I1  At most one completed receive per channel and poll: a broker works on a connection's requests
 *     one at a time, and that keeps them in order.
 * I2  What was received in full before the other side left is still handed out, unless a send
 *     failed.
 * I3  A muted channel is read by nobody; one that found no memory muted itself, and comes back when
 *     the pool has some, unless somebody muted it explicitly.
 * I4  Every `poll` gives the event loop a turn (see `NioSelector`). Other loops may call `send`,
 *     `connect`, `closeChannel` or `mute` while it waits, but not `poll`.
 *
 * The lower half, how connections come and go, is `SelectorChannels`.
 *
 * @kafka org.apache.kafka.common.network.Selector
 * @simplified no re-authentication (it comes with security). Socket buffer sizes are the machine's:
 *   Node cannot set them.
 */

import { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import { IllegalArgumentException, InvalidReceiveException, IOException } from '../common/errors.ts'
import { ChannelState } from './ChannelState.ts'
import { DelayedResponseAuthenticationException } from './DelayedResponseAuthenticationException.ts'
import type { KafkaChannel } from './KafkaChannel.ts'
import type { NetworkReceive } from './NetworkReceive.ts'
import type { NetworkSend } from './NetworkSend.ts'
import { CancelledKeyException } from './nio/SelectionKey.ts'
import type { Selectable } from './Selectable.ts'
import { type Key, SelectorChannels, type SelectorOptions } from './SelectorChannels.ts'

export type { SelectorOptions } from './SelectorChannels.ts'

export class Selector extends SelectorChannels implements Selectable {
  static readonly NO_IDLE_TIMEOUT_MS = -1
  static readonly NO_FAILED_AUTHENTICATION_DELAY = 0

  private readonly lowMemThreshold: number
  private readonly failedSends = new Set<string>()
  private sends: NetworkSend[] = []
  private outOfMemory = false

  constructor(options: SelectorOptions) {
    super(options)
    this.lowMemThreshold = 0.1 * this.memoryPool.size()
  }

  /**
   * Queues `send`; its bytes leave in `poll`.
   *
   * @throws IllegalStateException when there is no connection, or when it has a send already; in
   *   the second case the connection is closed too, since its caller has lost count
   */
  send(send: NetworkSend): void {
    const id = send.destinationId
    const channel = this.openOrClosingChannelOrFail(id)
    if (this.trace.enabled) {
      this.trace.emit('network.selector.send', { channel: id, bytes: send.size() })
    }
    if (this.closingChannels.has(id)) {
      // The next poll tells of it, with the state in which closing began.
      this.failedSends.add(id)
      return
    }
    try {
      channel.setSend(send)
    } catch (e) {
      channel.setState(ChannelState.FAILED_SEND)
      this.failedSends.add(id)
      this.closeWithMode(channel, 'DISCARD_NO_NOTIFY')
      if (!(e instanceof CancelledKeyException)) {
        this.log.error(`Cannot send on connection ${id}, closing it`, e)
        throw e
      }
    }
  }

  /** Ends the `poll` that is waiting, or the next one. */
  wakeup(): void {
    this.nioSelector.wakeup()
  }

  /**
   * Does what can be done on all connections.
   *
   * @param timeoutMs how long to wait while there is nothing to do, in milliseconds
   */
  async poll(timeoutMs: number): Promise<void> {
    if (!(timeoutMs >= 0)) throw new IllegalArgumentException(`Impossible timeout: ${timeoutMs}`)
    const madeReadProgressLastCall = this.madeReadProgressLastPoll
    this.clear()
    const dataInBuffers = this.keysWithBufferedRead.size > 0
    const atOnce =
      this.immediatelyConnectedKeys.size > 0 || (madeReadProgressLastCall && dataInBuffers)
    this.maybeRecoverFromMemoryPressure()

    const startSelectMs = this.sensors === undefined ? 0 : this.time.hiResClockMs()
    const readyKeys = await this.nioSelector.select(atOnce ? 0 : timeoutMs)
    if (this.trace.enabled) this.trace.emit('network.selector.poll', { timeoutMs, readyKeys })
    const endSelectMs = this.time.hiResClockMs()

    if (readyKeys > 0 || this.immediatelyConnectedKeys.size > 0 || dataInBuffers) {
      const selected = this.nioSelector.selectedKeys()
      if (dataInBuffers) {
        const buffered = this.keysWithBufferedRead
        this.keysWithBufferedRead = new Set()
        for (const key of selected) buffered.delete(key)
        this.pollSelectionKeys(buffered, false, endSelectMs)
      }
      this.pollSelectionKeys(selected, false, endSelectMs)
      this.pollSelectionKeys(this.immediatelyConnectedKeys, true, endSelectMs)
      this.immediatelyConnectedKeys.clear()
    } else {
      this.madeReadProgressLastPoll = true // nothing to do is progress too
    }
    if (this.sensors !== undefined) {
      const ioMs = this.time.hiResClockMs() - endSelectMs
      this.sensors.recordPoll(endSelectMs - startSelectMs, ioMs, this.time.milliseconds())
    }
    this.completeDelayedChannelClose(endSelectMs)
    // By the time of the select: what it found is active, however long the work above took.
    this.maybeCloseOldestConnection(endSelectMs)
  }

  /** Visible for tests. */
  pollSelectionKeys(keys: ReadonlySet<Key>, immediatelyConnected: boolean, nowMs: number): void {
    for (const key of this.determineHandlingOrder(keys)) {
      const channel = key.attachment() as KafkaChannel | null
      if (channel === null) continue
      this.sensors?.maybeRegisterConnectionMetrics(channel.id)
      this.idleExpiryManager?.update(channel.id, nowMs)
      let sendFailed = false
      try {
        if (immediatelyConnected || key.isConnectable()) {
          if (!channel.finishConnect()) continue
          this.connectedIds.push(channel.id)
          this.sensors?.connectionCreated.record()
          if (this.trace.enabled) {
            this.trace.emit('network.selector.connected', { channel: channel.id })
          }
        }
        if (channel.isConnected() && !channel.ready()) {
          channel.prepare()
          if (channel.ready()) this.recordAuthentication()
        }
        if (channel.ready()) {
          if (channel.state() === ChannelState.NOT_CONNECTED) channel.setState(ChannelState.READY)
          if (key.isReadable() || channel.hasBytesBuffered()) this.maybeRead(channel)
        }
        if (channel.hasBytesBuffered() && !this.explicitlyMutedChannels.has(channel)) {
          // The socket will not tell of these again.
          this.keysWithBufferedRead.add(key)
        }
        if (channel.hasSend() && channel.ready() && key.isWritable()) {
          sendFailed = true
          this.write(channel)
          sendFailed = false
        }
        if (!key.isValid()) this.closeWithMode(channel, 'GRACEFUL')
      } catch (e) {
        this.handleFailure(channel, e, sendFailed)
      }
    }
  }

  private maybeRead(channel: KafkaChannel): void {
    if (this.receives.has(channel.id) || this.explicitlyMutedChannels.has(channel)) return
    this.attemptRead(channel)
  }

  protected override attemptRead(channel: KafkaChannel): void {
    const bytes = channel.read()
    if (bytes !== 0) {
      this.madeReadProgressLastPoll = true
      const nowMs = this.sensors === undefined ? 0 : this.time.milliseconds()
      this.sensors?.recordBytesReceived(channel.id, bytes, nowMs)
      const receive = channel.maybeCompleteReceive()
      if (receive !== null) {
        this.receives.set(channel.id, receive)
        this.sensors?.recordCompletedReceive(channel.id, receive.size(), nowMs)
      }
    }
    if (channel.isMuted()) {
      this.outOfMemory = true // it muted itself: nobody reads from a channel muted by others
    } else {
      this.madeReadProgressLastPoll = true
    }
  }

  /** Visible for tests. May complete a send without a byte: the kernel took the last ones since. */
  write(channel: KafkaChannel): void {
    const bytes = channel.write()
    const send = channel.maybeCompleteSend()
    if (send !== null) this.sends.push(send)
    if (this.sensors === undefined || (bytes === 0 && send === null)) return
    const nowMs = this.time.milliseconds()
    if (bytes > 0) this.sensors.recordBytesSent(channel.id, bytes, nowMs)
    if (send !== null) this.sensors.recordCompletedSend(channel.id, send.size(), nowMs)
  }

  /** Every authentication is a first one, and no peer can do it again. */
  private recordAuthentication(): void {
    this.sensors?.successfulAuthentication.record()
    this.sensors?.successfulAuthenticationNoReauth.record()
  }

  private handleFailure(channel: KafkaChannel, e: unknown, sendFailed: boolean): void {
    const at = `${channel.socketDescription()} (channelId=${channel.id})`
    if (e instanceof IOException || e instanceof CancelledKeyException) {
      if (this.log.isEnabled('debug')) this.log.debug(`Connection with ${at} disconnected: ${e}`)
    } else if (e instanceof AuthenticationException) {
      this.sensors?.failedAuthentication.record()
      this.log.info(`Failed authentication with ${at} (${e.message})`)
    } else if (e instanceof InvalidReceiveException) {
      this.log.warn(
        `${e.message} from ${at}; closing the connection. Does the other side speak Kafka?`,
      )
    } else {
      this.log.error(`Unexpected error from ${at}; closing the connection`, e)
    }
    if (e instanceof DelayedResponseAuthenticationException) {
      this.maybeDelayCloseOnAuthenticationFailure(channel)
    } else {
      this.closeWithMode(channel, sendFailed ? 'NOTIFY_ONLY' : 'GRACEFUL')
    }
  }

  /**
   * The keys in the order of becoming ready; in an order of chance while memory is low, since then
   * the first ones take it all.
   */
  private determineHandlingOrder(keys: ReadonlySet<Key>): Iterable<Key> {
    const { random } = this.options
    if (random === undefined || this.outOfMemory) return keys
    if (this.memoryPool.availableMemory() >= this.lowMemThreshold) return keys
    const shuffled = [...keys]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = random.nextInt(i + 1)
      const key = shuffled[i]!
      shuffled[i] = shuffled[j]!
      shuffled[j] = key
    }
    return shuffled
  }

  private maybeRecoverFromMemoryPressure(): void {
    if (!this.outOfMemory || this.memoryPool.isOutOfMemory()) return
    for (const channel of this.openChannels.values()) {
      if (channel.isInMutableState() && !this.explicitlyMutedChannels.has(channel)) {
        channel.maybeUnmute()
      }
    }
    this.outOfMemory = false
  }

  /** Forgets the last poll's results, and ends what only waited for them to be taken. */
  private clear(): void {
    this.clearCompletedSends()
    this.clearCompletedReceives()
    if (this.connectedIds.length > 0) this.connectedIds = []
    if (this.disconnectedIds.size > 0) this.disconnectedIds = new Map()
    for (const [id, channel] of this.closingChannels) {
      const sendFailed = this.failedSends.delete(id)
      if (sendFailed || !this.maybeReadFromClosingChannel(channel)) {
        this.closingChannels.delete(id)
        this.doClose(channel, true)
      }
    }
    for (const id of this.failedSends) this.disconnectedIds.set(id, ChannelState.FAILED_SEND)
    this.failedSends.clear()
    this.madeReadProgressLastPoll = false
  }

  // ---- results of the last poll

  completedSends(): NetworkSend[] {
    return this.sends
  }

  completedReceives(): NetworkReceive[] {
    return [...this.receives.values()]
  }

  disconnected(): Map<string, ChannelState> {
    return this.disconnectedIds
  }

  connected(): string[] {
    return this.connectedIds
  }

  /** Lets go of the frames before the next poll: a broker has many, and they are large. */
  clearCompletedReceives(): void {
    if (this.receives.size > 0) this.receives = new Map()
  }

  clearCompletedSends(): void {
    if (this.sends.length > 0) this.sends = []
  }

  /** A channel muted itself for want of memory, and the pool has not recovered since. */
  isOutOfMemory(): boolean {
    return this.outOfMemory
  }

  isMadeReadProgressLastPoll(): boolean {
    return this.madeReadProgressLastPoll
  }
}
