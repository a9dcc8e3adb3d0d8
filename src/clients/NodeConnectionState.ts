/**
 * What we remember of one node's connection: its state, its failures, and which of its addresses
 * comes next.
 *
 * A name may have several addresses. Each attempt takes the next; when all were tried, or when a
 * connection that had stood is lost, the name is resolved again, since it may point elsewhere now.
 *
 * I1  The address that was tried last is not tried first again after resolving, if there is
 *     another: it may be what the trouble is about.
 *
 * @kafka org.apache.kafka.clients.ClusterConnectionStates.NodeConnectionState
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import type { ConnectionState } from './ConnectionState.ts'
import { type HostResolver, preferredAddresses, UnknownHostException } from './HostResolver.ts'

export interface NodeConnectionStateOptions {
  readonly host: string
  readonly hostResolver: HostResolver
  readonly lastConnectAttemptMs: number
  readonly reconnectBackoffMs: number
  readonly connectionSetupTimeoutMs: number
}

export class NodeConnectionState {
  readonly host: string
  state: ConnectionState = 'CONNECTING'
  authenticationException: AuthenticationException | null = null
  /** When connecting was begun last, or when the connection was lost. */
  lastConnectAttemptMs: number
  /** Connections lost or not made, since the node was last ready. */
  failedAttempts = 0
  /** Connections not made, since one was last made. */
  failedConnectAttempts = 0
  reconnectBackoffMs: number
  connectionSetupTimeoutMs: number
  /** The node asked for no request before this time. */
  throttleUntilTimeMs = 0

  private readonly hostResolver: HostResolver
  private addresses: readonly string[] = []
  private addressIndex = -1
  private lastAttemptedAddress: string | null = null

  constructor(options: NodeConnectionStateOptions) {
    this.host = options.host
    this.hostResolver = options.hostResolver
    this.lastConnectAttemptMs = options.lastConnectAttemptMs
    this.reconnectBackoffMs = options.reconnectBackoffMs
    this.connectionSetupTimeoutMs = options.connectionSetupTimeoutMs
  }

  isReady(nowMs: number): boolean {
    return this.state === 'READY' && this.throttleUntilTimeMs <= nowMs
  }

  /** The address to try. Throws an `UnknownHostException`. */
  currentAddress(): string {
    if (this.addresses.length === 0) this.resolveAddresses()
    const address = this.addresses[this.addressIndex]!
    this.lastAttemptedAddress = address
    return address
  }

  /** The next time, the next address; after the last one, the name is resolved again. */
  moveToNextAddress(): void {
    if (this.addresses.length === 0) return
    this.addressIndex = (this.addressIndex + 1) % this.addresses.length
    if (this.addressIndex === 0) this.clearAddresses()
  }

  clearAddresses(): void {
    this.addresses = []
  }

  private resolveAddresses(): void {
    const addresses = preferredAddresses(this.hostResolver.resolve(this.host))
    if (addresses.length === 0) throw new UnknownHostException(`No address for '${this.host}'`)
    this.addresses = addresses
    this.addressIndex = addresses.length > 1 && addresses[0] === this.lastAttemptedAddress ? 1 : 0
  }

  toString(): string {
    return (
      `NodeConnectionState(state=${this.state}, ` +
      `lastConnectAttemptMs=${this.lastConnectAttemptMs}, ` +
      `failedAttempts=${this.failedAttempts}, ` +
      `failedConnectAttempts=${this.failedConnectAttempts}, ` +
      `throttleUntilTimeMs=${this.throttleUntilTimeMs})`
    )
  }
}
