/**
 * Keeps a `Metadata` fresh with the client's own connections.
 *
 *     maybeUpdate, at each poll:
 *       not due, or one under way ──────────────► wait
 *       least loaded node
 *         none, nothing connected ──► rebootstrap ──► again, with the addresses from the settings
 *         none at all ──────────────► wait for reconnect back-off
 *         ready ────────────────────► send
 *         another is connecting ────► wait for that one, rather than open a second connection
 *         can be connected ─────────► connect, and wait
 *
 * I1  At most one metadata request is under way.
 *
 * @kafka org.apache.kafka.clients.NetworkClient.DefaultMetadataUpdater
 */

import type { KafkaException } from '../common/errors.ts'
import type { Logger } from '../common/Logger.ts'
import type { Node } from '../common/Node.ts'
import { Errors } from '../protocol/Errors.ts'
import type { MetadataResponseData } from '../protocol/messages/Metadata.ts'
import { NO_TIMEOUT_MS } from './KafkaClient.ts'
import type { Metadata } from './Metadata.ts'
import type { MetadataRecoveryStrategy } from './MetadataRecoveryStrategy.ts'
import type { MetadataRequestBuilder } from './MetadataRequest.ts'
import { MetadataResponse } from './MetadataResponse.ts'
import type { MetadataUpdater, ServerDisconnect } from './MetadataUpdater.ts'
import type { NodeConnections } from './NodeConnections.ts'
import type { RequestHeaderInfo } from './RequestHeaderInfo.ts'

type SendMetadataRequest = (request: MetadataRequestBuilder, nodeId: string, nowMs: number) => void

export interface DefaultMetadataUpdaterOptions {
  readonly metadata: Metadata
  readonly connections: NodeConnections
  /** Sends along with the client's other requests, but past the queue. */
  readonly sendInternalMetadataRequest: SendMetadataRequest
  readonly reconnectBackoffMs: number
  readonly defaultRequestTimeoutMs: number
  /** Default: `none`. */
  readonly metadataRecoveryStrategy?: MetadataRecoveryStrategy
  readonly logger: Logger
}

interface InProgress {
  readonly requestVersion: number
  readonly isPartialUpdate: boolean
}

/** So long ago that every limit is exceeded. */
const REBOOTSTRAP_NOW = 0

export class DefaultMetadataUpdater implements MetadataUpdater {
  private readonly metadata: Metadata
  private readonly connections: NodeConnections
  private readonly send: SendMetadataRequest
  private readonly reconnectBackoffMs: number
  private readonly defaultRequestTimeoutMs: number
  private readonly metadataRecoveryStrategy: MetadataRecoveryStrategy
  private readonly logger: Logger
  private inProgress: InProgress | null = null
  /** Since when metadata is wanted and does not come; `null`: it is not wanted. */
  private attemptStartMs: number | null = null

  constructor(options: DefaultMetadataUpdaterOptions) {
    this.metadata = options.metadata
    this.connections = options.connections
    this.send = options.sendInternalMetadataRequest
    this.reconnectBackoffMs = options.reconnectBackoffMs
    this.defaultRequestTimeoutMs = options.defaultRequestTimeoutMs
    this.metadataRecoveryStrategy = options.metadataRecoveryStrategy ?? 'none'
    this.logger = options.logger
  }

  fetchNodes(): readonly Node[] {
    return this.metadata.fetch().nodes
  }

  isUpdateDue(nowMs: number): boolean {
    return this.inProgress === null && this.metadata.timeToNextUpdate(nowMs) === 0
  }

  maybeUpdate(nowMs: number): number {
    const waitMs = Math.max(
      this.metadata.timeToNextUpdate(nowMs),
      this.inProgress === null ? 0 : this.defaultRequestTimeoutMs,
    )
    if (waitMs > 0) return waitMs
    this.attemptStartMs ??= nowMs

    let leastLoaded = this.connections.leastLoadedNode(nowMs)
    const nobodyLeft = !leastLoaded.hasNodeAvailableOrConnectionReady()
    if (nobodyLeft && this.metadataRecoveryStrategy === 'rebootstrap') {
      this.rebootstrap(nowMs)
      leastLoaded = this.connections.leastLoadedNode(nowMs)
    }
    if (leastLoaded.node === null) {
      this.logger.debug('Give up sending metadata request since no node is available')
      return this.reconnectBackoffMs
    }
    return this.maybeUpdateFrom(leastLoaded.node, nowMs)
  }

  private maybeUpdateFrom(node: Node, nowMs: number): number {
    const nodeId = node.idString()
    if (this.connections.canSendRequest(nodeId, nowMs)) {
      const { request, ...inProgress } = this.metadata.newMetadataRequestAndVersion(nowMs)
      // Before the sending: if no version fits, `handleFailedRequest` is called from inside of it.
      this.inProgress = inProgress
      this.send(request, nodeId, nowMs)
      return this.defaultRequestTimeoutMs
    }
    // Connecting to a second node would not make the first one faster.
    if (this.connections.isAnyNodeConnecting()) return this.reconnectBackoffMs
    if (this.connections.canConnect(node, nowMs)) {
      this.connections.initiateConnect(node, nowMs)
      return this.reconnectBackoffMs
    }
    // Connected, with all requests in flight that it may have: an answer will end the wait.
    return NO_TIMEOUT_MS
  }

  handleServerDisconnect(nowMs: number, disconnect: ServerDisconnect): void {
    const { nodeId, authenticationException, problem } = disconnect
    const cluster = this.metadata.fetch()
    const node = cluster.isBootstrapConfigured ? cluster.nodeById(Number(nodeId)) : null
    if (node !== null) this.logger.info(`Bootstrap broker ${node} disconnected`)
    if (problem !== null) this.metadata.noteConnectionProblem(problem)

    // A disconnection while an update is due counts as a failed one, for the sake of back-off.
    if (this.isUpdateDue(nowMs)) this.handleFailedRequest(nowMs, null)
    if (authenticationException !== null) this.metadata.fatalError(authenticationException)
    // Perhaps we lost it because our picture is old.
    this.metadata.requestUpdate(false)
  }

  handleFailedRequest(nowMs: number, fatalException: KafkaException | null): void {
    if (fatalException !== null) this.metadata.fatalError(fatalException)
    this.metadata.failedUpdate(nowMs)
    this.inProgress = null
  }

  handleSuccessfulResponse(
    requestHeader: RequestHeaderInfo,
    nowMs: number,
    data: MetadataResponseData,
  ): void {
    const response = new MetadataResponse(data, requestHeader.apiVersion)
    this.warnOfProblems(response, requestHeader.correlationId)
    const inProgress = this.inProgress
    this.inProgress = null
    if (
      this.metadataRecoveryStrategy === 'rebootstrap' &&
      response.topLevelError === Errors.REBOOTSTRAP_REQUIRED
    ) {
      this.logger.info('Rebootstrap requested by server.')
      this.attemptStartMs = REBOOTSTRAP_NOW
    } else if (response.brokersById.size === 0 || inProgress === null) {
      // A broker that is starting up knows nobody yet, not even itself.
      this.metadata.failedUpdate(nowMs)
    } else {
      const { requestVersion, isPartialUpdate } = inProgress
      this.metadata.update(requestVersion, response, isPartialUpdate, nowMs)
      this.attemptStartMs = null
    }
  }

  needsRebootstrap(nowMs: number, rebootstrapTriggerMs: number): boolean {
    return this.attemptStartMs !== null && nowMs - this.attemptStartMs > rebootstrapTriggerMs
  }

  rebootstrap(nowMs: number): void {
    this.metadata.rebootstrap()
    this.attemptStartMs = nowMs
  }

  close(): void {
    this.metadata.close()
  }

  private warnOfProblems(response: MetadataResponse, correlationId: number): void {
    // A broker without a listener of our kind is a mistake in its settings; ten show where.
    const withoutListener = response.topicMetadata
      .flatMap((topic) => topic.partitions)
      .filter((partition) => partition.error === Errors.LISTENER_NOT_FOUND)
    if (withoutListener.length > 0) {
      const some = withoutListener.slice(0, 10).map((partition) => partition.topicPartition)
      this.logger.warn(
        `${withoutListener.length} partitions have leader brokers without a matching listener, ` +
          `including [${some.join(', ')}]`,
      )
    }
    const errors = [...response.errors()].map(([topic, error]) => `${topic}=${error.name}`)
    if (errors.length > 0) {
      this.logger.warn(
        'The metadata response from the cluster reported a recoverable issue with correlation id ' +
          `${correlationId}: {${errors.join(', ')}}`,
      )
    }
  }
}
