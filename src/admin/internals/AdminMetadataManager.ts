/**
 * Which brokers there are and who is their controller, and when to ask again. Topics are none of
 * its business: an admin client asks for those when somebody wants to know.
 *
 *                  requestUpdate                transitionToUpdatePending
 *     QUIESCENT ─────────────────► UPDATE_REQUESTED ─────────────────► UPDATE_PENDING
 *         ▲  └── metadata.max.age.ms has passed ────────────────────────►  │
 *         └───────────────────────── update, updateFailed ─────────────────┘
 *
 * Its `updater` is what the `NetworkClient` has its nodes from. The requests themselves are calls
 * of the admin client like any other (`MetadataCall`), so they share its back-off and deadlines.
 *
 * I1  Two requests are at least `retry.backoff.ms` apart.
 * I2  A fatal failure (a refused login, a foreign protocol version) fails every call, until an
 *     update succeeds.
 *
 * @kafka org.apache.kafka.clients.admin.internals.AdminMetadataManager
 */

import type { HostAndPort } from '../../clients/HostAndPort.ts'
import { NO_TIMEOUT_MS } from '../../clients/KafkaClient.ts'
import type { MetadataUpdater, ServerDisconnect } from '../../clients/MetadataUpdater.ts'
import { Cluster } from '../../common/Cluster.ts'
import {
  AuthenticationException,
  AuthorizationException,
  SecurityDisabledException,
  UnsupportedForMessageFormatException,
  UnsupportedVersionException,
} from '../../common/errors/ApiExceptions.ts'
import type { Logger } from '../../common/Logger.ts'
import type { Node } from '../../common/Node.ts'

export interface AdminMetadataManagerOptions {
  readonly refreshBackoffMs: number
  readonly metadataExpireMs: number
  readonly logger: Logger
}

type State = 'QUIESCENT' | 'UPDATE_REQUESTED' | 'UPDATE_PENDING'

const FATAL = [
  AuthenticationException,
  AuthorizationException,
  SecurityDisabledException,
  UnsupportedVersionException,
  UnsupportedForMessageFormatException,
] as const

/** So long ago that every limit is exceeded. */
const REBOOTSTRAP_NOW = 0

export class AdminMetadataManager {
  readonly updater: MetadataUpdater
  private readonly options: AdminMetadataManagerOptions
  private readonly logger: Logger
  private state: State = 'QUIESCENT'
  private lastUpdateMs = 0
  private lastFetchAttemptMs = 0
  /** Since when metadata is asked for and does not come; `null`: it is not asked for. */
  private attemptStartMs: number | null = null
  private cluster = Cluster.empty()
  private bootstrapCluster = Cluster.empty()
  private fatalException: Error | null = null
  private problem: string | null = null

  constructor(options: AdminMetadataManagerOptions) {
    this.options = options
    this.logger = options.logger
    this.updater = {
      fetchNodes: () => this.cluster.nodes,
      isUpdateDue: () => false,
      maybeUpdate: () => NO_TIMEOUT_MS,
      handleServerDisconnect: (_nowMs, disconnect) => this.handleServerDisconnect(disconnect),
      // Not ours: our requests are calls, which hear of it themselves.
      handleFailedRequest: () => {},
      handleSuccessfulResponse: () => {},
      needsRebootstrap: (nowMs, triggerMs) => this.needsRebootstrap(nowMs, triggerMs),
      rebootstrap: (nowMs) => this.rebootstrap(nowMs),
      close: () => {},
    }
  }

  /** Where to ask first. */
  bootstrap(addresses: readonly HostAndPort[], nowMs: number): void {
    this.update(Cluster.bootstrap(addresses), nowMs)
  }

  /** The nodes of `bootstrap.servers`. */
  bootstrapNodes(): readonly Node[] {
    return this.bootstrapCluster.nodes
  }

  /**
   * A broker has told us who there is.
   *
   * @throws what is fatal
   */
  isReady(): boolean {
    if (this.fatalException !== null) throw this.fatalException
    return this.cluster.nodes.length > 0 && !this.cluster.isBootstrapConfigured
  }

  /** `null` while it is not known. */
  controller(): Node | null {
    return this.cluster.controller
  }

  nodeById(nodeId: number): Node | null {
    return this.cluster.nodeById(nodeId)
  }

  requestUpdate(): void {
    if (this.state !== 'QUIESCENT') return
    this.state = 'UPDATE_REQUESTED'
    this.logger.debug('Requesting metadata update.')
  }

  /** The controller has said that it is not. */
  clearController(): void {
    const { clusterResource, nodes, controller } = this.cluster
    if (controller === null) return
    this.cluster = new Cluster({ clusterId: clusterResource.clusterId, nodes })
  }

  /** Milliseconds until metadata should be asked for; 0: now. */
  metadataFetchDelayMs(nowMs: number): number {
    const { refreshBackoffMs, metadataExpireMs } = this.options
    const untilNextAttemptMs = Math.max(0, refreshBackoffMs - (nowMs - this.lastFetchAttemptMs))
    if (this.state === 'UPDATE_PENDING') return NO_TIMEOUT_MS
    if (this.state === 'UPDATE_REQUESTED') return untilNextAttemptMs
    return Math.max(untilNextAttemptMs, metadataExpireMs - (nowMs - this.lastUpdateMs))
  }

  transitionToUpdatePending(nowMs: number): void {
    this.state = 'UPDATE_PENDING'
    this.lastFetchAttemptMs = nowMs
    this.attemptStartMs ??= nowMs
  }

  update(cluster: Cluster, nowMs: number): void {
    if (cluster.isBootstrapConfigured) {
      this.bootstrapCluster = cluster
    } else {
      this.lastUpdateMs = nowMs
      this.problem = null
    }
    this.state = 'QUIESCENT'
    this.fatalException = null
    this.attemptStartMs = null
    // A broker that is starting up knows nobody yet, not even itself.
    if (cluster.nodes.length > 0) this.cluster = cluster
  }

  /** The calls that wait will ask again. */
  updateFailed(error: Error): void {
    this.state = 'QUIESCENT'
    if (FATAL.some((fatal) => error instanceof fatal)) {
      this.logger.warn(`Fatal error during metadata update: ${error.message}`)
      this.fatalException = error
    } else {
      this.logger.info(`Metadata update failed: ${error.message}`)
      this.problem ??= error.message
    }
  }

  needsRebootstrap(nowMs: number, rebootstrapTriggerMs: number): boolean {
    return this.attemptStartMs !== null && nowMs - this.attemptStartMs > rebootstrapTriggerMs
  }

  /**
   * A broker has told us to start again from `bootstrap.servers`. The `NetworkClient` sees it at
   * the end of its next poll, and closes the connections too.
   */
  initiateRebootstrap(): void {
    this.state = 'QUIESCENT'
    this.attemptStartMs = REBOOTSTRAP_NOW
  }

  /** Takes the nodes of `bootstrap.servers` in the place of those known now. */
  rebootstrap(nowMs: number): void {
    this.logger.info(`Rebootstrapping with ${this.bootstrapCluster.nodes.join(', ')}`)
    this.update(this.bootstrapCluster, nowMs)
    this.attemptStartMs = nowMs
  }

  /**
   * Why the last broker could not be asked, with its host and port and what to look at; `null`
   * once one has answered.
   */
  connectionProblem(): string | null {
    return this.problem
  }

  noteConnectionProblem(problem: string): void {
    this.problem = problem
  }

  private handleServerDisconnect({ authenticationException, problem }: ServerDisconnect): void {
    if (authenticationException !== null) this.updateFailed(authenticationException)
    if (problem !== null) this.problem = problem
    // Perhaps we lost it because our picture is old.
    this.requestUpdate()
  }
}
