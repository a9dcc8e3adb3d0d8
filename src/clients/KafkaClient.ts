/**
 * The seam between those who have requests to make and the one who knows connections.
 *
 * Producer, consumer and admin loop over the same few steps, on one event loop and without a socket
 * in sight:
 *
 *     ready(node)?  ──no──►  poll(…)  and ask again: the connection is being made
 *          │yes
 *     send(newClientRequest({…, callback}))        queued, nothing has been written yet
 *          │
 *     poll(timeoutMs, nowMs)                       writes, reads, calls back: all I/O happens here
 *
 * I1  Every request that was sent gets exactly one response: a body, a disconnection, or a version
 *     mismatch. The one exception is `closeConnection`, whose caller says that it does not want to
 *     hear.
 * I2  Callbacks run inside `poll`, after all of its I/O, in the order of the events.
 * I3  Responses of one node come in the order of its requests.
 *
 * `NetworkClient` is the real one, `MockClient` the one with scripted answers.
 *
 * @kafka org.apache.kafka.clients.KafkaClient
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import type { Node } from '../common/Node.ts'
import type { ClientRequest } from './ClientRequest.ts'
import type { ClientResponse, RequestCompletionHandler } from './ClientResponse.ts'
import type { LeastLoadedNode } from './LeastLoadedNode.ts'
import type { AnyApiKey, RequestBuilder } from './RequestBuilder.ts'

/** "Nothing to wait for but an event": Java's `Long.MAX_VALUE`, as far as a `number` can say it. */
export const NO_TIMEOUT_MS = Number.MAX_SAFE_INTEGER

export interface NewClientRequest<K extends AnyApiKey = AnyApiKey> {
  /** `Node.idString` of where it goes. */
  readonly nodeId: string
  readonly request: RequestBuilder<K>
  readonly createdTimeMs: number
  /** `false`: complete once sent. Default: `true`. */
  readonly expectResponse?: boolean
  /** Default: the client's own (`request.timeout.ms`). */
  readonly requestTimeoutMs?: number
  readonly callback?: RequestCompletionHandler<K> | null
}

export interface KafkaClient {
  /** A request may be sent to `node` now. Does not connect. */
  isReady(node: Node, nowMs: number): boolean
  /** As `isReady`, and starts a connection when there is none and none is held back. */
  ready(node: Node, nowMs: number): boolean
  /**
   * Milliseconds until it is worth asking again, going by the connection: back-off, or the time
   * set-up may take.
   */
  connectionDelay(node: Node, nowMs: number): number
  /** As `connectionDelay`, or the throttle time that the node asked for, if one runs. */
  pollDelayMs(node: Node, nowMs: number): number
  /** The connection failed and is not being made again yet. */
  connectionFailed(node: Node): boolean
  authenticationException(node: Node): AuthenticationException | null

  /** Queues a request. Throws an `IllegalStateException` when its node is not ready. */
  send<K extends AnyApiKey>(request: ClientRequest<K>, nowMs: number): void
  /**
   * All reading and writing. Waits at most `timeoutMs` for something to happen, less when a request
   * or the metadata is due sooner. Not to be called again before it has settled.
   */
  poll(timeoutMs: number, nowMs: number): Promise<ClientResponse[]>

  /** Closes a connection; its requests come back as disconnected from the next `poll`. */
  disconnect(nodeId: string): void
  /** Closes a connection and forgets its requests: no response, no callback. */
  closeConnection(nodeId: string): void

  /** The node with the fewest requests in flight, a connected one if there is one. */
  leastLoadedNode(nowMs: number): LeastLoadedNode

  /** Requests without an outcome yet, to one node or to all. */
  inFlightRequestCount(nodeId?: string): number
  hasInFlightRequests(nodeId?: string): boolean
  /** There is a node that is connected and not throttled. */
  hasReadyNodes(nowMs: number): boolean

  /** Ends a `poll` that waits, or the next one. */
  wakeup(): void

  newClientRequest<K extends AnyApiKey>(options: NewClientRequest<K>): ClientRequest<K>

  /** From now on nothing is sent; a `poll` that waits returns. `close` follows. */
  initiateClose(): void
  /** `false` from `initiateClose` or `close` on. */
  active(): boolean
  close(): void
}
