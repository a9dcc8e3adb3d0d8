/**
 * Requests that wait for their node to be ready, one queue per node, oldest first.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.ConsumerNetworkClient.UnsentRequests
 * @simplified in Java a request that cannot be written stays, and every poll from then on throws.
 */

import type { ClientRequest } from '../../clients/ClientRequest.ts'
import { ClientResponse } from '../../clients/ClientResponse.ts'
import type { AuthenticationException } from '../../common/errors/ApiExceptions.ts'
import { IllegalArgumentException, TimeoutException } from '../../common/errors.ts'
import type { Node } from '../../common/Node.ts'

/** A request, and how to say that it will not be sent. */
export interface UnsentRequest {
  readonly request: ClientRequest
  readonly onFailure: (error: Error) => void
}

export class UnsentRequests {
  /** Keyed by `Node.idString`; the node object is the one that was sent to last. */
  private readonly queues = new Map<string, { node: Node; requests: UnsentRequest[] }>()

  put(node: Node, request: UnsentRequest): void {
    const queue = this.queues.get(node.idString())
    if (queue === undefined) this.queues.set(node.idString(), { node, requests: [request] })
    else {
      queue.node = node
      queue.requests.push(request)
    }
  }

  /** The nodes that have a queue, and the queues themselves: whoever sends takes from the front. */
  entries(): Iterable<{ readonly node: Node; readonly requests: UnsentRequest[] }> {
    return this.queues.values()
  }

  /** @param node default: all nodes */
  requestCount(node?: Node): number {
    if (node !== undefined) return this.queues.get(node.idString())?.requests.length ?? 0
    let total = 0
    for (const { requests } of this.queues.values()) total += requests.length
    return total
  }

  /** Takes all requests to `node` out. */
  remove(node: Node): readonly UnsentRequest[] {
    const requests = this.queues.get(node.idString())?.requests ?? []
    this.queues.delete(node.idString())
    return requests
  }

  /**
   * Takes out what has waited longer than its time-out; queues are in order of age, so each is cut
   * at the front.
   */
  removeExpiredRequests(nowMs: number): readonly UnsentRequest[] {
    const expired: UnsentRequest[] = []
    for (const { requests } of this.queues.values()) {
      const isExpired = ({ request }: UnsentRequest): boolean =>
        nowMs - request.createdTimeMs > request.requestTimeoutMs
      const firstAlive = requests.findIndex((unsent) => !isExpired(unsent))
      expired.push(...requests.splice(0, firstAlive < 0 ? requests.length : firstAlive))
    }
    return expired
  }

  /**
   * Sends the first of a queue and takes it out. One whose fields do not fit its message fails
   * alone, and does not stand in the way of those behind it. After any other error it stays, and
   * the next attempt says so again.
   */
  sendFirst(requests: UnsentRequest[], send: (request: ClientRequest) => void): void {
    const { request, onFailure } = requests[0] as UnsentRequest
    try {
      send(request)
    } catch (error) {
      if (!(error instanceof IllegalArgumentException)) throw error
      onFailure(error)
    }
    requests.shift()
  }

  /** Requests that waited longer than they may learn so. */
  failExpiredRequests(nowMs: number): void {
    for (const { request, onFailure } of this.removeExpiredRequests(nowMs)) {
      onFailure(
        new TimeoutException(
          `The ${request.apiKey.name} request to node ${request.destination} could not be sent ` +
            `within ${request.requestTimeoutMs} ms: there was no connection to it.`,
        ),
      )
    }
  }

  /** All requests to `node` learn that its connection could not be made. */
  disconnected(
    node: Node,
    nowMs: number,
    authenticationException: AuthenticationException | null,
  ): void {
    for (const { request } of this.remove(node)) {
      request.callback?.(
        new ClientResponse({
          requestHeader: request.makeHeader(request.requestBuilder.latestAllowedVersion),
          callback: request.callback,
          destination: request.destination,
          createdTimeMs: request.createdTimeMs,
          receivedTimeMs: nowMs,
          disconnected: true,
          authenticationException,
        }),
      )
    }
  }

  /** Drops empty queues, so that nodes long gone do not pile up. */
  clean(): void {
    for (const [id, { requests }] of this.queues) if (requests.length === 0) this.queues.delete(id)
  }
}
