/**
 * The requests on the wire, one queue per node.
 *
 *     add ──►  [ newest │ … │ oldest ]  ──► completeNext      a response is always for the oldest
 *                  └──► completeLastSent                      no response wanted: done once sent
 *
 * A broker answers the requests of one connection in their order, so no table of correlation ids is
 * needed: a queue is enough, and the id is only a check.
 *
 * I1  A node gets the next request only when the one before it is fully handed over to the network
 *     (a channel has one send at a time) and fewer than the maximum have no answer.
 * I2  The total is the sum of the queues.
 *
 * @kafka org.apache.kafka.clients.InFlightRequests
 */

import { IllegalStateException } from '../common/errors.ts'
import type { InFlightRequest } from './InFlightRequest.ts'
import { NO_TIMEOUT_MS } from './KafkaClient.ts'

export class InFlightRequests {
  private readonly maxInFlightRequestsPerConnection: number
  /** Oldest first. Queues are short (5 by default), so `shift` costs nothing worth a deque. */
  private readonly requests = new Map<string, InFlightRequest[]>()
  private total = 0

  constructor(maxInFlightRequestsPerConnection: number) {
    this.maxInFlightRequestsPerConnection = maxInFlightRequestsPerConnection
  }

  add(request: InFlightRequest): void {
    const queue = this.requests.get(request.destination)
    if (queue === undefined) this.requests.set(request.destination, [request])
    else queue.push(request)
    this.total++
  }

  /** Takes the oldest request out: a response came. */
  completeNext(node: string): InFlightRequest {
    const request = this.requestQueue(node).shift()!
    this.total--
    return request
  }

  /** The oldest request; it stays. */
  oldest(node: string): InFlightRequest {
    return this.requestQueue(node)[0]!
  }

  /** Undoes `completeNext`: what came was no answer. */
  putBack(request: InFlightRequest): void {
    const queue = this.requests.get(request.destination)
    if (queue === undefined) this.requests.set(request.destination, [request])
    else queue.unshift(request)
    this.total++
  }

  /** The newest request; it stays. */
  lastSent(node: string): InFlightRequest {
    return this.requestQueue(node).at(-1)!
  }

  /** Takes the newest request out: it was sent, and nobody will answer. */
  completeLastSent(node: string): InFlightRequest {
    const request = this.requestQueue(node).pop()!
    this.total--
    return request
  }

  canSendMore(node: string): boolean {
    const queue = this.requests.get(node)
    const last = queue?.at(-1)
    if (queue === undefined || last === undefined) return true
    return last.send.completed() && queue.length < this.maxInFlightRequestsPerConnection
  }

  /** To one node, or to all. */
  count(node?: string): number {
    return node === undefined ? this.total : (this.requests.get(node)?.length ?? 0)
  }

  isEmpty(node?: string): boolean {
    return this.count(node) === 0
  }

  /** Takes out all requests to a node, oldest first. */
  clearAll(node: string): InFlightRequest[] {
    const queue = this.requests.get(node)
    if (queue === undefined) return []
    this.requests.delete(node)
    this.total -= queue.length
    return queue
  }

  /** Nodes that have let at least one request's time run out. */
  nodesWithTimedOutRequests(nowMs: number): string[] {
    const nodes: string[] = []
    for (const [node, queue] of this.requests) {
      if (queue.some((request) => request.isExpired(nowMs))) nodes.push(node)
    }
    return nodes
  }

  /** Milliseconds until the first request's time runs out; never below 0. */
  timeToNextTimeoutMs(nowMs: number): number {
    let leastMs = NO_TIMEOUT_MS
    for (const queue of this.requests.values()) {
      for (const request of queue) leastMs = Math.min(leastMs, request.timeToExpireMs(nowMs))
    }
    return leastMs
  }

  /** The node held us back: all who wait there are given that much more time. */
  incrementThrottleTime(node: string, throttleTimeMs: number): void {
    for (const request of this.requests.get(node) ?? []) {
      request.incrementThrottleTime(throttleTimeMs)
    }
  }

  private requestQueue(node: string): InFlightRequest[] {
    const queue = this.requests.get(node)
    if (queue === undefined || queue.length === 0) {
      throw new IllegalStateException(`There are no in-flight requests for node ${node}`)
    }
    return queue
  }
}
