/**
 * Calls that know whom to ask and wait until they may: the node is being connected to, or has
 * another call in flight.
 *
 * Who waits for a connection shares one deadline with all others at that node: `request.timeout.ms`
 * from the first try on. When the node is ready, what is left of it is the time for the request.
 *
 * @kafka org.apache.kafka.clients.admin.KafkaAdminClient.AdminClientRunnable
 * @simplified a class of its own; in Java these are `callsToSend`, `nodeReadyDeadlines`, and half
 *   of `sendEligibleCalls`.
 */

import type { KafkaClient } from '../../clients/KafkaClient.ts'
import type { Node } from '../../common/Node.ts'
import type { Call } from './Call.ts'

export interface CallsToSendOptions {
  readonly client: KafkaClient
  readonly requestTimeoutMs: number
}

/** What to do about a node with waiting calls. */
export type NodeStep =
  | { readonly what: 'wait'; readonly waitMs: number }
  | {
      readonly what: 'send'
      readonly node: Node
      readonly calls: Call[]
      readonly remainingRequestTimeMs: number
    }

interface NodeQueue {
  readonly node: Node
  readonly calls: Call[]
  /** When to give the node up; `null`: it is not being waited for. */
  readyDeadlineMs: number | null
}

export class CallsToSend {
  private readonly options: CallsToSendOptions
  /** By the id of the node. */
  private readonly queues = new Map<string, NodeQueue>()

  constructor(options: CallsToSendOptions) {
    this.options = options
  }

  add(node: Node, call: Call): void {
    const id = node.idString()
    let queue = this.queues.get(id)
    if (queue === undefined) {
      queue = { node, calls: [], readyDeadlineMs: null }
      this.queues.set(id, queue)
    }
    queue.calls.push(call)
  }

  /** The waiting calls, node by node; a list may be changed. */
  *lists(): Generator<Call[]> {
    for (const { calls } of this.queues.values()) yield calls
  }

  /** Takes the calls out whose node is to be chosen again. */
  take(shouldUnassign: (node: Node) => boolean): Call[] {
    const taken: Call[] = []
    for (const [id, { node, calls }] of this.queues) {
      if (calls.length > 0 && !shouldUnassign(node)) continue
      taken.push(...calls)
      this.queues.delete(id)
    }
    return taken
  }

  forgetReadyDeadline(node: Node): void {
    const queue = this.queues.get(node.idString())
    if (queue !== undefined) queue.readyDeadlineMs = null
  }

  /** Takes the nodes out that were not ready in time, with the calls that wait for them. */
  *takeOverdue(nowMs: number): Generator<{ node: Node; calls: Call[] }> {
    for (const [id, { node, calls, readyDeadlineMs }] of this.queues) {
      if (readyDeadlineMs === null || nowMs < readyDeadlineMs) continue
      this.queues.delete(id)
      yield { node, calls }
    }
  }

  /** Goes through the nodes, and connects where that is to be done. */
  *steps(isBusy: (node: Node) => boolean, nowMs: number): Generator<NodeStep> {
    for (const [id, queue] of this.queues) {
      const { node, calls } = queue
      if (calls.length === 0) {
        this.queues.delete(id)
      } else if (isBusy(node)) {
        queue.readyDeadlineMs = null
      } else if (this.options.client.ready(node, nowMs)) {
        const deadlineMs = queue.readyDeadlineMs ?? nowMs + this.options.requestTimeoutMs
        queue.readyDeadlineMs = null
        yield { what: 'send', node, calls, remainingRequestTimeMs: deadlineMs - nowMs }
      } else {
        yield this.notReady(queue, nowMs)
      }
    }
  }

  private notReady(queue: NodeQueue, nowMs: number): NodeStep {
    queue.readyDeadlineMs ??= nowMs + this.options.requestTimeoutMs
    const waitMs = Math.min(
      queue.readyDeadlineMs - nowMs,
      this.options.client.pollDelayMs(queue.node, nowMs),
    )
    return { what: 'wait', waitMs }
  }
}
