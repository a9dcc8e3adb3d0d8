/**
 * A `KafkaClient` without a network, whose answers a test has written beforehand.
 *
 *     client.prepareResponse(ApiKeys.PRODUCE, {…})   answers the next request that is sent
 *     client.respond(ApiKeys.PRODUCE, {…})           answers the oldest request that was sent
 *     client.requests()                              what is waiting for an answer
 *
 * Connections come about at the first `ready`, and can be made to back off, to be slow, throttled,
 * unreachable. Requests and answers go through the real codecs in the version that would be used,
 * so a test cannot expect what the wire does not carry.
 *
 * `poll` returns at once, as Kafka's does, so that a test steps through `runOnce` by hand. For a
 * client that runs a loop of its own, set `waitDuringPoll`, with a `Simulation` as its time.
 *
 * @kafka org.apache.kafka.clients.MockClient
 */

import {
  AuthenticationException,
  UnsupportedVersionException,
} from '../common/errors/ApiExceptions.ts'
import { IllegalStateException } from '../common/errors.ts'
import type { Node } from '../common/Node.ts'
import type { Scheduled, Time } from '../common/Time.ts'
import { ClientRequest } from './ClientRequest.ts'
import { ClientResponse, type ClientResponseOptions } from './ClientResponse.ts'
import type { KafkaClient, NewClientRequest } from './KafkaClient.ts'
import { LeastLoadedNode } from './LeastLoadedNode.ts'
import { Metadata } from './Metadata.ts'
import type { MetadataResponse } from './MetadataResponse.ts'
import { MockConnections } from './MockConnections.ts'
import {
  DefaultMockMetadataUpdater,
  type MetadataUpdate,
  type MockMetadataUpdater,
  StaticMockMetadataUpdater,
} from './MockMetadataUpdater.ts'
import { NodeApiVersions } from './NodeApiVersions.ts'
import type { AnyApiKey, RequestDataOf, ResponseInputOf } from './RequestBuilder.ts'
import { throughCodec } from './throughCodec.ts'

/** Looks at a request as the broker would read it; `false` fails the test. */
export type RequestMatcher<K extends AnyApiKey = AnyApiKey> = {
  matches(request: RequestDataOf<K>, apiVersion: number): boolean
}['matches']

export interface ResponseOptions<K extends AnyApiKey = AnyApiKey> {
  /** Default: any request of this API. */
  readonly matcher?: RequestMatcher<K>
  /** Only for a request to this node. Default: to any. */
  readonly node?: Node
  /** The connection goes away instead of the answer coming. Default: `false`. */
  readonly disconnected?: boolean
}

interface PreparedResponse extends ResponseOptions {
  readonly apiKey: AnyApiKey
  readonly data: unknown
  readonly isUnsupportedRequest: boolean
}

const DEFAULT_REQUEST_TIMEOUT_MS = 5000

export class MockClient extends MockConnections implements KafkaClient {
  /** Each `poll` lets its time-out pass: for a `MockTime`. */
  advanceTimeDuringPoll = false
  /** Each `poll` waits for an answer, a wakeup or its time-out: for a `Simulation`. */
  waitDuringPoll = false
  /** Called by `wakeup`. */
  wakeupHook: (() => void) | null = null

  private readonly metadataUpdater: MockMetadataUpdater
  private sent: ClientRequest[] = []
  private prepared: PreparedResponse[] = []
  private arrived: ClientResponse[] = []
  private metadataUpdates: MetadataUpdate[] = []
  private nodeApiVersions = NodeApiVersions.create()
  private correlation = 0
  private isActive = true
  private endWait: (() => void) | null = null
  private wokenUp = false

  /** @param nodes the nodes, or the `Metadata` that knows them. Default: none. */
  constructor(time: Time, nodes: Metadata | MockMetadataUpdater | readonly Node[] = []) {
    super(time)
    this.metadataUpdater =
      nodes instanceof Metadata
        ? new DefaultMockMetadataUpdater(nodes)
        : 'fetchNodes' in nodes
          ? nodes
          : new StaticMockMetadataUpdater(nodes)
  }

  /** What all nodes serve. Default: all that we speak. */
  setNodeApiVersions(versions: NodeApiVersions): void {
    this.nodeApiVersions = versions
  }

  // ---- what a test says of answers

  /**
   * The answer to the next request; a request of another API, or one that does not match, throws.
   */
  prepareResponse<K extends AnyApiKey>(
    apiKey: K,
    data: ResponseInputOf<K> | null,
    options: ResponseOptions<K> = {},
  ): void {
    this.prepared.push({ ...options, apiKey, data, isUnsupportedRequest: false })
  }

  /** The next request is found to be in no version that the node serves. */
  prepareUnsupportedVersionResponse<K extends AnyApiKey>(
    apiKey: K,
    matcher?: RequestMatcher<K>,
  ): void {
    const options = matcher === undefined ? {} : { matcher }
    this.prepared.push({ ...options, apiKey, data: null, isUnsupportedRequest: true })
  }

  /** Answers the oldest request that is waiting (to `options.node`, if that is given). */
  respond<K extends AnyApiKey>(
    apiKey: K,
    data: ResponseInputOf<K> | null,
    options: ResponseOptions<K> = {},
  ): void {
    const { node } = options
    const request = this.sent.find((r) => node === undefined || r.destination === node.idString())
    if (request === undefined) {
      throw new IllegalStateException(
        node === undefined ? 'No current requests queued' : `No requests available to node ${node}`,
      )
    }
    this.respondToRequest(request, apiKey, data, options)
  }

  /** Answers this request, be it its turn or not. */
  respondToRequest<K extends AnyApiKey>(
    request: ClientRequest,
    apiKey: K,
    data: ResponseInputOf<K> | null,
    options: ResponseOptions<K> = {},
  ): void {
    const prepared = { ...options, apiKey, data, isUnsupportedRequest: false }
    const version = this.versionFor(request)
    this.check(request, version, prepared)
    this.sent = this.sent.filter((other) => other !== request)
    this.arrive(request, version, {
      disconnected: options.disconnected ?? false,
      responseBody: bodyOf(prepared, version),
    })
  }

  /** The next update of the metadata; the last one is used again when there is no other. */
  prepareMetadataUpdate(response: MetadataResponse, expectMatchRefreshTopics = false): void {
    this.metadataUpdates.push({ response, expectMatchRefreshTopics })
  }

  updateMetadata(response: MetadataResponse): void {
    const update = { response, expectMatchRefreshTopics: false }
    this.metadataUpdater.update(update, this.time.milliseconds())
  }

  /** Requests that have no answer yet, the oldest first. */
  requests(): readonly ClientRequest[] {
    return this.sent
  }

  hasPendingMetadataUpdates(): boolean {
    return this.metadataUpdates.length > 0
  }

  hasPendingResponses(): boolean {
    return this.arrived.length > 0 || this.prepared.length > 0
  }

  /** Prepared answers that no request has fetched yet. */
  numAwaitingResponses(): number {
    return this.prepared.length
  }

  reset(): void {
    this.resetConnections()
    this.sent = []
    this.arrived = []
    this.prepared = []
    this.metadataUpdates = []
  }

  // ---- KafkaClient

  /** @param allowLateResponses the requests stay, so that `respond` can still answer them */
  disconnect(nodeId: string, allowLateResponses = false): void {
    const lost = this.sent.filter((request) => request.destination === nodeId)
    if (!allowLateResponses) this.sent = this.sent.filter((request) => !lost.includes(request))
    for (const request of lost) {
      this.arrive(request, request.requestBuilder.latestAllowedVersion, { disconnected: true })
    }
    this.connection(nodeId).disconnect()
  }

  send(request: ClientRequest, nowMs: number): void {
    if (!this.connection(request.destination).isReady(nowMs)) {
      throw new IllegalStateException(`Cannot send ${request}: the destination is not ready`)
    }
    if (this.failAuthentication(request)) return
    const index = this.prepared.findIndex(
      ({ node }) => node === undefined || node.idString() === request.destination,
    )
    const prepared = this.prepared[index]
    if (prepared === undefined) {
      this.sent.push(request)
      return
    }
    this.prepared.splice(index, 1)
    this.answer(request, prepared)
  }

  private failAuthentication(request: ClientRequest): boolean {
    const pending = this.takePendingAuthenticationError(request.destination)
    if (pending === null) return false
    this.authenticationFailed(...pending)
    this.arrive(request, this.versionFor(request), {
      disconnected: true,
      authenticationException: new AuthenticationException('Authentication failed'),
    })
    return true
  }

  private answer(request: ClientRequest, prepared: PreparedResponse): void {
    let version: number
    try {
      version = this.versionFor(request)
      this.check(request, version, prepared)
    } catch (versionMismatch) {
      if (!(versionMismatch instanceof UnsupportedVersionException)) throw versionMismatch
      this.arrive(request, request.requestBuilder.latestAllowedVersion, { versionMismatch })
      return
    }
    if (prepared.isUnsupportedRequest) {
      const versionMismatch = new UnsupportedVersionException(
        `API ${request.apiKey.name} with version ${version}`,
      )
      this.arrive(request, version, { versionMismatch })
      return
    }
    this.arrive(request, version, {
      disconnected: prepared.disconnected ?? false,
      responseBody: bodyOf(prepared, version),
    })
  }

  private check(request: ClientRequest, version: number, prepared: PreparedResponse): void {
    if (request.apiKey !== prepared.apiKey) {
      throw new IllegalStateException(
        `The next request is ${request}, the answer is for ${prepared.apiKey.name}`,
      )
    }
    const data = throughCodec(
      request.apiKey.request,
      request.requestBuilder.build(version),
      version,
    )
    if (prepared.matcher?.(data, version) === false) {
      throw new IllegalStateException(`${request} does not match what the test expects`)
    }
  }

  private versionFor({ apiKey, requestBuilder }: ClientRequest): number {
    const { oldestAllowedVersion, latestAllowedVersion } = requestBuilder
    return this.nodeApiVersions.latestUsableVersion(
      apiKey,
      oldestAllowedVersion,
      latestAllowedVersion,
    )
  }

  private arrive(
    request: ClientRequest,
    version: number,
    outcome: Partial<ClientResponseOptions>,
  ): void {
    this.arrived.push(
      new ClientResponse({
        requestHeader: request.makeHeader(version),
        callback: request.callback,
        destination: request.destination,
        createdTimeMs: request.createdTimeMs,
        receivedTimeMs: this.time.milliseconds(),
        ...outcome,
      }),
    )
    this.endWait?.()
  }

  async poll(timeoutMs: number, nowMs: number): Promise<ClientResponse[]> {
    if (this.waitDuringPoll) await this.wait(timeoutMs)
    const now = this.waitDuringPoll ? this.time.milliseconds() : nowMs
    this.checkTimeoutOfPendingRequests(now)
    this.updateMetadataIfNeeded(now)
    const responses: ClientResponse[] = []
    // A callback may send, and what it sent may have its answer already.
    for (let next = this.arrived.shift(); next !== undefined; next = this.arrived.shift()) {
      next.onComplete()
      responses.push(next)
    }
    if (this.advanceTimeDuringPoll) await this.time.sleep(timeoutMs)
    return responses
  }

  private wait(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const idle = this.arrived.length === 0 && !this.wokenUp
      const timer: Scheduled = this.time.schedule(idle ? this.waitMs(timeoutMs) : 0, () => done())
      const done = (): void => {
        timer.cancel()
        this.endWait = null
        this.wokenUp = false
        resolve()
      }
      if (idle) this.endWait = done
    })
  }

  /** Not longer than the oldest request may take. */
  private waitMs(timeoutMs: number): number {
    const oldest = this.sent[0]
    if (oldest === undefined) return timeoutMs
    const dueMs = oldest.createdTimeMs + oldest.requestTimeoutMs - this.time.milliseconds()
    return Math.min(timeoutMs, Math.max(0, dueMs))
  }

  private checkTimeoutOfPendingRequests(nowMs: number): void {
    for (let oldest = this.sent[0]; oldest !== undefined; oldest = this.sent[0]) {
      if (Math.max(0, nowMs - oldest.createdTimeMs) < oldest.requestTimeoutMs) return
      this.disconnect(oldest.destination)
    }
  }

  private updateMetadataIfNeeded(nowMs: number): void {
    if (!this.metadataUpdater.isUpdateNeeded() || this.leastLoadedNode(nowMs).node === null) return
    const update = this.metadataUpdates.shift()
    if (update === undefined) this.metadataUpdater.updateWithCurrentMetadata(nowMs)
    else this.metadataUpdater.update(update, nowMs)
  }

  leastLoadedNode(nowMs: number): LeastLoadedNode {
    const nodes = this.metadataUpdater.fetchNodes()
    const node = nodes.find((n) => !this.connection(n.idString()).isBackingOff(nowMs))
    return new LeastLoadedNode(node ?? null, node !== undefined)
  }

  inFlightRequestCount(nodeId?: string): number {
    return nodeId === undefined
      ? this.sent.length
      : this.sent.filter((request) => request.destination === nodeId).length
  }

  hasInFlightRequests(nodeId?: string): boolean {
    return this.inFlightRequestCount(nodeId) > 0
  }

  wakeup(): void {
    this.wokenUp = true
    this.endWait?.()
    this.wakeupHook?.()
  }

  newClientRequest<K extends AnyApiKey>(options: NewClientRequest<K>): ClientRequest<K> {
    return new ClientRequest({
      destination: options.nodeId,
      requestBuilder: options.request,
      correlationId: this.correlation++,
      clientId: 'mockClientId',
      createdTimeMs: options.createdTimeMs,
      expectResponse: options.expectResponse ?? true,
      requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
      callback: options.callback ?? null,
    })
  }

  initiateClose(): void {
    this.close()
  }

  active(): boolean {
    return this.isActive
  }

  close(): void {
    this.isActive = false
    this.metadataUpdater.close()
    this.endWait?.()
  }
}

const bodyOf = ({ apiKey, data }: PreparedResponse, version: number): unknown =>
  data === null ? null : throughCodec(apiKey.response, data, version)
