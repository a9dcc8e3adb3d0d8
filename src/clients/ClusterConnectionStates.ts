/**
 * The state of the connection to each node, and the two clocks that run on it.
 *
 *              connecting                checkingApiVersions          ready
 *     (none) ───────────► CONNECTING ─────────────────────► CHECKING ───────► READY
 *                  ▲          │ set-up time-out grows          │                │
 *                  │          ▼                                ▼                ▼
 *                  └──── DISCONNECTED ◄────────────────────────┴── disconnected ┘
 *              canConnect: reconnect back-off grows with each failure; only `ready` resets it
 *
 * Reconnect back-off keeps a node that is down from being asked in a tight loop. The set-up
 * time-out gives a slow network more time with each attempt, starting from little so that a dead
 * address is soon given up. Both grow by 2, with 20 % jitter, up to a maximum.
 *
 * I1  `connectingNodes` are exactly the nodes in the state CONNECTING: they are the ones whose
 *     set-up can time out.
 * I2  A throttle deadline never moves back.
 *
 * @kafka org.apache.kafka.clients.ClusterConnectionStates
 */

import { ExponentialBackoff } from '../common/ExponentialBackoff.ts'
import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Random } from '../common/Random.ts'
import { type ConnectionState, isConnected, isDisconnected } from './ConnectionState.ts'
import type { HostResolver } from './HostResolver.ts'
import { NO_TIMEOUT_MS } from './KafkaClient.ts'
import { NodeConnectionState } from './NodeConnectionState.ts'

const RECONNECT_BACKOFF_EXP_BASE = 2
const RECONNECT_BACKOFF_JITTER = 0.2
const CONNECTION_SETUP_TIMEOUT_EXP_BASE = 2
const CONNECTION_SETUP_TIMEOUT_JITTER = 0.2

export interface ClusterConnectionStatesOptions {
  /** `reconnect.backoff.ms`. */
  readonly reconnectBackoffMs: number
  /** `reconnect.backoff.max.ms`. */
  readonly reconnectBackoffMaxMs: number
  /** `socket.connection.setup.timeout.ms`. */
  readonly connectionSetupTimeoutMs: number
  /** `socket.connection.setup.timeout.max.ms`. */
  readonly connectionSetupTimeoutMaxMs: number
  readonly hostResolver: HostResolver
  readonly random: Random
  readonly logger: Logger
}

export class ClusterConnectionStates {
  private readonly states = new Map<string, NodeConnectionState>()
  private readonly connectingIds = new Set<string>()
  private readonly reconnectBackoff: ExponentialBackoff
  private readonly connectionSetupTimeout: ExponentialBackoff
  private readonly hostResolver: HostResolver
  private readonly logger: Logger

  constructor(options: ClusterConnectionStatesOptions) {
    this.hostResolver = options.hostResolver
    this.logger = options.logger
    this.reconnectBackoff = new ExponentialBackoff(
      options.reconnectBackoffMs,
      RECONNECT_BACKOFF_EXP_BASE,
      options.reconnectBackoffMaxMs,
      RECONNECT_BACKOFF_JITTER,
      options.random,
    )
    this.connectionSetupTimeout = new ExponentialBackoff(
      options.connectionSetupTimeoutMs,
      CONNECTION_SETUP_TIMEOUT_EXP_BASE,
      options.connectionSetupTimeoutMaxMs,
      CONNECTION_SETUP_TIMEOUT_JITTER,
      options.random,
    )
  }

  // ---- questions

  /** There is no connection, and back-off does not hold a new one back. */
  canConnect(id: string, nowMs: number): boolean {
    const node = this.states.get(id)
    if (node === undefined) return true
    const waitedMs = nowMs - node.lastConnectAttemptMs
    return isDisconnected(node.state) && waitedMs >= node.reconnectBackoffMs
  }

  /** There is no connection, and back-off holds a new one back. */
  isBlackedOut(id: string, nowMs: number): boolean {
    const node = this.states.get(id)
    if (node === undefined) return false
    const waitedMs = nowMs - node.lastConnectAttemptMs
    return isDisconnected(node.state) && waitedMs < node.reconnectBackoffMs
  }

  /**
   * Milliseconds until something may have changed: the rest of the back-off, the time that set-up
   * may take, or no limit for a connection that stands, since then an event will end the wait.
   */
  connectionDelay(id: string, nowMs: number): number {
    const node = this.states.get(id)
    if (node === undefined) return 0
    if (node.state === 'CONNECTING') return node.connectionSetupTimeoutMs
    if (!isDisconnected(node.state)) return NO_TIMEOUT_MS
    const waitedMs = nowMs - node.lastConnectAttemptMs
    return Math.max(0, node.reconnectBackoffMs - waitedMs)
  }

  /** What is left of the throttle time; 0 when none runs. */
  throttleDelayMs(id: string, nowMs: number): number {
    const node = this.states.get(id)
    return node === undefined ? 0 : Math.max(0, node.throttleUntilTimeMs - nowMs)
  }

  pollDelayMs(id: string, nowMs: number): number {
    const throttleDelayMs = this.throttleDelayMs(id, nowMs)
    if (this.isConnected(id) && throttleDelayMs > 0) return throttleDelayMs
    return this.connectionDelay(id, nowMs)
  }

  isConnecting(id: string): boolean {
    return this.states.get(id)?.state === 'CONNECTING'
  }

  /** On the way to be ready, from the first packet to the list of versions. */
  isPreparingConnection(id: string): boolean {
    const state = this.states.get(id)?.state
    return state === 'CONNECTING' || state === 'CHECKING_API_VERSIONS'
  }

  /** Requests may be sent, as far as the connection is concerned. */
  isReady(id: string, nowMs: number): boolean {
    return this.states.get(id)?.isReady(nowMs) ?? false
  }

  hasReadyNodes(nowMs: number): boolean {
    for (const node of this.states.values()) if (node.isReady(nowMs)) return true
    return false
  }

  isConnected(id: string): boolean {
    const node = this.states.get(id)
    return node !== undefined && isConnected(node.state)
  }

  /** There was a connection, or an attempt; not the same as never having tried. */
  isDisconnected(id: string): boolean {
    const node = this.states.get(id)
    return node !== undefined && isDisconnected(node.state)
  }

  authenticationException(id: string): AuthenticationException | null {
    return this.states.get(id)?.authenticationException ?? null
  }

  connectionState(id: string): ConnectionState {
    return this.nodeState(id).state
  }

  /** 0 for a node that was never tried. */
  lastConnectAttemptMs(id: string): number {
    return this.states.get(id)?.lastConnectAttemptMs ?? 0
  }

  connectionSetupTimeoutMs(id: string): number {
    return this.nodeState(id).connectionSetupTimeoutMs
  }

  isConnectionSetupTimeout(id: string, nowMs: number): boolean {
    const node = this.nodeState(id)
    if (node.state !== 'CONNECTING') {
      throw new IllegalStateException(`Node ${id} is not in connecting state`)
    }
    return nowMs - node.lastConnectAttemptMs > node.connectionSetupTimeoutMs
  }

  nodesWithConnectionSetupTimeout(nowMs: number): string[] {
    return [...this.connectingIds].filter((id) => this.isConnectionSetupTimeout(id, nowMs))
  }

  connectingNodes(): ReadonlySet<string> {
    return this.connectingIds
  }

  /** The address to connect to. Throws an `UnknownHostException`. */
  currentAddress(id: string): string {
    return this.nodeState(id).currentAddress()
  }

  // ---- transitions

  /** An attempt begins; at the next address, if this host had one before. */
  connecting(id: string, nowMs: number, host: string): void {
    this.connectingIds.add(id)
    const known = this.states.get(id)
    if (known?.host === host) {
      known.lastConnectAttemptMs = nowMs
      known.state = 'CONNECTING'
      known.moveToNextAddress()
      return
    }
    if (known !== undefined) {
      this.logger.info(`Hostname for node ${id} changed from ${known.host} to ${host}.`)
    }
    const node = new NodeConnectionState({
      host,
      hostResolver: this.hostResolver,
      lastConnectAttemptMs: nowMs,
      reconnectBackoffMs: this.reconnectBackoff.backoff(0),
      connectionSetupTimeoutMs: this.connectionSetupTimeout.backoff(0),
    })
    this.states.set(id, node)
  }

  /** An attempt failed, or a connection was lost. */
  disconnected(id: string, nowMs: number): void {
    const node = this.nodeState(id)
    node.lastConnectAttemptMs = nowMs
    this.updateReconnectBackoff(node)
    if (node.state === 'CONNECTING') {
      node.failedConnectAttempts++
      node.connectionSetupTimeoutMs = this.connectionSetupTimeout.backoff(
        node.failedConnectAttempts,
      )
      this.connectingIds.delete(id)
    } else {
      this.resetConnectionSetupTimeout(node)
      // It had worked, so perhaps the node has moved: ask for its addresses again.
      if (isConnected(node.state)) node.clearAddresses()
    }
    node.state = 'DISCONNECTED'
  }

  /** Connected; the list of versions was asked for. */
  checkingApiVersions(id: string): void {
    const node = this.nodeState(id)
    node.state = 'CHECKING_API_VERSIONS'
    this.resetConnectionSetupTimeout(node)
    this.connectingIds.delete(id)
  }

  ready(id: string): void {
    const node = this.nodeState(id)
    node.state = 'READY'
    node.authenticationException = null
    node.failedAttempts = 0
    node.reconnectBackoffMs = this.reconnectBackoff.backoff(0)
    this.resetConnectionSetupTimeout(node)
    this.connectingIds.delete(id)
  }

  authenticationFailed(id: string, nowMs: number, exception: AuthenticationException): void {
    const node = this.nodeState(id)
    node.authenticationException = exception
    node.state = 'AUTHENTICATION_FAILED'
    node.lastConnectAttemptMs = nowMs
    this.updateReconnectBackoff(node)
  }

  /** The node wants no request before `throttleUntilTimeMs`. */
  throttle(id: string, throttleUntilTimeMs: number): void {
    const node = this.states.get(id)
    if (node !== undefined && node.throttleUntilTimeMs < throttleUntilTimeMs) {
      node.throttleUntilTimeMs = throttleUntilTimeMs
    }
  }

  /** Forgets the node: unlike after `disconnected`, a new connection may be made at once. */
  remove(id: string): void {
    this.states.delete(id)
    this.connectingIds.delete(id)
  }

  private resetConnectionSetupTimeout(node: NodeConnectionState): void {
    node.failedConnectAttempts = 0
    node.connectionSetupTimeoutMs = this.connectionSetupTimeout.backoff(0)
  }

  private updateReconnectBackoff(node: NodeConnectionState): void {
    node.reconnectBackoffMs = this.reconnectBackoff.backoff(node.failedAttempts)
    node.failedAttempts++
  }

  private nodeState(id: string): NodeConnectionState {
    const node = this.states.get(id)
    if (node === undefined) throw new IllegalStateException(`No entry found for connection ${id}`)
    return node
  }
}
