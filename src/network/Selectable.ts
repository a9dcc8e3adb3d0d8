/**
 * A poll loop over many connections, as `NetworkClient` and the broker's processors see it.
 *
 * @kafka org.apache.kafka.common.network.Selectable
 */

import type { ChannelState } from './ChannelState.ts'
import type { NetworkReceive } from './NetworkReceive.ts'
import type { NetworkSend } from './NetworkSend.ts'

export interface Selectable {
  /** Begins connecting under `id`; `connected` or `disconnected` tells the outcome. */
  connect(id: string, host: string, port: number): void
  /** Ends the `poll` that is waiting, or the next one. */
  wakeup(): void
  /** Closes all connections. */
  close(): void
  /** Closes one connection; nothing is told of it. In Java `close(id)`. */
  closeChannel(id: string): void
  /** Gives `send` to its connection; the bytes leave in `poll`. */
  send(send: NetworkSend): void
  /** Does what can be done on all connections; waits up to `timeoutMs` while there is nothing. */
  poll(timeoutMs: number): Promise<void>
  /** What the last `poll` has sent. */
  completedSends(): NetworkSend[]
  /** What the last `poll` has received. With a memory pool, whoever takes them closes them. */
  completedReceives(): NetworkReceive[]
  /** What the last `poll` found gone, and how far it had come. */
  disconnected(): Map<string, ChannelState>
  /** What the last `poll` found connected. */
  connected(): string[]
  /** Reads no more from this connection, until `unmute`. */
  mute(id: string): void
  unmute(id: string): void
  muteAll(): void
  unmuteAll(): void
  /** Connected, and through with the handshake. */
  isChannelReady(id: string): boolean
}
