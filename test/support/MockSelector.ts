/**
 * A `Selectable` without sockets: connections are made and sends are done at the next `poll`, and
 * what is received or lost is what a test says. As with a real selector, results are those of the
 * last `poll` only.
 *
 * @kafka org.apache.kafka.test.MockSelector
 */

import { AuthenticationException } from '../../src/common/errors/ApiExceptions.ts'
import type { Time } from '../../src/common/Time.ts'
import { ChannelState } from '../../src/network/ChannelState.ts'
import type { NetworkReceive } from '../../src/network/NetworkReceive.ts'
import type { NetworkSend } from '../../src/network/NetworkSend.ts'
import type { Selectable } from '../../src/network/Selectable.ts'

export class MockSelector implements Selectable {
  /** Every address that was connected to, in order. */
  readonly addresses: string[] = []
  /** The bytes of the sends that the last poll completed, size prefix included. */
  completedSendBuffers: Uint8Array[] = []
  private readonly time: Time
  private readonly canConnect: (host: string, port: number) => boolean
  private readonly ready = new Set<string>()
  // What the next poll will bring.
  private connecting: string[] = []
  private initiated: NetworkSend[] = []
  private arriving: NetworkReceive[] = []
  private delayed: NetworkReceive[] = []
  private leaving = new Map<string, ChannelState>()
  // What the last poll brought.
  private made: string[] = []
  private sends: NetworkSend[] = []
  private receives: NetworkReceive[] = []
  private lost = new Map<string, ChannelState>()

  constructor(time: Time, canConnect: (host: string, port: number) => boolean = () => true) {
    this.time = time
    this.canConnect = canConnect
  }

  connect(id: string, host: string, port: number): void {
    this.addresses.push(host)
    if (!this.canConnect(host, port)) return
    this.connecting.push(id)
    this.ready.add(id)
  }

  wakeup(): void {}

  close(): void {}

  /** Of what we close ourselves nothing is told. */
  closeChannel(id: string): void {
    this.initiated = this.initiated.filter((send) => send.destinationId !== id)
    this.arriving = this.arriving.filter((receive) => receive.source !== id)
    this.connecting = this.connecting.filter((other) => other !== id)
    this.ready.delete(id)
  }

  send(send: NetworkSend): void {
    this.initiated.push(send)
  }

  async poll(timeoutMs: number): Promise<void> {
    this.made = this.connecting
    this.sends = this.initiated
    this.lost = this.leaving
    this.receives = this.arriving
    this.connecting = []
    this.initiated = []
    this.arriving = []
    this.leaving = new Map()
    this.completedSendBuffers = this.sends.map(writeFully)
    const sentTo = new Set(this.sends.map((send) => send.destinationId))
    this.receives.push(...this.delayed.filter(({ source }) => sentTo.has(source)))
    this.delayed = this.delayed.filter(({ source }) => !sentTo.has(source))
    await this.time.sleep(timeoutMs)
  }

  completedSends(): NetworkSend[] {
    return this.sends
  }

  completedReceives(): NetworkReceive[] {
    return this.receives
  }

  disconnected(): Map<string, ChannelState> {
    return this.lost
  }

  connected(): string[] {
    return this.made
  }

  mute(): void {}

  unmute(): void {}

  muteAll(): void {}

  unmuteAll(): void {}

  isChannelReady(id: string): boolean {
    return this.ready.has(id)
  }

  // ---- what a test says

  /** The connection is neither made nor refused: nothing comes back. */
  serverConnectionBlocked(id: string): void {
    this.connecting = this.connecting.filter((other) => other !== id)
  }

  /** The other side is gone; shows in the next `poll`. */
  serverDisconnect(id: string, state: ChannelState = ChannelState.READY): void {
    this.closeChannel(id)
    this.leaving.set(id, state)
  }

  serverAuthenticationFailed(id: string): void {
    const exception = new AuthenticationException('Authentication failed')
    this.serverDisconnect(id, new ChannelState('AUTHENTICATION_FAILED', null, exception))
  }

  /** Connected, but not through with its handshake. */
  channelNotReady(id: string): void {
    this.ready.delete(id)
  }

  /** Received in the next `poll`. */
  completeReceive(receive: NetworkReceive): void {
    this.arriving.push(receive)
  }

  /** Received in the `poll` that sends the next request to its source. */
  delayedReceive(receive: NetworkReceive): void {
    this.delayed.push(receive)
  }
}

const writeFully = (send: NetworkSend): Uint8Array => {
  const written: number[] = []
  const channel = {
    write: (slices: readonly Uint8Array[]): number => {
      const before = written.length
      for (const slice of slices) written.push(...slice)
      return written.length - before
    },
    hasPendingWrites: () => false,
  }
  while (!send.completed()) send.writeTo(channel)
  return new Uint8Array(written)
}
