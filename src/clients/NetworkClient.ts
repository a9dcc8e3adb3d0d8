/**
 * Requests and responses over the connections of one client: the floor between those who think in
 * requests and the `Selector`, which thinks in frames.
 *
 *     ready ─► no connection? ─► NodeConnections.initiateConnect
 *     send  ─► doSend: version, bytes, in flight ─► Selector.send
 *     poll  ─► maybe a metadata request
 *              Selector.poll                            the one place that waits
 *              handleCompletedSends                     done, if no answer is wanted
 *              handleCompletedReceives                  done: the oldest request of its node
 *              NodeConnections.handle…                  come, gone, timed out: failed
 *              completeResponses                        callbacks, at last
 *
 * Requests of its own (ApiVersions, metadata) travel the same road, marked internal: they may go
 * out before a node is READY, and users see neither their answers nor their failures.
 *
 * I1  Callbacks run after all state of a `poll` is settled, so a callback may send, or disconnect.
 * I2  While a metadata update is due no user's request is let through, or a busy client would never
 *     get to ask.
 *
 * @kafka org.apache.kafka.clients.NetworkClient
 * @simplified no telemetry (KIP-714). Two things are stricter than in Java: a response that cannot
 *   be read closes its connection and fails what was on it (there the exception leaves `poll`, and
 *   the request gets no outcome), and `poll` wakes when a request's time is up (there after
 *   `request.timeout.ms` of silence, so up to twice as late).
 */

import type { AuthenticationException } from '../common/errors/ApiExceptions.ts'
import { UnsupportedVersionException } from '../common/errors/ApiExceptions.ts'
import {
  DisconnectException,
  IllegalArgumentException,
  IllegalStateException,
  KafkaException,
  SchemaException,
} from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Node } from '../common/Node.ts'
import type { Trace } from '../common/Trace.ts'
import { ByteBufferSend } from '../network/ByteBufferSend.ts'
import type { NetworkReceive } from '../network/NetworkReceive.ts'
import { NetworkSend } from '../network/NetworkSend.ts'
import type { Selectable } from '../network/Selectable.ts'
import { ApiKeys } from '../protocol/ApiKeys.ts'
import type { ApiVersionsResponseData } from '../protocol/messages/ApiVersions.ts'
import type { MetadataResponseData } from '../protocol/messages/Metadata.ts'
import { buildRequestSend, parseResponse } from '../protocol/SendBuilder.ts'
import { ClientRequest } from './ClientRequest.ts'
import { ClientResponse } from './ClientResponse.ts'
import { clientThrottleTimeMs, throttleTimeMsOf } from './ClientThrottle.ts'
import { DefaultMetadataUpdater } from './DefaultMetadataUpdater.ts'
import { InFlightRequest } from './InFlightRequest.ts'
import type { InFlightRequests } from './InFlightRequests.ts'
import type { KafkaClient, NewClientRequest } from './KafkaClient.ts'
import type { LeastLoadedNode } from './LeastLoadedNode.ts'
import type { MetadataRequestBuilder } from './MetadataRequest.ts'
import type { MetadataUpdater } from './MetadataUpdater.ts'
import type { NetworkClientOptions } from './NetworkClientOptions.ts'
import { NodeConnections } from './NodeConnections.ts'
import type { AnyApiKey } from './RequestBuilder.ts'

/** The last eight ids belong to SASL, whose requests do not pass through here. */
const MIN_RESERVED_CORRELATION_ID = 2 ** 31 - 8
const SMALLEST_CORRELATION_ID = -(2 ** 31)

export class NetworkClient implements KafkaClient {
  private readonly options: NetworkClientOptions
  private readonly selector: Selectable
  private readonly connections: NodeConnections
  private readonly inFlightRequests: InFlightRequests
  private readonly metadataUpdater: MetadataUpdater
  private readonly logger: Logger
  private readonly trace: Trace
  /** Outcomes that came about between two polls. */
  private abortedSends: ClientResponse[] = []
  private correlation = 0
  private state: 'ACTIVE' | 'CLOSING' | 'CLOSED' = 'ACTIVE'

  constructor(options: NetworkClientOptions) {
    this.options = options
    this.selector = options.selector
    this.logger = options.logger
    this.trace = options.trace
    this.connections = new NodeConnections(options)
    this.inFlightRequests = this.connections.inFlightRequests
    this.metadataUpdater = options.metadataUpdater ?? this.defaultMetadataUpdater()
    this.connections.metadataUpdater = this.metadataUpdater
  }

  private defaultMetadataUpdater(): MetadataUpdater {
    const { metadata } = this.options
    if (metadata === undefined) {
      throw new IllegalArgumentException('Either `metadata` or `metadataUpdater` must be given')
    }
    return new DefaultMetadataUpdater({
      ...this.options,
      metadata,
      connections: this.connections,
      sendInternalMetadataRequest: this.sendInternalMetadataRequest.bind(this),
    })
  }

  // ---- is a node ready?

  ready(node: Node, nowMs: number): boolean {
    if (node.isEmpty()) throw new IllegalArgumentException(`Cannot connect to empty node ${node}`)
    const ready = this.isReady(node, nowMs)
    if (this.trace.enabled) this.trace.emit('clients.networkClient.ready', { node: node.id, ready })
    if (!ready && this.connections.canConnect(node, nowMs)) {
      this.connections.initiateConnect(node, nowMs)
    }
    return ready
  }

  isReady(node: Node, nowMs: number): boolean {
    // A due metadata request goes first.
    if (this.metadataUpdater.isUpdateDue(nowMs)) return false
    return this.connections.canSendRequest(node.idString(), nowMs)
  }

  connectionDelay(node: Node, nowMs: number): number {
    return this.connections.states.connectionDelay(node.idString(), nowMs)
  }

  pollDelayMs(node: Node, nowMs: number): number {
    return this.connections.states.pollDelayMs(node.idString(), nowMs)
  }

  connectionFailed(node: Node): boolean {
    return this.connections.states.isDisconnected(node.idString())
  }

  authenticationException(node: Node): AuthenticationException | null {
    return this.connections.states.authenticationException(node.idString())
  }

  hasReadyNodes(nowMs: number): boolean {
    return this.connections.states.hasReadyNodes(nowMs)
  }

  leastLoadedNode(nowMs: number): LeastLoadedNode {
    return this.connections.leastLoadedNode(nowMs)
  }

  disconnect(nodeId: string): void {
    this.connections.disconnect(nodeId, this.options.time.milliseconds(), this.abortedSends)
  }

  closeConnection(nodeId: string): void {
    this.connections.closeConnection(nodeId, this.options.time.milliseconds())
  }

  inFlightRequestCount(nodeId?: string): number {
    return this.inFlightRequests.count(nodeId)
  }

  hasInFlightRequests(nodeId?: string): boolean {
    return !this.inFlightRequests.isEmpty(nodeId)
  }

  // ---- requests go out

  newClientRequest<K extends AnyApiKey>(options: NewClientRequest<K>): ClientRequest<K> {
    return new ClientRequest({
      destination: options.nodeId,
      requestBuilder: options.request,
      correlationId: this.nextCorrelationId(),
      clientId: this.options.clientId,
      createdTimeMs: options.createdTimeMs,
      expectResponse: options.expectResponse ?? true,
      requestTimeoutMs: options.requestTimeoutMs ?? this.options.defaultRequestTimeoutMs,
      callback: options.callback ?? null,
    })
  }

  /** Counts through all of an int32, negative ones too, but for those that are SASL's. */
  nextCorrelationId(): number {
    if (this.correlation >= MIN_RESERVED_CORRELATION_ID) this.correlation = SMALLEST_CORRELATION_ID
    return this.correlation++
  }

  send<K extends AnyApiKey>(request: ClientRequest<K>, nowMs: number): void {
    this.doSend(request, false, nowMs)
  }

  sendInternalMetadataRequest(
    request: MetadataRequestBuilder,
    nodeId: string,
    createdTimeMs: number,
  ): void {
    this.doSend(this.newClientRequest({ nodeId, request, createdTimeMs }), true, createdTimeMs)
  }

  private doSend(request: ClientRequest, isInternalRequest: boolean, sendTimeMs: number): void {
    this.ensureActive()
    const { destination, requestBuilder, apiKey, correlationId, clientId } = request
    if (!isInternalRequest && !this.connections.canSendRequest(destination, sendTimeMs)) {
      throw new IllegalStateException(
        `Attempt to send a request to node ${destination} which is not ready.`,
      )
    }
    const { oldestAllowedVersion, latestAllowedVersion } = requestBuilder
    try {
      // Nothing is known before the ApiVersions request itself, nor if nobody asks.
      const versions = this.options.apiVersions.get(destination)
      const version =
        versions?.latestUsableVersion(apiKey, oldestAllowedVersion, latestAllowedVersion) ??
        latestAllowedVersion
      const data = requestBuilder.build(version)
      const slices = buildRequestSend(apiKey, version, correlationId, clientId, data)
      const send = new NetworkSend(destination, new ByteBufferSend(slices))
      if (this.trace.enabled) {
        this.trace.emit('clients.networkClient.doSend', {
          api: apiKey.name,
          apiVersion: version,
          correlationId,
          bytes: send.size(),
          node: Number(destination),
        })
      }
      const sent = { request, version, isInternalRequest, send, sendTimeMs, trace: this.trace }
      this.inFlightRequests.add(new InFlightRequest(sent))
      this.selector.send(send)
    } catch (error) {
      if (!(error instanceof UnsupportedVersionException)) throw error
      this.abort(request, isInternalRequest, error, sendTimeMs)
    }
  }

  /** No version fits: the request is not sent, and its outcome is already known. */
  private abort(
    request: ClientRequest,
    isInternalRequest: boolean,
    versionMismatch: UnsupportedVersionException,
    nowMs: number,
  ): void {
    if (isInternalRequest) {
      if (request.apiKey !== ApiKeys.METADATA) throw versionMismatch
      this.metadataUpdater.handleFailedRequest(nowMs, versionMismatch)
      return
    }
    this.abortedSends.push(
      new ClientResponse({
        requestHeader: request.makeHeader(request.requestBuilder.latestAllowedVersion),
        callback: request.callback,
        destination: request.destination,
        createdTimeMs: nowMs,
        receivedTimeMs: nowMs,
        versionMismatch,
        trace: this.trace,
      }),
    )
  }

  // ---- the step: everything that happens on the wire

  async poll(timeoutMs: number, nowMs: number): Promise<ClientResponse[]> {
    this.ensureActive()
    if (this.abortedSends.length > 0) {
      const aborted = this.abortedSends
      this.abortedSends = []
      return this.completeResponses(aborted)
    }
    const metadataTimeoutMs = this.metadataUpdater.maybeUpdate(nowMs)
    const expiryMs = this.inFlightRequests.timeToNextTimeoutMs(nowMs)
    const { defaultRequestTimeoutMs: atMostMs } = this.options
    await this.selector.poll(Math.min(timeoutMs, metadataTimeoutMs, expiryMs, atMostMs))
    // Others ran while this waited. If one of them closed the client, there is nothing left to do.
    if (this.state === 'CLOSED') return []

    const updatedNowMs = this.options.time.milliseconds()
    const responses: ClientResponse[] = []
    this.handleCompletedSends(responses, updatedNowMs)
    this.handleCompletedReceives(responses, updatedNowMs)
    this.connections.handleDisconnections(responses, updatedNowMs)
    this.connections.handleConnections()
    this.handleInitiateApiVersionRequests(updatedNowMs)
    this.connections.handleTimedOutConnections(responses, updatedNowMs)
    this.connections.handleTimedOutRequests(responses, updatedNowMs)
    this.connections.handleRebootstrap(responses, updatedNowMs)
    return this.completeResponses(responses)
  }

  private completeResponses(responses: ClientResponse[]): ClientResponse[] {
    for (const response of responses) {
      try {
        response.onComplete()
      } catch (error) {
        this.logger.error('Uncaught error in request completion', error)
      }
    }
    return responses
  }

  /** A request without answer is complete once it is sent. */
  private handleCompletedSends(responses: ClientResponse[], nowMs: number): void {
    for (const { destinationId } of this.selector.completedSends()) {
      if (this.inFlightRequests.isEmpty(destinationId)) continue // closed since
      if (this.inFlightRequests.lastSent(destinationId).expectResponse) continue
      const request = this.inFlightRequests.completeLastSent(destinationId)
      responses.push(request.completed(null, nowMs))
    }
  }

  private handleCompletedReceives(responses: ClientResponse[], nowMs: number): void {
    for (const receive of this.selector.completedReceives()) {
      const node = receive.source
      if (this.inFlightRequests.isEmpty(node)) continue // closed since
      const request = this.inFlightRequests.completeNext(node)
      const { apiKey, apiVersion, correlationId } = request.header
      if (this.trace.enabled) {
        this.trace.emit('clients.networkClient.handleCompletedReceives', {
          api: apiKey.name,
          apiVersion,
          correlationId,
          bytes: receive.size(),
          node: Number(node),
          latencyMs: request.timeElapsedSinceSendMs(nowMs),
        })
      }
      const body = this.parse(receive, request)
      if (body === null) {
        // What follows on this connection cannot be trusted either.
        this.inFlightRequests.putBack(request)
        this.connections.closeAndFail(responses, node, nowMs, null)
        continue
      }
      this.options.throttleTimeSensor?.record(throttleTimeMsOf(body), nowMs)
      this.connections.throttle(node, clientThrottleTimeMs(apiKey, apiVersion, body), nowMs)
      if (!request.isInternalRequest) {
        responses.push(request.completed(body, nowMs))
      } else if (apiKey === ApiKeys.METADATA) {
        const metadata = body as MetadataResponseData
        this.metadataUpdater.handleSuccessfulResponse(request.header, nowMs, metadata)
      } else {
        const versions = body as ApiVersionsResponseData
        this.connections.handleApiVersionsResponse(responses, request, versions, nowMs)
      }
    }
  }

  /** `null`: these bytes are no answer to this request. */
  private parse(receive: NetworkReceive, request: InFlightRequest): unknown {
    const { apiKey, apiVersion, correlationId } = request.header
    try {
      const response = parseResponse(apiKey, apiVersion, receive.payload())
      if (response.correlationId === correlationId) return response.data
      throw new SchemaException(
        `It has correlation id ${response.correlationId}, the request ${correlationId}`,
      )
    } catch (error) {
      if (!(error instanceof KafkaException)) throw error
      const complaint =
        `Node ${receive.source} sent what is no ${apiKey.name} response of version ` +
        `${apiVersion}; closing the connection. Is it a Kafka broker?`
      // Who speaks something else does so at every attempt; `ConnectionProblems` says it once.
      if (apiKey === ApiKeys.API_VERSIONS) this.logger.debug(`${complaint} (${error.message})`)
      else this.logger.error(complaint, error)
      return null
    }
  }

  private handleInitiateApiVersionRequests(createdTimeMs: number): void {
    for (const [nodeId, request] of this.connections.takeApiVersionsRequests()) {
      this.doSend(this.newClientRequest({ nodeId, request, createdTimeMs }), true, createdTimeMs)
    }
  }

  // ---- life and death

  wakeup(): void {
    this.selector.wakeup()
  }

  initiateClose(): void {
    if (this.state !== 'ACTIVE') return
    this.state = 'CLOSING'
    this.wakeup()
  }

  active(): boolean {
    return this.state === 'ACTIVE'
  }

  close(): void {
    if (this.state === 'CLOSED') {
      this.logger.warn('Attempting to close NetworkClient that has already been closed.')
      return
    }
    this.state = 'CLOSED'
    this.selector.close()
    this.metadataUpdater.close()
  }

  private ensureActive(): void {
    if (!this.active()) {
      throw new DisconnectException(`NetworkClient is no longer active, state is ${this.state}`)
    }
  }
}
