/**
 * The life of a client's connections: making them, agreeing on versions, giving them up, and
 * failing the requests that were on them. The half of Java's `NetworkClient` that is not about
 * requests.
 *
 *     initiateConnect ─► handleConnections ─► versions asked ─► handleApiVersionsResponse: READY
 *                                                                        │
 *     handleDisconnections    the other side or the network ended it ───┐│
 *     handleTimedOut…         nothing came for too long ────────────────┤│
 *     handleRebootstrap       nobody known is of use any more ──────────┤▼
 *     disconnect              somebody above wants it so ───────────────┴─► back-off begins,
 *                                                                           all requests fail
 *
 * I1  A node is READY only when we know which versions it serves.
 * I2  When a connection goes, every request on it gets its outcome before anything is sent on a new
 *     one: an answer can never be taken for that of another request.
 *
 * @kafka org.apache.kafka.clients.NetworkClient
 * @simplified a class of its own, to keep both halves readable.
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import { IllegalStateException, IOException } from '../common/errors.ts'
import type { Node } from '../common/Node.ts'
import { ChannelState } from '../network/ChannelState.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import { Errors } from '../protocol/Errors.ts'
import type { ApiVersionsResponseData } from '../protocol/messages/ApiVersions.ts'
import { ApiVersionsNegotiation, type ApiVersionsQuestion } from './ApiVersionsNegotiation.ts'
import type { ClientResponse } from './ClientResponse.ts'
import { ClusterConnectionStates } from './ClusterConnectionStates.ts'
import { ConnectionProblems } from './ConnectionProblems.ts'
import { DefaultHostResolver } from './HostResolver.ts'
import type { InFlightRequest } from './InFlightRequest.ts'
import { InFlightRequests } from './InFlightRequests.ts'
import { NO_TIMEOUT_MS } from './KafkaClient.ts'
import { LeastLoadedNode } from './LeastLoadedNode.ts'
import { ManualMetadataUpdater } from './ManualMetadataUpdater.ts'
import type { MetadataUpdater } from './MetadataUpdater.ts'
import type { NetworkClientOptions } from './NetworkClientOptions.ts'
import { NodeApiVersions } from './NodeApiVersions.ts'

export class NodeConnections {
  readonly states: ClusterConnectionStates
  readonly inFlightRequests: InFlightRequests
  /** Set by the `NetworkClient` once, when both are made: the two need each other. */
  metadataUpdater: MetadataUpdater = new ManualMetadataUpdater()
  private readonly options: NetworkClientOptions
  private readonly negotiation = new ApiVersionsNegotiation()
  private readonly problems: ConnectionProblems
  /** Where each node was last connected to: what a problem is described with. */
  private readonly nodes = new Map<string, Node>()

  constructor(options: NetworkClientOptions) {
    this.options = options
    this.problems = new ConnectionProblems(options.logger)
    this.inFlightRequests = new InFlightRequests(options.maxInFlightRequestsPerConnection)
    this.states = new ClusterConnectionStates({
      ...options,
      hostResolver: options.hostResolver ?? new DefaultHostResolver(),
    })
  }

  // ---- whom can we send to?

  /** Connected, through with all handshakes, not throttled, and with room for another request. */
  canSendRequest(nodeId: string, nowMs: number): boolean {
    return (
      this.states.isReady(nodeId, nowMs) &&
      this.options.selector.isChannelReady(nodeId) &&
      this.inFlightRequests.canSendMore(nodeId)
    )
  }

  canConnect(node: Node, nowMs: number): boolean {
    return this.states.canConnect(node.idString(), nowMs)
  }

  isAnyNodeConnecting(): boolean {
    const nodes = this.metadataUpdater.fetchNodes()
    return nodes.some((node) => this.states.isConnecting(node.idString()))
  }

  leastLoadedNode(nowMs: number): LeastLoadedNode {
    const { random, selector } = this.options
    const nodes = this.metadataUpdater.fetchNodes()
    if (nodes.length === 0) {
      throw new IllegalStateException('There are no nodes in the Kafka cluster')
    }
    return LeastLoadedNode.choose(nodes, random.nextInt(nodes.length), {
      isReady: (id) => this.states.isReady(id, nowMs) && selector.isChannelReady(id),
      canSendMore: (id) => this.inFlightRequests.canSendMore(id),
      inFlight: (id) => this.inFlightRequests.count(id),
      isPreparing: (id) => this.states.isPreparingConnection(id),
      canConnect: (id) => this.states.canConnect(id, nowMs),
      lastConnectAttemptMs: (id) => this.states.lastConnectAttemptMs(id),
    })
  }

  // ---- connections come

  initiateConnect(node: Node, nowMs: number): void {
    const { selector, trace, logger } = this.options
    const nodeId = node.idString()
    this.nodes.set(nodeId, node)
    try {
      this.states.connecting(nodeId, nowMs, node.host)
      const address = this.states.currentAddress(nodeId)
      if (trace.enabled) {
        const { id, host, port } = node
        trace.emit('clients.nodeConnections.initiateConnect', { node: id, host, port })
      }
      logger.debug(`Initiating connection to node ${node} using address ${address}`)
      selector.connect(nodeId, address, node.port)
    } catch (error) {
      if (!(error instanceof IOException)) throw error
      logger.debug(`Error connecting to node ${node}: ${error.message}`)
      this.states.disconnected(nodeId, nowMs)
      this.tellUpdater(nodeId, nowMs, ChannelState.NOT_CONNECTED, false, null)
    }
  }

  handleConnections(): void {
    const { selector, discoverBrokerVersions = true } = this.options
    for (const node of selector.connected()) {
      if (discoverBrokerVersions) this.negotiation.begin(node)
      else this.ready(node)
    }
  }

  /** Nodes to ask for their versions now. Each is asked by the caller, and is not named again. */
  takeApiVersionsRequests(): readonly ApiVersionsQuestion[] {
    const { selector } = this.options
    const due = this.negotiation.pending((node) => {
      return selector.isChannelReady(node) && this.inFlightRequests.canSendMore(node)
    })
    for (const [node] of due) {
      // Not before the request goes out: in this state no set-up time-out runs, and a channel that
      // never gets through its handshake would stay in it for ever.
      this.states.checkingApiVersions(node)
      this.negotiation.remove(node)
    }
    return due
  }

  handleApiVersionsResponse(
    responses: ClientResponse[],
    request: InFlightRequest,
    response: ApiVersionsResponseData,
    nowMs: number,
  ): void {
    const node = request.destination
    if (response.errorCode === Errors.NONE.code) {
      this.options.apiVersions.update(node, NodeApiVersions.from(response))
      this.ready(node)
    } else if (!this.negotiation.askAgain(node, request.header.apiVersion, response)) {
      const error = Errors.forCode(response.errorCode).name
      this.options.logger.warn(
        `Received error ${error} from node ${node} when making an ApiVersionsRequest with ` +
          `correlation id ${request.header.correlationId}. Disconnecting.`,
      )
      this.closeAndFail(responses, node, nowMs, null)
    }
  }

  private ready(node: string): void {
    this.states.ready(node)
    this.problems.solved(node)
  }

  /** The node named a throttle time: it and its requests get that much more time. */
  throttle(node: string, throttleTimeMs: number, nowMs: number): void {
    if (throttleTimeMs <= 0) return
    this.inFlightRequests.incrementThrottleTime(node, throttleTimeMs)
    this.states.throttle(node, nowMs + throttleTimeMs)
  }

  // ---- connections go

  handleDisconnections(responses: ClientResponse[], nowMs: number): void {
    const { selector, trace, logger } = this.options
    for (const [node, channelState] of selector.disconnected()) {
      // Somebody else may have ended it meanwhile, while the poll was being awaited.
      if (!this.states.isConnected(node) && !this.states.isConnecting(node)) continue
      if (trace.enabled) {
        trace.emit('clients.nodeConnections.handleDisconnections', {
          node: Number(node),
          state: channelState.state,
        })
      }
      if (channelState.state === 'EXPIRED') {
        logger.debug(`Idle connection to node ${node} disconnected.`)
      } else {
        logger.info(`Node ${node} disconnected.`)
      }
      this.processDisconnection(responses, node, nowMs, channelState, null)
    }
  }

  handleTimedOutConnections(responses: ClientResponse[], nowMs: number): void {
    for (const node of this.states.nodesWithConnectionSetupTimeout(nowMs)) {
      const limitMs = this.states.connectionSetupTimeoutMs(node)
      this.options.logger.info(
        `Disconnecting from node ${node} due to socket connection setup timeout. ` +
          `The timeout value is ${limitMs} ms.`,
      )
      this.closeAndFail(responses, node, nowMs, limitMs)
    }
  }

  handleTimedOutRequests(responses: ClientResponse[], nowMs: number): void {
    const { trace, logger } = this.options
    for (const node of this.inFlightRequests.nodesWithTimedOutRequests(nowMs)) {
      const { header, send, requestTimeoutMs, sendTimeMs } = this.inFlightRequests.oldest(node)
      if (trace.enabled) {
        trace.emit('clients.nodeConnections.timedOut', {
          api: header.apiKey.name,
          apiVersion: header.apiVersion,
          correlationId: header.correlationId,
          bytes: send.size(),
          node: Number(node),
          waitedMs: nowMs - sendTimeMs,
        })
      }
      logger.info(`Disconnecting from node ${node} due to request timeout.`)
      this.closeAndFail(responses, node, nowMs, requestTimeoutMs)
    }
  }

  handleRebootstrap(responses: ClientResponse[], nowMs: number): void {
    const { selector, logger, metadataRecoveryStrategy, rebootstrapTriggerMs } = this.options
    if (metadataRecoveryStrategy !== 'rebootstrap') return
    if (!this.metadataUpdater.needsRebootstrap(nowMs, rebootstrapTriggerMs ?? NO_TIMEOUT_MS)) return
    for (const node of this.metadataUpdater.fetchNodes()) {
      const id = node.idString()
      selector.closeChannel(id)
      if (this.states.isConnecting(id) || this.states.isConnected(id)) {
        logger.info(`Disconnecting from node ${id} due to client rebootstrap.`)
        this.processDisconnection(responses, id, nowMs, ChannelState.LOCAL_CLOSE, null)
      }
    }
    this.metadataUpdater.rebootstrap(nowMs)
  }

  /** @param timedOutAfterMs we gave up waiting; `null`: for another reason */
  closeAndFail(
    responses: ClientResponse[],
    node: string,
    nowMs: number,
    timedOutAfterMs: number | null,
  ): void {
    this.options.selector.closeChannel(node)
    this.processDisconnection(responses, node, nowMs, ChannelState.LOCAL_CLOSE, timedOutAfterMs)
  }

  private processDisconnection(
    responses: ClientResponse[],
    nodeId: string,
    nowMs: number,
    channelState: ChannelState,
    timedOutAfterMs: number | null,
  ): void {
    const wasReady = this.states.connectionState(nodeId) === 'READY'
    this.states.disconnected(nodeId, nowMs)
    this.forgetVersions(nodeId)
    const { exception } = channelState
    if (exception !== null) this.states.authenticationFailed(nodeId, nowMs, exception)
    this.cancelInFlightRequests(nodeId, nowMs, responses, timedOutAfterMs !== null)
    this.tellUpdater(nodeId, nowMs, channelState, wasReady, timedOutAfterMs)
  }

  private tellUpdater(
    nodeId: string,
    nowMs: number,
    channelState: ChannelState,
    wasReady: boolean,
    timedOutAfterMs: number | null,
  ): void {
    const node = this.nodes.get(nodeId)!
    const problem = this.problems.note({ node, channelState, wasReady, timedOutAfterMs })
    const authenticationException: AuthenticationException | null = channelState.exception
    this.metadataUpdater.handleServerDisconnect(nowMs, { nodeId, authenticationException, problem })
  }

  /** @param responses where the failures go; `null`: nobody wants to hear of them */
  private cancelInFlightRequests(
    nodeId: string,
    nowMs: number,
    responses: ClientResponse[] | null,
    timedOut: boolean,
  ): void {
    for (const request of this.inFlightRequests.clearAll(nodeId)) {
      this.options.logger.info(
        `Cancelled in-flight ${request} due to node ${nodeId} being disconnected ` +
          `(elapsed time since creation: ${request.timeElapsedSinceCreateMs(nowMs)}ms, ` +
          `elapsed time since send: ${request.timeElapsedSinceSendMs(nowMs)}ms, ` +
          `throttle time: ${request.throttleTimeMs}ms, ` +
          `request timeout: ${request.requestTimeoutMs}ms)`,
      )
      if (!request.isInternalRequest) {
        responses?.push(timedOut ? request.timedOut(nowMs) : request.disconnected(nowMs))
      } else if (request.header.apiKey === ApiKeys.METADATA) {
        this.metadataUpdater.handleFailedRequest(nowMs, null)
      }
    }
  }

  /** Ends a connection; the outcomes of its requests are added to `abortedSends`. */
  disconnect(nodeId: string, nowMs: number, abortedSends: ClientResponse[]): void {
    const { selector, logger } = this.options
    if (!this.states.isConnected(nodeId) && !this.states.isConnecting(nodeId)) {
      logger.debug(`Client requested disconnect from node ${nodeId}, which is not connected`)
      return
    }
    logger.info(`Client requested disconnect from node ${nodeId}`)
    selector.closeChannel(nodeId)
    this.forgetVersions(nodeId)
    this.cancelInFlightRequests(nodeId, nowMs, abortedSends, false)
    this.states.disconnected(nodeId, nowMs)
  }

  /** Ends a connection and all that was on it, without a word, and forgets the node. */
  closeConnection(nodeId: string, nowMs: number): void {
    this.options.logger.info(`Client requested connection close from node ${nodeId}`)
    this.options.selector.closeChannel(nodeId)
    this.forgetVersions(nodeId)
    this.cancelInFlightRequests(nodeId, nowMs, null, false)
    this.states.remove(nodeId)
  }

  /** What a node serves may have changed when it comes back. */
  private forgetVersions(nodeId: string): void {
    this.options.apiVersions.remove(nodeId)
    this.negotiation.remove(nodeId)
  }
}
