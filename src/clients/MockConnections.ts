/**
 * The connections of a `MockClient`: made at the first wish, and whatever a test says of them.
 *
 * @kafka org.apache.kafka.clients.MockClient
 * @simplified a class of its own, to keep both halves readable.
 */

import {
  type AuthenticationException,
  SaslAuthenticationException,
} from '../common/errors/ApiExceptions.ts'
import type { Node } from '../common/Node.ts'
import type { Time } from '../common/Time.ts'
import { MockConnectionState } from './MockConnectionState.ts'

export abstract class MockConnections {
  /** Called by `ready`. */
  readyCallback: ((node: Node) => void) | null = null
  protected readonly time: Time
  private readonly connections = new Map<string, MockConnectionState>()
  private readonly pendingAuthenticationErrors = new Map<string, [Node, number]>()
  private readonly authenticationErrors = new Map<string, AuthenticationException>()

  constructor(time: Time) {
    this.time = time
  }

  abstract disconnect(nodeId: string): void

  // ---- what a test says

  isConnected(nodeId: string): boolean {
    return this.connection(nodeId).isConnected()
  }

  backoff(node: Node, durationMs: number): void {
    this.connection(node.idString()).backingOffUntilMs = this.time.milliseconds() + durationMs
  }

  setUnreachable(node: Node, durationMs: number): void {
    this.disconnect(node.idString())
    this.connection(node.idString()).unreachableUntilMs = this.time.milliseconds() + durationMs
  }

  throttle(node: Node, durationMs: number): void {
    this.connection(node.idString()).throttledUntilMs = this.time.milliseconds() + durationMs
  }

  delayReady(node: Node, durationMs: number): void {
    this.connection(node.idString()).readyDelayedUntilMs = this.time.milliseconds() + durationMs
  }

  authenticationFailed(node: Node, backoffMs: number): void {
    const id = node.idString()
    this.pendingAuthenticationErrors.delete(id)
    this.authenticationErrors.set(id, new SaslAuthenticationException('Authentication failed'))
    this.disconnect(id)
    this.backoff(node, backoffMs)
  }

  /** The next request to this node finds out that the login is refused. */
  createPendingAuthenticationError(node: Node, backoffMs: number): void {
    this.pendingAuthenticationErrors.set(node.idString(), [node, backoffMs])
  }

  // ---- what a client asks

  isReady(node: Node, nowMs: number): boolean {
    return this.connection(node.idString()).isReady(nowMs)
  }

  ready(node: Node, nowMs: number): boolean {
    this.readyCallback?.(node)
    return this.connection(node.idString()).ready(nowMs)
  }

  connectionDelay(node: Node, nowMs: number): number {
    return this.connection(node.idString()).connectionDelay(nowMs)
  }

  pollDelayMs(node: Node, nowMs: number): number {
    return this.connection(node.idString()).pollDelayMs(nowMs)
  }

  connectionFailed(node: Node): boolean {
    return this.connection(node.idString()).isBackingOff(this.time.milliseconds())
  }

  authenticationException(node: Node): AuthenticationException | null {
    return this.authenticationErrors.get(node.idString()) ?? null
  }

  hasReadyNodes(nowMs: number): boolean {
    return [...this.connections.values()].some((connection) => connection.isReady(nowMs))
  }

  closeConnection(nodeId: string): void {
    this.connections.delete(nodeId)
  }

  /** The login that the next request to this node finds refused, and for how long to stay away. */
  protected takePendingAuthenticationError(nodeId: string): [Node, number] | null {
    const pending = this.pendingAuthenticationErrors.get(nodeId) ?? null
    this.pendingAuthenticationErrors.delete(nodeId)
    return pending
  }

  protected resetConnections(): void {
    this.connections.clear()
    this.authenticationErrors.clear()
  }

  protected connection(nodeId: string): MockConnectionState {
    let connection = this.connections.get(nodeId)
    if (connection === undefined) {
      connection = new MockConnectionState()
      this.connections.set(nodeId, connection)
    }
    return connection
  }
}
