/**
 * The answer to "whom shall I ask?", when any broker will do.
 *
 * `node` may be `null` while `atLeastOneConnectionReady` is true: every live connection has all the
 * requests in flight that it may have. That is no reason to give up on the cluster and bootstrap
 * again; having neither is.
 *
 * @kafka org.apache.kafka.clients.LeastLoadedNode
 */

import type { Node } from '../common/Node.ts'

/** What must be known of a node to choose it, by its id. */
export interface NodeLoad {
  /** Connected and not throttled. */
  isReady(id: string): boolean
  /** A ready node has room for another request. */
  canSendMore(id: string): boolean
  inFlight(id: string): number
  isPreparing(id: string): boolean
  canConnect(id: string): boolean
  /** 0: never. */
  lastConnectAttemptMs(id: string): number
}

export class LeastLoadedNode {
  readonly node: Node | null
  private readonly atLeastOneConnectionReady: boolean

  constructor(node: Node | null, atLeastOneConnectionReady: boolean) {
    this.node = node
    this.atLeastOneConnectionReady = atLeastOneConnectionReady
  }

  /**
   * In this order: a ready node with the fewest requests in flight, a node that is being connected
   * to, the node whose last attempt is the longest ago. Never one that is held back by back-off or
   * throttled.
   *
   * @param start the index to begin at, chosen by chance: else all clients would ask the first node
   */
  static choose(nodes: readonly Node[], start: number, load: NodeLoad): LeastLoadedNode {
    let fewest = Number.MAX_SAFE_INTEGER
    let ready: Node | null = null
    let connecting: Node | null = null
    let connectable: Node | null = null
    let anyReady = false
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[(start + i) % nodes.length]!
      const id = node.idString()
      const isReady = load.isReady(id)
      anyReady ||= isReady
      if (isReady && load.canSendMore(id)) {
        const inFlight = load.inFlight(id)
        if (inFlight === 0) return new LeastLoadedNode(node, true)
        if (inFlight < fewest) {
          fewest = inFlight
          ready = node
        }
      } else if (load.isPreparing(id)) {
        connecting = node
      } else if (
        load.canConnect(id) &&
        (connectable === null || triedLater(connectable, node, load))
      ) {
        connectable = node
      }
    }
    return new LeastLoadedNode(ready ?? connecting ?? connectable, anyReady)
  }

  hasNodeAvailableOrConnectionReady(): boolean {
    return this.node !== null || this.atLeastOneConnectionReady
  }
}

const triedLater = (a: Node, b: Node, load: NodeLoad): boolean =>
  load.lastConnectAttemptMs(a.idString()) > load.lastConnectAttemptMs(b.idString())
